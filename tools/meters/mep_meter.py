"""An NES meter on its MEP port, which speaks only when asked (OSGP MEP Client Developer's Guide).

    request  = length | code, arguments | sequence number (4) | digest (8)
    response = length | code [, count, data] | digest (8)

The length counts what follows it. Table data are little-endian, everything else big-endian. What a
meter may be like, and what may go wrong with it, is asked for by name: see KINDS and FAULTS.
"""

import random
from datetime import timedelta

from .date_time import to_utc
from .household import Household
from .meter import DEFAULT_START

KEY = bytes([1] * 16)

_FULL_READ, _PARTIAL_READ = 0x30, 0x3F
_OK, _UNRECOGNISED, _NOT_POSSIBLE = 0x00, 0x01, 0x04
_NO_SESSION, _BAD_DIGEST, _BAD_SEQUENCE = 0x0A, 0x0B, 0x0C
_MOST = 476
_SEGMENT, _REST_MS, _GAP_MS = 117, 25, 50

# What the meter may be, beside a Gen3 meter with demand registers and the digest alone.
KINDS = {
    "no-demand": "no demand registers: BT23 has no count of demand resets before its sums",
    "remaining": "a time remaining stands beside each present demand in BT28",
    "gen4": "generation 4: reading a whole table fails, and BT28 has 84 values",
    "ct": "current transformers 40:1, energies in units of 10 Wh",
    "rc4": "the port requires RC4",
    "tls": "the port requires TLS: it answers 0A to everything",
}
# And what may go wrong.
FAULTS = {
    "silence": "it never answers",
    "garbage": "it answers with what is no frame",
    "digest": "its answers carry a wrong digest",
    "damage": "one answer in ten arrives damaged",
    "sequence": "now and then it is set otherwise: it counts the sequence number on by 25",
    "alerts": "it sends its alert, 00 00, once a second",
    "slow": "it answers a second late",
    "optical": "from 30 s on its optical port is in use for a minute of every two",
}

# Source ids of the summations and of the present values, in their tables' order.
_SUMS = (*range(8), 26, 27, 28, *range(108, 112), *range(112, 116))
_PRESENT = (
    *range(8, 26), *range(81, 85), *range(104, 108), *range(185, 191), *range(191, 200),
    *range(202, 208), *range(208, 216), *range(216, 232), *range(232, 245),
)  # fmt: skip
_CT, _VT, _UNIT = 40, 1, 10
_TIERS = 8


class Digest:
    """The keyed digest that a request and its response share."""

    def __init__(self, key):
        self._key = key
        self._state = [0] * 8
        self._step = 0

    def feed(self, message):
        """Take bytes of the message."""
        for byte in message:
            place, bit = divmod(self._step, 8)
            v = 7 - bit
            n = ~(self._state[v] + v) & 0xFF
            if self._key[place % 16] >> bit & 1:
                turned = 2 * n + (n >> 7)
            else:
                turned = -((n >> 1) + 128 * n)
            self._state[v] = (self._state[(v + 1) % 8] + byte + turned) & 0xFF
            self._step = (self._step + 1) % 192
        return self

    def value(self):
        """The eight digest bytes; what is fed afterwards goes on from before the padding."""
        padded = Digest(self._key)
        padded._state, padded._step = self._state[:], self._step
        while padded._step:
            padded.feed(b"\x00")
        return bytes(padded._state)


def sign(key, request, response=None):
    """The digest of a request, or of the response to it."""
    digest = Digest(key).feed(request)
    return (digest.feed(response) if response is not None else digest).value()


def keystream(key):
    """The bytes of an RC4 stream, one after the other."""
    box, j = list(range(256)), 0
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) % 256
        box[i], box[j] = box[j], box[i]
    i = j = 0
    while True:
        i = (i + 1) % 256
        j = (j + box[i]) % 256
        box[i], box[j] = box[j], box[i]
        yield box[(box[i] + box[j]) % 256]


def cipher(key, check):
    """The RC4 stream of an exchange whose request carries this digest."""
    constant = bytes.fromhex("388b8fbc36a8558587afc90fb23a3b99")
    inner = bytes(a ^ b for a, b in zip(constant, keystream(key), strict=False))
    return keystream(bytes(a ^ b for a, b in zip(inner[:8], check, strict=True)) + inner[8:])


