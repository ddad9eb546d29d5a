"""Real frames of real meters: what their sources state, what is damaged in them, and the streams.

Where a source is wrong, tools/bench/explained.py says why; nothing else may differ.
"""

import json
from collections import Counter
from decimal import Decimal

import pytest
from conftest import CAPTURES
from decoder import made, mutate

from kwhisper_tools.bench import captures as bench
from meterwire import Decoder

_FILES = {
    file.stem: file
    for folder in bench.FOLDERS
    for file in sorted((CAPTURES / folder).glob("*.json"))
}
_LONG = 6000  # bytes; a longer one is not fed byte by byte


def load(name):
    return json.loads(_FILES[name].read_text(), parse_float=Decimal)


def decoder_of(capture):
    key, auth_key = (
        bytes.fromhex(capture[name]) if capture.get(name) else None for name in ("key", "auth_key")
    )
    return Decoder(8192, key, auth_key, rows=250)


def of_a_list(captures):
    """The captures of the ports that speak by themselves."""
    return {name: c for name, c in captures.items() if c["protocol"] != "osgp-mep"}


@pytest.mark.parametrize("name", _FILES or ["none"])
def test_a_capture_gives_what_its_source_states(name):
    if name not in _FILES:
        pytest.skip(f"no captures in {CAPTURES}: set KWHISPER_CAPTURES to their folder")
    assert bench.check(load(name)).open == []


def test_every_explanation_is_still_needed(captures):
    used = Counter()
    for name in captures:
        for _, why in bench.check(load(name)).explained:
            used[why] += 1
    idle = {why for _, _, why in bench.EXPLAINED} - set(used)
    assert not idle


def test_pieces_of_one_byte_give_the_same(captures):
    for name, capture in of_a_list(captures).items():
        data = bytes.fromhex(capture["hex"])
        if len(data) > _LONG:
            continue
        said = []
        for step in (len(data), 1, 7):
            decoder = decoder_of(capture)
            found = made.readings(data, decoder=decoder, step=step)
            said.append(([mutate.signature(reading) for reading in found], decoder.counters))
        assert said[0][0] == said[1][0] == said[2][0], name
        assert said[0][1]["ok"] == said[1][1]["ok"] == said[2][1]["ok"], name


def test_every_reading_comes_from_a_frame_whose_check_holds(captures):
    """Reckoned here once more, with another CRC than the decoder's."""
    judged = 0
    for name, capture in of_a_list(captures).items():
        decoder = decoder_of(capture)
        data = bytes.fromhex(capture["hex"])
        if len(data) > 100_000 or capture["encrypted"]:
            continue  # an encrypted frame lies deciphered in the buffer
        for pull in (decoder.feed(data), decoder.flush()):
            for reading in pull:
                buf, start, end = decoder.raw()
                frame = bytes(buf[start:end])
                if reading.flags & 16:
                    continue  # there was none, and the Reading says so
                if frame[0] == 0x7E:
                    assert mutate._register(frame[1:], 0xFFFF, 0x8408) == 0xF0B8, name
                    judged += 1
                elif frame[0] == 0x68:
                    size = len(frame) - 6
                    assert frame[1] == frame[2] == size & 0xFF, name
                    judged += 1
                elif frame[0] == 0x2F:
                    block, given = frame.rsplit(b"!", 1)
                    block += b"!"
                    arc = mutate._register(block, 0, 0xA001)
                    x25 = mutate._register(block, 0xFFFF, 0x8408) ^ 0xFFFF
                    assert int(given, 16) in (arc, x25), name
                    judged += 1
    assert judged > 300


def test_a_damaged_capture_gives_no_more_readings_than_it_has_sound_frames(captures):
    seen = 0
    for name, capture in of_a_list(captures).items():
        if capture["check"] not in ("bad-fcs", "truncated") or not capture["frames"]:
            continue
        decoder = decoder_of(capture)
        found = made.readings(bytes.fromhex(capture["hex"]), decoder=decoder)
        stated = capture["frames"]
        assert decoder.counters["ok"] == stated["ok"], name
        assert len([r for r in found if not r.flags & 16]) <= stated["ok"], name
        if stated["ok"] == 0:
            assert found == [], name
        seen += 1
    assert seen > 60


def test_an_encrypted_capture_without_its_key_says_so_and_gives_nothing(captures):
    for name, capture in of_a_list(captures).items():
        if not capture["encrypted"] or capture["key"] or capture["check"] != "ok":
            continue
        decoder = decoder_of(capture)
        assert made.readings(bytes.fromhex(capture["hex"]), decoder=decoder) == [], name
        told = decoder.counters
        if told["no_key"]:
            assert "enter its key" in decoder.problem, name
        else:
            assert told["segment"] or not told["apdu"], name


def test_a_capture_with_the_wrong_key_gives_no_value(captures):
    for name, capture in of_a_list(captures).items():
        if capture["encrypted"] and capture["key"]:
            decoder = Decoder(8192, bytes(range(16)), rows=250)
            assert made.readings(bytes.fromhex(capture["hex"]), decoder=decoder) == [], name


# ---- streams


def streams(captures):
    return {name: c for name, c in captures.items() if "-stream" in name}


def test_streams_have_the_good_and_bad_frames_that_are_stated(captures):
    assert len(streams(captures)) >= 12
    for name, capture in streams(captures).items():
        decoder = decoder_of(capture)
        found = made.readings(bytes.fromhex(capture["hex"]), decoder=decoder, step=300)
        told, stated = decoder.counters, capture["frames"]
        assert told["ok"] == stated["ok"], name
        assert len(found) == stated["ok"], name
        damaged = told["hcs"] + told["fcs"] + told["length"] + told["crc"] + told["checksum"]
        lost = stated.get("bad", 0) + (stated.get("truncated") or 0)
        assert bool(damaged) == bool(lost), name


def test_totals_of_a_stream_never_fall_and_nothing_in_it_is_stale_or_absurd(captures):
    for name, capture in streams(captures).items():
        decoder = decoder_of(capture)
        last, times, doubted = {}, [], Counter()
        for pull in (decoder.feed(bytes.fromhex(capture["hex"])), decoder.flush()):
            for reading in pull:
                if reading.time:
                    times.append(reading.time)
                for i in range(len(reading)):
                    code, d = reading.obis(i), reading.key(i) >> 8 & 0xFF
                    if reading.entry(i) == 0 and d == 8:
                        value = Decimal(reading.decimal(i))
                        assert value >= last.get(code, 0), (name, code)
                        last[code] = value
                    if reading.flag(i) & 1:
                        doubted[code] += 1
                    if d == 7 and reading.unit(i) == "V":
                        volts = Decimal(reading.decimal(i))
                        assert volts == 0 or 180 < volts < 260, (name, code, volts)
        assert sum(doubted.values()) <= 3, (name, doubted)
        assert times == sorted(times), name
