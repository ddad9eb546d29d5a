"""What the board mep must be: written from data sheets, from the meter's port and from the
circuit's reasons, not from parts.py or the board. Whoever changes the board on purpose changes
this table by hand.
"""

from math import exp

from orders import order

__all__ = ["order"]
BOARD = "mep"
LOGIC = 3.55  # V on every net that is not listed below

# -- nets: least and most in volts while the board works, with 28 V at the port -------------------

VOLTS = {
    "GND": (0, 0), "MEP_P": (0, 28), "PORT": (0, 28), "VIN": (0, 28), "LIMS": (0, 28),
    "LIMB": (0, 28), "VBULK": (0, 28), "SW": (-1, 28), "UVLO": (0, 2), "Net-(U1-HYS)": (0, 1.2),
    "Net-(U1-ILIM)": (0, 1.5),
    "FB": (0, 1.3), "+3V3": (2.6, 3.55), "CELL_MID": (1.3, 1.8), "SENSE": (0, 0.5),
    "VBUS": (0, 5.5), "USB_5V": (0, 5.5), "VUSB": (0, 5.5), "USB_EN": (0, 2.8),
    "Net-(Q3-B)": (0, 0.8), "Net-(Q3-C)": (0, 28), "COM_S": (0, 28), "COM_B": (0, 28),
    "VCOM": (0, 28), "COM_Z": (0, 12.8), "Net-(Q6-B)": (0, 12.8), "Net-(D5-A)": (0, 12.2),
    "COM_EN": (-40, 40),
    # RS-232's lines, wires exchanged too
    "LINE_A": (-28, 28), "LINE_B": (-28, 28), "A232": (-12.5, 12.5), "B232": (-12.5, 12.5),
    "T_OUT": (-12.5, 12.5), "R_IN": (-12.5, 12.5), "Net-(U5-VS+)": (0, 6.6),
    "Net-(U5-VS-)": (-6.6, 0), "Net-(U5-C1+)": (0, 6.6), "Net-(U5-C1-)": (0, 3.6),
    "Net-(U5-C2+)": (0, 6.6), "Net-(U5-C2-)": (-6.6, 0.3),
    "PF_B": (0, 4.2), "ADC_PORT": (0, 2), "ADC_STORE": (0, 1.8),
}  # fmt: skip
# What lies across a part where the nets' extremes never come together.
ACROSS = {
    "Q1": 2.0, "Q4": 2.0,  # between the limiters' resistors and bases
    "R1": 1.0, "R22": 1.0, "R27": 28, "R28": 28,
    "Q6": 28, "D5": 40, "R25": 40, "R26": 40, "R8": 1.8, "R9": 1.8, "C4": 1.8, "R10": 3.15,
    "R13": 3.55, "R18": 5.0, "D3": 5.5, "C11": 40, "J1": 40, "Q7": 4.2,
}  # fmt: skip
# A chip's pins: most that its data sheet recommends.
PIN_LIMITS = {
    "U1": {2: 65}, "U2": {6: 6.5, 5: 6.5}, "U4": {1: 5.5, 3: 5.5}, "U6": {1: 3.6},
    "U5": {16: 5.5, 14: 13.2, 13: 25},
}  # fmt: skip
# Pins that a data sheet lets open.
OPEN = {
    ("D4", "2"), ("J2", "A8"), ("J2", "B8"), ("U1", "4"), ("U1", "6"), ("U2", "4"), ("U4", "4"),
    ("U5", "7"), ("U5", "8"), ("U5", "9"), ("U6", "11"), ("U6", "12"), ("U6", "15"),
}  # fmt: skip
# Diodes (1 cathode, 2 anode).
DIRECTION = {
    "D2": {"1": "VIN", "2": "PORT"},
    "D3": {"1": "USB_5V", "2": "VBUS"},
    "D5": {"1": "COM_EN", "2": "Net-(D5-A)"},
    "D8": {"1": "LED", "2": "Net-(D8-A)"},
}

# -- wiring, block by block -----------------------------------------------------------------------

