"""The MEP port of NES meters: digests as printed, a whole exchange, nothing of a damaged one."""

import json
import random
from decimal import Decimal

import pytest
from decoder.test_decode_command import decode  # noqa: F401, a fixture

from kwhisper_tools.commands.exchange import Exchange, parse_key
from kwhisper_tools.meters.mep import KEY, Nes
from meterwire import UNSURE, mep

REGISTERS_44 = "00" * 11 + "0000000000080000000300" + "00" * 11 + "0000000000000006000000"
# code, table, offset, count, data, sequence, its digest, response, its digest; key 16 times 01
PRINTED = (
    (0x3F, 0x17, 0, 0x2C, "", 0x01020304, "74861f6d7658dd56", "0c77635b90", "35863c1df5b91482"),
    (
        *(0x3F, 0x17, 0, 0x2C, "", 0x77635B91, "13db85a135a0575e"),
        *("00002c" + REGISTERS_44, "addcb82c3d417f91"),
    ),
    (0x4F, 0x832, 30, 1, "01", 0x77636E2F, "86e50e2667d1e63c", "00", "86e50e2667d1e63c"),
)


def frame(body, check):
    """A frame of the line from its hex."""
    return bytearray((len(body + check) // 2).to_bytes(2, "big") + bytes.fromhex(body + check))


@pytest.mark.parametrize("row", PRINTED)
def test_requests_and_responses_as_the_guide_prints_them(row):
    code, table, offset, count, data, sequence, check, response, sign = row
    asked = mep.request(code, table, offset, count, sequence, KEY, bytes.fromhex(data))
    assert asked[-8:].hex() == check
    said = frame(response, sign)
    found, start, stop = mep.answer(said, asked, KEY)
    assert found == int(response[:2], 16)
    assert said[start:stop].hex() == (response[6:] if found == 0 else response[2:])


def test_a_frame_on_the_wire():
    asked = mep.request(mep.PARTIAL_READ, 0x17, 0, 44, 0x77635B91, KEY)
    assert asked.hex() == "00143f0017000000002c77635b9113db85a135a0575e"


@pytest.mark.parametrize(
    "text",
    ["30313233343536373839414243444546", "3031 3233:34353637-3839414243444546 4748494A"],
)
def test_keys_of_hex_and_of_characters(text):
    assert mep.parse_key(text) == b"0123456789ABCDEF" == mep.parse_key("0123456789ABCDEFGHIJ")


@pytest.mark.parametrize("text", ["", "01" * 15, "zz" * 16, "short", "01" * 21, "é" * 10])
def test_other_keys_are_refused(text):
    with pytest.raises(ValueError):
        mep.parse_key(text)


# ---- a meter that answers


def start(house, **over):
    """A client that knows the meter's number, dimensions and sources."""
    client = mep.Mep(house.key, **over)
    return client, lambda *what: client.take(bytearray(house.answer(client.ask(*what))))


READS = (
    *((mep.DIMENSIONS, 0, 10), (mep.SUM_SOURCES, 0, 4), (mep.PRESENT_SOURCES, 0, 16)),
    *((mep.SERIAL, 0, 30), (mep.MANUFACTURER, 0, 15), (mep.CLOCK, 0, 7)),
)
CODES = dict(
    enumerate(
        "1.8.0 2.8.0 3.8.0 4.8.0 - - - - 1.7.0 2.7.0 3.7.0 4.7.0 31.7.0 51.7.0 71.7.0 "
        "32.7.0 52.7.0 72.7.0 33.7.0 14.7.0 9.7.0 53.7.0 73.7.0".split()
    )
)
UNITS = {0: "Wh", 3: "varh", 8: "W", 11: "var", 12: "A", 17: "V", 18: "", 19: "Hz", 20: "VA"}


def test_the_meter_tells_the_number_and_the_next_is_one_more():
    house = Nes(seed=5)
    client, read = start(house)
    assert read(*READS[0]) == (mep.BAD_SEQUENCE, None)
    assert client.sequence == house.sequence
    assert read(*READS[0]) == (mep.OK, None)
    assert client.sequence == house.sequence == 0x77635B90 + 6


def test_the_whole_exchange_gives_what_the_house_uses():
    house = Nes(seed=3)
    house.home.advance(3_600_000)
    client, read = start(house)
    read(*READS[0])
    assert [read(*what) for what in READS] == [(mep.OK, None)] * len(READS)
    seen = {}
    for what in ((mep.REGISTERS, 0, 17), (mep.PRESENT, 0, 64)):
        code, reading = read(*what)
        assert code == mep.OK and reading.flags == 0
        assert reading.meter_id == "NES0000000003" and reading.list_id == "NES_MEP"
        assert reading.meter_type == "NES 83334-3I"
        assert reading.time.endswith("+00:00") and reading.copy().time == reading.time
        for i in range(len(reading)):
            if reading.entry(i) == 0:
                assert reading.flag(i) & UNSURE == 0
                seen[reading.obis(i)] = (Decimal(reading.decimal(i)), reading.unit(i))
    truth = house.truth()
    for source, (value, exponent) in truth.items():
        code = CODES[source]
        assert seen["1-0:" + code][0] == Decimal(value).scaleb(exponent), code
    for source, unit in UNITS.items():
        assert seen["1-0:" + CODES[source]][1] == unit
    # BT52 of an hour ago is no time of a new reading
    assert read(mep.PRESENT, 0, 64)[1].time is None


def test_a_part_of_the_registers_is_the_right_part():
    house = Nes(seed=3)
    client, read = start(house)
    read(*READS[0])
    read(*READS[0])
    reading = read(mep.REGISTERS, 9, 8)[1]
    # the second half of BT23: without its first sums
    assert [reading.obis(i) for i in range(len(reading))] == ["1-0:3.8.0", "1-0:4.8.0"]
    assert reading.value(0) == house.truth()[2][0]


def test_without_the_dimensions_sums_are_unsure_and_present_values_none():
    client = mep.Mep(KEY)
    assert client.table(mep.REGISTERS, 0, (1234).to_bytes(4, "little") + bytes(12))
    assert client.reading.decimal(0) == "1234"
    assert all(client.reading.flag(i) & UNSURE for i in range(len(client.reading)))
    assert not client.table(mep.PRESENT, 0, bytes(100))


def test_values_below_zero():
    client = mep.Mep(KEY)
    client.table(mep.DIMENSIONS, 0, bytes((0, 0, 1, 4, 0, 0, 0, 4, 0, 1)))
    client.table(mep.PRESENT_SOURCES, 0, bytes((18,)))
    assert client.table(mep.PRESENT, 0, (-950 & 0xFFFFFFFF).to_bytes(4, "little"))
    assert client.reading.decimal(0) == "-0.950" and client.reading.obis(0) == "1-0:33.7.0"


def test_a_damaged_answer_gives_nothing():
    house = Nes(seed=3)
    client, read = start(house)
    read(*READS[0])
    read(*READS[0])
    whole = house.answer(client.ask(mep.REGISTERS, 0, 17))
    for bit in range(len(whole) * 8):
        hurt = bytearray(whole)
        hurt[bit // 8] ^= 1 << bit % 8
        code, reading = client.take(hurt)
        assert code in (mep.SHORT, mep.DIGEST) and reading is None
    for n in range(len(whole)):
        assert client.take(bytearray(whole[:n])) == (mep.SHORT, None)
    assert client.take(bytearray(whole))[1]


def test_another_key_gives_nothing():
    house = Nes(seed=3)
    client = mep.Mep(bytes(16))
    assert client.take(bytearray(house.answer(client.ask(*READS[0])))) == (mep.DIGEST, None)
    assert client.take(bytearray.fromhex("00010b")) == (mep.NOT_AUTHENTIC, None)


# ---- RC4


def rc4(key, data):
    """RC4 as its textbook has it."""
    s, j, i, out = list(range(256)), 0, 0, []
    for n in range(256):
        j = (j + s[n] + key[n % len(key)]) % 256
        s[n], s[j] = s[j], s[n]
    j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + s[i]) % 256
        s[i], s[j] = s[j], s[i]
        out.append(byte ^ s[(s[i] + s[j]) % 256])
    return bytes(out)


def sealed_pair(client, house, what):
    """Request and response of a port that wants RC4, made from those in clear."""
    asked = client.ask(*what)
    inner = rc4(KEY, bytes.fromhex("388b8fbc36a8558587afc90fb23a3b99"))
    key = bytes(a ^ b for a, b in zip(inner[:8], asked[-8:], strict=True)) + inner[8:]
    plain = rc4(key, asked[2:-8])
    said = house.answer(asked[:2] + plain + asked[-8:])
    both = rc4(key, plain + said[2:-8])
    assert both[: len(plain)] == asked[2:-8] != plain
    return asked, said[:2] + both[len(plain) :] + said[-8:]


def test_an_enciphered_exchange():
    assert rc4(b"Key", b"Plaintext").hex().upper() == "BBF316E8D940AF0AD3"
    house = Nes(seed=3)
    client = mep.Mep(KEY, sealed=True)
    for what in (READS[0], *READS, (mep.REGISTERS, 0, 17)):
        code, reading = client.take(bytearray(sealed_pair(client, house, what)[1]))
    assert code == mep.OK and reading.value(reading.find(1, 8, 0)) == house.truth()[0][0]


# ---- captured exchanges


def recorded(house, client=None):
    """What a line monitor writes down of a start-up and two reads."""
    client = client or mep.Mep(KEY)
    said = []
    for what in (READS[0], *READS, (mep.REGISTERS, 0, 17), (mep.PRESENT, 0, 64)):
        asked = client.ask(*what)
        said += [asked, house.answer(asked)]
        client.take(bytearray(said[-1]))
    return said


def test_decode_gives_the_readings_of_an_exchange(decode):  # noqa: F811
    house = Nes(seed=3)
    data = b"\0\0" + b"".join(recorded(house))
    code, said, _ = decode(data.hex(), "--mep", "--key", "01" * 20)
    assert code == 0 and said[-1] == {"frames": {"ok": 18}}
    assert [r["meter_id"] for r in said[:-1]] == ["NES0000000003"] * 2
    assert said[0]["values"]["1-0:1.8.0"] == {"value": str(house.truth()[0][0]), "unit": "Wh"}
    capture = {"hex": data.hex(), "protocol": "osgp-mep", "key": "01" * 16}
    assert decode(json.dumps(capture))[:2] == (0, said)
    text = decode(json.dumps(capture), how="")[1]
    assert "BT23 registers" in text and "Energy import" in text and "18 ok" in text


def test_decode_without_the_key_or_with_another(decode):  # noqa: F811
    data = b"".join(recorded(Nes(seed=3))).hex()
    assert decode(data, "--mep")[:2] == (1, [{"frames": {"ok": 0, "no_key": 18}}])
    assert decode(data, "--mep", "--key", "00" * 16)[:2] == (
        1,
        [{"frames": {"ok": 0, "digest": 18}}],
    )
    code, _, trouble = decode(data, "--mep", "--key", "0102")
    assert code == 2 and "MEP key" in trouble


def test_damage_to_a_frame_costs_its_pair_at_most():
    house = Nes(seed=3)
    said = recorded(house)
    dice = random.Random(1)
    for n, part in enumerate(said):
        hurt = bytearray(part)
        hurt[dice.randrange(len(part))] ^= 1 << dice.randrange(8)
        exchange = Exchange(KEY)
        good = list(exchange.frames(b"".join([*said[:n], bytes(hurt), *said[n + 1 :]])))
        sound = [f.raw for f in good if not f.cause]
        lost = {n, n + 1} if n % 2 == 0 else {n}
        assert sound == [f for i, f in enumerate(said) if i not in lost]


def test_captures_say_what_the_guide_states(captures):
    seen = 0
    for name, capture in captures.items():
        if capture["protocol"] != "osgp-mep":
            continue
        seen += 1
        exchange = Exchange(parse_key(capture["key"]))
        frames = list(exchange.frames(bytes.fromhex(capture["hex"])))
        if not capture["key"]:
            # the guide does not print this example's key
            assert exchange.line() == {"frames": {"ok": 0, "no_key": 2}}
            continue
        assert exchange.line() == {"frames": {"ok": 2}}, name
        asked, said = frames
        assert asked.request and said.code is not None
        stated = {k: v["value"] for k, v in (capture["expected"] or {}).items()}
        given = {
            "response_code": f"0x{said.code:02X}",
            "sequence_no": said.data.hex().upper(),
            "count": len(said.data),
            "table_data": said.data.hex(),
        }
        assert {k: given[k] for k in stated} == stated, name
    assert seen == 8


# ---- the chip


def test_the_same_on_micropython(micropython, on_micropython, plain):
    house = Nes(seed=3)
    talk = [(bytes(a), bytes(b)) for a, b in zip(*[iter(recorded(house))] * 2, strict=True)]
    sealed = [sealed_pair(mep.Mep(KEY, sealed=True), house, READS[0])]
    script = f"""
from meterwire import mep
m = mep.Mep(mep.parse_key({"01" * 20!r}))
for asked, said in {talk!r}:
    assert m.ask(*mep.target(asked[2:]), asked[8] << 8 | asked[9]) == asked
    code, r = m.take(bytearray(said))
    if r:
        numbers = [(r.obis(i), r.decimal(i)) for i in range(len(r)) if r.entry(i) == 0]
        print(r.meter_id, r.time, r.copy().time, numbers)
for asked, said in {sealed!r}:
    print(mep.answer(bytearray(said), asked, {KEY!r}))
"""
    expected = []
    client = mep.Mep(KEY)
    for asked, said in talk:
        client.asked = asked
        r = client.take(bytearray(said))[1]
        if r:
            numbers = [(r.obis(i), r.decimal(i)) for i in range(len(r)) if r.entry(i) == 0]
            expected.append(f"{r.meter_id} {r.time} {r.time} {numbers}")
    expected.append(str((mep.BAD_SEQUENCE, 3, 7)))
    assert on_micropython([micropython], script, [str(plain)]).splitlines() == expected
