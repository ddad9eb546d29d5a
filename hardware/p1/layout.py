"""Lay out the board of p1: outline, placement, USB pair and grounds by hand, the rest from
routes.json."""

import usbc

WIDTH, HEIGHT = 50.0, 25.0

# Reference: x, y in millimetres from the board's upper left corner, turn in degrees; "B": on the
# back, mirrored top to bottom before the turn.
PLACEMENT = {
    # jacks, side by side towards the upper edge; USB below them on the back, towards the lower
    "J1": (10.1, 14.6, 180), "J2": (24.65, 14.6, 180), "J3": (14.84, 21.3, 180, "B"),
    # request
    "Q3": (22.15, 17.6, 180, "B"), "Q4": (26.8, 17.5, 180, "B"), "R3": (25.4, 24.1, 0, "B"),
    "R4": (29.6, 23.2, 90, "B"), "R5": (25.4, 22.6, 0, "B"), "JP1": (21.9, 23.1, 0, "B"),
    # data
    "R6": (25.2, 8.55, 0, "B"), "R7": (25.2, 10.15, 0, "B"), "U1": (20.9, 9.65, 0, "B"),
    "C6": (20.9, 6.85, 180, "B"),
    # diodes, sense resistor, pass transistor, regulator
    "D1": (5.75, 19.5, 270, "B"), "D2": (8.2, 19.5, 270, "B"), "R1": (3.0, 10.05, 0, "B"),
    "Q2": (6.92, 4.5, 90, "B"), "Q1": (13.0, 9.3, 0, "B"), "R20": (16.6, 9.3, 90, "B"),
    "C3": (23.3, 2.9, 270, "B"), "U3": (27.2, 2.1, 0, "B"), "C4": (28.2, 10.6, 90, "B"),
    # limiter, above the USB jack
    "U5": (7.6, 18.5, 0), "D4": (14.7, 18.3, 0), "R15": (13.2, 21.0, 0), "R16": (16.9, 21.0, 0),
    "R18": (7.0, 21.1, 0), "R19": (7.0, 22.6, 0), "C11": (13.2, 22.5, 0), "R17": (16.9, 22.5, 0),
    "C10": (7.2, 24.1, 0), "R2": (8.4, 9.95, 0, "B"),
    # store and balance
    "C1": (22.55, 20.7, 0), "C2": (31.1, 20.7, 0), "C9": (33.3, 2.5, 0),
    "U6": (31.7, 6.8, 0), "R21": (32.12, 9.5, 0),
    "R22": (32.12, 11.4, 0), "R23": (32.12, 13.3, 0),
    # supervisor
    "U7": (35.83, 13.45, 0), "R24": (36.2, 6.4, 0), "R25": (32.12, 15.2, 0),
    "R26": (39.6, 15.72, 0), "C12": (39.6, 14.25, 0),
    # USB
    "U2": (14.84, 14.4, 90, "B"), "R8": (17.5, 14.85, 90, "B"), "R9": (11.95, 14.0, 90, "B"),
    # controller: its antenna looks to the right, its supply pin stands at the lower row
    "U4": (36.6, 10.1, 90, "B"), "C7": (42.0, 20.9, 180, "B"), "C5": (41.2, 23.3, 180, "B"),
    "R10": (38.2, 20.9, 0, "B"), "C8": (37.0, 23.9, 0, "B"), "R12": (33.0, 22.6, 0, "B"),
    "R13": (33.0, 24.1, 0, "B"), "R11": (40.05, 3.4, 0), "R14": (40.05, 1.05, 0),
    "D3": (42.7, 2.8, 90), "SW1": (40.2, 20.7, 90), "SW2": (40.94, 9.26, 90),
    # test points and holes
    "TP1": (18.6, 2.8, 0, "B"), "TP2": (26.55, 14.5, 0, "B"), "TP3": (2.2, 14.9, 0, "B"),
    "TP4": (2.2, 17.7, 0, "B"), "H1": (2.5, 22.5, 0), "H2": (47.5, 22.5, 0),
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
        ["GND", "F", 0.25, 14.84, 14.4, 15.96, 14.4],
        ["GND", "F", 0.25, 15.96, 14.4, 18.3, 12.06],
        ["GND", "F", 0.25, 18.3, 12.06, 19.59, 13.35],
        ["GND", "F", 0.25, 19.59, 13.35, 20.86, 13.35],
        ["GND", "F", 0.25, 20.86, 13.35, 22.11, 14.6],
        # the port's grounds, and on to the test point
        ["GND", "F", 0.5, 7.56, 14.6, 6.3, 13.34],
        ["GND", "F", 0.5, 6.3, 13.34, 5.03, 13.34],
        ["GND", "F", 0.5, 5.03, 13.34, 3.75, 12.06],
        ["GND", "B", 0.5, 3.75, 12.06, 2.0, 12.06],
        ["GND", "B", 0.5, 2.0, 12.06, 0.8, 13.26],
        ["GND", "B", 0.5, 0.8, 13.26, 0.8, 16.3],
        ["GND", "B", 0.5, 0.8, 16.3, 2.2, 17.7],
        ["/CC1", "B", 0.25, 16.15, 17.3, 16.15, 16.85],
        ["/CC1", "B", 0.25, 16.15, 16.85, 17.24, 15.76],
        ["/CC1", "B", 0.25, 17.24, 15.76, 17.5, 15.76],
        ["GND", "B", 0.25, 17.5, 13.94, 17.5, 12.86],
        ["GND", "B", 0.25, 17.5, 12.86, 18.3, 12.06],
        # from the module's pin 9 to its heat pad, and what lies beside it
        ["GND", "B", 0.5, 30.6, 18.85, 30.6, 17.8],
        ["GND", "B", 0.5, 30.6, 17.8, 35.5, 12.9],
        ["GND", "B", 0.5, 35.5, 12.9, 35.5, 10.0],
        ["GND", "B", 0.25, 27.74, 18.45, 28.14, 18.85],
        ["GND", "B", 0.25, 28.14, 18.85, 30.6, 18.85],
        ["GND", "F", 0.25, 33.03, 11.4, 33.95, 11.4],
        ["GND", "B", 0.25, 33.95, 11.4, 35.5, 9.85],
        ["GND", "F", 0.25, 34.05, 13.3, 35.5, 13.3],
        ["GND", "B", 0.25, 35.5, 13.3, 35.5, 12.9],
        ["GND", "F", 0.25, 32.95, 15.2, 33.9, 15.2],
        ["GND", "B", 0.5, 33.9, 15.2, 33.55, 14.85],
        ["GND", "F", 0.5, 33.9, 15.2, 34.6, 15.9],
        ["GND", "F", 0.5, 34.6, 15.9, 34.6, 20.7],
        # on from the second jack's pin 3, and C4's
        ["GND", "B", 0.5, 22.11, 14.6, 23.38, 15.87],
        ["GND", "B", 0.25, 23.38, 15.87, 28.67, 15.87],
        ["GND", "B", 0.25, 28.67, 15.87, 30.6, 17.8],
        ["GND", "F", 0.25, 28.2, 7.8, 28.2, 15.3],
        ["GND", "B", 0.25, 28.2, 15.3, 28.2, 15.87],
        # U6's and U5's
        ["GND", "F", 0.25, 30.56, 6.8, 31.7, 6.8],
        ["GND", "F", 0.25, 31.7, 6.8, 31.7, 8.15],
        ["GND", "B", 0.5, 31.7, 8.15, 32.8, 9.25],
        ["GND", "B", 0.5, 32.8, 9.25, 35.5, 9.25],
        ["GND", "F", 0.25, 6.46, 18.5, 4.6, 18.5],
        ["GND", "B", 0.25, 4.6, 18.5, 3.0, 18.5],
        ["GND", "B", 0.25, 3.0, 18.5, 2.2, 17.7],
        # the USB jack's shell, the grounds of U1, C4 and U3
        ["GND", "B", 0.25, 19.16, 18.19, 19.16, 22.37],
        ["GND", "B", 0.25, 18.04, 17.62, 19.16, 17.62],
        ["GND", "B", 0.25, 11.64, 17.62, 10.52, 17.62],
        ["GND", "B", 0.25, 19.76, 8.7, 19.76, 7.13],
        ["GND", "B", 0.25, 19.76, 7.13, 20.04, 6.85],
        ["GND", "B", 0.5, 28.2, 9.0375, 28.2, 7.8],
        ["GND", "B", 0.5, 26.0625, 2.1, 27.2, 2.1],
    ],
    "vias": [usbc.via(PLACEMENT["J3"]), ["GND", 28.2, 7.8, 0.6, 0.3],
             *(["GND", x, y, 0.6, 0.3] for x, y in (
                 (27.2, 2.1), (31.7, 8.15), (33.95, 11.4), (35.5, 13.3), (33.9, 15.2),
                 (28.2, 15.3), (4.6, 18.5))),
             *(["/VST", x, y, 0.6, 0.3] for x in (11.6, 13.2, 14.8) for y in (1.2, 2.6)),
             *(["/VST", x, y, 0.6, 0.3] for x in (1.2, 2.6) for y in (1.2, 2.6)),
             ["/VST", 14.8, 4.0, 0.6, 0.3]],
}  # fmt: skip
# Q2's collector: its heat goes into this copper, on both sides.
_VST_BACK = [(0.6, 0.6), (25.6, 0.6), (25.6, 3.6), (21.8, 3.6), (21.8, 5.0), (8.0, 5.0),
             (8.0, 9.2), (5.9, 9.2), (5.9, 5.0), (0.6, 5.0)]  # fmt: skip
