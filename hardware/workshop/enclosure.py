"""A two-part case for a board: floor and lid that snap together, made from the board file and the
board's case.py, and checked against the board's STEP.

    build/case-venv/bin/python workshop/enclosure.py BOARD_FOLDER

Needs build123d (OpenCascade) and matplotlib. Coordinates: millimetres, x to the right and y up
from the board's upper left corner, z up from the board's lower side. Writes case/floor and lid as
STL, results.json and case.png, and STEP in build/; raises where a limit is missed.

case.py has: ABOVE (mm from the board's upper side to the lid), BELOW (to the floor), OPENINGS
{name: (side, middle along it, width, least and most z above the board's upper side)} with side one
of W, E, N, S and the middle counted as in layout.py, WINDOWS {name: (x, y, diameter)} in the lid;
and may have POST, the diameter of the posts, where they go through holes of another board.
"""

import hashlib
import json
import struct
import sys
from pathlib import Path

import dimensions
import sexpr
from files import load
from sexpr import every, one

BOARD = 1.6  # thickness
GAP = 0.6  # between the board's edge and the walls
WALL, FLOOR = 3.0, 2.4
TONGUE, OVERLAP, PLAY = 1.4, 3.0, 0.2  # the joint: the floor's rim stands inside the lid's
RIDGE = 0.4  # what snaps
POST, PEG = 4.0, 2.0  # under and in the mounting holes
LEAST_GAP = 0.5
SPLIT = BOARD - 1.0  # where floor and lid meet, above the board's lower side


def _holes(board_file):
    found = []
    for footprint in every(sexpr.load(board_file), "footprint"):
        ref = next(p[2] for p in every(footprint, "property") if p[1] == "Reference")
        if ref.startswith("H"):
            x, y = (float(v) for v in one(footprint, "at")[1:3])
            found.append((x - 100, 80 - y))
    return found


def _box(x1, x2, y1, y2, z1, z2):
    from build123d import Align, Box, Pos

    low = (Align.MIN, Align.MIN, Align.MIN)
    return Pos(x1, y1, z1) * Box(x2 - x1, y2 - y1, z2 - z1, align=low)


def _rod(x, y, diameter, z1, z2):
    from build123d import Align, Cylinder, Pos

    low = (Align.CENTER, Align.CENTER, Align.MIN)
    return Pos(x, y, z1) * Cylinder(diameter / 2, z2 - z1, align=low)


def _frame(width, height, out, inside, z1, z2):
    """A wall around the board from `inside` to `out` beyond its edge."""
    outer = _box(-out, width + out, -height - out, out, z1, z2)
    return outer - _box(-inside, width + inside, -height - inside, inside, z1 - 1, z2 + 1)


def _cut(opening, width, height):
    side, middle, across, low, high = opening
    half, out = across / 2, GAP + WALL + 1
    low, high = BOARD + low, BOARD + high
    if side in "WE":
        x = (-out, 0.1) if side == "W" else (width - 0.1, width + out)
        return _box(*x, -middle - half, -middle + half, low, high)
    y = (-0.1, out) if side == "N" else (-height - out, -height + 0.1)
    return _box(middle - half, middle + half, *y, low, high)


def _ridges(width, height, reach, thick, z):
    """Two bars on each long side."""
    for x in (width * 0.25, width * 0.75):
        yield _box(x - 5, x + 5, reach, reach + thick, z - 0.5, z + 0.5)
        yield _box(x - 5, x + 5, -height - reach - thick, -height - reach, z - 0.5, z + 0.5)