BLOCKS = {
    # terminals as the meter's: 16 power, 16A TXD, 17 RXD, 18 COM ENABLE, 19 ground
    "port and limiter": """
        MEP_P: J1.1 F1.1
        LINE_A: J1.2
        LINE_B: J1.3
        COM_EN: J1.4
        PORT: D1.2 D2.2 F1.2
        VIN: D2.1 Q1.2 R1.1
        LIMS: Q1.1 Q2.3 R1.2
        LIMB: Q1.3 Q2.1 R2.1
        VBULK: C1.1 Q2.2 Q2.4
        GND: C1.2 D1.1 J1.5 R2.2
    """,
    # LM5165: 1 SW, 2 VIN, 3 ILIM, 5 RT, 7 EN, 8 FB, 9 HYS, 10 ground, 11 pad
    "buck": """
        VBULK: C2.1 R3.1 U1.2
        UVLO: R3.2 R4.1 U1.7
        Net-(U1-HYS): R4.2 R5.1 U1.9
        SW: L1.1 U1.1
        Net-(U1-ILIM): R42.1 U1.3
        FB: R6.2 R7.1 U1.8
        +3V3: C3.1 L1.2 R6.1
        GND: C2.2 C3.2 R5.2 R7.2 R42.2 U1.5 U1.10 U1.11
    """,
    # TPS3808: 1 reset, 2 ground, 3 manual reset, 5 sense, 6 supply
    "store and supervisor": """
        +3V3: C4.1 C6.1 R8.1 R10.1 R13.1 U2.6
        CELL_MID: C4.2 C5.1 R8.2 R9.1
        SENSE: R10.2 R11.1 R12.1 U2.5
        EN: C7.1 R12.2 R13.2 U2.1
        MR: SW2.1 U2.3
        GND: C5.2 C6.2 C7.2 R9.2 R11.2 SW2.2 U2.2
    """,
    "USB": """
        VBUS: D3.2 J2.A4 J2.A9 J2.B4 J2.B9 R16.1
        CC1: J2.A5 R14.1
        CC2: J2.B5 R15.1
        USBC_DM: J2.A7 J2.B7 U3.1
        USBC_DP: J2.A6 J2.B6 U3.3
        USB_DM: U3.6
        USB_DP: U3.4
        USB_5V: C10.1 D3.1 R18.1 U3.5
        VUSB: C8.1 R18.2 U4.1
        USB_EN: R16.2 R17.1 U4.3
        +3V3: C9.1 U4.5
        GND: C8.2 C9.2 C10.2 J2.A1 J2.A12 J2.B1 J2.B12 J2.S1 R14.2 R15.2 R17.2 U3.2 U4.2
    """,
    "COM ENABLE": """
        COM_ON: R19.1
        Net-(Q3-B): Q3.1 R19.2 R20.1
        Net-(Q3-C): Q3.3 R21.2
        COM_B: Q4.3 Q5.1 R21.1 R23.2
        COM_S: Q4.1 Q5.3 R22.2
        VBULK: Q4.2 R22.1 R23.1
        VCOM: Q5.2 Q5.4 Q6.3 R24.1
        COM_Z: D4.3 R24.2 R25.1
        Net-(Q6-B): Q6.1 R25.2
        Net-(D5-A): D5.2 Q6.2
        COM_EN: C11.1 D5.1 R26.1
        GND: C11.2 D4.1 Q3.2 R20.2 R26.2
    """,
    # MAX3232E: 1, 3 and 4, 5 pumps, 2 and 6 their outputs, 11 in, 12 out, 13 receives, 14 sends
    "RS-232": """
        LINE_A: R27.1
        LINE_B: R28.1
        A232: D6.2 J3.3 R27.2
        B232: D7.2 J3.4 R28.2
        R_IN: J3.1 J3.6 U5.13
        T_OUT: J3.2 J3.5 U5.14
        MEP_TX: R30.2 U5.11
        MEP_RX: R29.1
        Net-(U5-R1OUT): R29.2 U5.12
        Net-(U5-C1+): C12.1 U5.1
        Net-(U5-C1-): C12.2 U5.3
        Net-(U5-C2+): C13.1 U5.4
        Net-(U5-C2-): C13.2 U5.5
        Net-(U5-VS+): C14.1 U5.2
        Net-(U5-VS-): C15.1 U5.6
        +3V3: C16.1 R30.1 U5.16
        GND: C14.2 C15.2 C16.2 D6.1 D7.1 U5.10 U5.15
    """,
    "power fail and voltages": """
        PORT: R31.1 R34.1
        PF_B: Q7.1 R31.2 R32.1
        PF: Q7.2 R33.1
        ADC_PORT: C17.1 R34.2 R35.1
        ADC_STORE: C18.1 R36.2 R37.1
        +3V3: Q7.3 R36.1
        GND: C17.2 C18.2 R32.2 R33.2 R35.2 R37.2
    """,
    "controller": """
        +3V3: C19.1 C20.1 R38.1 R39.1 R40.1 R41.1 U6.1
        EN: U6.2
        MEP_RX: U6.3
        PF: U6.4
        COM_ON: U6.5
        MEP_TX: U6.6
        IO8: R39.2 U6.7
        BOOT: R40.2 SW1.1 U6.8
        LED: D8.1 U6.10
        Net-(D8-A): D8.2 R41.2
        USB_DM: U6.13
        USB_DP: U6.14
        IO2: R38.2 U6.16
        ADC_STORE: U6.17
        ADC_PORT: U6.18
        GND: C19.2 C20.2 SW1.2 U6.9 U6.19
    """,
    "test points": """
        VBULK: TP1.1
        +3V3: TP2.1
        GND: TP3.1
        VCOM: TP4.1
        MEP_RX: TP5.1
        MEP_TX: TP6.1
        EN: TP7.1
    """,
}
NO_BLOCK = {"H1", "H2", "H3", "H4"}

