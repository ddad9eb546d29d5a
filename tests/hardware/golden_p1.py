"""What the board p1 must be: written from data sheets, from DSMR 5 and from the circuit's reasons,
not from parts.py or the board. Whoever changes the board on purpose changes this table by hand.
"""

import orders

BOARD = "p1"
LOGIC = 3.4  # V on every net that is not listed below

# On the land with less print: it lies between the pegs of a jack.
LANDS = {"BCP53-16,115": "kwhisper:SOT-223_short_print"}


def order(mpn):
    """What an order number stands for."""
    known = orders.order(mpn)
    return known._replace(land=LANDS[mpn]) if mpn in LANDS else known


# -- nets: least and most in volts while the board works ------------------------------------------

VOLTS = {
    "GND": (0, 0), "P1_5V": (0, 5.5), "ON_5V": (0, 5.5), "REQ": (0, 5.5), "GATE": (0, 5.5),
    "DATA": (0, 5.5), "VBUS": (0, 5.5), "VIN": (0, 5.25), "LIMS": (0, 5.25), "LIMB": (0, 5.25),
    "LREF": (0, 5.25), "REFN": (0, 2.75), "FOLD": (0, 5.25), "DRIVE": (0, 5.25),
    "Net-(Q1-B)": (0, 5.25), "VST": (2.7, 5.25), "MID": (1.35, 2.625), "HALF": (0, 2.625),
    "MOVE": (0, 5.25), "SENSE": (0, 0.6), "+3V3": (3.0, 3.4), "Net-(R7-Pad2)": (0, 5.5),
}  # fmt: skip
# What lies across a part where the nets' extremes never come together. A cell: half of 5.25 V, by
# U6; the simulation finds 2.98 V while an unequal pair charges.
ACROSS = {"R1": 1.0, "C1": 2.625, "C2": 2.625}
# A cell's rating is for its life at 65 degrees, and its maker asks no derating.
MARGINS = {"C1": 1.1, "C2": 1.1}
# A chip's pins: most that its data sheet recommends.
PIN_LIMITS = {
    "U1": {2: 5.5, 5: 5.5}, "U3": {1: 5.5, 3: 5.5}, "U4": {1: 3.6}, "U5": {5: 6.0},
    "U6": {5: 6.0}, "U7": {6: 6.5},
}  # fmt: skip
# Pins that a data sheet lets open; the jacks' pin 4 must be.
OPEN = {
    ("J1", "4"), ("J2", "4"), ("J3", "A8"), ("J3", "B8"), ("U1", "1"), ("U3", "4"), ("D4", "3"),
    ("U7", "3"), ("U7", "4"), *(("U4", str(n)) for n in (5, 6, 11, 12, 15, 17, 18)),
}  # fmt: skip
# Diodes (1 cathode, 2 anode).
DIRECTION = {
    "D1": {"1": "VIN", "2": "P1_5V"},
    "D2": {"1": "VIN", "2": "VBUS"},
    "D3": {"1": "LED", "2": "Net-(D3-A)"},
}

# -- wiring, block by block -----------------------------------------------------------------------

