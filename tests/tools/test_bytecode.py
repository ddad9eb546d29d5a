"""The table that tells a chip which bytecode may leave its heap."""

import ast

import pytest

from kwhisper_tools.build import bytecode_table, mpy, tree
from kwhisper_tools.paths import FIRMWARE

# Of the 38 KB that an ESP32 has outside its heap.
LEFT_AT_FIRST = 20_000
SOURCE = """
import sys

FOUND = [n * 2 for n in range(3)]


def plain(a, b=lambda: 3):
    def inner():
        return a
    return inner


class Thing:
    @property
    def hidden(self):
        return 1

    def seen(self):
        return sum(n for n in self.hidden)

    async def later(self):
        await self.seen()


@plain
def wrapped(a):
    return a
"""


@pytest.fixture
def compiled(tmp_path):
    source, target = tmp_path / "m.py", tmp_path / "m.mpy"
    source.write_text(SOURCE)
    mpy.compile(source, target, "xtensawin", "m", 3)
    return target.read_bytes()


def test_functions_are_found_by_the_names_that_lead_to_them(compiled):
    found = bytecode_table.functions(SOURCE, compiled)
    assert set(found) == {"plain", "Thing.seen", "Thing.later"}
    codes = [child.data for child in mpy.code(compiled).children]
    assert found["plain"] in codes and found["Thing.seen"] in compiled
    assert len(set(found.values())) == len(found)


def test_another_source_is_no_table(compiled):
    with pytest.raises(ValueError, match="functions, but"):
        bytecode_table.functions(SOURCE + "\ndef more(): pass\n", compiled)


def listed():
    """{module: {function: bytes}} of the table; what a module's line says of its lines is true."""
    found, name = {}, ""
    lines = tree.make(tree.CHIPS["esp32"]).files[bytecode_table.TABLE].decode().splitlines(True)
    for n, line in enumerate(lines):
        if line[0] == " ":
            function, size, _ = line.split()
            found[name][function] = int(size)
        else:
            name, size = line.split()
            found[name] = {}
            rest = "".join(lines[n + 1 :])
            assert rest[int(size) :][:1] not in (" ", "\n")
            assert all(row[0] == " " for row in rest[: int(size)].splitlines())
    return found


def test_what_runs_for_ever_moves_before_it_does():
    """run_mode.py moves it first of all, while there is room for the whole of it."""
    found = listed()
    loaded = [name for name in found if "kwhisper.run" in name or name in bytecode_table.STARTED]
    assert sum(sum(found[name].values()) for name in loaded) < LEFT_AT_FIRST
    for name, running in bytecode_table.STARTED.items():
        text = (FIRMWARE / (name.replace(".", "/") + ".py")).read_text()
        names = {n.name for n in ast.walk(ast.parse(text)) if isinstance(n, ast.AsyncFunctionDef)}
        there = {function.rpartition(".")[2] for function in found[name]}
        assert names - there == names & set(running) and not there & set(running)
    build = (FIRMWARE / "kwhisper" / "run_mode.py").read_text()
    first = build.index("await move(board.outside, _BUFFERS, ")
    assert build.index("station.Station(") < first < build.index("start(device.keep(station")


def test_a_generator_of_the_decoder_stays():
    """A list is read while what its meter had loaded moves."""
    made = tree.make(tree.CHIPS["esp32"]).files[bytecode_table.TABLE].decode()
    assert "\n Decoder.feed " in made
    assert "yield" in (FIRMWARE / "lib" / "meterwire" / "decoder.py").read_text()
    assert "Decoder.__iter__" not in made
