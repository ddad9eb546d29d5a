"""The codes of a household meter: names, units, media. Names are topics: none may change."""

import pytest

from meterwire import obis

# As people have them in their homes: code, topic name, unit.
TODAY = """
1.7.0 active_power_import W
2.7.0 active_power_export W
16.7.0 active_power_net W
3.7.0 reactive_power_import var
4.7.0 reactive_power_export var
9.7.0 apparent_power_import VA
10.7.0 apparent_power_export VA
13.7.0 power_factor -
14.7.0 frequency Hz
31.7.0 current_l1 A
51.7.0 current_l2 A
71.7.0 current_l3 A
91.7.0 current_n A
32.7.0 voltage_l1 V
52.7.0 voltage_l2 V
72.7.0 voltage_l3 V
21.7.0 active_power_import_l1 W
41.7.0 active_power_import_l2 W
61.7.0 active_power_import_l3 W
22.7.0 active_power_export_l1 W
42.7.0 active_power_export_l2 W
62.7.0 active_power_export_l3 W
36.7.0 active_power_net_l1 W
56.7.0 active_power_net_l2 W
76.7.0 active_power_net_l3 W
23.7.0 reactive_power_import_l1 var
43.7.0 reactive_power_import_l2 var
63.7.0 reactive_power_import_l3 var
24.7.0 reactive_power_export_l1 var
44.7.0 reactive_power_export_l2 var
64.7.0 reactive_power_export_l3 var
33.7.0 power_factor_l1 -
53.7.0 power_factor_l2 -
73.7.0 power_factor_l3 -
1.8.0 active_energy_import Wh
1.8.1 active_energy_import_t1 Wh
1.8.2 active_energy_import_t2 Wh
1.8.3 active_energy_import_t3 Wh
1.8.4 active_energy_import_t4 Wh
2.8.0 active_energy_export Wh
2.8.1 active_energy_export_t1 Wh
2.8.2 active_energy_export_t2 Wh
2.8.3 active_energy_export_t3 Wh
2.8.4 active_energy_export_t4 Wh
3.8.0 reactive_energy_import varh
4.8.0 reactive_energy_export varh
5.8.0 reactive_energy_q1 varh
6.8.0 reactive_energy_q2 varh
7.8.0 reactive_energy_q3 varh
8.8.0 reactive_energy_q4 varh
21.8.0 active_energy_import_l1 Wh
41.8.0 active_energy_import_l2 Wh
61.8.0 active_energy_import_l3 Wh
22.8.0 active_energy_export_l1 Wh
42.8.0 active_energy_export_l2 Wh
62.8.0 active_energy_export_l3 Wh
1.4.0 active_power_average W
1.6.0 active_power_peak W
17.0.0 power_limit -
96.14.0 tariff -
96.3.10 breaker -
96.7.21 power_failures -
96.7.9 long_power_failures -
32.32.0 voltage_sags_l1 -
52.32.0 voltage_sags_l2 -
72.32.0 voltage_sags_l3 -
32.36.0 voltage_swells_l1 -
52.36.0 voltage_swells_l2 -
72.36.0 voltage_swells_l3 -
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
ROWS = [line.split() for line in TODAY.strip().split("\n")]


def key(code):
    c, d, e = (int(part) for part in code.split("."))
    return c << 16 | d << 8 | e


@pytest.mark.parametrize("code,name,unit", ROWS)
def test_a_name_that_is_in_use_stays_as_it_is(code, name, unit):
    assert obis.name(key(code)) == name
    assert obis.unit(key(code)) == (None if unit == "-" else unit)


def test_the_table_gives_every_code_once_with_the_name_and_unit_that_it_finds():
    rows = list(obis.rows())
    assert len(rows) >= len(ROWS) > 70
    assert len({k for k, _, _ in rows}) == len(rows)
    for k, name, unit in rows:
        assert (obis.name(k), obis.unit(k)) == (name, unit)
        assert name.isidentifier() and name == name.lower()
        assert unit in (None, "W", "var", "VA", "V", "A", "Hz", "Wh", "varh", "m3")
        assert obis.is_total(k) == (unit in ("Wh", "varh", "m3"))
    assert {k for k, _, _ in rows} >= {key(code) for code, _, _ in ROWS}


def test_a_name_stands_for_one_code():
    names = [name for _, name, _ in obis.rows()]
    assert sorted({n for n in names if names.count(n) > 1}) == ["volume"]


@pytest.mark.parametrize("code", ["99.99.99", "81.7.0", "101.7.0", "1.8.5", "14.7.1", "11.7.0",
                                  "34.7.0", "25.8.0", "0.0.0"])  # fmt: skip
def test_a_code_that_is_not_in_the_table_has_no_name(code):
    assert obis.name(key(code)) is None
    assert obis.unit(key(code)) is None


def test_what_a_sub_meter_says_is_named_by_its_channel_and_unit():
    assert obis.name(0x180201, 0x001) == "meter1_volume"
    assert obis.name(0x180201, 0x002, "m3") == "meter2_volume"
    assert obis.name(0x180201, 0x001, "J") == "meter1_energy"
    assert obis.name(0x180201, 0x004, "Wh") == "meter4_energy"


@pytest.mark.parametrize("device,medium", [
    (2, "electricity"), (3, "gas"), (4, "heat"), (6, "water"), (7, "water"), (12, "heat"),
    (13, "heat"), (10, "cooling"), (0, None), (99, None), (1, None),
])  # fmt: skip
def test_the_device_type_tells_what_a_sub_meter_measures(device, medium):
    assert obis.medium(device) == medium
