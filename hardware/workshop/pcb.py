"""Build a KiCad board from a netlist, a placement table and a table of tracks.

Runs in KiCad's own Python.
The same input gives the same file, byte for byte: item ids are numbered anew when the board is
written.
"""

import json
import math
import shutil
import tempfile
import uuid
from pathlib import Path

import classes
import kicad
import netlist
import pcbnew
import sexpr
from pcbnew import VECTOR2I, FromMM
from sexpr import Quoted

_STOCK = kicad.share() / "footprints"
_OWN = Path(__file__).resolve().parent.parent / "lib"
_SPACE = uuid.UUID("6b576869-7370-4572-8861-6e7265616466")
_UNORDERED = {
    "footprint", "segment", "via", "arc", "zone", "pad", "gr_line", "gr_arc", "gr_text",
    "fp_line", "fp_arc", "fp_circle", "fp_poly", "fp_rect", "fp_text",
}  # fmt: skip
_TEXT_HEIGHT, _TEXT_LINE = 0.8, 0.12


def at(x, y):
    """Millimetres to KiCad's vector. The board's corner is at (100, 80) of the page."""
    return VECTOR2I(FromMM(100 + x), FromMM(80 + y))


def place(board, components, nets, placement, models):
    """Load, place and connect every footprint of the netlist; `models`: 3D models where the
    library has none."""
    missing = set(components) ^ set(placement)
    if missing:
        raise ValueError(f"netlist and placement differ: {sorted(missing)}")
    items = {}
    for name in sorted(nets):
        items[name] = pcbnew.NETINFO_ITEM(board, name)
        board.Add(items[name])
    net_of = {pin: name for name, pins in nets.items() for pin in pins}
    for ref in sorted(components):
        row = components[ref]
        library, name = row["footprint"].split(":")
        folder = _OWN if (_OWN / f"{library}.pretty").exists() else _STOCK
        footprint = pcbnew.FootprintLoad(str(folder / f"{library}.pretty"), name)
        footprint.SetFPID(pcbnew.LIB_ID(library, name))
        footprint.SetReference(ref)
        footprint.SetValue(row["value"])
        footprint.SetPath(pcbnew.KIID_PATH(row["path"]))
        for field, text in row["fields"].items():
            if field not in ("Footprint", "Datasheet", "Description"):
                footprint.SetField(field, text)
                footprint.GetFieldByName(field).SetVisible(False)
        footprint.GetFieldByName("Datasheet").SetText(row["fields"].get("Datasheet", "~"))
        if "Description" in row["fields"]:
            footprint.GetFieldByName("Description").SetText(row["fields"]["Description"])
        if not any(pin[0] == ref for pins in nets.values() for pin in pins) or ref.startswith(
            ("JP", "TP")
        ):
            footprint.SetExcludedFromBOM(True)
        if ref.startswith(("JP", "TP", "H")):
            footprint.SetExcludedFromPosFiles(True)
        if ref in models:
            footprint.Models().clear()
            model = pcbnew.FP_3DMODEL()
            model.m_Filename = models[ref]
            footprint.Models().append(model)
        board.Add(footprint)
        x, y, turn, *back = placement[ref]
        footprint.SetPosition(at(x, y))
        if back:
            footprint.Flip(at(x, y), pcbnew.FLIP_DIRECTION_LEFT_RIGHT)
        footprint.SetOrientationDegrees(turn)
        footprint.Value().SetVisible(False)
        for pad in footprint.Pads():
            net = net_of.get((ref, pad.GetNumber()))
            if net:
                pad.SetNet(items[net])
    return items


def outline(board, width, height, radius):
    """A rectangle with round corners on Edge.Cuts."""
    sides = [
        ((radius, 0), (width - radius, 0)),
        ((width, radius), (width, height - radius)),
        ((width - radius, height), (radius, height)),
        ((0, height - radius), (0, radius)),
    ]
    for start, end in sides:
        _line(board, start, end, pcbnew.Edge_Cuts, 0.1)
    diagonal = radius * (1 - 0.5**0.5)
    for x, y in ((0, 0), (width, 0), (width, height), (0, height)):
        sx, sy = (1 if x == 0 else -1), (1 if y == 0 else -1)
        arc = pcbnew.PCB_SHAPE(board)
        arc.SetShape(pcbnew.SHAPE_T_ARC)
        arc.SetArcGeometry(
            at(x, y + sy * radius),
            at(x + sx * diagonal, y + sy * diagonal),
            at(x + sx * radius, y),
        )
        arc.SetLayer(pcbnew.Edge_Cuts)
        arc.SetWidth(FromMM(0.1))
        board.Add(arc)


