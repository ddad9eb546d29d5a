"""From the UART through the decoder to whoever wants Readings. Nothing here waits for anybody.

A consumer that fails or runs out of memory loses its Reading: that is counted and said, and the
reading goes on.
"""

import asyncio
import gc
import sys
import time

from .. import fault_of

_POLL_MS = const(10)
# Parts of one message come up to 500 ms apart; the fastest meters speak every second.
_SILENCE_MS = const(600)
_DEAF_S = const(60)
_SEARCH_S = const(120)  # how long finding the line may take before it is a problem
_PATIENCE_S = const(30)  # a meter may speak every ten seconds, and its line may be unknown


class Reader:
    """Feeds `decoder` from `uart`. Each Reading goes to reading(r) of the `consumers`, each frame
    of a list nobody knows to unknown(frame) of the `unknown_consumers`, in their order. second:
    the Second that tells which lists follow from those before, or None: all do."""

    def __init__(self, uart, decoder, consumers, unknown_consumers, status, note, second=None):
        self.uart = uart
        self.decoder = decoder
        self.consumers = consumers
        self.unknown_consumers = unknown_consumers
        self.status = status
        self.note = note
        self.second = second
        self.failed = None  # a Failed, where frames that fail are kept
        self.lists = 0
        self.sound = 0  # frames whose checks held, understood or not
        self.last = time.ticks_ms()  # when the loop last came round
        self.heard = None  # uptime when the last byte came, None if none ever came

    async def run(self):
        """Read for ever."""
        uart, decoder = self.uart, self.decoder
        await self.open()
        self.drain()  # of what a failure left half read
        last = None  # ticks at the last byte of a burst, None while the line is silent
        while True:
            self.last = now = time.ticks_ms()
            n = uart.read()
            fell_silent = False
            if n:
                decoder.feed(uart.chunk, n)
                self.drain()
                if self.failed:
                    self.failed.heard(uart.chunk, n)
                last = now
                self.heard = self.status.uptime()
            elif last is not None and time.ticks_diff(now, last) > _SILENCE_MS:
                last = None
                fell_silent = True
                self.flush()
                if self.failed:
                    self.failed.silent()
                # The time when nothing can be missed.
                gc.collect()
            if uart.judge(n, fell_silent, self.lists + self.sound):
                self.flush()
                await self.open()
            await asyncio.sleep_ms(0 if n == len(uart.chunk) else _POLL_MS)

    async def open(self):
        await self.uart.open(self.lists + self.sound)
        self.status.line = self.uart.described()

    def flush(self):
        self.decoder.flush()
        self.drain()
        self.take_stock()

    def take_stock(self):
        """Count the frames that were sound; once a second too, for lines never silent."""
        # Understood or not: the line is right. Other counts grow on noise, too.
        self.sound = self.decoder.sound
        if self.status.line == "searching":
            self.status.line = self.uart.described()

    def drain(self):
        while True:
            r = self.decoder.read()
            if r is None:
                break
            self.lists += 1
            self.status.last_frame = self.status.uptime()
            try:
                held = self.second is not None and not self.second.follows(r)
            except MemoryError:
                gc.collect()
                self.status.dropped += 1
                continue
            if not held:
                self.send(self.consumers, r, None)

    def unknown(self, buffer, start, end):
        """A frame nobody knows, as the decoder gives it."""
        self.send(self.unknown_consumers, None, memoryview(buffer)[start:end])

    def send(self, consumers, r, frame):
        for consumer in consumers:
            try:
                if r is None:
                    consumer.unknown(frame)
                else:
                    consumer.reading(r)
                continue
            except MemoryError:
                gc.collect()
                why = "out of memory"
            except Exception as e:
                sys.print_exception(e)
                why = fault_of(e)
            self.status.dropped += 1
            try:
                self.note("error", "a list was dropped:", why, "in", type(consumer).__name__)
            except MemoryError:
                pass  # it is counted

    def alive(self, within_ms):
        """Whether the loop came round within this time."""
        return time.ticks_diff(time.ticks_ms(), self.last) < within_ms

    def deaf(self):
        """Whether the meter has not been understood for a while, or never."""
        age = self.status.frame_age()
        return age is None or age > _DEAF_S

    def problem(self):
        """What is wrong between the meter and its values, in words for the user, or None."""
        problem = self.decoder.problem
        uptime = self.status.uptime()
        if problem or not self.deaf() or uptime < _PATIENCE_S:
            return problem
        if self.heard is None or uptime - self.heard > _DEAF_S:
            return "nothing arrives from the meter: is its port open, and the cable in?"
        if self.uart.searching and uptime < _SEARCH_S:
            return None  # the status says so: "line": "searching"
        return "what the meter sends is not understood yet"