_VST_FRONT = [(0.6, 0.6), (33.0, 0.6), (33.0, 4.4), (29.6, 4.4), (29.6, 17.6), (24.6, 17.6),
              (24.6, 24.4), (20.4, 24.4), (20.4, 16.0), (28.5, 16.0), (28.5, 4.2), (24.3, 4.2),
              (24.3, 5.0), (0.6, 5.0)]  # fmt: skip
POURS = [("/VST", "B", _VST_BACK, True), ("/VST", "F", _VST_FRONT, True)]
# Under the USB jack's shell: no tracks or vias, ground alone.
SHELLS = {"USB shell": ("B", [(10.9, 18.9), (18.8, 18.9), (18.8, 25.0), (10.9, 25.0)])}
COVERS = {"J1", "J2", "J3"}
# Small islands of ground between so many parts: vias that join both sides, so far apart (mm).
STITCH = 2.0
KEEP_OUTS = {"antenna": [(43.9, 0.3), (49.7, 0.3), (49.7, 24.7), (43.9, 24.7)]}
# Nets that carry the supply: 0.5 mm wide wherever the pads let them.
WIDE_NETS = {"+3V3", "/VBUS", "/P1_5V", "/VIN", "/VST", "/LIMS", "/ON_5V", "/MID"}
# Critical nets: routed first and on the parts' side alone.
TOP_NETS = set()

# Words on the print: text, x, y, turn.
FRONT = [
    ("kWhisper p1  rev C", 44.9, 12.0, 90),
    ("CERN-OHL-P-2.0", 46.3, 12.0, 90),
    ("not built or tested yet", 47.7, 12.0, 90),
    ("only for a P1 port", 49.1, 12.0, 90),
    ("meter", 2.9, 19.5, 0),
    ("next", 28.6, 16.8, 0),
]
# Words on the back, from x to the left of the board (the reader's right): text, x, y, size.
BACK = []
_SHAPES = "${KIPRJMOD}/../lib/kwhisper.3dshapes/"
MODELS = {
    **dict.fromkeys(("J1", "J2"), _SHAPES + "RJ12_jack.wrl"),
    **dict.fromkeys(("C1", "C2"), _SHAPES + "cell_8x12.wrl"),
}
