"""Stand-in for meterwire.obis."""

_T = {
    0x010700: ("active_power_import", "Power", "W", "power", "measurement"),
    0x020700: ("active_power_export", "Power export", "W", "power", "measurement"),
    0x030700: ("reactive_power_import", "Reactive", "var", "reactive_power", "measurement"),
    0x040700: ("reactive_power_export", "Reactive exp", "var", "reactive_power", "measurement"),
    0x1F0700: ("current_l1", "Current L1", "A", "current", "measurement"),
    0x330700: ("current_l2", "Current L2", "A", "current", "measurement"),
    0x470700: ("current_l3", "Current L3", "A", "current", "measurement"),
    0x200700: ("voltage_l1", "Voltage L1", "V", "voltage", "measurement"),
    0x340700: ("voltage_l2", "Voltage L2", "V", "voltage", "measurement"),
    0x480700: ("voltage_l3", "Voltage L3", "V", "voltage", "measurement"),
    0x010800: ("active_energy_import", "Energy", "Wh", "energy", "total_increasing"),
    0x020800: ("active_energy_export", "Energy exp", "Wh", "energy", "total_increasing"),
    0x030800: ("reactive_energy_import", "Re imp", "varh", None, "total_increasing"),
    0x040800: ("reactive_energy_export", "Re exp", "varh", None, "total_increasing"),
}


def row(key):
    return _T.get(key)


def name(key):
    r = _T.get(key)
    return r[0] if r else None


def is_total(key):
    return (key >> 8) & 255 == 8
