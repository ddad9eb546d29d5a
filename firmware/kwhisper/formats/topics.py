"""One topic a value: <topic>/active_power_import 1234. Units and topics: docs/mqtt.md."""

from binascii import crc32

from meterwire import obis

from ..lists import meter_type
from ..totals import NAMES
from . import Format, fields

# With "only changed values" all are said again now and then: a late subscriber sees them all.
_RESTATE_S = const(300)
_RESTATED = const(1 << 28)  # no number of fields.which(), as the next ones
_ABOUT = const((1 << 28) + 1)


class Topics(Format):
    """Values as the meter gave them, in the base unit (W, V, A, Wh …); totals retained."""

    # kept: _ABOUT + 0, 1, 2 -> the CRC of the text that was told, which takes no room; with "only
    # changed values" also fields.which() -> value, and _RESTATED; ~fields.which() -> flags that
    # were told.

    def __init__(self, pub, kept):
        super().__init__(pub, kept)
        for n in range(3):
            # from the first time on: a place that is made later comes to lie anywhere
            kept.setdefault(_ABOUT + n, None)

    def connected(self):
        """Everything is said again, as the broker may have lost it."""
        for known in list(self.kept):
            del self.kept[
                known
            ]  # one by one: clear() would give up the place that is kept for them

    restate = connected

    def totals(self, record):
        """The hourly totals stand at the broker from the first second on."""
        for i, total in enumerate(record.totals):
            if total:
                text = self.pub.text.clear().number(total[0], total[1])
                self.pub.send(NAMES[i].encode(), text.view(), True)

    def reading(self, r):
        """One message a value."""
        pub = self.pub
        if pub.settings["publish_changed"]:
            now = pub.status.uptime()
            if now - self.kept.setdefault(_RESTATED, now) > _RESTATE_S:
                # What is marked stays known: it is to be told when it is so no more.
                for known in [k for k in self.kept if k >= 0]:
                    del self.kept[known]
        for i in range(len(r)):
            if not fields.silent(r, i, pub.settings):
                self._value(r, i)
        time_told = r.time
        if time_told:
            pub.send(b"time", time_told.encode())
        if pub.skipped:
            # What stands there is the latest value, no average of those between.
            pub.send(b"skipped", pub.text.clear().number(pub.skipped).view())
        self._about(0, b"list_id", r.list_id)
        self._about(1, b"meter_type", meter_type(r.meter_type, r.meter_id, pub.settings))
        if pub.settings["publish_meter_id"]:
            self._about(2, b"meter_id", r.meter_id)

    def _about(self, n, name, text):
        # Lists that are only of power leave these out; that is no change.
        if not text:
            return
        data = text.encode()
        told = crc32(data) & 0x3FFFFFFF
        if self.kept.get(_ABOUT + n) != told and self.pub.send(name, data, True):
            self.kept[_ABOUT + n] = told

    def _value(self, r, i):
        pub, kept = self.pub, self.kept
        changed = pub.settings["publish_changed"]
        key = r.key(i)
        which = fields.which(r, i)
        number = r.entry(i) == 0
        value = r.value(i) if number else r.text(i)
        flags = r.flag(i)
        name = fields.topic(r, i)
        # Told in a topic beside, so that the value itself stays a bare number.
        if kept.get(~which, 0) != flags and pub.send(b"quality/" + name, fields.flag_text(flags)):
            kept[~which] = flags
        if changed and kept.get(which) == value:
            return
        text = pub.text.clear()
        if number:
            text.entry(r, i)
        else:
            text.put(value.encode())
        if pub.send(name, text.view(), obis.is_total(key)) and changed:
            kept[which] = value
