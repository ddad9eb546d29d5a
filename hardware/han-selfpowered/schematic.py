"""Draw the sheet of han-selfpowered: supply on top, signals below, left to right, a frame for
each function."""

import bus
import selfpowered
from parts import TEST_POINTS

TITLE, REVISION, DATE = "kWhisper han-selfpowered", "B", "2026-11-26"


def ground(s, ref, number, length=2):
    """GND straight below a pin."""
    x, y = s.pin(ref, number)
    s.wire((x, y), (x, y + length))
    s.power("GND", (x, y + length))


def rail(s, ref, number, length=2):
    """+3V3 straight above a pin."""
    x, y = s.pin(ref, number)
    s.wire((x, y), (x, y - length))
    s.power("+3V3", (x, y - length))


def han_port(s):
    s.frame("HAN port", 10, 10, 78, 74)
    s.add("J1", 18, 34, mirror="x", ref_at=(-5, -13), value_at=(0, -13))
    s.no_connect("J1", 3, 6, 7, 8)
    s.add("F1", 36, 28, turn=90, ref_at=(-1, -3), value_at=(-4, 3))
    s.wire(s.pin("J1", 1), s.pin("F1", 1))
    s.label("HAN_P", (27, 28))
    s.stub("J1", 2, "HAN_N", 6)
    s.stub("J1", 4, "CII_A", 6)
    s.stub("J1", 5, "CII_B", 6)
    s.wire((40, 50), (60, 50))
    s.label("HAN_N", (40, 50))
    s.add("J2", 18, 58, mirror="y", ref_at=(-3, -3), value_at=(-3, 5))
    s.stub("J2", 1, "BUS_P", 6)
    s.stub("J2", 2, "HAN_N", 6)
    for jumper, y, ours, other in (("JP5", 57, "CII_A", "HAN_P"), ("JP6", 64, "CII_B", "HAN_N")):
        s.add(jumper, 52, y, ref_at=(-2, -2.4), value_at=(-2, 2.8))
        s.stub(jumper, 1, ours, 6, "left")
        s.stub(jumper, 2, other, 6)
    s.add("D1", 48, 39, turn=90, ref_at=(-5, -1), value_at=(-9, 1))
    s.wire(s.pin("F1", 2), (48, 28), s.pin("D1", 2))
    s.wire(s.pin("D1", 1), (48, 50))
    s.add("D2", 60, 39, mirror="x", ref_at=(4, 5), value_at=(4, 7))
    s.wire((48, 28), (60, 28), s.pin("D2", 1))
    s.wire(s.pin("D2", 2), (60, 50))
    s.wire(s.pin("D2", 4), (54, 39), (54, 43))
    s.power("GND", (54, 43))
    s.wire(s.pin("D2", 3), (76, 39))
    s.label("VBR", (70, 39))
    s.wire((60, 28), (74, 28))
    s.label("BUS_P", (67, 28))
    s.text(
        "Pair of either polarity. J2 hands the bus on, behind the fuse.\\n"
        "JP5 + JP6: Austria, Switzerland (RJ12 pins 3, 4)",
        11,
        73,
    )


def limiter(s):
    s.frame("Inrush and current limit", 80, 10, 152, 86)
    s.label("VBR", (82, 26))
    s.add("JP1", 90, 26, ref_at=(-2, -2.4), value_at=(-4, 2.8))
    s.wire((82, 26), s.pin("JP1", 1))
    s.wire(s.pin("JP1", 2), (98, 26))
    s.label("VLIM", (94, 26))
    s.add("R5", 107, 26, turn=90)
    s.wire((98, 26), s.pin("R5", 1))
    s.wire(s.pin("R5", 2), (117, 26))
    for jumper, resistor, y in (("JP2", "R6", 36), ("JP3", "R7", 46)):
        s.add(jumper, 102, y, ref_at=(-2, -2.4), value_at=(-2.5, 2.8))
        s.add(resistor, 111, y, turn=90)
        s.wire((98, y), s.pin(jumper, 1))
        s.wire(s.pin(jumper, 2), s.pin(resistor, 1))
        s.wire(s.pin(resistor, 2), (117, y))
    s.add("Q1", 100, 58, turn=180, ref_at=(-9, -1), value_at=(-11, 1))
    s.wire((98, 26), (98, 46), s.pin("Q1", 2))
    s.wire((117, 26), (117, 58), s.pin("Q1", 1))
    s.label("LIMS", (106, 58))
    s.add("Q2", 126, 28, turn=90, mirror="y", ref_at=(-4, -5.5), value_at=(-4, -7.5))
    s.wire((117, 26), s.pin("Q2", 3))
    s.wire(s.pin("Q2", 2), s.pin("Q2", 4))
    s.wire(s.pin("Q1", 3), (98, 66), (126, 66), s.pin("Q2", 1))
    s.label("LIMB", (112, 66))
    s.add("R8", 126, 72)
    s.wire((126, 66), s.pin("R8", 1))
    ground(s, "R8", 2)
    s.add("D4", 137, 26, turn=180, ref_at=(-2, -2.6), value_at=(-3, 2.8))
    s.wire(s.pin("Q2", 2), s.pin("D4", 2))
    s.add("C4", 145, 34, ref_at=(-5.5, -1.5), value_at=(-9, 3.5))
    s.wire(s.pin("D4", 1), (145, 26), s.pin("C4", 1))
    ground(s, "C4", 2)
    s.wire((145, 26), (156, 26))
    s.text("No jumper 3 mA: Kamstrup.  JP2 13 mA: Kaifa.  JP2 + JP3 18 mA: Aidon, L+G", 82, 83)


