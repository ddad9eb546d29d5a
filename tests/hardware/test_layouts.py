"""Copper and print of every board: outline, names, critical nets, the antenna, heat's pours."""

import math
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
from bench import ALL, SIZES, area, footprints, length, pad, pours, results, tracks, way  # noqa: E402
from board_rules import every, one  # noqa: E402


@pytest.fixture(params=ALL)
def design(request):
    return ALL[request.param]


def test_outline_and_holes(design):
    import dimensions

    width, height = dimensions.size(None, design.board)
    assert (width, height) == pytest.approx(SIZES[design.name], abs=0.11)
    drills = [float(one(via, "drill")[1]) for via in every(design.board, "via")]
    for footprint in every(design.board, "footprint"):
        for row in every(footprint, "pad"):
            if one(row, "drill"):
                drills.append(min(float(d) for d in one(row, "drill")[1:] if d[0].isdigit()))
    assert min(drills) >= 0.3


def test_every_name_is_on_the_print_and_can_be_read(design):
    sizes = []
    for footprint in every(design.board, "footprint"):
        label = next(p for p in every(footprint, "property") if p[1] == "Reference")
        side = one(footprint, "layer")[1][0]  # F or B
        assert one(label, "layer")[1] == f"{side}.SilkS", f"{label[2]} has no room on the print"
        sizes.append(float(one(one(one(label, "effects"), "font"), "size")[1]))
    for words in every(design.board, "gr_text"):
        sizes.append(float(one(one(one(words, "effects"), "font"), "size")[1]))
    assert min(sizes) >= 0.8 and max(sizes) <= 1.0


def test_the_usb_pair_is_short_even_and_straight_into_its_protection(design):
    """Jack to protection on one side; D+ and D- alike to 10 mm all the way, a twentieth
    of what a bit of 12 Mbit/s would notice."""
    ways = {}
    for line in ("DM", "DP"):
        near, vias = tracks(design.board, f"USBC_{line}")
        assert vias == 0 and len({layer for layer, _, _ in near}) == 1
        far, _ = tracks(design.board, f"USB_{line}")
        assert 3 < length(near) < 8 and length(far) > 2
        ways[line] = length(near) + length(far)
    assert abs(ways["DM"] - ways["DP"]) < 10


# board: side, the buck's input capacitor and chip, most millimetres of nets, pads that are near
_USB = {"USBC_DM": 8, "USBC_DP": 8}
CRITICAL = {
    "han-selfpowered": ("F.Cu", ("C5", "U2"), {"SW": 4, "FB": 5} | _USB,
                        (("U5", 1, "J3", "A6", 4), ("U5", 3, "J3", "A6", 4),
                         ("C13", 1, "U6", 1, 3))),
    "mep": ("F.Cu", ("C2", "U1"), {"SW": 4, "FB": 5} | _USB,
            (("U3", 1, "J2", "A7", 4), ("C20", 1, "U6", 1, 3))),
    "p1": ("B.Cu", None, _USB, (("U2", 1, "J3", "A7", 4), ("C7", 1, "U4", 1, 3))),
}  # fmt: skip


@pytest.mark.parametrize("board", CRITICAL)
def test_critical_nets_are_short_and_on_the_parts_side(board):
    """The buck's input loop and back over tracks of the parts' side alone, switch node, feedback,
    the USB pair; the module's capacitor at its supply pin."""
    side, buck, nets, near = CRITICAL[board]
    tree, parts = ALL[board].board, footprints(ALL[board])
    if buck:
        cap, chip = buck
        supply = way(tracks(tree, "VBULK")[0], pad(parts, cap, 1), pad(parts, chip, 2))
        back = way(tracks(tree, "GND")[0], pad(parts, chip, 11), pad(parts, cap, 2))
        assert supply and back and area(supply + back) < 20
        assert sum(math.dist(a, b) for a, b in zip(supply, supply[1:], strict=False)) < 6
    for net, most in nets.items():
        segments, vias = tracks(tree, net)
        assert vias == 0 and {layer for layer, _, _ in segments} == {side}, net
        assert length(segments) < most, net
    for a, first, b, second, most in near:
        assert math.dist(pad(parts, a, first), pad(parts, b, second)) < most, (a, b)


@pytest.mark.parametrize(
    ("name", "edge"),
    [("han-usb", 153.95), ("p1", 143.95), ("mep", 153.95), ("han-selfpowered", 174.0)],
)
def test_the_antenna_is_free_of_copper(name, edge):
    board = ALL[name].board
    for kind, ends in (("segment", ("start", "end")), ("via", ("at",))):
        for item in every(board, kind):
            assert all(float(one(item, end)[1]) < edge for end in ends)
    for _, _, points in pours(board):
        assert all(x < edge for x, _ in points)


@pytest.mark.parametrize(
    ("board", "result", "nets"),
    [
        ("han-selfpowered", "thermal", {None: ("Net-(D4-A)", "F.Cu", 100)}),
        ("p1", "heat", {None: ("/VST", "B.Cu", 100)}),
        ("mep", "heat", {"Q2": ("/VBULK", "F.Cu", 100), "Q5": ("/VCOM", "F.Cu", 0)}),
    ],
)
def test_heat_was_computed_for_the_copper_of_today(board, result, nets):
    sums = {}
    for net, layer, points in pours(ALL[board].board):
        sums[net, layer] = sums.get((net, layer), 0) + area(points)
    rows = [row for row in results(board)[result] if row["copper_mm2"]]
    for part, (net, layer, least) in nets.items():
        mine = {row["copper_mm2"] for row in rows if row.get("part") == part}
        assert mine == {round(sums[net, layer])} and sums[net, layer] >= least, part
