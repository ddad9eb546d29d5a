"""What the board han-isolated must be: written from data sheets and from the circuit's reasons,
not from parts.py or the board. Whoever changes the board on purpose changes this table by hand.
"""

import bus_side
from orders import order

__all__ = ["order"]
BOARD = "han-isolated"
LOGIC = 3.4  # V on every net that is not listed below

# -- nets: least and most in volts while the board works, on a bus of 42 V; the bus side against
# its own ground ----------------------------------------------------------------------------------

VOLTS = bus_side.VOLTS | {
    "GND": (0, 0), "BUS_GND": (0, 0), "LED_K": (0, 9), "RIS": (0, 1.8),
    # an Uno of 5 V, its pins, and what is pulled up to it
    "+5V": (0, 5.5), "VIO": (0, 5.5), "DATA": (0, 5.5), "UNO_RX": (0, 5.5), "D0": (0, 5.5),
    "D5": (0, 5.5), "D7": (0, 5.5), "SETUP": (0, 5.5), "LED": (0, 5.5), "SDA": (0, 5.5),
    "SCL": (0, 5.5), "RS_A": (-7, 12), "RS_B": (-7, 12), "RS_END": (-7, 12),
    "VBUS": (0, 5.5), "USB_5V": (0, 5.5),
}  # fmt: skip
# What lies across a part where the nets' extremes never come together.
ACROSS = {"F2": 5.5}
# A chip's pins: most that its data sheet recommends.
PIN_LIMITS = {
    "U1": {9: 3.8, 16: 50, 1: 50}, "U3": {8: 5.5, 3: 3.6, 5: 3.6}, "U4": {8: 3.6, 4: 3.6},
    "U5": {1: 3.6, 5: 3.6, 11: 3.6}, "U7": {1: 5.5, 3: 5.5},
}  # fmt: skip
# Pins that a data sheet lets open, and the Uno's that nobody uses.
OPEN = {
    *((ref, n) for ref in ("J1", "J2") for n in "3678"),
    *(("U1", n) for n in ("2", "5", "8", "10", "13")), ("U4", "1"),
    *(("U5", n) for n in "23678"), ("U7", "4"), ("J10", "A8"), ("J10", "B8"),
    *(("J3", n) for n in "1238"), *(("J4", n) for n in "123456"), *(("J5", n) for n in "235"),
    *(("J6", n) for n in "1234568"),
}  # fmt: skip
# Diodes (1 cathode, 2 anode; D5: 3 cathodes).
DIRECTION = {
    "D2": {"1": "LED", "2": "LED_A"}, "D4": {"1": "PEAK", "2": "PEAK_D"},
    "D5": {"1": "RS_DI", "2": "USB_RX", "3": "DATA"},
}  # fmt: skip
# What touches the bus: no part but the coupler may have pins here and elsewhere.
BUS = {
    "HAN_P", "HAN_N", "CII_A", "CII_B", "BUS_P", "BUSL1", "BUSL2", "BUS_GND", "STC", "SC", "RIDD",
    "RIS", "TSS_VDD", "TXI", "LED_E", "LED_K", "KICK",
}  # fmt: skip
ACROSS_THE_GAP = {"U2"}

# -- wiring, block by block -----------------------------------------------------------------------

BLOCKS = {
    "HAN in and on": bus_side.port("JP1", "JP2")
    + """
        CII_A: J2.4
        CII_B: J2.5
        HAN_N: J2.2
        HAN_P: J2.1
    """,
    "receiver": bus_side.receiver("BUS_GND", "RIS")
    + """
        TSS_VDD: U1.9 U1.12
        TXI: U1.7
    """,
    "gap": """
        +3V3: U2.4
        BUS_GND: C11.2 R5.2
        GND: R6.2
        KICK: C11.1 R27.2
        LED_E: Q1.2 R5.1 R27.1
        LED_K: Q1.3 U2.2
        OPTO: R6.1 U2.3
        STC: U2.1
        TXI: Q1.1
    """,
    "half of the peak": """
        +3V3: C5.1 R7.1 R10.1 R12.1 U3.8
        DATA: Q2.3
        FOOT: R9.2 R10.2 R11.1
        GND: C4.2 C5.2 Q2.2 R11.2 U3.4
        HALF: R8.2 R9.1 U3.6
        OPTO: U3.3 U3.5
        PEAK: C4.1 D4.1 R8.1 U3.2
        PEAK_D: D4.2 R7.2 U3.1
        SPACE: Q2.1 R12.2 U3.7
    """,
    "open collector": """
        +3V3: JP4.1
        +5V: JP4.3
        D0: JP6.2
        D5: JP5.2
        D7: JP7.2
        DATA: D5.3 J8.2 R13.2 R14.1
        GND: J8.3
        RS_DI: D5.1
        UNO_RX: JP5.1 JP6.1 JP7.1 R14.2
        USB_RX: D5.2
        VIO: J8.1 JP4.2 R13.1
    """,
    "headers": """
        +3V3: J7.2 R15.1 R16.1 R17.1 R18.1
        +5V: J3.5
        D0: J5.1
        D5: J5.6
        D7: J5.8
        GND: J3.6 J3.7 J6.7 J7.1 SW1.2
        LED: D2.1 J5.7
        LED_A: D2.2 R18.2
        SCL: J6.10 J7.3 R16.2
        SDA: J6.9 J7.4 R15.2
        SETUP: J5.4 R17.2 SW1.1
        UNO_3V3: J3.4
    """,
    "RS-485": """
        +3V3: C6.1 R19.1 U4.2 U4.3 U4.8
        GND: C6.2 D6.3 J9.3 U4.5
        RS_A: D6.1 J9.1 R20.1 U4.6
        RS_B: D6.2 J9.2 JP8.2 U4.7
        RS_DI: R19.2 U4.4
        RS_END: JP8.1 R20.2
    """,
    "USB": """
        CC1: J10.A5 R21.1
        CC2: J10.B5 R22.1
        GND: C8.2 C9.2 C10.2 J10.A1 J10.A12 J10.B1 J10.B12 J10.S1 R21.2 R22.2 U5.14 U6.2 U7.2
        USBC_DM: J10.A7 J10.B7 U6.1
        USBC_DP: J10.A6 J10.B6 U6.3
        USB_3V3: C9.1 C10.1 R23.1 R24.1 R25.1 R26.1 U5.1 U5.11 U7.5
        USB_5V: C8.1 F2.2 U6.5 U7.1 U7.3
        USB_DM: U5.12 U6.6
        USB_DP: U5.13 U6.4
        USB_RST: R24.2 U5.4
        USB_RX: R23.2 U5.5
        USB_SCL: R26.2 U5.10
        USB_SDA: R25.2 U5.9
        VBUS: F2.1 J10.A4 J10.A9 J10.B4 J10.B9
    """,
    "supply": """
        +3V3: C7.1 JP3.2
        GND: C7.2
        UNO_3V3: JP3.1
        USB_3V3: JP3.3
    """,
    "test points": """
        +3V3: TP6.1
        BUS_GND: TP3.1
        DATA: TP5.1
        GND: TP7.1
        OPTO: TP4.1
        STC: TP1.1
        TXI: TP2.1
    """,
}
NO_BLOCK = {"H1", "H2", "J4"}

