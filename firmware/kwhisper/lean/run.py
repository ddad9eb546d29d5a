"""The loop: reads the meter, serves the session with the broker, listens for browsers."""

import gc
import time

from micropython import const

from meterwire.decoder import PARTS

from ..forget import forget
from . import rest, session, start

_SILENCE_MS = const(600)  # parts of one message come up to 500 ms apart
_REST_MS = const(10)
_BALLAST = const(8192)
_PATIENCE_MS = const(500)  # that a list waits for a browser: less than _SILENCE_MS
_HEAD = const(7)  # bytes of a PUBLISH beside its topic and payload, at most


class Lean:
    """What is going on; start.py makes it. For the publisher it is the broker, for dial.py the
    wire and for lists.learn() the lamp."""

    def asked(self):
        """A restart is wanted."""
        self.leaving = self.leaving or "command"

    def saved(self):
        """New settings were saved."""
        self.leaving = "settings"

    def unknown(self, buffer, start, end):
        """A list came that nobody knows."""
        rest.unknown(self, buffer, start, end)

    def publish(self, topic, payload, retain=False, qos=0, patient=False):
        """Queue a message (MQTT 3.1.1, 3.3); never waits. See Broker.publish()."""
        n = len(topic) + len(payload) + 2
        if not self.connected or not (
            self._room(n + _HEAD) or (not patient and session.make_room(self, n + _HEAD))
        ):
            if not patient:
                self.status.dropped += 1
            return False
        out = self.out
        end = self.end
        out[end] = 0x30 | qos << 1 | retain
        end += 1
        if qos:
            n += 2
        while n > 127:
            out[end] = n & 127 | 128
            n >>= 7
            end += 1
        out[end] = n
        n = len(topic)
        out[end + 1] = n >> 8
        out[end + 2] = n & 255
        end += 3
        out[end : end + n] = topic
        end += n
        if qos:
            self.pid = self.pid % 65535 + 1
            out[end] = self.pid >> 8
            out[end + 1] = self.pid & 255
            end += 2
        n = len(payload)
        out[end : end + n] = payload
        self.end = end + n
        return self.pid if qos else True

    def _room(self, n):
        """Whether n bytes fit behind what waits, after sending what the socket takes."""
        try:
            while self.end + n > len(self.out) and self.drain(self.sock):
                pass
        except OSError:
            pass  # the next turn finds the same, and ends the session
        size = self.end - self.start
        if self.start and self.end + n > len(self.out):
            self.out[:size] = self.out[self.start : self.end]
            self.start = 0
            self.end = size
        return self.end + n <= len(self.out)

    def drain(self, sock):
        """Send what the socket takes now; returns the bytes it took."""
        if self.start == self.end:
            return 0
        n = sock.write(memoryview(self.out)[self.start : self.end]) or 0
        self.start += n
        if self.start == self.end:
            self.start = self.end = 0
        return n

    def fill(self, sock):
        """Take what has arrived; returns the bytes."""
        if self.got == len(self.inp):
            return 0
        n = sock.readinto(memoryview(self.inp)[self.got :])
        if n is None:
            return 0
        if n == 0:
            raise OSError(104)
        self.got += n
        return n


def _read(h, now):
    """A turn of the meter's port; the ms to the next."""
    port, decoder = h.port, h.decoder
    if h.torn:
        # A browser was to be served first, or a failure left it half read.
        _lists(h, now)
        if h.torn:
            return _REST_MS
    n = port.read()
    silent = False
    if n:
        h.torn = True
        h.heard = now
        h.heard_at = h.status.uptime()
        h.silent = False
        decoder.feed(port.lump, n)
        _lists(h, now)
        if h.torn:
            return _REST_MS
    elif not h.silent and time.ticks_diff(now, h.heard) > _SILENCE_MS:
        h.silent = silent = True
        h.torn = True
        decoder.flush()
        _lists(h, now)
        if h.torn:
            return _REST_MS
        # The time when nothing can be missed.
        gc.collect()
    if port.judge(n, silent, h.lists + decoder.sound):
        if not port.searching:
            # Its place is where the UART's ring is to lie; else rest.now_and_then() lets it go.
            forget("kwhisper.line")
        h.works[rest.PORT] = port.open()
    return 0 if n == len(port.lump) else _REST_MS


def _lists(h, now):
    decoder = h.decoder
    while True:
        if not h.found:
            h.found = decoder.read()
            # What read a list is let go before what tells it is loaded; while one is on its way,
            # it is kept.
            if (h.found or h.silent) and decoder.rest():
                for part in PARTS:
                    forget(part)
            if not h.found:
                break
            h.lists += 1
            h.status.last_frame = h.status.uptime()
        if h.works[rest.TALK] and time.ticks_diff(now, h.heard) < _PATIENCE_MS:
            # There is not always room for both.
            return
        h.found = r = None
        again = True
        while True:
            try:
                r = r or decoder.look()
                rest.tell(h, r)
            except MemoryError:
                h.publisher.rest()
                if rest.free_memory(h) or again:
                    again = False
                    gc.collect()
                    continue
                rest.dropped(h, "out of memory")
            except Exception as e:
                rest.dropped(h, type(e).__name__)
            break
        try:
            if r:
                rest.learn(h, r)
        except MemoryError:
            gc.collect()  # page and clock learn it from the next one
        except Exception as e:
            rest.dropped(h, type(e).__name__)
        r = None
        forget("meterwire.reading")
    h.torn = False


def _turn(h):
    """One turn of everything; the ms to the next."""
    now = time.ticks_ms()
    works = h.works
    if h.connected and not h.greeted:
        # Here, where nothing else is under way that takes memory, and before the next list.
        h.at = rest.HEART
        h.on_connect()
        h.greeted = True
    h.at = rest.PORT
    ms = _REST_MS if works[rest.PORT] else _read(h, now)
    for at in (rest.PORT, rest.WAY, rest.TALK):
        h.at = at
        if works[at] and time.ticks_diff(works[at + 1], now) <= 0:
            try:
                works[at + 1] = time.ticks_add(now, works[at].send(None))
            except StopIteration:
                works[at] = None
                rest.over(h, at)
    if h.connected:
        h.at = rest.WAY
        try:
            if h.drain(h.sock) or h.start == h.end:
                h.sent = now
            if h.fill(h.sock):
                h.received = now
                h.pinged = False
                session.packets(h)
        except OSError:
            session.end(h, None)
    if not works[rest.TALK]:
        h.at = rest.TALK
        for _ in h.waiting.ipoll(0):
            works[rest.TALK] = rest.talk(h)
            works[rest.TALK + 1] = now
    if time.ticks_diff(now, h.second) >= 1000:
        h.second = now
        h.at = rest.HEART
        rest.second(h)
    return ms


def run(device):
    """Build it and run for ever."""
    h = Lean()
    # What makes it is loaded behind the ballast: so what stays will lie before what does not.
    start.made(device, h, [bytearray(_BALLAST)])
    while True:
        try:
            ms = _turn(h)
        except Exception as e:
            ms = rest.failed(h, e)
        time.sleep_ms(ms)
