"""Draw the sheet of p1: port and data, supply, USB, controller, a frame for each function."""

import esp32c3
import usbc
from parts import TEST_POINTS

TITLE, REVISION, DATE = "kWhisper p1", "C", "2026-11-26"


def port(s):
    s.block("P1 port, in and on", 10, 10, 96, 72)
    s.add("J1", 14, 28, mirror="x", ref_at=(-5, -9), value_at=(0, -9))
    s.hang("J1", {1: "P1_5V", 2: "REQ", 5: "DATA", 6: "GND"}, 3)
    s.hang("J1", {3: "GND"}, 11)
    s.add("J2", 14, 54, mirror="x", ref_at=(-5, -9), value_at=(0, -9))
    s.hang("J2", {1: "ON_5V", 2: "REQ", 5: "DATA", 6: "GND"}, 3)
    s.hang("J2", {3: "GND"}, 11)
    s.no_connect("J1", 4)
    s.no_connect("J2", 4)
    s.add("JP1", 48, 50, ref_at=(-2, -2.4), value_at=(-2, 2.8))
    s.hang("JP1", {1: "P1_5V", 2: "ON_5V"})
    s.add("R3", 56, 20)
    s.hang("R3", {1: "P1_5V"})
    s.add("Q3", 74, 24, mirror="x", ref_at=(4, -0.9), value_at=(4, 0.9))
    s.wire(s.pin("R3", 2), (56, 24), s.pin("Q3", 1))
    s.hang("Q3", {2: "P1_5V", 3: "REQ"})
    s.add("Q4", 62, 40)
    s.wire((64, 24), s.pin("Q4", 3))
    s.label("GATE", (64, 30))
    s.hang("Q4", {2: "GND"})
    s.add("R4", 52, 34)
    s.hang("R4", {1: "+3V3"})
    s.wire(s.pin("R4", 2), (52, 40), s.pin("Q4", 1))
    s.add("R5", 44, 40, turn=90, ref_at=(-2, -2.2), value_at=(-2, 2.2))
    s.wire(s.pin("R5", 2), (52, 40))
    s.hang("R5", {1: "REQ_ON"})
    s.text("Pin 4 stays open: a CII plug's 34 V on 3 and 4 find no way", 4, 70)


def data(s):
    s.block("Data, inverted", 110, 10, 76, 72)
    s.add("R6", 16, 24)
    s.hang("R6", {1: "+3V3"})
    s.add("R7", 26, 32, turn=90, ref_at=(-2, -2.2), value_at=(-2, 2.2))
    s.wire(s.pin("R6", 2), (16, 32), s.pin("R7", 1))
    s.wire((8, 32), (16, 32))
    s.label("DATA", (8, 32))
    s.add("U1", 46, 32, ref_at=(4, -5), value_at=(4, 6))
    s.wire(s.pin("R7", 2), s.pin("U1", 2))
    s.hang("U1", {4: "P1_RX"})
    s.no_connect("U1", 1)
    s.hang("U1", {5: "+3V3", 3: "GND"})
    s.add("C6", 24, 52)
    s.hang("C6", {1: "+3V3", 2: "GND"})
    for index, (ref, net) in enumerate(TEST_POINTS.items()):
        s.add(ref, 48, 46 + 7 * index, turn=90, ref_at=(-7.5, 0), value_at=False)
        s.hang(ref, {1: net}, 4)


def supply(s):
    s.block("Limiter 220 mA, 3.3 V", 10, 86, 130, 62)
    s.add("D1", 20, 12, turn=180, ref_at=(-2, -2.6), value_at=(-3, 2.8))
    s.add("D2", 20, 22, turn=180, ref_at=(-2, -2.6), value_at=(-3, 2.8))
    s.hang("D1", {2: "P1_5V"})
    s.hang("D2", {2: "VBUS"})
    s.wire(s.pin("D1", 1), (28, 12), (36, 12))
    s.wire(s.pin("D2", 1), (28, 22), (28, 12))
    s.label("VIN", (29, 12))
    s.power("PWR_FLAG", (36, 12))
    s.add("R1", 42, 12, turn=90, ref_at=(-1, -2.2), value_at=(-1, 2.2))
    s.wire((36, 12), s.pin("R1", 1))
    s.add("Q2", 58, 14, turn=90, mirror="y", ref_at=(-4, -5.5), value_at=(-4, -7.5))
    s.wire(s.pin("R1", 2), s.pin("Q2", 3))
    s.label("LIMS", (47, 12))
    s.wire(s.pin("Q2", 2), s.pin("Q2", 4))
    s.hang("Q2", {1: "LIMB"})
    s.wire(s.pin("Q2", 2), (94, 12))
    s.label("VST", (66, 12))
    for ref, x in (("C9", 79), ("C3", 90)):
        s.add(ref, x, 20)
        s.wire((x, 12), s.pin(ref, 1))
        s.hang(ref, {2: "GND"})
    s.add("U3", 104, 14, ref_at=(-4, -5), value_at=(-4, -7))
    s.wire((94, 12), s.pin("U3", 1))
    s.power("PWR_FLAG", (94, 12))
    s.wire(s.pin("U3", 3), (95, 14), (95, 12))
    s.hang("U3", {2: "GND"})
    s.no_connect("U3", 4)
    s.wire(s.pin("U3", 5), (118, 12), (118, 9))
    s.power("+3V3", (118, 9))
    s.add("C4", 118, 20)
    s.wire((118, 12), s.pin("C4", 1))
    s.hang("C4", {2: "GND"})
    # 2.5 V under VIN, its share under VIN, and what R1 and the foldback make of the current
    s.add("D4", 15, 52, ref_at=(-1, -3), value_at=(-5, 3.2))
    s.hang("D4", {1: "VIN", 2: "REFN"})
    s.no_connect("D4", 3)
    for ref, x, upper, lower in (("R15", 14, "VIN", "LREF"), ("C11", 27, "VIN", "LREF"),
                                 ("R16", 36, "LREF", "REFN"), ("R18", 54, "LIMS", "FOLD"),
                                 ("R19", 65, "FOLD", "VST")):  # fmt: skip
        s.add(ref, x, 38)
        s.hang(ref, {1: upper, 2: lower})
    s.add("R17", 36, 54)
    s.hang("R17", {1: "REFN", 2: "GND"})
    s.add("U5", 72, 52, ref_at=(3, -4), value_at=(3, 4))
    s.hang("U5", {3: "FOLD", 4: "LREF", 5: "VIN", 2: "GND"})
    s.add("C10", 48, 54)
    s.hang("C10", {1: "VIN", 2: "GND"})
    s.add("R2", 90, 52, turn=90, ref_at=(-2, -2.2), value_at=(-2, 2.2))
    s.wire(s.pin("U5", 1), s.pin("R2", 1))
    s.label("DRIVE", (80, 52))
    s.add("Q1", 102, 52, ref_at=(4, -0.9), value_at=(4, 0.9))
    s.wire(s.pin("R2", 2), s.pin("Q1", 1))
    s.hang("Q1", {3: "LIMB"})
    s.add("R20", 118, 54)
    x, y = s.pin("Q1", 2)
    s.wire((x, y), (x, 58), (112, 58), (112, 48), (118, 48), s.pin("R20", 1))
    s.hang("R20", {2: "GND"})


