"""From the port through the decoder to whoever wants Readings. Nothing here waits for anybody.

A consumer that fails or runs out of memory loses its Reading, and that is counted; the reading
goes on.
"""

import asyncio
import gc
import sys
import time

from micropython import const

_POLL_MS = const(10)
# Parts of one message come up to 500 ms apart; the fastest meters speak every second.
_SILENCE_MS = const(600)
_DEAF_MS = const(60000)
# Frames whose checks held, understood or not: the line is right.
_SOUND = ("ok", "unknown", "no_key", "key", "tag", "counter", "apdu")


class Reader:
    """Feeds `decoder` from `port`; hands each Reading to the functions of `consumers`."""

    def __init__(self, port, decoder, status, note):
        self.port = port
        self.decoder = decoder
        self.consumers = []
        self.status = status
        self.note = note
        self.lists = 0
        self.beat = time.ticks_ms()  # when the loop last came round
        self.heard = self.beat  # when the last byte came
        self.anything = False  # whether one ever came
        self.found = None  # called once it is known how the meter speaks
        self.keep_raw = None  # called with (buffer, start, end) of a list nobody knows
        self._sound = 0
        self._unknown = 0

    async def run(self):
        """Read for ever."""
        port, decoder = self.port, self.decoder
        await self._open()
        self._drain()  # of what a failure left half read
        silent = True
        while True:
            self.beat = time.ticks_ms()
            n = port.read()
            fell_silent = False
            if n:
                decoder.feed(port.lump, n)
                self._drain()
                self.heard = self.beat
                self.anything = True
                silent = False
            elif not silent and time.ticks_diff(self.beat, self.heard) > _SILENCE_MS:
                silent = fell_silent = True
                decoder.flush()
                self._drain()
                self.take_stock()
                # The time when nothing can be missed.
                gc.collect()
            if port.judge(n, fell_silent, self.lists + self._sound):
                await self._open()
                decoder.flush()
                self._drain()
            await asyncio.sleep_ms(0 if n == len(port.lump) else _POLL_MS)

    async def _open(self):
        await self.port.open()
        self._line()

    def _line(self):
        self.status.line = self.port.text()
        if self.found and not self.port.searching:
            self.found()

    def take_stock(self):
        """Bring the counts of frames up to date; once a second too, for lines never silent."""
        frames = self.decoder.counters
        self.status.frames = frames
        self._sound = sum(frames.get(cause, 0) for cause in _SOUND)
        if self.status.line == "searching":
            self._line()
        if frames.get("unknown", 0) != self._unknown:
            self._unknown = frames["unknown"]
            if self.keep_raw:
                self.keep_raw(*self.decoder.raw())

    def _drain(self):
        while True:
            r = self.decoder.read()
            if r is None:
                break
            self.lists += 1
            self.status.last_frame = time.ticks_ms()
            for consumer in self.consumers:
                try:
                    consumer(r)
                except MemoryError:
                    gc.collect()
                    self._dropped("out of memory")
                except Exception as e:
                    sys.print_exception(e)
                    self._dropped(type(e).__name__)

    def _dropped(self, why):
        self.status.dropped += 1
        self.note("error", "a list was dropped:", why)

    def alive(self, within_ms):
        """Whether the loop came round within this time."""
        return time.ticks_diff(time.ticks_ms(), self.beat) < within_ms

    def deaf(self):
        """Whether the meter has not been understood for a while, or never."""
        last = self.status.last_frame
        return last is None or time.ticks_diff(time.ticks_ms(), last) > _DEAF_MS

    def problem(self):
        """What is wrong between the meter and its values, in words for the user, or None."""
        if self.decoder.problem:
            return self.decoder.problem
        if not self.deaf():
            return None
        if not self.anything or time.ticks_diff(time.ticks_ms(), self.heard) > _DEAF_MS:
            return "nothing arrives from the meter: is its port open, and the cable in?"
        return "what the meter sends is not understood yet"
