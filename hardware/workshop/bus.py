"""The bus side that every reader of a HAN port has, as a block: parts and drawing of jack, fuse,
surge protection and M-Bus receiver. What each pin must be wired to: tests/hardware/bus_side.py.

`parts` fills a board's table; the others draw around an origin of the board's choice (`at`). What
differs stays with the board: which way U1 is fed, where its output goes, who else is on the bus.
"""

from rows import C0603, C1206

UNUSED = (2, 13, 10)  # of U1 on every board: VB, RXI, VS


def parts(table, jacks, ridd, ridd_why):
    """Rows of the jacks {ref: name}, F1, D1, D3, U1, R1 … R4, C1 … C3; `ridd` is R3's value."""
    table.row(
        " ".join(jacks), "Connector:RJ45", jacks,
        "Connector_RJ:RJ45_Amphenol_54602-x08_Horizontal",
        "54602-908LF", "Amphenol ICC", "none: sole source",
        "RJ45 of HAN-NVE: pin 1 bus +, pin 2 return; the board takes either polarity",
    )  # fmt: skip
    table.row(
        "F1", "Device:Polyfuse", "0.14A 60V",
        "Fuse:Fuse_1812_4532Metric_Pad1.30x3.40mm_HandSolder",
        "MF-MSMF014-2", "Bourns", "Littelfuse 1812L014DR",
        "opens if a part behind it fails short; holds 140 mA, 60 V against the bus's 42 V",
    )  # fmt: skip
    table.row(
        "D1", "Device:D_TVS", "SMAJ40CA", "Diode_SMD:D_SMA", "SMAJ40CA", "Littelfuse",
        "Bourns SMAJ40CA",
        "breaks down at 44.4 V or more, above the bus's 42 V; lets 64.5 V pass in a surge",
    )  # fmt: skip
    table.row(
        "D3", "Device:D_TVS", "SMAJ36CA", "Diode_SMD:D_SMA", "SMAJ36CA", "Littelfuse",
        "Bourns SMAJ36CA",
        "breaks down at 40.0 to 44.2 V: 46 V at the most in a surge and heat, below U1's 50 V; "
        "38 V at the least in the cold",
    )  # fmt: skip
    table.row(
        "U1", "kwhisper:TSS721A", "TSS721A", "Package_SO:SOIC-16_3.9x9.9mm_P1.27mm", "TSS721ADR",
        "Texas Instruments", "onsemi NCN5150DR2G",
        "M-Bus slave: adaptive threshold, unit loads by R3; C1, C3 suit both makers",
    )  # fmt: skip
    table.row(
        "R1 R2", "Device:R", "220", "Resistor_SMD:R_0805_2012Metric_Pad1.20x1.40mm_HandSolder",
        "RC0805FR-07220RL", "Yageo", "Vishay CRCW0805220RFKEA",
        "data sheet's bus resistors; 0805 for the surge they take with D3",
    )  # fmt: skip
    table.resistor("R3", ridd, ridd_why)
    table.resistor("R4", "100", "RIS, the data sheet's least value; sending is not used")
    table.capacitor(
        "C1", "22u", C1206, "CL31A226KAHNNNE", "Samsung", "Murata GRM31CR61E226KE15L",
        "STC store: 22 times C3 (TSS721A asks 4), 14 uF left at 7 V (NCN5150 asks 10), far below "
        "the 220 uF limit",
    )  # fmt: skip
    table.capacitor(
        "C2", "220n 100V", C1206, "C1206C224K1RACTU", "KEMET", "TDK C3216X7R2A224K115AA",
        "SC holds the mark level: 100 V part keeps more than 150 nF at 42 V",
    )  # fmt: skip
    table.capacitor(
        "C3", "1u", C0603, "CL10B105KA8NNNC", "Samsung", "Yageo CC0603KRX7R8BB105",
        "VDD: TSS721A wants 100 nF or more, NCN5150 1 uF to be stable",
    )  # fmt: skip


