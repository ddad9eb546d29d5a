"""Lay out the board of mep: outline, placement, buck, limiter and USB pair by hand, the rest from
routes.json."""

import usbc

WIDTH, HEIGHT = 60.0, 40.0

# Reference: x, y in millimetres from the board's upper left corner, turn in degrees; "B": on the
# back, where only small parts lie, beneath those they belong to and clear of the leads.
PLACEMENT = {
    # port and limiter
    "J1": (5.3, 11.4, 270), "F1": (5.0, 7.1, 0), "D1": (10.7, 5.9, 90), "D2": (15.3, 3.0, 180),
    "R1": (19.6, 3.0, 0), "Q1": (19.6, 6.1, 270), "R2": (15.6, 5.6, 180), "R34": (15.6, 7.4, 0),
    "R31": (15.6, 9.2, 0), "Q2": (25.9, 4.6, 0), "C1": (32.6, 3.8, 0),
    # buck: C2 at U1's VIN and ground, FB's divider at its pin, SW below L1's pad
    "C2": (36.7, 9.6, 270), "U1": (43.0, 8.35, 0), "L1": (42.0, 3.3, 0), "C3": (47.4, 3.2, 270),
    "R7": (48.0, 8.35, 0), "R6": (48.0, 9.95, 180), "R5": (51.6, 1.1, 0), "R4": (51.6, 2.6, 0),
    "R3": (51.6, 4.1, 0), "R42": (39.05, 9.67, 270),
    # store and supervisor
    "C4": (28.5, 13.0, 0), "C5": (28.5, 21.7, 0), "U2": (37.0, 18.6, 0), "R13": (37.0, 13.3, 0),
    "R10": (37.0, 15.8, 0), "C6": (37.0, 21.8, 0), "R12": (37.0, 24.1, 0), "C7": (37.0, 26.3, 0),
    # USB: U3 between the jack and everything else
    "J2": (31.6, 36.3, 0), "U3": (31.6, 29.4, 90), "C10": (35.5, 28.6, 180),
    "R15": (35.8, 30.6, 0), "D3": (38.85, 37.2, 90),
    "R16": (38.6, 33.0, 90), "R17": (41.0, 33.0, 90), "R18": (44.1, 37.9, 0),
    "C8": (49.4, 37.3, 90), "U4": (52.35, 36.9, 90), "C9": (50.6, 33.2, 0),
    # COM ENABLE
    "Q5": (21.4, 14.3, 180), "Q6": (18.75, 19.9, 0), "D4": (22.75, 19.9, 0),
    "R25": (16.4, 25.3, 0), "D5": (12.2, 24.9, 0), "R26": (11.4, 28.35, 0),
    "C11": (11.4, 26.85, 0),
    # RS-232
    "R27": (12.0, 12.8, 0), "R28": (12.0, 15.3, 0), "D6": (13.2, 18.4, 0), "D7": (13.2, 21.95, 0),
    "J3": (2.2, 32.1, 90), "U5": (20.0, 30.1, 270), "C12": (25.3, 24.65, 90),
    "C13": (21.0, 24.65, 90), "C14": (23.15, 24.65, 90), "C15": (18.9, 24.65, 90),
    "C16": (26.05, 29.75, 90), "R29": (28.0, 26.9, 0),
    # voltages
    "R35": (45.9, 33.0, 90),
    # controller
    "U6": (46.6, 21.1, 270), "C19": (51.5, 6.0, 180), "C20": (52.1, 9.9, 180),
    "R38": (43.4, 33.0, 90), "SW1": (10.7, 36.95, 0), "SW2": (20.9, 36.95, 0),
    "R41": (12.0, 30.3, 0), "D8": (12.0, 32.4, 0),
    "H1": (3.0, 2.6, 0), "H2": (57.0, 2.8, 0), "H3": (3.0, 37.1, 0), "H4": (57.0, 37.2, 0),
    # on the back: COM ENABLE
    "Q3": (29.3, 5.2, 90, "B"), "Q4": (25.4, 9.7, 0, "B"), "R19": (33.3, 8.8, 180, "B"),
    "R20": (30.5, 9.3, 270, "B"), "R21": (26.6, 5.2, 90, "B"), "R22": (22.5, 9.7, 270, "B"),
    "R23": (24.0, 5.2, 270, "B"), "R24": (20.5, 20.6, 270, "B"),
    # on the back: store and supervisor
    "R8": (28.5, 16.6, 270, "B"), "R9": (31.3, 17.3, 90, "B"), "R11": (36.7, 16.7, 90, "B"),
    # on the back: USB, RS-232
    "R14": (28.3, 29.6, 90, "B"), "R30": (24.5, 31.8, 90, "B"),
    # on the back: power fail, voltages
    "Q7": (18.9, 12.0, 270, "B"), "R32": (16.2, 9.7, 90, "B"), "R33": (25.7, 13.3, 270, "B"),
    "R36": (51.1, 34.3, 90, "B"), "R37": (50.3, 31.7, 0, "B"), "C17": (45.8, 33.6, 90, "B"),
    "C18": (48.5, 34.3, 270, "B"),
    # on the back: controller
    "R39": (37.6, 13.7, 0, "B"), "R40": (35.9, 20.9, 90, "B"),
    # on the back: test points
    "TP1": (20.8, 4.6, 90, "B"), "TP2": (43.4, 33.9, 90, "B"), "TP3": (11.3, 10.9, 270, "B"),
    "TP4": (21.7, 17.4, 0, "B"), "TP5": (38.1, 22.1, 0, "B"), "TP6": (24.6, 23.1, 0, "B"),
    "TP7": (36.0, 25.9, 90, "B"),
}  # fmt: skip
# Critical copper, laid by hand; the router takes it as it lies. Rows as in routes.json.
_BUCK = [
    # input loop: C2 - VIN, and back from U1's ground to C2, all on the parts' side
    ["/VBULK", "F", 0.28, 41.01, 7.85, 39.4, 7.85], ["/VBULK", "F", 0.7, 39.4, 7.7, 36.7, 7.7],
    ["GND", "F", 0.8, 36.7, 11.1625, 37.1, 10.65], ["GND", "F", 0.8, 37.1, 10.65, 43.0, 10.65],
    ["GND", "F", 0.8, 43.0, 10.65, 43.0, 8.95], ["GND", "F", 0.28, 41.01, 9.35, 43.0, 9.35],
    ["GND", "F", 0.28, 44.99, 7.35, 43.0, 7.35], ["GND", "F", 0.5, 43.0, 7.35, 43.0, 8.95],
    # switch node, output
    ["/SW", "F", 0.28, 41.01, 7.35, 40.4, 7.35], ["/SW", "F", 0.5, 40.4, 7.25, 39.925, 5.5],
    ["+3V3", "F", 1.0, 44.075, 1.64, 47.4, 1.64],
    # peak current and feedback: nothing longer than it must be
    ["Net-(U1-ILIM)", "F", 0.25, 41.01, 8.35, 39.45, 8.35],
    ["Net-(U1-ILIM)", "F", 0.25, 39.45, 8.35, 39.05, 8.7575],
    ["/FB", "F", 0.25, 44.99, 8.35, 47.0875, 8.35],
    ["/FB", "F", 0.25, 47.0875, 8.35, 47.0875, 9.95],
]  # fmt: skip
HAND = {
    "tracks": _BUCK + usbc.pair(PLACEMENT["J2"]),
    "vias": [
        ["GND", x, y, 0.6, 0.3]
        for x, y in ((40.2, 10.65), (41.6, 10.65), (36.2, 12.25), (37.3, 12.25), (31.6, 29.4))
    ],
}
# The collectors of Q2 and Q5: their heat goes into this copper.
_VBULK = [(21.2, 4.0), (24.2, 4.0), (24.2, 0.7), (38.2, 0.7), (38.2, 8.6), (24.2, 8.6),
          (24.2, 5.2), (21.2, 5.2)]  # fmt: skip
