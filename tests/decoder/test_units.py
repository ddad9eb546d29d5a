"""Units of text telegrams: one that is missing or is not the code's is marked, not believed."""

from random import Random

import pytest
from decoder import made

from meterwire import UNSURE, obis


def test_a_unit_with_blanks_around_it_is_read():
    for form in ("1.500*kWh ", "1.500* kWh", "1.500 *kWh", "1.500*kWh  ", "0001.500*kWh"):
        found = made.reading(made.telegraph(f"1-0:15.8.0({form})", "1-0:1.7.0(01.604*kW)"))
        assert made.values(found)["1-0:15.8.0"] == ("1500", "Wh"), form
        assert made.values(found)["1-0:1.7.0"] == ("1604", "W"), form


@pytest.mark.parametrize("code", ["4.7.0", "1.7.0", "1.8.0", "32.7.0", "31.7.0", "2.8.1"])
def test_a_value_whose_unit_is_missing_is_marked(code):
    found = made.reading(made.telegraph(f"1-0:{code}(00.007)", "1-0:2.7.0(01.604*kW)"))
    assert made.values(found)[f"1-0:{code}"] == ("0.007", "")
    assert f"1-0:{code}" in made.flagged(found, "unsure")
    assert "1-0:2.7.0" not in made.flagged(found, "unsure")


def test_codes_that_have_no_unit_need_none():
    lines = ("1-0:13.7.0(0.999)", "1-0:33.7.0(-1.000)", "0-0:96.7.21(00004)", "1-0:32.32.0(00000)")
    found = made.reading(made.telegraph(*lines, "0-0:96.14.0(0001)"))
    assert made.flagged(found, "unsure") == []
    assert made.values(found)["1-0:33.7.0"] == ("-1.000", "")


@pytest.mark.parametrize("unit", ["V", "kWh", "x", "m3", "kvar", "A", "s"])
def test_a_unit_that_is_not_the_code_s_is_marked(unit):
    found = made.reading(made.telegraph(f"1-0:1.7.0(01.604*{unit})"))
    assert made.flagged(found, "unsure") == ["1-0:1.7.0"]
    rows = made.pushed(made.triple("1-0:32.7.0", 2300, -1, "A"))
    assert made.flagged(made.reading(rows), "unsure") == ["1-0:32.7.0"]


def test_a_doubtful_power_has_no_part_in_sums():
    lines = ("1-0:1.7.0(01.604*kvar)", "1-0:2.7.0(00.000*kW)")
    assert "1-0:16.7.0" not in made.values(made.reading(made.telegraph(*lines)))


@pytest.mark.parametrize("seed", range(60))
def test_a_unit_chosen_at_random_is_right_or_marked(seed):
    dice = Random(seed)
    base = dice.choice([row for row in obis.rows() if row[2] and row[2] != "m3"])
    key, _, right = base
    unit = dice.choice(
        ("", "W", "kW", "Wh", "kWh", "MWh", "V", "A", "var", "kvarh", "VA", "Hz", "s")
    )
    code = f"1-0:{obis.code(key)}"
    star = f"*{unit}" if unit else ""
    found = made.reading(made.telegraph(f"{code}(00123.4{star})", "0-0:96.14.0(0001)"))
    at = found.find(key >> 16, key >> 8 & 255, key & 255)
    if found.unit(at) != right and key >> 8 & 255 in (7, 8):
        assert found.flag(at) & UNSURE, (code, unit)


# ---- sub-meters

HEAT = "0-1:24.2.1(260120115500W)(024.086*GJ)"


def test_the_device_type_tells_what_a_sub_meter_measures():
    lines = ("0-1:24.1.0(003)", "0-1:24.2.1(260120115500W)(00872.234*m3)", "0-2:24.1.0(012)")
    found = made.reading(made.telegraph(*lines, HEAT.replace("0-1", "0-2")))
    assert [obis.medium(found.device(n)) for n in (1, 2, 3)] == ["gas", "heat", None]
    names = {
        obis.name(found.key(i), found.ab(i), found.unit(i))
        for i in range(len(found))
        if found.entry(i) == 0 and found.key(i) == 0x180201
    }
    assert names == {"meter1_volume", "meter2_energy"}


def test_heat_in_gigajoules_is_not_a_volume():
    found = made.reading(made.telegraph("0-1:24.1.0(012)", HEAT))
    assert made.values(found)["0-1:24.2.1"] == ("24086000000", "J")
    assert made.flagged(found, "unsure") == []


def test_a_sub_meter_s_register_without_a_unit_is_marked():
    found = made.reading(made.telegraph("0-1:24.2.1(260120115500W)(024.086)"))
    assert set(made.flagged(found, "unsure")) == {"0-1:24.2.1"}
    found = made.reading(made.telegraph("0-1:24.2.1(260120115500W)(024.086*kW)"))
    assert set(made.flagged(found, "unsure")) == {"0-1:24.2.1"}


@pytest.mark.parametrize("text", [" 00.123*kW", "+00.123*kW", " +00.123 * kW ", "00.123*kW"])
def test_blanks_and_a_plus_before_a_number_say_nothing(text):
    found = made.reading(made.telegraph(f"1-0:1.7.0({text})"))
    assert made.values(found) == {"1-0:1.7.0": ("123", "W")}
    assert made.flagged(found, "unsure") == []


@pytest.mark.parametrize(
    "text", ["00,123*kW", "ERROR", "- 0.1*kW", "1e3*W", "12345678901234567890*W"]
)
def test_a_quantity_that_is_no_number_is_in_doubt(text):
    """It has a named topic, which promises a number: JSON and the page show it."""
    found = made.reading(made.telegraph(f"1-0:1.7.0({text})", "1-0:2.7.0(0*kW)"))
    assert made.texts(found)["1-0:1.7.0"] == text
    assert made.flagged(found, "unsure") == ["1-0:1.7.0"]


def test_a_voltage_below_zero_cannot_be():
    found = made.reading(made.telegraph("1-0:32.7.0(-230.1*V)", "1-0:31.7.0(-001.2*A)"))
    assert made.flagged(found, "unsure") == ["1-0:32.7.0"], "currents have signs: Aidon"
