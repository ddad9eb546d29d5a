"""Every part of the board, one row each: what it is, why it has its value, who makes it and who
else does.

The schematic, the layout, the simulations, the BOM and the tests all read their values from here.
"""

from rows import C0603, C1210, Parts

PARTS = Parts()

# -- USB and serial port --------------------------------------------------------------------------
PARTS.usb("J1", "U1", "R1 R2")
PARTS.row(
    "F1", "Device:Polyfuse", "0.5A 15V", "Fuse:Fuse_1812_4532Metric_Pad1.30x3.40mm_HandSolder",
    "MF-MSMF050-2", "Bourns", "Littelfuse 1812L050PR",
    "keeps a fault of the board off the computer; holds 0.5 A, the board takes 0.4 A at the most",
)  # fmt: skip
PARTS.row(
    "U2", "Interface_USB:CP2102N-Axx-xQFN28", "CP2102N",
    "Package_DFN_QFN:QFN-28-1EP_5x5mm_P0.5mm_EP3.35x3.35mm", "CP2102N-A02-GQFN28R",
    "Silicon Labs", "none: sole source",
    "300 baud and more, 8E1 and 8N1: what meters speak; its regulator is the board's 3.3 V",
)  # fmt: skip
PARTS.resistor("R3", "22k", "VBUS divider of U2's data sheet, upper")
PARTS.resistor("R4", "47k", "VBUS divider of U2's data sheet, lower")
PARTS.resistor("R5 R6", "10k", "U2's RST and RXD idle high")
PARTS.resistor("R7", "2k2", "LED at 0.4 mA")
PARTS.led("D1", "green", "lights in every space: data go out")
PARTS.bulk("C1", "5 V, at U2's regulator")
PARTS.bulk("C3", "3.3 V: U2's regulator asks 4.7 uF")
PARTS.bypass("C2 C4 C14 C15", "bypass of U2, U4 and U5")

# -- boost and doubler ----------------------------------------------------------------------------
PARTS.row(
    "U3", "Regulator_Switching:LM2733YMF", "LM2733Y", "Package_TO_SOT_SMD:SOT-23-5", "LM2733YMF",
    "Texas Instruments", "none: sole source",
    "boost, 600 kHz, 1 A, switch of 40 V; the doubler behind it halves what the switch sees",
)  # fmt: skip
PARTS.bulk("C5", "U3's input pulses")
PARTS.row(
    "L1", "Device:L", "22u", "Inductor_SMD:L_Bourns_SRN6045TA", "SRN6045TA-220M", "Bourns",
    "Sunlord SWPA6045S220MT",
    "keeps the switch's peak below 0.7 A when U3 runs at its least 400 kHz",
)  # fmt: skip
PARTS.schottky("D2 D3 D4", "boost and doubler: each stands half of VS, 19 V, and carries 60 mA")
PARTS.bulk("C6", "half of VS: 19 V at the most")
PARTS.capacitor(
    "C7 C8 C9", "2u2 100V", C1210, "GRM32ER72A225KA35L", "Murata", "TDK C3225X7R2A225K230AB",
    "C7 lifts the doubled half; C8 and C9 hold VS while 100 mA flow for the 50 us before the trip",
)  # fmt: skip
PARTS.row(
    "R8", "Device:R", "200k 0.1%", "Resistor_SMD:R_0603_1608Metric_Pad0.98x0.95mm_HandSolder",
    "RT0603BRD07200KL", "Yageo", "Panasonic ERA-3AEB204V", "VS, upper: 0.1 % for the mark's 5 %",
)  # fmt: skip
PARTS.row(
    "R9", "Device:R", "10k2 0.1%", "Resistor_SMD:R_0603_1608Metric_Pad0.98x0.95mm_HandSolder",
    "RT0603BRD0710K2L", "Yageo", "Panasonic ERA-3AEB1022V",
    "no jumper: 1.23 V * (1 + 200 k / 10.2 k) = 25.3 V for a mark of 24 V",
)  # fmt: skip
PARTS.resistor("R10", "120k", "jumper 26: VS 27.4 V")
PARTS.resistor("R11", "20k5", "jumper 36: VS 37.3 V")
PARTS.capacitor(
    "C11", "100p", C0603, "CC0603JRNPO9BN101", "Yageo", "Murata GRM1885C1H101JA01D",
    "lead in the feedback: zero at 8 kHz with R8, as U3's data sheet asks",
)  # fmt: skip
PARTS.row(
    "J2", "Connector_Generic:Conn_02x02_Odd_Even", "Mark",
    "Connector_PinHeader_2.54mm:PinHeader_2x02_P2.54mm_Vertical", "61300421121",
    "Wuerth Elektronik", "Samtec TSW-102-07-G-D",
    "no jumper 24 V, left 26 V, right 36 V; a jumper that falls off lowers the mark",
)  # fmt: skip

