"""Lay out the board of han-isolated: a shield of the Arduino Uno's outline, the bus on its left,
6 mm of bare board between it and all else, USB pair by hand, the rest from routes.json."""

import usbc

WIDTH, HEIGHT = 68.6, 53.3
APART_MM = 6.0

# Reference: x, y in millimetres from the board's upper left corner, turn in degrees.
PLACEMENT = {
    # bus side
    "J1": (14.3, 10.0, 270), "J2": (14.3, 26.7, 270), "JP1": (3.6, 41.4, 0),
    "JP2": (3.6, 44.4, 0), "F1": (11.5, 42.4, 0), "D1": (6.9, 48.0, 0), "TP3": (18.6, 51.0, 0),
    "R1": (18.2, 41.0, 0), "R2": (18.2, 43.2, 0), "D3": (24.1, 40.9, 0), "U1": (24.2, 33.0, 180),
    "C1": (29.5, 34.7, 270), "C2": (29.5, 29.4, 90), "R3": (29.5, 39.5, 0),
    "C3": (19.6, 29.9, 270), "R4": (19.6, 35.4, 270), "Q1": (25.6, 24.4, 0),
    "R5": (21.4, 25.4, 180), "R27": (21.4, 23.6, 180), "C11": (21.4, 21.8, 0),
    "TP1": (26.5, 16.6, 0), "TP2": (21.6, 18.4, 0),
    # the gap
    "U2": (29.5, 20.0, 0),
    # receiver
    "R6": (43.0, 24.4, 0), "TP4": (40.2, 27.4, 0), "U3": (47.2, 18.6, 0), "D4": (44.6, 14.0, 180),
    "R7": (44.0, 12.1, 0), "C4": (48.4, 12.1, 0), "R8": (47.4, 22.6, 0), "R9": (47.4, 24.4, 0),
    "R10": (47.4, 26.2, 0), "R11": (43.0, 26.2, 180), "C5": (49.2, 14.0, 180),
    "R12": (53.7, 16.6, 0), "Q2": (54.0, 19.6, 0),
    # header, display, set-up
    "J3": (27.94, 50.8, 90), "J4": (50.8, 50.8, 90), "J5": (63.5, 2.54, 270),
    "J6": (41.66, 2.54, 270), "J7": (39.9, 6.6, 0), "JP7": (44.9, 6.8, 0), "JP5": (49.0, 6.8, 0),
    "JP6": (57.2, 6.3, 0), "R14": (48.6, 9.2, 0), "R15": (44.4, 8.9, 0), "R16": (44.4, 10.5, 0),
    "D2": (53.3, 6.5, 0), "R18": (53.4, 8.7, 0), "R17": (57.0, 8.7, 0), "SW1": (55.13, 12.8, 0),
    # output and RS-485
    "J8": (63.0, 13.8, 90), "R13": (46.3, 43.2, 0), "TP5": (49.9, 43.4, 0),
    "J9": (63.0, 40.9, 90), "U4": (55.5, 44.9, 0), "C6": (61.6, 46.0, 90), "R19": (49.9, 46.9, 0),
    "D6": (57.4, 36.3, 0), "R20": (53.4, 39.9, 0), "JP8": (57.4, 40.0, 0),
    # USB
    "J10": (64.9, 24.0, 90), "U6": (58.0, 24.0, 180), "R21": (58.5, 28.1, 270),
    "R22": (58.5, 19.9, 90), "F2": (53.4, 26.2, 90), "U7": (53.2, 32.0, 0), "C8": (52.8, 35.2, 0),
    "C10": (52.8, 37.7, 0), "U5": (46.3, 33.2, 0), "C9": (40.7, 29.6, 0), "R24": (40.7, 33.0, 0),
    "R23": (40.7, 34.8, 0), "R25": (47.4, 39.2, 0), "R26": (47.4, 41.0, 0), "D5": (57.4, 31.9, 0),
    # supply
    "JP3": (39.9, 46.0, 0), "JP4": (45.3, 46.0, 0), "C7": (41.7, 43.0, 0), "TP6": (39.6, 39.8, 0),
    "TP7": (43.0, 39.8, 0),
    "H1": (13.97, 50.76, 0), "H2": (66.04, 45.68, 0),
}  # fmt: skip

# Net classes: all that touches the bus, by name; everything else is Default.
CLASSES = {
    "Bus": [
        "/HAN_P", "/HAN_N", "/CII_A", "/CII_B", "/BUS_P", "/BUSL1", "/BUSL2", "/BUS_GND", "/STC",
        "/SC", "/RIDD", "/RIS", "/TSS_VDD", "/TXI", "/LED_E", "/LED_K", "/KICK",
        "unconnected-(J1-*", "unconnected-(J2-*", "unconnected-(U1-*",
    ],
}  # fmt: skip
APART = [("Bus", "Default", APART_MM)]

