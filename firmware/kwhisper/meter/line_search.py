"""Finds out how the meter speaks: baud rate, data bits, parity and polarity, from what arrives.

A slow line heard by a fast UART gives few different bytes: each bit lasts for k bits of the
listener, and every reception starts at a falling edge, so only runs of k equal bits can appear.
The search therefore starts at the fastest rate and steps down, several times within one burst:

    heard at 115,200    9,600 or slower: 00      19,200: 00 E0     38,400: 00 1C E0 FC
    heard at 9,600      2,400: 00 78 80 F8

At the right rate the formats are tried in turn, one burst each, until frames come whose checks
hold. 7E1 betrays itself: heard as 8N1, nearly every byte has even parity.
Imported only while something of the line is unknown.
"""

_FASTEST = const(115200)
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
_M_BUS_FORMATS = ((8, "E"), (8, "N"), (7, "E"))
_P1_FORMATS = ((8, "N"), (7, "E"), (8, "E"))


class LineSearch:
    """Feed it what is heard; it says when to listen otherwise, and how."""

    def __init__(self):
        # Listening began within a burst: the rest of it proves nothing, but shows the parity.
        self._cut = False
        self._late = False  # the format changed within a burst: the rest of it is no trial
        self._try_rate(_FASTEST)

    def _try_rate(self, baud):
        self.baud = baud
        self._formats = _M_BUS_FORMATS if baud == 2400 else _P1_FORMATS
        self._tried = 0  # index of the format
        self._failed = 0  # bursts in vain in the usual format
        self._against_idle = False
        self._rate_known = baud not in _SLOWER
        self._fresh()

    def _fresh(self):
        self._count = 0
        self._even = 0
        self._since_silence = 0
        self._outside = [0] * len(_SLOWER.get(self.baud, ()))

    def _format(self):
        return (8, "N") if self._cut else self._formats[self._tried]

    def line(self):
        """((baud, bits, parity), against_idle): how to listen now. against_idle: with the other
        polarity than the idle level tells; None for the same as before: the meter is speaking,
        and there is no idle level to be seen.
        """
        return (self.baud,) + self._format(), None if self._cut else self._against_idle

    def heard(self, buf, n):
        """The first n bytes of buf arrived; True when line() has become another one."""
        self._since_silence += n
        rates = () if self._rate_known else _SLOWER.get(self.baud, ())
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
                    self._try_rate(rates[k][1])
                    self._cut = True
                    return True
            self._rate_known = True
        if (
            self._count >= _PARITY_SAMPLE
            and self._format() == (8, "N")
            and self._even * 20 >= self._count * 19
        ):
            self._tried = self._formats.index((7, "E"))
            self._failed = 2
            self._cut = False
            self._late = True
            self._fresh()
            return True
        if self._since_silence > _NO_SILENCE:
            return self.silent()
        return False

    def understood(self):
        """A frame was good; True when line() is right, False when it has become another one.

        Bytes with a parity bit are heard right without it, but every second one with a wrong stop
        bit, and what a chip's UART makes of those is its own affair: the usual format goes first.
        Plain text is heard right with a parity bit that is none: a second try for the usual
        format, should noise have spoilt the first. M-Bus bytes are not, and such meters are slow.
        """
        if self._formats is _M_BUS_FORMATS:
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
        if not burst or (not self._rate_known and self._count < _SAMPLE):
            return False
        if not self._tried:
            self._failed += 1
        self._tried += 1
        if self._tried == len(self._formats):
            self._tried = 0
            if self._against_idle:
                # Everything failed at this rate: noise misled the search. From the top again.
                self._try_rate(_FASTEST)
                return True
            self._against_idle = True
        self._fresh()
        return True
