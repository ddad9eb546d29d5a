"""Mutated frames for the decoder, the same on CPython and MicroPython: fuzz_long.py runs this.

A chunk is some hundred mutated frames of one meter, made from (seed, number of the chunk) alone:
a run can stop anywhere, go on later, and any chunk can be had again. Two kinds of chunk:

    damaged   frames as a bad line delivers them. What is read must have been said by an undamaged
              frame, or come from a frame whose check holds all the same (a 16-bit check lets one
              of 65,536 damages pass, a byte sum one of 256): `collision` looks for that frame.
    forged    damage under a good check: nothing can be said of the values, but no exception may
              escape, nothing may grow and the frame after it must be read.
"""

import gc
import sys

from meterwire import Decoder
from meterwire.bytes_v import crc_arc, crc_x25

UNCHECKED = 16  # of Reading.flags

SIZE = 2048
ROOM = 24  # of meterwire/words.py, which a build does not ship
PER_CHUNK = 250


class Wrong(Exception):
    """The decoder said what no meter said."""


class Dice:
    """A small generator whose numbers are the same on every runtime."""

    def __init__(self, seed):
        self._x = seed & 0x7FFFFFFF
        for _ in range(8):
            self.below(2)

    def below(self, n):
        self._x = (self._x * 1103515245 + 12345) & 0x7FFFFFFF
        return (self._x >> 8) % n


def chunk_dice(seed, number):
    return Dice((seed * 40503 + number * 69069) ^ (number >> 3))


# ---- damage

_MARKS = b"\x7e\x68\x2f\xdb\x0f\xe6\x21\x16\x0a\x02\x09\xa0\x00\xff"


def mutated(dice, frame, other):
    """A copy of the frame as bytearray, damaged in one of many ways."""
    out = bytearray(frame)
    what = dice.below(12)
    n = len(out)
    at = dice.below(n)
    if what < 3:
        for _ in range(1 + dice.below(3)):
            out[dice.below(n)] ^= 1 << dice.below(8)
    elif what == 3:
        out = out[:at] + out[at + 1 + dice.below(4) :]
    elif what == 4:
        extra = bytes(dice.below(256) for _ in range(1 + dice.below(5)))
        out = out[:at] + extra + out[at:]
    elif what == 5:
        for i in range(at, min(n, at + 1 + dice.below(12))):
            out[i] = dice.below(256)
    elif what == 6:
        out = out[:at]
    elif what == 7:
        out = out[at:]
    elif what == 8:
        out = out[:at] + bytearray(other[dice.below(len(other)) :])
    elif what == 9:
        out = out[:at] + out[dice.below(at + 1) :]
    elif what == 10:
        for _ in range(1 + dice.below(4)):
            out[dice.below(n)] = _MARKS[dice.below(len(_MARKS))]
    else:
        swap = dice.below(n)
        out[at], out[swap] = out[swap], out[at]
    return out


def forged(dice, frame, other):
    """The frame with its contents damaged and its checks made good again."""
    if frame[0] == 0x7E:
        i = 3
        for _ in range(2):
            while not frame[i] & 1:
                i += 1
            i += 1
        head = i + 3
        body = mutated(dice, frame[head:-3], other)[: 0x7FF - head - 2]
        out = bytearray(frame[:head]) + body
        size = len(out) + 1
        out[1] = out[1] & 0xF8 | size >> 8
        out[2] = size & 0xFF
        crc = crc_x25(1, 0xFFFF, head - 2, bytes(out)) ^ 0xFFFF
        out[head - 2] = crc & 0xFF
        out[head - 1] = crc >> 8
        crc = crc_x25(1, 0xFFFF, len(out), bytes(out)) ^ 0xFFFF
        return out + bytes((crc & 0xFF, crc >> 8, 0x7E))
    if frame[0] == 0x68:
        # only the first of the parts: its length is in it, modulo 256
        size = frame[1] if frame[1] > 3 else frame[1] + 256
        body = mutated(dice, frame[7 : 4 + size], other)[:250]
        out = bytearray(frame[:7]) + body
        out[1] = out[2] = len(out) - 4 & 0xFF
        return out + bytes((sum(out[4:]) & 0xFF, 0x16)) + frame[6 + size :]
    if frame[0] == 0x2F:
        end = frame.rfind(b"!")
        out = bytearray(b"/") + mutated(dice, frame[1:end], other).replace(b"!", b"?") + b"!"
        return out + b"%04X\r\n" % crc_arc(0, 0, len(out), bytes(out))
    return mutated(dice, frame, other)


# ---- what was read

_digits = bytearray(64)


def signature(reading):
    """Everything that a Reading tells of its list, but for what depends on the lists before it."""
    parts = [reading.list_id, reading.time, reading.meter_id, reading.meter_type]
    for i in range(len(reading)):
        if reading.entry(i) == 0:
            end = reading.put(i, _digits, 0)
            parts.append((reading.key(i), reading.ab(i), bytes(_digits[:end]), reading.unit(i)))
        else:
            parts.append((reading.key(i), reading.ab(i), reading.text(i)))
    return tuple(parts)


