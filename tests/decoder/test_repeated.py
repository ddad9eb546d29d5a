"""A code that comes twice: the first stays, or the newest; never two of one in a Reading."""

import pytest
from decoder import made

from meterwire import Decoder


def codes(found):
    return [(found.obis(i), found.entry(i)) for i in range(len(found))]


HOLLEY = (
    "1-0:1.8.0(00003668.743*kWh)",
    "1-0:2.8.0(00003468.951*kWh)",
    "1-0:1.7.0(0001.200*kW)",
)
LAST_MONTH = (
    "0-0:1.0.0(220201000000W)",
    "1-0:1.8.0(00003600.000*kWh)",
    "1-0:2.8.0(00003400.000*kWh)",
)


def test_what_stands_in_an_open_group_was_said_before():
    """Holley HLY5, Hungary: last month's registers within 0-0:98.1.0."""
    for opening in (("0-0:98.1.0", "("), ("0-0:98.1.0(",), ("(",)):
        lines = ("0-0:1.0.0(220203113815W)", *HOLLEY, *opening, *LAST_MONTH, ")")
        found = made.reading(made.telegraph(*lines, "1-0:2.7.0(0000.000*kW)"))
        says = made.values(found)
        assert says["1-0:1.8.0"] == ("3668743", "Wh"), opening
        assert says["1-0:2.8.0"] == ("3468951", "Wh"), opening
        assert says["1-0:2.7.0"] == ("0", "W"), "what comes behind the group is read"
        assert found.time == "2022-02-03T11:38:15+01:00", opening


def test_the_registers_of_an_open_group_do_not_stay_away_where_it_stands_first():
    lines = ("0-0:98.1.0", "(", *LAST_MONTH, ")", *HOLLEY)
    assert made.values(made.reading(made.telegraph(*lines)))["1-0:1.8.0"] == ("3668743", "Wh")


def test_an_open_bracket_that_nothing_closes_takes_its_own_line_only():
    found = made.reading(made.telegraph("1-0:1.7.0(", *HOLLEY[:2]))
    assert made.values(found)["1-0:1.8.0"] == ("3668743", "Wh")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_of_a_repeated_reading_with_times_the_newest_stays(order):
    """ACE4000: a ring of 24 hourly gas readings under one code, the newest anywhere in it."""
    ring = (
        "7-0:23.1.0*255(01238.740*m3)(18-12-31 23:00:00)",
        "7-0:23.1.0*255(01240.690*m3)(19-01-01 13:00:00)",
        "7-0:23.1.0*255(01237.560*m3)(18-12-31 14:00:00)",
    )
    found = made.reading(made.telegraph(*(ring[n] for n in order), HOLLEY[0]))
    assert made.values(found)["7-0:23.1.0"] == ("1240.690", "m3")
    assert made.texts(found)["7-0:23.1.0"] == "2019-01-01T13:00:00"
    assert codes(found).count(("7-0:23.1.0", 0)) == codes(found).count(("7-0:23.1.0", 2)) == 1
    assert made.values(found)["1-0:1.8.0"] == ("3668743", "Wh")


def test_without_times_the_first_stays_in_every_kind_of_list():
    twice = (HOLLEY[0], "1-0:1.8.0(00001111.000*kWh)")
    assert made.values(made.reading(made.telegraph(*twice))) == {"1-0:1.8.0": ("3668743", "Wh")}
    rows = [made.triple("1-0:1.8.0", value, 0, "Wh") for value in (3668743, 1111)]
    assert made.values(made.reading(made.pushed(*rows))) == {"1-0:1.8.0": ("3668743", "Wh")}
    pairs = [made.named("1-1:1.7.0", value) for value in (500, 600)]
    found = made.reading(made.bare("Kamstrup_V0001", *pairs))
    assert made.values(found) == {"1-1:1.7.0": ("500", "W")}


def test_codes_that_differ_in_any_part_are_not_the_same():
    lines = [
        f"{a}-{b}:24.2.{e}(0001{a}.{b}{e}0*m3)" for a in (0, 1) for b in (1, 2) for e in (1, 3)
    ]
    assert len(made.values(made.reading(made.telegraph(*lines)))) == 8


@pytest.mark.parametrize("seed", range(40))
def test_a_line_repeated_at_random_changes_nothing(seed):
    """Which line, where, and with what value: what was said first is what is read."""
    from random import Random

    dice = Random(seed)
    lines = [f"1-0:{c}.{d}.0({100 + c}.{d:03}*kWh)" for c in (1, 2, 21, 22) for d in (8, 9)]
    lines += ["0-1:24.2.1(260120115500W)(00872.234*m3)", "0-0:96.14.0(0001)"]
    right = made.reading(made.telegraph(*lines))
    at = dice.randrange(len(lines))
    again = lines[at] if "24.2.1" in lines[at] else lines[at].replace("(1", "(9")
    where = dice.randrange(at + 1, len(lines) + 1)
    found = made.reading(made.telegraph(*lines[:where], again, *lines[where:]))
    assert made.values(found) == made.values(right)
    assert made.texts(found) == made.texts(right)
    assert len(found) == len(right)


def test_many_codes_that_come_twice_in_one_long_list():
    lines = [f"1-0:{c}.8.{e}({c}{e}.000*kWh)" for c in range(1, 9) for e in range(5)]
    found = made.reading(made.telegraph(*lines, *reversed(lines)), decoder=Decoder(8192, rows=120))
    assert len(found) == 40 == len(set(codes(found)))


def test_a_log_that_is_not_closed_on_its_line_runs_to_its_bracket():
    opened = ("0-0:98.1.0(230801000000S", "1-0:1.8.0(000100.000*kWh)", ")")
    now = ("1-0:1.8.0(000123.456*kWh)", "1-0:1.7.0(00.1*kW)")
    right = {"1-0:1.8.0": ("123456", "Wh"), "1-0:1.7.0": ("100", "W")}
    for lines in ((*opened, *now), (*now, *opened)):
        assert made.values(made.reading(made.telegraph(*lines))) == right