def slot(board, x1, y1, x2, y2, width):
    """A milled slot with round ends, down or across, from middle to middle of its ends."""
    reach = width / 2
    ex, ey = (x2 > x1) * reach, (y2 > y1) * reach
    for side in (1, -1):
        _line(board, (x1 + side * ey, y1 + side * ex), (x2 + side * ey, y2 + side * ex),
              pcbnew.Edge_Cuts, 0.1)  # fmt: skip
    for (x, y), out in (((x1, y1), -1), ((x2, y2), 1)):
        arc = pcbnew.PCB_SHAPE(board)
        arc.SetShape(pcbnew.SHAPE_T_ARC)
        arc.SetArcGeometry(at(x + ey, y + ex), at(x + out * ex, y + out * ey), at(x - ey, y - ex))
        arc.SetLayer(pcbnew.Edge_Cuts)
        arc.SetWidth(FromMM(0.1))
        board.Add(arc)


def _line(board, start, end, layer, width):
    shape = pcbnew.PCB_SHAPE(board)
    shape.SetShape(pcbnew.SHAPE_T_SEGMENT)
    shape.SetStart(at(*start))
    shape.SetEnd(at(*end))
    shape.SetLayer(layer)
    shape.SetWidth(FromMM(width))
    board.Add(shape)


def _area(board, corners):
    zone = pcbnew.ZONE(board)
    poly = zone.Outline()
    poly.NewOutline()
    for x, y in corners:
        poly.Append(at(x, y))
    return zone


def pour(board, net, layers, corners, priority=0, solid=False):
    """A copper pour of one net on each of the layers; `solid`: pads join it on their whole rim,
    for heat or current."""
    for layer in layers:
        zone = _area(board, corners)
        zone.SetLayer(layer)
        zone.SetNet(net)
        zone.SetZoneName(f"{net.GetNetname()}_{board.GetLayerName(layer)}")
        zone.SetLocalClearance(FromMM(0.2))
        zone.SetMinThickness(FromMM(0.2))
        zone.SetThermalReliefGap(FromMM(0.25))
        zone.SetThermalReliefSpokeWidth(FromMM(0.3))
        zone.SetAssignedPriority(priority)
        zone.SetIslandRemovalMode(pcbnew.ISLAND_REMOVAL_MODE_ALWAYS)
        if solid:
            zone.SetPadConnection(pcbnew.ZONE_CONNECTION_FULL)
        board.Add(zone)


def keep_out(board, name, corners, layer=None):
    """A rule area: no tracks, vias or copper pour on both layers, or no tracks and vias on one."""
    zone = _area(board, corners)
    zone.SetIsRuleArea(True)
    if layer is None:
        zone.SetLayerSet(pcbnew.LSET.AllCuMask())
    else:
        zone.SetLayer(layer)
    zone.SetDoNotAllowTracks(True)
    zone.SetDoNotAllowVias(True)
    zone.SetDoNotAllowCopperPour(layer is None)
    zone.SetDoNotAllowPads(False)
    zone.SetDoNotAllowFootprints(False)
    zone.SetZoneName(name)
    board.Add(zone)


def draw_tracks(board, items, routes):
    """routes: {"tracks": [[net, layer, width, x1, y1, x2, y2]], "vias": [[net, x, y, diameter,
    drill]]}."""
    for net, layer, width, x1, y1, x2, y2 in routes["tracks"]:
        track = pcbnew.PCB_TRACK(board)
        track.SetStart(at(x1, y1))
        track.SetEnd(at(x2, y2))
        track.SetLayer(pcbnew.F_Cu if layer == "F" else pcbnew.B_Cu)
        track.SetWidth(FromMM(width))
        track.SetNet(items[net])
        board.Add(track)
    for net, x, y, diameter, drill in routes["vias"]:
        via = pcbnew.PCB_VIA(board)
        via.SetPosition(at(x, y))
        via.SetWidth(FromMM(diameter))
        via.SetDrill(FromMM(drill))
        via.SetLayerPair(pcbnew.F_Cu, pcbnew.B_Cu)
        via.SetNet(items[net])
        board.Add(via)


