"""Domoticz: domoticz/in {"idx":1,"nvalue":0,"svalue":"…"} for the devices named in the settings.

name in domoticz_idx    Domoticz device             svalue
p1                      P1 meter (250/1)            use1;use2;ret1;ret2;cons;prod   Wh, W
kwh                     kWh meter (243/29)          W;Wh
current                 current, 3 phases (89/1)    A;A;A
any value's name        voltage, custom sensor …    the value
"""

from meterwire import obis

from ..totals import NAMES
from . import Format, fields

_TOPIC = b"domoticz/in"
_TARIFFS = (
    ("active_energy_import_t1", "active_energy_import_t2", "active_energy_import"),
    ("active_energy_export_t1", "active_energy_export_t2", "active_energy_export"),
)


class Domoticz(Format):
    """Registers come once an hour from many meters: the last ones are kept for the live lists."""

    # kept: name -> whole Wh

    def __init__(self, pub, kept):
        super().__init__(pub, kept)
        self._idx = {}
        for pair in pub.settings["domoticz_idx"].split(","):
            name, _, number = pair.partition("=")
            if number:
                self._idx[name.strip()] = int(number)

    def totals(self, record):
        """Without these a P1 or kWh device would have to wait for the full hour."""
        for i, total in enumerate(record.totals):
            if total:
                self.kept.setdefault(NAMES[i], _whole(total[0], total[1]))

    def reading(self, r):
        """One message for each device of which this list says something."""
        now = {}
        for i in range(len(r)):
            if r.entry(i) == 0:
                name = fields.name(r, i).decode()
                now[name] = i
                if obis.is_total(r.key(i)):
                    self.kept[name] = _whole(r.value(i), r.exponent(i))
        for name in self._idx:
            text = self.pub.text.clear()
            if name == "p1":
                said = self._p1(text, r, now)
            elif name == "kwh":
                said = self._kwh(text, r, now)
            elif name == "current":
                said = self._current(text, r, now)
            else:
                said = name in now and text.entry(r, now[name])
            if said:
                self._say(self._idx[name], text)

    def _p1(self, text, r, now):
        kept = self.kept
        # With no total known yet a zero would stand in Domoticz's statistics for ever.
        known = "active_energy_import" in kept or "active_energy_import_t1" in kept
        if not known or "active_power_import" not in now:
            return False
        for first, second, total in _TARIFFS:
            if first in kept:
                text.number(kept[first]).put(b";").number(kept.get(second, 0)).put(b";")
            else:
                text.number(kept.get(total, 0)).put(b";0;")
        text.number(self._watts(r, now, "active_power_import")).put(b";")
        return text.number(self._watts(r, now, "active_power_export"))

    def _kwh(self, text, r, now):
        if "active_power_import" not in now or "active_energy_import" not in self.kept:
            return False
        text.number(self._watts(r, now, "active_power_import")).put(b";")
        return text.number(self.kept["active_energy_import"])

    def _current(self, text, r, now):
        if "current_l1" not in now:
            return False
        for phase in ("current_l1", "current_l2", "current_l3"):
            if phase in now:
                text.entry(r, now[phase])
            else:
                text.put(b"0")
            text.put(b";")
        return text.cut(text.n - 1)

    def _watts(self, r, now, name):
        return _whole(r.value(now[name]), r.exponent(now[name])) if name in now else 0

    def _say(self, idx, text):
        page = self.pub.page.clear()
        page.put(b'{"idx":').number(idx).put(b',"nvalue":0,"svalue":"').put(text.view())
        page.put(b'"}')
        self.pub.send_to(_TOPIC, page.view())


def _whole(mantissa, exponent):
    return mantissa * 10**exponent if exponent >= 0 else mantissa // 10**-exponent
