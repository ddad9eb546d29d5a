"""Whatever comes, nothing escapes but values that a meter said (for hours: fuzz_long.py)."""

import json
import subprocess
from decimal import Decimal
from functools import cache

import pytest
from decoder import fuzz_long, made, mutate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kwhisper_tools.meters import METERS, axdr, make
from meterwire import Decoder

_EASY = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
names = st.sampled_from(sorted(METERS))


@cache
def meter_of(name):
    meter = make(name, seed=9)
    frames = [meter.next().data for _ in range(8)]
    return mutate.Meter(name, meter.key, meter.auth_key, frames)


def pieces(draw, stream):
    at, cut = 0, []
    while at < len(stream):
        size = draw(st.sampled_from((1, 2, 5, 17, 64, 300, 5000)))
        cut.append(stream[at : at + size])
        at += size
    return cut


def feed_all(decoder, parts):
    found = []
    for part in parts:
        found += [(mutate.signature(r), r.flags) for r in decoder.feed(part)]
    return found + [(mutate.signature(r), r.flags) for r in decoder.flush()]


@_EASY
@given(st.data(), names)
def test_any_split_of_good_frames_gives_all_of_them(data, name):
    meter = meter_of(name)
    stream = b"".join(meter.frames)
    found = feed_all(meter.decoder(), pieces(data.draw, stream))
    whole = feed_all(meter.decoder(), [stream])
    assert found == whole
    assert len(found) == len(meter.frames)


@_EASY
@given(st.lists(st.binary(max_size=400), max_size=6), st.booleans())
def test_random_bytes_give_nothing_unmarked(parts, keyed):
    decoder = Decoder(512, bytes(16) if keyed else None)
    assert [flags for _, flags in feed_all(decoder, parts) if not flags & 16] == []
    assert len(made.readings(made.SEED_LIST, decoder=decoder)) == 1


@st.composite
def damage(draw, frames):
    """A frame with bytes changed, lost, added, cut off, doubled, or run into another."""
    out = bytearray(draw(st.sampled_from(frames)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(out)))
        what = draw(st.integers(0, 5))
        if what == 0 and at < len(out):
            out[at] ^= draw(st.integers(1, 255))
        elif what == 1:
            del out[at : at + draw(st.integers(1, 40))]
        elif what == 2:
            out[at:at] = draw(st.binary(min_size=1, max_size=12))
        elif what == 3:
            del out[at:]
        elif what == 4:
            out[at:at] = out[: draw(st.integers(0, 80))]
        else:
            out[at:] = draw(st.sampled_from(frames))[draw(st.integers(0, 60)) :]
        if not out:
            out = bytearray(b"\x7e")
    return bytes(out)


@_EASY
@given(st.data(), names)
def test_damaged_frames_give_only_what_was_said(data, name):
    meter = meter_of(name)
    stream = [data.draw(damage(meter.frames)) for _ in range(data.draw(st.integers(1, 3)))]
    stream.append(data.draw(st.sampled_from(meter.frames)))
    whole = b"".join(stream)
    for said, flags in feed_all(meter.decoder(), pieces(data.draw, whole)):
        if not flags & 16 and said not in meter.said:
            assert mutate.collision(whole, meter.known), said


@_EASY
@given(st.data(), names)
def test_damage_under_a_good_check_escapes_nowhere(data, name):
    """Every layout, with lists no meter would send."""
    meter = meter_of(name)
    decoder = meter.decoder()
    dice = mutate.Dice(data.draw(st.integers(0, 2**30)))
    for _ in range(3):
        frame = dice.below(len(meter.frames))
        forged = mutate.forged(dice, meter.frames[frame], meter.frames[0])
        for part in pieces(data.draw, bytes(forged)):
            for reading in decoder.feed(part):
                mutate.signature(reading)
        for reading in decoder.flush():
            mutate.signature(reading)
    assert len(decoder._buf) == decoder._window[mutate.ROOM] + 24 <= mutate.SIZE + 24


@_EASY
@given(st.binary(max_size=300))
def test_any_data_in_a_good_frame_escapes_nowhere(body):
    decoder = Decoder(1024, bytes(16), bytes(16))
    for apdu in (body, b"\x0f\0\0\0\0\0" + body, b"\xe0\xc0\0\1\0\0" + body, b"\xdb\x08" + body):
        made.readings(made.framed(apdu), decoder=decoder)
    assert len(made.readings(made.SEED_LIST, decoder=decoder)) == 1


_letters = st.text("0123456789.:-*()kWhVA!/\r\n\x00\xff", max_size=60)


@_EASY
@given(st.lists(_letters, max_size=8))
def test_any_lines_in_a_good_telegram_escape_nowhere(lines):
    lines = [line.replace("\n!", "").replace("\r!", "").lstrip("!/") for line in lines]
    good = "1-0:1.7.0(01.604*kW)"
    for reading in made.readings(made.telegraph(*lines, good)):
        mutate.signature(reading)
    # a line of its own ends whatever was left open before it
    last = made.readings(made.telegraph(*lines, "0-0:96.14.0(2)", good))
    if last and "/" not in "".join(lines):
        assert made.values(last[-1]).get("1-0:1.7.0") == ("1604", "W")


@_EASY
@given(st.integers(0, 10**18 - 1), st.integers(0, 9), st.booleans(), st.sampled_from(["", "k"]))
def test_printed_numbers_are_exact(number, decimals, minus, kilo):
    digits = f"{number:0{decimals + 1}}"
    whole = digits[: len(digits) - decimals]
    printed = ("-" if minus else "") + whole + ("." + digits[-decimals:] if decimals else "")
    found = made.reading(made.telegraph(f"1-0:1.8.0({printed}*{kilo}Wh)"))
    ((said, unit),) = made.values(found).values()
    assert unit == "Wh"
    assert Decimal(said) == Decimal(printed) * (1000 if kilo else 1)


@_EASY
@given(st.integers(-(2**63), 2**63 - 1), st.integers(-12, 9))
def test_scaled_numbers_are_exact(number, exponent):
    element = axdr.structure(
        axdr.name("1-0:1.7.0"), axdr.integer(axdr.I64, number), axdr.scaler_unit(exponent, "W")
    )
    found = made.reading(made.pushed(element))
    assert Decimal(found.decimal(0)) == Decimal(number).scaleb(exponent)
    assert (found.value(0), found.exponent(0)) == (number, exponent)


# ---- a little of the long run


def worked(runtime, folder, frames):
    command, environment = fuzz_long.start(runtime, 7, frames, folder)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    state = json.loads((folder / f"{runtime}-7.json").read_text())
    heap = state.pop("heap")
    return state, heap


@pytest.fixture(scope="module")
def on_cpython(tmp_path_factory):
    """What the run comes to on CPython, and the folder with its frames."""
    folder = tmp_path_factory.mktemp("fuzz")
    return worked("cpython", folder, 6_000)[0], folder


@pytest.mark.slow
@pytest.mark.parametrize("runtime", ["micropython", "micropython32"])
def test_the_long_run_goes_the_same_way_on_every_runtime(runtime, request, on_cpython):
    request.getfixturevalue(runtime)  # skips where it is not to be had
    right, folder = on_cpython
    said, heap = worked(runtime, folder, 6_000)
    assert said == right
    assert right["readings"] > 1000
    assert heap < 8_000_000
    # it goes on where it was
    more, _ = worked(runtime, folder, 6_250)
    assert more["frames"] == 6_250
