"""Draws a board with one more track, lets KiCad check it; in KiCad's own Python.

    near_gap.py BOARD NET X1 Y1 X2 Y2

Prints {kind of finding: how many}.
"""

import collections
import json
import sys
import tempfile
from pathlib import Path

board = Path(sys.argv[1])
net, ends = sys.argv[2], [float(v) for v in sys.argv[3:7]]
sys.path.insert(0, str(board.parent / "workshop"))
import kicad  # noqa: E402
import pcb  # noqa: E402
from files import load  # noqa: E402

layout = load(board, "layout")
layout.HAND["tracks"].append([net, "F", 0.25, *ends])
with tempfile.TemporaryDirectory() as name:
    target = Path(name) / f"{board.name}.kicad_pcb"
    pcb.draw(board, target, layout)
    kicad.cli(
        "pcb", "drc", "--severity-all", "--format", "json", "-o", Path(name) / "drc.json", target
    )
    report = json.loads((Path(name) / "drc.json").read_text())
print(json.dumps(collections.Counter(v["type"] for v in report["violations"])))
