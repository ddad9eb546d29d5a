"""The OBIS codes of a household meter: one row each with name, unit, classes and label.

Codes and meanings follow IEC 62056-61 and the DSMR companion standard. The table is one text, so
that on a chip it stays in flash; look a code up once and keep what you need.
"""

# C.D.E name unit Home-Assistant-device-class Home-Assistant-state-class label ("-": none)
_TABLE = """
1.7.0 active_power_import W power measurement Power import
2.7.0 active_power_export W power measurement Power export
16.7.0 active_power_net W power measurement Power net
3.7.0 reactive_power_import var reactive_power measurement Reactive power import
4.7.0 reactive_power_export var reactive_power measurement Reactive power export
9.7.0 apparent_power_import VA apparent_power measurement Apparent power import
10.7.0 apparent_power_export VA apparent_power measurement Apparent power export
13.7.0 power_factor - power_factor measurement Power factor
14.7.0 frequency Hz frequency measurement Frequency
31.7.0 current_l1 A current measurement Current L1
51.7.0 current_l2 A current measurement Current L2
71.7.0 current_l3 A current measurement Current L3
91.7.0 current_n A current measurement Current N
32.7.0 voltage_l1 V voltage measurement Voltage L1
52.7.0 voltage_l2 V voltage measurement Voltage L2
72.7.0 voltage_l3 V voltage measurement Voltage L3
21.7.0 active_power_import_l1 W power measurement Power import L1
41.7.0 active_power_import_l2 W power measurement Power import L2
61.7.0 active_power_import_l3 W power measurement Power import L3
22.7.0 active_power_export_l1 W power measurement Power export L1
42.7.0 active_power_export_l2 W power measurement Power export L2
62.7.0 active_power_export_l3 W power measurement Power export L3
36.7.0 active_power_net_l1 W power measurement Power net L1
56.7.0 active_power_net_l2 W power measurement Power net L2
76.7.0 active_power_net_l3 W power measurement Power net L3
23.7.0 reactive_power_import_l1 var reactive_power measurement Reactive power import L1
43.7.0 reactive_power_import_l2 var reactive_power measurement Reactive power import L2
63.7.0 reactive_power_import_l3 var reactive_power measurement Reactive power import L3
24.7.0 reactive_power_export_l1 var reactive_power measurement Reactive power export L1
44.7.0 reactive_power_export_l2 var reactive_power measurement Reactive power export L2
64.7.0 reactive_power_export_l3 var reactive_power measurement Reactive power export L3
33.7.0 power_factor_l1 - power_factor measurement Power factor L1
53.7.0 power_factor_l2 - power_factor measurement Power factor L2
73.7.0 power_factor_l3 - power_factor measurement Power factor L3
1.8.0 active_energy_import Wh energy total_increasing Energy import
1.8.1 active_energy_import_t1 Wh energy total_increasing Energy import tariff 1
1.8.2 active_energy_import_t2 Wh energy total_increasing Energy import tariff 2
1.8.3 active_energy_import_t3 Wh energy total_increasing Energy import tariff 3
1.8.4 active_energy_import_t4 Wh energy total_increasing Energy import tariff 4
2.8.0 active_energy_export Wh energy total_increasing Energy export
2.8.1 active_energy_export_t1 Wh energy total_increasing Energy export tariff 1
2.8.2 active_energy_export_t2 Wh energy total_increasing Energy export tariff 2
2.8.3 active_energy_export_t3 Wh energy total_increasing Energy export tariff 3
2.8.4 active_energy_export_t4 Wh energy total_increasing Energy export tariff 4
3.8.0 reactive_energy_import varh - total_increasing Reactive energy import
4.8.0 reactive_energy_export varh - total_increasing Reactive energy export
5.8.0 reactive_energy_q1 varh - total_increasing Reactive energy quadrant 1
6.8.0 reactive_energy_q2 varh - total_increasing Reactive energy quadrant 2
7.8.0 reactive_energy_q3 varh - total_increasing Reactive energy quadrant 3
8.8.0 reactive_energy_q4 varh - total_increasing Reactive energy quadrant 4
21.8.0 active_energy_import_l1 Wh energy total_increasing Energy import L1
41.8.0 active_energy_import_l2 Wh energy total_increasing Energy import L2
61.8.0 active_energy_import_l3 Wh energy total_increasing Energy import L3
22.8.0 active_energy_export_l1 Wh energy total_increasing Energy export L1
42.8.0 active_energy_export_l2 Wh energy total_increasing Energy export L2
62.8.0 active_energy_export_l3 Wh energy total_increasing Energy export L3
1.4.0 active_power_average W power measurement Power average of this period
1.6.0 active_power_peak W power measurement Highest average power this month
17.0.0 power_limit - - - Limit
96.14.0 tariff - - - Tariff
96.3.10 breaker - - - Breaker
96.7.21 power_failures - - total_increasing Power failures
96.7.9 long_power_failures - - total_increasing Long power failures
32.32.0 voltage_sags_l1 - - total_increasing Voltage sags L1
52.32.0 voltage_sags_l2 - - total_increasing Voltage sags L2
72.32.0 voltage_sags_l3 - - total_increasing Voltage sags L3
32.36.0 voltage_swells_l1 - - total_increasing Voltage swells L1
52.36.0 voltage_swells_l2 - - total_increasing Voltage swells L2
72.36.0 voltage_swells_l3 - - total_increasing Voltage swells L3
24.1.0 device_type - - - Device type
24.2.1 volume m3 - total_increasing Volume
24.2.3 volume_uncorrected m3 - total_increasing Volume not corrected
24.3.0 volume m3 gas total_increasing Volume
24.4.0 valve - - - Valve
1.0.0 clock - timestamp - Clock
96.1.0 meter_id - - - Meter number
96.1.1 equipment_id - - - Equipment number
96.1.7 meter_type - - - Meter type
0.2.129 list_id - - - List
42.0.0 device_name - - - Logical device name
96.13.0 message - - - Message
96.13.1 message_code - - - Message code
"""


def code(key):
    """A key, C << 16 | D << 8 | E, as text: "1.7.0"."""
    return "%d.%d.%d" % (key >> 16, key >> 8 & 255, key & 255)


def row(key):
    """(name, label, unit, Home Assistant device class, state class) of a code, or None.

    Unit and classes are None where there are none.
    """
    at = _TABLE.find("\n" + code(key) + " ")
    if at < 0:
        return None
    line = _TABLE[at + 1 : _TABLE.find("\n", at + 1)].split(" ", 5)
    unit, device, state = (None if part == "-" else part for part in line[2:5])
    return line[1], line[5], unit, device, state


def name(key, ab=0x100):
    """The topic name of a code ("active_power_import"), or None for an unknown one.

    ab is A << 8 | B of the entry: what a sub-meter on channel 1 says is named meter1_….
    """
    found = row(key)
    if found is None:
        return None
    if ab < 0x100 and ab:
        return "meter%d_%s" % (ab & 255, found[0])
    return found[0]


def unit(key):
    """The unit of a code, or None for one that has none or is not known."""
    found = row(key)
    return found and found[2]


def is_total(key):
    """True for registers that only rise: energies and volumes."""
    return key >> 8 & 255 == 8 or key in (0x180201, 0x180203, 0x180300)


def rows():
    """All codes of the table, as (key, row)."""
    for line in _TABLE.strip().split("\n"):
        c, d, e = (int(part) for part in line.split(" ", 1)[0].split("."))
        key = c << 16 | d << 8 | e
        yield key, row(key)
