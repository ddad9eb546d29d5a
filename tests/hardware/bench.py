"""What the tests of the boards share: files, KiCad and ngspice in processes of their own, and
distances on a board."""

import csv
import json
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import board_rules
import pytest
from board_rules import HARDWARE, every, one

GET_IT = "bash hardware/install.sh (Debian 12, as root) installs KiCad 9 and ngspice"
KICAD_PYTHON = "/usr/bin/python3"
ALL = board_rules.designs()
READERS = [name for name in ALL if name != "mbus-simulator"]  # which has no chip of ours
# width, height
SIZES = {
    "mbus-simulator": (50, 40), "han-usb": (60, 30), "p1": (50, 25), "mep": (60, 40),
    "han-isolated": (68.6, 53.3), "han-selfpowered": (80, 40),
}  # fmt: skip


# -- files ----------------------------------------------------------------------------------------


def text(*path):
    """A file below hardware/."""
    return HARDWARE.joinpath(*path).read_text(encoding="utf-8")


def table(*path):
    with open(HARDWARE.joinpath(*path), newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def results(board):
    return json.loads(text(board, "sim", "results.json"))


def stock(*path):
    """A file of KiCad's own libraries."""
    file = Path("/usr/share/kicad", *path)
    if not file.exists():
        pytest.skip(f"no KiCad libraries: {GET_IT}")
    return file


# -- processes ------------------------------------------------------------------------------------


def need(program):
    if not shutil.which(program):
        pytest.skip(f"no {program}: {GET_IT}")


def need_kicad():
    need("kicad-cli")
    probe = run("import pcbnew; print(pcbnew.Version())", python=KICAD_PYTHON)
    if not probe.stdout.strip().startswith("9."):
        pytest.skip(f"no KiCad 9 in {KICAD_PYTHON}: {GET_IT}")


def run(script, *words, board="", python=sys.executable, timeout=300):
    """A script, or a file of this folder, that may import the workshop and a board's sim/."""
    path = os.pathsep.join(map(str, (HARDWARE / board / "sim", HARDWARE / "workshop")))
    file = Path(__file__).with_name(script) if script.endswith(".py") else None
    return subprocess.run(
        [python, *([str(file)] if file else ["-c", script]), *map(str, words)],
        env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, timeout=timeout,
    )  # fmt: skip


# -- distances on a board -------------------------------------------------------------------------


def xy(node):
    return float(node[1]), float(node[2])


def footprints(design):
    return {
        next(p[2] for p in every(f, "property") if p[1] == "Reference"): f
        for f in every(design.board, "footprint")
    }


def turned(footprint, point):
    """Where a point of a footprint lies, in millimetres of the file."""
    x, y, *turn = (float(v) for v in one(footprint, "at")[1:])
    angle = math.radians(turn[0]) if turn else 0.0
    px, py = point
    return (
        x + px * math.cos(angle) + py * math.sin(angle),
        y - px * math.sin(angle) + py * math.cos(angle),
    )


def pad(parts, ref, number):
    """Where a pad of the board lies; parts: its footprints."""
    found = next(p for p in every(parts[ref], "pad") if p[1] == str(number))
    return turned(parts[ref], xy(one(found, "at")))


def tracks(board, net):
    """[(layer, start, end)] of a net, and how many vias it has."""
    numbers = {row[1] for row in every(board, "net") if row[2].removeprefix("/") == net}
    segments = [
        (one(s, "layer")[1], xy(one(s, "start")), xy(one(s, "end")))
        for s in every(board, "segment")
        if one(s, "net")[1] in numbers
    ]
    return segments, sum(one(via, "net")[1] in numbers for via in every(board, "via"))


def length(segments):
    return sum(math.dist(a, b) for _, a, b in segments)


def way(segments, start, end):
    """The points of the way from one pad to another over a net's tracks of the parts' side."""
    points = {}
    for layer, a, b in segments:
        if layer == "F.Cu":
            points.setdefault(a, []).append(b)
            points.setdefault(b, []).append(a)

    def near(p):
        return min(points, key=lambda q: math.dist(p, q))

    assert math.dist(near(start), start) < 0.9 and math.dist(near(end), end) < 0.9
    ways, seen = [[near(start)]], {near(start)}
    while ways:
        walked = ways.pop(0)
        last = walked[-1]
        if last == near(end):
            return [start, *walked, end]
        fresh = [
            q for q in points if q not in seen
            # a track may begin on another one's middle
            and (q in points[last] or math.dist(q, last) < 0.2
                 or any(_on(last, q, n) for n in points[q]))
        ]  # fmt: skip
        seen.update(fresh)
        ways += [[*walked, q] for q in fresh]
    return None


def _on(p, a, b):
    return abs(math.dist(p, a) + math.dist(p, b) - math.dist(a, b)) < 0.02


def area(points):
    pairs = zip(points, points[1:] + points[:1], strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2


def pours(board):
    """[(net, layer, points)] of every filled zone."""
    return [
        (one(zone, "net_name")[1], one(filled, "layer")[1],
         [xy(p) for p in every(one(filled, "pts"), "xy")])
        for zone in every(board, "zone")
        for filled in every(zone, "filled_polygon")
    ]  # fmt: skip
