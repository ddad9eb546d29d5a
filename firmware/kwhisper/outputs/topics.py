"""One topic a value: <topic>/active_power_import 1234. Units and topics: docs/mqtt.md."""

from meterwire import obis

from ..totals import NAMES
from . import Format, fields

# With "only changed values" all are said again now and then: a late subscriber sees them all.
_RESTATE_S = const(300)
_RESTATED = b""  # no name


class Topics(Format):
    """Values as the meter gave them, in the base unit (W, V, A, Wh …); totals retained."""

    # kept: name -> text that was told; with "only changed values" also fields.which() -> value,
    # and _RESTATED; ~fields.which() -> flags that were told.

    def connected(self):
        """Everything is said again, as the broker may have lost it."""
        self.kept.clear()

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
                for known in [k for k in self.kept if isinstance(k, bytes) or k >= 0]:
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
        self._about(b"list_id", r.list_id)
        self._about(b"meter_type", fields.meter_type(r, pub.settings))
        if pub.settings["publish_meter_id"]:
            self._about(b"meter_id", r.meter_id)

    def _about(self, name, text):
        # Lists that are only of power leave these out; that is no change.
        if text and self.kept.get(name) != text and self.pub.send(name, text.encode(), True):
            self.kept[name] = text

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
