"""What MicroPython leaves out of its ESP8266 builds (ports/esp8266/mpconfigport.h) is used by
nothing that the small reader loads. The model runs without it, too: pretended_esp8266.py."""

import ast

from kwhisper_tools.build import tree

# Of str and bytes, and of modules.
METHODS = {"partition", "rpartition", "splitlines", "center"}
FUNCTIONS = {"compile", "execfile", "complex", "NotImplemented"}
MODULES = {"binascii": {"crc32"}, "random": {"randint", "choice", "uniform", "random"}, "math": {}}
# Loaded from source on a PC, or by an ESP32 alone: its boards, its formats, its wiring.
NOT_LOADED = ("_twin.py", "_source.py", "board.py", "domoticz.py", "mysensors.py", "wiring.py")


def found_in(text):
    """What of it a module uses. In a try whose handler says what else is done, it may."""
    module = ast.parse(text)
    asked = {
        inner
        for node in ast.walk(module)
        if isinstance(node, ast.Try)
        and {ast.unparse(h.type) for h in node.handlers if h.type} & {"NameError", "ImportError"}
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(module):
        if node in asked:
            continue
        if isinstance(node, ast.Attribute) and node.attr in METHODS:
            yield node.attr
        if isinstance(node, ast.Name) and node.id in {"__file__", *FUNCTIONS}:
            yield node.id
        if isinstance(node, ast.ImportFrom) and node.module in MODULES:
            yield from MODULES[node.module] & {alias.name for alias in node.names}


def test_nothing_is_used_that_the_chip_has_not():
    chip = tree.CHIPS["esp8266"]
    looked_at = 0
    for path, source in tree.sources().items():
        if path.endswith(".py") and chip.has(path) and not path.endswith(NOT_LOADED):
            text = source.read_text()
            if path == "lib/meterwire/__init__.py":
                # Its first lines are for a PC, and are cut off by the build.
                text = text[text.index("\nfrom .") :]
            looked_at += 1
            assert not list(found_in(text)), path
    assert looked_at > 40


def test_it_would_be_found():
    text = "from binascii import crc32\nx = __file__\ny = x.rpartition('/')[0]\n"
    assert set(found_in(text)) == {"crc32", "__file__", "rpartition"}
    assert not list(found_in("try:\n    x = __file__\nexcept NameError:\n    x = 1\n"))
