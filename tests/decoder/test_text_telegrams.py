"""P1 and D0 text telegrams: the grammar as meters write it, and their checks."""

import random

import pytest
from decoder import made

from kwhisper_tools.meters import telegram
from meterwire import Decoder

LINES = ("0-0:1.0.0(260120115955W)", "1-0:1.8.0(001234.567*kWh)", "1-0:1.7.0(01.604*kW)")
SAYS = {"1-0:1.8.0": ("1234567", "Wh"), "1-0:1.7.0": ("1604", "W")}


def says(*lines, **options):
    return made.values(made.reading(made.telegraph(*lines), **options))


def with_check(data, check):
    """The telegram with another text behind its "!"."""
    return data[: data.rindex(b"!") + 1] + check + b"\r\n"


# ---- checks


@pytest.mark.parametrize("step", [1, 3, 50, 4096])
def test_a_telegram_in_pieces_of_any_size(step):
    decoder = Decoder()
    found = made.readings(made.telegraph(*LINES) * 3, decoder=decoder, step=step, flush=False)
    assert [made.values(r) for r in found] == [SAYS] * 3
    assert made.causes(decoder) == {"ok": 3}
    assert found[0].time == "2026-01-20T11:59:55+01:00"
    assert found[0].meter_type == "KMP5 made"
    assert not found[0].flags


def test_any_damaged_character_is_seen():
    good = made.telegraph(*LINES)
    for at in range(1, len(good) - 2):
        for flip in (0x01, 0x10):
            wrong = bytearray(good)
            wrong[at] ^= flip
            decoder = Decoder()
            found = made.readings(bytes(wrong) + good, decoder=decoder)
            assert [made.values(r) for r in found] == [SAYS], bytes(wrong)


def test_a_failed_crc_is_counted():
    decoder = Decoder()
    wrong = made.telegraph(*LINES).replace(b"01.604", b"01.605")
    assert made.readings(wrong, decoder=decoder) == []
    assert made.causes(decoder)["crc"] == 1


def test_lower_case_and_unpadded_crcs_are_right_too():
    seen, rng = 0, random.Random(3)
    for _ in range(4000):
        data = made.telegraph(f"1-0:1.8.0({rng.randrange(10**9) / 1000:010.3f}*kWh)")
        check = data[-6:-2]
        if check.upper() != check.lower() or check.startswith(b"0"):
            for form in (check.lower(), check.lstrip(b"0") or b"0", check.lstrip(b"0").lower()):
                decoder = Decoder()
                assert len(made.readings(with_check(data, form), decoder=decoder)) == 1, form
                assert made.causes(decoder) == {"ok": 1}
            seen += check.startswith(b"00")
        if seen > 2:
            return
    raise AssertionError("no CRC began with two zeros")


def test_holley_reckons_the_crc_of_x25():
    data = made.telegraph(*LINES)
    block = data[: data.rindex(b"!") + 1]
    crc = 0xFFFF
    for byte in block:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x8408 if crc & 1 else 0)
    assert made.values(made.reading(with_check(data, b"%04X" % (crc ^ 0xFFFF)))) == SAYS


def test_no_crc_is_allowed_but_marked_and_counted_apart():
    decoder = Decoder()
    found = made.readings(made.unchecked(*LINES), decoder=decoder)
    assert [made.values(r) for r in found] == [SAYS]
    assert found[0].flags & 16
    assert made.causes(decoder) == {"unchecked": 1}


def test_a_meter_that_sends_crcs_is_not_believed_without():
    decoder = Decoder()
    stream = made.telegraph(*LINES) + made.unchecked(*LINES) + made.telegraph(*LINES)
    assert len(made.readings(stream, decoder=decoder)) == 2
    assert made.causes(decoder)["ok"] == 2
    assert made.causes(decoder)["crc"] == 1


def test_two_telegrams_run_together_without_crc_are_not_one():
    """The end of the first was lost: what stands in it belongs to another moment."""
    first = made.unchecked(*LINES)[:-3]
    found = made.readings(first + made.unchecked("1-0:1.7.0(00.001*kW)"))
    assert [made.values(r) for r in found] == [{"1-0:1.7.0": ("1", "W")}]


def test_lines_may_end_with_lf_alone():
    data = made.telegraph(*LINES).replace(b"\r\n", b"\n")
    block = data[: data.rindex(b"!") + 1]
    data = block + f"{telegram.crc16_arc(block):04X}\n".encode()
    decoder = Decoder()
    assert [made.values(r) for r in made.readings(data * 2, decoder=decoder)] == [SAYS] * 2
    assert made.causes(decoder) == {"ok": 2}


def test_a_log_whose_line_ends_were_doubled_gives_nothing():
    """Text-mode logging turned 0A into 0D 0A: the CRC is over other bytes now."""
    assert made.readings(made.telegraph(*LINES).replace(b"\r\n", b"\r\r\n")) == []


