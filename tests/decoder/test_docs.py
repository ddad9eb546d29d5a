"""docs/meters.md is what the tables of the code say; the other pages' examples are true."""

import json
import re
import subprocess
import sys

from kwhisper_tools.build import docs
from kwhisper_tools.commands.decode import as_json, frames_line
from kwhisper_tools.meters import METERS, make
from kwhisper_tools.paths import FIRMWARE, ROOT
from meterwire import Decoder


def test_the_page_of_meters_is_up_to_date():
    assert docs.FILE.read_text() == docs.make(), "run `python -m kwhisper_tools.build.docs`"


def test_the_page_names_every_meter_and_code():
    text = docs.make()
    for name, meter in METERS.items():
        assert f"`{name}`" in text
        assert meter.model in text
    assert "| 31.7.0 | `current_l1` | A |" in text
    assert "AM550 15 min" in text


def _blocks(path, language):
    return re.findall(rf"```{language}\n(.*?)```", path.read_text(), re.S)


def test_the_library_s_example_runs(tmp_path):
    frames = make("aidon", seed=1)
    (tmp_path / "capture.bin").write_bytes(b"".join(frames.next().data for _ in range(8)))
    example = next(iter(_blocks(FIRMWARE / "lib" / "meterwire" / "README.md", "python")))
    done = subprocess.run(
        [sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "1-0:1.7.0" in done.stdout


def test_the_page_of_decode_names_every_member():
    text = (ROOT / "docs" / "decode.md").read_text()
    line, last = (json.loads(block) for block in _blocks(ROOT / "docs" / "decode.md", "json"))
    decoder = Decoder(size=2048)
    told = [as_json(reading) for reading in decoder.feed(make("fluvius-be", seed=1).next().data)]
    assert set(line) <= set(told[0])
    members = set(told[0]).union(*told[0]["values"].values())
    assert {"texts", "time"} < members
    decoder.feed(b"noise").flush()
    for name in members | set(last) | set(frames_line(decoder)) - {"frames"}:
        assert f"`{name}`" in text or name == "frames", name
