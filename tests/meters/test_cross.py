"""The decoder against the simulated meters: neither has a line of the other's code.

Every list that arrives whole must be decoded, to exactly what the meter says; from a damaged one
nothing may come that the meter did not say. KWHISPER_CROSS=N makes the runs N times longer.
"""

import os
import random
from datetime import datetime
from functools import cache

import pytest

from kwhisper_tools.meters import METERS, make
from kwhisper_tools.meters.line import damage
from meterwire import Decoder

_LONGER = int(os.environ.get("KWHISPER_CROSS", "1"))
_UNSURE, _DERIVED = 1, 8
_NUMBER, _TEXT = 0, 1

# Starts that bring an hour, a quarter, midnight and the turn of a year within a few lists, in
# winter, in summer, and where summer time begins and ends.
_STARTS = (
    datetime(2026, 1, 20, 11, 58, 55),
    datetime(2026, 7, 5, 13, 44, 30),
    datetime(2025, 12, 31, 23, 59, 12),
    datetime(2026, 3, 29, 1, 58, 55),
    datetime(2026, 10, 25, 1, 58, 55),
)


# Nothing guards these telegrams but the parity of each byte: a flipped digit is a digit.
_UNGUARDED = ("dsmr2",)


@cache
def bursts(name, start, count):
    meter = make(name, seed=11, start=start)
    return [meter.next() for _ in range(count)]


def count_of(name):
    """So many lists that every run passes its hour or quarter, and fast meters end soon."""
    every = METERS[name].lists[0][0]
    return max(12, 150_000 // every) * _LONGER


def decoder_of(name):
    meter = make(name)
    return Decoder(size=2048, key=meter.key, auth_key=meter.auth_key)


def said(reading):
    """A Reading in the form of a truth; what the decoder worked out itself is left out."""
    values, other = {}, {}
    for i in range(len(reading)):
        if reading.flag(i) & _DERIVED:
            continue
        if reading.entry(i) == _NUMBER:
            values[reading.obis(i)] = (reading.decimal(i), reading.unit(i))
        else:
            other[reading.obis(i)] = reading.text(i)
    return {
        "list": reading.list_id,
        "time": reading.time,
        "meter_id": reading.meter_id,
        "meter_type": reading.meter_type,
        "values": values,
        "other": other,
    }


def assert_says(found, truth):
    """What was decoded is what the meter said: no value more, none less, none else."""
    beside = {code: value for code, value in found["values"].items() if code in truth["other"]}
    values = {code: value for code, value in found["values"].items() if code not in beside}
    assert values == truth["values"]
    for what in ("time", "meter_id", "meter_type"):
        assert found[what] == truth[what], what
    if truth["list"]:
        assert found["list"] == truth["list"]


def same(found, truth):
    try:
        assert_says(found, truth)
    except AssertionError:
        return False
    return True


@pytest.mark.parametrize("start", _STARTS, ids=lambda start: f"{start:%m-%d}")
@pytest.mark.parametrize("name", METERS)
def test_every_list_is_decoded_to_what_the_meter_says(name, start):
    decoder = decoder_of(name)
    for burst in bursts(name, start, count_of(name)):
        found = [said(reading) for reading in decoder.feed(burst.data)]
        assert len(found) == 1, (burst.at, decoder.counters)
        assert_says(found[0], burst.truth)


@pytest.mark.parametrize("name", METERS)
def test_nothing_that_is_right_is_called_unsure(name):
    """These houses have a solar roof: a phase may export while the others import."""
    decoder, doubted = decoder_of(name), {}
    run = bursts(name, _STARTS[0], count_of(name))
    for burst in run:
        for reading in decoder.feed(burst.data):
            for i in range(len(reading)):
                if reading.flag(i) & _UNSURE:
                    obis = reading.obis(i)
                    doubted[obis] = doubted.get(obis, 0) + 1
    assert not doubted, f"of {len(run)} lists"


@pytest.mark.parametrize("name", METERS)
def test_pieces_of_any_size_give_the_same(name):
    rng, decoder = random.Random(name), decoder_of(name)
    run = bursts(name, _STARTS[0], count_of(name))[:12]
    stream, at, found = b"".join(burst.data for burst in run), 0, []
    while at < len(stream):
        size = rng.choice((1, 1, 2, 7, 60, 500))
        found += [said(reading) for reading in decoder.feed(stream[at : at + size])]
        at += size
    assert len(found) == len(run)
    for one, burst in zip(found, run, strict=True):
        assert_says(one, burst.truth)


@pytest.mark.parametrize("silence", [True, False], ids=["pauses", "no pauses"])
@pytest.mark.parametrize("name", METERS)
def test_no_damaged_list_gives_a_wrong_value_or_hides_a_good_one(name, silence):
    rng, decoder = random.Random(f"{name} {silence}"), decoder_of(name)
    # Without a tag a byte sum is all that guards an M-Bus frame: two errors may make up for
    # each other, and no reader could tell.
    single = METERS[name].encrypted and not METERS[name].authenticated
    good, found = [], []
    for burst in bursts(name, _STARTS[0], count_of(name)):
        data = burst.data
        whole = rng.random() < 0.7
        if not whole:
            data = damage(data, rng, single)
        good.append((burst.truth, whole))
        found += [said(reading) for reading in decoder.feed(data)]
        if silence:
            decoder.flush()
            found += [said(reading) for reading in iter(decoder)]
    decoder.flush()
    found += [said(reading) for reading in iter(decoder)]
    rest = iter(found)
    missed = [truth for truth, whole in good if whole and not any(same(f, truth) for f in rest)]
    said_all = iter(good)
    for one in found if name not in _UNGUARDED else ():
        assert any(same(one, truth) for truth, _ in said_all), f"said by no meter: {one}"
    assert not missed, f"{len(missed)} of {sum(whole for _, whole in good)} whole lists lost"
