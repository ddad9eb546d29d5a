"""han-selfpowered: copper, holes, print, and what leaves the board as files."""

import json
import math
import re
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from bench import ALL, footprints, need_kicad, run, text, turned, xy  # noqa: E402
from board_rules import every, one, sexpr  # noqa: E402

NAME = "han-selfpowered"
DESIGN = ALL[NAME]
FOOTPRINTS = footprints(DESIGN)
NETS = {pin: name for name, pins in DESIGN.nets.items() for pin in pins}


def test_the_checks_see_a_missing_track(tmp_path):
    """A check that cannot fail is none: without one track the board must not pass."""
    need_kicad()
    for name in DESIGN.folder.glob("han-selfpowered.kicad_*"):
        shutil.copy(name, tmp_path)
    target = tmp_path / "han-selfpowered.kicad_pcb"
    tree = sexpr.load(target)
    victim = next(s for s in every(tree, "segment") if one(s, "layer")[1] == "F.Cu")
    tree.remove(victim)
    target.write_text(sexpr.dump(tree))
    script = (
        "import sys, kicad\n"
        "kicad.cli('pcb', 'drc', '--severity-all', '--format', 'json', '-o', *sys.argv[1:])"
    )
    done = run(script, tmp_path / "drc.json", target)
    assert done.returncode == 0, done.stderr
    drc = json.loads((tmp_path / "drc.json").read_text())
    assert drc["unconnected_items"] or drc["violations"]


def test_no_part_stands_before_the_antenna():
    there = {ref for ref, f in FOOTPRINTS.items() if xy(one(f, "at"))[0] > 174.0}
    assert there <= {"H2", "H4"}  # bare holes for plastic screws
    x, y, turn = (float(v) for v in one(FOOTPRINTS["U6"], "at")[1:4])
    antenna_end = x + 13.15  # the module's top, turned to the right
    assert turn == -90 or turn == 270
    assert 179.5 < antenna_end <= 180 and 90 < y < 110


def test_an_iron_reaches_every_pad_of_the_leadless_part():
    """1.4 mm of each; the rest is for every board in test_every_board.py."""
    reach = [
        abs(float(one(pad, "at")[1])) + float(one(pad, "size")[1]) / 2
        for pad in every(FOOTPRINTS["U2"], "pad")
        if pad[1] not in ("11", "")
    ]
    assert min(reach) >= 1.5 + 1.4


def test_four_mounting_holes_and_a_test_point_for_every_supply():
    assert {"H1", "H2", "H3", "H4"} <= set(FOOTPRINTS)
    probed = {NETS[ref, "1"] for ref in FOOTPRINTS if ref.startswith("TP")}
    assert {"VBR", "VBULK", "+3V3", "GND", "STC", "TSS_VDD", "HAN_RX", "PF", "EN"} == probed


def test_a_test_points_label_is_nearest_to_its_own():
    points = {ref: xy(one(f, "at")) for ref, f in FOOTPRINTS.items() if ref.startswith("TP")}
    for ref, (x, y) in points.items():
        label = next(p for p in every(FOOTPRINTS[ref], "property") if p[1] == "Reference")
        place = turned(FOOTPRINTS[ref], xy(one(label, "at")))
        nearest = min(points, key=lambda other: math.dist(points[other], place))
        assert nearest == ref and math.dist(place, (x, y)) < 2.8, ref


def test_the_bucks_pad_gets_paste():
    windows = [
        pad
        for pad in every(FOOTPRINTS["U2"], "pad")
        if pad[1] == "" and one(pad, "layers")[1:] == ["F.Paste"]
    ]
    covered = sum(float(one(p, "size")[1]) * float(one(p, "size")[2]) for p in windows)
    assert 0.25 < covered / (1.65 * 2.4) < 0.8


def test_gerbers_drill_and_positions_count_from_one_corner(tmp_path):
    """The lower left one; what a board house lays over one another must fit."""
    need_kicad()
    produce = text("workshop", "produce.py")
    assert "--use-drill-file-origin" in produce and '"--drill-origin", "plot"' in produce
    script = (
        "import sys, kicad\n"
        "board, out = sys.argv[1:]\n"
        "kicad.cli('pcb', 'export', 'gerbers', '--no-protel-ext', '--use-drill-file-origin',\n"
        "          '-l', 'Edge.Cuts', '-o', out + '/', board)\n"
        "kicad.cli('pcb', 'export', 'drill', '--excellon-separate-th', '--drill-origin', 'plot',\n"
        "          '-o', out + '/', board)\n"
    )
    done = run(script, DESIGN.folder / f"{NAME}.kicad_pcb", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    outline = next(tmp_path.glob("*Edge_Cuts*")).read_text()
    points = [(int(x), int(y)) for x, y in re.findall(r"^X(-?\d+)Y(-?\d+)", outline, re.M)]
    assert (min(p[0] for p in points), max(p[0] for p in points)) == (0, 80_000_000)
    assert (min(p[1] for p in points), max(p[1] for p in points)) == (0, 40_000_000)
    holes = next(tmp_path.glob("*NPTH.drl")).read_text()
    assert "X3.0Y37.0" in holes and "X77.0Y2.8" in holes  # H1; H4, 2.8 mm from the lower edge


def test_the_drawing_of_dimensions_has_holes_outline_and_what_is_tall():
    drawing = text(NAME, "docs", "dimensions.svg")
    for words in ("&#8960;2.2 at 3, 37", "&#8960;2.2 at 77, 2.8", ">80<", ">40<", ">J3<", ">C8<"):
        assert words in drawing
