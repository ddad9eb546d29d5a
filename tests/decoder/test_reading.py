"""The face of Decoder and Reading: what callers may rely on."""

import pytest
from decoder import made

from kwhisper_tools.meters import make
from meterwire import DERIVED, Decoder, obis

LIST = made.pushed(
    made.text("1-1:0.2.129", "AIDON_V0001"),
    made.text("0-0:96.1.0", "7359992890941742"),
    made.text("0-0:96.1.7", "6515"),
    made.triple("1-0:1.7.0", 1362, 0, "W"),
    made.triple("1-0:2.7.0", 0, 0, "W"),
    made.triple("1-0:31.7.0", -93, -1, "A", made.I16),
    made.triple("1-0:32.7.0", 2500, -1, "V", made.U16),
    made.triple("1-0:1.8.0", 123456, 1, "Wh"),
)


def test_a_feed_that_comes_too_early_is_refused():
    decoder = Decoder()
    decoder.feed(LIST + LIST)
    with pytest.raises(ValueError, match="read"):
        decoder.feed(LIST)
    assert len(list(decoder)) == 2
    assert len(list(decoder.feed(LIST))) == 1


def test_feed_takes_bytes_bytearray_memoryview_and_a_count():
    for form in (bytes, bytearray, lambda data: memoryview(bytearray(data))):
        assert len(list(Decoder().feed(form(LIST)))) == 1
        padded = form(LIST + LIST)
        assert len(list(Decoder().feed(padded, len(LIST)))) == 1
        assert not list(Decoder().feed(padded, 0))


def test_read_gives_none_until_more_is_fed():
    decoder = Decoder()
    assert decoder.read() is None
    decoder.feed(LIST)
    assert decoder.read() is decoder.reading
    assert decoder.read() is None
    assert decoder.read() is None


def test_the_reading_is_reused_and_a_copy_stays():
    decoder = Decoder()
    first = next(iter(decoder.feed(LIST)))
    kept = first.copy()
    before = (made.values(kept), made.texts(kept), kept.time, kept.kind, kept.meter_id)
    (second,) = decoder.feed(made.pushed(made.triple("1-0:1.7.0", 5, 0, "W")))
    assert second is first
    assert made.values(first) == {"1-0:1.7.0": ("5", "W")}
    assert (made.values(kept), made.texts(kept), kept.time, kept.kind, kept.meter_id) == before


def test_the_list_says_who_it_is_from():
    found = made.reading(LIST)
    assert (found.list_id, found.meter_id, found.meter_type) == (
        "AIDON_V0001",
        "7359992890941742",
        "6515",
    )


def test_entries_by_every_face():
    found = made.reading(LIST)
    i = found.find(31, 7, 0)
    assert found.obis(i) == "1-0:31.7.0"
    assert found.key(i) == 31 << 16 | 7 << 8
    assert found.ab(i) == 0x100
    assert (found.value(i), found.exponent(i), found.unit(i)) == (-93, -1, "A")
    assert found.decimal(i) == "-9.3"
    room = bytearray(b"x" * 50)
    assert room[: found.put(i, room, 0)] == b"-9.3"
    assert found.put(i, room, 7) == 11
    assert room[7:11] == b"-9.3"
    assert found.scaled(i, -3) == -9300
    assert found.scaled(found.find(32, 7, 0), 0) == 250
    assert found.find(99, 9, 9) == -1


def test_kamstrups_codes_keep_the_channel_the_meter_sent():
    meter = make("kamstrup", seed=2)
    found = made.reading(meter.next().data)
    assert "1-1:1.7.0" in made.values(found)
    assert found.obis(found.find(1, 7, 0)) == "1-1:1.7.0"


def test_kinds_of_list():
    live = made.pushed(made.triple("1-0:1.7.0", 5, 0, "W"))
    assert made.reading(live).kind == 1
    for name, kinds in (("aidon", {1, 2, 3}), ("kaifa", {1, 2, 3}), ("kamstrup", {2, 3})):
        meter, seen = make(name, seed=1), set()
        for _ in range(40):
            seen.add(made.reading(meter.next().data).kind)
        assert seen == kinds, name


def test_net_power_is_derived_and_marked():
    data = made.pushed(made.triple("1-0:1.7.0", 0, 0, "W"), made.triple("1-0:2.7.0", 1500, 0, "W"))
    found = made.reading(data)
    assert made.values(found)["1-0:16.7.0"] == ("-1500", "W")
    assert made.flagged(found, "derived") == ["1-0:16.7.0"]


def test_net_power_of_the_phases_where_the_meter_tells_them():
    rows = [
        made.triple(f"1-0:{c}.7.0", value, 0, "W")
        for c, value in ((21, 100), (22, 0), (41, 0), (42, 70), (61, 5), (62, 5))
    ]
    found = made.values(made.reading(made.pushed(*rows)))
    assert [found[f"1-0:{c}.7.0"] for c in (36, 56, 76)] == [
        ("100", "W"),
        ("-70", "W"),
        ("0", "W"),
    ]


