"""The OBIS codes of a household meter: a name and a unit each.

Codes and meanings follow IEC 62056-61 and the DSMR companion standard. A key is C << 16 | D << 8 |
E, ab is A << 8 | B. The table is a text: on a chip a dict of it would take four times the memory.
Look a code up once and keep what you need.
"""

# C.D.E name unit ("-": none), or C.D name unit and the value groups it stands for: 0 the sum,
# 1 2 3 the phases (C 21-40, 41-60 and 61-80 repeat C 1-20), t the tariffs (E 1-4).
_TABLE = """
1.7 active_power_import W 0123
2.7 active_power_export W 0123
16.7 active_power_net W 0123
3.7 reactive_power_import var 0123
4.7 reactive_power_export var 0123
5.7 reactive_power_q1 var 0
6.7 reactive_power_q2 var 0
7.7 reactive_power_q3 var 0
8.7 reactive_power_q4 var 0
9.7 apparent_power_import VA 0123
10.7 apparent_power_export VA 0123
13.7 power_factor - 0123
14.7 frequency Hz 0
11.7 current A 123
12.7 voltage V 123
91.7.0 current_n A
1.8 active_energy_import Wh 0123t
2.8 active_energy_export Wh 0123t
3.8 reactive_energy_import varh 0t
4.8 reactive_energy_export varh 0t
5.8 reactive_energy_q1 varh 0
6.8 reactive_energy_q2 varh 0
7.8 reactive_energy_q3 varh 0
8.8 reactive_energy_q4 varh 0
1.4.0 active_power_average W
1.6.0 active_power_peak W
17.0.0 power_limit -
96.14.0 tariff -
96.3.10 breaker -
96.7.21 power_failures -
96.7.9 long_power_failures -
12.32 voltage_sags - 123
12.36 voltage_swells - 123
24.1.0 device_type -
24.2.1 volume m3
24.2.3 volume_uncorrected m3
24.3.0 volume m3
24.4.0 valve -
1.0.0 clock -
96.1.0 meter_id -
96.1.1 equipment_id -
96.1.7 meter_type -
0.2.129 list_id -
42.0.0 device_name -
96.13.0 message -
96.13.1 message_code -
"""

# device types of sub-meters (EN 13757-3, medium; DSMR's 24.1.0)
_MEDIA = (
    " 2 electricity 3 gas 4 heat 6 water 7 water 10 cooling 11 cooling 12 heat 13 heat 15 water "
    "16 water 21 water "
)


def code(key):
    """A key as text: "1.7.0"."""
    return "%d.%d.%d" % (key >> 16, key >> 8 & 255, key & 255)


def _row(key):
    """[name, unit] of a key, or None."""
    at = _TABLE.find("\n" + code(key) + " ")
    if at >= 0:
        return _TABLE[at + 1 : _TABLE.find("\n", at + 1)].split(" ")[1:]
    c = key >> 16
    e = key & 255
    phase = (c - 1) // 20
    at = _TABLE.find("\n%d.%d " % ((c - 1) % 20 + 1, key >> 8 & 255))
    if at < 0 or not 0 <= phase < 4 or e > 4:
        return None
    _, name, unit, groups = _TABLE[at + 1 : _TABLE.find("\n", at + 1)].split(" ")
    if str(phase) not in groups or e and "t" not in groups:
        return None
    if phase:
        name += "_l%d" % phase
    if e:
        name += "_t%d" % e
    return [name, unit]


def name(key, ab=0x100, unit=""):
    """The topic name of a code ("active_power_import"), or None for an unknown one.

    What a sub-meter on channel 1 says is named meter1_…; the unit that it states tells a heat
    meter's energy (J, Wh) from a volume.
    """
    found = _row(key)
    if found is None:
        return None
    text = found[0]
    if unit in ("J", "Wh") and text[:6] == "volume":
        text = "energy"
    if ab < 0x100 and ab:
        return "meter%d_%s" % (ab & 255, text)
    return text


def unit(key):
    """The base unit that a code has (W, Wh, V, m3 …), or None."""
    found = _row(key)
    return None if found is None or found[1] == "-" else found[1]


def is_total(key):
    """True for registers that only rise: energies and volumes."""
    return key >> 8 & 255 == 8 or key in (0x180201, 0x180203, 0x180300)


def medium(device_type):
    """What a sub-meter measures, by its device type (24.1.0): gas, water, heat, cooling or
    electricity; None for another."""
    at = _MEDIA.find(" %d " % device_type)
    return _MEDIA[at + 1 :].split(" ", 2)[1] if at >= 0 else None


def rows():
    """All codes that have a name, as (key, name, unit or None)."""
    for line in _TABLE.strip().split("\n"):
        parts = line.split(" ")[0].split(".")
        c = int(parts[0])
        d = int(parts[1])
        keys = [c << 16 | d << 8 | int(parts[-1])]
        if len(parts) == 2:
            keys = [c + 20 * phase << 16 | d << 8 | e for phase in range(4) for e in range(5)]
        for key in keys:
            found = _row(key)
            if found:
                yield key, found[0], None if found[1] == "-" else found[1]