def text(board, words, x, y, size=1.0, layer=pcbnew.F_SilkS, turn=0, left=False):
    """A silkscreen text, centred or from x to the reader's right."""
    item = pcbnew.PCB_TEXT(board)
    item.SetText(words)
    item.SetPosition(at(x, y))
    item.SetTextSize(VECTOR2I(FromMM(size), FromMM(size)))
    item.SetTextThickness(FromMM(max(0.12, size * 0.15)))
    item.SetLayer(layer)
    item.SetTextAngleDegrees(turn)
    if layer == pcbnew.B_SilkS:
        item.SetMirrored(True)
    if left:
        item.SetHorizJustify(pcbnew.GR_TEXT_H_ALIGN_LEFT)
    board.Add(item)
    return item


# -- references on the silkscreen
# ----------------------------------------------------------------------------


def _rect(box, grow=0.0):
    return (
        box.GetLeft() / 1e6 - grow,
        box.GetTop() / 1e6 - grow,
        box.GetRight() / 1e6 + grow,
        box.GetBottom() / 1e6 + grow,
    )


def _hits(a, rects):
    return any(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for b in rects)


def _union(rects):
    return (
        min(r[0] for r in rects),
        min(r[1] for r in rects),
        max(r[2] for r in rects),
        max(r[3] for r in rects),
    )


def _printed(footprint, side):
    """Boxes of a footprint's pads and of its print on one side (the layer of its print)."""
    copper = pcbnew.F_Cu if side == pcbnew.F_SilkS else pcbnew.B_Cu
    pads = [
        _rect(pad.GetBoundingBox())
        for pad in footprint.Pads()
        if pad.IsOnLayer(copper) or pad.GetAttribute() == pcbnew.PAD_ATTRIB_NPTH
    ]
    lines = []
    for item in footprint.GraphicalItems():
        if item.GetLayer() != side:
            continue
        if isinstance(item, pcbnew.PCB_SHAPE) and item.GetShape() == pcbnew.SHAPE_T_CIRCLE:
            middle, radius = item.GetCenter(), item.GetRadius() / 1e6
            for step in range(60):
                x = middle.x / 1e6 + radius * math.cos(step * math.pi / 30)
                y = middle.y / 1e6 + radius * math.sin(step * math.pi / 30)
                lines.append((x - 0.1, y - 0.1, x + 0.1, y + 0.1))
        elif not (
            isinstance(item, pcbnew.PCB_SHAPE)
            and item.IsFilled()
            and _extent(_rect(item.GetBoundingBox())) > 9
        ):
            # the filled half of a capacitor's circle lies within its rim
            lines.append(_rect(item.GetBoundingBox()))
    return pads, lines


def place_references(board, width, height, covers=()):
    """Put each reference beside its part, on the part's side, where it covers no pad, print or
    edge, nor lies under one of the `covers`; return those without room."""
    homeless = []
    for side in (pcbnew.F_SilkS, pcbnew.B_SilkS):
        homeless += _references_of(board, side, width, height, covers)
    return homeless


def _references_of(board, side, width, height, covers):
    """`place_references` for one side (the layer of its print)."""
    taken, bodies = [], {}
    for footprint in board.GetFootprints():
        pads, lines = _printed(footprint, side)
        taken.extend((r[0] - 0.12, r[1] - 0.12, r[2] + 0.12, r[3] + 0.12) for r in pads)
        taken.extend((r[0] - 0.1, r[1] - 0.1, r[2] + 0.1, r[3] + 0.1) for r in lines)
        if footprint.IsFlipped() == (side == pcbnew.B_SilkS):
            bodies[footprint.GetReference()] = _union(pads + lines)
            if footprint.GetReference() in covers:
                yard = pcbnew.B_CrtYd if footprint.IsFlipped() else pcbnew.F_CrtYd
                taken.append(_rect(footprint.GetCourtyard(yard).BBox()))
    for item in board.GetDrawings():
        if item.GetLayer() == side:
            taken.append(_rect(item.GetBoundingBox(), 0.15))
    edge = (100.3, 80.3, 100 + width - 0.3, 80 + height - 0.3)
    order = sorted(
        (f for f in board.GetFootprints() if f.GetReference() in bodies),
        key=lambda f: (_extent(bodies[f.GetReference()]), f.GetReference()),
    )
    best = None
    # Those that found no room choose first in the next round.
    for _ in range(30):
        homeless = _round_of_references(order, bodies, list(taken), edge)
        if best is None or len(homeless) < len(best[0]):
            best = (homeless, order)
        if not homeless:
            break
        order = homeless + [footprint for footprint in order if footprint not in homeless]
    return sorted(
        f.GetReference() for f in _round_of_references(best[1], bodies, list(taken), edge)
    )


