"""Frames in a stream: found whole whatever lies around them, dropped when a check fails."""

import random

import pytest
from decoder import made

from kwhisper_tools.meters import axdr, hdlc
from meterwire import Decoder

POWER = {"1-0:1.7.0": ("1604", "W")}
OTHER = made.pushed(made.triple("1-0:1.7.0", 987, 0, "W"))


def found_in(data, **options):
    return [made.values(reading) for reading in made.readings(data, **options)]


@pytest.mark.parametrize("step", [1, 2, 3, 7, 20, 43, 1024])
def test_pieces_of_any_size_give_the_frame(step):
    decoder = Decoder()
    assert found_in(made.SEED_LIST * 3, decoder=decoder, step=step) == [POWER] * 3
    assert made.causes(decoder)["ok"] == 3


@pytest.mark.parametrize("wrong", ["7EA0", [0x7E, 0xA0], None, 5])
def test_what_is_no_bytes_is_refused_and_changes_nothing(wrong):
    decoder = Decoder()
    assert not list(decoder.feed(made.SEED_LIST[:20]))
    with pytest.raises(TypeError):
        decoder.feed(wrong)
    decoder.feed(b"")
    (reading,) = decoder.feed(made.SEED_LIST[20:], 10_000)
    assert made.values(reading) == POWER and made.causes(decoder) == {"ok": 1}


def test_a_frame_is_read_with_its_last_check_byte_not_with_the_next_flag():
    decoder = Decoder()
    assert not list(decoder.feed(made.SEED_LIST[:-2]))
    assert len(list(decoder.feed(made.SEED_LIST[-2:-1]))) == 1


def test_the_closing_flag_may_open_the_next_frame():
    shared = made.SEED_LIST + OTHER[1:] + made.SEED_LIST[1:]
    decoder = Decoder()
    assert found_in(shared, decoder=decoder) == [POWER, {"1-0:1.7.0": ("987", "W")}, POWER]
    assert made.causes(decoder) == {"ok": 3}


def test_a_lost_closing_flag_costs_nothing():
    assert found_in(made.SEED_LIST[:-1] + OTHER) == [POWER, {"1-0:1.7.0": ("987", "W")}]


def test_a_lost_opening_flag_costs_one_frame():
    assert found_in(made.SEED_LIST[1:-1] + OTHER) == [{"1-0:1.7.0": ("987", "W")}]


def test_fill_bytes_of_flags_between_frames_are_not_noise():
    decoder = Decoder()
    assert found_in(made.SEED_LIST + b"\x7e" * 40 + OTHER, decoder=decoder)[1:]
    assert made.causes(decoder).keys() <= {"ok", "noise"}
    assert made.causes(decoder)["ok"] == 2


def test_flags_within_the_information_are_data_not_ends():
    frame = made.pushed(made.triple("1-0:1.7.0", 0x7E7E7D7E, 0, "W"))
    assert found_in(frame * 2, step=1) == [{"1-0:1.7.0": (str(0x7E7E7D7E), "W")}] * 2


def test_noise_before_between_and_behind_hides_no_frame():
    rng = random.Random(4)
    for _ in range(200):
        noise = [rng.randbytes(rng.randrange(60)) for _ in range(3)]
        stream = noise[0] + made.SEED_LIST + noise[1] + OTHER + noise[2]
        found = found_in(stream, step=rng.choice((1, 5, 4096)))
        assert found == [POWER, {"1-0:1.7.0": ("987", "W")}], stream.hex()


def test_a_wrong_length_field_hides_no_frame_behind_it():
    for length in (8, 20, 0x2B, 0x60, 0x300, 0x7FF):
        wrong = bytearray(made.SEED_LIST)
        wrong[1] = 0xA0 | length >> 8
        wrong[2] = length & 0xFF
        decoder = Decoder()
        assert found_in(bytes(wrong) + OTHER * 2, decoder=decoder)[-2:] == found_in(OTHER * 2)
        assert made.causes(decoder)["hcs"] >= 1


def test_a_header_with_a_good_check_but_no_end_hides_no_frame():
    head = bytes((0xA7, 0xFF)) + made.ADDRESS + b"\x13"
    head = b"\x7e" + head + hdlc.crc16_x25(head).to_bytes(2, "little")
    decoder = Decoder(4096)
    stream = head + OTHER * 3
    assert not list(decoder.feed(stream)), "the frame could still come"
    assert [made.values(r) for r in decoder.flush()] == found_in(OTHER * 3)
    assert made.causes(decoder)["length"] == 1