def build(board):
    """(floor, lid) of a board's folder."""
    table, file = load(board, "case"), board / f"{board.name}.kicad_pcb"
    width, height = (round(v, 2) for v in dimensions.size(file))
    out = GAP + WALL
    bottom, top = -table.BELOW, BOARD + table.ABOVE
    post = getattr(table, "POST", POST)
    floor = _box(-out, width + out, -height - out, out, bottom - FLOOR, bottom)
    floor += _frame(width, height, out, GAP, bottom, SPLIT)
    floor += _frame(width, height, GAP + TONGUE, GAP, SPLIT, SPLIT + OVERLAP)
    lid = _box(-out, width + out, -height - out, out, top, top + FLOOR)
    lid += _frame(width, height, out, GAP, SPLIT + OVERLAP, top)
    lid += _frame(width, height, out, GAP + TONGUE + PLAY, SPLIT + 0.1, SPLIT + OVERLAP)
    middle = SPLIT + OVERLAP / 2
    for ridge in _ridges(width, height, GAP + TONGUE - 0.01, RIDGE, middle):
        floor += ridge
    for groove in _ridges(width, height, GAP + TONGUE + PLAY - 0.01, RIDGE + 0.1, middle):
        lid -= groove
    for x, y in _holes(file):
        floor += _rod(x, y, post, bottom - 0.1, 0)
        floor += _rod(x, y, PEG, -0.1, BOARD + 1.5)
        lid += _rod(x, y, post, BOARD + LEAST_GAP / 2, top + 0.1)
        lid -= _rod(x, y, PEG + 0.4, BOARD, BOARD + 2.5)
    for opening in table.OPENINGS.values():
        shape = _cut(opening, width, height)
        floor, lid = floor - shape, lid - shape
    for x, y, diameter in table.WINDOWS.values():
        lid -= _rod(x, -y, diameter, top - 1, top + FLOOR + 1)
    return floor, lid


def _volume(shape):
    try:
        return shape.volume
    except AttributeError:
        return sum(part.volume for part in shape)


def check(board, floor, lid):
    """Against the STEP: nothing of a part within LEAST_GAP of the case, by boxes around the parts'
    solids; the board itself by its outline."""
    from build123d import Pos, import_step

    step = Pos(-100, 80, 0) * import_step(board / "build" / f"{board.name}.step")
    width, height = dimensions.size(board / f"{board.name}.kicad_pcb")
    solids = step.solids()
    boxes = [s.bounding_box() for s in solids]
    slab = max(range(len(solids)), key=lambda i: boxes[i].size.X * boxes[i].size.Y)
    base = boxes[slab].min.Z
    worst, near, tallest, lowest = 0.0, [], 0.0, 0.0
    for index, b in enumerate(boxes):
        if index == slab:
            continue
        low, high = b.min, b.max
        tallest = max(tallest, high.Z - base - BOARD)
        lowest = min(lowest, low.Z - base)
        grown = _box(
            low.X - LEAST_GAP, high.X + LEAST_GAP, low.Y - LEAST_GAP, high.Y + LEAST_GAP,
            low.Z - base - LEAST_GAP, high.Z - base + LEAST_GAP,
        )  # fmt: skip
        for part in (floor, lid):
            common = part & grown
            volume = _volume(common) if common else 0.0
            if volume > 1e-6:
                near.append([round(v, 1) for v in (low.X, low.Y, low.Z, high.X, high.Y, high.Z)])
                worst += volume
    plate = solids[slab]
    plate = Pos(0, 0, -base) * plate
    touching = sum(_volume(part & plate) if part & plate else 0.0 for part in (floor, lid))
    joint = floor & lid
    return {
        "parts": len(solids) - 1, "tallest_mm": round(tallest, 2), "lowest_mm": round(lowest, 2),
        "within_gap_mm3": round(worst, 3), "near": near,
        "into_the_board_mm3": round(touching, 3),
        "floor_into_lid_mm3": round(_volume(joint) if joint else 0.0, 3),
        "edge_gap_mm": GAP, "wall_mm": WALL, "outer_mm": [
            round(width + 2 * (GAP + WALL), 1), round(height + 2 * (GAP + WALL), 1),
            round(lid.bounding_box().max.Z - floor.bounding_box().min.Z, 1),
        ],
    }  # fmt: skip


def triangles(path):
    """The triangles of a binary STL, corners rounded to a micrometre."""
    data = path.read_bytes()
    (count,) = struct.unpack_from("<I", data, 80)
    for k in range(count):
        values = struct.unpack_from("<12f", data, 84 + 50 * k)
        yield tuple(tuple(round(v, 3) for v in values[3 * c : 3 * c + 3]) for c in (1, 2, 3))


