"""Draw the sheet of mep: port and limiter, buck, store, USB, COM ENABLE, RS-232, controller, a
frame for each function."""

import selfpowered
from parts import TEST_POINTS

TITLE, REVISION, DATE = "kWhisper mep", "C", "2026-11-26"


def port(s):
    s.block("MEP port, inrush and current limit", 10, 10, 110, 70)
    s.add("J1", 14, 30, mirror="y", ref_at=(-3, -7), value_at=(-3, 7))
    s.hang("J1", {2: "LINE_A", 3: "LINE_B", 4: "COM_EN", 5: "GND"}, 3)
    s.add("F1", 32, 26, turn=90, ref_at=(-1, -3), value_at=(-4, 3))
    s.wire(s.pin("J1", 1), s.pin("F1", 1))
    s.label("MEP_P", (22, 26))
    s.add("D1", 44, 34, turn=90, ref_at=(2.5, -1), value_at=(2.5, 1))
    s.wire(s.pin("F1", 2), (44, 26), s.pin("D1", 2))
    s.hang("D1", {1: "GND"})
    s.add("D2", 55, 26, turn=180, ref_at=(-2, -2.6), value_at=(-3, 2.8))
    s.wire((44, 26), s.pin("D2", 2))
    s.label("PORT", (46, 26))
    s.add("R1", 70, 26, turn=90, ref_at=(-1, -2.2), value_at=(-1, 2.2))
    s.wire(s.pin("D2", 1), (64, 26), s.pin("R1", 1))
    s.label("VIN", (60, 26))
    s.add("Q1", 66, 40, turn=180, ref_at=(-9, -1), value_at=(-11, 1))
    s.wire((64, 26), s.pin("Q1", 2))
    s.wire(s.pin("R1", 2), (78, 26))
    s.wire((78, 26), (78, 40), s.pin("Q1", 1))
    s.label("LIMS", (72, 40))
    s.add("Q2", 86, 28, turn=90, mirror="y", ref_at=(-4, -5.5), value_at=(-4, -7.5))
    s.wire((78, 26), s.pin("Q2", 3))
    s.wire(s.pin("Q2", 2), s.pin("Q2", 4))
    s.wire(s.pin("Q1", 3), (64, 48), (86, 48), s.pin("Q2", 1))
    s.label("LIMB", (72, 48))
    s.add("R2", 86, 54)
    s.wire((86, 48), s.pin("R2", 1))
    s.hang("R2", {2: "GND"})
    s.add("C1", 98, 34)
    s.wire(s.pin("Q2", 2), (98, 26), s.pin("C1", 1))
    s.hang("C1", {2: "GND"})
    s.wire((98, 26), (108, 26))
    s.label("VBULK", (108, 26))
    s.text("28 mA, 38 mA at the most; D2: exchanged wires do no harm", 4, 67)


def buck(s):
    s.block("24 V to 3.45 V buck, on above 19 V", 124, 10, 84, 76)
    lock_out, feedback = ("R3", "R4", "R5"), ("R6", "R7")
    selfpowered.buck(s, (0, 0), "U1", "C2", lock_out, "R42", "L1", feedback, "C3", 75)
    s.text("PFM, peak 180 mA: gives 90 mA, takes 17 mA at 24 V", 3, 73)


def store(s):
    s.block("Store and supervisor", 212, 10, 108, 76)
    selfpowered.store(s, (10, 0), ("C4", "C5"), ("R8", "R9"), "C6", (18, 28, 4))
    selfpowered.supervisor(
        s, (49, 0), "U2", ("R10", "R11"), "R12", "SW2", "R13", "C7", across=(37, 47)
    )
    s.text("EN on at 3.06 V, off at 2.70 V. 2 x 3.3 F in series = 1.65 F", 3, 73)