def store(s):
    s.block("Store 0.5 F, both cells at half", 214, 104, 106, 46)
    s.add("C1", 12, 16)
    s.hang("C1", {1: "VST"})
    s.add("C2", 12, 30)
    s.wire(s.pin("C1", 2), s.pin("C2", 1))
    s.hang("C2", {2: "GND"})
    s.wire((12, 23), (22, 23))
    s.label("MID", (22, 23))
    s.add("R21", 38, 14)
    s.hang("R21", {1: "VST"})
    s.add("R22", 38, 32)
    s.hang("R22", {2: "GND"})
    s.add("U6", 58, 25, ref_at=(3, -4), value_at=(3, 4))
    s.wire(s.pin("R21", 2), (38, 23), s.pin("U6", 3))
    s.wire((38, 23), s.pin("R22", 1))
    s.label("HALF", (42, 23))
    s.hang("U6", {4: "MID", 5: "VST", 2: "GND"})
    s.add("R23", 76, 25, turn=90, ref_at=(-2, -2.2), value_at=(-2, 2.2))
    s.wire(s.pin("U6", 1), s.pin("R23", 1))
    s.label("MOVE", (66, 25))
    s.hang("R23", {2: "MID"})


def supervisor(s):
    s.block("EN: only with a full store", 214, 154, 106, 50)
    s.add("R24", 14, 14)
    s.hang("R24", {1: "VST"})
    s.add("R25", 14, 32)
    s.hang("R25", {2: "GND"})
    s.add("U7", 52, 24, ref_at=(4, -8), value_at=(4, -6))
    s.wire(s.pin("R24", 2), (14, 22), s.pin("U7", 5))
    s.wire((14, 22), s.pin("R25", 1))
    s.label("SENSE", (18, 22))
    s.add("R26", 28, 34)
    s.wire((28, 22), s.pin("R26", 1))
    s.hang("R26", {2: "EN"})
    s.no_connect("U7", 3, 4)
    s.hang("U7", {6: "+3V3", 2: "GND", 1: "EN"})
    s.add("C12", 84, 24)
    s.hang("C12", {1: "+3V3", 2: "GND"})


def usb(s):
    s.block("USB-C: set-up and flashing", 10, 152, 100, 72)
    usbc.jack(s, (16, 34), "J3")
    s.add("U2", 58, 40, ref_at=(6, -4), value_at=(4, 5))
    s.hang("U2", {1: "USBC_DM", 3: "USBC_DP", 6: "USB_DM", 4: "USB_DP", 5: "VBUS"}, 3)
    s.hang("U2", {2: "GND"})
    for ref, x, net in (("R8", 34, "CC1"), ("R9", 44, "CC2")):
        s.add(ref, x, 60)
        s.hang(ref, {1: net, 2: "GND"})


def controller(s):
    s.block("ESP32-C3", 144, 86, 66, 96)
    esp32c3.module(s, "U4", ("C5", "C7"), {3: "P1_RX", 4: "REQ_ON"})
    s.text("GPIO4: meter  GPIO5: low, no request\\nGPIO9: BOOT  GPIO10: LED", 4, 92)


def start(s):
    s.block("Reset, straps, set-up button, LED", 214, 10, 106, 90)
    esp32c3.start(s, "R10", "C8", ("R11", "R12", "R13"), ("R14", "D3"))
    for index in range(2):
        s.add(f"H{index + 1}", 60, 52 + 7 * index, ref_at=(3, 0), value_at=False)
    s.power("PWR_FLAG", (86, 60))
    s.wire((86, 60), (86, 64))
    s.power("GND", (86, 64))


BLOCKS = (port, data, supply, store, supervisor, usb, controller, start)
