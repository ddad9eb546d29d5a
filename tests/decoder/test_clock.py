"""The meter's clock in all forms it comes in."""

from datetime import datetime

import pytest
from decoder import made

from kwhisper_tools.meters import axdr
from kwhisper_tools.meters.date_time import cosem

POWER = made.triple("1-0:1.7.0", 1604, 0, "W")
NOON = datetime(2026, 1, 20, 12, 0, 10)
CLOCK = cosem(NOON, -60)
TIME = "2026-01-20T12:00:10+01:00"


@pytest.mark.parametrize(
    "head", [b"\x0c" + CLOCK, b"\x09\x0c" + CLOCK, b"\x19" + CLOCK], ids=["0C", "09 0C", "19"]
)
def test_the_headers_date_time_in_every_form(head):
    found = made.reading(made.pushed(POWER, when=head))
    assert found.time == TIME
    assert made.values(found) == {"1-0:1.7.0": ("1604", "W")}


def test_a_header_without_date_time():
    found = made.reading(made.pushed(POWER, when=b"\x00"))
    assert found.time is None
    assert found.clock is None


def test_a_header_date_time_of_no_known_form_is_refused():
    for head in (b"\x0b" + CLOCK, b"\x09\x0d" + CLOCK, b"\x01"):
        assert made.readings(made.pushed(POWER, when=head)) == []


@pytest.mark.parametrize("tag", [b"\x09\x0c", b"\x19"], ids=["octet-string", "date-time"])
def test_a_clock_in_the_list_is_the_lists_time_before_the_headers(tag):
    clock = axdr.structure(axdr.name("0-0:1.0.0"), tag + CLOCK)
    early = b"\x0c" + cosem(datetime(2026, 1, 20, 11, 0, 0), -60)
    found = made.reading(made.pushed(clock, POWER, when=early))
    assert found.time == TIME
    assert made.texts(found)["0-0:1.0.0"] == TIME


@pytest.mark.parametrize(
    ("deviation", "status", "offset", "text"),
    [
        (-60, 0x00, 60, "+01:00"),
        (-120, 0x80, 120, "+02:00"),
        (60, 0x00, 60, "+01:00"),  # some meters have the sign the other way round
        (120, 0x80, 120, "+02:00"),
        (-180, 0x80, 180, "+03:00"),
        (None, 0x00, None, ""),  # Kamstrup: not specified, standard time all year
        (0, 0x00, None, ""),  # Aidon: 0 beside local time
    ],
)
def test_the_deviation(deviation, status, offset, text):
    found = made.reading(made.pushed(POWER, when=b"\x0c" + cosem(NOON, deviation, status)))
    assert found.clock == (2026, 1, 20, 12, 0, 10, offset)
    assert found.time == "2026-01-20T12:00:10" + text


def test_summer_time_is_told_by_the_deviation():
    summer = cosem(datetime(2021, 9, 27, 9, 47, 15), -120, 0x80)
    found = made.reading(made.pushed(POWER, when=b"\x0c" + summer))
    assert found.time == "2021-09-27T09:47:15+02:00"


@pytest.mark.parametrize(
    ("field", "value"), [(2, 0), (2, 13), (3, 0), (3, 32), (5, 25), (6, 60), (7, 61), (0, 0xFF)]
)
def test_a_clock_that_cannot_be_is_none(field, value):
    wrong = bytearray(CLOCK)
    wrong[field] = value
    found = made.reading(made.pushed(POWER, when=b"\x0c" + bytes(wrong)))
    assert found.time is None
    assert made.values(found), "its values are good all the same"


def test_unspecified_weekday_seconds_and_hundredths():
    loose = bytearray(CLOCK)
    loose[4] = loose[7] = loose[8] = 0xFF
    found = made.reading(made.pushed(POWER, when=b"\x0c" + bytes(loose)))
    assert found.clock == (2026, 1, 20, 12, 0, 0, 60)


def test_twelve_octets_that_are_no_clock_stay_octets():
    number = axdr.structure(axdr.name("0-0:96.1.0"), axdr.octets(b"735999290089"))
    found = made.reading(made.pushed(number, POWER))
    assert found.meter_id == "735999290089"
    assert found.time is None


@pytest.mark.parametrize(
    "told", ["261126%02d%02d%02dW", "26-11-26 %02d:%02d:%02d", "261126%02d%02d%02d"]
)
@pytest.mark.parametrize(
    "hour, minute, second, kind",
    [(10, 15, 0, 3), (3, 45, 30, 3), (1, 7, 9, 2), (10, 15, 31, 2), (3, 16, 0, 2), (15, 10, 0, 2)],
)
def test_a_quarters_list_is_known_by_its_clock_however_it_is_written(
    told, hour, minute, second, kind
):
    found = made.readings(
        made.telegraph(
            "0-0:1.0.0(%s)" % (told % (hour, minute, second)),
            "1-0:1.8.0(000123.456*kWh)",
            "1-0:1.7.0(01.234*kW)",
        )
    )[0]
    assert found.clock[:6] == (2026, 11, 26, hour, minute, second)
    assert found.kind == kind