def usb(s):
    s.block("USB-C: set-up and flashing", 10, 84, 110, 64)
    s.add("J2", 12, 32, ref_at=(-8, -18), value_at=(-3, -18))
    s.wire(s.pin("J2", "A4"), (53, 20))
    for number in ("A9", "B4", "B9", "A12", "B1", "B12"):
        s.pin("J2", number)
    s.label("VBUS", (26, 20))
    s.stub("J2", "A5", "CC1")
    s.stub("J2", "B5", "CC2")
    s.no_connect("J2", "A8", "B8")
    s.wire(s.pin("J2", "A7"), (26, 30), (26, 32), s.pin("J2", "B7"))
    s.wire(s.pin("J2", "A6"), (26, 34), (26, 36), s.pin("J2", "B6"))
    s.wire(s.pin("J2", "S1"), (6, 53), (12, 53))
    s.wire(s.pin("J2", "A1"), (12, 54))
    s.power("GND", (12, 54))
    s.add("U3", 40, 32, ref_at=(6, -4), value_at=(4, 5))
    s.wire((26, 32), s.pin("U3", 1))
    s.wire((26, 34), s.pin("U3", 3))
    s.label("USBC_DM", (27, 32))
    s.label("USBC_DP", (27, 34))
    s.wire(s.pin("U3", 5), (40, 23), (45, 23))
    s.label("USB_5V", (45, 23))
    s.hang("U3", {2: "GND"})
    s.stub("U3", 6, "USB_DM", 8)
    s.stub("U3", 4, "USB_DP", 8)
    for ref, x, net in (("R14", 26, "CC1"), ("R15", 50, "CC2")):
        s.add(ref, x, 51)
        s.hang(ref, {1: net, 2: "GND"})
    s.add("R16", 56, 26)
    s.wire((53, 20), (56, 20), s.pin("R16", 1))
    s.add("R17", 56, 35)
    s.wire(s.pin("R16", 2), s.pin("R17", 1))
    s.wire((56, 30), (64, 30))
    s.label("USB_EN", (64, 30))
    s.hang("R17", {2: "GND"})
    s.add("D3", 63, 20, turn=180, ref_at=(-2, -2.6), value_at=(-3, 2.8))
    s.wire((56, 20), s.pin("D3", 2))
    s.add("R18", 79, 20, turn=90)
    s.wire(s.pin("D3", 1), s.pin("R18", 1))
    s.label("USB_5V", (69, 20))
    s.add("C10", 72, 28)
    s.wire((72, 20), s.pin("C10", 1))
    s.hang("C10", {2: "GND"})
    s.add("C8", 84, 28, ref_at=(-4, -0.9), value_at=(-7.5, 6.2))
    s.wire(s.pin("R18", 2), (84, 20), s.pin("C8", 1))
    s.hang("C8", {2: "GND"})
    s.add("U4", 96, 22, ref_at=(-4, -5), value_at=(-4, -7))
    s.wire((84, 20), s.pin("U4", 1))
    s.label("VUSB", (85, 20))
    s.power("PWR_FLAG", (84, 20))
    s.wire(s.pin("U4", 3), (90, 22), (90, 44))
    s.label("USB_EN", (90, 44))
    s.wire((90, 44), (98, 44))
    s.hang("U4", {2: "GND"})
    s.no_connect("U4", 4)
    s.add("C9", 107, 28, ref_at=(-4, -0.9), value_at=(-7.5, 6.2))
    s.wire(s.pin("U4", 5), (107, 20), s.pin("C9", 1))
    s.hang("C9", {2: "GND"})
    s.wire((107, 20), (107, 17))
    s.power("+3V3", (107, 17))
    s.text("R18 limits the charge; VBUS stays dead without a host", 56, 60)


