"""Lay out the board of mbus-simulator: outline, placement, USB pair by hand, the rest from
routes.json."""

WIDTH, HEIGHT = 50.0, 40.0

# Reference: x, y in millimetres from the board's upper left corner, turn in degrees.
PLACEMENT = {
    # USB and serial port
    "J1": (3.7, 20.0, 270), "U1": (12.2, 20.0, 0), "F1": (11.6, 25.4, 270),
    "R1": (10.6, 16.4, 0), "R2": (8.2, 27.6, 270), "U2": (18.6, 20.0, 0),
    "C4": (14.7, 25.0, 270), "C2": (16.3, 25.6, 270), "C3": (15.0, 29.75, 0),
    "C1": (20.2, 29.6, 180), "R3": (17.9, 25.6, 90), "R4": (19.5, 25.6, 270),
    "R5": (21.1, 25.6, 90), "R6": (18.9, 15.9, 0),
    # boost and doubler
    "L1": (10.9, 4.2, 0), "U3": (16.5, 9.5, 0), "C5": (21.1, 10.3, 0), "D2": (17.5, 5.4, 180),
    "C6": (21.9, 6.2, 270), "C7": (17.0, 2.1, 0), "D3": (22.2, 2.2, 0), "D4": (27.2, 2.3, 180),
    "C8": (27.4, 5.9, 180), "C9": (27.4, 9.3, 180), "R8": (18.4, 12.4, 180),
    "C11": (18.4, 14.1, 180), "R9": (14.4, 12.9, 270), "R10": (12.8, 12.9, 270),
    "R11": (11.2, 12.9, 270), "J2": (4.2, 9.4, 0),
    # modulator
    "Q2": (36.0, 5.0, 0), "Q1": (33.2, 11.2, 0), "Q3": (37.9, 11.2, 180), "R12": (27.4, 12.5, 180),
    "R14": (31.2, 14.4, 180), "R13": (34.8, 14.1, 0), "R15": (42.3, 15.6, 180),
    "Q4": (38.6, 16.6, 0), "D5": (28.9, 16.3, 180), "D6": (28.9, 19.6, 0), "Q5": (24.4, 16.2, 0),
    "Q6": (24.4, 20.0, 180), "R17": (28.2, 22.0, 180), "R16": (24.4, 22.6, 180),
    "R18": (33.4, 36.3, 0), "R19": (27.6, 28.4, 180), "D7": (27.6, 30.9, 0),
    "J3": (35.7, 31.0, 90), "J4": (44.5, 11.2, 90),
    # trip
    "U4": (18.6, 36.3, 0), "U5": (9.9, 36.0, 0), "R20": (24.4, 24.4, 180),
    "C12": (24.4, 26.0, 180),
    "R22": (28.2, 24.4, 0), "C13": (16.5, 32.3, 180), "R21": (20.2, 32.3, 180),
    "R23": (24.8, 33.9, 0), "R24": (28.4, 33.9, 0), "R25": (24.8, 36.1, 0),
    "C14": (28.4, 36.1, 0),
    "R26": (1.6, 28.9, 90), "C16": (3.2, 28.9, 270), "R27": (4.8, 28.9, 90), "C18": (3.1, 32.1, 0),
    "C17": (7.4, 31.3, 0), "C15": (10.7, 31.4, 0), "D8": (25.2, 38.6, 180),
    "R28": (29.2, 38.6, 180),
    # lights, test points, holes
    "D1": (33.6, 38.6, 0), "R7": (38.0, 38.9, 180), "TP1": (32.7, 16.6, 0), "TP2": (36.6, 36.6, 0),
    "TP3": (39.6, 36.6, 0), "TP4": (10.3, 9.4, 0), "TP5": (28.4, 26.4, 0), "TP6": (42.6, 36.6, 0),
    "TP7": (23.0, 13.2, 0),
    "H1": (3.0, 3.0, 0), "H2": (47.0, 2.8, 0), "H3": (3.0, 37.0, 0), "H4": (47.0, 37.2, 0),
}  # fmt: skip