# -- values: what each one's function leaves, where no formula below says more --------------------

WINDOWS = {
    "R1": (21.5, 24), "R2": (33e3, 56e3), "R3": (0.8e6, 1.2e6), "R4": (62e3, 75e3),
    "R5": (1e3, 2.4e3), "R6": (170e3, 190e3), "R7": (91e3, 110e3), "R8": (47e3, 220e3),
    "R9": (47e3, 220e3), "R10": (200e3, 230e3), "R11": (32e3, 36e3), "R12": (1.5e6, 2.2e6),
    "R13": (22e3, 68e3), "R14": (4.6e3, 5.6e3), "R15": (4.6e3, 5.6e3),  # USB-C: 5.1 k within 10 %
    "R16": (330, 680), "R17": (330, 680), "R18": (8.2, 15), "R19": (4.7e3, 15e3),
    "R20": (22e3, 68e3), "R21": (47e3, 82e3), "R22": (40, 47), "R23": (47e3, 150e3),
    "R24": (18e3, 27e3), "R25": (15e3, 18e3), "R26": (15e3, 33e3), "R27": (910, 1.2e3),
    "R28": (910, 1.2e3), "R29": (470, 1.5e3), "R30": (47e3, 150e3), "R31": (390e3, 560e3),
    "R32": (120e3, 180e3), "R33": (68e3, 150e3), "R34": (0.9e6, 1.1e6), "R35": (56e3, 68e3),
    "R36": (68e3, 150e3), "R37": (68e3, 150e3), "R38": (4.7e3, 15e3), "R39": (4.7e3, 15e3),
    "R40": (4.7e3, 15e3), "R41": (330, 4.3e3), "R42": (24e3, 27e3),  # peak of 180 mA
    "C1": (33e-6, 100e-6), "C2": (2e-6, 10e-6), "C3": (15e-6, 47e-6), "C4": (3, 5), "C5": (3, 5),
    "C6": (47e-9, 1e-6), "C7": (4.7e-9, 22e-9), "C8": (4.7e-6, 22e-6), "C9": (4.7e-6, 22e-6),
    "C10": (47e-9, 1e-6), "C11": (47e-9, 220e-9), "C12": (90e-9, 470e-9), "C13": (90e-9, 470e-9),
    "C14": (90e-9, 470e-9), "C15": (90e-9, 470e-9), "C16": (90e-9, 1e-6), "C17": (47e-9, 1e-6),
    "C18": (47e-9, 1e-6), "C19": (10e-6, 47e-6), "C20": (47e-9, 1e-6), "L1": (82e-6, 120e-6),
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

    # port: 40 mA on average and 1 W at 26 V; Q1's most (0.80 V at -25 degrees), 1 % resistors
    most = 0.80 / (0.99 * of("R1")) + 26 / of("R2")
    must(most < 1.0 / 26, f"port: {1e3 * most:.1f} mA at the most")
    must((24 - 1.5) / of("R2") * 75 > 0.72 / of("R1"), "R2: Q2 starves at its least gain")
    # buck: works from what 24 V less a tenth, D2 and the limiter leave; never below COM ENABLE's
    on = 1.212 * (1 + of("R3") / of("R4"))
    off = 1.144 * (1 + of("R3") / (of("R4") + of("R5")))
    must(on < 24 * 0.9 - 1.5, f"lock-out: on at {on:.1f} V")
    must(off > 12.3 + 1.5 and on - off > 0.8, f"lock-out: off at {off:.1f} V")
    rail = 1.223 * (1 + of("R6") / of("R7"))
    must(3.40 < rail * 1.0 < 3.5, f"rail {rail:.2f} V")
    takes = 0.09 * rail / 0.85 / 24
    must(takes < 0.62 / of("R1"), f"the buck takes {1e3 * takes:.0f} mA")
    on_time = of("L1") * 0.18 / (28 - rail)
    must(on_time > 0.36e-6, f"L1: on for {1e6 * on_time:.2f} us")
    # supervisor: below USB's rail with tolerances, above the module's least supply
    up = of("R10") * 1.01
    start = 0.405 * 1.02 * 1.03 * (1 + up * (1 / (0.99 * of("R11")) + 1 / (0.99 * of("R12"))))
    must(start < 3.267, f"EN on at {start:.2f} V at the most")
    lower = 1 / (1 / (0.99 * of("R10")) + 1 / (0.99 * (of("R12") + of("R13"))))
    stop = 0.405 * 0.98 * (1 + lower / (1.01 * of("R11")))
    must(2.55 < stop < 2.9, f"EN off at {stop:.2f} V at the least")
    must(of("C4") == of("C5") and of("R8") == of("R9"), "the cells differ")
    # COM ENABLE: 9 to 12 V with 10 mA, a bounded short circuit
    least = 0.50 / (1.01 * of("R22")) - (17 - 11.7) / of("R24")
    must(least > 10e-3, f"COM ENABLE gives {1e3 * least:.1f} mA at the least")
    short = 0.80 / (0.99 * of("R22")) + 28 / of("R21")
    must(short < 20e-3, f"COM ENABLE gives {1e3 * short:.1f} mA into a short circuit")
    must((off - 1.5) / of("R21") * 75 > 15e-3, "R21: Q5 starves at its least gain")
    drop = of("R25") * 10e-3 / 200
    must(11.6 - 0.35 - 0.8 - 0.45 - drop > 9, f"COM ENABLE: {drop:.2f} V lost in R25")
    must(40**2 / of("R25") < 0.11 and 40**2 / of("R26") < 0.1, "R25, R26: heat")
    base = (3.0 - 0.7) / of("R19") - 0.7 / of("R20")
    must(base * 100 > 28 / of("R21"), "R19: Q3 starves")
    fall = of("R26") * of("C11") * 3.2
    must(fall < 20e-3, f"COM ENABLE falls in {1e3 * fall:.1f} ms")
    # RS-232: +-3 V at a receiver of 3 k; what a wire of 28 V makes in R27 and R28
    for ref in ("R27", "R28"):
        level = 5.15 * 3e3 / (3e3 + 90 + of(ref))
        must(level > 3.3, f"{ref}: {level:.1f} V at the meter")
        must((28 - 9.5) ** 2 / of(ref) < 0.6 * 0.75, f"{ref}: heat")
    # USB: VBUS dead without a host (180 uA back through D3 in the heat), U4 on with one
    must(180e-6 * (of("R16") + of("R17")) < 0.4, "VBUS fed backwards")
    half = 4.4 * of("R17") / (of("R16") + of("R17"))
    must(1.7 < half < 3.5, f"U4's enable at {half:.1f} V")
    # power fail: off where the buck is, and less into the rail than its dividers take
    share = of("R32") / (of("R31") + of("R32"))
    must(share * off > 2.59 + 0.6, "power fail: low while the buck runs")
    lent = (28 * share - rail) / (of("R31") * (1 - share))
    drained = rail / (of("R6") + of("R7")) + rail / (of("R8") + of("R9"))
    must(lent < drained + rail / (of("R36") + of("R37")), f"power fail lends {1e6 * lent:.0f} uA")
    # the ADC's span of 2.5 V, and the dividers that the firmware's row names
    must(28 * of("R35") / (of("R34") + of("R35")) < 2.4, "ADC: port")
    must(rail * of("R37") / (of("R36") + of("R37")) < 2.4, "ADC: store")
    led = (3.3 - 2.6) / of("R41")
    must(2e-4 < led < 3e-3, f"LED at {1e3 * led:.2f} mA")
    # EN's own delay: short against the supervisor's 20 ms
    must(exp(-20e-3 / (of("R13") * of("C7"))) < 1e-3, "C7: EN rises late")
    return found
