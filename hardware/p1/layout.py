"""Lay out the board of p1: outline, placement, USB pair by hand, the rest from routes.json.

Runs in KiCad's Python. `layout.py --bare FILE` leaves out routes.json, as input of the router.
"""

import sys
from pathlib import Path
from types import SimpleNamespace

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "workshop"))

import pcb  # noqa: E402
import usbc  # noqa: E402

WIDTH, HEIGHT = 50.0, 25.0

# Reference: x, y in millimetres from the board's upper left corner, turn in degrees; "B": on the
# back, mirrored top to bottom before the turn.
PLACEMENT = {
    # jacks, side by side towards the upper edge; USB below them on the back, towards the lower
    "J1": (10.1, 15.65, 180), "J2": (24.65, 15.65, 180), "J3": (14.84, 21.3, 180, "B"),
    # request
    "Q3": (22.4, 18.6, 0, "B"), "Q4": (26.5, 18.6, 0, "B"), "R3": (22.1, 22.3, 0, "B"),
    "R4": (30.2, 22.6, 90, "B"), "R5": (25.8, 21.3, 0, "B"), "JP1": (26.2, 23.5, 0, "B"),
    # data
    "R6": (25.2, 9.6, 0, "B"), "R7": (25.2, 11.2, 0, "B"), "U1": (20.9, 10.7, 0, "B"),
    "C6": (20.9, 7.9, 180, "B"),
    # supply
    "D1": (5.75, 19.5, 270, "B"), "D2": (8.2, 19.5, 270, "B"), "R1": (3.0, 10.95, 0, "B"),
    "Q1": (13.0, 10.4, 0, "B"), "R2": (8.4, 10.9, 180, "B"), "Q2": (6.92, 4.65, 90, "B"),
    "C1": (34.05, 4.6, 0), "C2": (34.05, 13.6, 0),
    "C3": (23.3, 2.9, 270, "B"), "U3": (27.2, 2.4, 0, "B"), "C4": (28.2, 11.4, 90, "B"),
    # USB
    "U2": (14.84, 14.4, 90, "B"), "R8": (16.0, 10.5, 90, "B"), "R9": (11.95, 14.0, 90, "B"),
    # controller: its antenna looks to the right, its supply pin stands at the lower row
    "U4": (36.6, 10.4, 90, "B"), "C7": (42.1, 21.0, 180, "B"), "C5": (41.5, 23.4, 180, "B"),
    "R10": (37.65, 21.0, 0, "B"), "C8": (37.2, 23.6, 0, "B"), "R12": (33.0, 21.0, 0, "B"),
    "R13": (33.0, 23.6, 0, "B"), "R11": (42.2, 3.2, 90), "R14": (42.2, 7.5, 90),
    "D3": (42.2, 12.0, 90), "SW1": (33.3, 21.4, 0), "SW2": (24.2, 21.4, 0),
    # test points and holes
    "TP1": (18.6, 2.8, 0, "B"), "TP2": (13.5, 20.2, 0), "TP3": (16.2, 20.2, 0),
    "TP4": (14.9, 23.2, 0), "H1": (2.5, 22.5, 0), "H2": (47.5, 22.5, 0),
}  # fmt: skip

