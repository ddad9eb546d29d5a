"""What makers' data sheets say of pins, leads and lands: figures read off their tables and
drawings, each with document, revision and place. Millimetres, seen from above, y downwards."""


def _from_one(names):
    return dict(enumerate(names.split(), start=1))


# Texas Instruments SNVSA47D (LM5165, revised December 2022), table 5-1 and figure 5-1: adjustable
# version, VSON-10 (DRC), 1 to 5 down the left side. The pad has no number there; it is 11 in the
# package's drawing.
LM5165 = _from_one("SW VIN ILIM SS RT PGOOD EN FB HYS GND PAD")
# Drawing DRC0010J, 4218878/B, example board layout: rows 2.8 apart, pitch 0.5,
# pads of 0.6 x 0.24 round an exposed pad.
DRC_APART, DRC_PITCH, DRC_PAD, DRC_EXPOSED = 2.8, 0.5, (0.6, 0.24), (1.65, 2.4)
# Table 6.5, typical: ohms from ILIM to ground -> peak of the coil's current; FB's reference.
LM5165_PEAKS = {0: 0.24, 24.9e3: 0.18, 56.2e3: 0.12, 100e3: 0.06}
LM5165_FEEDBACK = 1.223

# Texas Instruments SBVS038U (TPS736, revised January 2015), section 5: SOT23 (DBV), fixed voltage.
TPS736_DBV = _from_one("IN GND EN NR OUT")
TPS736_DBV_TO_AIR = 221.9  # K/W, table 6.4, for a board of four layers

# Texas Instruments SLLS664E (MAX3232E, revised June 2021), table 5-1.
MAX3232E = _from_one("C1+ V+ C1- C2+ C2- V- DOUT2 RIN2 ROUT2 DIN2 DIN1 ROUT1 RIN1 DOUT1 GND VCC")

# Texas Instruments SLOS456O (LM4040, revised June 2024), figure 5-1: DBZ. Pin 3 is to be left open
# or tied to the anode. (SNOS633, of the order number with /NOPB, was not to be had.)
LM4040_DBZ = _from_one("K A NC")

# Espressif, ESP32-C3-WROOM-02 & WROOM-02U Datasheet v1.4 (September 2024; v1.2 is alike), table 3:
# pin -> GPIO, or the name of what is none. 11 and 12 are the UART's RXD and TXD, 13 and 14 USB's
# D- and D+. The symbol in Espressif's own KiCad library of 2026-07-28 has the same.
WROOM_02 = _from_one("3V3 EN 4 5 6 7 8 9 GND 10 20 21 18 19 3 2 1 0 GND")
# Figure 10, recommended land: 1 to 9 down the left side, 10 to 18 up the right. Pin 19 is nine
# squares, 2.9 over all, off the middle: 9.96 from the left edge of the module, 6.7 from the lower.
WROOM_APART, WROOM_PITCH, WROOM_PAD = 17.5, 1.5, (1.5, 0.9)
WROOM_WIDTH, WROOM_LENGTH, WROOM_FIRST = 18, 20, 7.1  # pads 1 and 18 below the upper edge
WROOM_SQUARE, WROOM_GAP, WROOM_GROUND = 0.7, 0.4, (9.96, 6.7)

# MB6S. Neither sheet below numbers the leads: what counts is where the body's print has its signs.
# With both alternating leads towards the reader: over the left one -, over the right one +.
# Vishay 88661 (MB2S, MB4S, MB6S), 19-Aug-13, page 3: package outline of the TO-269AA (MBS);
# SMC Diode Solutions N0529 Rev. C (MB05S thru MB10S), pages 3 and 4: marking diagram, dimensions.
# onsemi's own drawing (MB8S/D) was not to be had; the KiCad library that Digi-Key drew after it
# (2022) has + 1, - 2 and the alternating ones 3, 4: other numbers, the same places.
# The body's notch is no mark: Vishay draws it at the side of -, SMC at the side of +.
MBS_FAR_SIDE = ("-", "+")  # left, right
# maker: least and most of span over both feet (SMC's least: by its body and the leads' reach),
# pitch, width of a lead, length of a foot
MBS = {
    "Vishay": {
        "span": (6.40, 6.90), "pitch": (2.41, 2.67), "width": (0.43, 0.74), "foot": (0.48, 0.96),
    },
    "SMC": {"span": (6.2, 7.0), "pitch": (2.3, 2.7), "width": (0.5, 0.7), "foot": (0.6, 1.1)},
}  # fmt: skip