def _round_of_references(order, bodies, taken, edge):
    """Place the references in this order; returns the footprints without room."""
    homeless = []
    for footprint in order:
        label = footprint.Reference()
        label.SetTextSize(VECTOR2I(FromMM(_TEXT_HEIGHT), FromMM(_TEXT_HEIGHT)))
        label.SetTextThickness(FromMM(_TEXT_LINE))
        label.SetLayer(pcbnew.B_SilkS if footprint.IsFlipped() else pcbnew.F_SilkS)
        boxes = {}
        for turn in (0, 90):
            label.SetTextAngleDegrees(turn)
            label.SetPosition(VECTOR2I(0, 0))
            boxes[turn] = _text_box(label, turn)
        for x, y, turn in _spots(bodies[footprint.GetReference()], len(label.GetText())):
            left, top, right, bottom = boxes[turn]
            box = (x + left, y + top, x + right, y + bottom)
            inside = (
                edge[0] < box[0] and edge[1] < box[1] and box[2] < edge[2] and box[3] < edge[3]
            )
            if inside and not _hits(box, taken):
                taken.append(box)
                label.SetTextAngleDegrees(turn)
                label.SetPosition(VECTOR2I(FromMM(x), FromMM(y)))
                break
        else:
            label.SetLayer(pcbnew.B_Fab if footprint.IsFlipped() else pcbnew.F_Fab)
            label.SetPosition(footprint.GetPosition())
            label.SetTextAngleDegrees(0)
            homeless.append(footprint)
    return homeless


def _text_box(label, turn):
    """The box of a text's strokes: KiCad's own leaves room for tails below the line."""
    left, top, right, bottom = _rect(label.GetBoundingBox())
    half = (_TEXT_HEIGHT + _TEXT_LINE) / 2
    if turn == 0:
        middle = (top + bottom) / 2
        return left, middle - half, right, middle + half
    middle = (left + right) / 2
    return middle - half, top, middle + half, bottom


def _extent(rect):
    return round((rect[2] - rect[0]) * (rect[3] - rect[1]), 2)


def _spots(body, letters):
    """Places for a text of so many letters around a box, the nearest first, at last under the
    body."""
    left, top, right, bottom = body
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
    upright = bottom - top > 1.3 * (right - left)
    spots = []
    for turn in (0, 90):
        long, short = 0.36 * letters * _TEXT_HEIGHT + 0.05, 0.58 * _TEXT_HEIGHT
        half_w, half_h = (long, short) if turn == 0 else (short, long)
        for gap in (0.12, 0.3, 0.6):
            for step in range(-12, 13):
                slide = 0.2 * step
                for x, y in (
                    (middle_x + slide, top - gap - half_h),
                    (middle_x + slide, bottom + gap + half_h),
                    (left - gap - half_w, middle_y + slide),
                    (right + gap + half_w, middle_y + slide),
                ):
                    away = max(left - x, x - right, 0) + max(top - y, y - bottom, 0)
                    if away <= max(half_w, half_h) + 0.7:
                        spots.append(
                            (
                                gap + 0.35 * abs(slide) + (0.15 if bool(turn) != upright else 0),
                                x,
                                y,
                                turn,
                            )
                        )
        for dx in range(-12, 13):
            for dy in range(-12, 13):
                x, y = middle_x + 0.25 * dx, middle_y + 0.25 * dy
                if left < x < right and top < y < bottom:
                    spots.append((5 + abs(dx) + abs(dy), x, y, turn))
    return [spot[1:] for spot in sorted(spots)]


