"""The MEP port's digest against the vectors of the guide, and a meter that answers."""

import pytest

from kwhisper_tools.meters.mep import KEY, Nes, sign

# request, its digest, response, its digest; key sixteen times 01
_PRINTED = (
    ("3F0017000000002C01020304", "74861F6D7658DD56", "0C77635B90", "35863C1DF5B91482"),
    (
        "3F0017000000002C77635B91",
        "13DB85A135A0575E",
        "00002C" + "00" * 11 + "0000000000080000000300" + "00" * 11 + "0000000000000006000000",
        "ADDCB82C3D417F91",
    ),
    ("4F083200001E00010177636E2F", "86E50E2667D1E63C", "00", "86E50E2667D1E63C"),
)


@pytest.mark.parametrize(("request_hex", "digest", "response_hex", "response_digest"), _PRINTED)
def test_digest_as_printed(request_hex, digest, response_hex, response_digest):
    request, response = bytes.fromhex(request_hex), bytes.fromhex(response_hex)
    assert sign(KEY, request).hex().upper() == digest
    assert sign(KEY, request, response).hex().upper() == response_digest


def ask(meter, code, number, key=KEY):
    body = bytes.fromhex(code) + number.to_bytes(4, "big")
    frame = body + sign(key, body)
    return body, meter.answer(len(frame).to_bytes(2, "big") + frame)


def test_first_request_learns_the_sequence_number():
    meter = Nes(seed=0)
    body, answer = ask(meter, "3F0017000000002C", 0x01020304)
    assert answer.hex().upper() == "000D0C77635B9035863C1DF5B91482"
    _, answer = ask(meter, "3F00170000000011", 0x77635B91)
    assert answer[2] == 0


def test_registers_and_present_values_are_those_of_the_house():
    meter = Nes(seed=3)
    meter.home.advance(3_600_000)
    for code, skip, sources in (
        ("3F00170000000011", 1, (0, 1, 2, 3)),
        ("3F001C0000080024", 0, (8, 9, 10, 11, 12, 13, 14, 15, 16)),
    ):
        body, answer = ask(meter, code, meter.sequence + 1)
        assert answer[-8:] == sign(KEY, body, answer[2:-8])
        data = answer[5 + skip : -8]
        values = [int.from_bytes(data[i : i + 4], "little") for i in range(0, len(data), 4)]
        assert values == [meter.truth()[source][0] for source in sources]


def test_wrong_key_and_reading_past_the_end_are_refused():
    meter = Nes()
    refused = ask(meter, "3F00170000000011", meter.sequence + 1, bytes(16))[1]
    assert refused == b"\x00\x01\x0b", "without a digest"
    assert ask(meter, "3F001700000001D0", meter.sequence + 1)[1][2] == 0x04
    assert meter.answer(b"\x00\x02\x00\x00") == b""