def test_a_telegram_of_two_kilobytes():
    lines = [f"1-0:{c}.7.0(01.{c:03}*kW)" for c in (21, 22, 41, 42, 61, 62)]
    message = "0-0:96.13.0(" + "31" * 900 + ")"
    found = made.reading(made.telegraph(*LINES, message, *lines), size=2600)
    assert len(made.values(found)) > len(lines)
    assert made.texts(found)["0-0:96.13.0"] == "31" * 900


def test_a_telegram_longer_than_the_buffer_is_given_up_and_the_next_is_read():
    message = "0-0:96.13.0(" + "31" * 600 + ")"
    decoder = Decoder(size=1024)
    stream = made.telegraph(*LINES, message) + made.telegraph(*LINES)
    assert [made.values(r) for r in made.readings(stream, decoder=decoder)] == [SAYS]
    assert made.causes(decoder)["length"] >= 1


# ---- grammar


def test_a_text_message_of_1024_characters_in_one_line():
    message = "0-0:96.13.0(" + "4B" * 512 + ")"
    found = made.reading(made.telegraph(LINES[1], message, LINES[2]), size=2048)
    assert made.values(found) == SAYS
    assert len(made.texts(found)["0-0:96.13.0"]) == 1024


def test_characters_beyond_ascii_do_no_harm():
    data = made.telegraph("0-0:96.13.0(K\xf8benhavn \xb0)", *LINES)
    assert made.values(made.reading(data)) == SAYS


def test_a_malformed_code_is_skipped_and_the_rest_kept():
    """Some Omnia meters print 1-0:4:24.7.0."""
    assert says(LINES[1], "1-0:4:24.7.0(00.123*kvar)", LINES[2]) == SAYS


@pytest.mark.parametrize(
    "line",
    ["1-0:1.8(1*kWh)", "1-0:300.7.0(1*kW)", "(1*kW", "1-0:21.7.0(1*kW", "1-0:21.7.0", ":(1)",
     "1-0:21.7.0(1*kW))(", "1-0:.7.0(1)", "1.2.3.4.5(", "x", "1-0:21.7.0()", "\x00\x01"],
)  # fmt: skip
def test_a_line_that_cannot_be_read_is_skipped_and_the_rest_kept(line):
    found = says(LINES[1], line, LINES[2])
    assert {code: found[code] for code in SAYS} == SAYS
    assert set(found) - set(SAYS) <= {"1-0:21.7.0"}


def test_the_medium_and_channel_may_be_left_out():
    """IEC 62056-21: C.D.E alone means 1-0."""
    assert says("1.8.0(001234.567*kWh)", "1.7.0(1.604*kW)") == SAYS


@pytest.mark.parametrize(
    ("printed", "value", "unit"),
    [
        ("000123.456*kWh", "123456", "Wh"),
        ("123456.789*kWh", "123456789", "Wh"),
        ("00000001*Wh", "1", "Wh"),
        ("1.5*MWh", "1500000", "Wh"),
        ("01.193*kW", "1193", "W"),
        ("00001193*W", "1193", "W"),
        ("-0.2*kW", "-200", "W"),
        ("0.5*kvar", "500", "var"),
        ("0.5*kVAr", "500", "var"),
        ("4748.440*kVArh", "4748440", "varh"),
        ("069.0*kVA", "69000", "VA"),
        ("0.230*kV", "230", "V"),
        ("0.002*kA", "2", "A"),
        ("230.1*V", "230.1", "V"),
        ("003*A", "3", "A"),
        ("02.35*A", "2.35", "A"),
        ("50.0*Hz", "50.0", "Hz"),
        ("00872.234*m3", "872.234", "m3"),
        ("12785.123*m3", "12785.123", "m3"),
        ("98765*l", "98.765", "m3"),
        ("2.5*GJ", "2500000000", "J"),
        ("00236*s", "236", "s"),
        ("0.987", "0.987", ""),
        ("0002", "2", ""),
        ("12345678901234.567*kWh", "12345678901234567", "Wh"),
        ("99999999999999999*Wh", "99999999999999999", "Wh"),
    ],
)
def test_numbers_stay_exact_decimals_in_the_base_unit(printed, value, unit):
    code = {"V": "32.7.0", "A": "31.7.0"}.get(unit, "99.7.5" if not unit else "1.8.0")
    code = "13.7.0" if not unit else code
    assert says(f"1-0:{code}({printed})") == {f"1-0:{code}": (value, unit)}


def test_an_unknown_unit_leaves_the_number_as_it_is():
    assert says("1-0:9.9.9(12.5*foo)") == {"1-0:9.9.9": ("12.5", "")}


def test_a_sub_meter_has_its_time_before_its_value():
    data = made.telegraph(LINES[2], "0-1:24.1.0(003)", "0-1:24.2.1(260120115500W)(00872.234*m3)")
    found = made.reading(data)
    assert made.values(found)["0-1:24.2.1"] == ("872.234", "m3")
    assert made.texts(found)["0-1:24.2.1"] == "2026-01-20T11:55:00+01:00"
    assert found.clock is None, "the time of the gas meter is not the meter's clock"


