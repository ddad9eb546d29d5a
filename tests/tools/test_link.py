"""Fewer modules on the small chip, and functions that are borrowed: the same program."""

import subprocess
import sys

import pytest

from kwhisper_tools import lend, link

PROGRAM = {
    "house/__init__.py": "",
    "house/words.py": """
import json
from json import dumps
_SEP = ", "
GREETING = "hello"
_count = 0


def join(parts, sep=_SEP):
    global _count
    _count += 1
    return sep.join(parts)


def counted():
    return _count


def unasked():
    return dumps([])
""",
    "house/people.py": """
from . import words
from .words import GREETING as HELLO, join


class Person:
    kind = "person"
    title = kind + "!"

    def __init__(self, name):
        self.name = name
        self.listeners = [self._heard]

    def _heard(self, text):
        return self.name + " heard " + text

    def greet(self, *others, loud=False):
        text = join([HELLO, self.name] + [o.name for o in others])
        return self._louder(text) if loud else text

    def _louder(self, text):
        join = lambda t: t.upper()
        return join(text) + words.GREETING


class Child(Person):
    def _louder(self, text):
        return "(" + super()._louder(text) + ")"


async def later(person, count):
    for i in range(count):
        await _rest()
    return person.greet(loud=True)


async def _rest():
    pass
""",
    "house/main.py": """
from .people import Child, Person, later


def main():
    a, b = Person("a"), Person("b")
    print(a.greet(), b.greet(a), a.listeners[0]("x"), Person.title)
    print(Child("c").greet(loud=True))
    from . import rare

    print(rare.seldom(b))
    from .words import counted

    print(counted())
    import asyncio

    print(asyncio.run(later(b, 2)))
""",
    "house/rare.py": """
from . import words
from .people import Person


def seldom(p):
    return words.join([p.greet(loud=True), str(isinstance(p, Person)), words.GREETING])
""",
}
BUNDLES = {
    "house/core.py": ("house/people.py", "house/words.py"),
    "house/main.py": ("house/main.py",),
}
SELDOM = {
    "loud": ("house/people.py:Person._louder",),
    "rest": ("house/people.py:_rest", "house/people.py:later"),
}


def told(folder, texts):
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    # MicroPython's const and threshold are not CPython's.
    (folder / "micropython.py").write_text("const = lambda x: x\n")
    code = "import gc; t = gc.threshold = lambda n: None\nfrom house.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def linked(texts=PROGRAM, bundles=BUNDLES, seldom=SELDOM):
    program = link.link(texts, bundles, public={"main"})
    lend.lend(program, seldom)
    return program.texts()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return told(tmp_path_factory.mktemp("whole"), PROGRAM)


def test_a_linked_program_does_the_same(tmp_path, whole):
    bundled = linked(seldom={})
    assert not {"house/people.py", "house/words.py"} & bundled.keys()
    assert told(tmp_path, bundled) == whole


def test_what_nobody_asks_for_is_left_out():
    core = linked(seldom={})["house/core.py"]
    assert "unasked" not in core and "counted" in core


CONSTANTS = PROGRAM | {
    "house/words.py": PROGRAM["house/words.py"]
    + f"""
SIZE = 4 * 1 if _count else 5
LIMIT = 1234
PAIR = (1, b"two")
LONG = "{"long " * 200}"
_level = 6
_level += 1


def numbers(LIMIT=9):
    return LIMIT, PAIR, SIZE, len(LONG), _level
""",
    "house/rare.py": """
from .words import GREETING, LIMIT, LONG, PAIR, SIZE, join, numbers


def seldom(p):
    def shadowed():
        SIZE = 3
        GREETING = "mine"
        return SIZE, GREETING

    from . import words
    return numbers(), PAIR, LIMIT, SIZE, LONG[:4], words.LIMIT, words.GREETING, shadowed()
""",
}


def test_a_constant_stands_where_it_is_used(tmp_path):
    before = told(tmp_path / "before", CONSTANTS)
    made = linked(CONSTANTS, seldom={})
    assert told(tmp_path / "after", made) == before
    core, rare = made["house/core.py"], made["house/rare.py"]
    assert "PAIR" not in core + rare and rare.count("(1, b'two')") == 1
    assert "_SEP" not in core and "sep=', '" in core and "HELLO" not in core
    assert "words_LIMIT" not in core + rare and "LIMIT=9" in core
    assert "words_GREETING" not in core + rare and "GREETING = 'mine'" in rare
    for name in ("_count", "_level", "SIZE", "LONG"):
        assert f"{name} = " in core, "bound again, no constant, or long"


