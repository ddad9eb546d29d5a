"""The newest value of every code: for the page, and for a broker that comes back.

Kept in buffers that are made once. Newest wins: what is past never queues up.
"""

from array import array

from meterwire.reading import shelf

from .formats import entries

# places in Latest.about
TIME = 0
LIST_ID = 1
METER_ID = 2
METER_TYPE = 3

_MOST = const(64)  # values
_RAW = const(2048)  # bytes of an unknown frame


class Latest:
    """reading(r) and unknown(frame) fill it; `uptime()` gives the seconds that ages count in."""

    def __init__(self, uptime):
        self.lists = 0
        self.uptime = uptime
        self._used = self._next = 0
        self._rows = bytearray(16 * _MOST)
        self._at = array("I", bytes(4 * _MOST))
        self.about = [None] * 4  # what the meter said of itself
        self.raw = None  # the last frame of a list nobody knows

    def reading(self, r):
        """Take over every number of a Reading; allocates nothing for codes seen before."""
        self.lists += 1
        now = self.uptime()
        for which, text in enumerate((r.time, r.list_id, r.meter_id, r.meter_type)):
            # The shortest lists say nothing of the meter.
            if text and text != self.about[which]:
                self.about[which] = text
        for i in range(len(r)):
            if r.entry(i) == 0 and not entries.names_meter(r.key(i)):
                at = self._place(r, i)
                r.keep(i, self._rows, at)
                self._at[at] = now

    def _place(self, r, i):
        rows = self._rows
        # Meters keep their order: mostly it is the place behind the last one.
        at = self._next
        if at >= self._used or not r.kept(i, rows, at):
            at = 0
            while at < self._used and not r.kept(i, rows, at):
                at += 1
        if at == self._used:
            if at < _MOST:
                self._used += 1
            else:
                # The oldest makes room.
                at = min(range(_MOST), key=self._at.__getitem__)
        self._next = at + 1
        return at

    def entries(self):
        """Iterate (name, label, decimal text, unit, age in s, flags) in the meter's order."""
        now = self.uptime()
        kept = shelf(self._rows, self._used)
        for i in range(self._used):
            name = entries.name(kept, i).decode()
            label = name if ":" in name else entries.label(name)
            yield name, label, kept.decimal(i), kept.unit(i), now - self._at[i], kept.flag(i)

    def recent(self, seconds):
        """A Reading of the values that are not older, None if there are none. It has no time and
        no list; it is good until the next reading()."""
        oldest = self.uptime() - seconds
        rows = bytearray()
        for i in range(self._used):
            if self._at[i] >= oldest:
                rows += self._rows[16 * i : 16 * i + 16]
        return shelf(rows, len(rows) // 16) if rows else None

    def unknown(self, frame):
        """Keep the frame of a list nobody knows, for download."""
        self.raw = bytes(frame[:_RAW])