_VCOM = [(16.8, 10.4), (23.1, 10.4), (23.1, 13.6), (26.0, 13.6), (26.0, 15.0), (23.1, 15.0),
         (23.1, 17.7), (16.8, 17.7)]  # fmt: skip
POURS = [("/VBULK", "F", _VBULK, True), ("/VCOM", "F", _VCOM, True)]
KEEP_OUTS = {"antenna": [(53.9, 0.3), (59.7, 0.3), (59.7, 39.7), (53.9, 39.7)]}
# Nets that carry the supply: 0.5 mm wide wherever the pads let them.
WIDE_NETS = {"+3V3", "/MEP_P", "/PORT", "/VIN", "/LIMS", "/VBULK", "/SW", "/VBUS", "/USB_5V",
             "/VUSB", "/CELL_MID"}  # fmt: skip
# Critical nets: routed first and on the parts' side alone.
TOP_NETS = {"/SW", "/FB"}

# Words on the print: text, x, y, turn.
FRONT = [
    ("16", 9.1, 11.4, 90), ("16A", 9.1, 14.9, 90), ("17", 9.1, 18.4, 90), ("18", 9.1, 21.9, 90),
    ("19", 9.1, 25.4, 90), ("BOOT", 5.95, 36.95, 90), ("RESET", 16.1, 36.95, 90),
]  # fmt: skip
# Words on the back, from x to the left of the board (the reader's right): text, x, y, size.
BACK = [
    ("kWhisper mep  rev C", 53.5, 2.0, 1.0),
    ("CERN-OHL-P-2.0", 53.5, 3.8, 0.8),
    ("only for the MEP port of a meter", 59.0, 5.4, 0.8),
    ("not built or tested yet", 59.0, 6.8, 0.8),
    ("J1, meter's numbers:", 59.0, 8.4, 0.8),
    ("16 power, 16A TXD, 17 RXD,", 59.0, 9.8, 0.8),
    ("18 COM ENABLE, 19 ground", 59.0, 11.2, 0.8),
    *(
        (words, x, y, 0.8)
        for y, row in (
            (24.8, ("J3", "1-3, 2-4", "16A is what")),
            (26.2, ("", "", "the meter sends")),
            (27.6, ("", "3-5, 4-6", "exchanged")),
            (29.0, ("", "1-2", "a loop")),
        )
        for words, x in zip(row, (59.0, 57.0, 50.4), strict=True) if words
    ),
    *(
        (words, x, 13.8 + 1.4 * line, 0.8)
        for line, row in enumerate(
            (
                ("TP1", "VBULK", "17 to 27 V"), ("TP2", "+3V3", "3.45 V"), ("TP3", "GND", "0 V"),
                ("TP4", "VCOM", "VBULK when on"), ("TP5", "MEP_RX", "idle high"),
                ("TP6", "MEP_TX", "idle high"), ("TP7", "EN", "high: runs"),
            )
        )
        for words, x in zip(row, (59.0, 55.8, 50.0), strict=True)
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
