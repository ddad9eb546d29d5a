"""Domoticz: domoticz/in {"idx":1,"nvalue":0,"svalue":"…"} for the devices named in the settings.

name in domoticz_idx    Domoticz device             svalue
p1                      P1 meter (250/1)            use1;use2;ret1;ret2;cons;prod   Wh, W
kwh                     kWh meter (243/29)          W;Wh
current                 current, 3 phases (89/1)    A;A;A
quality                 alert (243/22)              good, or unchecked: a list came without a check
any value's name        voltage, custom sensor …    the value
supply                  voltage (243/8)             V, where it is measured
rssi                    custom sensor (243/31)      dBm
temperature_<name>      temperature (80/5)          °C of a DS18B20

Registers come once an hour from many meters: context.memory keeps the last ones for the lists
between, as whole Wh by their name.
"""

from meterwire import UNSURE, obis

from . import DOCUMENT, MARK, entries

_GREEN = const(1)
_ORANGE = const(3)


def registers(record, context):
    """Without these a P1 or kWh device would have to wait for the full hour."""
    for name, total in record.named():
        context.memory.setdefault(name, _whole(total[0], total[1]))
    return ()


def messages(r, context):
    """One message for each device of which this list says something."""
    now = {}
    kept = context.memory
    for i in range(len(r)):
        if r.entry(i) == 0 and not r.flag(i) & UNSURE:
            name = entries.name(r, i).decode()
            now[name] = i
            if obis.is_total(r.key(i)):
                kept[name] = _whole(r.value(i), r.exponent(i))
    special = {"p1": _p1, "kwh": _kwh, "current": _current}
    for pair in context.settings["domoticz_idx"].split(","):
        name, _, number = pair.partition("=")
        name = name.strip()
        if name == "quality":
            # The newest is in force: it is said when it differs.
            payload = b'{"idx":%d,"nvalue":%d,"svalue":"%s"}' % (
                int(number),
                _ORANGE if r.flags else _GREEN,
                entries.flag_text(r.flags),
            )
            yield b"domoticz/in", payload, MARK
            continue
        if name in special:
            text = special[name](r, now, kept)
        else:
            text = r.decimal(now[name]) if name in now else None
        if text:
            payload = '{"idx":%d,"nvalue":0,"svalue":"%s"}' % (int(number), text)
            yield b"domoticz/in", payload.encode(), DOCUMENT


def device(context):
    """One message for each device that shows something of ours: once a minute."""
    status = context.status
    known = {"rssi": status.rssi}
    millivolts = getattr(status, "supply_mv", None)
    if millivolts:
        known["supply"] = "%d.%03d" % divmod(millivolts, 1000)
    degrees = getattr(status, "temperatures", None) or {}
    for name in degrees:
        known["temperature_" + name] = degrees[name]
    for pair in context.settings["domoticz_idx"].split(","):
        name, _, number = pair.partition("=")
        text = known.get(name.strip())
        if text is not None:
            payload = '{"idx":%d,"nvalue":0,"svalue":"%s"}' % (int(number), text)
            yield b"domoticz/in", payload.encode(), DOCUMENT


def _p1(r, now, kept):
    # With no total known yet a zero would stand in Domoticz's statistics for ever.
    known = "active_energy_import" in kept or "active_energy_import_t1" in kept
    if not known or "active_power_import" not in now:
        return None
    values = []
    for total in ("active_energy_import", "active_energy_export"):
        if total + "_t1" in kept:
            values += kept[total + "_t1"], kept.get(total + "_t2", 0)
        else:
            values += kept.get(total, 0), 0
    values += _watts(r, now, "active_power_import"), _watts(r, now, "active_power_export")
    return ";".join(str(v) for v in values)


def _kwh(r, now, kept):
    if "active_power_import" not in now or "active_energy_import" not in kept:
        return None
    return "%d;%d" % (_watts(r, now, "active_power_import"), kept["active_energy_import"])


def _current(r, now, kept):
    if "current_l1" not in now:
        return None
    phases = ["current_l%d" % n for n in (1, 2, 3)]
    return ";".join(r.decimal(now[p]) if p in now else "0" for p in phases)


def _watts(r, now, name):
    return _whole(r.value(now[name]), r.exponent(now[name])) if name in now else 0


def _whole(mantissa, exponent):
    return mantissa * 10**exponent if exponent >= 0 else mantissa // 10**-exponent