def test_gas_of_dsmr_2_has_its_value_in_a_line_of_its_own():
    data = made.unchecked(
        LINES[2], "0-1:24.3.0(120517020000)(08)(60)(1)(0-1:24.2.1)(m3)", "(00124.477)"
    )
    found = made.reading(data)
    assert made.values(found)["0-1:24.3.0"] == ("124.477", "m3")
    assert made.texts(found)["0-1:24.3.0"] == "2012-05-17T02:00:00"


def test_sub_meters_keep_their_channel():
    found = says(*(f"0-{n}:24.2.1(260120115500W)({n:05}.000*m3)" for n in (1, 2, 3, 4)), LINES[2])
    assert [found[f"0-{n}:24.2.1"] for n in (1, 2, 3, 4)] == [
        (f"{n}.000", "m3") for n in (1, 2, 3, 4)
    ]


def test_peaks_and_logs():
    """The peak of the month has the time it was reached; a log of such peaks stays text."""
    peak = "1-0:1.6.0(260109134558W)(02.589*kW)"
    log = "0-0:98.1.0(2)(1-0:1.6.0)(1-0:1.6.0)(260101000000W)(251223192538W)(03.695*kW)"
    found = made.reading(made.telegraph(LINES[2], peak, log))
    assert made.values(found) == {"1-0:1.7.0": ("1604", "W"), "1-0:1.6.0": ("2589", "W")}
    assert made.texts(found)["1-0:1.6.0"] == "2026-01-09T13:45:58+01:00"
    assert made.texts(found)["0-0:98.1.0"] == log.removeprefix("0-0:98.1.0")


@pytest.mark.parametrize(
    ("printed", "time"),
    [
        ("260120115955W", "2026-01-20T11:59:55+01:00"),
        ("260720115955S", "2026-07-20T11:59:55+02:00"),
        ("260720115955", "2026-07-20T11:59:55"),
        ("261320115955W", None),
        ("260132115955W", None),
        ("260120256055W", None),
        ("xx0120115955W", None),
    ],
)
def test_the_clock_with_summer_and_winter_or_without(printed, time):
    assert made.reading(made.telegraph(f"0-0:1.0.0({printed})", LINES[2])).time == time


def test_identifiers_are_hex_coded():
    found = made.reading(made.telegraph("0-0:96.1.1(4B384547303034303436333935353037)", *LINES))
    assert found.meter_id == "K8EG004046395507"


def test_an_empty_telegram_is_counted_unknown():
    decoder = Decoder()
    assert made.readings(made.telegraph(), decoder=decoder) == []
    assert made.causes(decoder) == {"ok": 1, "unknown": 1}


def test_more_lines_than_rows_are_left_out_not_written_over():
    lines = [f"1-0:{c}.7.0({c:03}*V)" for c in range(60, 100)]
    found = made.reading(made.telegraph(*lines), rows=16)
    assert 10 < len(found) <= 16
    assert list(made.values(found).items())[0] == ("1-0:60.7.0", ("60", "V"))


@pytest.mark.parametrize("short_by", range(8))
def test_a_telegram_whose_last_bytes_find_no_room_does_not_stop_the_reading(short_by):
    """The buffer is full within the CRC: more can neither be taken in nor waited for."""
    data = made.telegraph(*LINES)
    decoder = Decoder(size=len(data) - 2 - short_by)
    assert len(made.readings(data + made.SEED_LIST, decoder=decoder)) == 1 + (short_by == 0)


def test_a_telegram_without_a_line_end_in_a_frame_gives_nothing():
    for text in (b"/KMP5 made", b"/KMP5!", b"/", b"/KMP5\r\n\r\n"):
        decoder = Decoder(600)
        assert made.readings(made.framed(text * 3, b""), decoder=decoder) == []
        assert made.values(made.reading(made.SEED_LIST, decoder=decoder))


@pytest.mark.parametrize(
    ("line", "value", "unit"),
    [("1-0:31.7.0(500*mA)", "0.500", "A"), ("1-0:1.7.0(1.5*MW)", "1500000", "W")],
)
def test_milli_and_mega_are_told_apart(line, value, unit):
    assert says(line) == {line.split("(")[0]: (value, unit)}


@pytest.mark.parametrize("printed", ["-", ".", "-*kW", "1234567890123456789*Wh"])
def test_what_is_no_number_that_fits_stays_text(printed):
    found = made.reading(made.telegraph(f"1-0:1.8.0({printed})"))
    assert made.texts(found) == {"1-0:1.8.0": printed}


def test_a_code_beyond_any_byte_is_skipped_on_machine_words_of_any_size():
    assert says("1-0:4294967297.8.0(5*Wh)", "1-0:2.8.0(7*Wh)") == {"1-0:2.8.0": ("7", "Wh")}