class Nes:
    """A three-phase NES meter; `answer()` turns a request frame into the response frame.

    kinds: names of KINDS. told: what the last reads of BT23 and BT28 said, by source id.
    """

    name, maker, model, country, interface = "nes", "NES (Echelon)", "83334-3I", "AT", "MEP"
    baud, parity, inverted = 9600, "8N1", False

    def __init__(self, seed=1, start=None, key=None, solar=True, kinds=()):
        if key is not None and len(key) != 16:
            raise ValueError(f"a MEP key has 16 bytes that count, not {len(key)}")
        if strange := set(kinds) - set(KINDS):
            raise ValueError(f"no kind {min(strange)!r}; there are: {', '.join(KINDS)}")
        self.start = to_utc(start or DEFAULT_START).replace(microsecond=0)
        self.key = key or KEY
        self.kinds = frozenset(kinds)
        self.ct, self.vt, self.unit = (_CT, _VT, _UNIT) if "ct" in kinds else (1, 1, 1)
        self.home = Household(seed, self.start, solar=solar, scale=self.ct)
        self.sequence = 0x77635B90 + seed
        self.number = f"{seed % 100000:05}"
        self.told = {}
        demand = "no-demand" not in kinds
        self.demands = 2 if demand else 0
        self.sums = _SUMS if "gen4" in kinds else _SUMS[: 15 if demand else 11]
        # Firmware 3.70 has 55 values; the quadrants of generation 3 need demand registers.
        self.present = _PRESENT if "gen4" in kinds else _PRESENT[:55]
        self.firmware = 0x43C5 if "gen4" in kinds else 0x38CA

    def answer(self, frame):
        """The response to one whole request frame, b"" to what is no frame."""
        if len(frame) < 15 or int.from_bytes(frame[:2], "big") != len(frame) - 2:
            return b""
        request, digest = bytes(frame[2:-8]), bytes(frame[-8:])
        if "tls" in self.kinds:
            return bytes((0, 1, _NO_SESSION))
        stream = None
        if "rc4" in self.kinds or sign(self.key, request) != digest:
            # Who enciphers is answered so by every port (guide, RC4 Encryption).
            stream = cipher(self.key, digest)
            request = bytes(a ^ b for a, b in zip(request, stream, strict=False))
        if sign(self.key, request) != digest:
            return bytes((0, 1, _BAD_DIGEST))
        number = int.from_bytes(request[-4:], "big")
        if not 1 <= number - self.sequence & 0xFFFFFFFF <= 8:
            told = bytes((_BAD_SEQUENCE,)) + self.sequence.to_bytes(4, "big")
            return self._frame(request, told, stream)
        self.sequence = number
        return self._frame(request, self._read(request[:-4]), stream)

    def reconfigure(self):
        """The grid company sets the meter otherwise: its tables are in another order, and the
        number says that they are (guide, IDT Version)."""
        self.sequence = self.sequence + 25 & 0xFFFFFFFF
        self.sums = self.sums[1:] + self.sums[:1]
        self.present = self.present[1:] + self.present[:1]

    def _frame(self, request, response, stream):
        check = sign(self.key, request, response)
        if stream:
            response = bytes(a ^ b for a, b in zip(response, stream, strict=False))
        return (len(response) + 8).to_bytes(2, "big") + response + check

    def _read(self, request):
        code, table = request[0], int.from_bytes(request[1:3], "big")
        if code not in (_FULL_READ, _PARTIAL_READ):
            return bytes((_UNRECOGNISED,))
        data = self.table(table)
        if data is None or code == _FULL_READ and "gen4" in self.kinds:
            return bytes((_NOT_POSSIBLE,))
        if code == _PARTIAL_READ:
            offset = int.from_bytes(request[3:6], "big")
            count = int.from_bytes(request[6:8], "big")
            if offset + count > len(data):
                return bytes((_NOT_POSSIBLE,))
            data = data[offset : offset + count]
        if len(data) > _MOST - 11:
            return bytes((_NOT_POSSIBLE,))
        return bytes((_OK,)) + len(data).to_bytes(2, "big") + data

    def table(self, number):
        """The bytes of a table, None if the meter has no such table."""
        tables = {
            0x0001: self._manufacturer,
            0x000F: self._constants,
            0x0014: lambda: bytes((0xFF, 0, 15, 19, 8, 16, 1, _TIERS, 8, 84)),
            0x0015: self._dimensions,
            0x0016: lambda: bytes(self.sums) + bytes(40),
            0x0017: self._registers,
            0x001B: lambda: bytes(range(88, 88 + self.demands)) + bytes(self.present),
            0x001C: self._values,
            0x0034: self._clock,
            0x0803: lambda: f"NES00000{self.number}".ljust(30).encode(),
            0x0837: self._configuration,
        }
        return tables[number]() if number in tables else None

    def truth(self):
        """What a right client makes of `told`, in base units: source id to (integer, exponent)."""
        said = {}
        for source, value in self.told.items():
            factor, exponent = 1, 0
            if source < 4 or 108 <= source < 112:
                factor = self.unit
            elif 12 <= source < 15 or source == 232:
                factor, exponent = self.ct, -3
            elif 15 <= source < 18:
                factor, exponent = self.vt, -3
            elif source in (18, 19, 21, 22):
                exponent = -3
            elif source in (20, *range(8, 12), *range(104, 108), *range(185, 191)) or source > 238:
                factor = self.ct * self.vt
            else:
                continue  # without an OBIS code
            said[source] = (value * factor, exponent)
        return said

    # -- tables

    def _integers(self, sources):
        self.told |= {source: self._source(source) for source in sources}
        return b"".join(self.told[source].to_bytes(4, "little") for source in sources)

    def _source(self, source):
        """The integer that stands for a source, as its table has it."""
        read = self.home.read
        if source < 4:
            return read(f"{source + 1}.8.0") // 1000 // self.unit
        if source in (6, 7):
            forward, back = read("1.8.0") // 1000, read("2.8.0") // 1000
            return (forward + back if source == 6 else max(forward - back, 0)) // self.unit
        if 108 <= source < 112:
            whole = read("3.8.0" if source < 110 else "4.8.0") // 1000 // self.unit
            return whole // 10 if source in (109, 110) else whole - whole // 10
        after = 0  # whether the ratios are in it
        for first, last, like in ((81, 84, 8), (191, 196, 185), (197, 199, 12)):
            if first <= source <= last:
                after, source = 1, source - first + like
        value = self._raw(source)
        return (
            value * self.ct * (self.vt if source < 12 or source > 184 else 1) if after else value
        )

    def _raw(self, source):
        read = self.home.read
        whole = self.ct * self.vt * 1000
        if 8 <= source < 12:
            return read(f"{source - 7}.7.0") // whole
        if 12 <= source < 18:
            code = (31 if source < 15 else 32) + 20 * ((source - 12) % 3)
            return read(f"{code}.7.0") // (self.ct if source < 15 else self.vt)
        if source in (18, 21, 22):
            return read(f"{(33, 0, 0, 53, 73)[source - 18]}.7.0")
        if source == 19:
            return read("14.7.0")
        if source == 20:
            return (read("9.7.0") + read("10.7.0")) // whole
        if 104 <= source < 108:
            taking, inductive = read("2.7.0") == 0, read("4.7.0") == 0
            mine = (0 if taking else 1) if inductive else (3 if taking else 2)
            return (read("3.7.0") + read("4.7.0")) // whole if source - 104 == mine else 0
        if 185 <= source < 191 or 239 <= source < 245:
            place = source - 185 if source < 191 else source - 239
            kind = 1 + place // 3 if source < 191 else 3 + place // 3
            return read(f"{kind + 20 * (place % 3 + 1)}.7.0") // whole
        return source * 7  # of no interest: it must not be taken for another

    def _manufacturer(self):
        return b"NES " + b"83334-3I" + b"\x08\x23" + self.firmware.to_bytes(2, "big") + bytes(16)

    def _constants(self):
        numbers = [n.to_bytes(4, "little") for n in (1, 0, self.ct, self.vt)]
        return b"".join((*numbers[:2], bytes((self.ct * self.vt > 1,)), *numbers[2:]))

    def _dimensions(self):
        flags = 0x03 | 0x04 * bool(self.demands) | 0x40 * ("remaining" in self.kinds)
        counts = (len(self.sums), self.demands, 0, 1, _TIERS, self.demands, len(self.present))
        return bytes((flags, 0x0C, 15, *counts))

    def _registers(self):
        # Behind the sums lie demands and tiers; what they hold is no sum.
        before = b"\x07" if self.demands else b""
        return before + self._integers(self.sums) + bytes(range(1, 201))

    def _values(self):
        left = b"\x00\x05\x1e" if "remaining" in self.kinds else b""
        demands = b"".join(left + (1234).to_bytes(4, "little") for _ in range(self.demands))
        return demands + self._integers(self.present)

    def _clock(self):
        now = self.start + timedelta(milliseconds=self.home.ms)
        fields = (now.year - 2000, now.month, now.day, now.hour, now.minute, now.second, 0)
        return bytes(fields)

    def _configuration(self):
        # ET55: the unit stands at A + 39, A = 146 + 4 * (tiers - 1), a byte further in gen 4.
        at = 146 + ("gen4" in self.kinds) + 4 * (_TIERS - 1) + 39
        table = bytearray(b"\xa5" * (at + 2))
        table[at] = self.unit
        return bytes(table)


