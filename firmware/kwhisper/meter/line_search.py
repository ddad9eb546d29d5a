"""Finds out how the meter speaks: baud rate, data bits, parity and polarity, from what arrives.

A slow line heard by a fast UART gives few different bytes: each bit lasts for k bits of the
listener, and every reception starts at a falling edge, so only runs of k equal bits can appear.
The search therefore starts at the fastest rate and steps down, several times within one burst:

    heard at 115,200    9,600 or slower: 00      19,200: 00 E0     38,400: 00 1C E0 FC
    heard at 9,600      2,400: 00 78 80 F8

At the right rate the formats are tried in turn, one burst each, until frames come whose checks
hold. 7E1 betrays itself: heard as 8N1, nearly every byte has even parity.
Loaded only while searching; forgotten afterwards.
"""

from micropython import const

FASTEST = (115200, 8, "N")

_SAMPLE = const(24)  # bytes that make a verdict on the rate
_STRAY = const(2)  # of them may be noise
_PARITY_SAMPLE = const(48)
_BURST = const(16)  # fewer bytes than this between two silences are noise, not a burst
_NO_SILENCE = const(2600)  # as many bytes without a silence count as a burst

# heard at: ((the bytes that may appear, the rate it then is), …), narrowest first
_SLOWER = {
    115200: ((b"\x00", 9600), (b"\x00\xe0", 19200), (b"\x00\x1c\xe0\xfc", 38400)),
    9600: ((b"\x00\x78\x80\xf8", 2400),),
}
_M_BUS_ORDER = ((8, "E"), (8, "N"), (7, "E"))
_P1_ORDER = ((8, "N"), (7, "E"), (8, "E"))


class Search:
    """Feed it what is heard; it says when to listen otherwise, and how."""

    def __init__(self):
        self.baud = 115200
        self._turned = False
        self._tried = 0
        self._failed = 0  # bursts in vain in the usual format
        self._settled = False
        # Listening began within a burst: the rest of it proves nothing, but shows the parity.
        self._cut = False
        self._late = False  # the format changed within a burst: the rest of it is no trial
        self._fresh()

    def _fresh(self):
        self._count = 0
        self._even = 0
        self._since_silence = 0
        self._outside = [0] * len(_SLOWER.get(self.baud, ()))

    def _order(self):
        return _M_BUS_ORDER if self.baud == 2400 else _P1_ORDER

    def _format(self):
        return (8, "N") if self._cut else self._order()[self._tried]

    def line(self):
        """(baud, bits, parity, turned): how to listen now. turned: against the idle level, or None
        for as before: the meter is speaking, and there is no idle level to be seen.
        """
        bits, parity = self._format()
        return self.baud, bits, parity, None if self._cut else self._turned

    def heard(self, buf, n):
        """The first n bytes of buf arrived; True when line() has become another one."""
        self._since_silence += n
        rates = () if self._settled else _SLOWER.get(self.baud, ())
        if self._count < _PARITY_SAMPLE:
            for i in range(n):
                byte = buf[i]
                self._count += 1
                for k in range(len(rates)):
                    if byte not in rates[k][0]:
                        self._outside[k] += 1
                byte ^= byte >> 4
                byte ^= byte >> 2
                if not (byte ^ byte >> 1) & 1:
                    self._even += 1
        if rates and self._count >= _SAMPLE:
            for k in range(len(rates)):
                if self._outside[k] <= _STRAY:
                    self._go(rates[k][1])
                    self._cut = True
                    return True
            self._settled = True
        if (
            self._count >= _PARITY_SAMPLE
            and self._format() == (8, "N")
            and self._even * 20 >= self._count * 19
        ):
            self._tried = self._order().index((7, "E"))
            self._failed = 2
            self._cut = False
            self._late = True
            self._fresh()
            return True
        if self._since_silence > _NO_SILENCE:
            return self.silent()
        return False

    def _go(self, baud):
        self.baud = baud
        self._tried = self._failed = 0
        self._turned = False
        self._settled = baud not in _SLOWER
        self._fresh()

    def understood(self):
        """A frame was good; True when line() is right, False when it has become another one.

        Bytes with a parity bit are heard right without it, but every second one with a wrong stop
        bit, and what a chip's UART makes of those is its own affair: the usual format goes first.
        Plain text is heard right with a parity bit that is none: a second try for the usual
        format, should noise have spoilt the first. M-Bus bytes are not, and such meters are slow.
        """
        if self._order()[0] != (8, "N"):
            right = not self._cut
        else:
            right = self._cut or not self._tried or self._failed != 1
        if right:
            return True
        self._tried = 0
        self._cut = False
        self._late = True
        self._fresh()
        return False

    def silent(self):
        """The line fell silent and no frame was good; True when line() has become another one."""
        burst = self._since_silence >= _BURST
        self._since_silence = 0
        if self._late:
            self._late = False
            return False
        if self._cut:
            self._cut = False
            self._fresh()
            return self._format() != (8, "N")
        if not burst or (not self._settled and self._count < _SAMPLE):
            return False
        if not self._tried:
            self._failed += 1
        self._tried += 1
        if self._tried == len(self._order()):
            self._tried = 0
            if self._turned:
                # Everything failed at this rate: noise misled the search. From the top again.
                self._go(FASTEST[0])
                return True
            self._turned = True
        self._fresh()
        return True
