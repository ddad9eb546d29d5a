"""What the board han-usb must be: written from data sheets and from the circuit's reasons, not
from parts.py or the board. Whoever changes the board on purpose changes this table by hand.
"""

from orders import order

__all__ = ["order"]
BOARD = "han-usb"
LOGIC = 3.4  # V on every net that is not listed below

# -- nets: least and most in volts while the board works, on a bus of 42 V ------------------------

VOLTS = {
    "GND": (0, 0), "+5V": (0, 5.5), "VBUS": (0, 5.5), "+3V3": (3.0, 3.4), "HAN_P": (-1, 42),
    "HAN_N": (-1, 42), "BUS_P": (-1, 42), "CII_A": (-1, 42), "CII_B": (-1, 42),
    "BUSL1": (-1, 42), "BUSL2": (-1, 42), "STC": (0, 9), "SC": (0, 41), "RIDD": (0, 1.4),
    "Net-(U1-RIS)": (0, 1.8),
}  # fmt: skip
# What lies across a part where the nets' extremes never come together.
ACROSS = {"F2": 5.5}
# A chip's pins: most that its data sheet recommends.
PIN_LIMITS = {
    "U3": {1: 5.5, 3: 5.5}, "U4": {1: 3.6}, "U1": {9: 3.8, 16: 50, 1: 50},
}  # fmt: skip
# Pins that a data sheet lets open.
OPEN = {
    *(("J1", n) for n in "3678"), ("J2", "A8"), ("J2", "B8"),
    *(("U1", n) for n in ("2", "5", "7", "10", "13")), ("U3", "4"),
    *(("U4", str(n)) for n in (4, 5, 6, 11, 12, 15, 17, 18)),
}  # fmt: skip
# Diodes (1 cathode, 2 anode).
DIRECTION = {"D2": {"1": "LED", "2": "Net-(D2-A)"}}

# -- wiring, block by block -----------------------------------------------------------------------

BLOCKS = {
    "HAN port": """
        BUS_P: D1.2 F1.2
        CII_A: J1.4 JP1.1
        CII_B: J1.5 JP2.1
        HAN_N: D1.1 J1.2 JP2.2
        HAN_P: F1.1 J1.1 JP1.2
    """,
    "receiver": """
        +3V3: U1.9 U1.12
        BUSL1: D3.2 R1.2 U1.16
        BUSL2: D3.1 R2.2 U1.1
        BUS_P: R1.1
        HAN_N: R2.1
        HAN_RX: R5.2
        RIDD: R3.1 U1.4
        SC: C2.1 U1.6
        STC: C1.1 U1.3
        TSS_VDD: C3.1 U1.11
        GND: C1.2 C2.2 C3.2 R3.2 R4.2 U1.15
        Net-(U1-RIS): R4.1 U1.14
        Net-(U1-TX): R5.1 U1.8
    """,
    "USB and 3.3 V": """
        +3V3: C5.1 U3.5
        +5V: C4.1 F2.2 U2.5 U3.1 U3.3
        CC1: J2.A5 R6.1
        CC2: J2.B5 R7.1
        USBC_DM: J2.A7 J2.B7 U2.1
        USBC_DP: J2.A6 J2.B6 U2.3
        USB_DM: U2.6
        USB_DP: U2.4
        VBUS: F2.1 J2.A4 J2.A9 J2.B4 J2.B9
        GND: C4.2 C5.2 J2.A1 J2.A12 J2.B1 J2.B12 J2.S1 R6.2 R7.2 U2.2 U3.2
    """,
    "controller": """
        +3V3: C6.1 C7.1 R8.1 R9.1 R10.1 R11.1 R12.1 U4.1
        BOOT: R11.2 SW1.1 U4.8
        EN: C8.1 R8.2 SW2.1 U4.2
        HAN_RX: U4.3
        IO2: R9.2 U4.16
        IO8: R10.2 U4.7
        LED: D2.1 U4.10
        USB_DM: U4.13
        USB_DP: U4.14
        GND: C6.2 C7.2 C8.2 SW1.2 SW2.2 U4.9 U4.19
        Net-(D2-A): D2.2 R12.2
    """,
    "test points": """
        +3V3: TP3.1
        HAN_RX: TP2.1
        STC: TP1.1
        GND: TP4.1
    """,
}
NO_BLOCK = {"H1", "H2", "H3"}

# -- values: what each one's function leaves, where no formula below says more --------------------

WINDOWS = {
    "R1": (210, 230), "R2": (210, 230),  # TSS721A's application circuit
    "R3": (27e3, 33e3),  # one unit load
    "R4": (100, 180), "R5": (330, 1.5e3),
    "R6": (4.6e3, 5.6e3), "R7": (4.6e3, 5.6e3),  # USB-C: 5.1 k within 10 %
    "R8": (4.7e3, 15e3), "R9": (4.7e3, 15e3), "R10": (4.7e3, 15e3), "R11": (4.7e3, 15e3),
    "R12": (330, 4.3e3),
    "C1": (16e-6, 47e-6), "C2": (180e-9, 330e-9), "C3": (1e-6, 2.2e-6), "C4": (4.7e-6, 10e-6),
    "C5": (10e-6, 47e-6), "C6": (10e-6, 47e-6), "C7": (47e-9, 1e-6), "C8": (0.5e-6, 2.2e-6),
}  # fmt: skip
# TVS: breakdown at 1 mA and 25 degrees, least and most; surge current and what they clamp at
TVS = {"SMAJ36CA": (40.0, 44.2, 58.1, 6.9), "SMAJ40CA": (44.4, 49.1, 64.5, 6.2)}


def electric(design):
    """The board's formulas, on this design's values."""
    from board_rules import scaled

    found = []
    value = {ref: row["value"] for ref, row in design.parts.items()}

    def of(ref):
        return scaled(value[ref])

    def must(true, words):
        if not true:
            found.append(words)

    load = 25 * 1.33 / of("R3")
    must(1.0e-3 < load < 1.5e-3, f"receiver draws {1e3 * load:.2f} mA")
    must(of("C1") * 0.64 / of("C3") >= 4, "C1 to C3 below 4")
    for ref in ("D1", "D3"):
        must(value[ref] in TVS, f"{ref}: {value[ref]} is in no table")
    if value["D3"] in TVS and value["D1"] in TVS:
        least, most, clamp, peak = TVS[value["D3"]]
        surge = (TVS[value["D1"]][2] - least) / (of("R1") + of("R2"))
        hot = most * 1.035 + surge * (clamp - most) / peak
        must(hot < 50, f"D3 lets {hot:.1f} V to U1, which stands 50")
        must(least * 0.95 >= 38, f"D3 breaks down at {least * 0.95:.1f} V in the cold")
        must(TVS[value["D1"]][0] * 0.95 >= 42, "D1 conducts on a bus of 42 V")
    rise = of("R8") * of("C8")
    must(5e-3 < rise < 30e-3, f"EN rises in {1e3 * rise:.1f} ms")
    led = (3.3 - 2.6) / of("R12")
    must(2e-4 < led < 3e-3, f"LED at {1e3 * led:.2f} mA")
    return found
