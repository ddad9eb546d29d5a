"""The wire between meter and UART: what a UART hears when it listens with other settings than
those the meter speaks with.

A byte becomes levels lasting so many ticks; a receiver falls in on a falling edge, samples in
the middle of each of its own bits, and delivers what it saw, stop bit right or wrong, as both
chips do.
"""

# One tick is 1/16 of a bit at 115,200 baud; every baud rate of the table is a whole number of it.
_TICKS = 115200 * 16
_LONG = 1 << 20


def parse(text):
    """("2400 8E1 inverted") -> (2400, 8, "E", True)"""
    words = text.split()
    return int(words[0]), int(words[1][0]), words[1][1], "inverted" in words[2:]


class Wire:
    """Carries bytes sent as `sent` to a receiver that is set to `heard`."""

    def __init__(self, sent, heard):
        self.sent_bit = _TICKS // sent[0]
        self.sent_bits = sent[1]
        self.sent_parity = sent[2]
        self.bit = _TICKS // heard[0]
        self.data_bits = heard[1]
        self.bits = heard[1] + (heard[2] != "N")
        # An idle line is high unless exactly one of the two turns it over.
        self.turned = sent[3] != heard[3]
        self.now = 0
        self.next = 0
        self.count = -1  # -1: waiting for an edge; else the number of bits sampled, start included
        self.value = 0
        self.level = 1
        self.out = bytearray()
        self._known = {}
        self.idle()

    def idle(self):
        """The meter says nothing for a long while."""
        self._hold(1, _LONG)

    def send(self, byte):
        """The meter sends a byte; what the receiver made of it is appended to `out`."""
        # Between two bytes: what comes of this one does not hang on those before it.
        between = self.count < 0 and self.level != self.turned
        if between and byte in self._known:
            self.out.extend(self._known[byte])
            return
        before = len(self.out)
        self._send(byte)
        if between and self.count < 0:
            self._known[byte] = bytes(self.out[before:])

    def _send(self, byte):
        self._hold(0, self.sent_bit)
        ones = 0
        for i in range(self.sent_bits):
            bit = byte >> i & 1
            ones += bit
            self._hold(bit, self.sent_bit)
        if self.sent_parity != "N":
            self._hold(ones & 1 ^ (self.sent_parity == "O"), self.sent_bit)
        self._hold(1, self.sent_bit)

    def _hold(self, level, ticks):
        if self.turned:
            level ^= 1
        end = self.now + ticks
        if self.count < 0 and self.level and not level:
            self.count = 0
            self.next = self.now + self.bit // 2
        while self.count >= 0 and self.next < end:
            self._sample(level)
        self.level = level
        self.now = end
        if end > _LONG << 4:  # keep the numbers small
            self.next -= end
            self.now = 0

    def _sample(self, level):
        n = self.count
        if n == 0 and level:
            self.count = -1  # too short for a start bit
            return
        if n == 0:
            self.value = 0
        elif n <= self.data_bits:
            self.value |= level << (n - 1)
        elif n > self.bits:
            self.out.append(self.value)
            # With the line still low the receiver waits for it to rise, then for the next edge.
            self.count = -1
            return
        self.count = n + 1
        self.next += self.bit
