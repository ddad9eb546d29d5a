"""What cannot be right is marked, not mended: voltages, currents against power, falling and stale
totals."""

from datetime import datetime

import pytest
from decoder import made

from kwhisper_tools.meters import axdr
from kwhisper_tools.meters.axdr import I16, U16
from kwhisper_tools.meters.date_time import cosem
from meterwire import Decoder


def power_list(power, amperes, volts=(2300, 2300, 2300), reactive=0, *more):
    """A list of triples: watts, tenths of an ampere and of a volt a phase."""
    rows = [made.triple("1-0:1.7.0", max(power, 0), 0, "W")]
    rows += [made.triple("1-0:2.7.0", max(-power, 0), 0, "W")]
    rows += [made.triple("1-0:3.7.0", reactive, 0, "var"), made.triple("1-0:4.7.0", 0, 0, "var")]
    for n, (ampere, volt) in enumerate(zip(amperes, volts, strict=True)):
        rows += [made.triple(f"1-0:{31 + 20 * n}.7.0", ampere, -1, "A", I16)]
        rows += [made.triple(f"1-0:{32 + 20 * n}.7.0", volt, -1, "V", U16)]
    return made.reading(made.pushed(*rows, *more))


CURRENTS = {"1-0:31.7.0", "1-0:51.7.0", "1-0:71.7.0"}


# ---- voltage


@pytest.mark.parametrize(
    ("tenths", "unsure"),
    [(2300, False), (800, False), (3000, False), (799, True), (3001, True), (23220, True),
     (234, True), (0, False), (1273, False)],
)  # fmt: skip
def test_a_voltage_outside_80_to_300_is_unsure_and_0_is_a_phase_that_is_not_there(tenths, unsure):
    found = made.reading(made.pushed(made.triple("1-0:32.7.0", tenths, -1, "V", U16)))
    assert bool(made.flagged(found, "unsure")) == unsure
    assert made.values(found)["1-0:32.7.0"][0] == f"{tenths / 10:.1f}", "marked, not mended"


@pytest.mark.parametrize("exponent", [-3, -2, 0])
def test_the_voltage_is_judged_in_whatever_scale_it_comes(exponent):
    for volts, unsure in ((230, False), (2322, True), (23, True)):
        raw = volts * 10**-exponent
        found = made.reading(made.pushed(made.triple("1-0:52.7.0", raw, exponent, "V")))
        assert bool(made.flagged(found, "unsure")) == unsure


# ---- U·I against P and Q


@pytest.mark.parametrize(
    ("power", "reactive", "amperes"),
    [
        (1604, 0, (23, 23, 24)),
        (0, 0, (0, 0, 0)),
        (5, 0, (1, 0, 0)),  # small currents have one digit only
        (60, 0, (5, 4, 4)),  # standby: much of it reactive, not told exactly
        (3000, 4000, (72, 72, 73)),
        (-4000, 0, (-58, -58, -58)),  # the sun shines; Aidon signs the current
        (16000, 0, (232, 232, 232)),
    ],
)
def test_currents_that_fit_the_power_are_sure(power, reactive, amperes):
    found = power_list(power, amperes, reactive=reactive)
    assert made.flagged(found, "unsure") == []


@pytest.mark.parametrize(
    ("power", "amperes"),
    [(1604, (230, 230, 240)), (16000, (23, 23, 24)), (62790, (9100, 9396, 9265))],
)
def test_currents_a_power_of_ten_off_are_unsure(power, amperes):
    found = power_list(power, amperes)
    assert set(made.flagged(found, "unsure")) == CURRENTS


def test_three_wire_meters_that_tell_two_currents_are_not_doubted():
    """IT grid: line voltages, no current of L2; U·I is not the power and may not be judged so."""
    rows = [
        made.triple("1-0:1.7.0", 3000, 0, "W"),
        made.triple("1-0:31.7.0", 75, -1, "A", I16),
        made.triple("1-0:71.7.0", 75, -1, "A", I16),
    ]
    rows += [made.triple(f"1-0:{c}.7.0", 2310, -1, "V", U16) for c in (32, 52, 72)]
    assert made.flagged(made.reading(made.pushed(*rows)), "unsure") == []


def test_a_list_with_the_sum_of_its_currents_only():
    """1-0:11.7.0 and 12.7.0 of one-phase meters belong to no phase."""
    rows = [
        made.triple("1-0:1.7.0", 1000, 0, "W"),
        made.triple("1-0:11.7.0", 44, -1, "A"),
        made.triple("1-0:12.7.0", 2300, -1, "V"),
    ]
    found = made.reading(made.pushed(*rows))
    assert made.values(found)["1-0:11.7.0"] == ("4.4", "A")
    assert found.list_id is None
    assert made.flagged(found, "unsure") == []


# ---- totals


def hourly(total, hour, minute=0, second=10, power=1000, day=20, code="1-0:1.8.0"):
    clock = axdr.octets(cosem(datetime(2026, 1, day, hour, minute, second), -60))
    return made.pushed(
        made.triple("1-0:1.7.0", power, 0, "W"),
        axdr.structure(axdr.name("0-0:1.0.0"), clock),
        made.triple(code, total, 0, "Wh"),
    )


