"""Keeps what the meter sent when frames failed; only with the log at "Everything"."""

_BURST = const(512)  # bytes of a burst that are kept
_FRAMES = const(8)
_FINE = const("ok unchecked unknown")


class Failed:
    """heard() takes bytes as they come, silent() the end of a burst; frames: the last that failed,
    as bytes."""

    def __init__(self, decoder, note):
        self.decoder = decoder
        self.note = note
        self.burst = bytearray()
        self.frames = []
        self.bad = 0

    def heard(self, chunk, n):
        """Bytes of the line."""
        self.burst += chunk[: min(n, _BURST - len(self.burst))]

    def silent(self):
        """The line fell silent: was there a frame that failed?"""
        counters = self.decoder.counters
        bad = 0
        for cause in counters:
            if _FINE.find(cause) < 0:
                bad += counters[cause]
        if bad != self.bad:
            self.bad = bad
            self.frames.append(bytes(self.burst))
            del self.frames[:-_FRAMES]
            self.note("debug", "a frame failed:", counters)
        self.burst = bytearray()
