"""The typed face: the stubs say what the code has, and a type checker agrees with their use."""

import ast
import json
import subprocess

import pytest

from kwhisper_tools import paths

PACKAGE = paths.FIRMWARE / "lib" / "meterwire"
STUBS = {"__init__": "decoder", "reading": "reading", "obis": "obis"}

USE = """
from meterwire import UNSURE, Decoder, Reading, obis

decoder = Decoder(3072, key=None, rows=120, unknown=lambda buf, start, end: None)
found: Reading | None = decoder.feed(b"").read()
for reading in decoder.flush():
    power: int = reading.scaled(0, -3)
    time: str | None = reading.time
    name: str | None = obis.name(reading.key(0), reading.ab(0), reading.unit(0))
    if reading.flag(0) & UNSURE:
        continue
"""
MISUSE = """
from meterwire import Decoder

decoder = Decoder(size="much")
for reading in decoder.feed(b""):
    reading.value("0")
    reading.nothing
"""


def functions(tree, public=True):
    """{name: parameters} of functions, and of the methods of classes as Class.name."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            if not node.name.startswith("_") or node.name in ("__init__", "__len__", "__iter__"):
                found[node.name] = [a.arg for a in node.args.args]
        elif isinstance(node, ast.ClassDef):
            of = functions(node)
            found |= {f"{node.name}.{name}": args for name, args in of.items()}
    return found


@pytest.mark.parametrize("stub,module", STUBS.items())
def test_a_stub_says_what_the_code_has(stub, module):
    said = functions(ast.parse((PACKAGE / f"{stub}.pyi").read_text()))
    there = functions(ast.parse((PACKAGE / f"{module}.py").read_text()))
    assert said, "found nothing to compare"
    if stub != "__init__":
        assert set(said) == set(there) - {"Reading.__init__"}
    for name, parameters in said.items():
        assert there[name] == parameters, name


def test_the_package_says_that_it_is_typed():
    assert (PACKAGE / "py.typed").exists()


def check(tmp_path, text):
    (tmp_path / "use.py").write_text(text)
    (tmp_path / "pyrightconfig.json").write_text(
        json.dumps({"extraPaths": [str(PACKAGE.parent)], "typeCheckingMode": "strict"})
    )
    try:
        command = [paths.program("pyright"), "--outputjson", "-p", str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=180)
        said = json.loads(done.stdout)
    except (FileNotFoundError, ValueError) as error:
        pytest.skip(f"no pyright here: {error}")
    return [one["message"] for one in said["generalDiagnostics"] if one["severity"] == "error"]


def test_a_type_checker_takes_right_use_and_finds_wrong_use(tmp_path):
    right = check(tmp_path, USE)
    assert right == []
    wrong = check(tmp_path, MISUSE)
    assert len(wrong) >= 3, wrong
