"""Route a bare board with router.c and write the tracks as a table.

Runs in KiCad's Python and needs gcc; make.py calls it.

The ground net gets no tracks of its own beyond a short way from each pad to a via: the pours do
the rest. What lies on the bare board already (tracks and vias laid by hand, pours of other nets
than ground) stays: other nets keep clear of it, and pads that it joins count as one.
"""

import json
import math
import subprocess
import tempfile
from pathlib import Path

import pcbnew

_GRID = 0.1
_CLEARANCE, _EDGE = 0.16, 0.4
_THIN, _WIDE, _VIA, _DRILL = 0.25, 0.5, 0.6, 0.3
_HOLE_GAP = 0.26
_HAND_GAP = 0.21  # beside pours and slanting tracks
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


def _layers(item):
    return item.IsOnLayer(pcbnew.F_Cu) | item.IsOnLayer(pcbnew.B_Cu) << 1


def _line_boxes(start, end, half):
    """Boxes that cover a straight track: one, or for a slanting one a chain of small ones."""
    length = math.dist(start, end)
    straight = start[0] == end[0] or start[1] == end[1]
    steps = 1 if straight else math.ceil(length / 0.1)
    points = [
        (start[0] + (end[0] - start[0]) * i / steps, start[1] + (end[1] - start[1]) * i / steps)
        for i in range(steps + 1)
    ]
    reach = half if straight else half * 0.8
    for (x1, y1), (x2, y2) in zip(points, points[1:], strict=False):
        yield [min(x1, x2) - reach, min(y1, y2) - reach, max(x1, x2) + reach, max(y1, y2) + reach]


def _zone_boxes(zone, step=0.2):
    """Flat boxes that cover a pour's outline."""
    outline = zone.Outline().Outline(0)
    corners = [
        (outline.CPoint(i).x / 1e6, outline.CPoint(i).y / 1e6) for i in range(outline.PointCount())
    ]
    y, bottom = min(c[1] for c in corners), max(c[1] for c in corners)
    while y < bottom - 1e-6:
        middle = y + step / 2
        cuts = sorted(
            x1 + (middle - y1) * (x2 - x1) / (y2 - y1)
            for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1], strict=True)
            if (y1 <= middle) != (y2 <= middle)
        )
        for left, right in zip(cuts[::2], cuts[1::2], strict=True):
            yield [left, y, right, min(y + step, bottom)]
        y += step


def _hand_laid(board, grounds):
    """[(net, layers, boxes, is a via)] of what lies on the bare board: tracks, vias, and pours of
    other nets than the grounds."""
    found = []
    for item in board.GetTracks():
        start, end = ((p.x / 1e6, p.y / 1e6) for p in (item.GetStart(), item.GetEnd()))
        half = item.GetWidth(pcbnew.F_Cu) / 2e6 if item.Type() == pcbnew.PCB_VIA_T else (
            item.GetWidth() / 2e6
        )  # fmt: skip
        via = item.Type() == pcbnew.PCB_VIA_T
        layers = 3 if via else 1 if item.GetLayer() == pcbnew.F_Cu else 2
        found.append((item.GetNetname(), layers, list(_line_boxes(start, end, half)), via))
    for zone in board.Zones():
        if not zone.GetIsRuleArea() and zone.GetNetname() not in grounds:
            layers = 1 if zone.GetLayer() == pcbnew.F_Cu else 2
            found.append((zone.GetNetname(), layers, list(_zone_boxes(zone)), False))
    return found


def _touch(a, b):
    return (
        a[0] <= b[2] + 1e-6 and b[0] <= a[2] + 1e-6
        and a[1] <= b[3] + 1e-6 and b[1] <= a[3] + 1e-6
    )  # fmt: skip


def _joined(pads, copper):
    """Of a net's pads those that stand for all: one of each group that hand-laid copper joins, and
    whether its group has a via. pads: [(layers, rect, kind)]; copper: [(layers, boxes, via)]."""
    nodes = [(layers, [rect], False) for layers, rect, _ in pads] + list(copper)
    group = list(range(len(nodes)))

    def root(i):
        while group[i] != i:
            i = group[i]
        return i

    for i, (layers, boxes, _) in enumerate(nodes):
        for j in range(max(i + 1, len(pads)), len(nodes)):
            if layers & nodes[j][0] and any(_touch(a, b) for a in boxes for b in nodes[j][1]):
                group[root(j)] = root(i)
    with_via = {root(i) for i, node in enumerate(nodes) if node[2]}
    kept = {}
    for i in range(len(pads)):
        kept.setdefault(root(i), (pads[i], root(i) in with_via))
    return list(kept.values())


