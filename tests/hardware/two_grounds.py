"""Draws a board of two grounds with the workshop and lets KiCad check it; in KiCad's own Python.

    two_grounds.py WORKSHOP PROJECT

Prints {case: [clearance findings, gap between the two pours in mm]}: tracks apart and near with a
rule of 6 mm between the grounds in a .kicad_dru, and apart without it.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

workshop, project = Path(sys.argv[1]), Path(sys.argv[2])
sys.path.insert(0, str(workshop))
import kicad  # noqa: E402
import pcb  # noqa: E402
import pcbnew  # noqa: E402

RULE = (
    '(version 1)\n(rule "isolation" (constraint clearance (min 6mm))\n'
    "  (condition \"A.NetName == 'GND' && B.NetName == 'GNDB'\"))\n"
)


def violations(folder, tracks, rule):
    board = pcbnew.CreateEmptyBoard()
    items = {name: pcbnew.NETINFO_ITEM(board, name) for name in ("GND", "GNDB")}
    for item in items.values():
        board.Add(item)
    pcb.outline(board, 40, 20, 1.5)
    pcb.draw_tracks(board, items, {"tracks": tracks, "vias": []})
    pcb.pour(board, items["GND"], (pcbnew.F_Cu,), [(0.4, 0.4), (20, 0.4), (20, 19.6), (0.4, 19.6)])
    pcb.pour(
        board,
        items["GNDB"],
        (pcbnew.F_Cu,),
        [(20, 0.4), (39.6, 0.4), (39.6, 19.6), (20, 19.6)],
        priority=1,
    )
    target = folder / "two.kicad_pcb"
    shutil.copy(project, folder / "two.kicad_pro")
    (folder / "two.kicad_dru").write_text(rule)
    pcb.save(board, target, folder / "two.kicad_pro")
    kicad.cli(
        "pcb", "drc", "--severity-all", "--format", "json", "-o", folder / "drc.json", target
    )
    report = json.loads((folder / "drc.json").read_text())
    edges = {}
    for zone in pcbnew.LoadBoard(str(target)).Zones():
        box = zone.GetFilledPolysList(pcbnew.F_Cu).BBox()
        edges[zone.GetNetname()] = (box.GetLeft() / 1e6 - 100, box.GetRight() / 1e6 - 100)
    gap = edges["GNDB"][0] - edges["GND"][1] if len(edges) == 2 else None
    return [v["type"] for v in report["violations"] if v["type"] == "clearance"], round(gap, 2)


left = ["GND", "F", 0.5, 5, 10, 10, 10]
near, far = ["GNDB", "F", 0.5, 13, 10, 35, 10], ["GNDB", "F", 0.5, 25, 10, 35, 10]
with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    print(
        json.dumps(
            {
                "apart": violations(folder, [left, far], RULE),
                "near": violations(folder, [left, near], RULE),
                "without": violations(folder, [left, far], "(version 1)\n"),
            }
        )
    )
