"""What the board han-selfpowered must be: written from data sheets and from the circuit's reasons,
not from parts.py or the board. Whoever changes the board on purpose changes this table by hand.
"""

import bus_side
from orders import order

__all__ = ["order"]
BOARD = "han-selfpowered"
LOGIC = 3.55  # V on every net that is not listed below

# -- nets: least and most in volts while the board works, on a bus of 42 V ------------------------

VOLTS = bus_side.VOLTS | {
    "GND": (0, 0), "VBR": (0, 41), "VLIM": (0, 41),
    "LIMS": (0, 41), "LIMB": (0, 41), "Net-(JP2-B)": (0, 41), "Net-(JP3-B)": (0, 41),
    "Net-(D4-A)": (0, 40.5), "VBULK": (0, 40), "SW": (-1, 40), "UVLO": (0, 2.8),
    "Net-(U2-HYS)": (0, 1.2), "Net-(U2-ILIM)": (0, 1.5), "FB": (0, 1.3), "+3V3": (2.6, 3.55),
    "CELL_MID": (1.3, 1.8),
    "Net-(U1-RIS)": (0, 1.8), "VBUS": (0, 5.5), "USB_5V": (0, 5.5), "VUSB": (0, 5.5),
    "USB_EN": (0, 2.8),
    "ADC_BUS": (0, 2.5), "ADC_STORE": (0, 1.8), "SENSE": (0, 0.5),
}  # fmt: skip
# What lies across a part where the nets' extremes never come together.
ACROSS = {
    "Q1": 2.0,  # between VLIM, LIMS and LIMB: two base-emitter voltages
    "R5": 1.0, "R6": 1.0, "R7": 1.0,  # the limiter's drop
    "R24": 5.0, "D5": 5.5, "R20": 3.55,
    "R17": 3.15, "R15": 1.8, "R16": 1.8, "C7": 1.8,
}  # fmt: skip
# A chip's pins: most that its data sheet recommends.
PIN_LIMITS = {
    "U2": {2: 65}, "U4": {1: 5.5, 3: 5.5}, "U3": {6: 6.5, 5: 6.5}, "U6": {1: 3.6},
    "U1": {9: 3.8, 16: 50, 1: 50}, "U7": {3: 5.5},
}  # fmt: skip
# Pins that a data sheet lets open.
OPEN = {
    ("J1", "3"), ("J1", "6"), ("J1", "7"), ("J1", "8"), ("J3", "A8"), ("J3", "B8"), ("U1", "2"),
    ("U1", "7"), ("U1", "10"), ("U1", "13"), ("U2", "4"), ("U2", "6"), ("U3", "4"), ("U4", "4"),
}  # fmt: skip
# Diodes (1 cathode, 2 anode) and the bridge (1, 2 alternating, 3 plus, 4 minus).
DIRECTION = {
    "D2": {"1": "BUS_P", "2": "HAN_N", "3": "VBR", "4": "GND"},
    "D4": {"1": "VBULK", "2": "Net-(D4-A)"},
    "D5": {"1": "USB_5V", "2": "VBUS"},
    "D6": {"1": "Net-(D6-K)", "2": "Net-(D6-A)"},
}

# -- wiring, block by block -----------------------------------------------------------------------