def _problem(board, wide, top, grounds, stitch):
    """(lines for router.c, [net name of each routed thing])."""
    edge = board.GetBoardEdgesBoundingBox()
    line = 0.05
    origin = (edge.GetLeft() / 1e6 + line, edge.GetTop() / 1e6 + line)
    size = (edge.GetWidth() / 1e6 - 2 * line, edge.GetHeight() / 1e6 - 2 * line)
    ids = {}
    obstacles, pins, laid = [], {}, {}
    for name, layers, boxes, via in _hand_laid(board, grounds):
        owner = ids.setdefault(name, len(ids))
        boxes = [_shift(box, origin) for box in boxes]
        laid.setdefault(name, []).append((layers, boxes, via))
        gap = _HAND_GAP if len(boxes) > 1 else _CLEARANCE
        obstacles.extend([layers, *box, owner, gap, int(via)] for box in boxes)
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
            layers = _layers(zone)
            obstacles.append([layers, *_shift(_box(zone.GetBoundingBox()), origin), _SHUT, 0.0, 0])
    things = []
    # of several grounds the largest comes first: router.c ties its two pours together
    most = max((len(pads) for name, pads in pins.items() if name in grounds), default=0)
    for name, pads in sorted(
        pins.items(),
        key=lambda item: (
            item[0] not in top,
            *((most, -len(item[1])) if item[0] in grounds else (len(item[1]), 0)),
            item[0],
        ),
    ):
        flags = (_WIDE_NET if name in wide else 0) | (_TOP if name in top else 0)
        joined = _joined(list({tuple(pad[1]): pad for pad in pads}.values()), laid.get(name, []))
        pads = [pad for pad, _ in joined]
        if name in grounds:
            for (layers, rect, kind), has_via in joined:
                if (
                    not has_via
                    and kind == pcbnew.PAD_ATTRIB_SMD
                    and layers in (1, 2)
                    and max(rect[2] - rect[0], rect[3] - rect[1]) > 0.2
                ):
                    things.append((name, ids[name], _GROUND, [(layers, rect)]))
        elif len(pads) > 1:
            things.append((name, ids[name], flags, [(layers, rect) for layers, rect, _ in pads]))
    lines = [
        f"{_GRID} {size[0]} {size[1]} {_CLEARANCE} {_EDGE} {_THIN / 2} {_WIDE / 2} {_VIA / 2} 120"
        f" {stitch}"
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
    stitched = next((thing[0] for thing in things if thing[2] & _GROUND), next(iter(grounds)))
    return lines, [*(thing[0] for thing in things), stitched]


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


def _within(x, y, corners):
    """Does the point lie in the polygon?"""
    inside = False
    for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1], strict=True):
        if (y1 <= y) != (y2 <= y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            inside = not inside
    return inside


def _at_corner(x, y, width, height, radius=1.5):
    """Is a via there too near a round corner?"""
    dx, dy = radius - min(x, width - x), radius - min(y, height - y)
    return dx > 0 and dy > 0 and math.hypot(dx, dy) > radius - _EDGE - _VIA / 2


def route(board_path, routes_path, wide, top, grounds=None, stitch=3.0):
    """Route the board; returns True when every connection found a way without conflict. `grounds`:
    {net: corners of its pour} where there are several; vias of each stay inside its own. `stitch`:
    how far apart the vias are that join the pours of both sides, in millimetres."""
    grounds = grounds or {"GND": None}
    board = pcbnew.LoadBoard(str(board_path))
    lines, names = _problem(board, wide, top, grounds, stitch)
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "router"
        source = Path(__file__).with_name("router.c")
        subprocess.run(["gcc", "-O2", "-o", str(program), str(source), "-lm"], check=True)
        result = subprocess.run(
            [str(program)], input="\n".join(lines), text=True, stdout=subprocess.PIPE, timeout=1800
        )
    routes = _tracks(result.stdout, names)
    routes["vias"] = [
        via
        for via in routes["vias"]
        if not grounds.get(via[0]) or _within(via[1], via[2], grounds[via[0]])
    ]
    edge = board.GetBoardEdgesBoundingBox()
    width, height = edge.GetWidth() / 1e6, edge.GetHeight() / 1e6
    routes["vias"] = [v for v in routes["vias"] if not _at_corner(v[1], v[2], width, height)]
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
    return math.dist(row[3:5], row[5:7]) < 0.35


def _write(path, routes):
    rows = ",\n  ".join(json.dumps(row) for row in routes["tracks"])
    vias = ",\n  ".join(json.dumps(row) for row in routes["vias"])
    Path(path).write_text(
        f'{{"tracks": [\n  {rows}\n ],\n "vias": [\n  {vias}\n ]}}\n', encoding="utf-8"
    )