def com_enable(s):
    s.block("COM ENABLE: 9.6 to 11.6 V, 14 mA", 124, 90, 100, 68)
    s.add("R19", 14, 42, turn=90, ref_at=(-2, -2.2), value_at=(-2, 2.2))
    s.hang("R19", {1: "COM_ON"})
    s.add("Q3", 26, 42)
    s.wire(s.pin("R19", 2), s.pin("Q3", 1))
    s.add("R20", 20, 50, ref_at=(-5, -0.9), value_at=(-5, 0.9))
    s.wire((20, 42), s.pin("R20", 1))
    s.hang("R20", {2: "GND"})
    s.hang("Q3", {2: "GND"})
    s.add("R21", 28, 33)
    s.wire(s.pin("R21", 2), s.pin("Q3", 3))
    s.label("VBULK", (4, 14))
    s.wire((4, 14), (12, 14))
    s.add("R22", 26, 14, turn=90, ref_at=(-1, -2.2), value_at=(-1, 2.2))
    s.wire((12, 14), s.pin("R22", 1))
    s.add("Q4", 20, 22, turn=180, ref_at=(3, 2), value_at=(3, 4))
    s.wire((18, 14), s.pin("Q4", 2))
    s.wire(s.pin("R22", 2), (34, 14))
    s.wire((34, 14), (34, 22), s.pin("Q4", 1))
    s.label("COM_S", (26, 22))
    s.add("Q5", 44, 16, turn=90, mirror="y", ref_at=(-4, -5.5), value_at=(-4, -7.5))
    s.wire((34, 14), s.pin("Q5", 3))
    s.wire(s.pin("Q5", 2), s.pin("Q5", 4))
    s.wire(s.pin("Q4", 3), (18, 28), (44, 28), s.pin("Q5", 1))
    s.wire((28, 28), s.pin("R21", 1))
    s.label("COM_B", (34, 28))
    s.add("R23", 10, 20, ref_at=(-5, -0.9), value_at=(-6, 0.9))
    s.wire((10, 14), s.pin("R23", 1))
    s.wire(s.pin("R23", 2), (10, 28), (18, 28))
    s.wire(s.pin("Q5", 2), (68, 14))
    s.label("VCOM", (52, 14))
    s.add("R24", 58, 22)
    s.wire((58, 14), s.pin("R24", 1))
    s.add("D4", 58, 38, turn=270, ref_at=(2.5, -0.9), value_at=(2.5, 0.9))
    s.wire(s.pin("R24", 2), (58, 30), s.pin("D4", 3))
    s.label("COM_Z", (58, 32))
    s.hang("D4", {1: "GND"})
    s.pin("D4", 2)
    s.add("R25", 68, 30, turn=90, ref_at=(-2, -2.2), value_at=(-2, 2.2))
    s.wire((58, 30), s.pin("R25", 1))
    s.add("Q6", 78, 30)
    s.wire(s.pin("R25", 2), s.pin("Q6", 1))
    s.wire((68, 14), (80, 14), s.pin("Q6", 3))
    s.add("D5", 80, 41, turn=90, ref_at=(2.5, -0.9), value_at=(2.5, 0.9))
    s.wire(s.pin("Q6", 2), s.pin("D5", 2))
    s.wire(s.pin("D5", 1), (80, 50), (92, 50))
    s.label("COM_EN", (92, 50))
    s.add("C11", 72, 56)
    s.wire((80, 50), (72, 50), s.pin("C11", 1))
    s.hang("C11", {2: "GND"})
    s.add("R26", 84, 56)
    s.wire((84, 50), s.pin("R26", 1))
    s.hang("R26", {2: "GND"})


def rs232(s):
    s.block("RS-232 and exchange of TX and RX", 10, 150, 110, 74)
    s.add("U5", 50, 36, ref_at=(-13, -23), value_at=(6, -23))
    s.hang("U5", {16: "+3V3", 15: "GND"})
    s.add("C12", 28, 21, ref_at=(-5, -0.9), value_at=(-6.5, 0.9))
    s.wire(s.pin("U5", 1), (28, 18), s.pin("C12", 1))
    s.wire(s.pin("U5", 3), s.pin("C12", 2))
    s.add("C13", 74, 21)
    s.wire(s.pin("U5", 4), (74, 18), s.pin("C13", 1))
    s.wire(s.pin("U5", 5), s.pin("C13", 2))
    for ref, pin, y in (("C14", 2, 28), ("C15", 6, 34)):
        s.add(ref, 84, y, turn=90, ref_at=(-2, -2.2), value_at=(3, -2.2))
        s.wire(s.pin("U5", pin), s.pin(ref, 1))
        s.hang(ref, {2: "GND"})
    s.add("C16", 10, 16)
    s.hang("C16", {1: "+3V3", 2: "GND"})
    s.add("R30", 18, 32)
    s.hang("R30", {1: "+3V3"})
    s.wire(s.pin("R30", 2), (18, 38), s.pin("U5", 11))
    s.wire((18, 38), (8, 38))
    s.label("MEP_TX", (8, 38))
    s.hang("U5", {10: "GND"}, 6)
    s.add("R29", 22, 46, turn=90, ref_at=(-2, -2.2), value_at=(-2, 2.2))
    s.wire(s.pin("U5", 12), s.pin("R29", 2))
    s.hang("R29", {1: "MEP_RX"})
    s.no_connect("U5", 7, 8, 9)
    s.hang("U5", {14: "T_OUT", 13: "R_IN"}, 3)
    s.add("J3", 94, 54, ref_at=(-2, -4), value_at=(-6, 4.4))
    s.hang("J3", {1: "R_IN", 3: "A232", 5: "T_OUT"}, 3)
    s.hang("J3", {2: "T_OUT", 4: "B232", 6: "R_IN"}, 3)
    for ref, guard, x, line, inner in (
        ("R27", "D6", 16, "LINE_A", "A232"), ("R28", "D7", 68, "LINE_B", "B232"),
    ):  # fmt: skip
        s.add(ref, x, 62, turn=90, ref_at=(-2, -2.2), value_at=(-2, 2.2))
        s.hang(ref, {1: line, 2: inner})
        s.add(guard, x + 8, 67, turn=90, ref_at=(2.5, -1), value_at=(2.5, 1))
        s.wire((x + 8, 62), s.pin(guard, 2))
        s.hang(guard, {1: "GND"}, 1)


