"""The same vectors on CPython and MicroPython, 64 and 32 bits, Viper and plain, and as built.

CPython is the witness: what it says is checked by all the other tests.
"""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from decoder import vectors

from kwhisper_tools import paths
from kwhisper_tools.build import tree
from meterwire import _twin

HERE = Path(__file__).resolve().parent
LIBRARY = paths.FIRMWARE / "lib"
PACKAGE = LIBRARY / "meterwire"


@pytest.fixture(scope="session")
def spoken(tmp_path_factory):
    """(file of vectors, what CPython says to it)"""
    file = tmp_path_factory.mktemp("vectors") / "vectors.txt"
    file.write_text("\n".join(vectors.lines()) + "\n")
    return file, output([sys.executable], LIBRARY, file)


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """built(architecture, viper): the folder of the decoder as `kwhisper build` makes it."""
    trees = {}

    def make(march, viper):
        if march not in trees:
            trees[march] = tree.make(tree.Chip(march, march, "")).files
        folder = tmp_path_factory.mktemp(f"{march}-{viper}")
        for path, data in trees[march].items():
            # without its Viper files it is what a chip has that cannot take machine code
            if path.startswith("lib/meterwire/") and (viper or not path.endswith("_v.mpy")):
                file = folder / path.removeprefix("lib/")
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data)
        return folder

    return make


def output(command, library, file, timeout=240):
    """What the runner prints with this runtime and this decoder."""
    environment = dict(os.environ, MICROPYPATH=f"{library}:.frozen", PYTHONPATH=str(library))
    done = subprocess.run(
        [*command, str(HERE / "say.py"), str(file)],
        capture_output=True,
        text=True,
        timeout=timeout,
        env=environment,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout[-300:] + done.stderr[-2000:]
    return done.stdout.splitlines()


def assert_same(command, library, spoken):
    file, right = spoken
    said = output(command, library, file)
    vector = ""
    for mine, theirs in zip(said, right, strict=False):
        if theirs.startswith("#"):
            vector = theirs
        assert mine == theirs, vector
    assert len(said) == len(right)


def test_the_vectors_reach_every_cause_and_give_readings(spoken):
    _, right = spoken
    text = "\n".join(right)
    for cause in ("ok", "hcs", "fcs", "length", "checksum", "crc", "unchecked", "noise",
                  "segment", "apdu", "unknown", "no_key", "key", "tag", "counter"):  # fmt: skip
        assert f"{cause}=" in text, cause
    assert sum(" | " in line for line in right) > 500


def test_micropython_64_with_viper(micropython, spoken):
    assert_same([micropython], LIBRARY, spoken)


def test_micropython_64_plain(micropython, plain, spoken):
    assert_same([micropython], plain, spoken)


def test_micropython_64_as_built(micropython, built, spoken):
    assert_same([micropython], built("x64", True), spoken)


def test_micropython_32_with_viper(micropython32, spoken):
    assert_same(micropython32, LIBRARY, spoken)


def test_micropython_32_plain(micropython32, plain, spoken):
    assert_same(micropython32, plain, spoken)


@pytest.mark.parametrize("viper", [True, False], ids=["viper", "plain"])
def test_micropython_32_as_built(micropython32, built, viper, spoken):
    assert_same(micropython32, built("x86", viper), spoken)


@pytest.mark.parametrize("name", ["aidon", "kaifa", "kamstrup", "kaifa-at"])
def test_a_small_heap_is_enough(micropython32, built, spoken, name, tmp_path):
    """64 KB with all the code in them; what a chip has, its code in flash, is in tests/chip."""
    small = tmp_path / "vectors.txt"
    few = [line.split() for line in spoken[0].read_text().splitlines()]
    few = [" ".join((*f[:3], "1100", *f[4:])) for f in few if f[0] == name]
    small.write_text("\n".join(few) + "\n")
    right = small, output([sys.executable], LIBRARY, small)
    assert_same([*micropython32, "-X", "heapsize=64k"], built("x86", False), right)


# ---- each Viper function beside its twin


@pytest.fixture(scope="session")
def pairs(tmp_path_factory, plain):
    """The decoder with the Viper files and their twins side by side."""
    folder = tmp_path_factory.mktemp("pairs")
    (folder / "meterwire").mkdir()
    for source in [*(plain / "meterwire").glob("*.py"), *PACKAGE.glob("*_v.py")]:
        (folder / "meterwire" / source.name).write_text(source.read_text())
    return folder


def digests(command, library):
    environment = dict(os.environ, MICROPYPATH=f"{library}:.frozen", PYTHONPATH=str(library))
    done = subprocess.run(
        [*command, str(HERE / "twins.py")],
        capture_output=True,
        text=True,
        timeout=240,
        env=environment,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    return dict(line.split() for line in done.stdout.splitlines())


@pytest.fixture(scope="session")
def without_width():
    """The digests of CPython, whose integers do not wrap."""
    return digests([sys.executable], LIBRARY)


def test_viper_and_twin_agree_on_64_bits(micropython, pairs, without_width):
    assert digests([micropython], pairs) == without_width


def test_viper_and_twin_agree_on_32_bits(micropython32, pairs, without_width):
    assert digests(micropython32, pairs) == without_width


def test_every_viper_function_is_compared():
    """A new one must find its way into twins.py; those called by others are reached by them."""
    inner = {"pull": "next_frame", "put_row": "fill", "long_number": "lines", "same": "judge"}
    text = (HERE / "twins.py").read_text()
    for name in _twin.VIPER:
        tree_of = ast.parse((PACKAGE / f"{name}.py").read_text())
        for node in tree_of.body:
            if isinstance(node, ast.FunctionDef) and node.decorator_list:
                assert f".{inner.get(node.name, node.name)}(" in text, f"{name}.{node.name}"