class Port:
    """The meter's end of the line: takes bytes as they come, gives bytes when they are due.

    The times are milliseconds of the caller's clock, real or not. piece: so many bytes become
    heard at once, as a UART's FIFO has it. speed: of the meter's own time.
    """

    def __init__(self, meter, faults=(), seed=1, piece=16, speed=1.0):
        if strange := set(faults) - set(FAULTS):
            raise ValueError(f"no fault {min(strange)!r}; there are: {', '.join(FAULTS)}")
        self.meter = meter
        self.faults = set(faults)
        self.share = 0.1  # of the answers that "damage" meets
        self.requests = self.damaged = 0
        self._rng = random.Random(f"mep {seed}")
        self._piece = piece
        self._speed = speed
        self._byte_ms = 10_000 / meter.baud
        self._in = b""
        self._heard = self._frame = self._alert = 0.0
        self._out = []  # (when, bytes)

    def heard(self, data, now):
        """Bytes of the client came at this moment."""
        if now - self._heard > _GAP_MS:
            self._in = b""
        self._heard = now
        self._in += data
        while len(self._in) >= 2:
            size = int.from_bytes(self._in[:2], "big") + 2
            if not 2 < size <= _MOST + 2:
                self._in = b""
            if len(self._in) < size:
                return
            frame, self._in = self._in[:size], self._in[size:]
            self._asked(frame, now)

    def _asked(self, frame, now):
        self.requests += 1
        faults, rng = self.faults, self._rng
        self._frame = now
        self.meter.home.advance(int(now * self._speed))
        if "sequence" in faults and rng.random() < 0.02:
            self.meter.reconfigure()
        if "silence" in faults:
            return
        delay = rng.uniform(15, 60)
        if "optical" in faults and now % 120_000 >= 30_000 and now % 120_000 < 90_000:
            # Dead, but for what was on its way and what the optical reader is told.
            what = rng.random()
            if what < 0.7:
                return
            if what < 0.8:
                self._send(rng.randbytes(rng.randint(1, 60)), now + delay)
                return
            delay = rng.uniform(900, 3000)
        said = self.meter.answer(frame)
        if not said:
            return
        if "slow" in faults:
            delay += 1000
        if "garbage" in faults:
            said = rng.randbytes(rng.randint(3, 80))
        if "digest" in faults:
            said = said[:-1] + bytes((said[-1] ^ 1 << rng.randrange(8),))
        if "damage" in faults and rng.random() < self.share:
            said = self._damage(said)
            self.damaged += 1
        self._send(said, now + delay)

    def _damage(self, said):
        from .line import damage

        return damage(said, self._rng)

    def _send(self, data, at):
        for start in range(0, len(data), _SEGMENT):
            segment = data[start : start + _SEGMENT]
            for n in range(0, len(segment), self._piece):
                part = segment[n : n + self._piece]
                at += len(part) * self._byte_ms
                self._out.append((at, part))
            at += _REST_MS

    def due(self, now):
        """The bytes that have become due by this moment."""
        if "alerts" in self.faults and not self._out:
            if now - max(self._frame, self._alert) >= 1000:
                self._alert = now
                self._out.append((now, b"\x00\x00"))
        ready = b""
        while self._out and self._out[0][0] <= now:
            ready += self._out.pop(0)[1]
        return ready


def serve(port, sink, seconds=None, heard=None, ended=lambda: False):
    """Let a Port answer what comes in at `sink.read()` with `sink.write()`, until `seconds` have
    passed or ended() is true. heard(requests so far): called after each request."""
    import time

    begin = time.monotonic()
    seen = 0
    while not ended():
        now = (time.monotonic() - begin) * 1000
        if seconds is not None and now > seconds * 1000:
            return
        data = sink.read()
        if data:
            port.heard(data, now)
        said = port.due(now)
        if said:
            sink.write(said)
        if heard and port.requests != seen:
            seen = port.requests
            heard(seen)
        if not data and not said:
            time.sleep(0.002)
