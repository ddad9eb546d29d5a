"""The MEP port of NES meters: digests as printed, a whole exchange, nothing of a damaged one."""

import json
import random
from decimal import Decimal

import pytest
from decoder.test_decode_command import decode  # noqa: F401, a fixture

from kwhisper_tools.commands.exchange import Exchange, parse_key
from kwhisper_tools.meters.mep_meter import KEY, Nes, cipher, keystream, sign
from meterwire import UNSURE, mep, mep_frames, mep_key

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
    asked = mep_frames.request(code, table, offset, count, sequence, KEY, bytes.fromhex(data))
    assert asked[-8:].hex() == check
    said = frame(response, sign)
    found, start, stop = mep_frames.answer(said, asked, KEY)
    assert found == int(response[:2], 16)
    assert said[start:stop].hex() == (response[6:] if found == 0 else response[2:])


def test_a_frame_on_the_wire():
    asked = mep_frames.request(mep_frames.PARTIAL_READ, 0x17, 0, 44, 0x77635B91, KEY)
    assert asked.hex() == "00143f0017000000002c77635b9113db85a135a0575e"


@pytest.mark.parametrize(
    "text",
    ["30313233343536373839414243444546", "3031 3233:34353637-3839414243444546 4748494A"],
)
def test_keys_of_hex_and_of_characters(text):
    assert (
        mep_key.parse_key(text) == b"0123456789ABCDEF" == mep_key.parse_key("0123456789ABCDEFGHIJ")
    )


@pytest.mark.parametrize("text", ["", "01" * 15, "zz" * 16, "short", "01" * 21, "é" * 10])
def test_other_keys_are_refused(text):
    with pytest.raises(ValueError):
        mep_key.parse_key(text)


# ---- a meter that answers


def start(house, sealed=False):
    """A client, and how it reads a part of a table: (code, the Reading that this part makes)."""
    client = mep.Mep(house.key, sealed)

    def read(*what):
        client.begin()
        said = bytearray(house.answer(client.ask(*what)))
        return client.take(said, len(said)), client.finish()

    return client, read


def reads(house):
    """The tables that tell what stands where, as parts to read."""
    return (
        *((mep.DIMENSIONS, 0, 10), (mep.SUM_SOURCES, 0, len(house.sums))),
        (mep.PRESENT_SOURCES, 0, house.demands + len(house.present)),
        *((mep.MANUFACTURER, 0, 16), (mep.SERIAL, 0, 30), (mep.CONSTANTS, 0, 17)),
        *((mep.MOST_REGISTERS, 0, 10), (mep.CLOCK, 0, 7)),
    )


def values(house):
    """The parts of BT23 and BT28 that hold its values."""
    resets = 1 if house.demands else 0
    left = (7 if "remaining" in house.kinds else 4) * house.demands
    return (mep.REGISTERS, resets, 4 * len(house.sums)), (
        *(mep.PRESENT, left),
        4 * len(house.present),
    )


CODES = dict(
    enumerate(
        "1.8.0 2.8.0 3.8.0 4.8.0 - - - - 1.7.0 2.7.0 3.7.0 4.7.0 31.7.0 51.7.0 71.7.0 "
        "32.7.0 52.7.0 72.7.0 33.7.0 14.7.0 9.7.0 53.7.0 73.7.0".split()
    )
)
CODES |= dict(enumerate("5.7.0 6.7.0 7.7.0 8.7.0 5.8.0 6.8.0 7.8.0 8.8.0".split(), 104))
CODES |= dict(enumerate("21.7.0 41.7.0 61.7.0 22.7.0 42.7.0 62.7.0".split(), 185))
CODES |= dict(enumerate("23.7.0 43.7.0 63.7.0 24.7.0 44.7.0 64.7.0".split(), 239))
CODES[232] = "91.7.0"
UNITS = {0: "Wh", 3: "varh", 8: "W", 11: "var", 12: "A", 17: "V", 18: "", 19: "Hz", 20: "VA"}


def numbers(reading):
    """{code: (number, unit)} of a Reading's numbers, none of them in doubt."""
    found = {}
    for i in range(len(reading)):
        if reading.entry(i) == 0:
            assert not reading.flag(i) & UNSURE, reading.obis(i)
            found[reading.obis(i)] = (Decimal(reading.decimal(i)), reading.unit(i))
    return found


