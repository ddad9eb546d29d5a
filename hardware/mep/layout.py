"""Lay out the board of mep: outline, placement, buck, limiter and USB pair by hand, the rest from
routes.json.

Runs in KiCad's Python. `layout.py --bare FILE` leaves out routes.json, as input of the router.
"""

import sys
from pathlib import Path
from types import SimpleNamespace

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "workshop"))

import pcb  # noqa: E402

WIDTH, HEIGHT = 72.0, 40.0

# Reference: x, y in millimetres from the board's upper left corner, turn in degrees.
PLACEMENT = {
    # port and limiter
    "J1": (5.3, 12.0, 270), "F1": (11.2, 6.5, 90), "D1": (15.4, 6.5, 90), "D2": (20.0, 3.0, 180),
    "R1": (24.3, 3.0, 0), "Q1": (24.3, 6.1, 270), "R2": (20.3, 5.6, 180), "R34": (20.3, 7.4, 0),
    "R31": (20.3, 9.2, 0), "Q2": (30.6, 4.6, 0), "C1": (38.2, 4.4, 0), "TP1": (44.6, 2.4, 0),
    # buck: C2 at U1's VIN and ground, FB's divider at its pin, SW below L1's pad
    "C2": (48.2, 9.25, 270), "U1": (55.0, 8.35, 0), "L1": (54.0, 3.3, 0), "C3": (59.4, 3.2, 270),
    "R7": (60.0, 8.35, 0), "R6": (60.0, 9.95, 180), "R5": (63.6, 1.1, 0), "R4": (63.6, 2.6, 0),
    "R3": (63.6, 4.1, 0),
    # store and supervisor
    "C4": (33.8, 16.3, 0), "C5": (33.8, 25.0, 0), "R8": (41.4, 18.0, 90), "R9": (41.4, 21.4, 90),
    "U2": (45.2, 19.6, 0), "R10": (43.3, 15.7, 90), "R11": (45.2, 15.7, 90),
    "R12": (45.2, 22.4, 0), "R13": (49.2, 20.6, 0), "C6": (49.2, 18.1, 0), "C7": (49.2, 23.1, 0),
    # USB: U3 between the jack and everything else
    "J2": (43.0, 36.3, 0), "U3": (43.0, 29.4, 90), "C10": (46.9, 28.6, 180),
    "R14": (39.3, 30.8, 0), "R15": (47.2, 30.6, 0), "D3": (50.3, 37.2, 90),
    "R16": (49.6, 33.0, 90), "R17": (51.6, 33.0, 90), "R18": (55.5, 37.9, 0),
    "C8": (60.65, 37.3, 90), "U4": (63.85, 37.8, 0), "C9": (64.6, 33.5, 90),
    # COM ENABLE
    "Q5": (21.4, 14.3, 180), "Q4": (28.4, 13.6, 0), "R22": (28.6, 10.6, 180),
    "R23": (28.6, 16.4, 0), "R21": (28.6, 18.2, 0), "Q3": (28.6, 20.8, 0),
    "R19": (28.6, 23.3, 0), "R20": (28.6, 25.7, 180), "Q6": (19.0, 19.9, 0),
    "D4": (22.9, 19.9, 0), "R24": (25.7, 19.7, 90), "R25": (16.4, 25.3, 0),
    "D5": (12.2, 24.9, 0), "R26": (11.4, 28.35, 0), "C11": (11.4, 26.85, 0),
    # RS-232
    "R27": (12.0, 12.8, 0), "R28": (12.0, 15.3, 0), "D6": (13.2, 18.4, 0), "D7": (13.2, 21.95, 0),
    "J3": (7.5, 33.4, 90), "U5": (20.0, 30.1, 270), "C12": (25.8, 24.65, 90),
    "C13": (21.2, 24.65, 90), "C14": (23.5, 24.65, 90), "C15": (18.9, 24.65, 90),
    "C16": (27.2, 31.3, 90), "R29": (29.4, 31.0, 90), "R30": (26.15, 28.0, 90),
    # power fail, voltages
    "Q7": (45.2, 25.4, 0), "R32": (41.4, 24.8, 90), "R33": (49.2, 25.6, 0),
    "R35": (56.6, 32.7, 90), "C17": (61.6, 32.7, 90), "R36": (42.6, 10.2, 0),
    "R37": (38.4, 10.2, 180), "C18": (59.1, 32.7, 90),
    # controller
    "U6": (58.6, 21.1, 270), "C19": (63.5, 6.0, 180), "C20": (64.1, 9.9, 180),
    "R38": (54.1, 32.7, 90), "R39": (49.4, 13.45, 0), "R40": (49.4, 15.7, 0),
    "SW1": (20.0, 36.95, 0), "SW2": (29.6, 36.95, 0), "R41": (36.6, 32, 90), "D8": (36.5, 36, 90),
    # test points and holes
    "TP2": (41, 13.4, 0), "TP3": (31.7, 31.8, 0), "TP4": (24.6, 9.4, 0), "TP5": (34.5, 31.8, 0),
    "TP6": (3.0, 31.4, 0), "TP7": (34.2, 10.3, 0),
    "H1": (3.0, 3.0, 0), "H2": (69.0, 2.8, 0), "H3": (3.0, 37.0, 0), "H4": (69.0, 37.2, 0),
}  # fmt: skip
# Critical copper, laid by hand; the router takes it as it lies. Rows as in routes.json.
_BUCK = [
    # input loop: C2 - VIN, and back from U1's ground to C2, all on the parts' side
    ["/VBULK", "F", 0.28, 53.01, 7.85, 51.4, 7.85], ["/VBULK", "F", 0.7, 51.4, 7.7, 48.2, 7.7],
    ["GND", "F", 0.8, 48.2, 10.8125, 48.6, 10.65], ["GND", "F", 0.8, 48.6, 10.65, 55.0, 10.65],
    ["GND", "F", 0.8, 55.0, 10.65, 55.0, 8.95], ["GND", "F", 0.28, 53.01, 9.35, 55.0, 9.35],
    ["GND", "F", 0.28, 56.99, 7.35, 55.0, 7.35], ["GND", "F", 0.5, 55.0, 7.35, 55.0, 8.95],
    # switch node, output, peak current
    ["/SW", "F", 0.28, 53.01, 7.35, 52.4, 7.35], ["/SW", "F", 0.5, 52.4, 7.25, 51.925, 5.5],
    ["+3V3", "F", 1.0, 56.075, 1.64, 59.4, 1.64],
    ["GND", "F", 0.28, 53.01, 8.35, 55.0, 8.35],
    # feedback: nothing longer than it must be
    ["/FB", "F", 0.25, 56.99, 8.35, 59.0875, 8.35],
    ["/FB", "F", 0.25, 59.0875, 8.35, 59.0875, 9.95],
]  # fmt: skip
_USB = [
    # D- joins above the jack's pads, D+ below them; then both straight into U3
    ["/USBC_DM", "F", 0.25, 42.25, 32.62, 42.25, 31.75],
    ["/USBC_DM", "F", 0.25, 43.25, 32.62, 43.25, 31.75],
    ["/USBC_DM", "F", 0.25, 42.25, 31.75, 43.25, 31.75],
    ["/USBC_DM", "F", 0.25, 42.25, 31.75, 42.05, 31.55],
    ["/USBC_DM", "F", 0.25, 42.05, 31.55, 42.05, 30.5375],
    ["/USBC_DP", "F", 0.25, 42.75, 32.62, 42.75, 33.6],
    ["/USBC_DP", "F", 0.25, 42.75, 33.6, 43.75, 33.6],
    ["/USBC_DP", "F", 0.25, 43.75, 33.6, 43.75, 31.7],
    ["/USBC_DP", "F", 0.25, 43.75, 31.7, 43.95, 31.5],
    ["/USBC_DP", "F", 0.25, 43.95, 31.5, 43.95, 30.5375],
    # U3's ground: straight down
    ["GND", "F", 0.5, 43.0, 30.5375, 43.0, 29.4],
]  # fmt: skip
HAND = {
    "tracks": _BUCK + _USB,
    "vias": [
        ["GND", x, y, 0.6, 0.3]
        for x, y in ((52.2, 10.65), (53.6, 10.65), (47.7, 12.0), (48.8, 12.0), (43.0, 29.4))
    ],
}
# The collectors of Q2 and Q5: their heat goes into this copper.
_VBULK = [(25.9, 4.0), (32.4, 4.0), (32.4, 0.7), (49.4, 0.7), (49.4, 8.6), (32.4, 8.6),
          (32.4, 5.2), (25.9, 5.2)]  # fmt: skip
