"""The meter's UART, opened as the meter speaks: so chosen, so remembered, or searched for.

    uart = Uart(board, settings["meter"])
    await uart.open()
    n = uart.read()                  # bytes now in uart.chunk, or 0. Allocates nothing
    if uart.judge(n, silent, good):  # good: how many frames' checks have held so far
        await uart.open(good)        # listen otherwise: what came so far was not understood

What works is remembered in /line: "2400 8E1 0", the last figure 1 for an inverted line.
"""

import time

import machine

from .. import let_go
from ..storage import checked

_FILE = const("/line")
# So long, and so many bytes, without one good frame: the meter speaks otherwise than remembered.
_DEAF_MS = const(25000)
_DEAF_BYTES = const(100)
_SLOW = const(9600)
_RING_SLOW = const(1024)
_PARITY = const("EON")  # by UART's numbers; without any it is None


class Uart:
    """The UART of `board`; `chosen` is "auto" or a line such as "2400-8E1"; or with its polarity,
    which then is not measured: "2400 8E1 inverted"."""

    def __init__(self, board, chosen="auto"):
        self.board = board
        self.chunk = board.buffer(board.chunk)
        self.inverted = False
        self.line = None  # (baud, bits, parity) in use
        self.chosen = chosen != "auto"
        self.fixed = False  # its polarity, too, is chosen
        self.searching = None  # the LineSearch while the way the meter speaks is unknown
        self.known = self.uart = self.since = None
        self.good = self.bytes = 0
        try:
            if not self.chosen:
                self.known = chosen = checked.read(_FILE).decode()
            words = chosen.replace("-", " ").split()
            baud, bits, parity = int(words[0]), int(words[1][0]), words[1][1]
            if baud < 300 or parity not in _PARITY or bits not in (7, 8):
                raise ValueError
            self.line = baud, bits, parity
            self.inverted = words[-1] in ("1", "inverted")
            self.fixed = self.chosen and len(words) > 2
        except (ValueError, IndexError):
            self.known = None
            self.search()

    def search(self):
        """Look for the way the meter speaks."""
        from .line_search import LineSearch

        self.searching = LineSearch()

    def described(self):
        """What is known of the line, for the status: "2400 8E1"."""
        if self.searching:
            return "searching"
        return "%d %d%s1" % self.line + (" inverted" if self.inverted else "")

    async def open(self, good=0):
        """Open the UART as the settings, the memory or the search will have it.

        The frames that were `good` until now prove nothing for the line that is opened.
        """
        self.good = good
        board = self.board
        against_idle = False if self.chosen and not self.fixed else None
        if self.searching:
            self.line, against_idle = self.searching.line()
        if against_idle is not None:
            from .idle_level import idles_low

            self.inverted = (await idles_low(board.rx, self.inverted)) != against_idle
            del idles_low
            let_go("kwhisper.meter.idle_level")
        baud, bits, parity = self.line
        if self.uart:
            # Not before: what its ring gives back, others would take while the level is looked at.
            self.uart.deinit()
            self.uart = None
        self.uart = machine.UART(
            board.uart,
            baud,
            bits=bits,
            parity=None if parity == "N" else _PARITY.index(parity),
            tx=board.tx,
            rx=board.rx,
            # A second's worth at 9600 baud: what the ring takes the system lacks.
            rxbuf=board.rxbuf if baud > _SLOW else _RING_SLOW,
            invert=machine.UART.INV_RX if self.inverted else 0,
        )

    def read(self):
        """Move what has arrived into `chunk`; returns how many bytes."""
        uart = self.uart
        if uart is None or not uart.any():
            return 0
        return uart.readinto(self.chunk) or 0

    def judge(self, n, silent, good):
        """Take stock after a read; True when open() should be called to listen otherwise."""
        search = self.searching
        if good != self.good:
            self.good = good
            self.bytes = 0
            self.since = None
            if search:
                if not search.understood():
                    return True
                self.save()
            return False
        if search:
            return (n and search.heard(self.chunk, n)) or (silent and search.silent())
        if not n:
            return False
        # A chosen line is kept, but its polarity is measured anew: the cable may have come later.
        self.bytes += n
        now = time.ticks_ms()
        if self.since is None:
            self.since = now
        # Negative when few bytes came for days: the ticks wrapped.
        if self.bytes <= _DEAF_BYTES or 0 <= time.ticks_diff(now, self.since) <= _DEAF_MS:
            return False
        if not self.chosen:
            self.search()
        self.bytes = 0
        self.since = None
        return True

    def save(self):
        """Remember the line that was found."""
        self.searching = None
        let_go("kwhisper.meter.line_search")
        text = "%d %d%s1 %d" % (self.line + (int(self.inverted),))
        # If it cannot be written, the next start searches again.
        if text != self.known and checked.write(_FILE, text.encode()):
            self.known = text
