"""The rules of docs/architecture.md that a walk over the sources can tell."""

import ast
import re

import pytest

from kwhisper_tools import paths
from kwhisper_tools.build import tree
from kwhisper_tools.paths import FIRMWARE

PLACES = {"meterwire": FIRMWARE / "lib" / "meterwire", "kwhisper": FIRMWARE / "kwhisper",
          "esp8266": FIRMWARE / "esp8266"}  # fmt: skip
# What a building may import of the others.
MAY = {"meterwire": set(), "kwhisper": {"meterwire"}, "esp8266": {"meterwire", "kwhisper"}}


def modules(place):
    found = tree.modules(PLACES[place])
    assert len(found) > 5
    return {str(path.relative_to(PLACES[place].parent)): path.read_text() for path in found}


@pytest.mark.parametrize("place", PLACES)
def test_arrows_point_inwards(place):
    others = {"kwhisper_tools", *PLACES} - {place} - MAY[place]
    for name, text in modules(place).items():
        for module in tree.imported(name, text):
            assert module.split(".")[0] not in others, f"{name} imports {module}"


def test_a_module_s_name_stands_once_in_the_house():
    """Nobody wonders which `history` is meant. main.py is what the chips start."""
    found = [path for top in (FIRMWARE, paths.ROOT / "tools") for path in tree.modules(top)]
    assert len(found) > 200
    by_name = {}
    for path in found:
        if path.name not in ("__init__.py", "__main__.py", "main.py"):
            by_name.setdefault(path.name, []).append(str(path.relative_to(paths.ROOT)))
    assert not [places for places in by_name.values() if len(places) > 1]


def test_formats_call_nothing_back():
    """A format knows the decoder and its own room; it reads tables and asks the calendar."""
    ours = r"meterwire|kwhisper\.(formats|storage\.table|calendar)"
    may = re.compile(ours + "|json$|binascii|struct")
    for name, text in modules("kwhisper").items():
        if "/formats/" in name:
            for module in tree.imported(name, text):
                assert may.match(module), f"{name} imports {module}"


def test_the_decoder_knows_no_hardware_network_clock_or_asyncio():
    for name, text in modules("meterwire").items():
        for module in tree.imported("lib/" + name, text):
            assert module.split(".")[0] not in (
                "machine", "network", "socket", "time", "asyncio", "select",
            ), f"{name} imports {module}"  # fmt: skip


def test_what_a_chip_is_like_is_asked_in_board_py_alone():
    for name, text in modules("kwhisper").items():
        asks = re.search(r"sys\.(platform|implementation)|\bif small\b|os\.uname", text)
        assert not asks or name == "kwhisper/board.py", f"{name}: {asks[0]}"


def test_the_text_of_an_exception_is_nowhere_told():
    """It may hold what was being worked on: fault_of() tells the type."""
    for name, text in modules("kwhisper").items():
        assert "repr(e)" not in text, name


def test_nobody_reaches_into_another_s_private_attributes():
    """x._y stands only where x is self, a module's own class, or a part of the language."""
    for place in ("kwhisper", "esp8266"):
        for name, text in modules(place).items():
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Attribute) and re.match("_[a-z]", node.attr):
                    whose = ast.unparse(node.value)
                    own = (
                        whose in ("self", "core", "sys.implementation") or f"class {whose}" in text
                    )
                    assert own, f"{name}: {whose}.{node.attr}"