_VCOM = [(16.8, 10.4), (23.1, 10.4), (23.1, 13.6), (26.0, 13.6), (26.0, 15.0), (23.1, 15.0),
         (23.1, 17.7), (16.8, 17.7)]  # fmt: skip
POURS = [("/VBULK", "F", _VBULK, True), ("/VCOM", "F", _VCOM, True)]
KEEP_OUTS = {"antenna": [(65.9, 0.3), (71.7, 0.3), (71.7, 39.7), (65.9, 39.7)]}
# Nets that carry the supply: 0.5 mm wide wherever the pads let them.
WIDE_NETS = {"+3V3", "/MEP_P", "/PORT", "/VIN", "/LIMS", "/VBULK", "/SW", "/VBUS", "/USB_5V",
             "/VUSB", "/CELL_MID"}  # fmt: skip
# Critical nets: routed first and on the parts' side alone.
TOP_NETS = {"/SW", "/FB"}

# Words on the print: text, x, y, turn.
FRONT = [
    ("16", 9.1, 12.0, 90), ("16A", 9.1, 15.5, 90), ("17", 9.1, 19.0, 90), ("18", 9.1, 22.5, 90),
    ("19", 9.1, 26.0, 90), ("BOOT", 15.1, 36.95, 90), ("RESET", 24.8, 36.95, 90),
]  # fmt: skip
# Words on the back, from x to the left of the board (the reader's right): text, x, y, size.
BACK = [
    ("kWhisper mep  rev A", 63.0, 2.0, 1.0),
    ("CERN-OHL-P-2.0   only for the MEP port of a meter   not built or tested yet", 63.0, 6.4,
     0.8),
    ("J1, the meter's numbers: 16 power, 16A TXD,", 51.0, 7.9, 0.8),
    ("17 RXD, 18 COM ENABLE, 19 ground", 51.0, 9.3, 0.8),
    *(
        (words, x, y, 0.8)
        for y, row in (
            (28.0, ("J3", "1-3, 2-4", "16A is what the meter sends")),
            (29.4, ("", "3-5, 4-6", "16A and 17 exchanged")),
            (30.8, ("", "1-2", "a loop")),
        )
        for words, x in zip(row, (40.0, 37.5, 30.5), strict=True) if words
    ),
    *(
        (words, x, 16.0 + 1.4 * line, 0.8)
        for line, row in enumerate(
            (
                ("TP1", "VBULK", "17 to 27 V"), ("TP2", "+3V3", "3.45 V"), ("TP3", "GND", "0 V"),
                ("TP4", "VCOM", "VBULK when on"), ("TP5", "MEP_RX", "idle high"),
                ("TP6", "MEP_TX", "idle high"), ("TP7", "EN", "high: runs"),
            )
        )
        for words, x in zip(row, (63.0, 59.5, 53.0), strict=True)
    ),
]  # fmt: skip
_SHAPES = "${KICAD9_3DMODEL_DIR}"
# 3D models where the stock footprint names one that its library lacks.
MODELS = {
    "F1": f"{_SHAPES}/Capacitor_SMD.3dshapes/C_1812_4532Metric.step",
    "U1": f"{_SHAPES}/Package_SO.3dshapes/MSOP-10_3x3mm_P0.5mm.step",
    "C4": "${KIPRJMOD}/../lib/kwhisper.3dshapes/cell_8x20.wrl",
    "C5": "${KIPRJMOD}/../lib/kwhisper.3dshapes/cell_8x20.wrl",
}


def build(path, with_routes=True):
    """Write the board; the schematic beside this file is its source."""
    pcb.draw(HERE, path, SimpleNamespace(**globals()), with_routes)


if __name__ == "__main__":
    arguments = [a for a in sys.argv[1:] if a != "--bare"]
    build(arguments[0] if arguments else HERE / f"{HERE.name}.kicad_pcb", "--bare" not in sys.argv)
