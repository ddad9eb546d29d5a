"""Lay out the board of han-selfpowered: outline, placement, critical nets by hand, the rest from
routes.json.

Runs in KiCad's Python. `layout.py --bare FILE` leaves out routes.json, as input of the router.
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "workshop"))

import netlist  # noqa: E402
import pcb  # noqa: E402
import pcbnew  # noqa: E402

WIDTH, HEIGHT = 80.0, 40.0

# Reference: x, y in millimetres from the board's upper left corner, turn in degrees.
PLACEMENT = {
    # HAN port and its protection
    "J1": (14.3, 11.5, 270), "J2": (4.0, 27.5, 90), "F1": (15.6, 4.5, 0), "D1": (21.3, 6.0, 270),
    "D2": (27.0, 6.0, 0),
    # limiter
    "JP1": (33.0, 7.3, 0), "R5": (38.6, 2.6, 0), "JP2": (36.9, 6.2, 0), "R6": (40.5, 6.2, 0),
    "JP3": (36.9, 9.0, 0), "R7": (40.5, 9.0, 0), "Q1": (38.5, 12.4, 180), "Q2": (47.2, 6.0, 0),
    "R8": (42.5, 12.4, 0), "D4": (53.1, 7.4, 90), "C4": (46.0, 17.2, 0),
    # buck
    "C5": (59.0, 8.9, 180), "U2": (59.6, 4.7, 180), "L1": (66.9, 3.6, 0), "C6": (71.8, 3.8, 270),
    "R9": (55.1, 4.6, 90), "R10": (53.8, 1.1, 0), "R11": (57.2, 1.1, 0), "R12": (61.4, 1.1, 0),
    "R13": (63.4, 9.6, 180), "R14": (54.3, 11.0, 180),
    # store and supervisor
    "C7": (35.8, 20.0, 0), "C8": (35.8, 28.9, 0), "R15": (42.7, 24.0, 90), "R16": (42.7, 27.5, 90),
    "U3": (49.0, 27.0, 0), "R17": (45.5, 24.0, 90), "R18": (45.5, 27.5, 90), "R19": (48.9, 29.6,
    0),
    "R20": (54.2, 24.0, 0), "C9": (48.6, 23.8, 0), "C17": (54.2, 25.8, 0),
    # receiver
    "D3": (27.7, 11.0, 0), "R1": (33.3, 11.0, 180), "R2": (21.4, 11.0, 0), "U1": (27.7, 19.2, 0),
    "C1": (21.2, 17.0, 180), "R3": (21.8, 19.2, 180), "C2": (21.2, 21.4, 180), "C3": (32.5, 23.2,
    270),
    "R4": (32.4, 15.4, 270), "R34": (27.4, 26.0, 0), "R35": (21.6, 24.0, 180),
    # measurement
    "R25": (35.5, 14.0, 90), "R26": (68.0, 32.1, 90), "C14": (71.8, 32.4, 90), "R27": (64.0, 32.1,
    90),
    "R28": (66.0, 32.1, 90), "C15": (69.9, 32.4, 90),
    # USB
    "J3": (47.0, 36.3, 0), "U5": (56.2, 33.0, 0), "C18": (59.3, 33.0, 90),
    "R21": (44.6, 30.0, 0), "R22": (52.4, 30.4, 180),
    "R23": (38.0, 34.6, 0), "D5": (37.2, 37.4, 0), "R24": (30.4, 37.4, 180), "U4": (28.4, 31.6, 0),
    "C10": (24.4, 31.0, 270), "C11": (31.9, 30.9, 90),
    # controller
    "U6": (66.6, 20.4, 270), "C12": (70.9, 8.4, 180), "C13": (66.6, 8.0, 180), "R29": (61.0, 32.1,
    90),
    "R30": (57.6, 12.6, 0), "R31": (57.6, 15.1, 0), "SW1": (20.6, 36.6, 0), "SW2": (11.4, 36.6, 0),
    # in and out
    "R32": (55.4, 36.2, 0), "D6": (55.4, 38.4, 0), "JP4": (57.6, 17.7, 0), "U7": (13.2, 31.2, 0),
    "J4": (4.0, 31.4, 90), "R33": (14.6, 27.2, 0), "C16": (14.6, 25.5, 0), "J5": (59.6, 37.4, 90),
    # test points and holes
    "TP1": (31.6, 2.0, 0), "TP2": (51.2, 11.1, 0), "TP3": (57.6, 20.5, 0), "TP4": (20.0, 29.6, 0),
    "TP5": (19.9, 14.2, 0), "TP6": (22.9, 26.8, 0), "TP7": (27.4, 28.3, 0), "TP8": (20.0, 26.8, 0),
    "TP9": (57.8, 23.2, 0),
    "H1": (3.0, 3.0, 0), "H2": (77.0, 2.8, 0), "H3": (3.0, 37.0, 0), "H4": (77.0, 37.2, 0),
}  # fmt: skip

# Nets that carry the supply: 0.5 mm wide wherever the pads let them.
WIDE_NETS = {
    "+3V3", "/HAN_P", "/HAN_N", "/BUS_P", "/VBR", "/VLIM", "/LIMS", "Net-(D4-A)", "/VBULK", "/SW",
    "/VBUS",
    "Net-(D5-K)", "/VUSB", "/CELL_MID",
}  # fmt: skip
# Critical nets: routed first and on the parts' side alone.
TOP_NETS = {"/SW", "/FB", "/SC", "/RIDD"}


# Words on the print: text, x, y, turn.
FRONT = [
    ("3V3", 59.6, 39.42, 0), ("TX", 62.14, 39.42, 0), ("RX", 64.68, 39.42, 0), ("IO6", 67.22,
    39.42, 0),
    ("IO7", 69.76, 39.42, 0), ("GND", 72.3, 39.42, 0), ("3V3", 4.0, 33.6, 0), ("DQ", 6.54, 33.6,
    0),
    ("GND", 9.08, 33.6, 0), ("CHAIN", 5.27, 25.4, 0), ("RESET", 6.1, 36.9, 90), ("BOOT", 16.0,
    36.6, 90),
]  # fmt: skip
# Words on the back, from x to the left of the board (the reader's right): text, x, y, size.
BACK = [
    ("kWhisper han-selfpowered  rev A", 58.0, 3.2, 1.6),
    ("CERN-OHL-P-2.0   only for the HAN port of a meter   not built or tested yet", 58.0, 5.8,
    0.9),
    *(
        (words, x, y, 0.9)
        for y, row in (
            (8.4, ("JP2 open", "JP3 open", "5 mA", "Kamstrup, any port of 6 mA")),
            (9.9, ("JP2 closed", "JP3 open", "16 mA", "Kaifa")),
            (11.4, ("JP2 closed", "JP3 closed", "21 mA", "Aidon, Landis+Gyr")),
        )
        for words, x in zip(row, (66.0, 58.0, 50.0, 44.5), strict=True)
    ),
    ("JP1 cut: one unit load, supply from USB", 66.0, 12.9, 0.9),
    ("JP4 cut: no LED", 34.5, 12.9, 0.9),
    *(
        (words, x, 19.0 + 1.3 * line, 0.8)
        for line, row in enumerate(
            (
                ("TP1", "VBR", "bus - 1.5 V"), ("TP2", "VBULK", "16 to 22 V"), ("TP3", "+3V3",
                "3.45 V"),
                ("TP4", "GND", "0 V"), ("TP5", "STC", "6 to 7 V"), ("TP6", "TSS_VDD", "3.3 V"),
                ("TP7", "HAN_RX", "idle high"), ("TP8", "PF", "high: bus is there"), ("TP9", "EN",
                "high: runs"),
            )
        )
        for words, x in zip(row, (73.0, 70.0, 64.5), strict=True)
    ),
]  # fmt: skip
_SHAPES = "${KICAD9_3DMODEL_DIR}"
# 3D models where the stock footprint names one that its library lacks.
MODELS = {
    "J1": "${KIPRJMOD}/../lib/kwhisper.3dshapes/RJ45_jack.wrl",
    "U2": f"{_SHAPES}/Package_SO.3dshapes/MSOP-10_3x3mm_P0.5mm.step",
    "F1": f"{_SHAPES}/Capacitor_SMD.3dshapes/C_1812_4532Metric.step",
}


def build(path, with_routes=True):
    """Write the board; the schematic beside this file is its source."""
    components, nets = netlist.read(HERE / "han-selfpowered.kicad_sch")
    board = pcbnew.CreateEmptyBoard()
    board.SetFileName(str(path))
    items = pcb.place(board, components, nets, PLACEMENT, MODELS)
    board.GetDesignSettings().SetAuxOrigin(pcb.at(0, HEIGHT))
    pcb.outline(board, WIDTH, HEIGHT, 1.5)
    pcb.keep_out(
        board,
        "antenna",
        [(73.9, 0.3), (WIDTH - 0.3, 0.3), (WIDTH - 0.3, HEIGHT - 0.3), (73.9, HEIGHT - 0.3)],
    )
    routes = HERE / "routes.json"
    if with_routes and routes.exists():
        pcb.draw_tracks(board, items, json.loads(routes.read_text(encoding="utf-8")))
    inner = [(0.4, 0.4), (WIDTH - 0.4, 0.4), (WIDTH - 0.4, HEIGHT - 0.4), (0.4, HEIGHT - 0.4)]
    pcb.pour(board, items["GND"], (pcbnew.F_Cu, pcbnew.B_Cu), inner)
    for words, x, y, turn in FRONT:
        pcb.text(board, words, x, y, 0.7, turn=turn)
    for words, x, y, size in BACK:
        pcb.text(board, words, x, y, size, layer=pcbnew.B_SilkS, left=True)
    homeless = pcb.place_references(board, WIDTH, HEIGHT)
    if homeless:
        print("no room on the print for", *homeless)
    pcb.save(board, path, HERE / "han-selfpowered.kicad_pro")


if __name__ == "__main__":
    arguments = [a for a in sys.argv[1:] if a != "--bare"]
    build(
        arguments[0] if arguments else HERE / "han-selfpowered.kicad_pcb", "--bare" not in sys.argv
    )
