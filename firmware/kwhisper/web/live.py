"""The newest value of every OBIS code, kept in memory that is taken once, at the start.

live = Live(status.uptime)
live.follow(r)              # copies what is needed; r may be reused afterwards
live.keep_raw(buffer, start, end)        # the frame of a list nobody knows, for download
live.about(METER_TYPE)      # what the meter said of itself, or None
for name, label, text, unit, age, flags in live.entries(): ...
"""

from array import array

# What is told about the meter.
TIME = 0
LIST_ID = 1
METER_ID = 2
METER_TYPE = 3
_TEXT = 36  # bytes of one of those

_TEXTS_S = 10
_NAMES_S = 3600


def _is_number_of_meter(key):
    # 0.0.x, 96.1.x, 42.0.0: they tell whose meter it is, and meter_id holds what may be told.
    return key < 0x100 or key >> 8 == 0x6001 or key == 0x2A0000


class Live:
    """Keeps at most `most` values. `uptime()` gives the seconds their age is counted in."""

    def __init__(self, uptime, most=48, raw_bytes=2048):
        self.lists = 0
        # A text that is new each time would come to lie anywhere: these stay in their place.
        self._texts = bytearray(4 * _TEXT)
        self._uptime = uptime
        self._texts_due = self._names_due = 0
        self._most = most
        self._used = self._next = 0
        self._rows = bytearray(16 * most)
        self._at = array("I", bytes(4 * most))
        self._raw_bytes = raw_bytes
        self._raw = None

    def follow(self, r):
        """Takes over every number of a Reading; allocates nothing for codes seen before.

        The meter's clock is looked at every 10 s, its names once an hour.
        """
        self.lists += 1
        now = self._uptime()
        if now >= self._texts_due:
            self._take_texts(r, now)
        # The shortest lists say nothing but the power, and may be those that come when it is due.
        if now >= self._names_due and len(r) > 1:
            self._take_names(r, now)
        for i in range(len(r)):
            if r.entry(i) == 0 and not _is_number_of_meter(r.key(i)):
                self._take(r, i, now)

    def _take_texts(self, r, now):
        # Each of them is made anew by the Reading, a kilobyte of garbage in all: not every list.
        self._texts_due = now + _TEXTS_S
        self._keep_text(TIME, r.time)

    def _take_names(self, r, now):
        self._keep_text(LIST_ID, r.list_id)
        number = r.meter_id
        if self._keep_text(METER_ID, number):
            self._names_due = now + _NAMES_S
        elif number:
            return  # too long: it could not be told where it stands in the type
        self._keep_text(METER_TYPE, r.meter_type)

    def _keep_text(self, which, text):
        if not text:
            return False
        data = text.encode()
        if len(data) > _TEXT:
            return False  # half of a name is none
        for i in range(_TEXT):
            self._texts[which * _TEXT + i] = data[i] if i < len(data) else 0
        return True

    def about(self, which):
        """What the meter said of itself, or None: TIME, LIST_ID, METER_ID, METER_TYPE."""
        at = which * _TEXT
        return bytes(self._texts[at : at + _TEXT]).rstrip(b"\0").decode() or None

    def _take(self, r, i, now):
        at = self._place(r, i)
        if at >= 0:
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
        if at == self._most:
            return -1
        if at == self._used:
            self._used += 1
        self._next = at + 1
        return at

    def entries(self):
        """Iterates (name, label, decimal text, unit, age in s, flags) in the meter's order."""
        from meterwire import obis
        from meterwire.reading import shelf

        now = self._uptime()
        kept = shelf(self._rows)
        for at in range(self._used):
            key = kept.key(at)
            ab = kept.ab(at)
            code = kept.obis(at)
            name = obis.name(key, ab) or code
            label = obis.row(key)[1] if name != code else code
            if ab and ab < 0x100:
                label = "%s, meter %d" % (label, ab)
            yield name, label, kept.decimal(at), kept.unit(at), now - self._at[at], kept.flag(at)

    def keep_raw(self, buffer, start, end):
        """Keeps the bytes of a frame that could not be read, the newest one, within the bound."""
        self._raw = bytes(memoryview(buffer)[start : min(end, start + self._raw_bytes)])

    def raw(self):
        """The bytes kept last, or None."""
        return self._raw
