"""Every part of the board, one row each: what it is, why it has its value, who makes it and who
else does.

The schematic, the layout, the simulations, the BOM and the tests all read their values from here.
"""

import bus
from rows import C0603, C1206, Parts

PARTS = Parts()
_SOCKET = "Connector_PinSocket_2.54mm:PinSocket_1x{:02}_P2.54mm_Vertical"
_TERMINAL = "TerminalBlock_Phoenix:TerminalBlock_Phoenix_PT-1,5-3-3.5-H_1x03_P3.50mm_Horizontal"

# -- bus side: for two unit loads, on its own ground ----------------------------------------------
bus.parts(PARTS, {"J1": "HAN port", "J2": "HAN on"}, "13k",
          "RIDD for two unit loads: 25 * 1.28 V / 13 k = 2.46 mA, of which U1 keeps 0.65 at the "
          "most and the LED's 1.5 remain")  # fmt: skip

# -- across the gap -------------------------------------------------------------------------------
PARTS.row(
    "Q1 Q2", "Transistor_BJT:BC846", "BC846B", "Package_TO_SOT_SMD:SOT-23", "BC846B,215",
    "Nexperia", "onsemi BC846BLT1G",
    "Q1 a current for the LED, whatever STC does, from TXI's 3.3 V and R5: 8 uA of base current "
    "where TX gives 0.1 mA at the most; Q2 the open collector",
)  # fmt: skip
PARTS.resistor("R5", "1k6", "LED's current: (3.3 - 0.65) V / 1k6 = 1.65 mA while the bus is at "
               "space, none at rest")  # fmt: skip
PARTS.resistor("R27", "2k7", "with C11: half as much LED current again for the first 18 us of a "
               "space, which charges U2's base")  # fmt: skip
PARTS.capacitor(
    "C11", "6n8", C0603, "CC0603KRX7R9BB682", "Yageo", "Samsung CL10B682KB8NNNC",
    "18 nC a space: a coupler of weak light begins sooner; more would fool the peak of a fast one",
)  # fmt: skip
PARTS.row(
    "U2", "Isolator:LTV-817M", "LTV-817M", "kwhisper:DIP-4_W10.16mm_slot", "LTV-817M", "Lite-On",
    "Everlight EL817M",
    "optocoupler with wide legs: 8.5 mm of board between its pads; any rank, 50 to 600 %",
)  # fmt: skip
PARTS.resistor("R6", "330", "U2's emitter: 0.1 V at its least current, 3 V at its most; small, so "
               "that its collector's capacitance hardly slows it")  # fmt: skip

# -- receiver: half of the peak decides, so the optocoupler's current hardly matters --------------
PARTS.row(
    "U3", "kwhisper:LM393", "MCP6567", "Package_SO:SOIC-8_3.9x4.9mm_P1.27mm", "MCP6567-E/SN",
    "Microchip", "none: sole source",
    "two comparators: 10 mV of offset, inputs from rail to rail that take 1 pA, open drains",
)  # fmt: skip
PARTS.resistor("R7", "4k7", "charges C4 to the peak within a bit of 9600 baud: 47 us")
PARTS.row(
    "D4", "Device:D", "1N4148W", "Diode_SMD:D_SOD-123", "1N4148W-7-F", "Diodes Incorporated",
    "Vishay 1N4148W-E3-08",
    "keeps the peak: silicon, because a Schottky diode would leak C4 empty at 60 degrees",
)  # fmt: skip
PARTS.capacitor(
    "C4", "10n", C0603, "CC0603KRX7R9BB103", "Yageo", "Samsung CL10B103KB8NNNC",
    "the peak, kept for 20 ms by R8 and R9: ten bits of 2400 baud without a space take 4 ms",
)  # fmt: skip
PARTS.resistor("R8 R9", "1M", "half of the peak, with R10 and R11's 23 mV below it")
PARTS.resistor("R10", "47k", "23 mV at R9's foot, with R11: least threshold")
PARTS.resistor("R11", "330", "23 mV at R9's foot: above U3's offset, below a quarter of the least "
               "signal")  # fmt: skip
PARTS.resistor("R12", "4k7", "Q2's base current 0.55 mA: 10 mA at its collector are still on")
PARTS.resistor("R13", "2k2", "DATA's pull-up to 3.3 or 5 V (JP4)")
PARTS.resistor("R14", "470", "between DATA and the Uno: a pin set as output harms nothing")
PARTS.row(
    "D5", "Diode:BAT54C", "BAT54C", "Package_TO_SOT_SMD:SOT-23", "BAT54C,215", "Nexperia",
    "onsemi BAT54CLT1G",
    "DATA pulls both options down and is pulled by neither: 5 V never reach them, and an "
    "unpowered one is no load",
)  # fmt: skip
PARTS.bypass("C5 C6 C9", "bypass: C5 U3, C6 U4, C9 U5")
PARTS.bulk("C7", "3.3 V, at the header")

