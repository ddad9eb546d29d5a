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
from kwhisper_tools.bench import decoder_heap as memory
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
    """built(architecture, viper): the folder of the decoder compiled, as `kwhisper build` does."""

    def make(march, viper):
        folder = tmp_path_factory.mktemp(march)
        memory.lay(folder, viper, march)
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
                  "segment", "apdu", "unknown", "no_key", "key", "tag", "counter",
                  "rows"):  # fmt: skip
        assert f"{cause}=" in text, cause
    assert sum(" | " in line for line in right) > 500


def test_micropython_64_with_viper(micropython, spoken):
    assert_same([micropython], LIBRARY, spoken)


def test_micropython_64_plain(micropython, plain, spoken):
    assert_same([micropython], plain, spoken)


def test_micropython_64_as_built(micropython, built, spoken):
    assert_same([micropython], built("x64", None), spoken)


def test_micropython_32_with_viper(micropython32, spoken):
    assert_same(micropython32, LIBRARY, spoken)


def test_micropython_32_plain(micropython32, plain, spoken):
    assert_same(micropython32, plain, spoken)


@pytest.mark.parametrize("choice", [None, _twin.chip_choice(), {}], ids=["viper", "chip", "plain"])
def test_micropython_32_as_built(micropython32, built, choice, spoken):
    assert_same(micropython32, built("x86", choice), spoken)


@pytest.mark.parametrize("name", ["aidon", "kaifa", "kamstrup", "kaifa-at"])
def test_a_small_heap_is_enough(micropython32, built, spoken, name, tmp_path):
    """64 KB with all the code in them; what a chip has, its code in flash, is in tests/chip."""
    small = tmp_path / "vectors.txt"
    few = [line.split() for line in spoken[0].read_text().splitlines()]
    few = [" ".join((*f[:3], "1100", *f[4:])) for f in few if f[0] == name]
    small.write_text("\n".join(few) + "\n")
    right = small, output([sys.executable], LIBRARY, small)
    assert_same([*micropython32, "-X", "heapsize=64k"], built("x86", {}), right)


# ---- each Viper function beside its twin


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


@pytest.mark.parametrize("form", ["viper", "plain"])
@pytest.mark.parametrize("bits", [64, 32])
def test_viper_and_twin_agree(bits, form, request, without_width):
    if bits == 64:
        command = [request.getfixturevalue("micropython")]
    else:
        command = request.getfixturevalue("micropython32")
    assert digests(command, request.getfixturevalue(form)) == without_width


def test_every_viper_function_is_compared():
    """A new one must find its way into twins.py; those called by others are reached by them."""
    reached = {
        **dict.fromkeys(("pull", "hdlc", "mbus", "candidate"), "next_frame"),
        **dict.fromkeys(("telegram", "signature", "ciphered", "bare"), "next_frame"),
        **dict.fromkeys(("identify", "quantities", "weigh", "doubt", "net", "sums"), "judge"),
        **dict.fromkeys(("totals", "occasion"), "judge"),
        **dict.fromkeys(("begin", "scan"), "read"),
        **dict.fromkeys(("element", "put_row"), "fill"),
        **dict.fromkeys(("long_number", "unit"), "lines"),
    }
    text = (HERE / "twins.py").read_text()
    for name in _twin.VIPER:
        tree_of = ast.parse((PACKAGE / f"{name}.py").read_text())
        for node in tree_of.body:
            if isinstance(node, ast.FunctionDef) and node.decorator_list:
                assert f".{reached.get(node.name, node.name)}(" in text, f"{name}.{node.name}"


def test_the_choice_for_a_chip_names_functions_that_there_are():
    for name, functions in _twin.chip_choice().items():
        assert name in _twin.VIPER
        tree_of = ast.parse((PACKAGE / f"{name}.py").read_text())
        known = {n.name for n in tree_of.body if isinstance(n, ast.FunctionDef)}
        assert functions and set(functions) <= known, name


def test_the_words_that_the_twins_are_run_with_are_those_of_the_decoder():
    known = _twin.words()
    stated = _twin._stated(ast.parse((HERE / "twins.py").read_text()))
    stated.pop("_AHEAD")
    assert len(stated) > 10
    assert stated == {name: known[name] for name in stated}