def test_a_frame_longer_than_the_buffer_is_counted_and_passed_over():
    long = made.pushed(*(made.triple("1-0:1.7.0", n, 0, "W") for n in range(40)))
    decoder = Decoder(size=300)
    assert found_in(long + OTHER, decoder=decoder) == found_in(OTHER)
    assert made.causes(decoder)["length"] >= 1


@pytest.mark.parametrize("at", range(1, len(made.SEED_LIST) - 1))
def test_any_damaged_byte_is_seen(at):
    for flip in (0x01, 0x80, 0xFF):
        wrong = bytearray(made.SEED_LIST)
        wrong[at] ^= flip
        decoder = Decoder()
        assert found_in(bytes(wrong) + OTHER, decoder=decoder) == found_in(OTHER)


def test_damage_is_counted_by_its_cause():
    for at, cause in ((8, "hcs"), (3, "hcs"), (30, "fcs"), (len(made.SEED_LIST) - 2, "fcs")):
        wrong = bytearray(made.SEED_LIST)
        wrong[at - 1 if cause == "hcs" else at] ^= 0x10
        decoder = Decoder()
        assert not found_in(bytes(wrong), decoder=decoder)
        assert made.causes(decoder)[cause] == 1, (at, cause)
        assert decoder.counters["ok"] == 0


def test_a_truncated_frame_is_counted_when_the_line_falls_silent():
    decoder = Decoder()
    assert not found_in(made.SEED_LIST[:-5], decoder=decoder)
    assert made.causes(decoder)["length"] == 1
    assert found_in(made.SEED_LIST, decoder=decoder) == [POWER]


@pytest.mark.parametrize(
    "address",
    [b"\x41\x03", b"\x41\x08\x83", b"\x02\x21\x13", b"\x2b\x21", b"\xce\xff\x03",
     b"\x02\x04\x06\x23\x41", b"\x02\x04\x06\x21\x02\x04\x06\x23"],
    ids=bytes.hex,
)  # fmt: skip
def test_addresses_of_one_to_four_bytes(address):
    apdu = made.notification(made.triple("1-0:1.7.0", 1604, 0, "W"))
    assert found_in(hdlc.frame(hdlc.LLC + apdu, address)) == [POWER]


def test_a_frame_without_information_is_a_frame_and_no_list():
    empty = bytes.fromhex("7ea00801020110378d7e")
    decoder = Decoder()
    assert found_in(empty + made.SEED_LIST, decoder=decoder) == [POWER]
    assert made.causes(decoder)["ok"] == 2


def test_the_llc_header_may_be_absent_or_a_response():
    apdu = made.notification(made.triple("1-0:1.7.0", 1604, 0, "W"))
    for llc in (b"", b"\xe6\xe7\x00", b"\xe6\xe6\x00"):
        assert found_in(made.framed(apdu, llc)) == [POWER], llc.hex()


@pytest.mark.parametrize("head", [b"", b"\xe6\xe7\x00"], ids=["0F", "E6E700"])
def test_a_bare_list_without_any_frame_is_read_but_marked_unchecked(head):
    apdu = head + made.notification(made.triple("1-0:1.7.0", 1604, 0, "W"))
    found = made.readings(apdu)
    assert [made.values(r) for r in found] == [POWER]
    assert found[0].flags & 16, "nothing guards it, and that must be said"


def test_what_looks_like_a_bare_list_in_a_damaged_frame_is_not_believed():
    wrong = bytearray(made.SEED_LIST)
    wrong[-2] ^= 1
    decoder = Decoder()
    assert not found_in(bytes(wrong), decoder=decoder)
    assert found_in(made.SEED_LIST + bytes(wrong)) == [POWER]


def test_an_apdu_that_is_no_list_is_counted_not_read():
    decoder = Decoder()
    assert not found_in(made.framed(b"\xc0\x01\x00\x00\x08"), decoder=decoder)
    assert made.causes(decoder) == {"ok": 1, "apdu": 1}


def test_a_list_that_claims_more_than_it_holds_is_counted_not_read():
    body = b"\x01\x05" + made.triple("1-0:1.7.0", 1604, 0, "W")
    decoder = Decoder()
    assert not found_in(made.framed(axdr.data_notification(body)), decoder=decoder)
    assert made.causes(decoder) == {"ok": 1, "apdu": 1}


def test_nothing_grows_however_much_noise_comes():
    decoder = Decoder(size=384)
    rng = random.Random(9)
    before = {name: len(v) for name, v in vars(decoder).items() if hasattr(v, "__len__")}
    for _ in range(200):
        for _ in decoder.feed(rng.randbytes(700)):
            pass
    after = {name: len(v) for name, v in vars(decoder).items() if hasattr(v, "__len__")}
    assert {k: v for k, v in after.items() if k != "_data"} == {
        k: v for k, v in before.items() if k != "_data"
    }
