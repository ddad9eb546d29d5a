"""The house behind the meters: registers are the integral of the powers, values fit together."""

import math
from datetime import UTC, datetime
from fractions import Fraction

import pytest

from kwhisper_tools.meters import METERS, make
from kwhisper_tools.meters.date_time import cosem, iso, tst
from kwhisper_tools.meters.household import Household

NOON = datetime(2026, 6, 15, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize("wiring", ["tn", "it"])
def test_registers_are_the_exact_integral_of_the_powers(wiring):
    home = Household(5, NOON, wiring=wiring)
    before = {c: home._register(c, 0) for c in (1, 2, 3, 4)}
    sums = dict.fromkeys(before, 0)
    for second in range(3 * 3600):
        for c in sums:
            sums[c] += home.read(f"{c}.7.0") // 1000 * 1000
        home.advance((second + 1) * 1000)
    for c in sums:
        assert home._register(c, 0) - before[c] == sums[c]
    assert sums[1] > 0


def test_register_is_the_sum_of_its_tariffs():
    home = Household(5, NOON)
    home.advance(3_600_000)
    for c in (1, 2, 3, 4):
        parts = home._register(c, 1) + home._register(c, 2)
        assert parts == home._register(c, 0)
        assert home.read(f"{c}.8.0") == parts * 1000 // 3_600_000


def test_phase_registers_make_up_the_total():
    """As on a real meter that sums over the phases: A+ − A− is the same on both ways."""
    home = Household(5, NOON)
    first = {c: home._register(c, 0) for c in (1, 2, 21, 22, 41, 42, 61, 62)}
    home.advance(2 * 3_600_000)
    gain = {c: home._register(c, 0) - first[c] for c in first}
    assert gain[1] - gain[2] == sum(gain[c + 1] - gain[c + 2] for c in (20, 40, 60))
    assert gain[1] <= gain[21] + gain[41] + gain[61]


def test_currents_follow_from_power_and_voltage():
    home = Household(2, NOON)
    for minute in range(120):
        home.advance(minute * 60_000)
        for base in (20, 40, 60):
            p = home.read(f"{base + 1}.7.0") - home.read(f"{base + 2}.7.0")
            q = home.read(f"{base + 3}.7.0") - home.read(f"{base + 4}.7.0")
            volt, ampere = home.read(f"{base + 12}.7.0"), home.read(f"{base + 11}.7.0")
            assert math.isclose(volt * ampere / 1000, math.hypot(p, q), abs_tol=200)
            assert 210_000 < volt < 250_000


def test_house_without_phases_two_and_three_has_nothing_on_them():
    home = Household(4, NOON, phases=1)
    home.advance(600_000)
    assert home.read("1.7.0") == home.read("21.7.0")
    assert home.read("51.7.0") == home.read("52.7.0") == home.read("41.7.0") == 0


@pytest.mark.parametrize("name", METERS)
def test_same_seed_same_bytes_another_seed_another_house(name):
    def run(seed):
        meter = make(name, seed=seed)
        return [meter.next().data for _ in range(4)]

    assert run(1) == run(1)
    assert run(1) != run(2)


@pytest.mark.parametrize("name", METERS)
def test_truth_is_base_units_in_decimal_text(name):
    meter = make(name)
    for _ in range(8):
        truth = meter.next().truth
        assert truth["values"]
        for value, unit in truth["values"].values():
            Fraction(value)
            assert unit in ("W", "var", "VA", "V", "A", "Wh", "varh", "VAh", "Hz", "m3", "")


@pytest.mark.parametrize("name", [n for n in METERS if n != "dsmr5"])
def test_totals_never_fall_and_lists_come_in_order(name):
    meter = make(name, start=datetime(2026, 6, 15, 11, 50))
    last_at, last = -1, {}
    for burst in meter:
        if burst.at > 1200:
            break
        assert burst.at > last_at
        last_at = burst.at
        for obis, (value, unit) in burst.truth["values"].items():
            if unit in ("Wh", "varh"):
                assert int(value) >= last.get(obis, 0)
                last[obis] = int(value)
    # Celje's list is the only one without registers
    assert bool(last) == (name != "iskra-si-celje")


def test_norwegian_meters_tell_the_hour_at_their_own_second():
    when = {"aidon": 10, "aidon-1ph": 10, "kaifa": 10, "kaifa-t4": 10, "kamstrup": 5, "embriq": 10}
    for name, second in when.items():
        meter = make(name, start=datetime(2026, 1, 20, 12, 59, 50))
        hourly = [b for b in (meter.next() for _ in range(14)) if "Wh" in str(b.truth["values"])]
        assert [burst.at for burst in hourly] == [10 + second], name


def test_slovenian_registers_come_every_quarter():
    meter = make("iskra-si", start=datetime(2026, 1, 20, 12, 44, 50))
    bursts = [meter.next() for _ in range(4)]
    assert ["1-0:1.8.0" in b.truth["values"] for b in bursts] == [False, False, True, False]


def test_aidon_tells_the_registers_of_the_full_hour():
    meter = make("aidon", start=datetime(2026, 1, 20, 12, 59, 50))
    twin = make("kaifa", start=datetime(2026, 1, 20, 12, 59, 50))
    twin.home.advance(10_000)
    for burst in meter:
        if "1-0:1.8.0" in burst.truth["values"]:
            break
    assert burst.truth["time"] == "2026-01-20T13:00:00"
    assert int(burst.truth["values"]["1-0:1.8.0"][0]) == twin.home.read("1.8.0") // 10_000 * 10


def test_clock_keeps_summer_time_from_march_to_october():
    for utc, tag, text in (
        (datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC), "W", "2026-03-29T01:59:59+01:00"),
        (datetime(2026, 3, 29, 1, 0, 0, tzinfo=UTC), "S", "2026-03-29T03:00:00+02:00"),
        (datetime(2026, 10, 25, 0, 59, 59, tzinfo=UTC), "S", "2026-10-25T02:59:59+02:00"),
        (datetime(2026, 10, 25, 1, 0, 0, tzinfo=UTC), "W", "2026-10-25T02:00:00+01:00"),
    ):
        stamp, said = tst(utc, 0)
        assert (stamp[-1], said) == (tag, text)


def test_date_time_has_its_deviation_from_local_time_to_utc():
    local = datetime(2021, 9, 27, 9, 47, 15)
    assert cosem(local, -120, 0x80, hundredths=0).hex() == "07e5091b01092f0f00ff8880"
    assert cosem(local).hex() == "07e5091b01092f0fff800000"
    assert iso(local, -120).endswith("+02:00")
    assert iso(local, 210).endswith("-03:30")
    assert iso(local) == "2021-09-27T09:47:15"
