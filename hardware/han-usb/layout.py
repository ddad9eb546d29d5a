"""Lay out the board of han-usb: outline, placement, USB pair by hand, the rest from
routes.json."""

import usbc

WIDTH, HEIGHT = 60.0, 30.0

# Reference: x, y in millimetres from the board's upper left corner, turn in degrees.
PLACEMENT = {
    # bus and receiver
    "J1": (14.3, 4.4, 270), "F1": (20.7, 3.9, 90), "D1": (24.5, 4.2, 90), "D3": (22.5, 10.9, 0),
    "R1": (28.3, 2.0, 0), "R2": (28.3, 4.2, 0), "U1": (30.2, 11.4, 0), "C1": (23.3, 13.9, 180),
    "R3": (24.1, 16.0, 180), "C2": (23.3, 17.9, 180), "R5": (22.7, 20.2, 180),
    "R4": (36.3, 8.6, 0), "C3": (36.3, 12.6, 0), "JP1": (8.5, 19.4, 0), "JP2": (13.0, 19.4, 0),
    # USB and 3.3 V
    "J2": (31.0, 26.3, 0), "U2": (31.0, 19.4, 90), "R6": (27.1, 19.9, 180), "R7": (35.0, 19.9, 0),
    "F2": (39.8, 27.4, 0), "C4": (44.3, 27.25, 270), "U3": (48.4, 27.3, 0),
    "C5": (52.4, 27.25, 270),
    # controller
    "U4": (46.6, 15.0, 270), "C6": (47.6, 2.9, 180), "C7": (51.9, 4.2, 180), "R8": (39.6, 4.2, 0),
    "C8": (39.6, 2.5, 180), "R10": (43.2, 4.2, 0), "R11": (43.2, 2.5, 0), "R9": (36.6, 14.6, 0),
    "D2": (36.6, 16.5, 0), "R12": (36.6, 18.3, 180), "SW1": (20.0, 25.6, 0),
    "SW2": (10.6, 25.6, 0),
    # test points and holes
    "TP1": (19.6, 20.4, 0), "TP2": (36.2, 5.2, 0), "TP3": (33.2, 3.2, 0), "TP4": (3.0, 20.0, 0),
    "H1": (3.0, 27.0, 0), "H2": (57.0, 2.8, 0), "H3": (57.0, 27.2, 0),
}  # fmt: skip

# Critical copper, laid by hand; the router takes it as it lies. Rows as in routes.json.
HAND = {"tracks": usbc.pair(PLACEMENT["J2"]), "vias": [usbc.via(PLACEMENT["J2"])]}
KEEP_OUTS = {"antenna": [(53.9, 0.3), (59.7, 0.3), (59.7, 29.7), (53.9, 29.7)]}
# Nets that carry the supply: 0.5 mm wide wherever the pads let them.
WIDE_NETS = {"+5V", "+3V3", "/VBUS", "/HAN_P", "/HAN_N", "/BUS_P"}
# Critical nets: routed first and on the parts' side alone.
TOP_NETS = {"/SC", "/RIDD"}

# Words on the print: text, x, y, turn.
FRONT = [("USB", 38.4, 24.0, 0), ("HAN", 2.0, 17.9, 0)]
# Words on the back, from x to the left of the board (the reader's right): text, x, y, size.
BACK = [
    ("kWhisper han-usb  rev A", 51.0, 3.4, 1.0),
    ("CERN-OHL-P-2.0   only for the HAN port of a meter", 52.0, 5.4, 0.8),
    ("not built or tested yet", 52.0, 7.0, 0.8),
    ("JP1 and JP2 closed: CII on RJ12 pins 3, 4", 52.0, 9.0, 0.8),
    ("USB ties the bus to earth: use a charger", 52.0, 10.8, 0.8),
    *(
        (words, x, 13.0 + 1.3 * line, 0.8)
        for line, row in enumerate(
            (
                ("TP1", "STC", "6 to 7 V with a bus"), ("TP2", "HAN_RX", "idle high"),
                ("TP3", "+3V3", "3.3 V"), ("TP4", "GND", "0 V"),
            )
        )
        for words, x in zip(row, (52.0, 48.5, 42.0), strict=True)
    ),
]  # fmt: skip
MODELS = {
    "J1": "${KIPRJMOD}/../lib/kwhisper.3dshapes/RJ45_jack.wrl",
    "F1": "${KICAD9_3DMODEL_DIR}/Capacitor_SMD.3dshapes/C_1812_4532Metric.step",
    "F2": "${KICAD9_3DMODEL_DIR}/Capacitor_SMD.3dshapes/C_1812_4532Metric.step",
}
