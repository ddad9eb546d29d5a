"""Every part of the board, one row each: what it is, why it has its value, who makes it and who
else does.

The schematic, the layout, the simulations, the BOM and the tests all read their values from here.
"""

import bus
from rows import C0603, C1206, Parts

PARTS = Parts()

# -- bus ------------------------------------------------------------------------------------------
bus.parts(PARTS, {"J1": "HAN port"}, "30k",
          "RIDD for one unit load: I_STC = 25 * 1.28 V / 30 k = 1.07 mA")  # fmt: skip
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
bus.cii(PARTS, "JP1 JP2")
TEST_POINTS = {"TP1": "STC", "TP2": "HAN_RX", "TP3": "+3V3", "TP4": "GND"}
PARTS.test_points(TEST_POINTS)
PARTS.holes(3)
