"""Finds out how the meter speaks, writes it to /line, and starts the chip anew."""

import os
import time

import machine

from kwhisper.meter.uart import Uart

from .main import leave, say
from .swapped_uart import idles_low, listen

_SILENCE_MS = const(600)
_MOST_MS = const(120000)
_POLL_MS = const(10)


class _Line(Uart):
    """The search of the ESP32's Uart, with the ways of this chip."""

    chunk = 128  # bytes read at once
    buffer = bytearray  # what makes its buffers

    def open(self, good=0):
        """Listen as the search will have it."""
        self.good = good
        self.line, against_idle = self.searching.line()
        if against_idle is not None:
            self.inverted = idles_low() != against_idle
        self.uart = None
        self.uart = listen(*self.line, self.inverted)
        say("listening at %s %s" % (self.line, self.inverted))


def run(decoder):
    """Search until a frame is understood, for two minutes at most."""
    try:
        os.remove("/line")
    except OSError:
        pass  # there was none
    feed = machine.WDT().feed
    uart = _Line(_Line)
    uart.open()
    lists = 0
    silent = True
    began = heard = now = time.ticks_ms()
    while uart.searching and time.ticks_diff(now, began) < _MOST_MS:
        feed()
        n = uart.read()
        now = time.ticks_ms()
        fell_silent = False
        if n:
            heard = now
            silent = False
            decoder.feed(uart.chunk, n)
        elif not silent and time.ticks_diff(now, heard) > _SILENCE_MS:
            silent = fell_silent = True
            decoder.flush()
        for _ in decoder:
            lists += 1
        if uart.judge(n, fell_silent, lists + decoder.sound):
            decoder.flush()
            for _ in decoder:
                pass
            uart.open(lists + decoder.sound)
        time.sleep_ms(_POLL_MS)
    leave("searched" if uart.searching else "")
