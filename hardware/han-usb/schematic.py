"""Draw the sheet of han-usb: bus and receiver above, USB, controller and buttons below, a frame
for each function."""

import bus
import esp32c3
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
    esp32c3.module(s, "U4", ("C6", "C7"), {3: "HAN_RX"})
    s.text("GPIO4: meter  GPIO9: BOOT  GPIO10: LED\\nGPIO18, 19: USB", 8, 92)


def start(s):
    s.block("Reset, straps, set-up button, LED", 210, 10, 106, 90)
    esp32c3.start(s, "R8", "C8", ("R9", "R10", "R11"), ("R12", "D2"))
    for index, (ref, net) in enumerate(TEST_POINTS.items()):
        s.add(ref, 44, 52 + 7 * index, turn=90, ref_at=(-7.5, 0), value_at=False)
        s.hang(ref, {1: net}, 4)
    for index in range(3):
        s.add(f"H{index + 1}", 70, 52 + 7 * index, ref_at=(3, 0), value_at=False)
    s.power("PWR_FLAG", (86, 60))
    s.wire((86, 60), (86, 64))
    s.power("GND", (86, 64))


BLOCKS = (port, receiver, usb, controller, start)