# -- values: what each one's function leaves, where no formula below says more --------------------

WINDOWS = bus_side.WINDOWS | {
    "R3": (12.5e3, 14e3),  # two unit loads
    "R5": (1.5e3, 1.8e3), "R27": (2.2e3, 3.9e3), "R6": (270, 360),
    "R7": (3.3e3, 5.6e3), "R8": (0.82e6, 1.2e6), "R9": (0.82e6, 1.2e6), "R10": (39e3, 56e3),
    "R11": (270, 390), "R12": (3.3e3, 5.6e3), "R13": (1.5e3, 3.3e3), "R14": (330, 680),
    "R15": (2.2e3, 6.8e3), "R16": (2.2e3, 6.8e3), "R17": (4.7e3, 15e3), "R18": (330, 4.3e3),
    "R19": (4.7e3, 15e3), "R20": (115, 125), "R21": (4.6e3, 5.6e3), "R22": (4.6e3, 5.6e3),
    "R23": (4.7e3, 15e3), "R24": (4.7e3, 15e3), "R25": (4.7e3, 15e3), "R26": (4.7e3, 15e3),
    "C4": (6.8e-9, 15e-9),
    "C5": (47e-9, 1e-6), "C6": (47e-9, 1e-6), "C7": (4.7e-6, 22e-6), "C8": (4.7e-6, 10e-6),
    "C9": (47e-9, 1e-6), "C10": (10e-6, 47e-6), "C11": (4.7e-9, 10e-9),
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

    for ref in design.parts:
        nets = {name for name, pins in design.nets.items() if any(r == ref for r, _ in pins)}
        nets = {name for name in nets if not name.startswith("unconnected")}
        if nets & BUS and nets - BUS and ref not in ACROSS_THE_GAP:
            found.append(f"{ref} joins {sorted(nets & BUS)} and {sorted(nets - BUS)}")
    pads = {pad: design.net("U2", pad) in BUS for pad in "1234"}
    must(pads == {"1": True, "2": True, "3": False, "4": False}, f"U2's sides: {pads}")
    bus_side.electric(value.get, of, must, 2)
    led = (3.4 - 0.6) / of("R5")
    must(
        led < 25 * 1.23 / of("R3") - 0.65e-3 + 0.1e-3, f"LED takes {1e3 * led:.2f} mA of the store"
    )
    must((3.1 - 0.75) / of("R5") > 1.2e-3, "LED of too little light")
    must(of("R27") > 1.5 * of("R5"), "the kick would fool the peak")
    must((of("R5") + of("R27")) * of("C11") < 0.4 / 9600, "the kick is not over before the next")
    least = 1.2e-3 * 0.5 * 0.5 * of("R6")  # V at 50 %, half of it left in the cold
    floor = 3.3 * of("R11") / (of("R10") + of("R11"))
    must(0.015 < floor < least / 3, f"threshold {1e3 * floor:.0f} mV, signal {1e3 * least:.0f}")
    must(6 * 1.65e-3 * of("R6") < 3.5, "the strongest coupler goes far into saturation")
    must(0.9 < of("R8") / of("R9") < 1.1, "half of the peak is not half")
    must(
        15e-3 < (of("R8") + of("R9")) * of("C4") < 60e-3, "the peak is kept too short or too long"
    )
    must(of("R7") * of("C4") < 0.6 / 9600, "the peak comes too late")
    base, sunk = (3.2 - 0.75) / of("R12"), 10e-3 + 5.5 / of("R13")
    must(sunk < 40 * base, f"Q2 sinks {1e3 * sunk:.1f} mA on {1e3 * base:.2f}")
    must(5.5 / of("R14") < 20e-3, "a pin set as output gives too much")
    light = (3.3 - 2.6) / of("R18")
    must(2e-4 < light < 3e-3, f"LED at {1e3 * light:.2f} mA")
    return found
