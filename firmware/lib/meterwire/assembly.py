"""Messages that come in parts: HDLC segments, M-Bus segments, general-block-transfer.

The parts are put together at the beginning of the decoder's buffer, below the window (BASE). GBT
blocks may themselves come in HDLC segments: the blocks so far end at `block`, segments follow.
"""

from .bytes_v import push
from .words import (
    BAD_FCS,
    BAD_HCS,
    BAD_SUM,
    BASE,
    BLOCK,
    CIPHERED_APDU,
    INFO,
    LLC,
    MODE,
    NOISE,
    NOTIFICATION,
    SLASH,
    WHOLE,
)


class Assembly:
    """The message under assembly; start and end bound it once it is complete."""

    def __init__(self, buf, window):
        self._buf = buf
        self._window = window
        self._block = 0
        self._next = 0  # the block or segment number expected
        self._sap = False  # M-Bus segments carry service access points
        self._damage = 0
        self.start = 0
        self.end = 0
        self.lost = 0  # parts and messages given up

    def drop(self):
        """Forget what is there."""
        self._window[MODE] &= ~WHOLE
        self._block = 0
        self._next = 0
        self._window[BASE] = 0

    def lose(self):
        """Give the message up: its end will not come."""
        if self._window[BASE] and not self._window[MODE] & WHOLE:
            self.lost += 1
        self.drop()

    def watch(self):
        """Before each part: give up if anything was damaged since the part before.

        What was damaged may have been a part; numbers alone do not tell the parts of one message
        from those of the next.
        """
        window = self._window
        damage = window[BAD_HCS] + window[BAD_FCS] + window[BAD_SUM] + window[NOISE]
        if window[BASE] and self._damage != damage:
            self.lose()
        self._damage = damage

    def _append(self, p, end):
        """Put buf[p:end] behind what is assembled; return the new end of it."""
        base = self._window[BASE]
        if p < end:
            push(base, p, end, self._buf, self._buf)
            self._window[BASE] = base = base + end - p
        return base

    def _complete(self, start, end):
        self.start = start
        self.end = end
        return True

    def hdlc(self, p, stop):
        """Take an HDLC segment; True if that completes a message."""
        window = self._window
        buf = self._buf
        more = window[INFO] & 8
        if window[BASE] > self._block and buf[p] == LLC and buf[p + 2] == 0:
            if buf[p + 3] in (NOTIFICATION, CIPHERED_APDU, BLOCK):
                # another message begins: this one's end was lost
                self.lose()
            else:
                # some meters repeat the LLC header in every segment
                p += 3
        blocks = self._block
        if not more and window[BASE] == blocks:
            return self._complete(p, stop)
        end = self._append(p, stop)
        if more:
            return False
        window[BASE] = blocks
        if blocks == 0:
            window[MODE] |= WHOLE
        return self._complete(blocks, end)

    def mbus(self, p, stop):
        """Take an M-Bus frame's part; True if that completes a message.

        CI holds the part's number in its low nibble, and 0x10 on the last one (TINETZ).
        """
        number = self._window[INFO] & 0x0F
        final = self._window[INFO] & 0x10
        if number == 0 or number != self._next:
            self.lose()
            if number:
                self.lost += 1
                return False
            self._sap = self._buf[p] not in (NOTIFICATION, CIPHERED_APDU, BLOCK, LLC, SLASH)
        if self._sap:
            p += 2
        if number == 0 and final:
            return self._complete(p, stop)
        end = self._append(p, stop)
        self._next = number + 1
        if not final:
            return False
        self._window[MODE] |= WHOLE
        return self._complete(0, end)

    def block(self, p, end):
        """Take a block of general-block-transfer; True if that completes a message.

        E0 control number(2) ack(2) length data (Green Book 9.3.4.9); control 0x80 marks the last.
        """
        if self._block and self._window[MODE] & WHOLE:
            # a block within a block: nothing sends that, and it could go on for ever
            self.lost += 1
            return False
        buf = self._buf
        number = buf[p + 2] << 8 | buf[p + 3]
        last = buf[p + 1] & 0x80
        n = length(buf, p + 6)
        p = behind_length(buf, p + 6)
        if number == 1:
            self.lose()
            self._next = 1
        if number != self._next or p + n > end:
            self.lost += 1
            self.drop()
            return False
        self._block = self._append(p, p + n)
        self._next = number + 1
        if not last:
            return False
        self._window[MODE] |= WHOLE
        return self._complete(0, self._block)


def length(buf, p):
    """The A-XDR length that begins at buf[p]."""
    n = buf[p]
    if n & 0x80:
        count = n & 0x7F
        # more than four are no length, and may not be there to be read
        n = 0 if count < 5 else 0x7FFFFFF
        while 0 < count < 5:
            p += 1
            n = n << 8 | buf[p]
            count -= 1
    return n


def behind_length(buf, p):
    """Where the A-XDR length that begins at buf[p] ends."""
    return p + 1 + (buf[p] & 7) if buf[p] & 0x80 else p + 1