# -- the Uno's headers ----------------------------------------------------------------------------
PARTS.row(
    "J3 J5", "Connector_Generic:Conn_01x08", {"J3": "POWER", "J5": "D0-D7"}, _SOCKET.format(8),
    "SSQ-108-03-G-S", "Samtec", "none: sole source",
    "Uno header with long legs: plugs in below, takes a shield above",
)  # fmt: skip
PARTS.row(
    "J4", "Connector_Generic:Conn_01x06", "A0-A5", _SOCKET.format(6), "SSQ-106-03-G-S", "Samtec",
    "none: sole source", "Uno header; nothing is wired, it holds the shield",
)  # fmt: skip
PARTS.row(
    "J6", "Connector_Generic:Conn_01x10", "D8-SCL", _SOCKET.format(10), "SSQ-110-03-G-S",
    "Samtec", "none: sole source", "Uno header; SDA and SCL for the display",
)  # fmt: skip
PARTS.row(
    "J7", "Connector_Generic:Conn_01x04", "I2C", _SOCKET.format(4), "SSQ-104-01-G-S", "Samtec",
    "none: sole source", "display: ground, 3.3 V, SCL, SDA, the order of the common OLED modules",
)  # fmt: skip
PARTS.resistor("R15 R16", "4k7", "I2C pull-ups to 3.3 V")
PARTS.button("SW1", "SETUP", "D3 to ground, the set-up button")
PARTS.resistor("R17", "10k", "SW1's pull-up")
PARTS.resistor("R18", "2k2", "LED at 0.4 mA (its green takes 2.6 V)")
PARTS.led("D2", "green", "status, D6 low lights it")

# -- output and RS-485 ----------------------------------------------------------------------------
PARTS.row(
    "J8 J9", "Connector:Screw_Terminal_01x03", {"J8": "OUT", "J9": "RS-485"}, _TERMINAL,
    "1984620", "Phoenix Contact", "none: sole source",
    "J8: pull-up's rail, DATA, ground; J9: A, B, ground",
)  # fmt: skip
PARTS.row(
    "U4", "Interface_UART:SP3485EN", "SP3485EN", "Package_SO:SOIC-8_3.9x4.9mm_P1.27mm",
    "SP3485EN-L/TR", "MaxLinear", "Analog Devices MAX3485ESA",
    "RS-485 option: sends what the meter sends, always; 3.3 V",
)  # fmt: skip
PARTS.resistor("R19", "10k", "U4's input, high at rest")
PARTS.resistor("R20", "120", "end of the RS-485 line, by JP8")
PARTS.row(
    "D6", "Diode:SM712_SOT23", "SM712", "Package_TO_SOT_SMD:SOT-23", "SM712-02HTG", "Littelfuse",
    "Semtech SM712.TCT", "surge and ESD of the RS-485 line: -7 to 12 V",
)  # fmt: skip

# -- USB ------------------------------------------------------------------------------------------
PARTS.usb("J10", "U6", "R21 R22")
PARTS.row(
    "F2", "Device:Polyfuse", "0.5A 15V", "Fuse:Fuse_1812_4532Metric_Pad1.30x3.40mm_HandSolder",
    "MF-MSMF050-2", "Bourns", "Littelfuse 1812L050PR",
    "keeps a fault of the board off the computer",
)  # fmt: skip
PARTS.regulator("U7")
PARTS.bulk("C8", "U7's input")
PARTS.capacitor(
    "C10", "22u", C1206, "CL31A226KAHNNNE", "Samsung", "Murata GRM31CR61E226KE15L", "U7's output",
)  # fmt: skip
PARTS.row(
    "U5", "Interface_USB:MCP2221AxSL", "MCP2221A", "Package_SO:SOIC-14_3.9x8.7mm_P1.27mm",
    "MCP2221A-I/SL", "Microchip", "none: sole source",
    "USB option: the meter as a serial port of a computer; lives on USB alone, so it feeds no "
    "port that is unplugged",
)  # fmt: skip
PARTS.resistor("R23 R24 R25 R26", "10k", "U5: input at rest, reset, unused SDA and SCL high")

# -- no part to buy -------------------------------------------------------------------------------
bus.cii(PARTS, "JP1 JP2")
_THREE = "Jumper:SolderJumper-3_P1.3mm_Bridged12_RoundedPad1.0x1.5mm"
PARTS.row("JP3", "Jumper:SolderJumper_3_Bridged12", "UNO/USB", _THREE, bom=False,
          why="where 3.3 V come from: the Uno (1-2) or, without one, USB (2-3)")  # fmt: skip
PARTS.row("JP4", "Jumper:SolderJumper_3_Bridged12", "3V3/5V", _THREE, bom=False,
          why="where DATA is pulled up to: 3.3 V (1-2) or the Uno's 5 V (2-3)")  # fmt: skip
PARTS.jumper("JP5", "D5", True, "DATA to D5: GPIO16 of an ESP32 of Uno's form")
PARTS.jumper("JP6", "D0", False, "DATA to D0: an Uno's own UART")
PARTS.jumper("JP7", "D7", False, "DATA to D7: a Wemos D1's GPIO13, an Uno's software UART")
PARTS.jumper("JP8", "120R", False, "RS-485: close it at the line's end")
TEST_POINTS = {"TP1": "STC", "TP2": "TXI", "TP3": "BUS_GND", "TP4": "OPTO", "TP5": "DATA",
               "TP6": "+3V3", "TP7": "GND"}  # fmt: skip
PARTS.test_points(TEST_POINTS)
PARTS.holes(2)