# -- modulator ------------------------------------------------------------------------------------
PARTS.row(
    "R12", "Device:R", "10k", "Resistor_SMD:R_1206_3216Metric_Pad1.30x1.75mm_HandSolder",
    "RC1206FR-0710KL", "Yageo", "Panasonic ERJ-8ENF1002V",
    "the swing is Q5's current through it; 0.15 W while the bus is switched off",
)  # fmt: skip
_SOT23 = "Package_TO_SOT_SMD:SOT-23"
PARTS.row(
    "Q1 Q3 Q5 Q6", "Transistor_BJT:BC846", "BC846B", _SOT23, "BC846B,215", "Nexperia",
    "onsemi BC846BLT1G",
    "65 V. Q1 drives Q2; Q3 limits at 100 mA until the trip; Q5 is the modulator's current; Q6 "
    "switches the bus off",
)  # fmt: skip
PARTS.row(
    "Q2", "Transistor_BJT:BCP56", "BCP56-16", "Package_TO_SOT_SMD:SOT-223",
    "BCP56-16,115", "Nexperia", "onsemi BCP56-16T1G",
    "the bus's follower: 80 V; 0.8 W at 36 V and 30 mA of load while in space, on a pour",
)  # fmt: skip
PARTS.row(
    "Q4", "Transistor_BJT:BC856", "BC856B", _SOT23, "BC856B,215", "Nexperia", "onsemi BC856BLT1G",
    "pulls the bus down to a space: without it 10 nF would wait for the load",
)  # fmt: skip
PARTS.row(
    "D5 D6", "Device:D", "1N4148W", "Diode_SMD:D_SOD-123", "1N4148W-7-F", "Diodes Incorporated",
    "Vishay 1N4148W-E3-08", "hold Q4's base two diodes below Q1's: both never conduct at once",
)  # fmt: skip
PARTS.row(
    "R13 R19", "Device:R", "6R8", "Resistor_SMD:R_0603_1608Metric_Pad0.98x0.95mm_HandSolder",
    "RC0603FR-076R8L", "Yageo", "Vishay CRCW06036R80FKEA",
    "R13: Q3 limits at 0.65 V / 6.8 = 95 mA; R19: 30 mA drop 204 mV for the trip",
)  # fmt: skip
PARTS.resistor("R14", "10k", "empties Q2's base")
PARTS.resistor("R15", "100", "Q4's most: 0.1 A")
PARTS.resistor("R16", "2k32", "Q5: (3.3 V - 0.65 V) / 2.32 k = 1.13 mA, 11.3 V at R12")
PARTS.resistor("R17", "10k", "Q6's base: 0.4 mA")
PARTS.resistor("R18", "33k", "settles the bus without a load; not through R19")
PARTS.row(
    "D7", "Device:D_TVS", "SMAJ40CA", "Diode_SMD:D_SMA", "SMAJ40CA", "Littelfuse",
    "Bourns SMAJ40CA", "ESD; breaks down at 44.4 V or more, the mark is 37.8 V at the most",
)  # fmt: skip
PARTS.row(
    "J3", "Connector:RJ45", "HAN port", "Connector_RJ:RJ45_Amphenol_54602-x08_Horizontal",
    "54602-908LF", "Amphenol ICC", "none: sole source",
    "as a meter's HAN-NVE: pin 1 bus +, pin 2 return",
)  # fmt: skip
PARTS.row(
    "J4", "Connector_Generic:Conn_01x02", "Bus",
    "TerminalBlock_Phoenix:TerminalBlock_Phoenix_PT-1,5-2-3.5-H_1x02_P3.50mm_Horizontal",
    "1984617", "Phoenix Contact", "Wuerth Elektronik 691214110002", "the bus on screws",
)  # fmt: skip

# -- trip -----------------------------------------------------------------------------------------
PARTS.row(
    "U4", "kwhisper:LM393", "LM393", "Package_SO:SOIC-8_3.9x4.9mm_P1.27mm", "LM393DR",
    "Texas Instruments", "onsemi LM393DR2G",
    "A: is the current above the limit? B: has it been for 50 us?",
)  # fmt: skip
PARTS.row(
    "U5", "Timer:TLC555xD", "TLC555", "Package_SO:SOIC-8_3.9x4.9mm_P1.27mm", "TLC555CDR",
    "Texas Instruments", "Renesas ICM7555CBAZ",
    "keeps the bus off for a minute; CMOS: R27 is 5.6 M",
)  # fmt: skip
PARTS.resistor("R20", "1k", "with C12 1 us: no spike is a trip")
PARTS.capacitor(
    "C12 C13", "1n", C0603, "CC0603KRX7R9BB102", "Yageo", "Samsung CL10B102KB8NNNC",
    "C13: with R21 the 50 us until U4 B turns",
)  # fmt: skip
PARTS.resistor("R21", "47k", "1.15 * 47 k * 1 nF = 54 us from the excess to the trip")
PARTS.resistor("R22", "10k", "U4 B's collector")
PARTS.resistor("R23", "47k", "divider of 3.3 V: 2.25 V for the time")
PARTS.resistor("R24", "91k", "and below it")
PARTS.resistor("R25", "10k", "223 mV for the current: 32.8 mA in R19")
PARTS.resistor("R26", "100k", "with C16 0.1 s: no trip while the supplies rise")
PARTS.capacitor(
    "C16", "1u", C0603, "CL10B105KA8NNNC", "Samsung", "Yageo CC0603KRX7R8BB105",
    "U5's reset at power-up",
)  # fmt: skip
PARTS.capacitor(
    "C17", "10n", C0603, "CC0603KRX7R9BB103", "Yageo", "Samsung CL10B103KB8NNNC", "U5's CONT",
)  # fmt: skip
PARTS.resistor("R27", "5M6", "1.1 * 5.6 M * 10 uF = 62 s")
PARTS.bulk("C18", "the minute; ceramic: an electrolytic would leak as much as R27 gives")
PARTS.resistor("R28", "2k2", "LED at 1.4 mA")
PARTS.led("D8", "red", "tripped: the bus is off")

# -- no part to buy -------------------------------------------------------------------------------
TEST_POINTS = {
    "TP1": "VS", "TP2": "BUS_P", "TP3": "BUS_N", "TP4": "GND", "TP5": "TXD", "TP6": "TRIP",
    "TP7": "+3V3",
}  # fmt: skip
PARTS.test_points(TEST_POINTS)
PARTS.holes(4)