BLOCKS = {
    "HAN port": bus_side.port("JP5", "JP6")
    + """
        HAN_N: J2.2 D2.2
        BUS_P: D2.1 J2.1
        VBR: D2.3
        GND: D2.4
    """,
    "limiter": """
        VBR: JP1.1
        VLIM: JP1.2 JP2.1 JP3.1 Q1.2 R5.1
        LIMS: Q1.1 Q2.3 R5.2 R6.2 R7.2
        LIMB: Q1.3 Q2.1 R8.1
        GND: R8.2 C4.2
        Net-(JP2-B): JP2.2 R6.1
        Net-(JP3-B): JP3.2 R7.1
        Net-(D4-A): Q2.2 Q2.4 D4.2
        VBULK: D4.1 C4.1
    """,
    "buck": """
        VBULK: C5.1 R9.1 U2.2
        UVLO: R9.2 R10.1 U2.7
        Net-(U2-HYS): R10.2 R11.1 U2.9
        Net-(U2-ILIM): R12.1 U2.3
        SW: U2.1 L1.1
        FB: U2.8 R13.2 R14.1
        +3V3: L1.2 R13.1 C6.1
        GND: C5.2 R11.2 R12.2 U2.5 U2.10 U2.11 R14.2 C6.2
    """,
    "store and supervisor": """
        +3V3: C7.1 R15.1 R17.1 R20.1 U3.6 C9.1
        CELL_MID: C7.2 C8.1 R15.2 R16.1
        SENSE: R17.2 R18.1 R19.1 U3.5
        EN: U3.1 R19.2 R20.2 C17.1
        MR: U3.3 SW2.1
        GND: C8.2 R16.2 R18.2 U3.2 C9.2 C17.2 SW2.2
    """,
    "receiver": bus_side.receiver("GND", "Net-(U1-RIS)")
    + """
        Net-(U1-TX): U1.8 R34.1
        Net-(U1-PF): U1.5 R35.1
        HAN_RX: R34.2
        PF: R35.2
        +3V3: U1.9 U1.12
    """,
    "measurement": """
        VBR: R25.1
        ADC_BUS: R25.2 R26.1 C14.1
        +3V3: R27.1
        ADC_STORE: R27.2 R28.1 C15.1
        GND: R26.2 C14.2 R28.2 C15.2
    """,
    "USB": """
        VBUS: J3.A4 J3.A9 J3.B4 J3.B9 D5.2 R23.1
        USB_EN: R23.2 R36.1 U4.3
        USB_5V: D5.1 R24.1 U5.5 C18.1
        VUSB: R24.2 C10.1 U4.1
        +3V3: U4.5 C11.1
        CC1: J3.A5 R21.1
        CC2: J3.B5 R22.1
        USBC_DM: J3.A7 J3.B7 U5.1
        USBC_DP: J3.A6 J3.B6 U5.3
        USB_DM: U5.6
        USB_DP: U5.4
        GND: J3.A1 J3.A12 J3.B1 J3.B12 J3.S1 R21.2 R22.2 R36.2 U5.2 C18.2 C10.2 U4.2 C11.2
    """,
    "controller": """
        +3V3: U6.1 C12.1 C13.1 R29.1 R30.1 R31.1
        GND: U6.9 U6.19 C12.2 C13.2 SW1.2
        EN: U6.2
        HAN_RX: U6.3
        PF: U6.4
        IO6: U6.5
        IO7: U6.6
        IO8: U6.7 R30.2
        BOOT: U6.8 R31.2 SW1.1
        LED: U6.10
        RXD: U6.11
        TXD: U6.12
        USB_DM: U6.13
        USB_DP: U6.14
        DQ: U6.15
        IO2: U6.16 R29.2
        ADC_STORE: U6.17
        ADC_BUS: U6.18
    """,
    "LED, temperature, expansion": """
        +3V3: R32.1 U7.3 C16.1 R33.1 J4.1 J5.1
        Net-(D6-A): R32.2 D6.2
        Net-(D6-K): D6.1 JP4.1
        LED: JP4.2
        DQ: U7.2 R33.2 J4.2
        TXD: J5.2
        RXD: J5.3
        IO6: J5.4
        IO7: J5.5
        GND: U7.1 C16.2 J4.3 J5.6
    """,
    "test points": """
        VBR: TP1.1
        VBULK: TP2.1
        +3V3: TP3.1
        GND: TP4.1
        STC: TP5.1
        TSS_VDD: TP6.1
        HAN_RX: TP7.1
        PF: TP8.1
        EN: TP9.1
    """,
}
NO_BLOCK = {"H1", "H2", "H3", "H4"}

# -- values: what each one's function leaves, where no formula below says more --------------------

WINDOWS = bus_side.WINDOWS | {
    "R3": (27e3, 33e3),  # one unit load
    "R5": (150, 260), "R6": (40, 80), "R7": (80, 200),  # and the limits below
    "R8": (47e3, 82e3),  # Q2's base: enough for 27 mA at its least gain, no more
    "R9": (0.9e6, 1.1e6), "R10": (68e3, 82e3), "R11": (1.5e3, 3.3e3),
    "R12": (24e3, 27e3),  # peak of 180 mA
    "R13": (150e3, 220e3), "R14": (82e3, 120e3),
    "R15": (47e3, 220e3), "R16": (47e3, 220e3),
    "R17": (200e3, 230e3), "R18": (30e3, 38e3), "R19": (1.2e6, 2.2e6), "R20": (10e3, 100e3),
    "R21": (4.6e3, 5.6e3), "R22": (4.6e3, 5.6e3),  # USB-C: 5.1 k within 10 %
    "R23": (330, 680), "R36": (330, 680), "R24": (8.2, 12),
    "R25": (0.8e6, 1.2e6), "R26": (51e3, 68e3), "R27": (68e3, 150e3), "R28": (68e3, 150e3),
    "R29": (4.7e3, 15e3), "R30": (4.7e3, 15e3), "R31": (4.7e3, 15e3),
    "R32": (330, 4.7e3), "R33": (2.2e3, 4.8e3), "R34": (330, 1.5e3), "R35": (330, 1.5e3),
    "C4": (68e-6, 220e-6), "C5": (1e-6, 4.7e-6), "C6": (10e-6, 47e-6),
    "C7": (2.7, 5.0), "C8": (2.7, 5.0), "C9": (47e-9, 1e-6), "C10": (1e-6, 22e-6),
    "C11": (1e-6, 22e-6), "C12": (10e-6, 47e-6), "C13": (47e-9, 1e-6), "C14": (10e-9, 220e-9),
    "C15": (10e-9, 220e-9), "C16": (47e-9, 1e-6), "C17": (1e-9, 100e-9), "C18": (47e-9, 1e-6),
    "L1": (80e-6, 150e-6),
}  # fmt: skip