def test_a_public_constant_keeps_its_name():
    program = link.link(PROGRAM, BUNDLES, public={"main", "GREETING"})
    assert "GREETING = 'hello'" in program.texts()["house/core.py"]
    assert "GREETING" not in linked(seldom={})["house/core.py"]


def test_a_borrowed_function_does_the_same(tmp_path, whole):
    texts = dict(PROGRAM)
    # A method that is overridden cannot be lent.
    texts["house/people.py"] = texts["house/people.py"].replace(
        '    def _louder(self, text):\n        return "(',
        '    def other(self, text):\n        return "(',
    )
    before = told(tmp_path / "before", texts)
    made = linked(texts)
    assert {"c0.py", "c1.py"} <= made.keys()
    assert "def _people_louder" not in made["house/core.py"]
    assert told(tmp_path / "after", made) == before


BELLS = PROGRAM | {
    "house/people.py": PROGRAM["house/people.py"]
    + """

class Bell:
    def __init__(self, sound, times=2, **more):
        self.sound = sound * times
        self.more = more
        self.other = Bell(sound, 1) if times > 1 else None

    def ring(self):
        return self.sound + str(self.more), self.other and self.other.ring()

    def close(self):
        return "closed"

    def left(self):
        return self.sound


class Empty:
    def __init__(self, sound):
        if not sound:
            return
        self.sound = sound
""",
    "house/rare.py": """
from .people import Bell, Empty


def seldom(p):
    bell = Bell("a")
    bells = [bell, Bell("b", times=3), *[Bell(s, far=True) for s in "cd"]]
    rung = [bell.ring() for bell in bells], isinstance(bell, Bell), Empty("x").sound
    return rung, bell.close(), (lambda left: left())(bell.left)
""",
}


def test_what_makes_an_object_can_be_borrowed(tmp_path):
    before = told(tmp_path / "before", BELLS)
    made = linked(BELLS, seldom={"bell": ("house/people.py:Bell.__init__",)})
    core, rare = made["house/core.py"], made["house/rare.py"]
    assert "sound * times" not in core and "sound * times" in made["c0.py"]
    assert rare.count("Bell___init__(house_people_Bell(), ") == 3
    assert told(tmp_path / "after", made) == before


@pytest.mark.parametrize(
    ("method", "says"),
    [
        ("Bell.left", "bell.left is handed on"),
        ("Bell.close", "objects of MicroPython have such a method"),
        ("Empty.__init__", "returns before its end"),
    ],
)
def test_a_method_that_may_be_called_unseen_cannot_be_lent(method, says):
    with pytest.raises(ValueError, match=says):
        linked(BELLS, seldom={"x": ("house/people.py:" + method,)})


@pytest.mark.parametrize(
    ("function", "says"),
    [
        ("house/people.py:Person._heard", "handed on"),
        ("house/words.py:join", "binds a name of its module"),
        ("house/people.py:Person.gone", "there is no"),
        ("house/rare.py:seldom", "in no bundle"),
        ("house/people.py:Person._louder", "overridden"),
    ],
)
def test_what_cannot_be_lent_is_refused(function, says):
    with pytest.raises(ValueError, match=says):
        linked(seldom={"x": (function,)})


def test_a_name_that_something_holds_too_cannot_be_lent():
    texts = dict(PROGRAM)
    texts["house/people.py"] = texts["house/people.py"].replace(
        "async def later(",
        "class Bell:\n    def ring(self):\n        return 1\n\n\nasync def later(",
    )
    texts["house/rare.py"] += """
from .people import Bell


def other(door):
    door.ring = 1
    return Bell().ring()
"""
    with pytest.raises(ValueError, match="something holds"):
        linked(texts, seldom={"x": ("house/people.py:Bell.ring",)})


def test_a_module_that_is_handed_on_is_refused():
    texts = PROGRAM | {
        "house/rare.py": "from . import words\n\n\ndef seldom(p):\n    return words\n"
    }
    with pytest.raises(ValueError, match="hands on"):
        linked(texts, seldom={})
