"""Every part of the board, one row each: what it is, why it has its value, who makes it and who
else does.

The schematic, the layout, the simulations, the BOM and the tests all read their values from here.
"""

from rows import C0603, C1206, Parts

PARTS = Parts()

# -- port -----------------------------------------------------------------------------------------
PARTS.row(
    "J1 J2", "Connector:6P6C", {"J1": "P1 in", "J2": "P1 on"},
    "Connector_RJ:RJ12_Amphenol_54601-x06_Horizontal", "54601-906WPLF", "Amphenol ICC",
    "none: sole source",
    "P1: 1 5 V, 2 request, 3 and 6 ground, 5 data; pin 4 stays open, so 34 V of a CII plug on 3 "
    "and 4 find no way",
)  # fmt: skip
PARTS.jumper("JP1", "5V on", False,
             "closed: J2 hands the meter's 5 V on; its 250 mA are then for both")  # fmt: skip
PARTS.row(
    "Q3", "Transistor_FET:IRLML6402", "IRLML6402", "Package_TO_SOT_SMD:SOT-23", "IRLML6402TRPBF",
    "Infineon", "Diodes Incorporated DMP2035U-7", "request: the meter's own 5 V onto pin 2",
)  # fmt: skip
PARTS.row(
    "Q4", "Transistor_BJT:BC846", "BC846B", "Package_TO_SOT_SMD:SOT-23", "BC846B,215", "Nexperia",
    "onsemi BC846BLT1G", "pulls Q3's gate down",
)  # fmt: skip
PARTS.resistor("R3", "10k", "Q3's gate: off without the module's will")
PARTS.resistor("R4", "10k", "Q4's base from 3.3 V: the meter sends without firmware's help")
PARTS.resistor("R5", "1k", "GPIO5 low takes Q4's base away: no request")
PARTS.resistor("R6", "680", "data's pull-up: 4.9 mA, P1 allows 5; quick edges over 3 m")
PARTS.resistor("R7", "470", "before U1's input")
PARTS.row(
    "U1", "74xGxx:SN74LVC1G14DBV", "SN74LVC1G14", "Package_TO_SOT_SMD:SOT-23-5",
    "SN74LVC1G14DBVR", "Texas Instruments", "Nexperia 74LVC1G14GV,125",
    "data come inverted; a Schmitt input that stands 5.5 V",
)  # fmt: skip

# -- supply ---------------------------------------------------------------------------------------
PARTS.schottky("D1 D2", "either source, and no way back to the other: 0.35 V")
PARTS.row(
    "R1", "Device:R", "3R4", "Resistor_SMD:R_1206_3216Metric_Pad1.30x1.75mm_HandSolder",
    "RC1206FR-073R4L", "Yageo", "Vishay CRCW12063R40FKEA",
    "limit: 0.62 V / 3.4 = 182 mA; below the port's 250 mA in every corner",
)  # fmt: skip
PARTS.resistor("R2", "1k2", "Q2's base: 3 mA, enough at its least gain")
PARTS.row(
    "Q1", "Transistor_BJT:BC857", "BC857C", "Package_TO_SOT_SMD:SOT-23", "BC857C,215", "Nexperia",
    "onsemi BC857CLT1G", "senses the drop over R1 and steals Q2's base current",
)  # fmt: skip
PARTS.row(
    "Q2", "Transistor_BJT:BCP53", "BCP53-16", "kwhisper:SOT-223_short_print", "BCP53-16,115",
    "Nexperia", "onsemi BCP53-16T1G", "pass transistor; full on but while the store charges",
)  # fmt: skip
PARTS.row(
    "C1 C2", "Device:C_Polarized", "470u 10V", "Capacitor_SMD:CP_Elec_8x10",
    "EEE-FK1A471P", "Panasonic", "Nichicon UCD1A471MNL1GS",
    "carry WiFi's peaks, which pass what the limiter lets through; 10.2 mm high",
)  # fmt: skip
PARTS.regulator("U3")
PARTS.bulk("C3", "U3's input")
PARTS.capacitor(
    "C4 C5", "22u", C1206, "CL31A226KAHNNNE", "Samsung", "Murata GRM31CR61E226KE15L",
    "C4 U3's output, C5 the module's edges (Espressif asks 10 uF or more)",
)  # fmt: skip
PARTS.bypass("C6 C7", "bypass of U1 and at the module's pin")

# -- USB ------------------------------------------------------------------------------------------
PARTS.usb("J3", "U2", "R8 R9")

# -- ESP32 ----------------------------------------------------------------------------------------
PARTS.module("U4")
PARTS.resistor("R10", "47k", "EN pull-up, with C8 50 ms: the store is charged by then")
PARTS.capacitor(
    "C8", "1u", C0603, "CL10B105KA8NNNC", "Samsung", "Yageo CC0603KRX7R8BB105",
    "EN rises after the supply, as Espressif asks",
)  # fmt: skip
PARTS.resistor("R11 R12 R13", "10k", "straps GPIO2, GPIO8, GPIO9 high: start from flash")
PARTS.button("SW1", "BOOT", "GPIO9, the set-up button")
PARTS.button("SW2", "RESET", "EN to ground")
PARTS.resistor("R14", "2k2", "LED at 0.4 mA (its green takes 2.6 V)")
PARTS.led("D3", "green", "status")

# -- no part to buy -------------------------------------------------------------------------------
TEST_POINTS = {"TP1": "VST", "TP2": "P1_RX", "TP3": "+3V3", "TP4": "GND"}
PARTS.test_points(TEST_POINTS)
PARTS.holes(2)