BLOCKS = {
    "port and request": """
        +3V3: R4.1
        DATA: J1.5 J2.5
        GATE: Q3.1 Q4.3 R3.2
        ON_5V: J2.1 JP1.2
        P1_5V: J1.1 JP1.1 Q3.2 R3.1
        REQ: J1.2 J2.2 Q3.3
        REQ_ON: R5.1
        GND: J1.3 J1.6 J2.3 J2.6 Q4.2
        Net-(Q4-B): Q4.1 R4.2 R5.2
    """,
    "data": """
        +3V3: C6.1 R6.1 U1.5
        DATA: R6.2 R7.1
        P1_RX: U1.4
        GND: C6.2 U1.3
        Net-(R7-Pad2): R7.2 U1.2
    """,
    "supply": """
        +3V3: C4.1 U3.5
        DRIVE: U5.1 R2.1
        FOLD: R18.2 R19.1 U5.3
        LIMB: Q1.3 Q2.1
        LIMS: Q2.3 R1.2 R18.1
        LREF: C11.2 R15.2 R16.1 U5.4
        P1_5V: D1.2
        REFN: D4.2 R16.2 R17.1
        VBUS: D2.2
        VIN: C10.1 C11.1 D1.1 D2.1 D4.1 R1.1 R15.1 U5.5
        VST: C3.1 C9.1 Q2.2 Q2.4 R19.2 U3.1 U3.3
        GND: C3.2 C4.2 C9.2 C10.2 R17.2 R20.2 U3.2 U5.2
        Net-(Q1-B): Q1.1 R2.2
        Net-(Q1-E): Q1.2 R20.1
    """,
    "store": """
        HALF: R21.2 R22.1 U6.3
        MID: C1.2 C2.1 R23.2 U6.4
        MOVE: R23.1 U6.1
        VST: C1.1 R21.1 U6.5
        GND: C2.2 R22.2 U6.2
    """,
    "supervisor": """
        +3V3: C12.1 U7.6
        EN: R26.2 U7.1
        SENSE: R24.2 R25.1 R26.1 U7.5
        VST: R24.1
        GND: C12.2 R25.2 U7.2
    """,
    "USB": """
        CC1: J3.A5 R8.1
        CC2: J3.B5 R9.1
        USBC_DM: J3.A7 J3.B7 U2.1
        USBC_DP: J3.A6 J3.B6 U2.3
        USB_DM: U2.6
        USB_DP: U2.4
        VBUS: J3.A4 J3.A9 J3.B4 J3.B9 U2.5
        GND: J3.A1 J3.A12 J3.B1 J3.B12 J3.S1 R8.2 R9.2 U2.2
    """,
    "controller": """
        +3V3: C5.1 C7.1 R10.1 R11.1 R12.1 R13.1 R14.1 U4.1
        BOOT: R13.2 SW1.1 U4.8
        EN: C8.1 R10.2 SW2.1 U4.2
        IO2: R11.2 U4.16
        IO8: R12.2 U4.7
        LED: D3.1 U4.10
        P1_RX: U4.3
        REQ_ON: U4.4
        USB_DM: U4.13
        USB_DP: U4.14
        GND: C5.2 C7.2 C8.2 SW1.2 SW2.2 U4.9 U4.19
        Net-(D3-A): D3.2 R14.2
    """,
    "test points": """
        +3V3: TP3.1
        P1_RX: TP2.1
        VST: TP1.1
        GND: TP4.1
    """,
}
NO_BLOCK = {"H1", "H2"}

# -- values: what each one's function leaves, where no formula below says more --------------------

WINDOWS = {
    "R1": (1.4, 1.6), "R2": (470, 1.5e3), "R3": (4.7e3, 15e3), "R4": (4.7e3, 15e3),
    "R5": (330, 1.5e3), "R6": (660, 820), "R7": (100, 820),
    "R8": (4.6e3, 5.6e3), "R9": (4.6e3, 5.6e3),  # USB-C: 5.1 k within 10 %
    "R10": (33e3, 68e3), "R11": (4.7e3, 15e3), "R12": (4.7e3, 15e3), "R13": (4.7e3, 15e3),
    "R14": (330, 4.3e3), "R15": (1.57e3, 1.59e3), "R16": (10.1e3, 10.3e3),
    "R17": (1.5e3, 4.7e3), "R18": (4.7e3, 5.6e3), "R19": (120e3, 150e3), "R20": (680, 910),
    "R21": (47e3, 150e3), "R22": (47e3, 150e3), "R23": (22, 68), "R24": (205e3, 226e3),
    "R25": (25.5e3, 26.7e3), "R26": (820e3, 1.2e6),
    "C1": (1.0, 1.5), "C2": (1.0, 1.5), "C3": (4.7e-6, 10e-6), "C4": (10e-6, 47e-6),
    "C5": (10e-6, 47e-6), "C6": (47e-9, 1e-6), "C7": (47e-9, 1e-6), "C8": (0.5e-6, 2.2e-6),
    "C9": (330e-6, 680e-6), "C10": (47e-9, 1e-6), "C11": (0.47e-6, 2.2e-6),
    "C12": (47e-9, 1e-6),
}  # fmt: skip


