"""The newest list of each kind, kept for a broker that comes back and for who asks: not on the
small chip, whose next list is never far away either.

Newest wins: one list a kind is kept, so what is past never queues up. What is older than a minute
is no live value any more, and is not told; registers at their hour have the ledger.
"""

_FRESH_S = const(60)


class Newest:
    """Made by the Publisher `pub` where there is room: keep(r) each list, send() them again."""

    def __init__(self, pub):
        self._pub = pub
        self._kept = {}  # kind -> (uptime when it was read, Reading)

    def keep(self, r):
        """A list was read."""
        now = self._pub.status.uptime()
        for kind in list(self._kept):
            if now - self._kept[kind][0] > _FRESH_S:
                del self._kept[kind]
        try:
            self._kept[r.kind] = now, r.copy()
        except MemoryError:
            self._kept.clear()  # room for the list itself, which goes on to be published

    def send(self, all=False):
        """Publish those that were passed over, or all of them; whether there were any."""
        now = self._pub.status.uptime()
        told = False
        for at, r in sorted(self._kept.values(), key=lambda kept: kept[0]):
            if now - at <= _FRESH_S and (all or self._pub.passed[r.kind]):
                if not all:
                    # The session is new, so it is due; the next one then keeps its distance.
                    self._pub.is_due(r, r.kind)
                self._send(at, r)
                told = True
        return told

    def _send(self, at, r):
        pub, status = self._pub, self._pub.status
        last_frame, decoder = status.last_frame, pub.decoder
        # Its age is told from when it was read; the frame it came from is there no more.
        status.last_frame, pub.decoder = at, None
        try:
            pub.skipped = max(0, pub.passed[r.kind] - 1)
            pub.passed[r.kind] = 0
            for f in pub.prepare():
                f.reading(r)
        except Exception:
            # Called as a session begins: a list that cannot be told must not end it each time.
            status.dropped += 1
        finally:
            status.last_frame, pub.decoder = last_frame, decoder