def buck(s):
    s.frame("24 V to 3.45 V buck, on above 17.4 V", 154, 10, 236, 86)
    selfpowered.buck(
        s, (154, 10), "U2", "C5", ("R9", "R10", "R11"), "R12", "L1", ("R13", "R14"), "C6", 74
    )
    s.text("PFM, peak 180 mA: charges the store with 90 mA (78 to 103)", 157, 83)


def store(s):
    s.frame("Store and supervisor", 238, 10, 321, 86)
    selfpowered.store(s, (246, 10), ("C7", "C8"), ("R15", "R16"), "C9", (16, 24, 3))
    selfpowered.supervisor(
        s, (279, 10), "U3", ("R17", "R18"), "R19", "SW2", "R20", "C17", across=(35, 40)
    )
    s.text("EN on at 3.06 V, off at 2.70 V. 2 x 3.3 F in series = 1.65 F", 241, 83)


def receiver(s):
    s.frame("M-Bus receiver, one unit load", 10, 90, 88, 152)
    bus.receiver(s, (52, 124), unused=(7,))
    s.wire(s.pin("U1", 9), (69, 116))
    s.wire(s.pin("U1", 12), (69, 118), (69, 114))
    s.power("+3V3", (69, 114))
    s.add("R34", 72, 124, turn=90, ref_at=(-3, -2.2), value_at=(1, -2.2))
    s.add("R35", 72, 128, turn=90, ref_at=(-3, -2.2), value_at=(1, -2.2))
    s.wire(s.pin("U1", 8), s.pin("R34", 1))
    s.wire(s.pin("U1", 5), s.pin("R35", 1))
    s.stub("R34", 2, "HAN_RX", 8)
    s.stub("R35", 2, "PF", 8)
    s.text("TX idles high, as a UART", 66, 133)


def measurement(s):
    s.frame("Bus and store voltage", 10, 156, 88, 196)
    for x, top, bottom, cap, net, out in (
        (18, "R25", "R26", "C14", "VBR", "ADC_BUS"),
        (58, "R27", "R28", "C15", "+3V3", "ADC_STORE"),
    ):
        s.add(top, x, 170)
        s.add(bottom, x, 182)
        s.add(cap, x + 10, 182)
        if net == "+3V3":
            rail(s, top, 1)
        else:
            s.wire(s.pin(top, 1), (x, 164), (x - 6, 164))
            s.label(net, (x - 6, 164))
        s.wire(s.pin(top, 2), s.pin(bottom, 1))
        s.wire((x, 176), (x + 20, 176))
        s.wire((x + 10, 176), s.pin(cap, 1))
        s.label(out, (x + 12, 176))
        ground(s, bottom, 2)
        ground(s, cap, 2)


