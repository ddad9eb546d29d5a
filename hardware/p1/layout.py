"""Lay out the board of p1: outline, placement, USB pair by hand, the rest from routes.json.

Runs in KiCad's Python. `layout.py --bare FILE` leaves out routes.json, as input of the router.
"""

import sys
from pathlib import Path
from types import SimpleNamespace

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "workshop"))

import pcb  # noqa: E402

WIDTH, HEIGHT = 72.0, 30.0

# Reference: x, y in millimetres from the board's upper left corner, turn in degrees.
PLACEMENT = {
    # port and request
    "J1": (17.0, 4.4, 270), "J2": (17.0, 19.2, 270), "JP1": (21.4, 23.7, 0), "Q3": (25.8, 17.4, 0),
    "Q4": (21.4, 20.2, 0), "R3": (21.4, 16.9, 0), "R4": (25.9, 20.4, 0), "R5": (25.9, 22.1, 0),
    # data
    "R6": (25.9, 23.8, 0), "R7": (25.9, 25.5, 0), "U1": (29.9, 21.4, 0), "C6": (30.2, 24.6, 0),
    # supply
    "D1": (22.0, 10.4, 180), "D2": (27.0, 10.4, 180), "R1": (22.1, 13.0, 0), "Q1": (27.4, 13.4, 0),
    "R2": (21.4, 15.2, 0), "Q2": (24.6, 5.0, 0), "C1": (32.25, 4.9, 0), "C2": (32.25, 13.7, 0),
    "C3": (41.6, 5.6, 0), "U3": (41.6, 9.0, 0), "C4": (41.6, 12.4, 180),
    # USB
    "J3": (38.0, 26.3, 0), "U2": (38.0, 19.4, 90), "R8": (34.0, 20.2, 180), "R9": (42.0, 19.9, 0),
    # controller
    "U4": (58.6, 15.0, 270), "R10": (52.4, 4.2, 0), "C8": (52.4, 2.5, 180), "R12": (55.8, 4.2, 0),
    "R13": (55.8, 2.5, 0), "C5": (60.0, 2.9, 180), "C7": (64.15, 4.2, 180), "R11": (61.6, 25.8, 0),
    "R14": (42.0, 15.0, 180), "D3": (42.0, 16.9, 0), "SW1": (48.2, 20.4, 90),
    "SW2": (48.2, 11.4, 90),
    # test points and holes
    "TP1": (47.0, 3.2, 0), "TP2": (48.2, 27.2, 0), "TP3": (54.0, 27.2, 0), "TP4": (57.4, 27.2, 0),
    "H1": (69.0, 2.8, 0), "H2": (69.0, 27.2, 0),
}  # fmt: skip

# Critical copper, laid by hand; the router takes it as it lies. Rows as in routes.json.
HAND = {
    "tracks": [
        # D- joins above the jack's pads, D+ below them; then both straight into U2
        ["/USBC_DM", "F", 0.25, 37.25, 22.62, 37.25, 21.75],
        ["/USBC_DM", "F", 0.25, 38.25, 22.62, 38.25, 21.75],
        ["/USBC_DM", "F", 0.25, 37.25, 21.75, 38.25, 21.75],
        ["/USBC_DM", "F", 0.25, 37.25, 21.75, 37.05, 21.55],
        ["/USBC_DM", "F", 0.25, 37.05, 21.55, 37.05, 20.5375],
        ["/USBC_DP", "F", 0.25, 37.75, 22.62, 37.75, 23.6],
        ["/USBC_DP", "F", 0.25, 37.75, 23.6, 38.75, 23.6],
        ["/USBC_DP", "F", 0.25, 38.75, 23.6, 38.75, 21.7],
        ["/USBC_DP", "F", 0.25, 38.75, 21.7, 38.95, 21.5],
        ["/USBC_DP", "F", 0.25, 38.95, 21.5, 38.95, 20.5375],
        # U2's ground: straight down
        ["GND", "F", 0.5, 38.0, 20.5375, 38.0, 19.4],
    ],
    "vias": [["GND", 38.0, 19.4, 0.6, 0.3]],
}  # fmt: skip
# Q2's collector: its heat goes into this copper.
_VST = [(26.0, 4.4), (26.0, 0.7), (35.0, 0.7), (35.0, 8.9), (26.0, 8.9), (26.0, 5.6), (20.6, 5.6),
        (20.6, 4.4)]  # fmt: skip
POURS = [("/VST", "F", _VST, True)]
KEEP_OUTS = {"antenna": [(65.9, 0.3), (71.7, 0.3), (71.7, 29.7), (65.9, 29.7)]}
# Nets that carry the supply: 0.5 mm wide wherever the pads let them.
WIDE_NETS = {"+3V3", "/VBUS", "/P1_5V", "/VIN", "/VST", "/LIMS", "/ON_5V"}
# Critical nets: routed first and on the parts' side alone.
TOP_NETS = set()

# Words on the print: text, x, y, turn.
FRONT = [("USB", 45.6, 26.4, 90)]
# Words on the back, from x to the left of the board (the reader's right): text, x, y, size.
BACK = [
    ("kWhisper p1  rev A", 63.0, 3.4, 1.0),
    ("CERN-OHL-P-2.0   only for a P1 port", 63.0, 5.4, 0.8),
    ("not built or tested yet", 63.0, 7.0, 0.8),
    ("upper jack: meter   lower jack: next reader", 63.0, 9.0, 0.8),
    ("JP1 closed: the meter's 5 V go on, 250 mA for both", 63.0, 10.8, 0.8),
    *(
        (words, x, 13.4 + 1.3 * line, 0.8)
        for line, row in enumerate(
            (
                ("TP1", "VST", "4 to 4.8 V"), ("TP2", "P1_RX", "idle high"),
                ("TP3", "+3V3", "3.3 V"), ("TP4", "GND", "0 V"),
            )
        )
        for words, x in zip(row, (63.0, 59.5, 53.0), strict=True)
    ),
]  # fmt: skip
MODELS = dict.fromkeys(("J1", "J2"), "${KIPRJMOD}/../lib/kwhisper.3dshapes/RJ12_jack.wrl")


def build(path, with_routes=True):
    """Write the board; the schematic beside this file is its source."""
    pcb.draw(HERE, path, SimpleNamespace(**globals()), with_routes)


if __name__ == "__main__":
    arguments = [a for a in sys.argv[1:] if a != "--bare"]
    build(arguments[0] if arguments else HERE / f"{HERE.name}.kicad_pcb", "--bare" not in sys.argv)