def electric(design):
    """The board's formulas, on this design's values."""
    from board_rules import scaled

    found = []
    value = {ref: row["value"] for ref, row in design.parts.items()}

    def ohm(ref):
        return scaled(value[ref])

    def must(true, words):
        if not true:
            found.append(words)

    # limiter: the sensing transistor's most (0.80 V at -25 degrees), 1 % resistors, 0.35 mA of
    # base current, 1.5 mA of the receiver; and no less than the meter's budget is worth
    sums = {
        "open": 1 / ohm("R5"), "JP2": 1 / ohm("R5") + 1 / ohm("R6"),
        "both": 1 / ohm("R5") + 1 / ohm("R6") + 1 / ohm("R7"),
    }  # fmt: skip
    for name, least, most in (("open", 2.5, 6), ("JP2", 12, 21), ("both", 17, 28)):
        worst = 1e3 * (0.80 * sums[name] / 0.99 + 1.85e-3)
        must(worst < most, f"limit {name}: {worst:.1f} mA at the most")
        usual = 1e3 * 0.58 * sums[name]
        must(usual > least, f"limit {name}: {usual:.1f} mA only")
    must(24 / ohm("R8") * 75 > 0.0245, "R8: not enough base current")
    # lock-out, rail, supervisor
    rise = 1.212 * (1 + ohm("R9") / ohm("R10"))
    fall = 1.144 * (1 + ohm("R9") / (ohm("R10") + ohm("R11")))
    must(rise * 1.05 < 20.8 - 2.4, f"lock-out on at {rise:.1f} V")
    must(15 < fall < rise - 0.5, f"lock-out off at {fall:.1f} V")
    upper, lower = ("R13", "R14") if design.net("R13", 1) == "+3V3" else ("R14", "R13")
    rail = 1.223 * (1 + ohm(upper) / ohm(lower))
    must(rail * 1.03 < 3.6, f"rail at {rail:.2f} V")
    must(rail > 3.35, f"rail at {rail:.2f} V")
    on_most = (
        0.405
        * 1.02
        * 1.03
        * (1 + 1.01 * ohm("R17") * (1 / (0.99 * ohm("R18")) + 1 / (0.99 * ohm("R19"))))
    )
    must(on_most < 3.267, f"EN on at {on_most:.3f} V at the most, USB gives 3.267 V")
    pulled = ohm("R19") + ohm("R20")

    def off(corner):
        threshold = 0.405 * (1 + 0.02 * corner)
        r17, r18 = ohm("R17") * (1 + 0.01 * corner), ohm("R18") * (1 - 0.01 * corner)
        down = pulled * (1 + 0.01 * corner)
        return threshold + threshold / r18 / (1 / r17 + 1 / down)

    must(off(-1) > 2.55, f"EN off at {off(-1):.3f} V at the least: brown-out at 2.51 V")
    must(off(+1) < 2.81, f"EN off at {off(+1):.3f} V at the most")
    must(design.net("R17", 1) == "+3V3", "the supervisor looks at another net than the rail")
    # buck: on-time above the chip's 180 ns at 42 V, below half a millisecond
    coil = scaled(value["L1"])
    must(coil * 0.18 / 38.5 > 0.18e-6, "L1: on-time too short")
    # store and cells
    store = 1 / (1 / scaled(value["C7"]) + 1 / scaled(value["C8"]))
    must(store * 0.8 >= 1.3, f"store {store:.2f} F")
    must(ohm("R15") == ohm("R16") and ohm("R27") == ohm("R28"), "uneven dividers")
    # USB: charge within D5's 0.5 A and R24's 2 W; leakage of D5 at 60 degrees
    amps = (5.25 - 0.5) / (ohm("R24") + 0.5)
    must(amps < 0.5, f"USB charges with {amps:.2f} A, D5 carries 0.5")
    must(amps * amps * ohm("R24") < 2.2, "R24: too hot")
    pulls = ohm("R23") + ohm("R36")
    must(180e-6 * pulls < 0.3, "VBUS may switch U4 on")
    must(5.5**2 / pulls < 0.1, "R23, R36: too hot")
    must(4.4 * ohm("R36") / pulls > 1.7, "U4 is not switched on at 4.4 V")
    must(8.5 * ohm("R36") / pulls < 6.0, "a plug's ringing passes U4's 6 V")
    # ADC
    must(42 * ohm("R26") / (ohm("R25") + ohm("R26")) < 2.5, "bus divider above the ADC's range")
    must(38 * ohm("R26") / (ohm("R25") + ohm("R26")) > 1.5, "bus divider wastes the ADC's range")
    # receiver
    bus_side.electric(value.get, ohm, must, 1)
    # LED
    led = (3.45 - 2.6) / ohm("R32")
    must(2e-4 < led < 3e-3, f"LED at {1e3 * led:.2f} mA")
    return found
