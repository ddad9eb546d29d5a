"""Every part of the board, one row each: what it is, why it has its value, who makes it and who
else does.

The schematic, the layout, the simulations, the BOM and the tests all read their values from here.
"""

from rows import C0603, C1206, R0603, Parts, panasonic

PARTS = Parts()


def _precise(ref, value, why):
    """A 0.1 % chip resistor 0603, 25 ppm."""
    PARTS.row(ref, "Device:R", f"{value} 0.1%", R0603, f"RT0603BRD07{value.upper()}L", "Yageo",
              f"Panasonic ERA-3AEB{panasonic(value)}V", why)  # fmt: skip


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
    "Q1 Q4", "Transistor_BJT:BC846", "BC846B", "Package_TO_SOT_SMD:SOT-23", "BC846B,215",
    "Nexperia", "onsemi BC846BLT1G",
    "Q1 draws Q2's base current, none before U5 works; Q4 pulls Q3's gate down",
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
    "R1", "Device:R", "1R5", "Resistor_SMD:R_1206_3216Metric_Pad1.30x1.75mm_HandSolder",
    "RC1206FR-071R5L", "Yageo", "Vishay CRCW12061R50FKEA",
    "senses the limiter's current: 0.33 V at 220 mA",
)  # fmt: skip
PARTS.row(
    "U5 U6", "Amplifier_Operational:MCP6001-OT", "MCP6001", "Package_TO_SOT_SMD:SOT-23-5",
    "MCP6001T-I/OT", "Microchip", "Texas Instruments TLV9001IDBVR",
    "U5 holds R1's drop at the reference, U6 both cells at half; rail to rail, 4.5 mV",
)  # fmt: skip
PARTS.row(
    "D4", "Reference_Voltage:LM4040DBZ-2.5", "LM4040-2.5", "Package_TO_SOT_SMD:SOT-23",
    "LM4040AIM3-2.5/NOPB", "Texas Instruments", "Analog Devices LM4040AIM3-2.5+T",
    "reference under VIN: 0.75 % over temperature",
)  # fmt: skip
_precise("R15", "1k58", "with R16: 2.5 V * 1.58 / 11.78 = 0.335 V, so 220 mA; 0.1 %")
_precise("R16", "10k2", "see R15")
PARTS.resistor("R17", "3k3", "D4's current: 0.3 mA or more besides R15 and R16")
PARTS.resistor("R18", "5k1", "with R19: takes 3.8 % of what lies over Q2 off the limit")
PARTS.resistor("R19", "130k", "folds the limit back to 100 mA into a short: Q2 stands it for ever")
PARTS.resistor("R2", "1k", "between U5 and Q1's base")
PARTS.resistor("R20", "820", "Q1's emitter: 3.7 mA for Q2's base, enough at its least gain")
PARTS.row(
    "Q2", "Transistor_BJT:BCP53", "BCP53-16", "kwhisper:SOT-223_short_print", "BCP53-16,115",
    "Nexperia", "onsemi BCP53-16T1G", "pass transistor; full on but while the store charges",
)  # fmt: skip
PARTS.row(
    "C1 C2", "Device:C_Polarized", "1F 3V", "Capacitor_THT:CP_Radial_D8.0mm_P3.50mm",
    "SCCR12E105SRB", "Kyocera AVX", "Vinatech VEC3R0105QG",
    "store: two in series 0.5 F, 6 V; -10/+30 %; 13.5 mm high",
)  # fmt: skip
PARTS.row(
    "C9", "Device:C_Polarized", "470u 6.3V",
    "Capacitor_Tantalum_SMD:CP_EIA-7343-31_Kemet-D_HandSolder",
    "6TPE470MI", "Panasonic", "none: sole source",
    "polymer, 18 milliohms: WiFi's edges, which the cells' 0.2 ohm each would pass on",
)  # fmt: skip
PARTS.resistor("R21 R22", "100k", "half of the store's voltage for U6")
PARTS.resistor("R23", "47", "U6 moves what one cell holds more than the other; keeps U6 stable")
PARTS.regulator("U3")
PARTS.bulk("C3", "U3's input")
PARTS.capacitor(
    "C4 C5", "22u", C1206, "CL31A226KAHNNNE", "Samsung", "Murata GRM31CR61E226KE15L",
    "C4 U3's output, C5 the module's edges (Espressif asks 10 uF or more)",
)  # fmt: skip
PARTS.bypass("C6 C7 C10 C12", "bypass of U1, the module, U5, U7; U6 has C9")

# -- USB ------------------------------------------------------------------------------------------
PARTS.usb("J3", "U2", "R8 R9")

# -- ESP32 ----------------------------------------------------------------------------------------
PARTS.module("U4")
PARTS.row(
    "U7", "Power_Supervisor:TPS3808DBV", "TPS3808G01", "Package_TO_SOT_SMD:SOT-23-6",
    "TPS3808G01DBVR", "Texas Instruments", "Diodes Incorporated PT7M3808G01TAEX",
    "holds EN until the store carries a start of WiFi, lets go above the module's brown-out",
)  # fmt: skip
PARTS.resistor("R24", "215k", "supervisor, upper: the store's voltage")
PARTS.resistor("R25", "26k1", "supervisor, lower: with R24 and R26 on at 3.83 V, off at 3.15 V")
PARTS.resistor("R26", "1M", "supervisor, hysteresis of 0.68 V")
PARTS.resistor("R10", "47k", "EN pull-up; small against R26")
PARTS.capacitor(
    "C8 C11", "1u", C0603, "CL10B105KA8NNNC", "Samsung", "Yageo CC0603KRX7R8BB105",
    "C8 EN rises after the supply, as Espressif asks; C11 lets the limit rise from nothing",
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
