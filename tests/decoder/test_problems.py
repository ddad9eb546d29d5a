"""What keeps a meter from being read is said in words for its owner."""

import pytest
from decoder import made

from kwhisper_tools.meters import make
from meterwire import Decoder

HEADER = b"/KAM5\r\n\r\n"


def test_a_meter_that_sends_only_its_name():
    for way in ("in a row", "with silence between"):
        decoder = Decoder()
        for _ in range(3):
            assert decoder.problem is None
            list(decoder.feed(HEADER))
            if way != "in a row":
                list(decoder.flush())
        list(decoder.flush())
        assert "sends only its name" in decoder.problem, way
        assert "open the customer port" in decoder.problem
        assert made.readings(made.telegraph("1-0:1.7.0(01.604*kW)"), decoder=decoder)
        assert decoder.problem is None, "it speaks now"


def test_a_header_without_its_line_end_is_one_too():
    decoder = Decoder()
    for _ in range(3):
        list(decoder.feed(b"/KAM5"))
        list(decoder.flush())
    assert "sends only its name" in decoder.problem


@pytest.mark.parametrize("name", ["aidon", "dsmr5"])
def test_line_feeds_that_were_translated(name):
    decoder = Decoder(4096)
    meter = make(name, seed=3)
    for _ in range(60):
        data = meter.next().data.replace(b"\n", b"\r\n")
        assert list(decoder.feed(data)) == [] or b"\n" not in data
        list(decoder.flush())
    if decoder.sound == 0:
        assert "0D 0A" in decoder.problem


def test_telegrams_that_arrive_damaged():
    decoder = Decoder(2048)
    wrong = bytearray(made.telegraph("1-0:1.7.0(01.604*kW)"))
    wrong[20] ^= 1
    for _ in range(3):
        assert made.readings(bytes(wrong), decoder=decoder) == []
    assert decoder.problem == "telegrams arrive damaged: check the line's speed, parity and wiring"


def test_noise_alone():
    decoder = Decoder()
    assert decoder.problem is None
    list(decoder.feed(b"\x55\xaa" * 800))
    assert decoder.problem.startswith("no frame in 1600 bytes")


def test_values_in_doubt_are_said():
    decoder = Decoder()
    made.readings(made.telegraph("1-0:1.7.0(01.604*V)"), decoder=decoder)
    assert decoder.problem == "values in doubt: 1; their unit or scale does not fit the others"
    made.readings(made.telegraph("1-0:1.7.0(01.604*kW)"), decoder=decoder)
    assert decoder.problem is None


# ---- long lists


def long_list(n):
    codes = [20 * phase + c for phase in range(4) for c in (1, 2, 15, 16)]
    return [f"1-0:{c}.8.{e}({c}{e:02}.000*kWh)" for c in codes for e in range(8)][:n]


@pytest.mark.parametrize("n,rows", [(96, 120), (64, 64), (96, 64), (110, 64)])
def test_what_finds_no_room_is_counted_and_said(n, rows):
    decoder = Decoder(8192, rows=rows)
    found = made.reading(made.telegraph(*long_list(n)), decoder=decoder)
    room = rows - 1  # a telegram's value and its time take two rows
    left_out = max(0, n - room)
    assert len(found) == n - left_out
    assert (found.left_out, decoder.counters["rows"]) == (left_out, left_out)
    assert bool(found.flags & 0x20) == bool(left_out)
    assert bool(decoder.problem) == bool(left_out)
    if left_out:
        assert decoder.problem.startswith(f"values left out: {left_out};")


def test_a_list_of_triples_that_is_too_long_says_so_too():
    rows = [made.triple(f"1-0:{c}.8.{e}", 100 * c + e, 0, "Wh") for c in (1, 2) for e in range(6)]
    decoder = Decoder(2048, rows=8)
    found = made.reading(made.pushed(*rows), decoder=decoder)
    assert (len(found), found.left_out, found.flags & 0x20) == (8, 4, 0x20)
    assert decoder.counters["rows"] == 4
    assert made.values(found)["1-0:2.8.1"] == ("201", "Wh"), "what has room is right"
    short = made.reading(made.pushed(*rows[:3]), decoder=decoder)
    assert (short.left_out, short.flags & 0x20) == (0, 0)


# ---- zones


@pytest.mark.parametrize(
    "ident,zone,stamp,says",
    [
        ("KMP5 made", 60, "240714101855S", "2024-07-14T10:18:55+02:00"),
        ("KMP5 made", 60, "240214101855W", "2024-02-14T10:18:55+01:00"),
        ("ADN9 made", 120, "240714101855S", "2024-07-14T10:18:55+03:00"),
        ("ADN9 made", 120, "240214101855W", "2024-02-14T10:18:55+02:00"),
        ("XXX5 made", 0, "240714101855S", "2024-07-14T10:18:55+01:00"),
        ("XXX5 made", 0, "240214101855W", "2024-02-14T10:18:55+00:00"),
        ("ESO5 made", 60, "240214101855W", "2024-02-14T10:18:55+02:00"),
        ("ESO5 made", 60, "240714101855S", "2024-07-14T10:18:55+03:00"),
    ],
)
def test_summer_and_winter_mean_the_setting_s_zone_or_the_telegram_s(ident, zone, stamp, says):
    decoder = Decoder()
    decoder.reading.zone = zone
    lines = (f"0-0:1.0.0({stamp})", f"0-1:24.2.1({stamp})(00872.234*m3)")
    found = made.reading(made.telegraph(*lines, ident=ident), decoder=decoder)
    assert found.time == found.copy().time == says
    assert found.text(found.find(24, 2, 1)) == says