def cii(table, refs):
    """The two jumpers of the customer interface."""
    table.jumper(refs, "CII", False,
                 "both closed: a customer interface on RJ12 pins 3 and 4 (Austria, Switzerland), "
                 "which touch J1's 4 and 5")  # fmt: skip


def jack(s, at, ref):
    """A jack with a name at each pin of its two pairs."""
    s.add(ref, *at, mirror="x", ref_at=(-5, -13), value_at=(0, -13))
    s.no_connect(ref, 3, 6, 7, 8)
    s.hang(ref, {1: "HAN_P", 2: "HAN_N", 4: "CII_A", 5: "CII_B"}, 3)


def port(s, at):
    """F1 at the origin, D1 behind it, the two jumpers below."""
    with s.at(*at):
        s.add("F1", 0, 0, turn=90, ref_at=(-1, -3), value_at=(-4, 3))
        s.hang("F1", {1: "HAN_P"}, 3)
        s.wire(s.pin("F1", 2), (12, 0), (26, 0))
        s.label("BUS_P", (26, 0))
        s.add("D1", 12, 8, turn=90, ref_at=(-5, -1), value_at=(-9, 1))
        s.wire((12, 0), s.pin("D1", 2))
        s.wire(s.pin("D1", 1), (12, 16), (26, 16))
        s.label("HAN_N", (26, 16))
        for ref, y, ours, other in (("JP1", 30, "CII_A", "HAN_P"), ("JP2", 39, "CII_B", "HAN_N")):
            s.add(ref, -10, y, ref_at=(-2, -2.4), value_at=(-1.5, 2.8))
            s.hang(ref, {1: ours, 2: other})
        s.text("JP1 + JP2: Austria, Switzerland\\n(RJ12 pins 3, 4)", -16, 48)


def receiver(s, at, ground="GND", unused=()):
    """U1 at the origin with all that its data sheet hangs on it, from BUS_P and HAN_N; `unused`
    are pins that this board leaves open beside those."""
    with s.at(*at):
        for ref, y, net in (("R1", -6, "BUS_P"), ("R2", 2, "HAN_N")):
            s.add(ref, -33, y, turn=90)
            s.wire((-41, y), s.pin(ref, 1))
            s.label(net, (-41, y))
        s.add("D3", -21, -2, turn=90, ref_at=(-4, -1), value_at=(-9, 1))
        s.add("U1", 0, 0, ref_at=(-8, -12), value_at=(-5, 5))
        s.wire(s.pin("R1", 2), s.pin("U1", 16))
        s.wire(s.pin("R2", 2), s.pin("U1", 1))
        s.wire(s.pin("D3", 2), (-21, -6))
        s.wire(s.pin("D3", 1), (-21, 2))
        s.label("BUSL1", (-19, -6))
        s.label("BUSL2", (-19, 2))
        s.no_connect("U1", *UNUSED, *unused)
        s.add("C3", -16, -21)
        s.wire(s.pin("U1", 11), (-4, -26), (-16, -26), s.pin("C3", 1))
        s.label("TSS_VDD", (-14, -26))
        s.hang("C3", {2: ground})
        s.add("C1", 24, -21)
        s.wire(s.pin("U1", 3), (4, -26), (24, -26), s.pin("C1", 1))
        s.label("STC", (7, -26))
        s.hang("C1", {2: ground})
        s.add("R3", -16, 19)
        s.wire(s.pin("U1", 4), (-6, 14), (-16, 14), s.pin("R3", 1))
        s.label("RIDD", (-14, 14))
        s.hang("R3", {2: ground})
        s.add("R4", -6, 20)
        s.wire(s.pin("U1", 14), (-2, 15), (-6, 15), s.pin("R4", 1))
        s.hang("R4", {2: ground})
        s.hang("U1", {15: ground}, 16 - s.pin("U1", 15)[1])
        s.add("C2", 12, 20)
        s.wire(s.pin("U1", 6), (6, 14), (12, 14), s.pin("C2", 1))
        s.label("SC", (8, 14))
        s.hang("C2", {2: ground})
