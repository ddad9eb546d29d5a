"""Lay out the board of han-selfpowered: outline, placement, critical nets by hand, the rest from
routes.json."""

import usbc

WIDTH, HEIGHT = 80.0, 40.0

# Reference: x, y in millimetres from the board's upper left corner, turn in degrees.
PLACEMENT = {
    # HAN port and its protection
    "J1": (14.3, 11.5, 270), "J2": (5.5, 26.6, 270), "F1": (15.6, 4.5, 0), "D1": (21.3, 6.0, 270),
    "D2": (27.0, 6.0, 0), "JP5": (14.9, 25.6, 0), "JP6": (18.2, 25.6, 0),
    # limiter
    "JP1": (33.0, 7.3, 0), "R5": (38.6, 2.6, 0), "JP2": (36.9, 6.2, 0), "R6": (40.5, 6.2, 0),
    "JP3": (36.9, 9.0, 0), "R7": (40.5, 9.0, 0), "Q1": (38.5, 12.4, 180), "Q2": (47.2, 6.0, 0),
    "R8": (42.35, 12.4, 0), "D4": (53.8, 14.1, 90), "C4": (44.9, 17.2, 0),
    # buck: C5 at U2's VIN and ground, FB's divider at its pin, SW below L1's pad
    "C5": (56.2, 9.25, 270), "U2": (63.0, 8.35, 0), "L1": (62.0, 3.3, 0), "C6": (67.4, 3.2, 270),
    "R12": (59.05, 9.67, 270), "R14": (68.0, 8.35, 0), "R13": (68.0, 9.95, 180),
    "R11": (71.6, 1.1, 0), "R10": (71.6, 2.6, 0), "R9": (71.6, 4.1, 0),
    # store and supervisor
    "C7": (35.8, 20.0, 0), "C8": (35.8, 28.9, 0), "R15": (42.5, 24.0, 90), "R16": (42.6, 28.0, 90),
    "U3": (50.8, 24.9, 0), "R17": (44.9, 24.2, 90), "R18": (47.0, 24.2, 90),
    "R19": (45.4, 26.6, 0),
    "R20": (55.0, 24.0, 0), "C9": (52.9, 21.8, 0), "C17": (55.0, 26.0, 0),
    # receiver
    "D3": (27.7, 11.0, 0), "R1": (33.3, 11.0, 180), "R2": (21.4, 11.0, 0), "U1": (27.7, 19.2, 0),
    "C1": (21.2, 16.7, 180), "R3": (21.8, 19.2, 180), "C2": (21.2, 22.0, 180), "C3": (32.5, 23.2,
    270),
    "R4": (32.4, 15.4, 270), "R34": (27.4, 26.0, 0), "R35": (21.6, 24.6, 180),
    # measurement
    "R25": (35.5, 14.0, 90), "R26": (68.0, 32.7, 90), "C14": (71.8, 32.7, 90), "R27": (64.0, 32.7,
    90),
    "R28": (66.0, 32.7, 90), "C15": (69.9, 32.7, 90),
    # USB: U5 between the jack and everything else
    "J3": (47.0, 36.3, 0), "U5": (47.0, 29.4, 90), "C18": (50.9, 28.6, 180),
    "R21": (43.3, 30.8, 0), "R22": (51.2, 30.6, 0),
    "R23": (37.0, 34.6, 0),
    "R36": (40.7, 34.2, 90), "D5": (37.2, 37.4, 0), "R24": (30.4, 37.4, 180),
    "U4": (28.4, 31.6, 0),
    "C10": (24.4, 31.0, 270), "C11": (31.9, 30.9, 90),
    # controller
    "U6": (66.6, 21.1, 270), "C12": (71.5, 6.0, 180), "C13": (72.1, 9.9, 180), "R29": (61.0, 32.7,
    90),
    "R30": (57.4, 13.45, 0), "R31": (57.4, 15.95, 0), "SW1": (20.6, 36.6, 0),
    "SW2": (11.4, 36.6, 0),
    # in and out
    "R32": (55.8, 36.2, 0), "D6": (55.8, 38.4, 0), "JP4": (57.4, 18.2, 0), "U7": (15.2, 31.5, 0),
    "J4": (10.9, 26.7, 0), "R33": (20.9, 28.0, 90), "C16": (20.9, 31.7, 90), "J5": (59.6, 37.4,
    90),
    # test points and holes
    "TP1": (31.6, 2.0, 0), "TP2": (57.0, 3.4, 0), "TP3": (57.4, 20.9, 0), "TP4": (34.0, 34.2, 0),
    "TP5": (19.9, 14.2, 0), "TP6": (23.6, 26.6, 0), "TP7": (27.4, 28.3, 0), "TP8": (31.2, 26.6, 0),
    "TP9": (58.2, 23.6, 0),
    "H1": (3.0, 3.0, 0), "H2": (77.0, 2.8, 0), "H3": (3.0, 37.0, 0), "H4": (77.0, 37.2, 0),
}  # fmt: skip

