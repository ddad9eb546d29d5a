"""What the board mbus-simulator must be: written from data sheets and from the circuit's reasons,
not from parts.py or the board. Whoever changes the board on purpose changes this table by hand.
"""

from orders import order

__all__ = ["order"]
BOARD = "mbus-simulator"
LOGIC = 3.4  # V on every net that is not listed below

# -- nets: least and most in volts while the board works, jumper 36, U3's reference high ---

VOLTS = {
    "GND": (0, 0), "+5V": (4.4, 5.5), "VBUS": (0, 5.5), "+3V3": (3.2, 3.4), "SW": (-0.5, 20),
    "V1": (4, 20), "FLY": (4, 38.5), "VS": (4, 38.4), "FB": (0, 1.3), "SEL26": (0, 1.3),
    "SEL36": (0, 1.3), "VB": (0, 38.4), "VBP": (-0.7, 38.4), "Net-(D5-K)": (-0.3, 38.4),
    "DRV": (0, 38), "EM": (0, 37.8), "BUS_P": (0, 37.8), "BUS_N": (0, 0.8),
    "Net-(Q4-E)": (0, 37.8), "Net-(Q5-E)": (0, 3.4), "TRIP": (0, 5.5), "TRIG": (0, 5.5),
    "RSTN": (0, 5.5), "CONT": (0, 3.7), "TIME": (0, 3.7), "SENSE": (0, 0.8), "REF": (0, 0.3),
}  # fmt: skip
# What lies across a part where the nets' extremes never come together.
ACROSS = {
    "D2": 20, "D3": 20, "D4": 20,  # half of VS each
    "D5": 12, "D6": 12, "C7": 20, "L1": 20, "R13": 1, "R14": 2, "R15": 14, "Q3": 3,
}  # fmt: skip
# A chip's pins: most that its data sheet recommends.
PIN_LIMITS = {
    "U3": {1: 40, 3: 6, 4: 14, 5: 14}, "U2": {7: 5.5, 6: 3.6, 8: 5.5},
    "U4": {8: 36, 3: 3.5, 2: 3.5},
    "U5": {8: 15},
}  # fmt: skip
# Pins that a data sheet lets open.
OPEN = {
    ("J1", "A8"), ("J1", "B8"), *(("J3", str(n)) for n in range(3, 9)),
    *(("U2", str(n)) for n in (1, 2, *range(10, 25), 27, 28)),
}  # fmt: skip
# Diodes (1 cathode, 2 anode).
DIRECTION = {
    "D1": {"1": "TXD", "2": "Net-(D1-A)"},
    "D2": {"1": "V1", "2": "SW"},
    "D3": {"1": "FLY", "2": "V1"},
    "D4": {"1": "VS", "2": "FLY"},
    "D5": {"1": "Net-(D5-K)", "2": "VB"},
    "D6": {"1": "VBP", "2": "Net-(D5-K)"},
    "D8": {"1": "GND", "2": "Net-(D8-A)"},
}

# -- wiring, block by block -----------------------------------------------------------------------

BLOCKS = {
    "USB and serial port": """
        +3V3: C3.1 C4.1 R5.1 R6.1 R7.1 U2.6
        +5V: C1.1 C2.1 F1.2 R3.1 U1.5 U2.7
        CC1: J1.A5 R1.1
        CC2: J1.B5 R2.1
        RSTB: R5.2 U2.9
        RXD: R6.2 U2.25
        TXD: D1.1 U2.26
        USBC_DM: J1.A7 J1.B7 U1.1
        USBC_DP: J1.A6 J1.B6 U1.3
        USB_DM: U1.6 U2.5
        USB_DP: U1.4 U2.4
        VBUS: F1.1 J1.A4 J1.A9 J1.B4 J1.B9
        VSENSE: R3.2 R4.1 U2.8
        GND: C1.2 C2.2 C3.2 C4.2 J1.A1 J1.A12 J1.B1 J1.B12 J1.S1 R1.2 R2.2 R4.2 U1.2 U2.3 U2.29
        Net-(D1-A): D1.2 R7.2
    """,
    "boost and doubler": """
        +5V: C5.1 L1.1 U3.4 U3.5
        FB: C11.2 R8.2 R9.1 R10.1 R11.1 U3.3
        FLY: C7.2 D3.1 D4.2
        SEL26: J2.1 R10.2
        SEL36: J2.3 R11.2
        SW: C7.1 D2.2 L1.2 U3.1
        V1: C6.1 D2.1 D3.2
        VS: C8.1 C9.1 C11.1 D4.1 R8.1
        GND: C5.2 C6.2 C8.2 C9.2 J2.2 J2.4 R9.2 U3.2
    """,
    "modulator": """
        +3V3: Q5.1
        BUS_N: D7.1 J3.2 J4.2 R19.1
        BUS_P: D7.2 J3.1 J4.1 Q3.2 R13.2 R15.2 R18.1
        DRV: Q1.2 Q2.1 R14.1
        EM: Q2.3 Q3.1 R13.1 R14.2
        TRIP: R17.1
        TXD: R16.2
        VB: D5.2 Q1.1 Q3.3 Q6.3 R12.2
        VBP: D6.1 Q4.1 Q5.3
        VS: Q1.3 Q2.2 Q2.4 R12.1
        GND: Q4.3 Q6.2 R18.2 R19.2
        Net-(D5-K): D5.1 D6.2
        Net-(Q4-E): Q4.2 R15.1
        Net-(Q5-E): Q5.2 R16.1
        Net-(Q6-B): Q6.1 R17.2
    """,
    "trip": """
        +3V3: R21.1 R23.1
        +5V: C14.1 C15.1 R22.1 R26.1 R27.1 U4.8 U5.8
        BUS_N: R20.1
        CONT: C17.1 U5.5
        OVER: C13.1 R21.2 U4.1 U4.6
        REF: R24.2 R25.1 U4.2
        REF2: R23.2 R24.1 U4.5
        RSTN: C16.1 R26.2 U5.4
        SENSE: C12.1 R20.2 U4.3
        TIME: C18.1 R27.2 U5.6 U5.7
        TRIG: R22.2 U4.7 U5.2
        TRIP: R28.1 U5.3
        GND: C12.2 C13.2 C14.2 C15.2 C16.2 C17.2 C18.2 D8.1 R25.2 U4.4 U5.1
        Net-(D8-A): D8.2 R28.2
    """,
    "test points": """
        +3V3: TP7.1
        BUS_N: TP3.1
        BUS_P: TP2.1
        TRIP: TP6.1
        TXD: TP5.1
        VS: TP1.1
        GND: TP4.1
    """,
}
NO_BLOCK = {"H1", "H2", "H3", "H4"}