def test_the_meter_tells_the_number_and_the_next_is_one_more():
    house = Nes(seed=5)
    client, read = start(house)
    what = reads(house)[0]
    assert read(*what) == (mep.BAD_SEQUENCE, None)
    assert client.sequence == house.sequence
    assert read(*what) == (mep.OK, None)
    assert client.sequence == house.sequence == 0x77635B90 + 6


@pytest.mark.parametrize(
    "kinds", [(), ("no-demand",), ("remaining",), ("gen4",), ("ct",), ("ct", "gen4"), ("rc4",)]
)
def test_the_whole_exchange_gives_what_the_house_uses(kinds):
    house = Nes(seed=3, kinds=kinds)
    house.home.advance(3_600_000)
    client, read = start(house, "rc4" in kinds)
    read(*reads(house)[0])
    assert [read(*what) for what in reads(house)] == [(mep.OK, None)] * len(reads(house))
    if "ct" in kinds:
        assert client.unit_at() == (214 if "gen4" in kinds else 213)
        read(mep.CONFIGURATION, client.unit_at(), 1)
    client.begin()
    for what in values(house):
        said = bytearray(house.answer(client.ask(*what)))
        assert client.take(said, len(said)) == mep.OK
    reading = client.finish()
    assert reading.meter_id == "NES0000000003" and reading.list_id == "NES_MEP"
    assert reading.meter_type == "NES 83334-3I" and reading.flags == 0
    assert reading.time.endswith("+00:00") and reading.copy().time == reading.time
    assert reading.plate[:12] == b"NES 83334-3I" and reading.copy().plate == b""
    seen = numbers(reading)
    truth = house.truth()
    assert len(truth) >= 29
    for source, (value, exponent) in truth.items():
        assert seen["1-0:" + CODES[source]][0] == Decimal(value).scaleb(exponent), source
    for source, unit in UNITS.items():
        assert seen["1-0:" + CODES[source]][1] == unit
    net = seen["1-0:1.7.0"][0] - seen["1-0:2.7.0"][0]
    assert seen["1-0:16.7.0"][0] == net and "1-0:36.7.0" in seen
    # BT52 of an hour ago is no time of a new reading
    assert read(*values(house)[1])[1].time is None


def test_without_bt22_and_bt27_nothing_is_sure():
    house = Nes(seed=3)
    client, read = start(house)
    for _ in range(2):
        read(mep.DIMENSIONS, 0, 10)
    for what in values(house):
        reading = read(*what)[1]
        assert all(reading.flag(i) & UNSURE for i in range(len(reading)))


def test_ratios_that_cannot_be_put_present_values_in_doubt():
    house = Nes(seed=3, kinds=("ct",))
    house.ct = 1 << 31
    client, read = start(house)
    for what in (reads(house)[0], *reads(house)):
        read(*what)
    house.ct = 40
    assert client.ratios() == (1, 1, False)
    reading = read(*values(house)[1])[1]
    assert all(reading.flag(i) & UNSURE for i in range(len(reading)) if reading.entry(i) == 0)


@pytest.mark.parametrize(("unit", "known"), [(None, False), (7, False), (100, True)])
def test_the_unit_of_a_meter_with_transformers_must_be_told(unit, known):
    house = Nes(seed=3, kinds=("ct",))
    client, read = start(house)
    for what in (reads(house)[0], *reads(house)):
        read(*what)
    if unit:
        client.table(mep.CONFIGURATION, client.unit_at(), bytes((unit,)))
    reading = read(*values(house)[0])[1]
    i = reading.find(1, 8, 0)
    assert bool(reading.flag(i) & UNSURE) != known
    assert reading.value(i) == house.told[0] * (unit if known else 1)


def test_a_part_of_the_registers_is_the_right_part():
    house = Nes(seed=3)
    client, read = start(house)
    for what in (reads(house)[0], *reads(house)):
        read(*what)
    reading = read(mep.REGISTERS, 9, 8)[1]
    # the second half of four sums: without its first ones
    assert list(numbers(reading)) == ["1-0:3.8.0", "1-0:4.8.0"]
    assert reading.value(reading.find(3, 8, 0)) == house.truth()[2][0]