# Under the optocoupler: dust and flux find no way along the board.
SLOTS = [(34.6, 14.0, 34.6, 29.5, 1.6)]

_BUS = [(0.4, 9.6), (19.4, 9.6), (19.4, 10.6), (31.0, 10.6), (31.0, 43.2), (20.3, 43.2),
        (20.3, 52.9), (0.4, 52.9)]  # fmt: skip
_LOGIC = [(17.2, 0.4), (68.2, 0.4), (68.2, 52.9), (26.8, 52.9), (26.8, 49.6), (37.8, 49.6),
          (37.8, 4.2), (17.2, 4.2)]  # fmt: skip
GROUNDS = {"GND": _LOGIC, "/BUS_GND": _BUS}

# Where no copper goes: the gap itself, and above the Uno's own USB jack.
KEEP_OUTS = {
    "gap above": [(0.3, 3.3), (15.6, 3.3), (15.6, 8.9), (0.3, 8.9)],
    "gap above J1": [(15.6, 3.4), (22.0, 3.4), (22.0, 9.6), (15.6, 9.6)],
    "gap below the header": [(22.0, 4.3), (37.6, 4.3), (37.6, 10.5), (22.0, 10.5)],
    "gap": [(31.2, 10.5), (37.6, 10.5), (37.6, 43.4), (31.2, 43.4)],
    "gap above the header": [(20.5, 43.4), (37.6, 43.4), (37.6, 49.4), (20.5, 49.4)],
    "gap beside the header": [(20.5, 49.4), (26.6, 49.4), (26.6, 53.0), (20.5, 53.0)],
    "Uno's USB jack": [(0.4, 9.0), (11.0, 9.0), (11.0, 22.2), (0.4, 22.2)],
}


HAND = {
    "tracks": usbc.pair(PLACEMENT["J10"]),
    "vias": [usbc.via(PLACEMENT["J10"])],
}
# Nets that carry the supply: 0.5 mm wide wherever the pads let them.
WIDE_NETS = {"+5V", "+3V3", "/VBUS", "/USB_5V", "/USB_3V3", "/UNO_3V3", "/HAN_P", "/HAN_N",
             "/BUS_P", "/RS_A", "/RS_B"}  # fmt: skip
# Critical nets: routed first and on the parts' side alone.
TOP_NETS = {"/SC", "/RIDD", "/HALF"}

# Words on the print: text, x, y, turn.
FRONT = [
    ("BUS SIDE", 25.0, 13.0, 0), ("6 mm", 34.4, 39.0, 90), ("LOGIC SIDE", 30.4, 46.6, 0),
    ("HAN: J1 in, J2 on", 7.2, 2.6, 0), ("OUT", 61.4, 17.2, 0), ("RS-485", 62.0, 31.0, 0),
]  # fmt: skip
# Words on the back, from x to the left of the board (the reader's right): text, x, y, size.
BACK = [
    ("kWhisper han-isolated  rev A", 61.0, 42.8, 1.0),
    ("CERN-OHL-P-2.0   only for the HAN port of a meter", 61.0, 44.6, 0.8),
    ("not built or tested yet", 61.0, 46.0, 0.8),
    ("JP1, JP2 closed: CII on RJ12 pins 3, 4", 61.0, 47.4, 0.8),
    ("JP3  3.3 V: 1-2 Uno, 2-3 USB", 60.0, 16.4, 0.8),
    ("JP4  OUT: 1-2 3.3 V, 2-3 5 V", 60.0, 17.8, 0.8),
    ("JP5 JP6 JP7  DATA to D5 D0 D7", 60.0, 24.6, 0.8),
    ("J8  VIO, OUT, GND from 1", 60.0, 26.0, 0.8),
    ("J9  A, B, GND from 1", 60.0, 27.4, 0.8),
    *(
        (words, x, 29.0 + 1.4 * line, 0.8)
        for line, row in enumerate(
            (
                ("TP1", "STC", "6 to 7 V with a bus"), ("TP2", "TXI", "low at rest"),
                ("TP3", "BUS_GND", "0 V of the bus side"), ("TP4", "OPTO", "0 V at rest"),
                ("TP5", "DATA", "high at rest"), ("TP6", "+3V3", "3.3 V"), ("TP7", "GND", "0 V"),
            )
        )
        for words, x in zip(row, (60.0, 56.5, 50.5), strict=True)
    ),
]  # fmt: skip
MODELS = {
    "J1": "${KIPRJMOD}/../lib/kwhisper.3dshapes/RJ45_jack.wrl",
    "J2": "${KIPRJMOD}/../lib/kwhisper.3dshapes/RJ45_jack.wrl",
    "F1": "${KICAD9_3DMODEL_DIR}/Capacitor_SMD.3dshapes/C_1812_4532Metric.step",
    "F2": "${KICAD9_3DMODEL_DIR}/Capacitor_SMD.3dshapes/C_1812_4532Metric.step",
}
