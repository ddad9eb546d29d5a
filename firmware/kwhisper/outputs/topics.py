"""One topic a value: <topic>/active_power_import 1234. Units and topics: docs/mqtt.md."""

import time

from meterwire import obis

from ..totals import NAMES
from . import Format, fields

# With "only changed values" all are said again now and then: a late subscriber sees them all.
_RESTATE_MS = const(300_000)


class Topics(Format):
    """Values as the meter gave them, in the base unit (W, V, A, Wh …); totals retained."""

    def __init__(self, pub):
        super().__init__(pub)
        self._changed = pub.settings["publish_changed"]
        self._last = {}  # name -> text; with "only changed values" fields.which() -> value
        self._flags = {}  # fields.which() -> flags that were told
        self._restated = time.ticks_ms()

    def connected(self):
        """Everything is said again, as the broker may have lost it."""
        self._last.clear()
        self._flags.clear()

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
        if self._changed and time.ticks_diff(time.ticks_ms(), self._restated) > _RESTATE_MS:
            self._last.clear()
            self._restated = time.ticks_ms()
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
        if text and self._last.get(name) != text and self.pub.send(name, text.encode(), True):
            self._last[name] = text

    def _value(self, r, i):
        pub = self.pub
        key = r.key(i)
        which = fields.which(r, i)
        number = r.entry(i) == 0
        value = r.value(i) if number else r.text(i)
        flags = r.flag(i)
        name = fields.topic(r, i)
        # Told in a topic beside, so that the value itself stays a bare number.
        if self._flags.get(which, 0) != flags and pub.send(
            b"quality/" + name, fields.flag_text(flags)
        ):
            self._flags[which] = flags
        if self._changed and self._last.get(which) == value:
            return
        text = pub.text.clear()
        if number:
            text.entry(r, i)
        else:
            text.put(value.encode())
        if pub.send(name, text.view(), obis.is_total(key)) and self._changed:
            self._last[which] = value
