"""GET /api and /api/v1/data: what a HomeWizard P1 meter answers by its public documentation (v1).

So what reads such a meter reads this one: Home Assistant's integration, evcc, energy managers. Its
words are kept, "montly" too. Energies are kWh, the digits the meter's; what the meter does not say
is not there. unique_id, the meter's number, only if the settings let it out.
"""

import json
from binascii import hexlify

import machine

from meterwire import UNSURE
from meterwire.reading import shelf

from .. import let_go
from ..formats import entries

# our name, theirs, what they put behind phase and tariff, the power of ten between the units
_NAMES = const("""
active_energy_import total_power_import _kwh 3
active_energy_export total_power_export _kwh 3
voltage active_voltage _v 0
current active_current _a 0
frequency active_frequency _hz 0
tariff active_tariff - 0
voltage_sags voltage_sag _count 0
voltage_swells voltage_swell _count 0
power_failures any_power_fail_count - 0
long_power_failures long_power_fail_count - 0
active_power_average active_power_average_w - 0
active_power_peak montly_power_peak_w - 0
""")
_PRODUCT = const('{"product_type":"HWE-P1","product_name":"P1 meter","serial":"%s",')
_VERSIONS = const('"firmware_version":"4.19","api_version":"v1"}')
_MILLI = const(-3)


async def answer(api, c):
    """The answer to GET /api or /api/v1/data."""
    # Here: this module stays, and would keep that one when the pages are let go.
    from ..web.api import answer as said
    from ..web.api import static

    if not api.latest:
        return static("")
    if c.path == "/api":
        return said(_PRODUCT % number() + _VERSIONS)
    return said(data(api.latest, api.device))


def number():
    return hexlify(machine.unique_id()[:6]).decode()


def data(latest, device):
    """The newest values, piece by piece."""
    from ..formats import labels

    s, status = device.settings, device.status
    strength = max(0, min(100, 2 * (status.rssi + 100))) if status.rssi else 0
    _, (_, kind), (_, meter) = entries.about(latest, s)
    yield '{"wifi_ssid":%s,"wifi_strength":%d,"smr_version":50,"meter_model":%s' % (
        json.dumps(s["wifi_ssid"]),
        strength,
        json.dumps(kind),
    )
    if meter:
        yield ',"unique_id":"%s"' % hexlify(meter.encode()).decode()
    kept = shelf(latest.rows, latest.count)
    found = {}
    gas = None
    others = []
    for i in range(len(kept)):
        name = entries.name(kept, i).decode()
        if kept.flag(i) & UNSURE:
            continue
        found[name] = i
        stem, suffix = name, ""
        while stem[-1:].isdigit() and stem[-3:-1] in ("_l", "_t"):
            suffix = stem[-3:] + suffix
            stem = stem[:-3]
        row = _NAMES.find("\n%s " % stem)
        if row >= 0:
            _, theirs, behind, exponent = _NAMES[row + 1 : _NAMES.find("\n", row + 1)].split(" ")
            behind = "" if behind == "-" else behind
            yield ',"%s":%s' % (theirs + suffix + behind, shifted(kept, i, int(exponent)))
        elif name[:5] == "meter" and name[7:] in ("volume", "volume_uncorrected", "energy"):
            medium = labels.medium(kept, i) or "water"
            if medium[:3] == "gas" and gas is None:
                gas = i
            others.append((name[5], medium.split(" ")[0], i))
    for suffix in ("", "_l1", "_l2", "_l3"):
        power = net(kept, found, suffix)
        if power is not None:
            yield ',"active_power%s_w":%s' % (suffix, power)
    stamp = latest.time and "".join([d for d in latest.time[2:19] if d.isdigit()])
    if stamp:
        if gas is not None:
            yield ',"total_gas_m3":%s,"gas_timestamp":%s' % (kept.decimal(gas), stamp)
        start = ',"external":['
        for channel, medium, i in others:
            yield (
                '%s{"unique_id":"%s%s","type":"%s_meter","timestamp":%s,"value":%s,"unit":"%s"}'
                % (
                    start,
                    number(),
                    hexlify(channel.encode()).decode(),
                    medium,
                    stamp,
                    shifted(kept, i, 3 if kept.unit(i) == "Wh" else 0),
                    {"m3": "m3", "Wh": "kWh"}.get(kept.unit(i), kept.unit(i)),
                )
            )
            start = ","
        if others:
            yield "]"
    yield "}"
    del labels
    let_go("kwhisper.formats.labels")


def shifted(kept, i, exponent):
    """The number in a unit that is so many powers of ten larger."""
    return entries.decimal(kept.value(i), kept.exponent(i) - exponent).decode()


def net(kept, found, suffix):
    """Power import less export, of a phase or of all, or None."""
    i = found.get("active_power_net" + suffix)
    if i is not None:
        return kept.decimal(i)
    i = found.get("active_power_import" + suffix)
    if i is None:
        return None
    k = found.get("active_power_export" + suffix)
    if k is None:
        return kept.decimal(i)
    # Watts; where the meter says less than one, thousandths of them.
    exponent = min(kept.exponent(i), kept.exponent(k), 0)
    if exponent < _MILLI:
        return None
    difference = kept.scaled(i, exponent) - kept.scaled(k, exponent)
    return entries.decimal(difference, exponent).decode()
