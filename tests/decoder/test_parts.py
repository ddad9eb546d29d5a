"""Messages that come in parts: HDLC segments, general-block-transfer, M-Bus segments."""

import pytest
from decoder import made

from kwhisper_tools.meters import hdlc, mbus
from meterwire import Decoder

APDU = made.notification(*(made.triple(f"1-0:{c}.7.0", 100 + c, 0, "W") for c in (1, 2, 21, 22)))
SAYS = made.values(made.reading(made.framed(APDU)))
LONG = made.notification(
    *(made.triple(f"1-0:{c}.8.{e}", 1000 * c + e, 0, "Wh") for c in (1, 2) for e in range(10))
)
LONG_SAYS = made.values(made.reading(made.framed(LONG)))


def all_values(data, **options):
    return [made.values(reading) for reading in made.readings(data, **options)]


def segments(apdu=APDU, size=40, llc=hdlc.LLC):
    return hdlc.segments(llc + apdu, made.ADDRESS, size)


def blocks(apdu=APDU, sizes=(30, 40)):
    return hdlc.block_transfer(apdu, made.ADDRESS, sizes)


# ---- HDLC segments


@pytest.mark.parametrize("size", [10, 30, 40, 90])
def test_hdlc_segments_make_one_list(size):
    decoder = Decoder()
    parts = segments(size=size)
    assert all_values(b"".join(parts) * 2, decoder=decoder, step=17) == [SAYS] * 2
    assert made.causes(decoder) == {"ok": 2 * len(parts)}


def test_segments_that_repeat_the_llc_header_make_one_list_too():
    cut = [APDU[at : at + 40] for at in range(0, len(APDU), 40)]
    parts = [hdlc.frame(hdlc.LLC + part, made.ADDRESS, more=part is not cut[-1]) for part in cut]
    assert all_values(b"".join(parts)) == [SAYS]


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_missing_segment_gives_no_list_and_the_next_list_is_whole(lost):
    parts = segments(size=40)
    missing = b"".join(part for n, part in enumerate(parts) if n != lost)
    decoder = Decoder()
    found = all_values(missing + b"".join(segments(LONG)), decoder=decoder)
    assert LONG_SAYS in found
    assert [f for f in found if f not in (SAYS, LONG_SAYS)] == []
    assert SAYS not in found


def test_a_damaged_segment_ends_the_message():
    parts = [bytearray(part) for part in segments(size=40)]
    parts[1][15] ^= 4
    decoder = Decoder()
    assert all_values(b"".join(parts), decoder=decoder) == []
    assert made.causes(decoder)["segment"] >= 1
    assert all_values(made.framed(APDU), decoder=decoder) == [SAYS]


def test_segments_longer_than_the_buffer_together_are_given_up():
    decoder = Decoder(size=256)
    parts = segments(LONG, 100)
    assert all_values(b"".join(parts), decoder=decoder) == []
    assert all_values(made.framed(APDU), decoder=decoder) == [SAYS]


# ---- general-block-transfer


@pytest.mark.parametrize("sizes", [(20,), (30, 40), (112, 108)])
def test_blocks_make_one_list(sizes):
    decoder = Decoder()
    assert all_values(b"".join(blocks(LONG, sizes)) * 2, decoder=decoder, step=33) == (
        [LONG_SAYS] * 2
    )
    assert decoder.counters["segment"] == 0


def test_a_block_sent_twice_or_out_of_turn_ends_the_message():
    one, two, three, *rest = blocks(LONG, (40,))
    decoder = Decoder()
    for stream in ((one, two, two, three, *rest), (one, three, two, *rest), (two, three, *rest)):
        assert all_values(b"".join(stream), decoder=decoder) == []
    assert decoder.counters["segment"] >= 3
    assert all_values(b"".join((one, two, three, *rest)), decoder=decoder) == [LONG_SAYS]


def test_a_new_first_block_begins_anew():
    parts = blocks(LONG, (40,))
    assert all_values(b"".join(parts[:2] + parts)) == [LONG_SAYS]


def test_blocks_may_come_in_segments():
    information = []
    for frame in blocks(APDU, (60,)):
        information.append(frame[9:-3])
    parts = [part for info in information for part in segments(info, 25, llc=b"")]
    assert all_values(b"".join(parts)) == [SAYS]


def test_a_block_within_a_block_is_refused_however_deep():
    apdu = APDU
    for _ in range(60):
        apdu = b"\xe0\xc0\x00\x01\x00\x00" + made.axdr.length(len(apdu)) + apdu
    decoder = Decoder(size=2048)
    assert all_values(made.framed(apdu), decoder=decoder) == []
    assert decoder.counters["segment"] == 1
    assert all_values(made.framed(APDU), decoder=decoder) == [SAYS]


