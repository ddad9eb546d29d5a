"""Draw the sheet of han-isolated: the bus side and the gap above, the logic side below, a frame
for each function."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "workshop"))

import bus  # noqa: E402
import usbc  # noqa: E402
from parts import PARTS, TEST_POINTS  # noqa: E402
from sheet import Sheet  # noqa: E402

TITLE, REVISION, DATE = "kWhisper han-isolated", "A", "2026-11-26"
BUS_POINTS = ("TP1", "TP2", "TP3")


def port(s):
    s.block("HAN in and on (bus side)", 10, 10, 96, 80)
    for ref, y in (("J1", 26), ("J2", 56)):
        bus.jack(s, (14, y), ref)
    bus.port(s, (58, 20))


def receiver(s):
    s.block("M-Bus receiver, two unit loads (bus side)", 110, 10, 104, 80)
    bus.receiver(s, (56, 38), "BUS_GND", unused=(8, 5))
    s.label("RIS", (51, 53))
    s.hang("U1", {9: "TSS_VDD", 12: "TSS_VDD", 7: "TXI"}, 3)


def crossing(s):
    s.block("Across the gap of 6 mm", 218, 10, 102, 80)
    s.add("Q1", 30, 40)
    s.hang("Q1", {1: "TXI"}, 3)
    s.add("R5", 32, 54)
    s.wire(s.pin("Q1", 2), s.pin("R5", 1))
    s.hang("R5", {2: "BUS_GND"})
    s.wire((32, 48), (44, 48))
    s.label("LED_E", (34, 48))
    s.add("R27", 44, 54)
    s.wire((44, 48), s.pin("R27", 1))
    s.add("C11", 44, 64)
    s.wire(s.pin("R27", 2), s.pin("C11", 1))
    s.label("KICK", (44, 59))
    s.hang("C11", {2: "BUS_GND"})
    s.add("U2", 48, 28, ref_at=(-4, -5), value_at=(-4, 5))
    s.hang("U2", {1: "STC"}, 3)
    s.wire(s.pin("U2", 2), (32, 30), s.pin("Q1", 3))
    s.label("LED_K", (34, 30))
    s.wire(s.pin("U2", 4), (58, 26), (58, 20))
    s.power("+3V3", (58, 20))
    s.add("R6", 64, 40)
    s.wire(s.pin("U2", 3), (64, 30), s.pin("R6", 1))
    s.wire((64, 30), (76, 30))
    s.label("OPTO", (76, 30))
    s.hang("R6", {2: "GND"})
    s.text("LED on while the bus is at space", 8, 76)
    for index, ref in enumerate(BUS_POINTS):
        s.add(ref, 74, 50 + 7 * index, turn=90, ref_at=(-7.5, 0), value_at=False)
        s.hang(ref, {1: TEST_POINTS[ref]}, 4)
    s.power("PWR_FLAG", (92, 34))
    s.wire((92, 34), (92, 40), (84, 40))
    s.label("BUS_GND", (84, 40), "left")


def slicer(s):
    s.block("Half of the peak decides", 10, 94, 118, 66)
    s.add("U3", 36, 32, ref_at=(-6, -9), value_at=(2, -9))
    s.hang("U3", {3: "OPTO", 2: "PEAK", 5: "OPTO", 6: "HALF"}, 3)
    s.wire(s.pin("U3", 8), (36, 18))
    s.power("+3V3", (36, 18))
    s.hang("U3", {4: "GND"})
    s.add("C5", 14, 16)
    s.hang("C5", {1: "+3V3", 2: "GND"})
    s.add("R7", 52, 20)
    s.hang("R7", {1: "+3V3"})
    s.wire(s.pin("U3", 1), (52, 28), s.pin("R7", 2))
    s.add("D4", 61, 28, turn=180, ref_at=(-2, -2.4), value_at=(-4, 2.8))
    s.wire((52, 28), s.pin("D4", 2))
    s.label("PEAK_D", (52.5, 28))
    s.wire(s.pin("D4", 1), (72, 28), (84, 28))
    s.label("PEAK", (84, 28))
    s.add("C4", 72, 34)
    s.wire((72, 28), s.pin("C4", 1))
    s.hang("C4", {2: "GND"})
    s.add("R8", 94, 20)
    s.hang("R8", {1: "PEAK"})
    s.add("R9", 94, 34)
    s.wire(s.pin("R8", 2), s.pin("R9", 1))
    s.wire((94, 27), (106, 27))
    s.label("HALF", (106, 27))
    s.add("R10", 106, 40)
    s.hang("R10", {1: "+3V3"})
    s.add("R11", 106, 52)
    s.wire(s.pin("R10", 2), s.pin("R11", 1))
    s.wire(s.pin("R9", 2), (94, 46), (106, 46))
    s.label("FOOT", (96, 46))
    s.hang("R11", {2: "GND"})
    s.add("R12", 54, 46)
    s.hang("R12", {1: "+3V3"})
    s.add("Q2", 66, 54)
    s.wire(s.pin("U3", 7), (48, 36), (48, 54), (54, 54), s.pin("Q2", 1))
    s.label("SPACE", (57, 54))
    s.wire(s.pin("R12", 2), (54, 54))
    s.hang("Q2", {2: "GND"})
    s.wire(s.pin("Q2", 3), (68, 46), (80, 46))
    s.label("DATA", (80, 46))
    for index, ref in enumerate(("TP4", "TP5", "TP6", "TP7")):
        s.add(ref, 13 + 18 * (index // 2), 51 + 7 * (index % 2), turn=90, ref_at=(-7.5, 0),
              value_at=False)  # fmt: skip
        s.hang(ref, {1: TEST_POINTS[ref]}, 4)
    s.power("PWR_FLAG", (84, 52))
    s.wire((84, 52), (84, 56))
    s.power("GND", (84, 56))


def outputs(s):
    s.block("Open collector, RS-485 option", 132, 94, 98, 80)
    s.add("JP4", 22, 16, ref_at=(-4, -2.6), value_at=(0, -2.6))
    s.hang("JP4", {1: "+3V3", 3: "+5V"})
    s.wire(s.pin("JP4", 2), (22, 22), (44, 22))
    s.label("VIO", (34, 22))
    s.add("R13", 44, 29)
    s.wire((44, 22), s.pin("R13", 1))
    s.hang("R13", {2: "DATA"})
    s.add("J8", 66, 22, ref_at=(3, -1), value_at=(3, 1))
    s.hang("J8", {1: "VIO", 2: "DATA", 3: "GND"}, 3)
    s.add("D5", 20, 40, ref_at=(-6, -3.4), value_at=(0, -3.4))
    s.hang("D5", {1: "RS_DI", 2: "USB_RX", 3: "DATA"})
    s.add("R19", 14, 58)
    s.hang("R19", {1: "+3V3", 2: "RS_DI"})
    s.add("U4", 52, 56, ref_at=(-6, -11.5), value_at=(2, -11.5))
    s.hang("U4", {4: "RS_DI"}, 3)
    s.no_connect("U4", 1)
    s.wire(s.pin("U4", 2), (40, 54), (40, 50))
    s.wire(s.pin("U4", 3), (40, 56), (40, 54))
    s.power("+3V3", (40, 50))
    s.hang("U4", {8: "+3V3", 5: "GND"})
    s.hang("U4", {6: "RS_A", 7: "RS_B"}, 3)
    s.add("C6", 22, 70)
    s.hang("C6", {1: "+3V3", 2: "GND"})
    s.add("J9", 88, 36, ref_at=(-3, -5), value_at=(0, -5))
    s.hang("J9", {1: "RS_A", 2: "RS_B", 3: "GND"}, 3)
    s.add("D6", 84, 54, ref_at=(-4, -6), value_at=(0, -6))
    s.hang("D6", {1: "RS_A", 2: "RS_B", 3: "GND"})
    s.add("R20", 72, 62)
    s.hang("R20", {1: "RS_A"})
    s.add("JP8", 86, 70, ref_at=(-2, -2.4), value_at=(1, -2.4))
    s.wire(s.pin("R20", 2), (72, 70), s.pin("JP8", 1))
    s.label("RS_END", (74, 70))
    s.hang("JP8", {2: "RS_B"})


def uno(s):
    s.block("Uno headers, display, set-up", 234, 94, 86, 104)
    s.add("J3", 14, 22, mirror="y", ref_at=(-10, -1), value_at=(-10, 1))
    s.no_connect("J3", 1, 2, 3, 8)
    s.hang("J3", {4: "UNO_3V3"}, 3)
    s.hang("J3", {5: "+5V"}, 12)
    for pin in (6, 7):
        s.pin("J3", pin)
    s.wire(s.pin("J3", 6), (24, 26), (24, 31))
    s.wire(s.pin("J3", 7), (24, 28))
    s.power("GND", (24, 31))
    s.add("J4", 14, 44, mirror="y", ref_at=(-10, -1), value_at=(-10, 1))
    s.no_connect("J4", 1, 2, 3, 4, 5, 6)
    s.add("J5", 14, 64, mirror="y", ref_at=(-10, -1), value_at=(-10, 1))
    s.no_connect("J5", 2, 3, 5)
    s.hang("J5", {1: "D0", 4: "SETUP", 6: "D5", 7: "LED", 8: "D7"}, 3)
    s.add("J6", 14, 88, mirror="y", ref_at=(-10, -1), value_at=(-10, 1))
    s.no_connect("J6", 1, 2, 3, 4, 5, 6, 8)
    s.hang("J6", {7: "GND"}, 6)
    s.hang("J6", {9: "SDA", 10: "SCL"}, 3)
    s.add("J7", 72, 16, ref_at=(3, -1), value_at=(3, 1))
    s.hang("J7", {2: "+3V3", 3: "SCL", 4: "SDA"}, 3)
    s.wire(s.pin("J7", 1), (61, 14))
    s.wire((61, 14), (61, 17))
    s.power("GND", (61, 17))
    for ref, x, net in (("R15", 50, "SDA"), ("R16", 62, "SCL")):
        s.add(ref, x, 34)
        s.hang(ref, {1: "+3V3", 2: net})
    for ref, y, net in (("JP5", 46, "D5"), ("JP6", 54, "D0"), ("JP7", 62, "D7")):
        s.add(ref, 62, y, ref_at=(-2, -2.4), value_at=(1, -2.4))
        s.hang(ref, {1: "UNO_RX", 2: net})
    s.add("R14", 62, 70, turn=90, ref_at=(-2, -2.2), value_at=(-2, 2.2))
    s.hang("R14", {1: "DATA", 2: "UNO_RX"})
    s.add("R17", 40, 80)
    s.hang("R17", {1: "+3V3", 2: "SETUP"})
    s.add("SW1", 60, 80, ref_at=(-4, -3.6), value_at=(1, -3.6))
    s.hang("SW1", {1: "SETUP", 2: "GND"})
    s.add("R18", 76, 82)
    s.hang("R18", {1: "+3V3"})
    s.add("D2", 76, 92, turn=90, ref_at=(2.5, -0.9), value_at=(2.5, 0.9))
    s.wire(s.pin("R18", 2), s.pin("D2", 2))
    s.label("LED_A", (76, 87))
    s.hang("D2", {1: "LED"})


def usb(s):
    s.block("USB option: the meter as a serial port", 10, 162, 118, 60)
    usbc.draw(s, (14, 32), "J10", "F2", "U6", ("R21", "R22"), "USB_5V")
    s.wire(s.pin("F2", 2), (46, 20), (70, 20), (76, 20))
    s.wire((46, 20), (46, 14))
    s.power("PWR_FLAG", (46, 14))
    s.label("USB_5V", (54, 20))
    s.add("C8", 70, 27)
    s.wire((70, 20), s.pin("C8", 1))
    s.hang("C8", {2: "GND"})
    s.add("U7", 88, 22, ref_at=(-4, -5), value_at=(-4, -7))
    s.wire(s.pin("U7", 1), (76, 20))
    s.wire(s.pin("U7", 3), (76, 22), (76, 20))
    s.hang("U7", {2: "GND"})
    s.no_connect("U7", 4)
    s.wire(s.pin("U7", 5), (102, 20), (108, 20))
    s.label("USB_3V3", (108, 20))
    s.power("PWR_FLAG", (84, 42))
    s.wire((84, 42), (84, 44), (94, 44), (94, 42))
    s.power("+3V3", (94, 42))
    s.power("PWR_FLAG", (102, 42))
    s.wire((102, 42), (102, 44), (110, 44), (110, 42))
    s.power("+5V", (110, 42))
    for index in range(2):
        s.add(f"H{index + 1}", 68 + 10 * index, 52, ref_at=(2, 0), value_at=False)
    s.add("C10", 102, 27)
    s.wire((102, 20), s.pin("C10", 1))
    s.hang("C10", {2: "GND"})


def bridge(s):
    s.block("USB to serial; 3.3 V from the Uno or USB", 132, 178, 100, 44)
    s.add("U5", 28, 24, ref_at=(-14, -16), value_at=(-14, -14))
    s.pin("U5", 11)
    s.wire(s.pin("U5", 1), (28, 8), (30, 8))
    s.wire(s.pin("U5", 11), (30, 8), (34, 8))
    s.label("USB_3V3", (38, 8))
    s.wire((34, 8), (38, 8))
    s.hang("U5", {13: "USB_DP", 12: "USB_DM", 4: "USB_RST", 14: "GND"}, 3)
    s.hang("U5", {9: "USB_SDA", 10: "USB_SCL", 5: "USB_RX"}, 3)
    s.no_connect("U5", 6, 2, 3, 7, 8)
    for ref, x, net in (("R23", 54, "USB_RX"), ("R24", 66, "USB_RST"), ("R25", 78, "USB_SDA"),
                        ("R26", 90, "USB_SCL")):  # fmt: skip
        s.add(ref, x, 16)
        s.hang(ref, {1: "USB_3V3", 2: net})
    s.add("C9", 50, 36)
    s.hang("C9", {1: "USB_3V3", 2: "GND"})
    s.add("JP3", 70, 34, ref_at=(-4, -2.6), value_at=(0, -2.6))
    s.hang("JP3", {1: "UNO_3V3", 3: "USB_3V3"})
    s.wire(s.pin("JP3", 2), (70, 40), (86, 40), (86, 38))
    s.power("+3V3", (86, 38))
    s.add("C7", 91, 34)
    s.hang("C7", {1: "+3V3", 2: "GND"})


BLOCKS = (port, receiver, crossing, slicer, outputs, uno, usb, bridge)


def build(path):
    """Draw everything and write the sheet to `path`."""
    library = HERE.parent / "lib" / "kwhisper.kicad_sym"
    s = Sheet(HERE.name, PARTS, library, TITLE, REVISION, DATE)
    for block in BLOCKS:
        block(s)
    s.save(path)


if __name__ == "__main__":
    build(sys.argv[1] if len(sys.argv) > 1 else HERE / f"{HERE.name}.kicad_sch")
