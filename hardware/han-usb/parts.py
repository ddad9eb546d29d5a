"""Every part of the board, one row each: what it is, why it has its value, who makes it and who
else does.

The schematic, the layout, the simulations, the BOM and the tests all read their values from here.
"""

from rows import C0603, C1206, Parts

PARTS = Parts()

# -- bus: as on han-selfpowered -------------------------------------------------------------------
PARTS.row(
    "J1", "Connector:RJ45", "HAN port", "Connector_RJ:RJ45_Amphenol_54602-x08_Horizontal",
    "54602-908LF", "Amphenol ICC", "none: sole source",
    "RJ45 of HAN-NVE: pin 1 bus +, pin 2 return; U1 takes either polarity",
)  # fmt: skip
PARTS.row(
    "F1", "Device:Polyfuse", "0.14A 60V", "Fuse:Fuse_1812_4532Metric_Pad1.30x3.40mm_HandSolder",
    "MF-MSMF014-2", "Bourns", "Littelfuse 1812L014DR",
    "opens if D1 fails short; holds 140 mA, 60 V against the bus's 42 V",
)  # fmt: skip
PARTS.row(
    "D1", "Device:D_TVS", "SMAJ40CA", "Diode_SMD:D_SMA", "SMAJ40CA", "Littelfuse",
    "Bourns SMAJ40CA",
    "breaks down at 44.4 V or more, above the bus's 42 V; lets 64.5 V pass in a surge",
)  # fmt: skip
PARTS.row(
    "D3", "Device:D_TVS", "SMAJ36CA", "Diode_SMD:D_SMA", "SMAJ36CA", "Littelfuse",
    "Bourns SMAJ36CA",
    "breaks down at 40.0 to 44.2 V: 46 V at the most in a surge and heat, below U1's 50 V",
)  # fmt: skip
PARTS.row(
    "U1", "kwhisper:TSS721A", "TSS721A", "Package_SO:SOIC-16_3.9x9.9mm_P1.27mm", "TSS721ADR",
    "Texas Instruments", "onsemi NCN5150DR2G",
    "M-Bus slave: adaptive threshold, one unit load; C1, C3 suit both makers",
)  # fmt: skip
PARTS.row(
    "R1 R2", "Device:R", "220", "Resistor_SMD:R_0805_2012Metric_Pad1.20x1.40mm_HandSolder",
    "RC0805FR-07220RL", "Yageo", "Vishay CRCW0805220RFKEA",
    "data sheet's bus resistors; 0805 for the surge they take with D3",
)  # fmt: skip
PARTS.resistor("R3", "30k", "RIDD for one unit load: I_STC = 25 * 1.28 V / 30 k = 1.07 mA")
PARTS.resistor("R4", "100", "RIS, the data sheet's least value; sending is not used")
PARTS.capacitor(
    "C1", "22u", C1206, "CL31A226KAHNNNE", "Samsung", "Murata GRM31CR61E226KE15L",
    "STC store: 22 times C3 (TSS721A asks 4), 14 uF left at 7 V (NCN5150 asks 10)",
)  # fmt: skip
PARTS.capacitor(
    "C2", "220n 100V", C1206, "C1206C224K1RACTU", "KEMET", "TDK C3216X7R2A224K115AA",
    "SC holds the mark level: 100 V part keeps more than 150 nF at 42 V",
)  # fmt: skip
PARTS.capacitor(
    "C3", "1u", C0603, "CL10B105KA8NNNC", "Samsung", "Yageo CC0603KRX7R8BB105",
    "VDD: TSS721A wants 100 nF or more, NCN5150 1 uF to be stable",
)  # fmt: skip
PARTS.resistor("R5", "1k", "between U1's TX and the GPIO: a pin set as output harms nothing")

# -- USB and 3.3 V --------------------------------------------------------------------------------
PARTS.usb("J2", "U2", "R6 R7")
PARTS.row(
    "F2", "Device:Polyfuse", "0.5A 15V", "Fuse:Fuse_1812_4532Metric_Pad1.30x3.40mm_HandSolder",
    "MF-MSMF050-2", "Bourns", "Littelfuse 1812L050PR",
    "keeps a fault of the board off charger and computer; holds 0.5 A against peaks of 0.35 A",
)  # fmt: skip
PARTS.regulator("U3")
PARTS.bulk("C4", "5 V: U3's own, and what WiFi's peaks take first")
PARTS.capacitor(
    "C5 C6", "22u", C1206, "CL31A226KAHNNNE", "Samsung", "Murata GRM31CR61E226KE15L",
    "C5 U3's output, C6 the module's edges (Espressif asks 10 uF or more)",
)  # fmt: skip
PARTS.bypass("C7", "bypass at the module's pin")

# -- ESP32 ----------------------------------------------------------------------------------------
PARTS.module("U4")
PARTS.resistor("R8", "10k", "EN pull-up, with C8 10 ms: USB's 5 V are there by then")
PARTS.capacitor(
    "C8", "1u", C0603, "CL10B105KA8NNNC", "Samsung", "Yageo CC0603KRX7R8BB105",
    "EN rises after the supply, as Espressif asks",
)  # fmt: skip
PARTS.resistor("R9 R10 R11", "10k", "straps GPIO2, GPIO8, GPIO9 high: start from flash")
PARTS.button("SW1", "BOOT", "GPIO9, the set-up button")
PARTS.button("SW2", "RESET", "EN to ground")
PARTS.resistor("R12", "2k2", "LED at 0.4 mA (its green takes 2.6 V)")
PARTS.led("D2", "green", "status")

# -- no part to buy -------------------------------------------------------------------------------
PARTS.jumper("JP1 JP2", "CII", False,
             "both closed: a customer interface on RJ12 pins 3 and 4 (Austria, Switzerland), "
             "which touch J1's 4 and 5")  # fmt: skip
TEST_POINTS = {"TP1": "STC", "TP2": "HAN_RX", "TP3": "+3V3", "TP4": "GND"}
PARTS.test_points(TEST_POINTS)
PARTS.holes(3)
