"""A drawing of what a case must know: outline, holes, connectors and tall parts of a board, in
millimetres from its lower left corner, from the board file alone."""

import math
import re

import sexpr
from sexpr import every, one

_CORNER = (100.0, 80.0)  # where pcb.at puts the board's upper left corner on the page
_SHOWN = re.compile(r"(J|SW)\d+$|U6$|C[478]$")


def _xy(node):
    return float(node[1]), float(node[2])


def _courtyard(footprint):
    """The courtyard's box on the board, from its upper left corner."""
    place = [float(v) for v in one(footprint, "at")[1:]]
    turn = math.radians(place[2]) if len(place) > 2 else 0.0
    points = []
    for item in footprint:
        if not isinstance(item, list) or not str(item[0]).startswith("fp_"):
            continue
        if not one(item, "layer") or one(item, "layer")[1] not in ("F.CrtYd", "B.CrtYd"):
            continue
        if item[0] == "fp_poly":
            points += [_xy(p) for p in every(one(item, "pts"), "xy")]
        elif item[0] == "fp_circle":
            (x, y), end = _xy(one(item, "center")), _xy(one(item, "end"))
            reach = math.dist((x, y), end)
            points += [(x - reach, y - reach), (x + reach, y + reach)]
        else:
            points += [_xy(one(item, end)) for end in ("start", "end")]
    cos, sin = math.cos(turn), math.sin(turn)
    xs = [place[0] + x * cos + y * sin - _CORNER[0] for x, y in points]
    ys = [place[1] - x * sin + y * cos - _CORNER[1] for x, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def _text(x, y, words, anchor="middle", size=1.4):
    return (
        f'<text x="{x:.2f}" y="{y:.2f}" font-size="{size}" text-anchor="{anchor}">{words}</text>'
    )


def _hole(footprint, width, height):
    x, y = (v - c for v, c in zip(_xy(one(footprint, "at")), _CORNER, strict=True))
    drill = float(one(every(footprint, "pad")[0], "drill")[1])
    left = x < width / 2
    yield (
        f'<circle cx="{x:g}" cy="{y:g}" r="{drill / 2:g}" fill="#fff" stroke="#000" '
        'stroke-width="0.15"/>'
    )
    words = f"&#8960;{drill:g} at {x:g}, {height - y:g}"
    beyond = -0.6 if y < height / 2 else height + 1.6
    yield _text(0 if left else width, beyond, words, "start" if left else "end", 1.2)


def _part(footprint, ref, width, height):
    left, top, right, bottom = _courtyard(footprint)
    dashes = ' stroke-dasharray="0.6 0.4"' if _on_back(footprint) else ""
    yield (
        f'<rect x="{left:.2f}" y="{top:.2f}" width="{right - left:.2f}" '
        f'height="{bottom - top:.2f}" fill="none" stroke="#06c" stroke-width="0.15"{dashes}/>'
    )
    x = min(max((left + right) / 2, 4.5), width - 4.5)
    y = (max(top, 0) + min(bottom, height)) / 2
    across = f"x {left:.1f} … {right:.1f}", f"y {height - bottom:.1f} … {height - top:.1f}"
    if bottom - top < 5:
        yield _text(x, y + 0.4, "  ".join((ref, *across)), size=1.0)
        return
    size = 1.0 if right - left > 6 else 0.55
    yield _text(x, y - 0.6, ref)
    yield _text(x, y + 0.7, across[0], size=size)
    yield _text(x, y + 1.9, across[1], size=size)


def _ref(footprint):
    return next(p[2] for p in every(footprint, "property") if p[1] == "Reference")


def _on_back(footprint):
    return one(footprint, "layer")[1] == "B.Cu"


def _is_shown(footprint, ref):
    """Connectors, buttons and what is tall; of the back the connectors alone."""
    if _on_back(footprint):
        return re.match(r"J\d", ref)
    return _SHOWN.match(ref) or ":CP_Elec" in str(footprint[1])


def size(board_file, tree=None):
    """(width, height) of a board in millimetres."""
    edge = [
        _xy(one(line, end))
        for line in every(tree or sexpr.load(board_file), "gr_line")
        if one(line, "layer")[1] == "Edge.Cuts"
        for end in ("start", "end")
    ]
    return max(p[0] for p in edge) - _CORNER[0], max(p[1] for p in edge) - _CORNER[1]


def svg(board_file):
    """The drawing as text."""
    tree = sexpr.load(board_file)
    width, height = size(board_file, tree)
    shapes = [
        f'<rect x="0" y="0" width="{width:g}" height="{height:g}" rx="1.5" fill="#eef5ee" '
        'stroke="#000" stroke-width="0.2"/>',
        _text(width / 2, -2, f"{width:g}", size=2),
        _text(-3, height / 2, f"{height:g}", size=2),
    ]
    note = "Millimetres from the lower left corner. Blue: courtyards"
    shown = [f for f in every(tree, "footprint") if _is_shown(f, _ref(f))]
    if any(_on_back(footprint) for footprint in shown):
        note += "; dashed: on the back"
    shapes.append(_text(0, height + 4, f"{note}.", "start"))
    for footprint in every(tree, "footprint"):
        ref = _ref(footprint)
        if ref.startswith("H"):
            shapes += _hole(footprint, width, height)
        elif _is_shown(footprint, ref):
            shapes += _part(footprint, ref, width, height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{(width + 12) * 10:g}" '
        f'height="{(height + 12) * 10:g}" viewBox="-6 -5 {width + 12:g} {height + 12:g}" '
        'font-family="sans-serif">\n' + "\n".join(shapes) + "\n</svg>\n"
    )