def run(*lists):
    """(kind, flags of the list, codes unsure, codes stale) of each list, one decoder for all."""
    decoder = Decoder()
    found = []
    for data in lists:
        (reading,) = made.readings(data, decoder=decoder)
        found.append(
            (reading.kind, made.flagged(reading, "unsure"), made.flagged(reading, "stale"))
        )
    return found


def test_a_total_that_falls_is_unsure():
    said = run(hourly(1000, 10), hourly(1500, 11), hourly(1499, 12), hourly(1600, 13))
    assert [unsure for _, unsure, _ in said] == [[], [], ["1-0:1.8.0"], []]


def test_a_total_that_falls_across_a_byte_is_unsure_and_one_that_rises_across_it_is_not():
    said = run(hourly(0xFF, 10), hourly(0x100, 11), hourly(0x1FFFF, 12), hourly(0x20000, 13),
               hourly(0x1FFFF, 14))  # fmt: skip
    assert [bool(unsure) for _, unsure, _ in said] == [False, False, False, False, True]


def test_totals_of_different_codes_and_channels_do_not_mix():
    said = run(
        hourly(5000, 10),
        hourly(1000, 10, code="1-0:2.8.0"),
        hourly(900, 11, code="1-0:1.8.1"),
        hourly(800, 11, code="1-1:1.8.0"),
    )
    assert [unsure for _, unsure, _ in said] == [[], [], [], []]


def test_totals_are_hourly_only_at_their_hour_or_quarter():
    for minute, second, kind in ((0, 10, 3), (15, 0, 3), (30, 30, 3), (0, 31, 2), (7, 0, 2)):
        ((said, _, _),) = run(hourly(1000, 10, minute, second))
        assert said == kind, (minute, second)


def test_an_hour_list_sent_again_an_hour_later_is_stale():
    """Aidon: some firmware repeats the list of the hour before, clock and all."""
    said = run(hourly(1000, 10), hourly(1500, 11), hourly(1500, 11), hourly(2000, 13))
    assert [stale for _, _, stale in said] == [[], [], ["1-0:1.8.0"], []]


def test_a_total_that_stood_still_over_an_hour_of_drawing_power_is_stale():
    said = run(hourly(1000, 10), hourly(1000, 11), hourly(1700, 12))
    assert [stale for _, _, stale in said] == [[], ["1-0:1.8.0"], []]


def test_a_total_that_stood_still_while_nothing_was_drawn_is_good():
    said = run(hourly(1000, 10, power=0), hourly(1000, 11, power=0))
    assert [stale for _, _, stale in said] == [[], []]


def test_a_total_a_quarter_later_may_stand_still():
    """A register counts in steps of 10 Wh; 30 W do not move it within a quarter of an hour."""
    said = run(hourly(1000, 10, 0, power=100), hourly(1000, 10, 15, power=100))
    assert [stale for _, _, stale in said] == [[], []]


def test_the_turn_of_a_day_and_of_a_month_is_no_repetition():
    said = run(hourly(1000, 23), hourly(1500, 0, day=21), hourly(2000, 1, day=21))
    assert [stale for _, _, stale in said] == [[], [], []]
    said = run(hourly(1000, 23, day=31), hourly(1500, 0, day=1))
    assert [stale for _, _, stale in said] == [[], []]


def test_the_second_look_at_a_doubtful_current_does_not_make_its_totals_stale():
    """A Kamstrup without a type: the currents are judged twice, the hour's totals once."""
    clock = axdr.name("0-1:1.0.0") + axdr.octets(cosem(datetime(2026, 1, 20, 11, 0, 5)))
    rows = [made.named("1-1:1.7.0", 62790), made.named("1-1:2.7.0", 0), clock]
    rows += [made.named(f"1-1:{c}.7.0", 91000) for c in (31, 51, 71)]
    rows += [made.named(f"1-1:{c}.7.0", 230, U16) for c in (32, 52, 72)]
    rows += [made.named("1-1:1.8.0", 5000)]
    found = made.reading(made.bare("Kamstrup_V0001", *rows))
    assert made.values(found)["1-1:31.7.0"] == ("91.000", "A")
    assert found.kind == 3
    assert made.flagged(found, "stale") == []
    assert found.flags == 0


def test_a_falling_total_leaves_the_currents_scale_alone():
    def one(total):
        rows = [made.named("1-1:1.7.0", 1600), made.named("1-1:2.7.0", 0)]
        rows += [made.named(f"1-1:{c}.7.0", 232) for c in (31, 51, 71)]
        rows += [made.named(f"1-1:{c}.7.0", 230, U16) for c in (32, 52, 72)]
        rows += [made.named("1-1:1.8.0", total)]
        return made.bare("Kamstrup_V0001", *rows)

    decoder = Decoder()
    for total, unsure in ((5000, []), (4000, ["1-1:1.8.0"]), (4001, [])):
        (found,) = made.readings(one(total), decoder=decoder)
        assert made.values(found)["1-1:31.7.0"] == ("2.32", "A")
        assert made.values(found)["1-1:16.7.0"] == ("1600", "W")
        assert made.flagged(found, "unsure") == unsure
