"""Encrypted meters: the tag before any value, key errors told apart, counters never go back."""

import pytest
from decoder import made

from kwhisper_tools.meters import make, mbus
from kwhisper_tools.meters.ciphering import AUTH_KEY, KEY, glo_ciphering
from meterwire import Decoder

APDU = made.notification(made.triple("1-0:1.7.0", 1604, 0, "W"))
SAYS = {"1-0:1.7.0": ("1604", "W")}
TITLE = b"KFM\x67\x50\x00\x00\x09"
OTHER_KEY = bytes(range(1, 17))


def sealed(security=0x30, counter=1, key=KEY, auth_key=AUTH_KEY, apdu=APDU):
    return glo_ciphering(apdu, key, auth_key, TITLE, counter, security)


def authenticated_only(counter=1):
    """Security 0x10: in the clear, with a tag over control, key and text."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = TITLE + counter.to_bytes(4, "big")
    tag = AESGCM(KEY).encrypt(nonce, b"", b"\x10" + AUTH_KEY + APDU)[:12]
    body = b"\x10" + counter.to_bytes(4, "big") + APDU + tag
    return b"\xdb\x08" + TITLE + made.axdr.length(len(body)) + body


def says(data, **options):
    return [made.values(reading) for reading in made.readings(data, **options)]


@pytest.mark.parametrize("security", [0x20, 0x21, 0x30, 0x31])
@pytest.mark.parametrize("wrap", [made.framed, lambda a: mbus.frame(0x10, b"\x01\x67" + a), bytes],
                         ids=["HDLC", "M-Bus", "bare"])  # fmt: skip
def test_every_security_control_in_every_framing(security, wrap):
    decoder = Decoder(key=KEY, auth_key=AUTH_KEY)
    found = made.readings(wrap(sealed(security)), decoder=decoder)
    assert [made.values(r) for r in found] == [SAYS]
    assert decoder.problem is None
    unguarded = wrap is bytes and not security & 0x10
    assert bool(found[0].flags & 16) == unguarded, "what nothing checks is marked"


@pytest.mark.parametrize(
    ("key", "auth_key", "cause"),
    [(None, None, "no_key"), (OTHER_KEY, None, "key"), (KEY, OTHER_KEY, "tag")],
)
def test_a_bare_message_that_is_not_opened_does_not_count_as_read(key, auth_key, cause):
    decoder = Decoder(key=key, auth_key=auth_key)
    assert made.readings(sealed(), decoder=decoder) == []
    counts = decoder.counters
    assert counts[cause] == 1 and counts["ok"] == counts["unchecked"] == 0


def test_authentication_without_encryption():
    decoder = Decoder(key=KEY, auth_key=AUTH_KEY)
    assert says(made.framed(authenticated_only()), decoder=decoder) == [SAYS]
    wrong = authenticated_only(2).replace(b"\x06\x00\x00\x06\x44", b"\x06\x00\x00\x06\x45")
    assert says(made.framed(wrong), decoder=decoder) == []
    assert made.causes(decoder)["tag"] == 1


def test_without_the_authentication_key_the_text_is_read_all_the_same():
    assert says(made.framed(sealed()), key=KEY) == [SAYS]


def test_an_authentication_key_of_zeros_counts_as_none():
    assert says(made.framed(sealed()), key=KEY, auth_key=bytes(16)) == [SAYS]


def test_no_key_is_told():
    decoder = Decoder()
    assert says(made.framed(sealed()), decoder=decoder) == []
    assert made.causes(decoder) == {"ok": 1, "no_key": 1}
    assert "enter its key" in decoder.problem


@pytest.mark.parametrize("security", [0x20, 0x30])
def test_a_wrong_key_is_told_and_never_gives_a_value(security):
    decoder = Decoder(key=OTHER_KEY, auth_key=AUTH_KEY)
    for counter in range(1, 600):
        assert says(made.framed(sealed(security, counter)), decoder=decoder) == []
    told = made.causes(decoder)
    assert told["key"] > 550
    if told["key"] == 599:
        assert "key does not fit" in decoder.problem


def test_a_wrong_authentication_key_is_told_apart_from_a_wrong_key():
    decoder = Decoder(key=KEY, auth_key=OTHER_KEY)
    assert says(made.framed(sealed()), decoder=decoder) == []
    assert made.causes(decoder) == {"ok": 1, "tag": 1}
    assert "authentication" in decoder.problem


@pytest.mark.parametrize("length", [1, 15, 17, 32])
def test_a_key_of_the_wrong_length_is_refused_at_once(length):
    for name in ("key", "auth_key"):
        with pytest.raises(ValueError, match="16 bytes"):
            list(Decoder(**{name: bytes(length)}).feed(made.framed(sealed())))


def test_the_problem_goes_when_the_key_fits():
    decoder = Decoder(key=KEY, auth_key=AUTH_KEY)
    says(made.framed(sealed(key=OTHER_KEY)), decoder=decoder)
    assert decoder.problem
    assert says(made.framed(sealed(counter=2)), decoder=decoder) == [SAYS]
    assert decoder.problem is None


def test_any_damaged_bit_of_a_bare_message_fails_the_tag():
    good = sealed()
    for at in range(2, len(good)):
        wrong = bytearray(good)
        wrong[at] ^= 1 << at % 8
        decoder = Decoder(key=KEY, auth_key=AUTH_KEY)
        assert says(bytes(wrong), decoder=decoder) == [], at
        assert says(sealed(counter=2), decoder=decoder) == [SAYS], at


def test_a_tag_cut_off_is_not_an_absent_one():
    short = sealed()[:-12]
    short = short[:10] + bytes((short[10] - 12,)) + short[11:]
    decoder = Decoder(key=KEY, auth_key=AUTH_KEY)
    assert says(made.framed(short), decoder=decoder) == []


# ---- the invocation counter


def test_a_replayed_message_is_not_used_and_told():
    decoder = Decoder(key=KEY, auth_key=AUTH_KEY)
    data = made.framed(sealed(counter=7))
    assert says(data, decoder=decoder) == [SAYS]
    assert says(data, decoder=decoder) == []
    assert made.causes(decoder)["counter"] == 1
    assert "counter" in decoder.problem
    assert says(made.framed(sealed(counter=8)), decoder=decoder) == [SAYS]


def test_a_counter_that_goes_back_is_refused():
    decoder = Decoder(key=KEY, auth_key=AUTH_KEY)
    for counter, used in ((100, True), (99, False), (50, False), (101, True), (101, False)):
        found = says(made.framed(sealed(counter=counter)), decoder=decoder)
        assert found == [SAYS] * used, counter


def test_a_meter_that_started_anew_is_believed_after_three_rising_counters():
    decoder = Decoder(key=KEY, auth_key=AUTH_KEY)
    counters = (5000, 1, 2, 3, 4)
    used = [bool(says(made.framed(sealed(counter=n)), decoder=decoder)) for n in counters]
    assert used == [True, False, False, True, True]


def test_the_same_old_message_again_and_again_is_never_believed():
    decoder = Decoder(key=KEY, auth_key=AUTH_KEY)
    says(made.framed(sealed(counter=5000)), decoder=decoder)
    for _ in range(20):
        assert says(made.framed(sealed(counter=3)), decoder=decoder) == []


def test_a_meter_whose_counter_is_always_zero_is_read():
    decoder = Decoder(key=KEY, auth_key=AUTH_KEY)
    for _ in range(3):
        assert says(made.framed(sealed(counter=0)), decoder=decoder) == [SAYS]


def test_a_counter_of_a_message_that_failed_changes_nothing():
    decoder = Decoder(key=KEY, auth_key=AUTH_KEY)
    says(made.framed(sealed(counter=9000, key=OTHER_KEY)), decoder=decoder)
    assert says(made.framed(sealed(counter=5)), decoder=decoder) == [SAYS]


# ---- text telegrams


@pytest.mark.parametrize("name", ["esmr-encrypted", "graz-encrypted", "stoen-pl"])
def test_encrypted_telegrams(name):
    meter = make(name, seed=3)
    decoder = Decoder(2048, meter.key, meter.auth_key)
    for _ in range(3):
        burst = meter.next()
        (found,) = made.readings(burst.data, decoder=decoder, step=64)
        spoken = made.values(found)
        assert {code: spoken[code] for code in burst.truth["values"]} == burst.truth["values"]
        assert not found.flags


@pytest.mark.parametrize("name", ["esmr-encrypted", "graz-encrypted", "stoen-pl"])
@pytest.mark.parametrize(
    ("key", "auth_key", "cause"),
    [(None, None, "no_key"), (OTHER_KEY, AUTH_KEY, "key"), (KEY, OTHER_KEY, "tag")],
)
def test_key_errors_of_encrypted_telegrams(name, key, auth_key, cause):
    meter = make(name, seed=3)
    decoder = Decoder(2048, key, auth_key)
    assert made.readings(meter.next().data, decoder=decoder) == []
    assert made.causes(decoder).get(cause, 0) >= 1, made.causes(decoder)
    assert decoder.problem


def test_without_an_authentication_key_the_inner_crc_decides():
    """Nobody gave the second key: then the telegram's own CRC guards it."""
    meter = make("esmr-encrypted", seed=3)
    data = meter.next().data
    decoder = Decoder(2048, meter.key)
    (found,) = made.readings(data, decoder=decoder)
    assert made.values(found)
    wrong = bytearray(data)
    wrong[200] ^= 1
    assert made.readings(bytes(wrong), decoder=Decoder(2048, meter.key)) == []