def draw(folder, path, tables, with_routes=True):
    """A whole board from its tables, a module or an object with: WIDTH, HEIGHT, PLACEMENT {ref:
    (x, y, turn), and "B" as a fourth when on the back}; where wanted MODELS, HAND (tracks and vias
    laid by hand), POURS [(net, layers, corners, solid)], KEEP_OUTS {name: corners}, SHELLS {name:
    (side, corners)} under metal, GROUNDS {net: corners of its pour on both sides}, COVERS (refs of
    parts under which no reference belongs), FRONT, BACK."""
    folder, name = Path(folder), Path(folder).name
    width, height = tables.WIDTH, tables.HEIGHT
    components, nets = netlist.read(folder / f"{name}.kicad_sch")
    board = pcbnew.CreateEmptyBoard()
    board.SetFileName(str(path))
    items = place(board, components, nets, tables.PLACEMENT, getattr(tables, "MODELS", {}))
    board.GetDesignSettings().SetAuxOrigin(at(0, height))
    outline(board, width, height, 1.5)
    for row in getattr(tables, "SLOTS", ()):
        slot(board, *row)
    for area, corners in getattr(tables, "KEEP_OUTS", {}).items():
        keep_out(board, area, corners)
    layer = {"F": pcbnew.F_Cu, "B": pcbnew.B_Cu}
    for area, (side, corners) in getattr(tables, "SHELLS", {}).items():
        keep_out(board, area, corners, layer[side])
    draw_tracks(board, items, getattr(tables, "HAND", {"tracks": [], "vias": []}))
    for net, sides, corners, solid in getattr(tables, "POURS", ()):
        pour(board, items[net], [layer[s] for s in sides], corners, priority=1, solid=solid)
    routes = folder / "routes.json"
    if with_routes and routes.exists():
        draw_tracks(board, items, json.loads(routes.read_text(encoding="utf-8")))
    whole = [(0.4, 0.4), (width - 0.4, 0.4), (width - 0.4, height - 0.4), (0.4, height - 0.4)]
    for net, corners in getattr(tables, "GROUNDS", {"GND": whole}).items():
        pour(board, items[net], (pcbnew.F_Cu, pcbnew.B_Cu), corners)
    for words, x, y, turn in tables.FRONT:
        text(board, words, x, y, 0.8, turn=turn)
    for words, x, y, size in tables.BACK:
        text(board, words, x, y, size, layer=pcbnew.B_SilkS, left=True)
    homeless = place_references(board, width, height, getattr(tables, "COVERS", ()))
    if homeless:
        print("no room on the print for", *homeless)
    save(board, path, classes.draw(folder, path, tables))


# -- writing ------------------------------------------------------------------------------------
# -------------


def save(board, path, project):
    """Fill the zones and write the board with ids that depend on nothing but their order."""
    # In a folder of its own: KiCad would overwrite the project file beside the board. Saved
    # in our order first and
    # filled after loading: the pour depends on the order, and needs the connectivity that
    # loading builds.
    path = Path(path)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / path.name
        pcbnew.SaveBoard(str(target), board)
        shutil.copy(project, target.with_suffix(".kicad_pro"))
        rules = Path(project).with_suffix(".kicad_dru")
        if rules.exists():
            shutil.copy(rules, target.with_suffix(".kicad_dru"))
        _rewrite(target)
        board = pcbnew.LoadBoard(str(target))
        pcbnew.ZONE_FILLER(board).Fill(board.Zones())
        pcbnew.SaveBoard(str(target), board)
        _rewrite(target)
        shutil.copy(target, path)


def _rewrite(path):
    tree = _canonical(sexpr.load(path))
    path.write_text(sexpr.dump(tree) + "\n", encoding="utf-8")


def _canonical(tree):
    """The board with its items in an order of their own and ids by that order: KiCad's are
    random."""
    _strip(tree)
    _sort(tree)
    count = iter(range(1_000_000))

    def number(node):
        for item in node:
            if isinstance(item, list):
                if item[0] == "uuid":
                    item[1] = Quoted(uuid.uuid5(_SPACE, str(next(count))))
                else:
                    number(item)

    number(tree)
    return tree


def _strip(node):
    for item in node:
        if isinstance(item, list):
            if item[0] == "uuid":
                item[1] = Quoted("")
            else:
                _strip(item)


def _sort(node):
    for item in node:
        if isinstance(item, list) and item[0] == "footprint":
            _sort(item)
    places = [i for i, item in enumerate(node) if isinstance(item, list) and item[0] in _UNORDERED]
    for place_at, item in zip(
        places, sorted((node[i] for i in places), key=sexpr.dump), strict=True
    ):
        node[place_at] = item
