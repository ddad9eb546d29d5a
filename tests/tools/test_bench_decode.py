"""`kwhisper bench decode`: what it compares is compared rightly; no absolute time is asserted."""

import json
import re
import subprocess
import sys
from decimal import Decimal
from xml.etree import ElementTree

import pytest

from kwhisper_tools.bench import cpu, decoding, frames, markdown, plot
from kwhisper_tools.bench.decoding import Row
from kwhisper_tools.meters import frame

OURS = {
    "1-0:1.7.0": [1234, 0, "W"],
    "1-0:32.7.0": [2301, -1, "V"],
    "1-0:1.8.0": [15360385, 0, "Wh"],
}


def test_a_peer_that_says_the_same_may_leave_values_out_and_that_is_told():
    wrong, note = decoding.compare(OURS, {"1.7.0": "1234", "32.7.0": "230.1"})
    assert (wrong, note) == (None, "2 of 3 values")
    assert decoding.compare(OURS, {"1.7.0": "1234", "32.7.0": "230.10", "1.8.0": "15360385"}) == (
        None,
        "",
    )


def test_a_peer_that_leaves_the_scale_open_is_told_apart_from_one_that_is_wrong():
    assert decoding.compare(OURS, {"32.7.0": "2301"}) == (None, "scale left open, 1 of 3 values")
    wrong, _ = decoding.compare(OURS, {"1.7.0": "1234", "32.7.0": "23.01"})
    assert "32.7.0" in wrong
    wrong, _ = decoding.compare(OURS, {"9.9.9": "1"})
    assert wrong


def test_ratios_are_against_the_fastest_peer_that_decodes_the_frame():
    rows = [
        Row("aidon-hourly", "unix-viper", 5.0),
        Row("aidon-hourly", "cpython", 50.0),
        Row("aidon-hourly", "gurux-dlms", 410.0),
        Row("aidon-hourly", "amshan", 1300.0),
        Row("aidon-hourly", "dsmr-parser", None, note="cannot: no HDLC"),
        Row("kaifa", "unix-viper", 5.0),
    ]
    assert decoding.fastest_peer(rows, "aidon-hourly").runtime == "gurux-dlms"
    assert decoding.fastest_peer(rows, "kaifa") is None
    assert decoding.goals(rows) == [
        ("aidon-hourly", "unix-viper", 80, 82.0),
        ("aidon-hourly", "cpython", 5, 8.2),
    ]


def test_the_goals_are_those_of_the_project():
    wanted = {factor for (_, runtime), factor in decoding.GOALS.items() if runtime == "unix-viper"}
    assert wanted == {80, 30}
    assert set(frames.NAMES) >= {name for name, _ in decoding.GOALS}


def test_the_telegram_without_gas_is_sound_and_otherwise_the_same():
    from meterwire import Decoder

    bare, whole = frames.load("dsmr").messages[0], frame("dsmr5")
    assert b"0-1:" not in bare and 690 < len(bare) < 760 < len(whole)
    decoder = Decoder()
    reading = decoder.feed(bare).read()
    assert decoder.counters["ok"] == 1
    voltage = reading.find(32, 7, 0)
    assert Decimal(reading.decimal(voltage)) > 200


def test_the_messages_of_an_encrypted_meter_differ_and_all_decode():
    from meterwire import Decoder

    sealed = frames.load("kamstrup-dk")
    assert len(set(sealed.messages)) == len(sealed.messages) > 10
    decoder = Decoder(2048, sealed.key, sealed.auth_key)
    for message in sealed.messages:
        assert decoder.feed(message).read() is not None
        assert decoder.read() is None


@pytest.fixture(scope="module")
def measured(micropython):
    if not cpu.can():
        pytest.skip("the CPU time of other processes can be read on Linux only")
    bench = decoding.Bench(
        decoding.load(["kaifa", "sagemcom-at"]), ["cpython", "unix", "unix-viper"], rounds=2
    )
    return bench, bench.run()


def test_every_runtime_decodes_the_same_and_is_timed(measured):
    bench, rows = measured
    assert [(r.frame, r.runtime) for r in rows] == [
        (frame, runtime)
        for frame in ("kaifa", "sagemcom-at")
        for runtime in ("cpython", "unix", "unix-viper")
    ]
    assert all(r.us > 0 and not r.note for r in rows)
    line = json.loads(json.dumps(rows[0].line()))
    assert set(line) == {"frame", "runtime", "us", "alloc"}


def test_a_list_in_the_clear_takes_no_memory_on_micropython(measured):
    _, rows = measured
    heap = {r.runtime: r.alloc for r in rows if r.frame == "kaifa"}
    assert heap["unix"] == heap["unix-viper"] == 0
    assert heap["cpython"] > 0  # so the count itself works


def test_a_runtime_that_decodes_otherwise_is_not_timed(micropython, monkeypatch, tmp_path):
    if not cpu.can():
        pytest.skip("the CPU time of other processes can be read on Linux only")
    lay = decoding.lay_meterwire

    def spoil(folder, viper):
        lay(folder, viper)
        file = folder / "meterwire" / "reading.py"
        text = file.read_text()
        assert "    return value - (1 << 64)" in text
        file.write_text(text.replace("value = value << 8 |", "value = 1 + value << 8 |"))

    monkeypatch.setattr(decoding, "lay_meterwire", spoil)
    bench = decoding.Bench(decoding.load(["kaifa"]), ["cpython", "unix-viper"], rounds=1)
    rows = {r.runtime: r for r in bench.run()}
    assert rows["cpython"].us
    assert rows["unix-viper"].us is None
    assert "differs" in rows["unix-viper"].note


def test_the_plain_tree_has_no_viper_left_in_it(tmp_path):
    for viper in (True, False):
        decoding.lay_meterwire(tmp_path / str(viper), viper)
        texts = [p.read_text() for p in (tmp_path / str(viper) / "meterwire").glob("*.py")]
        assert any("@micropython.viper" in text for text in texts) == viper


def test_the_plot_is_svg_with_a_bar_for_each_row_that_was_timed():
    rows = [
        Row("kaifa", "unix-viper", 8.0),
        Row("kaifa", "amshan", 640.0),
        Row("kaifa", "gurux-dlms", None, note="cannot"),
    ]
    text = plot.draw([frames.load("kaifa")], rows, "a machine & its <name>")
    root = ElementTree.fromstring(text)
    bars = [
        float(e.get("width")) for e in root.iter("{http://www.w3.org/2000/svg}rect") if e.get("rx")
    ]
    assert len(bars) == 2 and bars[0] < bars[1]
    assert "80.0×" in text and "gurux-dlms" not in text


def test_the_table_is_put_between_its_marks_and_nothing_else_is_touched(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"before\n{markdown._BEGIN}\nold\n{markdown._END}\nafter\n")
    rows = [Row("kaifa", "unix-viper", 8.0, 0), Row("kaifa", "amshan", 640.0, 12542)]
    assert markdown.put(page, markdown.table([frames.load("kaifa")], rows, "a machine", 3))
    text = page.read_text()
    assert text.startswith("before\n") and text.endswith("\nafter\n") and "old" not in text
    assert "| unix-viper | 8.0 (80×) |" in text and "| amshan | 12,542 |" in text
    page.write_text("no marks")
    assert not markdown.put(page, "table") and page.read_text() == "no marks"


def test_an_unknown_frame_is_refused_with_the_known_ones():
    done = subprocess.run(
        [sys.executable, "-m", "kwhisper_tools.cli", "bench", "decode", "--frames", "nope"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert re.search(r"no frame 'nope'; there are: aidon-hourly", done.stderr)
