"""Draw the sheet of han-usb: bus and receiver above, USB, controller and buttons below, a frame
for each function."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "workshop"))

from parts import PARTS, TEST_POINTS  # noqa: E402
from sheet import Sheet  # noqa: E402

TITLE, REVISION, DATE = "kWhisper han-usb", "A", "2026-11-26"


def port(s):
    s.block("HAN port", 10, 10, 84, 70)
    s.add("J1", 14, 30, mirror="x", ref_at=(-5, -13), value_at=(0, -13))
    s.no_connect("J1", 3, 6, 7, 8)
    s.hang("J1", {1: "HAN_P", 2: "HAN_N", 4: "CII_A", 5: "CII_B"}, 3)
    s.add("F1", 48, 20, turn=90, ref_at=(-1, -3), value_at=(-4, 3))
    s.hang("F1", {1: "HAN_P"}, 3)
    s.wire(s.pin("F1", 2), (60, 20), (74, 20))
    s.label("BUS_P", (74, 20))
    s.add("D1", 60, 28, turn=90, ref_at=(-5, -1), value_at=(-9, 1))
    s.wire((60, 20), s.pin("D1", 2))
    s.wire(s.pin("D1", 1), (60, 36), (74, 36))
    s.label("HAN_N", (74, 36))
    for ref, y, ours, other in (("JP1", 50, "CII_A", "HAN_P"), ("JP2", 59, "CII_B", "HAN_N")):
        s.add(ref, 38, y, ref_at=(-2, -2.4), value_at=(-1.5, 2.8))
        s.hang(ref, {1: ours, 2: other})
    s.text("JP1 + JP2: Austria, Switzerland (RJ12 pins 3, 4)", 8, 68)


def receiver(s):
    s.block("M-Bus receiver, one unit load", 98, 10, 108, 70)
    s.add("R1", 16, 32, turn=90)
    s.add("R2", 16, 40, turn=90)
    s.hang("R1", {1: "BUS_P"})
    s.hang("R2", {1: "HAN_N"})
    s.add("D3", 32, 36, turn=90, ref_at=(-4, -1), value_at=(-9, 1))
    s.add("U1", 56, 38, ref_at=(-8, -12), value_at=(-5, 5))
    s.wire(s.pin("R1", 2), s.pin("U1", 16))
    s.wire(s.pin("R2", 2), s.pin("U1", 1))
    s.wire(s.pin("D3", 2), (32, 32))
    s.wire(s.pin("D3", 1), (32, 40))
    s.label("BUSL1", (34, 32))
    s.label("BUSL2", (34, 40))
    s.no_connect("U1", 2, 13, 7, 10, 5)
    s.add("C3", 38, 17)
    s.wire(s.pin("U1", 11), (52, 12), (38, 12), s.pin("C3", 1))
    s.label("TSS_VDD", (41, 12))
    s.hang("C3", {2: "GND"})
    s.add("C1", 78, 17)
    s.wire(s.pin("U1", 3), (60, 12), (78, 12), s.pin("C1", 1))
    s.label("STC", (64, 12))
    s.hang("C1", {2: "GND"})
    s.add("R3", 40, 57)
    s.wire(s.pin("U1", 4), (50, 52), (40, 52), s.pin("R3", 1))
    s.label("RIDD", (42, 52))
    s.hang("R3", {2: "GND"})
    s.add("R4", 50, 59)
    s.wire(s.pin("U1", 14), (54, 54), (50, 54), s.pin("R4", 1))
    s.hang("R4", {2: "GND"})
    s.wire(s.pin("U1", 15), (58, 56))
    s.power("GND", (58, 56))
    s.add("C2", 70, 58)
    s.wire(s.pin("U1", 6), (62, 52), (70, 52), s.pin("C2", 1))
    s.label("SC", (64, 52))
    s.hang("C2", {2: "GND"})
    s.wire(s.pin("U1", 9), (74, 30))
    s.wire(s.pin("U1", 12), (74, 32), (74, 28))
    s.power("+3V3", (74, 28))
    s.add("R5", 82, 38, turn=90, ref_at=(-2, -2.2), value_at=(-2, 2.2))
    s.wire(s.pin("U1", 8), s.pin("R5", 1))
    s.hang("R5", {2: "HAN_RX"})
    s.text("TX idles high, as a UART", 74, 46)


def usb(s):
    s.block("USB-C and 3.3 V", 10, 84, 120, 76)
    s.add("J2", 16, 36, ref_at=(-8, -18), value_at=(-3, -18))
    s.add("F2", 40, 24, turn=90, ref_at=(-1, -3), value_at=(-4, 3))
    s.wire(s.pin("J2", "A4"), s.pin("F2", 1))
    s.label("VBUS", (30, 24))
    for number in ("A9", "B4", "B9", "A12", "B1", "B12"):
        s.pin("J2", number)
    s.hang("J2", {"A5": "CC1", "B5": "CC2", "A7": "USBC_DM", "B7": "USBC_DM", "A6": "USBC_DP",
                  "B6": "USBC_DP"}, 3)  # fmt: skip
    s.no_connect("J2", "A8", "B8")
    s.wire(s.pin("J2", "S1"), (10, 57), (16, 57))
    s.wire(s.pin("J2", "A1"), (16, 58))
    s.power("GND", (16, 58))
    s.add("U2", 58, 42, ref_at=(6, -4), value_at=(4, 5))
    s.hang("U2", {1: "USBC_DM", 3: "USBC_DP", 6: "USB_DM", 4: "USB_DP"}, 3)
    s.hang("U2", {5: "+5V", 2: "GND"})
    for ref, x, net in (("R6", 34, "CC1"), ("R7", 44, "CC2")):
        s.add(ref, x, 62)
        s.hang(ref, {1: net, 2: "GND"})
    s.wire(s.pin("F2", 2), (66, 24), (80, 24), (86, 24))
    s.wire((66, 24), (66, 21))
    s.power("+5V", (66, 21))
    s.wire((58, 24), (58, 20))
    s.power("PWR_FLAG", (58, 20))
    s.add("C4", 72, 31)
    s.wire((72, 24), s.pin("C4", 1))
    s.hang("C4", {2: "GND"})
    s.add("U3", 94, 26, ref_at=(-4, -5), value_at=(-4, -7))
    s.pin("U3", 1)
    s.wire(s.pin("U3", 3), (84, 26), (84, 24))
    s.hang("U3", {2: "GND"})
    s.no_connect("U3", 4)
    s.wire(s.pin("U3", 5), (106, 24), (106, 20))
    s.power("+3V3", (106, 20))
    s.add("C5", 106, 31)
    s.wire((106, 24), s.pin("C5", 1))
    s.hang("C5", {2: "GND"})


def controller(s):
    s.block("ESP32-C3", 134, 84, 72, 96)
    s.add("U4", 34, 52, ref_at=(-11, -20), value_at=(4, -20))
    s.pin("U4", 19)
    s.wire(s.pin("U4", 1), (34, 14))
    s.hang("U4", {9: "GND"})
    s.wire((20, 14), (50, 14))
    s.wire((34, 14), (34, 11))
    s.power("+3V3", (34, 11))
    for ref, x in (("C6", 20), ("C7", 50)):
        s.add(ref, x, 19)
        s.wire((x, 14), s.pin(ref, 1))
        s.hang(ref, {2: "GND"})
    s.hang("U4", {2: "EN", 16: "IO2", 3: "HAN_RX", 7: "IO8", 8: "BOOT", 10: "LED", 13: "USB_DM",
                  14: "USB_DP"}, 3)  # fmt: skip
    s.no_connect("U4", 18, 17, 15, 4, 5, 6, 11, 12)
    s.text("GPIO4: meter  GPIO9: BOOT  GPIO10: LED\\nGPIO18, 19: USB", 8, 92)


def start(s):
    s.block("Reset, straps, set-up button, LED", 210, 10, 106, 90)
    s.add("R8", 14, 20)
    s.hang("R8", {1: "+3V3"})
    s.add("C8", 14, 34)
    s.wire(s.pin("R8", 2), s.pin("C8", 1))
    s.hang("C8", {2: "GND"})
    s.add("SW2", 26, 27, ref_at=(-4, -3.6), value_at=(1, -3.6))
    s.wire((14, 27), s.pin("SW2", 1))
    s.label("EN", (17, 27))
    s.wire(s.pin("SW2", 2), (34, 27), (34, 30))
    s.power("GND", (34, 30))
    for ref, x, net in (("R9", 48, "IO2"), ("R10", 58, "IO8"), ("R11", 68, "BOOT")):
        s.add(ref, x, 20)
        s.hang(ref, {1: "+3V3"})
        if ref != "R11":
            s.hang(ref, {2: net})
    s.add("SW1", 82, 27, ref_at=(-4, -3.6), value_at=(1, -3.6))
    s.wire(s.pin("R11", 2), (68, 27), s.pin("SW1", 1))
    s.label("BOOT", (71, 27))
    s.wire(s.pin("SW1", 2), (90, 27), (90, 30))
    s.power("GND", (90, 30))
    s.add("R12", 14, 54)
    s.hang("R12", {1: "+3V3"})
    s.add("D2", 14, 64, turn=90, ref_at=(2.5, -0.9), value_at=(2.5, 0.9))
    s.wire(s.pin("R12", 2), s.pin("D2", 2))
    s.hang("D2", {1: "LED"})
    for index, (ref, net) in enumerate(TEST_POINTS.items()):
        s.add(ref, 44, 52 + 7 * index, turn=90, ref_at=(-7.5, 0), value_at=False)
        s.hang(ref, {1: net}, 4)
    for index in range(3):
        s.add(f"H{index + 1}", 70, 52 + 7 * index, ref_at=(3, 0), value_at=False)
    s.power("PWR_FLAG", (86, 60))
    s.wire((86, 60), (86, 64))
    s.power("GND", (86, 64))


def build(path):
    """Draw everything and write the sheet to `path`."""
    library = HERE.parent / "lib" / "kwhisper.kicad_sym"
    s = Sheet(HERE.name, PARTS, library, TITLE, REVISION, DATE)
    for block in (port, receiver, usb, controller, start):
        block(s)
    s.save(path)


if __name__ == "__main__":
    build(sys.argv[1] if len(sys.argv) > 1 else HERE / f"{HERE.name}.kicad_sch")
