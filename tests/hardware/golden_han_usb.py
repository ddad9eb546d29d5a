"""What the board han-usb must be: written from data sheets and from the circuit's reasons, not
from parts.py or the board. Whoever changes the board on purpose changes this table by hand.
"""

import bus_side
from orders import order

__all__ = ["order"]
BOARD = "han-usb"
LOGIC = 3.4  # V on every net that is not listed below

# -- nets: least and most in volts while the board works, on a bus of 42 V ------------------------

VOLTS = bus_side.VOLTS | {
    "GND": (0, 0), "+5V": (0, 5.5), "VBUS": (0, 5.5), "+3V3": (3.0, 3.4), "Net-(U1-RIS)": (0, 1.8),
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
    "HAN port": bus_side.port("JP1", "JP2"),
    "receiver": bus_side.receiver("GND", "Net-(U1-RIS)")
    + """
        +3V3: U1.9 U1.12
        HAN_RX: R5.2
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

WINDOWS = bus_side.WINDOWS | {
    "R3": (27e3, 33e3),  # one unit load
    "R5": (330, 1.5e3),
    "R6": (4.6e3, 5.6e3), "R7": (4.6e3, 5.6e3),  # USB-C: 5.1 k within 10 %
    "R8": (4.7e3, 15e3), "R9": (4.7e3, 15e3), "R10": (4.7e3, 15e3), "R11": (4.7e3, 15e3),
    "R12": (330, 4.3e3),
    "C4": (4.7e-6, 10e-6),
    "C5": (10e-6, 47e-6), "C6": (10e-6, 47e-6), "C7": (47e-9, 1e-6), "C8": (0.5e-6, 2.2e-6),
}  # fmt: skip


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

    bus_side.electric(value.get, of, must, 1)
    rise = of("R8") * of("C8")
    must(5e-3 < rise < 30e-3, f"EN rises in {1e3 * rise:.1f} ms")
    led = (3.3 - 2.6) / of("R12")
    must(2e-4 < led < 3e-3, f"LED at {1e3 * led:.2f} mA")
    return found
