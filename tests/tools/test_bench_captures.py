"""`kwhisper bench captures`: the judge is strict, and the captures stand before it."""

import json
from decimal import Decimal

import pytest

from kwhisper_tools.bench import captures as checking
from kwhisper_tools.meters import frame


def capture(data, **over):
    """A capture of one of our simulated frames."""
    base = {
        "id": "xx-test-1",
        "protocol": "hdlc-dlms",
        "meter": {"maker": "Aidon"},
        "encrypted": False,
        "hex": data.hex(),
        "expected": None,
        "check": "ok",
        "frames": {"n": 1, "ok": 1, "bad": 0},
    }
    return {**base, **over}


@pytest.mark.parametrize(
    "stated, given, same",
    [
        ("2026-11-20T10:00:00+01:00", "2026-11-20T09:00:00+00:00", True),
        ("2026-11-20T10:00:00Z", "2026-11-20T10:00:00+01:00", False),
        ("2026-11-20T10:00:00", "2026-11-20T10:00:00+01:00", True),
        ("200706104157S", "2020-07-06T10:41:57+02:00", True),
        ("200706104157W", "2020-07-06T10:41:57+02:00", False),
        ("07e30c1001073b28ff8000ff", "2019-12-16T07:59:40", True),
        ("07e30c1001073b29ff8000ff", "2019-12-16T07:59:40", False),
    ],
)
def test_times_are_compared_as_instants(stated, given, same):
    assert checking.same_time(stated, given) is same


@pytest.mark.parametrize(
    "stated, unit, given, given_unit, same",
    [
        ("15360.385", "kWh", "15360385", "Wh", True),
        ("15360.386", "kWh", "15360385", "Wh", False),
        ("230.1", "V", "230.10", "V", True),
        ("230.1", "A", "230.1", "V", False),
        ("143", None, "143", "W", True),
    ],
)
def test_numbers_are_compared_exactly(stated, unit, given, given_unit, same):
    found = checking.same_number(Decimal(stated), unit, Decimal(given), given_unit)
    assert found is same


def test_a_text_may_be_stated_as_its_hex_or_without_leading_zeros():
    assert checking.same_text("41494431", "AID1")
    assert checking.same_text("7", "0007")
    assert not checking.same_text("AID1", "AID2")


def test_a_stated_value_that_does_not_come_out_is_open():
    data = frame("aidon")
    good = {"1-0:32.7.0": {"value": Decimal("232.8"), "unit": "V"}}
    result = checking.check(capture(data))
    assert result.readings == 1 and not result.open
    from meterwire import Decoder

    r = Decoder().feed(data).read()
    good["1-0:32.7.0"]["value"] = Decimal(r.decimal(r.find(32, 7, 0)))
    assert not checking.check(capture(data, expected=good)).open
    good["1-0:32.7.0"]["value"] += 1
    assert [what for what, _ in checking.check(capture(data, expected=good)).open] == [
        "1-0:32.7.0"
    ]


def test_a_sound_frame_without_a_reading_is_open_unless_it_is_sealed():
    nothing = bytes.fromhex("7ea00c0102011027a00201e7de7e")
    assert [w for w, _ in checking.check(capture(nothing)).open] == ["readings"]
    assert not checking.check(capture(nothing, encrypted=True)).open


def test_a_damaged_frame_explains_missing_values_only_where_none_is_sound():
    data = bytearray(frame("aidon"))
    data[200] ^= 1
    stated = {"1-0:1.7.0": {"value": 5, "unit": "W"}}
    broken = capture(bytes(data), check="bad-fcs", expected=stated, frames={"ok": 0, "bad": 1})
    result = checking.check(broken)
    assert not result.open and len(result.explained) == 1
    both = capture(
        bytes(data) + frame("aidon"), check="bad-fcs", expected=stated, frames={"ok": 1, "bad": 1}
    )
    assert [what for what, _ in checking.check(both).open] == ["1-0:1.7.0"]


def test_frames_counted_otherwise_than_stated_are_open():
    data = frame("aidon")
    result = checking.check(capture(data + data, frames={"ok": 1, "bad": 0}))
    assert [what for what, _ in result.open] == ["frames"]


def test_the_table_adds_up():
    results = [
        checking.check(capture(frame("aidon"))),
        checking.check(capture(frame("kaifa"), meter={"maker": "Kaifa"})),
    ]
    rows = checking.by_protocol_and_maker(results)
    assert [row[:2] for row in rows] == [
        ("hdlc-dlms", "Aidon"),
        ("hdlc-dlms", "Kaifa"),
        ("total", ""),
    ]
    assert rows[-1][checking.COLUMNS.index("ok")] == 2


@pytest.fixture(scope="module")
def results(captures):
    """What is found in each real capture."""
    return [
        checking.check(json.loads(json.dumps(c), parse_float=Decimal)) for c in captures.values()
    ]


def test_every_real_capture_gives_what_its_source_states(results):
    assert [(r.id, r.open) for r in results if r.open] == []
    assert sum(r.matched for r in results) > 1000


def test_every_explanation_still_explains_something(results):
    from fnmatch import fnmatch

    for of, codes, why in checking.EXPLAINED:
        used = [
            what
            for r in results
            if fnmatch(r.id, of)
            for what, reason in r.explained
            if reason == why and any(fnmatch(what, code) for code in codes.split())
        ]
        assert used, f"{of} {codes} explains nothing any more"
