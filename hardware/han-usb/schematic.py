"""Draw the sheet of han-usb: bus and receiver above, USB, controller and buttons below, a frame
for each function."""

import bus
import usbc
from parts import TEST_POINTS

TITLE, REVISION, DATE = "kWhisper han-usb", "A", "2026-11-26"


def port(s):
    s.block("HAN port", 10, 10, 84, 70)
    bus.jack(s, (14, 30), "J1")
    bus.port(s, (48, 20))


def receiver(s):
    s.block("M-Bus receiver, one unit load", 98, 10, 108, 70)
    bus.receiver(s, (56, 38), unused=(7, 5))
    s.wire(s.pin("U1", 9), (74, 30))
    s.wire(s.pin("U1", 12), (74, 32), (74, 28))
    s.power("+3V3", (74, 28))
    s.add("R5", 82, 38, turn=90, ref_at=(-2, -2.2), value_at=(-2, 2.2))
    s.wire(s.pin("U1", 8), s.pin("R5", 1))
    s.hang("R5", {2: "HAN_RX"})
    s.text("TX idles high, as a UART", 74, 46)


def usb(s):
    s.block("USB-C and 3.3 V", 10, 84, 120, 76)
    usbc.draw(s, (16, 36), "J2", "F2", "U2", ("R6", "R7"), "+5V")
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


BLOCKS = (port, receiver, usb, controller, start)
