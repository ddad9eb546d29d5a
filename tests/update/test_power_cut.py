"""The power goes at any operation of the flash: what starts is a whole version, and the next
update works. On MicroPython's own littlefs, torn in four ways: see cut_worker.py.
"""

import json
import random
from pathlib import Path

import pytest

from kwhisper_tools import paths
from kwhisper_tools.build import kwu

WORKER = Path(__file__).with_name("cut_worker.py")


def tree(seed):
    """Files within a block, of several, and tiny ones that littlefs keeps in their folder."""
    made = random.Random(seed)
    sizes = {
        "kwhisper/__init__.mpy": 40,
        "kwhisper/app.mpy": 3000,
        "kwhisper/web/api.mpy": 5000,
        "kwhisper/web/static/live.html.gz": 9000,
        "lib/meterwire/decoder.mpy": 4096,
        "lib/empty": 0,
    }
    return {path: made.randbytes(size) for path, size in sizes.items()}


@pytest.fixture
def stories(tmp_path, keys, micropython):
    """run(first, step): the counts that the worker found."""
    import subprocess

    key = keys[0]
    for name, version in (("earlier", "0.0.9"), ("old", "0.1.0"), ("new", "0.2.0")):
        made = kwu.pack(tree(version), "x64", version, key)
        (tmp_path / f"{name}.kwu").write_bytes(made)
    (tmp_path / "key.pem").write_bytes(kwu.public_text(key))
    (tmp_path / "boot.py").write_bytes((paths.ROOT / "boot.py").read_bytes())

    def run(first, step):
        command = [micropython, "-X", "heapsize=16m", str(WORKER), str(tmp_path)]
        command += [str(first), str(step), str(paths.FIRMWARE)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=3000)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run


def test_a_cut_at_any_write_leaves_a_whole_version(stories):
    found = stories(1, 11)
    assert found["cuts"] > 30 and found["full"] > 2
    assert found["0.1.0"] and found["0.2.0"], "both are met"


@pytest.mark.slow
def test_a_cut_at_every_write_torn_in_four_ways(stories):
    found = stories(1, 1)
    operations = found["story_confirmed"] + found["story_given_up"]
    assert found["cuts"] == 4 * operations > 500