def electric(design):
    """The board's formulas, on this design's values."""
    from board_rules import scaled

    found = []

    def of(ref):
        return scaled(design.parts[ref]["value"])

    def must(true, words):
        if not true:
            found.append(words)

    # port: 2.5 V of D4 (0.75 %) by R15 and R16 (0.1 %, 25 ppm over 45 degrees), U5's 10 mV, over
    # R1 (1 %, 200 ppm over 40 degrees); besides, the request's 10 mA, Q3's gate, U5, D4, Q1's base
    share = of("R15") / (of("R15") + of("R16"))
    nominal = 2.5 * share / of("R1")
    must(abs(nominal / 0.220 - 1) < 0.02, f"limiter: {1e3 * nominal:.0f} mA")
    most = (2.5 * 1.0075 * share * 1.004 + 10e-3) / (of("R1") * 0.982)
    beside = 10e-3 + 5.5 / of("R3") + (5.3 - 2.5) / of("R17") + 0.5e-3
    must(most + beside < 0.250, f"port: {1e3 * (most + beside):.0f} mA at the most")
    least = (2.5 * 0.9925 * share * 0.996 - 10e-3) / (of("R1") * 1.018)
    mean = 0.080 * 0.85 + 0.350 * 0.15
    must(least > 1.3 * mean, "port: hardly more than WiFi takes on average")
    # into a short: what lies over Q2 takes its share off the limit
    fold = of("R18") / (of("R18") + of("R19"))
    short = (2.5 * share - fold * 5.0) / of("R1")
    must(0.08 < short < 0.13, f"short: {1e3 * short:.0f} mA")
    must((4.25 - 2.5) / of("R17") > 65e-6 + 2.5 / (of("R15") + of("R16")), "D4 starves")
    must((4.25 - 0.35 - 0.9 - 0.1) / of("R20") > least / 75, "R20: Q2 starves at its least gain")
    # store and supervisor: 0.405 V at SENSE; on below what 4.4 V leave, off above U3's drop-out
    must(of("C1") == of("C2") and of("C1") / 2 >= 0.5, "store: less than 0.5 F")
    must(of("R21") == of("R22"), "cells: not at half")
    on = 0.405 * (1 + of("R24") / of("R25") + of("R24") / of("R26"))
    off = on - (0.405 + 2.895 * of("R26") / (of("R26") + of("R10"))) * of("R24") / of("R26")
    must(3.7 < on < 3.95, f"supervisor: on at {on:.2f} V")
    must(3.1 < off < 3.3, f"supervisor: off at {off:.2f} V")
    # data: P1's meter sinks 5 mA at the most; edges below 1 us with 450 pF
    must(3.3 / of("R6") < 5e-3, f"data: {3.3e3 / of('R6'):.1f} mA")
    must(2.2 * of("R6") * 450e-12 < 1e-6, "data: slow edges")
    # a plug of CII puts 34 V between pins 3 and 4
    for jack in ("J1", "J2"):
        net = design.net(jack, 4)
        alone = net is None or len(design.nets[net]) == 1
        must(alone, f"{jack}: pin 4 hangs on {net}")
        must(design.net(jack, 3) == design.net(jack, 6) == "GND", f"{jack}: grounds")
    # request: P1 asks 4 V or more: from the meter's own 5 V
    must(design.net("Q3", 2) == "P1_5V", "request from another supply")
    low = 3.3 * of("R5") / (of("R4") + of("R5"))
    must(low < 0.45, f"GPIO5 low leaves {low:.2f} V at Q4's base: the request stays on")
    rise = of("R10") * of("C8")
    must(0.03 < rise < 0.2, f"EN rises in {1e3 * rise:.0f} ms")
    led = (3.3 - 2.6) / of("R14")
    must(2e-4 < led < 3e-3, f"LED at {1e3 * led:.2f} mA")
    return found
