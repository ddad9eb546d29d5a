"""Fewer names on the small chip, the same program."""

import ast
import re

import pytest

from kwhisper_tools import names, paths, tree
from kwhisper_tools.meters import METERS, frame

A = '''
"""Says _hidden in its text."""
from micropython import const
_SIZE = const(4)
_table = {"x": 1}


class Base:
    def __init__(self, first, second=_SIZE):
        self._mine = first
        self.open = second
        self._kept_by_string = 0

    def _help(self, first):
        first += self._mine
        return [first + x for x in range(_SIZE)]

    def get(self, key, *, default=None):
        inner = lambda key: key + self._mine
        return inner(key), getattr(self, "_kept_by_string"), default


def make(first, by_name=0):
    return Base(first, second=by_name)
'''
B = """
from a import Base, _table, make


class Child(Base):
    def __init__(self, number):
        super().__init__(number, second=7)
        self._own = number * 2

    def all(self, key):
        return self._help(key), self._own, self._mine, _table["x"], self.get(key, default=3)


made = Child(5).all(1), make(1, by_name=9).open
"""


def run(sources, wanted="made"):
    spaces = {}

    import builtins

    def load(name, *_):
        if name == "micropython":
            return type("m", (), {"const": staticmethod(lambda x: x)})
        if name + ".py" not in sources:
            return __import__(name)
        if name not in spaces:
            spaces[name] = space = {"__builtins__": dict(vars(builtins), __import__=load)}
            space["__name__"] = name
            exec(sources[name + ".py"], space)
        return type("m", (), spaces[name])

    load("b")
    return spaces["b"][wanted]


def test_the_program_stays_the_same_across_files_and_inheritance():
    sources = {"a.py": A, "b.py": B}
    short = names.shorten(sources, {}, {"made"})
    assert run(short) == run(sources)
    text = "".join(short.values())
    assert "class Base" not in text and "def all" in text  # all: a name of the language
    assert not re.search(r"\b(_mine|_help|_own|_table|number)\b", text)
    # By keyword, removed by the compiler, or named in a string.
    for kept in ("second", "by_name", "default", "_SIZE", "_kept_by_string"):
        assert kept in text


def test_names_that_meet_on_one_object_stay_apart():
    short = names.shorten({"a.py": A, "b.py": B}, {})
    mine = re.search(r"self\.(\w+) = _a", short["a.py"]).group(1)
    own = re.search(r"self\.(\w+) = _a \* 2", short["b.py"]).group(1)
    assert mine != own


C = """
import time as clock
from a import make as build, Base
limit = 3


def outer(value):
    frame = value

    def step(size):
        nonlocal frame
        frame += size + limit
        return frame

    try:
        step(1)
    except ValueError as problem:
        return problem
    return step(len([limit for limit in range(2)])), clock is not None


def passed(by_dict):
    return by_dict


class Holder:
    limit = 5

    @property
    def frame(self):
        return self.limit

    def size(self, frame):
        from a import Base as base
        from a import Base, make

        assert make is not Base is base
        global limit
        limit = frame
        options = {"by_dict": 4}
        return outer(frame), build(1, by_name=2).open, self.frame, limit, passed(**options)


class b:
    pass


done = Holder().size(7)
"""


def test_scopes_keep_their_names_apart():
    sources = {"a.py": A, "b.py": C}
    short = names.shorten(sources, {})

    assert run(names.shorten(sources, {}, {"done"}), "done") == run(sources, "done")
    assert "class Holder" not in short["b.py"]


def test_a_script_binds_words_that_micropython_has_anyway():
    text = (paths.ROOT / "boot.py").read_text()
    public = {"start", "boot_note", "settled"}
    short = names.shorten_script(text, public)
    assert short.count("\n") == text.count("\n")

    def bound(text):
        found = set()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.add(node.id)
            elif isinstance(node, ast.FunctionDef | ast.arg):
                found.add(getattr(node, "name", None) or node.arg)
        return found

    assert public <= bound(short) <= public | set(names._SPARE)
    assert len(bound(short)) == len(bound(text)), "no two of them became one"


def test_lines_stay_where_they_are():
    short = names.shorten({"a.py": A, "b.py": B}, {})
    assert short["a.py"].count("\n") == A.count("\n")


def test_names_of_foreign_modules_are_left_to_them():
    source = "class C:\n    def _send(self, data):\n        self._theirs = data\n"
    foreign = {"f.py": "class F:\n    def g(self):\n        return self._theirs\n"}
    assert "_theirs" in names.shorten({"c.py": source}, foreign)["c.py"]


def test_the_firmware_gets_by_with_far_fewer_names():
    ours = {
        path: source.read_text()
        for path, source in tree.sources().items()
        if path.endswith(".py") and path.startswith("kwhisper")
    }

    def count(sources):
        return len(set(re.findall(r"\b_[a-z]\w+", "".join(sources.values()))))

    assert count(names.shorten(ours, {})) < count(ours) * 0.5


_DECODE = """
import sys
from meterwire import Decoder
for line in open({frames!r}):
    d = Decoder(2048)
    d.feed(bytes.fromhex(line.strip()))
    r = d.read()
    d.flush()
    while r is None and d.read():
        pass
    print(d.counters, r and [(r.obis(i), r.decimal(i), r.unit(i)) for i in range(len(r))])
"""


@pytest.mark.parametrize("chip", ["esp8266", "esp32"])
def test_the_built_decoder_says_what_its_source_says(
    chip, micropython, on_micropython, tmp_path, monkeypatch
):
    """The files as they go to the chip, run by the unix port: with short names and without."""
    # Module by module: what linking makes of them, tests/chip sees.
    monkeypatch.setattr(tree, "_linked", lambda chip, texts: (texts, {}))
    monkeypatch.setattr(tree, "_add_words", lambda *_: None)
    monkeypatch.setattr(tree.bundles, "RENAMED", {})
    public = tree._public() | set(re.findall(r"\w+", _DECODE))
    monkeypatch.setattr(tree, "_public", lambda: public)
    made = tree.make(tree.CHIPS[chip])
    for path, data in made.files.items():
        if path.startswith("lib/meterwire/"):
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    frames = tmp_path / "frames"
    frames.write_text("".join(f"{frame(name).hex()}\n" for name in METERS))
    script = _DECODE.format(frames=str(frames))
    built = on_micropython([micropython], script, [str(tmp_path / "lib")])
    source = on_micropython([micropython], script, [str(paths.FIRMWARE / "lib")])
    assert built == source and built.count("1.7.0") > 20