def test_net_power_that_the_meter_tells_itself_is_not_derived_again():
    rows = [made.triple(f"1-0:{c}.7.0", 9, 0, "W", made.axdr.I32) for c in (1, 2, 16)]
    found = made.reading(made.pushed(*rows))
    assert [found.obis(i) for i in range(len(found))].count("1-0:16.7.0") == 1
    assert not any(found.flag(i) & DERIVED for i in range(len(found)))


def energy(*values):
    """A Reading of {code: Wh} as numbers of 32 bits."""
    return made.reading(made.pushed(*(made.triple("1-0:" + c, v, 0, "Wh") for c, v in values)))


def test_tariffs_without_a_sum_get_one_that_is_derived():
    most = 2**32 - 1
    found = energy(("1.8.1", most), ("1.8.2", most), ("2.8.1", 7), ("2.8.2", 0))
    values = made.values(found)
    assert values["1-0:1.8.0"] == (str(2 * most), "Wh") and values["1-0:2.8.0"] == ("7", "Wh")
    assert made.flagged(found, "derived") == ["1-0:1.8.0", "1-0:2.8.0"]


def test_a_sum_is_made_of_all_tariffs_or_not_at_all():
    four = [(f"1.8.{n}", 10**n) for n in (2, 1, 4, 3)]
    assert made.values(energy(*four))["1-0:1.8.0"] == ("11110", "Wh")
    for codes in (["1.8.1"], ["1.8.2"], ["1.8.1", "1.8.3"], ["1.8.2", "1.8.3"]):
        assert not made.flagged(energy(*((c, 5) for c in codes)), "derived"), codes
    unlike = [made.triple(f"1-0:1.8.{n}", 5, n, "Wh") for n in (1, 2)]
    assert not made.flagged(made.reading(made.pushed(*unlike)), "derived")
    channels = [made.triple(code, 5, 0, "Wh") for code in ("1-0:1.8.1", "1-1:1.8.1", "1-0:1.8.2")]
    assert not made.flagged(made.reading(made.pushed(*channels)), "derived")


def test_a_sum_that_the_meter_tells_is_not_made_again():
    found = energy(("1.8.1", 5), ("1.8.2", 6), ("1.8.0", 12))
    assert made.values(found)["1-0:1.8.0"] == ("12", "Wh")
    assert not made.flagged(found, "derived")


def test_the_sum_of_a_tariff_that_fell_is_in_doubt_too():
    frames = [
        made.pushed(*(made.triple(f"1-0:1.8.{n}", v, 0, "Wh") for n, v in ((1, one), (2, two))))
        for one, two in ((100, 5), (90, 50), (91, 50))
    ]
    found = [made.flagged(r, "unsure") for r in made.readings(b"".join(frames))]
    assert found == [[], ["1-0:1.8.1", "1-0:1.8.0"], []]


def test_a_sum_of_tariffs_needs_a_row():
    data = made.pushed(*(made.triple(f"1-0:1.8.{n}", 5, 0, "Wh") for n in (1, 2)))
    assert [len(r) for rows in (2, 3) for r in Decoder(rows=rows).feed(data)] == [2, 3]


def test_net_power_of_large_and_unlike_scales():
    rows = [made.triple("1-0:1.7.0", 2**32 - 1, 0, "W"), made.triple("1-0:2.7.0", 1, 0, "W")]
    assert made.values(made.reading(made.pushed(*rows)))["1-0:16.7.0"] == ("4294967294", "W")
    rows = [made.triple("1-0:1.7.0", 5, 1, "W"), made.triple("1-0:2.7.0", 1, 0, "W")]
    assert "1-0:16.7.0" not in made.values(made.reading(made.pushed(*rows)))


def test_an_unknown_code_is_kept_under_its_code():
    found = made.reading(made.pushed(made.triple("1-0:99.42.7", 5, 0, "W")))
    assert made.values(found) == {"1-0:99.42.7": ("5", "W")}
    assert obis.name(found.key(0)) is None


def test_the_last_frame_can_be_had_as_it_was():
    decoder = Decoder()
    list(decoder.feed(b"noise" + LIST))
    buf, start, end = decoder.raw()
    assert bytes(buf[start:end]) == LIST[:-1]


def test_counters_name_every_cause():
    assert set(Decoder().counters) == {
        "ok", "hcs", "fcs", "length", "checksum", "crc", "unchecked", "noise",
        "segment", "apdu", "unknown", "no_key", "key", "tag", "counter", "rows",
    }  # fmt: skip


def test_octets_that_are_no_text_are_shown_as_hex():
    raw = made.axdr.structure(made.axdr.name("0-0:96.1.9"), made.axdr.octets(b"\x01\xff"))
    found = made.reading(made.pushed(raw, made.triple("1-0:1.7.0", 5, 0, "W")))
    assert made.texts(found)["0-0:96.1.9"] == "01FF"