# Critical copper, laid by hand; the router takes it as it lies. Rows as in routes.json.
_BUCK = [
    # input loop: C5 - VIN, and back from U2's ground to C5, all on the parts' side
    ["/VBULK", "F", 0.28, 61.01, 7.85, 59.4, 7.85], ["/VBULK", "F", 0.7, 59.4, 7.7, 56.2, 7.7],
    ["GND", "F", 0.8, 56.2, 10.8125, 56.6, 10.65], ["GND", "F", 0.8, 56.6, 10.65, 63.0, 10.65],
    ["GND", "F", 0.8, 63.0, 10.65, 63.0, 8.95], ["GND", "F", 0.28, 61.01, 9.35, 63.0, 9.35],
    ["GND", "F", 0.28, 64.99, 7.35, 63.0, 7.35], ["GND", "F", 0.5, 63.0, 7.35, 63.0, 8.95],
    # switch node
    ["/SW", "F", 0.28, 61.01, 7.35, 60.4, 7.35], ["/SW", "F", 0.5, 60.4, 7.25, 59.925, 5.5],
    # output
    ["+3V3", "F", 1.0, 64.075, 1.64, 67.4, 1.64],
    # current limit and feedback: nothing longer than it must be
    ["Net-(U2-ILIM)", "F", 0.25, 61.01, 8.35, 59.45, 8.35],
    ["Net-(U2-ILIM)", "F", 0.25, 59.45, 8.35, 59.05, 8.7575],
    ["/FB", "F", 0.25, 64.99, 8.35, 67.0875, 8.35],
    ["/FB", "F", 0.25, 67.0875, 8.35, 67.0875, 9.95],
]  # fmt: skip
HAND = {
    "tracks": _BUCK + usbc.pair(PLACEMENT["J3"]),
    "vias": [
        *(
            ["GND", x, y, 0.6, 0.3]
            for x, y in ((60.2, 10.65), (61.6, 10.65), (55.7, 12.0), (56.8, 12.0))
        ),
        usbc.via(PLACEMENT["J3"]),
    ],
}  # fmt: skip

# Q2's collector: its heat goes into this copper.
_COLLECTOR = [(42.9, 5.0), (45.5, 5.0), (45.5, 0.5), (54.5, 0.5), (54.5, 13.2), (45.5, 13.2),
              (45.5, 7.0), (42.9, 7.0)]  # fmt: skip
POURS = [("Net-(D4-A)", "F", _COLLECTOR, True)]
KEEP_OUTS = {"antenna": [(73.9, 0.3), (79.7, 0.3), (79.7, 39.7), (73.9, 39.7)]}
# Nets that carry the supply: 0.5 mm wide wherever the pads let them.
WIDE_NETS = {
    "+3V3", "/HAN_P", "/HAN_N", "/BUS_P", "/VBR", "/VLIM", "/LIMS", "Net-(D4-A)", "/VBULK", "/SW",
    "/VBUS",
    "/USB_5V", "/VUSB", "/CELL_MID",
}  # fmt: skip
# Critical nets: routed first and on the parts' side alone.
TOP_NETS = {"/SW", "/FB", "/SC", "/RIDD"}


# Words on the print: text, x, y, turn.
FRONT = [
    ("3V3", 59.6, 39.35, 0), ("TX", 62.14, 39.35, 0), ("RX", 64.68, 39.35, 0), ("IO6", 67.22,
    39.35, 0),
    ("IO7", 69.76, 39.35, 0), ("GND", 72.3, 39.35, 0), ("3V3", 12.9, 26.7, 90), ("DQ", 12.9, 29.24,
    90),
    ("GND", 12.9, 31.78, 90), ("RESET", 6.1, 36.9, 90), ("BOOT", 16.0, 36.6, 90),
    ("HAN", 9.0, 6.4, 0), ("CHAIN", 4.6, 33.0, 0), ("USB", 40.9, 37.0, 90),
]  # fmt: skip
# Words on the back, from x to the left of the board (the reader's right): text, x, y, size.
BACK = [
    ("kWhisper han-selfpowered  rev B", 58.0, 2.6, 1.0),
    ("CERN-OHL-P-2.0   only for the HAN port of a meter   not built or tested yet", 61.0, 4.3,
    0.9),
    *(
        (words, x, y, 0.9)
        for y, row in (
            (6.5, ("JP2 open", "JP3 open", "5 mA", "Kamstrup, any port of 6 mA")),
            (8.0, ("JP2 closed", "JP3 open", "16 mA", "Kaifa")),
            (9.5, ("JP2 closed", "JP3 closed", "21 mA", "Aidon, Landis+Gyr")),
        )
        for words, x in zip(row, (61.8, 53.4, 45.0, 40.2), strict=True)
    ),
    ("JP1 cut: one unit load, supply from USB", 61.8, 11.3, 0.9),
    ("JP4 cut: no LED", 30.5, 11.3, 0.9),
    ("JP5 and JP6 closed: CII on RJ12 pins 3 and 4 (Austria, Switzerland)", 66.0, 12.8, 0.9),
    ("J2 hands the bus on: 21 to 38 V, either polarity", 61.8, 14.5, 0.9),
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
    "C7": "${KIPRJMOD}/../lib/kwhisper.3dshapes/cell_8x20.wrl",
    "C8": "${KIPRJMOD}/../lib/kwhisper.3dshapes/cell_8x20.wrl",
    "F1": f"{_SHAPES}/Capacitor_SMD.3dshapes/C_1812_4532Metric.step",
}