def test_a_block_that_claims_more_than_it_holds_is_refused():
    (frame,) = blocks(APDU, (2000,))
    wrong = bytearray(frame[9:-3])
    wrong[9] = 0xFF
    decoder = Decoder()
    for size in (0xFF, 0x7F, 0x84):
        wrong[9] = size
        assert all_values(made.framed(bytes(wrong), b""), decoder=decoder) == []
    assert all_values(made.framed(APDU), decoder=decoder) == [SAYS]


# ---- M-Bus


def test_an_mbus_frame_of_one_part():
    decoder = Decoder()
    assert all_values(mbus.frame(0x10, mbus.STSAP_DTSAP + APDU), decoder=decoder) == [SAYS]
    assert made.causes(decoder) == {"ok": 1}


@pytest.mark.parametrize("size", [60, 100, 245])
def test_mbus_segments_make_one_list(size):
    parts = mbus.segments(LONG, size)
    decoder = Decoder(size=1024)
    assert all_values(b"".join(parts) * 2, decoder=decoder, step=50) == [LONG_SAYS] * 2
    assert made.causes(decoder) == {"ok": 2 * len(parts)}


@pytest.mark.parametrize("size", [252, 254])
def test_sagemcom_writes_the_length_modulo_256(size):
    """L = 01 stands for 257 bytes; L = 00 and 03 too must not be taken for short frames."""
    parts = mbus.segments(LONG, size)
    # the three header bytes and the access points count too
    assert parts[0][1] == (size + 5) & 0xFF < 4
    assert all_values(b"".join(parts), step=31) == [LONG_SAYS]


def test_a_length_of_zero_stands_for_256():
    parts = mbus.segments(LONG, 251)
    assert parts[0][1] == 0
    assert all_values(b"".join(parts)) == [LONG_SAYS]


def test_mbus_parts_half_a_second_apart_still_belong_together():
    """The line's silence is the port's to tell; the decoder waits for the next part for ever."""
    first, last = mbus.segments(LONG, 245)[:2]
    rest = mbus.segments(LONG, 245)[2:]
    decoder = Decoder()
    assert list(decoder.feed(first)) == []
    found = list(decoder.feed(last + b"".join(rest)))
    assert [made.values(r) for r in found] == [LONG_SAYS]


@pytest.mark.parametrize("lost", [0, 1, 2, 3])
def test_a_missing_mbus_segment_gives_no_list(lost):
    parts = mbus.segments(LONG, 100)
    assert len(parts) >= 4
    decoder = Decoder()
    missing = b"".join(part for n, part in enumerate(parts) if n != lost)
    assert all_values(missing, decoder=decoder) == []
    assert all_values(b"".join(parts), decoder=decoder) == [LONG_SAYS]
    assert decoder.counters["segment"] >= 1


def test_a_segment_of_the_list_before_is_not_taken_for_this_one():
    first = mbus.segments(LONG, 100)
    other = made.notification(
        *(made.triple(f"1-0:{c}.8.{e}", 7, 0, "Wh") for c in (1, 2) for e in range(10))
    )
    second = mbus.segments(other, 100)
    wrong = bytearray(first[1])
    wrong[20] ^= 1
    stream = first[0] + bytes(wrong) + second[0][:30] + second[1] + b"".join(second[2:])
    assert all_values(stream) == []


@pytest.mark.parametrize("at", [1, 3, 4, 6, 20, -2, -1])
def test_a_damaged_byte_of_an_mbus_frame_is_seen(at):
    wrong = bytearray(mbus.frame(0x10, mbus.STSAP_DTSAP + APDU))
    wrong[at] ^= 0x05
    decoder = Decoder()
    assert all_values(bytes(wrong) + made.framed(APDU), decoder=decoder) == [SAYS]


def test_a_wrong_sum_is_counted():
    wrong = bytearray(mbus.frame(0x10, mbus.STSAP_DTSAP + APDU))
    wrong[30] ^= 1
    decoder = Decoder()
    assert all_values(bytes(wrong), decoder=decoder) == []
    assert made.causes(decoder)["checksum"] == 1


@pytest.mark.parametrize("size", [0, 1, 2])
def test_a_segment_with_next_to_nothing_in_it_does_no_harm(size):
    decoder = Decoder()
    for control in (0x00, 0x10, 0x01, 0x11):
        assert all_values(mbus.frame(control, bytes(size) + b"\0" * 2), decoder=decoder) == []
    assert all_values(mbus.frame(0x10, mbus.STSAP_DTSAP + APDU), decoder=decoder) == [SAYS]


@pytest.mark.parametrize("room", range(1, 24))
def test_a_message_that_fills_the_buffer_does_not_stop_the_reading(room):
    """So few bytes are left beside what is assembled that no header fits any more."""
    first = segments(LONG, 200)[0]
    filled = 200 + room
    decoder = Decoder(size=filled)
    list(decoder.feed(first))
    wait = made.framed(APDU)
    found = all_values(wait * 2, decoder=decoder, step=5)
    assert found == [SAYS] * len(found) and found