def usb(s):
    s.frame("USB-C: set-up and flashing", 92, 90, 209, 152)
    s.add("J3", 104, 122, ref_at=(-8, -18), value_at=(-3, -18))
    s.wire(s.pin("J3", "A4"), (145, 110))
    for number in ("A9", "B4", "B9", "A12", "B1", "B12"):
        s.pin("J3", number)
    s.label("VBUS", (118, 110))
    s.stub("J3", "A5", "CC1")
    s.stub("J3", "B5", "CC2")
    s.no_connect("J3", "A8", "B8")
    s.wire(s.pin("J3", "A7"), (118, 120), (118, 122), s.pin("J3", "B7"))
    s.wire(s.pin("J3", "A6"), (118, 124), (118, 126), s.pin("J3", "B6"))
    s.wire(s.pin("J3", "S1"), (98, 143), (104, 143))
    s.wire(s.pin("J3", "A1"), (104, 144))
    s.power("GND", (104, 144))
    s.add("U5", 132, 122, ref_at=(6, -4), value_at=(4, 5))
    s.wire((118, 122), s.pin("U5", 1))
    s.wire((118, 124), s.pin("U5", 3))
    s.label("USBC_DM", (119, 122))
    s.label("USBC_DP", (119, 124))
    s.wire(s.pin("U5", 5), (132, 113), (137, 113))
    s.label("USB_5V", (137, 113))
    ground(s, "U5", 2)
    s.stub("U5", 6, "USB_DM", 8)
    s.stub("U5", 4, "USB_DP", 8)
    for ref, x, net in (("R21", 118, "CC1"), ("R22", 144, "CC2")):
        s.add(ref, x, 141)
        s.wire(s.pin(ref, 1), (x, 136), (x + 3, 136))
        s.label(net, (x, 136))
        ground(s, ref, 2)
    s.add("R23", 148, 116)
    s.wire((145, 110), (148, 110), s.pin("R23", 1))
    s.add("R36", 148, 125)
    s.wire(s.pin("R23", 2), s.pin("R36", 1))
    s.wire((148, 120), (155, 120))
    s.label("USB_EN", (155, 120))
    ground(s, "R36", 2)
    s.add("D5", 156, 110, turn=180, ref_at=(-2, -2.6), value_at=(-3, 2.8))
    s.wire((148, 110), s.pin("D5", 2))
    s.add("R24", 173, 110, turn=90)
    s.wire(s.pin("D5", 1), s.pin("R24", 1))
    s.label("USB_5V", (163, 110))
    s.add("C18", 162, 115)
    s.wire((162, 110), s.pin("C18", 1))
    ground(s, "C18", 2)
    s.add("C10", 179, 117, ref_at=(-5.5, -0.9), value_at=(-9, 0.9))
    s.wire(s.pin("R24", 2), (179, 110), s.pin("C10", 1))
    ground(s, "C10", 2)
    s.add("U4", 193, 112, ref_at=(-4, -5), value_at=(-4, -7))
    s.wire((179, 110), s.pin("U4", 1))
    s.label("VUSB", (180, 110))
    s.power("PWR_FLAG", (179, 110))
    s.wire(s.pin("U4", 3), (183, 112), (183, 134))
    s.label("USB_EN", (183, 134))
    s.wire((183, 134), (190, 134))
    ground(s, "U4", 2)
    s.no_connect("U4", 4)
    s.add("C11", 204, 117, ref_at=(-5, -0.9), value_at=(-8.5, 2.6))
    s.wire(s.pin("U4", 5), (204, 110), s.pin("C11", 1))
    ground(s, "C11", 2)
    s.wire((204, 110), (204, 107))
    s.power("+3V3", (204, 107))
    s.text(
        "R24 limits the charge. D5, R23, R36 and U5 behind D5 keep VBUS dead without a host",
        136,
        150,
    )


def controller(s):
    s.frame("ESP32-C3", 210, 90, 264, 196)
    s.add("U6", 240, 146, ref_at=(-11, -20), value_at=(4, -20))
    s.wire(s.pin("U6", 1), (240, 108))
    s.pin("U6", 19)
    ground(s, "U6", 9)
    s.wire((226, 108), (254, 108))
    s.wire((240, 108), (240, 104))
    s.power("+3V3", (240, 104))
    s.add("C12", 226, 113)
    s.add("C13", 254, 113)
    for ref, x in (("C12", 226), ("C13", 254)):
        s.wire((x, 108), s.pin(ref, 1))
        ground(s, ref, 2)
    nets = {
        2: "EN", 18: "ADC_BUS", 17: "ADC_STORE", 16: "IO2", 15: "DQ", 3: "HAN_RX", 4: "PF",
        5: "IO6",
        6: "IO7", 7: "IO8", 8: "BOOT", 10: "LED", 13: "USB_DM", 14: "USB_DP",
    }  # fmt: skip
    for number, net in nets.items():
        s.stub("U6", number, net, 11, "left")
    s.stub("U6", 11, "RXD", 6)
    s.stub("U6", 12, "TXD", 6)
    words = (
        "GPIO0, 1: ADC  GPIO3: 1-Wire",
        "GPIO4: meter  GPIO5: power fail",
        "(4 and 5 can end a deep sleep)",
        "GPIO10: LED  GPIO9: BOOT",
        "GPIO18, 19: USB",
    )
    s.text("\\n".join(words), 214, 194)


