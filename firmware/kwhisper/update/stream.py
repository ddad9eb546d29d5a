"""Bytes that come in on a socket, piece by piece."""

from time import ticks_diff, ticks_ms

from ..mqtt.connect import until
from . import WITHIN_MS, Refused

_PIECE_WITHIN = const(15000)


class Stream:
    """more(memoryview) puts there what comes; `left` bytes are to come, `first` of them are here.
    place: who sends, for the user."""

    def __init__(self, sock, left=0, first=b"", place="it"):
        self.sock = sock
        self.left = left
        self.first = first
        self.place = place
        self.began = ticks_ms()

    async def more(self, view):
        """Move what is there into the memoryview; returns how many bytes, 0 at the end."""
        if ticks_diff(ticks_ms(), self.began) > WITHIN_MS:
            raise Refused(self.place + " is too slow")
        n = min(len(view), self.left)
        if n and self.first:
            n = min(n, len(self.first))
            view[:n] = self.first[:n]
            self.first = self.first[n:]
        elif n:
            part = view[:n]
            n = await until(lambda: self._some(part), _PIECE_WITHIN)
            if not n:
                raise Refused(self.place + " stopped sending")
        n = max(0, n)
        self.left -= n
        return n

    def _some(self, part):
        # -1: the other side has closed; None: nothing has come yet
        n = self.sock.readinto(part)
        return -1 if n == 0 else n