# Critical copper, laid by hand; the router takes it as it lies. Rows as in routes.json.
HAND = {
    "tracks": [
        *usbc.pair(PLACEMENT["J3"]),
        # from U2's ground on to R9 and to the second jack's grounds
        ["GND", "B", 0.25, 14.84, 14.4, 13.3, 14.4],
        ["GND", "B", 0.25, 13.3, 14.4, 12.9, 14.0],
        ["GND", "B", 0.25, 12.9, 14.0, 12.9, 13.09],
        ["GND", "B", 0.25, 12.9, 13.09, 11.95, 13.09],
        ["GND", "F", 0.25, 14.84, 14.4, 17.06, 14.4],
        ["GND", "F", 0.25, 17.06, 14.4, 18.3, 13.16],
        ["GND", "F", 0.25, 18.3, 13.11, 19.59, 14.4],
        ["GND", "F", 0.25, 19.59, 14.4, 20.86, 14.4],
        ["GND", "F", 0.25, 20.86, 14.4, 22.11, 15.65],
        # the USB jack's shell, the grounds of U1, C4, SW2 and U3
        ["GND", "B", 0.25, 19.16, 18.19, 19.16, 22.37],
        ["GND", "B", 0.25, 18.04, 17.62, 19.16, 17.62],
        ["GND", "B", 0.25, 11.64, 17.62, 10.52, 17.62],
        ["GND", "B", 0.25, 19.76, 9.75, 19.76, 8.18],
        ["GND", "B", 0.25, 19.76, 8.18, 20.04, 7.9],
        ["GND", "B", 0.5, 28.2, 9.8375, 28.2, 8.3],
        ["GND", "F", 0.25, 21.05, 23.3, 27.35, 23.3],
        ["GND", "B", 0.5, 26.0625, 2.4, 27.2, 2.4],
    ],
    "vias": [usbc.via(PLACEMENT["J3"]), ["GND", 28.2, 8.3, 0.6, 0.3],
             ["GND", 27.2, 2.4, 0.6, 0.3],
             *(["/VST", x, y, 0.6, 0.3] for x in (11.6, 13.2, 14.8) for y in (1.2, 2.6, 4.0)),
             *(["/VST", x, y, 0.6, 0.3] for x in (1.2, 2.6) for y in (1.2, 2.6, 4.0))],
}  # fmt: skip
# Q2's collector: its heat goes into this copper, on both sides.
_VST_BACK = [(0.6, 0.6), (25.6, 0.6), (25.6, 3.6), (21.8, 3.6), (21.8, 5.0), (8.0, 5.0),
             (8.0, 9.2), (5.9, 9.2), (5.9, 5.0), (0.6, 5.0)]  # fmt: skip
_VST_FRONT = [(0.6, 0.6), (24.3, 0.6), (24.3, 3.2), (32.6, 3.2), (32.6, 15.0), (29.2, 15.0),
              (29.2, 5.0), (0.6, 5.0)]  # fmt: skip
POURS = [("/VST", "B", _VST_BACK, True), ("/VST", "F", _VST_FRONT, True)]
# Under the USB jack's shell: no tracks or vias, ground alone.
SHELLS = {"USB shell": ("B", [(10.9, 18.9), (18.8, 18.9), (18.8, 25.0), (10.9, 25.0)])}
COVERS = {"J1", "J2", "J3"}
# Small islands of ground between so many parts: vias that join both sides, so far apart (mm).
STITCH = 2.0
KEEP_OUTS = {"antenna": [(43.9, 0.3), (49.7, 0.3), (49.7, 24.7), (43.9, 24.7)]}
# Nets that carry the supply: 0.5 mm wide wherever the pads let them.
WIDE_NETS = {"+3V3", "/VBUS", "/P1_5V", "/VIN", "/VST", "/LIMS", "/ON_5V"}
# Critical nets: routed first and on the parts' side alone.
TOP_NETS = set()

# Words on the print: text, x, y, turn.
FRONT = [
    ("kWhisper p1  rev B", 44.9, 12.0, 90),
    ("CERN-OHL-P-2.0", 46.3, 12.0, 90),
    ("not built or tested yet", 47.7, 12.0, 90),
    ("only for a P1 port", 49.1, 12.0, 90),
    ("meter", 3.4, 18.2, 0),
    ("next", 27.2, 17.95, 0),
]
# Words on the back, from x to the left of the board (the reader's right): text, x, y, size.
BACK = []
MODELS = dict.fromkeys(("J1", "J2"), "${KIPRJMOD}/../lib/kwhisper.3dshapes/RJ12_jack.wrl")


def build(path, with_routes=True):
    """Write the board; the schematic beside this file is its source."""
    pcb.draw(HERE, path, SimpleNamespace(**globals()), with_routes)


if __name__ == "__main__":
    arguments = [a for a in sys.argv[1:] if a != "--bare"]
    build(arguments[0] if arguments else HERE / f"{HERE.name}.kicad_pcb", "--bare" not in sys.argv)
