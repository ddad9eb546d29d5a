"""Bytecode leaves the heap, on the 32-bit runtime, whose functions are laid out as an ESP32's."""

import json
import shutil
import subprocess

import pytest

from kwhisper_tools.meters import frame

SCRIPT = """
import asyncio, gc, json, sys, uctypes
tree, data = TREE_AND_DATA
sys.path[:0] = [tree, tree + "/lib"]
from kwhisper.bytecode import move
from meterwire import Decoder

PLACE = bytearray(12000)

class Outside:
    pieces = True
    def __init__(self):
        self.start = self.at = uctypes.addressof(PLACE)
    def left(self):
        return self.start + len(PLACE) - self.at
    def has(self, address):
        return self.start <= address < self.start + len(PLACE)
    def take(self, n):
        self.at += n
        return self.at - n

def word(function):
    return int.from_bytes(bytes(uctypes.bytearray_at(id(function) + 12, 4)), "little")

def values():
    lists = Decoder(3072).feed(bytes.fromhex(data))
    return [[r.obis(i), r.text(i)] for r in lists for i in range(len(r))]

outside = Outside()
before = values()
old = word(Decoder._frame)
asyncio.run(move(outside, 0, "meterwire."))
taken = outside.at - outside.start
asyncio.run(move(outside, 0, "meterwire."))
gc.collect()
junk = [bytes(100) for _ in range(200)]  # what was moved is overwritten where it lay
print(json.dumps({
    "same": values() == before and bool(before),
    "taken": taken,
    "again": outside.at - outside.start - taken,
    "moved": outside.has(word(Decoder._frame)),
    "old": old == word(Decoder._frame),
    "other": outside.has(word(Decoder._bare)),
}))
"""


@pytest.fixture
def moved(tmp_path, micropython32, built):
    """moved(edit) -> what the script says, with the lines of bytecode.txt edited before."""

    def run(edit):
        tree = shutil.copytree(built, tmp_path / "tree")
        table = tree / "kwhisper" / "bytecode.txt"
        lines = table.read_text().splitlines(keepends=True)
        table.write_text("".join(map(edit, lines)))
        script = tmp_path / "script.py"
        script.write_text(SCRIPT.replace("TREE_AND_DATA", repr((str(tree), frame("aidon").hex()))))
        command = [*micropython32, str(script)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert not done.returncode, done.stdout + done.stderr
        return json.loads(done.stdout), lines

    return run


def sizes(lines, *modules):
    """Bytes of all functions of these modules, as the table has them."""
    name, total = "", 0
    for line in lines:
        if line[0] == " ":
            total += int(line.split()[1]) if name in modules else 0
        else:
            name = line.split()[0]
    return total


def test_all_that_is_loaded_moves_once_and_works_there(moved):
    said, lines = moved(lambda line: line)
    loaded = ("meterwire.decoder", "meterwire.reading", "meterwire.obis")
    assert sizes(lines, *loaded[:2]) <= said["taken"] <= sizes(lines, *loaded)
    assert (said["same"], said["moved"], said["old"], said["other"]) == (True, True, False, True)
    assert said["again"] == 0


def test_what_is_not_as_the_table_says_stays(moved):
    wrong = " Decoder._frame "

    def edit(line):
        if not line.startswith(wrong):
            return line
        return line[:-2] + ("1\n" if line[-2] == "0" else "0\n")

    said, lines = moved(edit)
    assert any(line.startswith(wrong) for line in lines)
    assert (said["same"], said["moved"], said["old"], said["other"]) == (True, False, True, True)


def test_a_function_that_is_not_there_is_passed_over(moved):
    said, lines = moved(lambda line: line.replace(" Decoder._frame ", " Decoder._gramf "))
    assert any(line.startswith(" Decoder._frame ") for line in lines)
    assert (said["same"], said["moved"], said["old"], said["other"]) == (True, False, True, True)


def test_the_pages_have_their_place(built):
    """running.py keeps so many bytes for them."""
    text = (built / "kwhisper" / "bytecode.txt").read_text().splitlines()
    pages = ("kwhisper.web.api", "kwhisper.web.limits", "kwhisper.web.run_server")
    whole = [(int(line.split()[1]) + 3 & ~3) if line[0] == " " else 0 for line in text]
    name, total = "", 0
    for line, size in zip(text, whole, strict=True):
        name = name if line[0] == " " else line.split()[0]
        total += size if name in pages else 0
    assert 2000 < total <= 3300