# -- values: what each one's function leaves, where no formula below says more --------------------

WINDOWS = {
    "R1": (4.6e3, 5.6e3), "R2": (4.6e3, 5.6e3),  # USB-C: 5.1 k within 10 %
    "R3": (20e3, 27e3), "R4": (43e3, 51e3),  # CP2102N's VBUS divider
    "R5": (1e3, 20e3), "R6": (1e3, 47e3), "R7": (1e3, 4.7e3),
    "R8": (150e3, 250e3), "R9": (9e3, 11e3), "R10": (110e3, 130e3), "R11": (19e3, 22e3),
    "R12": (9e3, 11e3), "R13": (5.6, 8.2), "R14": (6.8e3, 15e3), "R15": (82, 150),
    "R16": (2.1e3, 2.5e3), "R17": (6.8e3, 15e3), "R18": (27e3, 47e3), "R19": (6, 7.5),
    "R20": (470, 1.5e3), "R21": (39e3, 56e3), "R22": (4.7e3, 15e3), "R23": (40e3, 56e3),
    "R24": (82e3, 100e3), "R25": (9e3, 11e3), "R26": (68e3, 150e3), "R27": (5e6, 6.2e6),
    "R28": (1e3, 3.3e3),
    "C1": (4.7e-6, 10e-6), "C2": (47e-9, 1e-6), "C3": (4.7e-6, 22e-6), "C4": (47e-9, 1e-6),
    "C5": (4.7e-6, 22e-6), "C6": (4.7e-6, 22e-6), "C7": (1e-6, 4.7e-6), "C8": (1e-6, 4.7e-6),
    "C9": (1e-6, 4.7e-6), "C11": (82e-12, 150e-12), "C12": (0.5e-9, 1.5e-9),
    "C13": (0.8e-9, 1.2e-9), "C14": (47e-9, 1e-6), "C15": (47e-9, 1e-6), "C16": (0.5e-6, 2.2e-6),
    "C17": (5e-9, 100e-9), "C18": (9e-6, 11e-6), "L1": (15e-6, 33e-6),
}  # fmt: skip


def electric(design):
    """The board's formulas, on this design's values."""
    import math

    from board_rules import scaled

    found = []

    def of(ref):
        return scaled(design.parts[ref]["value"])

    def must(true, words):
        if not true:
            found.append(words)

    # mark: VS less two base-emitter voltages, R13 and R19; 5 % for all of it
    for mark, closed in ((24, ()), (26, ("R10",)), (36, ("R11",))):
        lower = 1 / (1 / of("R9") + sum(1 / of(ref) for ref in closed))
        supply = 1.23 * (1 + of("R8") / lower)
        least = supply * 0.977 - 1.55 - 0.03 * (of("R13") + of("R19"))
        must(least > 0.95 * mark, f"mark {mark}: {least:.2f} V under load")
        must(supply * 1.025 - 0.9 < 1.05 * mark, f"mark {mark}: {supply * 1.025 - 0.9:.2f} V")
    # swing: R12 times what Q5 lets through
    swing = of("R12") / of("R16") * (3.3 - 0.65 - 0.05)
    must(10.6 < swing < 11.8, f"swing {swing:.2f} V")
    # trip: above 30 mA in every corner, below 36; after 45 to 65 us; off for a minute
    part = of("R25") / (of("R23") + of("R24") + of("R25"))
    must((3.2 * part * 0.982 - 5e-3) / (of("R19") * 1.01) > 0.0298, "trips below 30 mA")
    must((3.4 * part * 1.018 + 5e-3) / (of("R19") * 0.99) < 0.036, "trips above 36 mA")
    share = (of("R24") + of("R25")) / (of("R23") + of("R24") + of("R25"))
    after = -math.log(1 - share) * of("R21") * of("C13")
    must(45e-6 < after < 65e-6, f"trips after {1e6 * after:.0f} us")
    minute = 1.0986 * of("R27") * of("C18")
    must(55 < minute < 70, f"off for {minute:.0f} s")
    # U3: lead at 8 kHz within a third
    zero = 1 / (2 * math.pi * of("R8") * of("C11"))
    must(5.3e3 < zero < 10.7e3, f"feedback's zero at {zero:.0f} Hz")
    # Q2's heat in a long space at 36 V and 30 mA, half of the time: 90 K/W on its pour
    watts = 0.03 * (38.4 - 36) / 2 + 0.03 * (38.4 - 24.5) / 2
    must(40 + 90 * watts < 120, "Q2 too hot")
    # R12 while the bus is off
    must(38.4**2 / of("R12") < 0.6 * 0.25, "R12 too hot")
    return found
