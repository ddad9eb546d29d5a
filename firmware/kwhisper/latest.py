"""The newest value of every code: for the page, and for a broker that comes back.

Kept in buffers that are made once. Newest wins: what is past never queues up.
"""

from array import array

from meterwire.reading import shelf

from .formats import entries

_MORE = const(16 * 16)  # bytes more for so many values
_RAW = const(2048)  # bytes of an unknown frame


class Latest:
    """reading(r) and unknown(frame) fill it; `uptime()` gives the seconds that ages count in.

    most: values that it holds; buffer(n) makes the place for them, without it the heap does, as
    far as they come. `left_out` counts those that had to go, the oldest first.
    """

    def __init__(self, uptime, most=120, buffer=None):
        self.lists = self.left_out = 0
        self.uptime = uptime
        self.count = self.next = 0
        self.most = most
        self.rows = buffer(16 * most) if buffer else bytearray()
        self.when = array("I")
        # what the meter said of itself, as a Reading has it
        self.time = self.list_id = self.meter_id = self.meter_type = None
        self.raw = None  # the last frame of a list nobody knows

    def reading(self, r):
        """Take over every number of a Reading; allocates nothing for codes seen before."""
        self.lists += 1
        now = self.uptime()
        for name in ("time", "list_id", "meter_id", "meter_type"):
            text = getattr(r, name)
            # The shortest lists say nothing of the meter.
            if text and text != getattr(self, name):
                setattr(self, name, text)
        for i in range(len(r)):
            if r.entry(i) == 0 and not entries.names_meter(r.key(i)):
                at = self.place(r, i)
                r.keep(i, self.rows, at)
                self.when[at] = now

    def place(self, r, i):
        rows = self.rows
        # Meters keep their order: mostly it is the place behind the last one.
        at = self.next
        if at >= self.count or not r.kept(i, rows, at):
            at = 0
            while at < self.count and not r.kept(i, rows, at):
                at += 1
        if at == self.count:
            try:
                if at < self.most:
                    if at * 16 == len(rows):
                        rows.extend(bytes(_MORE))
                    self.when.append(0)
                    self.count += 1
            except MemoryError:
                if at == 0:
                    raise
                self.most = at
            if at == self.most:
                # The oldest makes room.
                self.left_out += 1
                at = 0
                for k in range(self.count):
                    if self.when[k] < self.when[at]:
                        at = k
        self.next = at + 1
        return at

    def entries(self):
        """Iterate (name, label, decimal text, unit, age in s, flags) in the meter's order."""
        from .formats.labels import shown

        return shown(self, shelf(self.rows, self.count))

    def recent(self, seconds):
        """A Reading of the values that are not older, None if there are none. It has no time and
        no list; it is good until the next reading()."""
        oldest = self.uptime() - seconds
        rows = bytearray()
        for i in range(self.count):
            if self.when[i] >= oldest:
                rows += self.rows[16 * i : 16 * i + 16]
        return shelf(rows, len(rows) // 16) if rows else None

    def unknown(self, frame):
        """Keep the frame of a list nobody knows, for download."""
        self.raw = bytes(frame[:_RAW])
