"""The table that tells a chip which bytecode may leave its heap."""

import ast

import pytest

from kwhisper_tools.build import bytecode_table, mpy, tree
from kwhisper_tools.paths import FIRMWARE

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


def test_nothing_that_runs_from_the_start_is_in_it():
    made = tree.make(tree.CHIPS["esp32"]).files[bytecode_table.TABLE].decode()
    modules = {
        part.split("\n")[0]: {line.split()[0] for line in part.split("\n")[1:] if line}
        for part in ("\n" + made).split("\nkwhisper.")[1:]
    }
    for name in bytecode_table.STARTED:
        name = name.removeprefix("kwhisper.")
        text = (FIRMWARE / "kwhisper" / (name.replace(".", "/") + ".py")).read_text()
        running = {
            n.name for n in ast.walk(ast.parse(text)) if isinstance(n, ast.AsyncFunctionDef)
        }
        listed = {function.rpartition(".")[2] for function in modules[name]}
        assert running and listed and not listed & (running | {"main"})


def test_a_generator_of_the_decoder_stays():
    """A list is read while what its meter had loaded moves."""
    made = tree.make(tree.CHIPS["esp32"]).files[bytecode_table.TABLE].decode()
    assert "\n Decoder.feed " in made
    assert "yield" in (FIRMWARE / "lib" / "meterwire" / "decoder.py").read_text()
    assert "Decoder.__iter__" not in made