def open_edges(path):
    """How many edges of an STL are not walked once each way: none when it is a closed solid."""
    walked = {}
    for corners in triangles(path):
        if len(set(corners)) < 3:
            continue
        for a, b in zip(corners, corners[1:] + corners[:1], strict=True):
            walked[a, b] = walked.get((a, b), 0) + 1
    return sum(walked.get((b, a), 0) != n for (a, b), n in walked.items())


def _picture(board, names):
    """case/case.png: the lid lifted off the floor, from the front left and above; painted with a
    depth for each pixel, because matplotlib's own 3D sorts whole triangles."""
    import matplotlib.image
    import numpy as np

    across, down, scale = 1000, 760, 0.0
    picture = np.full((down, across, 3), 1.0)
    depth = np.full((down, across), -1e9)
    turn, tilt = np.radians(-28), np.radians(32)
    about = np.array(
        [[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]]
    )
    over = np.array(
        [[1, 0, 0], [0, np.sin(tilt), np.cos(tilt)], [0, -np.cos(tilt), np.sin(tilt)]]
    )  # fmt: skip
    meshes = []
    for name, colour, lift in zip(names, ((0.5, 0.65, 0.8), (0.8, 0.72, 0.55)), (0, 30),
                                  strict=True):  # fmt: skip
        corners = np.array(list(triangles(board / "case" / f"{name}.stl"))) + (0, 0, lift)
        meshes.append((corners @ about.T @ over.T, colour))
    every_point = np.concatenate([m.reshape(-1, 3) for m, _ in meshes])
    low, high = every_point.min(axis=0), every_point.max(axis=0)
    scale = min((across - 40) / (high[0] - low[0]), (down - 40) / (high[1] - low[1]))
    light = np.array([-0.35, 0.5, 0.8]) / np.linalg.norm([-0.35, 0.5, 0.8])
    for mesh, colour in meshes:
        for corners in mesh:
            normal = np.cross(corners[1] - corners[0], corners[2] - corners[0])
            size = np.linalg.norm(normal)
            if size < 1e-9:
                continue
            shade = 0.35 + 0.65 * max(0.0, float(normal @ light) / size)
            x = (corners[:, 0] - low[0]) * scale + 20
            y = (high[1] - corners[:, 1]) * scale + 20
            left, top = int(x.min()), int(y.min())
            right, bottom = int(x.max()) + 2, int(y.max()) + 2
            twice = (x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0])
            if abs(twice) < 1e-9:
                continue
            px, py = np.meshgrid(np.arange(left, right), np.arange(top, bottom))
            b = ((px - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (py - y[0])) / twice
            c = ((x[1] - x[0]) * (py - y[0]) - (px - x[0]) * (y[1] - y[0])) / twice
            z = corners[0, 2] + b * (corners[1, 2] - corners[0, 2]) + c * (
                corners[2, 2] - corners[0, 2]
            )  # fmt: skip
            part = (slice(top, bottom), slice(left, right))
            seen = (b >= -1e-6) & (c >= -1e-6) & (b + c <= 1 + 1e-6) & (z > depth[part])
            depth[part][seen] = z[seen]
            picture[part][seen] = np.array(colour) * shade
    matplotlib.image.imsave(board / "case" / "case.png", picture)


def main(board):
    from build123d import export_step, export_stl

    folder = board / "case"
    folder.mkdir(exist_ok=True)
    floor, lid = build(board)
    names = ("floor", "lid")
    for name, shape in zip(names, (floor, lid), strict=True):
        export_stl(shape, folder / f"{name}.stl", tolerance=0.05)
        (board / "build").mkdir(exist_ok=True)
        export_step(shape, board / "build" / f"case-{name}.step")
    results = check(board, floor, lid)
    results["open_edges"] = {name: open_edges(folder / f"{name}.stl") for name in names}
    results["board"] = hashlib.sha256((board / f"{board.name}.kicad_pcb").read_bytes()).hexdigest()
    results["table"] = hashlib.sha256((board / "case.py").read_bytes()).hexdigest()
    (folder / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    assert results["within_gap_mm3"] == 0, results["near"]
    assert results["into_the_board_mm3"] == results["floor_into_lid_mm3"] == 0, results
    assert not any(results["open_edges"].values()), results["open_edges"]
    _picture(board, names)
    print(f"{board.name}: case of {results['outer_mm']} mm, closed, {LEAST_GAP} mm free")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
