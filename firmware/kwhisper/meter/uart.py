"""The meter's port: opens the UART, finds out how the meter speaks, gives bytes.

    port = Port(board, settings["meter"])
    await port.open()
    n = port.read()                 # bytes now in port.lump, or 0. Allocates nothing
    if port.judge(n, silent, good): # good: how many frames' checks have held so far
        await port.open()           # listen otherwise; what was heard so far was not understood

What works is remembered in /line: "2400 8E1 0", the last figure 1 for an inverted line.
"""

import asyncio
import gc
import os
import time

import machine
from micropython import const

_FILE = "/line"
_TX_ESP8266 = const(15)
_CONF0 = const(0x60000020)  # UART_CONF0 of the ESP8266's UART0
_RXD_INV = const(1 << 19)
_REST_MS = const(120)  # ten times what a byte lasts at most, and seen so many times
_REST_SAMPLES = const(12)
_NO_REST_MS = const(3000)
# So long, and so many bytes, without one good frame: the meter speaks otherwise than remembered.
_DEAF_MS = const(25000)
_DEAF_BYTES = const(100)
_SLOW = const(2400)  # baud
_PARITY = "EON"  # by UART's numbers; without any it is None


class Port:
    """The UART of `board`; `chosen` is "auto" or a line such as "2400-8E1"."""

    def __init__(self, board, chosen="auto"):
        self.board = board
        self.lump = bytearray(board.lump)
        self.inverted = False
        self.line = None  # (baud, bits, parity) in use
        self._uart = None
        self._search = None
        self._fixed = chosen != "auto"
        self.good = 0  # so many good frames were judged, or are no proof for the line now open
        self._bytes = 0
        self._since = None
        self._remembered = None
        self._again = False  # open it anew at the next silence
        if self._fixed:
            self.line = _parse(chosen.replace("-", " "))[:3]
        else:
            self._recall()

    def _recall(self):
        try:
            with open(_FILE) as f:
                self._remembered = f.read(40)
            baud, bits, parity, self.inverted = _parse(self._remembered)
            self.line = (baud, bits, parity)
        except (OSError, ValueError, IndexError):
            self._remembered = None
            self._begin_search()

    def _begin_search(self):
        from .line import Search

        self._search = Search()

    @property
    def searching(self):
        """Whether the way the meter speaks is still unknown."""
        return self._search is not None

    def described(self):
        """What is known of the line, for the status: "2400 8E1"."""
        if self._search:
            return "searching"
        return "%d %d%s1" % self.line + (" inverted" if self.inverted else "")

    async def open(self):
        """Open the UART as the settings, the memory or the search will have it."""
        if self._search:
            baud, bits, parity, turned = self._search.line()
            self.line = (baud, bits, parity)
            if turned is not None:
                self.inverted = (await self._idles_low()) != turned
        elif self._fixed:
            self.inverted = await self._idles_low()
        self._open()

    def _open(self):
        board = self.board
        baud, bits, parity = self.line
        options = {
            "bits": bits,
            "parity": None if parity == "N" else _PARITY.index(parity),
            "stop": 1,
            # Half of a small chip's holds two seconds of a slow line.
            "rxbuf": board.rxbuf // 2 if board.small and baud <= _SLOW else board.rxbuf,
        }
        if board.detach:
            # UART0 belongs to the console. Its pins are swapped to GPIO13 and GPIO15, so that the
            # USB bridge of the board does not drive the line that the meter drives.
            os.dupterm(None, 1)
            options["tx"] = machine.Pin(board.tx)
            options["rx"] = machine.Pin(board.rx)
        else:
            options["tx"] = board.tx
            options["rx"] = board.rx
            options["timeout"] = options["timeout_char"] = 0
            if self.inverted:
                options["invert"] = machine.UART.INV_RX
        if self._uart and not board.detach:
            self._uart.deinit()
        gc.collect()  # the ring of a small chip lies in the same memory as all else
        self._uart = machine.UART(board.uart, baud, **options)
        if board.invert == "register" and self.inverted:
            # Every initialisation of the UART clears this bit.
            machine.mem32[_CONF0] |= _RXD_INV

    async def _idles_low(self):
        # Between two bursts the line rests; its level then tells whether it is inverted.
        if self._uart and not self.board.detach:
            self._uart.deinit()
            self._uart = None
        pin = machine.Pin(self.board.rx, machine.Pin.IN)
        level = pin.value()
        begin = since = now = time.ticks_ms()
        samples = 0
        while time.ticks_diff(now, begin) < _NO_REST_MS:
            await asyncio.sleep_ms(2)
            now = time.ticks_ms()
            samples += 1
            if pin.value() != level:
                level ^= 1
                since = now
                samples = 0
            elif samples >= _REST_SAMPLES and time.ticks_diff(now, since) >= _REST_MS:
                return not level
        return self.inverted

    def read(self):
        """Move what has arrived into `lump`; returns how many bytes."""
        uart = self._uart
        if uart is None or not uart.any():
            return 0
        return uart.readinto(self.lump) or 0

    def judge(self, n, silent, good):
        """Take stock after a read; True when open() should be called to listen otherwise."""
        if good != self.good:
            self.good = good
            self._bytes = 0
            self._since = None
            if self._search:
                if not self._search.understood():
                    return True
                self._found()
            return False
        if self._search:
            if n and self._search.heard(self.lump, n):
                return True
            return silent and self._search.silent()
        if silent and self._again:
            self._again = False
            return True
        # A chosen line is kept, but its polarity is measured anew: the cable may have come later.
        return self._deaf(n)

    def _deaf(self, n):
        if n:
            self._bytes += n
            if self._since is None:
                self._since = time.ticks_ms()
            elif self._bytes > _DEAF_BYTES and not (
                # Negative when few bytes came for days: the ticks wrapped.
                0 <= time.ticks_diff(time.ticks_ms(), self._since) <= _DEAF_MS
            ):
                if not self._fixed:
                    self._begin_search()
                self._bytes = 0
                self._since = None
                return True
        return False

    def _found(self):
        self._search = None
        # A small chip's ring then comes to lie where the search has lain, with all that stays.
        self._again = self.board.small
        text = "%d %d%s1 %d" % (self.line + (int(self.inverted),))
        if text == self._remembered:
            return
        try:
            with open(_FILE + ".new", "w") as f:
                f.write(text)
            os.rename(_FILE + ".new", _FILE)
            self._remembered = text
        except OSError:
            pass  # not remembered: the next start searches again


def _parse(text):
    words = text.split()
    baud = int(words[0])
    bits, parity = int(words[1][0]), words[1][1]
    if baud < 300 or parity not in _PARITY or bits not in (7, 8):
        raise ValueError(text)
    return baud, bits, parity, len(words) > 2 and words[2] == "1"