def straps(s):
    s.frame("Straps and set-up button", 268, 90, 321, 122)
    for ref, x, net in (("R29", 276, "IO2"), ("R30", 287, "IO8"), ("R31", 298, "BOOT")):
        s.add(ref, x, 106)
        rail(s, ref, 1)
        s.wire(s.pin(ref, 2), (x, 112))
        if ref != "R31":
            s.wire((x, 112), (x + 5, 112))
        s.label(net, (x, 112))
    s.add("SW1", 310, 112, ref_at=(-4, -3), value_at=(1, -3))
    s.wire((298, 112), s.pin("SW1", 1))
    s.wire(s.pin("SW1", 2), (316, 112), (316, 114))
    s.power("GND", (316, 114))


def in_and_out(s):
    s.frame("LED, temperature, expansion", 268, 126, 321, 196)
    s.add("R32", 276, 140)
    rail(s, "R32", 1)
    s.add("D6", 276, 148, turn=90, ref_at=(2.5, -0.9), value_at=(2.5, 0.9))
    s.wire(s.pin("R32", 2), s.pin("D6", 2))
    s.add("JP4", 281, 156, ref_at=(-2, -2.4), value_at=(-1.5, 2.8))
    s.wire(s.pin("D6", 1), (276, 156), s.pin("JP4", 1))
    s.stub("JP4", 2, "LED", 4)
    s.add("U7", 302, 146, ref_at=(-5.5, -6), value_at=(2, 6))
    s.wire(s.pin("U7", 3), (302, 137))
    s.power("+3V3", (302, 137))
    s.wire((293, 138), (302, 138))
    s.add("C16", 293, 146, ref_at=(-4, -1.6), value_at=(-5, 2.2))
    s.wire((293, 138), s.pin("C16", 1))
    ground(s, "C16", 2)
    ground(s, "U7", 1)
    s.add("R33", 315, 139)
    rail(s, "R33", 1)
    s.wire(s.pin("U7", 2), (315, 146), s.pin("R33", 2))
    s.wire((315, 146), (320, 146))
    s.label("DQ", (317, 146))
    s.add("J4", 312, 168, ref_at=(-1, -4), value_at=(-1, 4.5))
    s.wire(s.pin("J4", 1), (303, 166), (303, 164))
    s.power("+3V3", (303, 164))
    s.stub("J4", 2, "DQ", 4, "left")
    s.wire(s.pin("J4", 3), (303, 170), (303, 172))
    s.power("GND", (303, 172))
    s.add("J5", 290, 182, ref_at=(2, -1), value_at=(2, 1))
    s.wire(s.pin("J5", 1), (276, 178), (276, 175))
    s.power("+3V3", (276, 175))
    for number, net in ((2, "TXD"), (3, "RXD"), (4, "IO6"), (5, "IO7")):
        s.stub("J5", number, net, 5, "left")
    s.wire(s.pin("J5", 6), (276, 188), (276, 190))
    s.power("GND", (276, 190))


def test_points(s):
    s.frame("Test points", 92, 156, 164, 196)
    for index, (ref, net) in enumerate(TEST_POINTS.items()):
        x, y = 104 + 22 * (index // 3), 168 + 9 * (index % 3)
        s.add(ref, x, y, turn=90, ref_at=(-7.5, 0), value_at=False)
        if net in ("GND", "+3V3"):
            s.wire(s.pin(ref, 1), (x + 4, y))
            s.power(net, (x + 4, y))
        else:
            s.stub(ref, 1, net, 8)
    s.frame("Holes and flags", 168, 156, 206, 196)
    for index, ref in enumerate(("H1", "H2", "H3", "H4")):
        s.add(ref, 174, 166 + 7 * index, ref_at=(3, 0), value_at=False)
    s.power("PWR_FLAG", (192, 174))
    s.wire((192, 174), (192, 178))
    s.power("GND", (192, 178))


BLOCKS = (
    han_port,
    limiter,
    buck,
    store,
    receiver,
    measurement,
    usb,
    controller,
    straps,
    in_and_out,
    test_points,
)