def collision(data, known):
    """True if a frame in `data` passes its check though no meter sent it."""
    data = bytes(data)
    n = len(data)
    for i in range(n):
        b = data[i]
        if b == 0x7E and i + 9 < n and data[i + 1] & 0xF0 == 0xA0:
            end = i + 1 + ((data[i + 1] & 7) << 8 | data[i + 2])
            if end <= n and _register(data[i + 1 : end], 0xFFFF, 0x8408) == 0xF0B8:
                if data[i:end] not in known:
                    return True
        elif b == 0x68 and i + 9 < n and data[i + 3] == 0x68:
            size = data[i + 1] if data[i + 1] > 3 else data[i + 1] + 256
            end = i + size + 6
            if end <= n and sum(data[i + 4 : end - 2]) & 0xFF == data[end - 2]:
                if data[i:end] not in known:
                    return True
        elif b == 0x2F:
            at = i
            while True:
                at = data.find(b"!", at + 1)
                if at < 0:
                    break
                text = data[at + 1 : at + 5].split(b"\r")[0]
                try:
                    given = int(text, 16)
                except ValueError:
                    continue
                block = data[i : at + 1]
                if given in (
                    _register(block, 0, 0xA001),
                    _register(block, 0xFFFF, 0x8408) ^ 0xFFFF,
                ):
                    if block not in known:
                        return True
    return False


def _register(data, crc, polynomial):
    # a CRC of its own: the decoder's is what is tested
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (polynomial if crc & 1 else 0)
    return crc


def parts(frame):
    """The link frames in an undamaged burst, without what `collision` does not look at."""
    found = set()
    i = 0
    while i < len(frame):
        if frame[i] == 0x7E and i + 2 < len(frame) and frame[i + 1] & 0xF0 == 0xA0:
            end = i + 1 + ((frame[i + 1] & 7) << 8 | frame[i + 2])
            found.add(bytes(frame[i:end]))
            i = end + 1
        elif frame[i] == 0x68:
            size = frame[i + 1] if frame[i + 1] > 3 else frame[i + 1] + 256
            found.add(bytes(frame[i : i + size + 6]))
            i += size + 6
        else:
            # a telegram: the "!" of a ciphered one is its last
            found.add(bytes(frame[: frame.rfind(b"!") + 1]))
            break
    return found


# ---- one meter


class Meter:
    """The frames of one meter, and what they say when nothing happens to them."""

    def __init__(self, name, key, auth_key, frames):
        self.name = name
        self.key = key
        self.auth_key = auth_key
        self.frames = frames
        self.said = set()
        self.known = set()
        for frame in frames:
            # each to a decoder that knows nothing yet: the order is another one every time
            for reading in self.all(self.decoder(), frame):
                self.said.add(reading)
            self.known |= parts(frame)

    def decoder(self):
        return Decoder(SIZE, self.key, self.auth_key, rows=64)

    def all(self, decoder, data):
        found = [signature(r) for r in decoder.feed(data)]
        decoder.flush()
        return found + [signature(r) for r in decoder]


def run_chunk(meter, seed, number, counts):
    """Mutate PER_CHUNK frames of the meter; raises Wrong or whatever escapes the decoder."""
    dice = chunk_dice(seed, number)
    forge = dice.below(3) == 0
    decoder = meter.decoder()
    frames = meter.frames
    sure = False  # a telegram with a check was read: from then on none without is believed
    last = b""
    for _ in range(PER_CHUNK):
        frame = frames[dice.below(len(frames))]
        other = frames[dice.below(len(frames))]
        data = (forged if forge else mutated)(dice, frame, other)
        counts["frames"] += 1
        if dice.below(4) == 0:
            data = data + frames[dice.below(len(frames))]
        at = 0
        size = len(data)
        step = size if dice.below(2) else 1 + dice.below(99)
        silent = dice.below(8) == 0
        while at < size or silent:
            if at < size:
                decoder.feed(data[at : at + step])
                at += step
            else:
                decoder.flush()
                silent = False
            while True:
                reading = decoder.read()
                if reading is None:
                    break
                counts["readings"] += 1
                if reading.flags & UNCHECKED:
                    counts["unchecked"] += 1
                    if sure and data[0] == 0x2F:
                        raise Wrong("a telegram without a check was believed beside checked ones")
                    continue
                sure = True
                if forge:
                    signature(reading)
                elif signature(reading) not in meter.said:
                    if not collision(last + data, meter.known):
                        raise Wrong(str(signature(reading)))
                    counts["collisions"] += 1
        last = (last + data)[-4 * SIZE :]
    if len(decoder._buf) != decoder._window[ROOM] + 24 or decoder._window[ROOM] > SIZE:
        raise Wrong("the buffer grew")
    # whatever came, a good frame is read again when the line has fallen silent
    decoder.flush()
    for _ in decoder:
        pass
    if not forge and not meter.auth_key and not meter.key:
        frame = frames[dice.below(len(frames))]
        if not meter.all(decoder, frame):
            raise Wrong("a good frame after silence was not read")
    if sys.implementation.name == "micropython":
        gc.collect()
        counts["heap"] = max(counts["heap"], gc.mem_alloc())