def one(client, number, data):
    """The Reading that one table's bytes make."""
    client.begin()
    client.table(number, 0, data)
    return client.finish()


def test_without_the_dimensions_sums_are_unsure_and_present_values_none():
    client = mep.Mep(KEY)
    reading = one(client, mep.REGISTERS, (1234).to_bytes(4, "little") + bytes(12))
    assert reading.decimal(0) == "1234"
    assert all(reading.flag(i) & UNSURE for i in range(len(reading)))
    assert one(client, mep.PRESENT, bytes(100)) is None


def test_values_below_zero():
    client = mep.Mep(KEY)
    client.table(mep.DIMENSIONS, 0, bytes((0, 0, 1, 4, 0, 0, 0, 4, 0, 1)))
    client.table(mep.PRESENT_SOURCES, 0, bytes((18,)))
    reading = one(client, mep.PRESENT, (-950 & 0xFFFFFFFF).to_bytes(4, "little"))
    assert reading.decimal(0) == "-0.950" and reading.obis(0) == "1-0:33.7.0"


@pytest.mark.parametrize("kinds", [(), ("rc4",)])
def test_a_damaged_answer_gives_nothing(kinds):
    house = Nes(seed=3, kinds=kinds)
    client, read = start(house, bool(kinds))
    for what in (reads(house)[0], *reads(house)):
        read(*what)
    whole = house.answer(client.ask(mep.REGISTERS, 0, 17))

    def take(data):
        client.begin()
        return client.take(bytearray(data), len(data)), client.finish()

    for bit in range(len(whole) * 8):
        hurt = bytearray(whole)
        hurt[bit // 8] ^= 1 << bit % 8
        code, reading = take(hurt)
        assert code in (mep.SHORT, mep.DIGEST) and reading is None
    for n in range(len(whole)):
        assert take(whole[:n]) == (mep.SHORT, None)
    assert take(whole)[1]


def test_an_answer_to_another_question_gives_nothing():
    house = Nes(seed=3)
    client, read = start(house)
    for what in (reads(house)[0], *reads(house)):
        read(*what)
    late = bytearray(house.answer(client.ask(*values(house)[1])))
    right = bytearray(house.answer(client.ask(*values(house)[1])))
    assert client.take(late, len(late)) == mep.DIGEST
    assert client.take(right, len(right)) == mep.OK


def test_another_key_gives_nothing():
    house = Nes(seed=3)
    client = mep.Mep(bytes(16))
    what = reads(house)[0]
    assert client.take(bytearray(house.answer(client.ask(*what))), 3) == mep.NOT_AUTHENTIC
    # an answer that another key signs
    body = b"\x0c" + house.sequence.to_bytes(4, "big")
    said = bytearray(b"\x00\x0d" + body + sign(KEY, bytes(client.ask(*what)[2:14]), body))
    assert client.take(said, len(said)) == mep.DIGEST


# ---- RC4


def test_the_stream_is_rc4():
    stream = keystream(b"Key")
    plain = bytes(a ^ b for a, b in zip(b"Plaintext", stream, strict=False))
    assert plain.hex().upper() == "BBF316E8D940AF0AD3"


def test_an_enciphered_request_is_one():
    client = mep.Mep(KEY, True)
    clear = mep.Mep(KEY)
    sealed, plain = client.ask(mep.REGISTERS, 0, 44), clear.ask(mep.REGISTERS, 0, 44)
    assert sealed[2:14] != plain[2:14] and sealed[14:] == plain[14:]
    stream = cipher(KEY, sealed[14:])
    assert bytes(a ^ b for a, b in zip(sealed[2:14], stream, strict=False)) == plain[2:14]
    assert mep_frames.question(bytes(sealed), KEY)[0] == plain[2:14]


# ---- captured exchanges


def recorded(house, client=None):
    """What a line monitor writes down of a start-up and two reads."""
    client = client or mep.Mep(KEY)
    said = []
    for what in (reads(house)[0], *reads(house), *values(house)):
        asked = bytes(client.ask(*what))
        said += [asked, house.answer(asked)]
        client.take(bytearray(said[-1]), len(said[-1]))
    return said


def test_decode_gives_the_readings_of_an_exchange(decode):  # noqa: F811
    house = Nes(seed=3)
    data = b"\0\0" + b"".join(recorded(house))
    code, said, _ = decode(data.hex(), "--mep", "--key", "01" * 20)
    assert code == 0 and said[-1] == {"frames": {"ok": 22}}
    assert [r["meter_id"] for r in said[:-1]] == ["NES0000000003"] * 2
    assert said[0]["values"]["1-0:1.8.0"] == {"value": str(house.truth()[0][0]), "unit": "Wh"}
    capture = {"hex": data.hex(), "protocol": "osgp-mep", "key": "01" * 16}
    assert decode(json.dumps(capture))[:2] == (0, said)
    text = decode(json.dumps(capture), how="")[1]
    assert "BT23 registers" in text and "Energy import" in text and "22 ok" in text


def test_decode_without_the_key_or_with_another(decode):  # noqa: F811
    data = b"".join(recorded(Nes(seed=3))).hex()
    assert decode(data, "--mep")[:2] == (1, [{"frames": {"ok": 0, "no_key": 22}}])
    assert decode(data, "--mep", "--key", "00" * 16)[:2] == (
        1,
        [{"frames": {"ok": 0, "digest": 22}}],
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


@pytest.fixture(params=["64 bits", "32 bits"])
def runtime(request):
    """The command of each MicroPython."""
    if request.param == "32 bits":
        return request.getfixturevalue("micropython32")
    return [request.getfixturevalue("micropython")]


@pytest.mark.parametrize("kinds", [(), ("ct", "gen4"), ("rc4",)])
def test_the_same_on_micropython(runtime, on_micropython, plain, kinds):
    house = Nes(seed=3, kinds=kinds)
    client = mep.Mep(KEY, "rc4" in kinds)
    talk = [
        (client.asked, bytes(a), bytes(b))
        for a, b in zip(*[iter(recorded(house, client))] * 2, strict=True)
    ]
    what = [(mep_frames.question(a, KEY)[0], a, b) for _, a, b in talk]
    talk = [((*mep_frames.target(q), q[6] << 8 | q[7]), a, b) for q, a, b in what]
    script = f"""
import sys
from meterwire import mep
m = mep.Mep({KEY!r}, {"rc4" in kinds})
for what, asked, said in {talk!r}:
    assert m.ask(*what) == asked
    m.begin()
    m.take(bytearray(said), len(said))
    r = m.finish()
    if r:
        numbers = [(r.obis(i), r.decimal(i)) for i in range(len(r)) if r.entry(i) == 0]
        print(r.meter_id, r.time, r.copy().time, numbers)
print("meterwire.decoder" in sys.modules)
"""
    expected = []
    client = mep.Mep(KEY, "rc4" in kinds)
    for what, _, said in talk:
        client.ask(*what)
        client.begin()
        client.take(bytearray(said), len(said))
        r = client.finish()
        if r:
            told = [(r.obis(i), r.decimal(i)) for i in range(len(r)) if r.entry(i) == 0]
            expected.append(f"{r.meter_id} {r.time} {r.time} {told}")
    assert len(expected) == 2
    expected.append("False")
    assert on_micropython(runtime, script, [str(plain)]).splitlines() == expected


def test_the_printed_vectors_on_micropython(runtime, on_micropython, plain):
    """V1 to V3, on 32 bits too: request, digest, response, its digest."""
    script = f"""
from meterwire import mep, mep_frames
from binascii import unhexlify as raw
for code, table, offset, count, data, sequence, check, response, sign in {PRINTED!r}:
    asked = mep_frames.request(code, table, offset, count, sequence, {KEY!r}, raw(data))
    assert asked[-8:] == raw(check)
    assert mep_frames.digest({KEY!r}, asked[2:-8], raw(response)) == raw(sign)
    said = raw(response + sign)
    said = bytearray(len(said).to_bytes(2, "big") + said)
    print(mep_frames.answer(said, asked, {KEY!r}))
m = mep.Mep({KEY!r})
for sequence, check in ((0x01020304, "74861f6d7658dd56"), (0x77635B91, "13db85a135a0575e")):
    m.sequence = sequence - 1
    assert m.ask(0x17, 0, 44)[-8:] == raw(check)
"""
    said = on_micropython(runtime, script, [str(plain)]).splitlines()
    assert said == ["(12, 3, 7)", "(0, 5, 49)", "(0, 0, 0)"]
