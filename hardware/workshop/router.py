"""Route a bare board with router.c and write the tracks as a table.

Runs in KiCad's Python and needs gcc; make.py calls it.

The ground net gets no tracks of its own beyond a short way from each pad to a via: the pours do
the rest.
"""

import json
import subprocess
import tempfile
from pathlib import Path

import pcbnew

_GRID = 0.1
_CLEARANCE, _EDGE = 0.16, 0.4
_THIN, _WIDE, _VIA, _DRILL = 0.25, 0.5, 0.6, 0.3
_HOLE_GAP = 0.26
_GROUND, _WIDE_NET, _TOP = 1, 2, 4
_SHUT = -2


def _box(box):
    return [v / 1e6 for v in (box.GetLeft(), box.GetTop(), box.GetRight(), box.GetBottom())]


def _shift(rect, origin):
    return [rect[0] - origin[0], rect[1] - origin[1], rect[2] - origin[0], rect[3] - origin[1]]


def _inside(pad, rect):
    """The part of a pad's box where a track may end: the corners of a round pad are not copper."""
    rim = 0.22 * min(rect[2] - rect[0], rect[3] - rect[1])
    return [rect[0] + rim, rect[1] + rim, rect[2] - rim, rect[3] - rim]


def _layers(pad):
    return pad.IsOnLayer(pcbnew.F_Cu) | pad.IsOnLayer(pcbnew.B_Cu) << 1


def _problem(board, wide, top, ground):
    """(lines for router.c, [net name of each routed thing])."""
    edge = board.GetBoardEdgesBoundingBox()
    line = 0.05
    origin = (edge.GetLeft() / 1e6 + line, edge.GetTop() / 1e6 + line)
    size = (edge.GetWidth() / 1e6 - 2 * line, edge.GetHeight() / 1e6 - 2 * line)
    ids = {}
    obstacles, pins = [], {}
    for footprint in board.GetFootprints():
        for pad in footprint.Pads():
            rect = _shift(_box(pad.GetBoundingBox()), origin)
            if pad.GetAttribute() == pcbnew.PAD_ATTRIB_NPTH:
                obstacles.append([3, *rect, _SHUT, _HOLE_GAP, 0])
                continue
            name = pad.GetNetname()
            owner = (
                ids.setdefault(name, len(ids))
                if name and not name.startswith("unconnected")
                else _SHUT
            )
            obstacles.append([_layers(pad), *rect, owner, _CLEARANCE, 1])
            if owner != _SHUT:
                pins.setdefault(name, []).append(
                    (_layers(pad), _inside(pad, rect), pad.GetAttribute())
                )
    for zone in list(board.Zones()) + [z for f in board.GetFootprints() for z in f.Zones()]:
        if zone.GetIsRuleArea() and zone.GetDoNotAllowTracks():
            obstacles.append([3, *_shift(_box(zone.GetBoundingBox()), origin), _SHUT, 0.0, 0])
    things = []
    for name, pads in sorted(
        pins.items(), key=lambda item: (item[0] not in top, len(item[1]), item[0])
    ):
        flags = (_WIDE_NET if name in wide else 0) | (_TOP if name in top else 0)
        if name == ground:
            for layers, rect, kind in {tuple(pad[1]): pad for pad in pads}.values():
                if (
                    kind == pcbnew.PAD_ATTRIB_SMD
                    and layers == 1
                    and max(rect[2] - rect[0], rect[3] - rect[1]) > 0.2
                ):
                    things.append((name, ids[name], _GROUND, [(layers, rect)]))
        elif len(pads) > 1:
            things.append((name, ids[name], flags, [(layers, rect) for layers, rect, _ in pads]))
    lines = [
        f"{_GRID} {size[0]} {size[1]} {_CLEARANCE} {_EDGE} {_THIN / 2} {_WIDE / 2} {_VIA / 2} 120"
    ]
    lines.append(str(len(obstacles)))
    lines.extend(
        " ".join(f"{v:.4f}" if isinstance(v, float) else str(int(v)) for v in row)
        for row in obstacles
    )
    lines.append(str(len(things)))
    for _, owner, flags, rects in things:
        lines.append(f"{owner} {flags} {len(rects)}")
        lines.extend(
            f"{int(layers)} " + " ".join(f"{v:.4f}" for v in rect) for layers, rect in rects
        )
    return lines, [*(thing[0] for thing in things), ground]


def _tracks(answer, names):
    """Runs of grid points to straight tracks and vias."""
    tracks, vias, run = [], [], []

    def close():
        start = 0
        for i in range(1, len(run)):
            a, b = run[i - 1], run[i]
            if a[1] != b[1]:
                vias.append(
                    [names[a[0]], round(a[2] * _GRID, 2), round(a[3] * _GRID, 2), _VIA, _DRILL]
                )
                start = i
                continue
            last = i == len(run) - 1
            turn = last or run[i + 1][1] != b[1] or (b[2] - a[2], b[3] - a[3], min(a[4],
            b[4])) != (
                run[i + 1][2] - b[2], run[i + 1][3] - b[3], min(b[4], run[i + 1][4])
            )  # fmt: skip
            if turn:
                width = _WIDE if min(a[4], b[4]) == 1 else _THIN
                s = run[start]
                ends = [round(v * _GRID, 2) for v in (s[2], s[3], b[2], b[3])]
                tracks.append([names[a[0]], "FB"[a[1]], width, *ends])
                start = i

    for line in answer.splitlines():
        words = line.split()
        if words[1] == "end":
            close()
            run.clear()
        else:
            run.append(tuple(map(int, words)))
    return {"tracks": tracks, "vias": vias}


def route(board_path, routes_path, wide, top, ground="GND"):
    """Route the board; returns True when every connection found a way without conflict."""
    board = pcbnew.LoadBoard(str(board_path))
    lines, names = _problem(board, wide, top, ground)
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "router"
        source = Path(__file__).with_name("router.c")
        subprocess.run(["gcc", "-O2", "-o", str(program), str(source), "-lm"], check=True)
        result = subprocess.run(
            [str(program)], input="\n".join(lines), text=True, stdout=subprocess.PIPE, timeout=1800
        )
    routes = _tracks(result.stdout, names)
    _write(routes_path, routes)
    return result.returncode == 0


def prune(routes_path, report):
    """Take out the tracks and vias that a DRC report calls dangling; returns how many went."""
    routes = json.loads(Path(routes_path).read_text(encoding="utf-8"))
    before = len(routes["tracks"]) + len(routes["vias"])
    for violation in report["violations"]:
        if violation["type"] not in ("track_dangling", "via_dangling"):
            continue
        for item in violation["items"]:
            x, y = item["pos"]["x"] - 100, item["pos"]["y"] - 80
            routes["tracks"] = [
                row
                for row in routes["tracks"]
                if not (abs(row[3] - x) < 0.01 and abs(row[4] - y) < 0.01 and _short(row))
            ]
            routes["vias"] = [v for v in routes["vias"] if abs(v[1] - x) + abs(v[2] - y) > 0.01]
    _write(routes_path, routes)
    return before - len(routes["tracks"]) - len(routes["vias"])


def _short(row):
    return abs(row[3] - row[5]) + abs(row[4] - row[6]) < 0.35


def _write(path, routes):
    rows = ",\n  ".join(json.dumps(row) for row in routes["tracks"])
    vias = ",\n  ".join(json.dumps(row) for row in routes["vias"])
    Path(path).write_text(
        f'{{"tracks": [\n  {rows}\n ],\n "vias": [\n  {vias}\n ]}}\n', encoding="utf-8"
    )
