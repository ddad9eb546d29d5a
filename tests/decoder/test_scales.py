"""Scales that the meter does not state are decided by physics; what stays in doubt is marked."""

from random import Random

import pytest
from decoder import made

from kwhisper_tools.meters import axdr
from kwhisper_tools.meters.axdr import U16, U32
from meterwire import UNSURE, Decoder

PHASES = (0, 1, 2)
CURRENTS = {f"1-1:{31 + 20 * n}.7.0" for n in PHASES}
VOLTAGES = {f"1-1:{32 + 20 * n}.7.0" for n in PHASES}


def pairs(power, currents, voltages, name="Kamstrup_V0001", kind="6841439BN244101011", reactive=0):
    """A list of OBIS codes and values without any scale, as Kamstrup sends it."""
    rows = [axdr.name("1-1:96.1.1") + axdr.visible(kind)]
    rows += [made.named("1-1:1.7.0", power), made.named("1-1:3.7.0", reactive)]
    rows += [made.named(f"1-1:{31 + 20 * n}.7.0", currents[n]) for n in PHASES]
    rows += [made.named(f"1-1:{32 + 20 * n}.7.0", voltages[n], U16) for n in PHASES]
    return made.bare(name, *rows)


def amperes(found):
    return [made.values(found)[code][0] for code in sorted(CURRENTS)]


def volts(found):
    return [made.values(found)[code][0] for code in sorted(VOLTAGES)]


@pytest.mark.parametrize(
    "raw,says",
    [
        ((236, 233, 235), ["236", "233", "235"]),
        ((2359, 2334, 2351), ["235.9", "233.4", "235.1"]),
        ((23593, 23343, 23507), ["235.93", "233.43", "235.07"]),
        ((23593, 0, 0), ["235.93", "0.00", "0.00"]),
    ],
)
def test_a_voltage_tells_its_scale_itself(raw, says):
    """Danish Kamstrup N1 counts 0.01 V, others V."""
    found = made.reading(pairs(551, (139, 36, 187), raw))
    assert volts(found) == says
    assert not set(made.flagged(found, "unsure")) & (VOLTAGES | CURRENTS)
    assert amperes(found) == ["1.39", "0.36", "1.87"]


def test_a_voltage_that_no_scale_makes_possible_stays_and_is_marked():
    found = made.reading(pairs(551, (139, 36, 187), (43593, 43343, 43507)))
    assert volts(found) == ["43593", "43343", "43507"]
    assert set(made.flagged(found, "unsure")) >= VOLTAGES


def test_whole_amperes_beside_258_kilowatts_are_seen_and_marked_until_they_are_proved():
    """A transformer meter that counts A where the maker's others count 0.01 A."""
    decoder = Decoder(2048)
    data = pairs(258_000, (374, 370, 378), (230, 231, 229))
    for n in range(4):
        found = made.reading(data, decoder=decoder, flush=False)
        assert amperes(found) == ["374", "370", "378"]
        assert bool(set(made.flagged(found, "unsure")) & CURRENTS) == (n < 2), n
    # and what was found is kept for this meter when too little flows to tell
    found = made.reading(pairs(10, (0, 0, 1), (230, 231, 229)), decoder=decoder, flush=False)
    assert amperes(found) == ["0", "0", "1"]
    assert not set(made.flagged(found, "unsure")) & CURRENTS


def test_what_was_found_for_one_meter_is_not_used_for_the_next():
    decoder = Decoder(2048)
    for _ in range(3):
        made.reading(
            pairs(258_000, (374, 370, 378), (230, 231, 229)), decoder=decoder, flush=False
        )
    other = pairs(551, (139, 36, 187), (236, 233, 235), kind="6841439BN244101999")
    assert amperes(made.reading(other, decoder=decoder, flush=False)) == ["1.39", "0.36", "1.87"]


def test_a_feeding_phase_does_not_change_the_scale_of_the_currents():
    """The sum of the powers is small where the phases cancel; their currents are not."""
    decoder = Decoder(2048)
    for _ in range(5):
        found = made.reading(
            pairs(600, (1600, 900, 800), (230, 231, 229)), decoder=decoder, flush=False
        )
        assert amperes(found) == ["16.00", "9.00", "8.00"]
        assert set(made.flagged(found, "unsure")) & CURRENTS == CURRENTS, "in doubt, and marked"


def described(setup, device, volts):
    """A Swiss push list: a push setup, a device name of some maker, voltages without a scale."""
    codes = ("0-0:42.0.0", "1-0:1.7.0", *(f"1-0:{32 + 20 * n}.7.0" for n in PHASES))
    names = [
        axdr.structure(axdr.integer(U16, 3), axdr.name(c), b"\x0f\x02", axdr.integer(U16, 0))
        for c in ("0-0:25.9.0", *codes)
    ]
    told = [axdr.name(setup), axdr.octets(device), axdr.integer(U32, 11)]
    told += [axdr.integer(U16, v) for v in volts]
    names.insert(1, axdr.structure(
        axdr.integer(U16, 40), axdr.name("0-0:25.9.0"), b"\x0f\x01", axdr.integer(U16, 0)
    ))  # fmt: skip
    return made.framed(axdr.data_notification(axdr.structure(axdr.array(*names), *told)))


def test_the_push_setup_says_more_than_the_maker():
    """ch-lg-e360-vse2026: 2357 in the Swiss standard list is 235.7 V whoever made the meter."""
    found = made.reading(described("0-6:25.9.0", b"LGZ1030655933512", (2357, 0, 0)))
    assert made.values(found)["1-0:32.7.0"] == ("235.7", "V")
    found = made.reading(described("0-8:25.9.0", b"LGZ1030655933512", (235, 0, 0)))
    assert made.values(found)["1-0:32.7.0"] == ("235", "V")


@pytest.mark.parametrize("seed", range(150))
def test_a_scale_chosen_at_random_gives_the_right_value_or_a_marked_one(seed):
    dice = Random(seed)
    volts_at, amperes_at = dice.choice((0, 1, 2)), dice.choice((0, 1, 2, 3))
    voltage = [dice.uniform(205, 250) for _ in PHASES]
    current = [dice.uniform(0, 60) * dice.random() for _ in PHASES]
    raw_volts = [round(v * 10**volts_at) for v in voltage]
    raw_amperes = [round(i * 10**amperes_at) for i in current]
    power = round(sum(v * i for v, i in zip(voltage, current, strict=True)) * 0.97)
    name, kind = dice.choice((("Kamstrup_V0001", "6841121BN243101040"), ("XYZ_V0001", "77")))
    decoder = Decoder(2048)
    for _ in range(dice.choice((1, 4))):
        found = made.reading(
            pairs(power, raw_amperes, raw_volts, name, kind), decoder=decoder, flush=False
        )
    for i in range(len(found)):
        c, right = found.key(i) >> 16, None
        if c in (31, 51, 71):
            right = raw_amperes[(c - 31) // 20] / 10**amperes_at
        elif c in (32, 52, 72):
            right = raw_volts[(c - 32) // 20] / 10**volts_at
        if right is not None and not found.flag(i) & UNSURE:
            assert abs(float(found.decimal(i)) - right) < 1e-6, (found.obis(i), power)


def test_a_current_as_coarse_as_the_load_proves_nothing():
    """0.4 A, told as 4, beside 103 W might be 4 A: what the last digit hides is larger."""
    found = made.reading(pairs(103, (4, 0, 0), (231, 230, 229), "made", "made"))
    assert "1-1:31.7.0" in made.flagged(found, "unsure")