# Critical copper, laid by hand; the router takes it as it lies. Rows as in routes.json.
HAND = {
    "tracks": [
        # D- joins outside the jack's pads, D+ below them; then both straight into U1
        ["/USBC_DM", "F", 0.25, 7.38, 19.25, 8.25, 19.25],
        ["/USBC_DM", "F", 0.25, 7.38, 20.25, 8.25, 20.25],
        ["/USBC_DM", "F", 0.25, 8.25, 19.25, 8.25, 20.25],
        ["/USBC_DM", "F", 0.25, 8.25, 19.25, 8.45, 19.05],
        ["/USBC_DM", "F", 0.25, 8.45, 19.05, 11.0625, 19.05],
        ["/USBC_DP", "F", 0.25, 7.38, 19.75, 6.4, 19.75],
        ["/USBC_DP", "F", 0.25, 6.4, 19.75, 6.4, 20.75],
        ["/USBC_DP", "F", 0.25, 6.4, 20.75, 8.3, 20.75],
        ["/USBC_DP", "F", 0.25, 8.3, 20.75, 8.5, 20.95],
        ["/USBC_DP", "F", 0.25, 8.5, 20.95, 11.0625, 20.95],
        # switch node: coil, U3, D2 and C7 as short as they come
        ["/SW", "F", 0.8, 13.3, 4.2, 15.0, 4.2],
        ["/SW", "F", 0.8, 15.0, 4.2, 15.0, 2.1],
        ["/SW", "F", 0.5, 15.0, 4.2, 15.3625, 8.55],
        ["/SW", "F", 0.8, 15.0, 4.2, 15.85, 5.4],
        # input: C5 to U3's supply; both grounds to vias of their own
        ["+5V", "F", 0.5, 17.6375, 8.55, 19.5, 9.6],
        ["+5V", "F", 0.5, 19.5, 9.6, 19.5, 10.3],
        ["+5V", "F", 0.25, 17.6375, 10.45, 18.9, 10.3],
        ["+5V", "F", 0.25, 18.9, 10.3, 19.5, 10.3],
        ["GND", "F", 0.4, 15.3625, 9.5, 16.5, 9.5],
    ],
    "vias": [["GND", 16.5, 9.5, 0.6, 0.3]],
}  # fmt: skip
# Q2's collector: its heat goes into this copper, and VS to everything around.
_VS = [(28.2, 0.9), (30.2, 0.9), (30.2, 4.3), (34.2, 4.3), (34.2, 0.9), (44.2, 0.9), (44.2, 7.2),
       (34.2, 7.2), (34.2, 5.7), (30.2, 5.7), (30.2, 13.6), (28.2, 13.6)]  # fmt: skip
POURS = [("/VS", "F", _VS, True)]
# Nets that carry the supply: 0.5 mm wide wherever the pads let them.
WIDE_NETS = {
    "+5V", "/VBUS", "/SW", "/V1", "/FLY", "/VS", "/BUS_P", "/BUS_N", "/EM", "+3V3",
}  # fmt: skip
# Critical nets: routed first and on the parts' side alone.
TOP_NETS = {"/SW", "/FB", "/FLY", "/V1"}

# Words on the print: text, x, y, turn.
FRONT = [
    ("USB", 1.2, 13.2, 0), ("26", 1.4, 9.4, 0), ("36", 1.4, 11.94, 0), ("HAN", 46.6, 17.2, 0),
    ("+", 40.2, 11.2, 0), ("-", 40.2, 7.9, 0),
]  # fmt: skip
# Words on the back, from x to the left of the board (the reader's right): text, x, y, size.
BACK = [
    ("kWhisper mbus-simulator  rev A", 44.0, 3.0, 1.0),
    ("CERN-OHL-P-2.0   a meter's M-Bus port, for the bench", 46.0, 5.0, 0.8),
    ("not built or tested yet", 42.0, 6.6, 0.8),
    ("J2 open: mark 24 V   26: 26 V   36: 36 V", 42.5, 8.6, 0.8),
    ("trips above 30 to 36 mA for 50 us, off for 1 min", 42.5, 10.2, 0.8),
    ("never to a real meter's port", 42.5, 11.8, 0.8),
    *(
        (words, x, 26.8 + 1.3 * line, 0.8)
        for line, row in enumerate(
            (
                ("TP1", "VS", "25.3, 27.4 or 37.3 V"), ("TP2", "BUS_P", "mark"),
                ("TP3", "BUS_N", "0.2 V at 30 mA"), ("TP4", "GND", "0 V"),
                ("TP5", "TXD", "idle high"), ("TP6", "TRIP", "high: bus off"),
                ("TP7", "+3V3", "3.3 V"),
            )
        )
        for words, x in zip(row, (30.0, 26.5, 20.5), strict=True)
    ),
]  # fmt: skip
MODELS = {
    "J3": "${KIPRJMOD}/../lib/kwhisper.3dshapes/RJ45_jack.wrl",
    "F1": "${KICAD9_3DMODEL_DIR}/Capacitor_SMD.3dshapes/C_1812_4532Metric.step",
}