def controller(s):
    s.block("ESP32-C3", 228, 90, 54, 106)
    s.add("U6", 30, 56, ref_at=(-11, -20), value_at=(4, -20))
    s.wire(s.pin("U6", 1), (30, 18))
    s.pin("U6", 19)
    s.hang("U6", {9: "GND"})
    s.wire((16, 18), (44, 18))
    s.wire((30, 18), (30, 14))
    s.power("+3V3", (30, 14))
    for ref, x in (("C19", 16), ("C20", 44)):
        s.add(ref, x, 23)
        s.wire((x, 18), s.pin(ref, 1))
        s.hang(ref, {2: "GND"})
    nets = {
        2: "EN", 18: "ADC_PORT", 17: "ADC_STORE", 16: "IO2", 3: "MEP_RX", 4: "PF", 5: "COM_ON",
        6: "MEP_TX", 7: "IO8", 8: "BOOT", 10: "LED", 13: "USB_DM", 14: "USB_DP",
    }  # fmt: skip
    for number, net in nets.items():
        s.stub("U6", number, net, 11, "left")
    s.no_connect("U6", 15, 11, 12)
    words = (
        "GPIO0, 1: ADC  GPIO4: meter", "GPIO7: to the meter", "GPIO6: COM ENABLE",
        "GPIO5: power fail (ends a sleep)", "GPIO10: LED  GPIO9: BOOT",
    )  # fmt: skip
    s.text("\\n".join(words), 4, 103)


def straps(s):
    s.block("Straps, set-up button, LED", 286, 90, 35, 106)
    for ref, x, net in (("R38", 8, "IO2"), ("R39", 18, "IO8"), ("R40", 28, "BOOT")):
        s.add(ref, x, 18)
        s.hang(ref, {1: "+3V3"})
        if ref != "R40":
            s.hang(ref, {2: net})
    s.add("SW1", 20, 34, ref_at=(-4, -3.6), value_at=(1, -3.6))
    s.wire(s.pin("R40", 2), (28, 28), (8, 28), (8, 34), s.pin("SW1", 1))
    s.label("BOOT", (12, 28))
    s.wire(s.pin("SW1", 2), (30, 34), (30, 37))
    s.power("GND", (30, 37))
    s.add("R41", 10, 56)
    s.hang("R41", {1: "+3V3"})
    s.add("D8", 10, 66, turn=90, ref_at=(2.5, -0.9), value_at=(2.5, 0.9))
    s.wire(s.pin("R41", 2), s.pin("D8", 2))
    s.hang("D8", {1: "LED"})
    for index in range(4):
        s.add(f"H{index + 1}", 24, 52 + 7 * index, ref_at=(3, 0), value_at=False)
    s.power("PWR_FLAG", (10, 86))
    s.wire((10, 86), (10, 90))
    s.power("GND", (10, 90))


def watch(s):
    s.block("Power fail, voltages, test points", 124, 160, 100, 64)
    s.add("R31", 12, 16)
    s.hang("R31", {1: "PORT"})
    s.add("R32", 12, 30)
    s.wire(s.pin("R31", 2), s.pin("R32", 1))
    s.hang("R32", {2: "GND"})
    s.add("Q7", 26, 23)
    s.wire((12, 23), s.pin("Q7", 1))
    s.label("PF_B", (16, 23))
    s.hang("Q7", {3: "+3V3"})
    s.add("R33", 28, 38)
    s.wire(s.pin("Q7", 2), s.pin("R33", 1))
    s.hang("R33", {2: "GND"})
    s.wire((28, 31), (36, 31))
    s.label("PF", (36, 31))
    for x, top, bottom, cap, net, out in (
        (48, "R34", "R35", "C17", "PORT", "ADC_PORT"),
        (74, "R36", "R37", "C18", "+3V3", "ADC_STORE"),
    ):  # fmt: skip
        s.add(top, x, 16)
        s.hang(top, {1: net})
        s.add(bottom, x, 30)
        s.add(cap, x + 10, 30)
        s.wire(s.pin(top, 2), s.pin(bottom, 1))
        s.wire((x, 23), (x + 21, 23))
        s.wire((x + 10, 23), s.pin(cap, 1))
        s.label(out, (x + 12, 23))
        s.hang(bottom, {2: "GND"})
        s.hang(cap, {2: "GND"})
    for index, (ref, net) in enumerate(TEST_POINTS.items()):
        x, y = 14 + 28 * (index // 3), 45 + 6 * (index % 3)
        s.add(ref, x, y, turn=90, ref_at=(-7.5, 0), value_at=False)
        s.hang(ref, {1: net}, 4)


BLOCKS = (port, buck, store, usb, com_enable, rs232, controller, straps, watch)
