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
_DEAF_S = const(60)
_SEARCH_S = const(120)  # how long finding the line may take before it is a problem
_PATIENCE_S = const(30)  # a meter may speak every ten seconds, and its line may be unknown


class Reader:
    """Feeds `decoder` from `port`; hands each list to the functions of `consumers`, as read() of
    the decoder gave it."""

    def __init__(self, port, decoder, status, note):
        self.port = port
        self.decoder = decoder
        self.consumers = []
        self.status = status
        self.note = note
        self.lists = 0
        self.beat = time.ticks_ms()  # when the loop last came round
        self.heard = self.beat  # when the last byte came
        self.heard_at = None  # uptime at that; None if none ever came
        self.found = None  # called once it is known how the meter speaks
        self.unknown = []  # called with (buffer, start, end) of a list nobody knows
        decoder.on_unknown = self._unknown
        self._sound = 0

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
                self.heard_at = self.status.uptime()
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
                self.take_stock()
                # What was heard before proves nothing for the line that is open now.
                port.good = self.lists + self._sound
            await asyncio.sleep_ms(0 if n == len(port.lump) else _POLL_MS)

    async def _open(self):
        await self.port.open()
        self._line()

    def _line(self):
        self.status.line = self.port.described()
        if self.found and not self.port.searching:
            self.found()

    def take_stock(self):
        """Count the frames that were sound; once a second too, for lines never silent."""
        # Understood or not: the line is right. Other counts grow on noise, too.
        self._sound = self.decoder.sound
        if self.status.line == "searching":
            self._line()

    def _unknown(self, buffer, start, end):
        for keeper in self.unknown:
            self._hand(keeper, buffer, start, end)

    def _drain(self):
        while True:
            r = self.decoder.read()
            if r is None:
                break
            self.lists += 1
            self.status.last_frame = self.status.uptime()
            for consumer in self.consumers:
                self._hand(consumer, r)

    def _hand(self, consumer, *what):
        try:
            consumer(*what)
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
        age = self.status.frame_age()
        return age is None or age > _DEAF_S

    def problem(self):
        """What is wrong between the meter and its values, in words for the user, or None."""
        if self.decoder.problem or self.deaf():
            return self._trouble()
        return None

    def _trouble(self):
        uptime = self.status.uptime()
        if self.decoder.problem or uptime < _PATIENCE_S:
            return self.decoder.problem
        if self.heard_at is None or uptime - self.heard_at > _DEAF_S:
            return "nothing arrives from the meter: is its port open, and the cable in?"
        if self.port.searching and uptime < _SEARCH_S:
            return None  # the status says so: "line": "searching"
        return "what the meter sends is not understood yet"
