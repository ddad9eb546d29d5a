"""Forty-three ways to spoil han-selfpowered, and which check sees each: wiring, lands, values.

    python tests/hardware/mutations.py     prints the list

Each is done to a copy of the design's tables, as if somebody had changed parts.py or schematic.py
and drawn everything anew: sheet, board and rule checks would agree and stay green.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import board_rules  # noqa: E402

BOARD = "han-selfpowered"
LEAST = 40


# -- tools ----------------------------------------------------------------------------------------


def _leave(design, ref, pad):
    pin = (ref, str(pad))
    for pins in design.nets.values():
        pins.discard(pin)
    return pin


def to(design, ref, pad, net):
    """Put one pin on another net."""
    pin = _leave(design, ref, pad)
    design.nets.setdefault(net, set()).add(pin)


def swap(design, ref, a, b, other=None):
    """Exchange what two pins hang on, of one part or of two."""
    first, second = design.net(ref, a), design.net(other or ref, b)
    to(design, ref, a, second)
    to(design, other or ref, b, first)


def turned(ref):
    return lambda design: swap(design, ref, 1, 2)


def on(ref, pad, net):
    return lambda design: to(design, ref, pad, net)


def land(ref, name):
    """Another land, in the table and on the board."""

    def spoil(design):
        design.parts[ref]["footprint"] = design.lands[ref] = name

    return spoil


def resistor(ref, value):
    """Another resistance with the order number that goes with it."""

    def spoil(design):
        code = value.upper() if value[-1] in "kM" or not value.isdigit() else value + "R"
        size = "0805" if ref in ("R1", "R2") else "0603"
        design.parts[ref]["value"] = value
        design.parts[ref]["fields"]["MPN"] = f"RC{size}FR-07{code}L"

    return spoil


def value(ref, text, mpn=None):
    """Another value; with the order number that stands in the table, or with another."""

    def spoil(design):
        design.parts[ref]["value"] = text
        if mpn:
            design.parts[ref]["fields"]["MPN"] = mpn

    return spoil


def both(*spoils):
    def spoil(design):
        for one in spoils:
            one(design)

    return spoil


# -- the list -------------------------------------------------------------------------------------

_SOT = "Package_TO_SOT_SMD:"
MUTATIONS = [
    # wiring
    ("C4 reversed", turned("C4")),
    ("C7 reversed", turned("C7")),
    ("C8 reversed", turned("C8")),
    ("LED reversed", turned("D6")),
    ("D4 reversed", turned("D4")),
    ("D5 reversed", turned("D5")),
    ("bridge's plus and minus exchanged", lambda d: swap(d, "D2", 3, 4)),
    ("CC1 open: R21 hangs on nothing", on("R21", 1, "Net-(R21-Pad1)")),
    ("R22 pulls CC2 up to VBUS", on("R22", 2, "VBUS")),
    ("FB divider upside down", lambda d: (swap(d, "R13", 1, 2, "R14"), turned("R14")(d))),
    ("supervisor on the mid cell", on("R17", 1, "CELL_MID")),
    ("U4 enabled by its own input", on("U4", 3, "VUSB")),
    ("U5's upper diodes on VBUS, as in revision A", on("U5", 5, "VBUS")),
    ("Q1's base and emitter exchanged", lambda d: swap(d, "Q1", 1, 2)),
    ("Q2's emitter and collector exchanged", lambda d: swap(d, "Q2", 3, 2)),
    ("U1's RX at ground: sends for ever", on("U1", 12, "GND")),
    ("meter and power fail exchanged at the module", lambda d: swap(d, "U6", 3, 4)),
    ("EN pulled down", on("R20", 1, "GND")),
    ("D+ and D- exchanged", lambda d: swap(d, "U6", 13, 14)),
    ("BOOT strapped to ground", on("R31", 1, "GND")),
    ("J2 before the fuse", on("J2", 1, "HAN_P")),
    ("hysteresis from MR instead of EN", on("R19", 2, "MR")),
    ("both bus resistors on one line", on("R2", 1, "BUS_P")),
    ("CII jumper on the jack's pin 3", lambda d: swap(d, "J1", 3, 4)),
    ("DS18B20's supply and ground exchanged", lambda d: swap(d, "U7", 1, 3)),
    # lands
    ("SOT-23-6 for U4", land("U4", _SOT + "SOT-23-6")),
    ("SOT-23-5 for U3", land("U3", _SOT + "SOT-23-5")),
    ("SOT-89 for Q2", land("Q2", _SOT + "SOT-89-3")),
    ("C7 on the land of a 6.3 mm can", land("C7", "Capacitor_THT:CP_Radial_D6.3mm_P2.50mm")),
    ("R24 on a land of 0805", land("R24", "Resistor_SMD:R_0805_2012Metric")),
    # values
    ("C4 of 25 V", value("C4", "100u 25V", "EEU-FR1E101")),
    ("C4 of 25 V, order number left", value("C4", "100u 25V")),
    ("C5 of 25 V", value("C5", "2u2 25V", "GRM32ER71E225KA01L")),
    ("C2 of 16 V", value("C2", "220n 16V", "CL31B224KOFNNNE")),
    ("cells of 1 F", both(value("C7", "1F 2.7V"), value("C8", "1F 2.7V"))),
    ("R5 of 100 ohm: 7.9 mA at Kamstrup", resistor("R5", "100")),
    ("R7 of 39 ohm", resistor("R7", "39")),
    ("R10 of 56 k: on at 22.9 V", resistor("R10", "56k")),
    ("R13 of 220 k: rail of 3.9 V", resistor("R13", "220k")),
    ("R17 of 220 k, as in revision A", resistor("R17", "220k")),
    (
        "R23 and R36 of 10 k: D5's leakage switches U4 on",
        both(resistor("R23", "10k"), resistor("R36", "10k")),
    ),
    ("R26 of 120 k: 4.5 V into the ADC", resistor("R26", "120k")),
    ("D3 of 40 V, as in revision A", value("D3", "SMAJ40CA", "SMAJ40CA")),
]


def run(design=None):
    """[(mutation, [names of the checks that saw it])]."""
    design = design or board_rules.designs()[BOARD]
    sound = {rule.__name__: rule(design) for rule in board_rules.RULES}
    assert not any(sound.values()), sound
    rows = []
    for words, spoil in MUTATIONS:
        spoilt = design.copy()
        spoil(spoilt)
        rows.append((words, [r.__name__ for r in board_rules.RULES if r(spoilt)]))
    return rows


if __name__ == "__main__":
    result = run()
    for number, (words, seen) in enumerate(result, 1):
        print(f"{number:2} {words}: {', '.join(seen) or 'NOT SEEN'}")
    caught = sum(bool(seen) for _, seen in result)
    alone = sum(bool(set(seen) - {"blocks"}) for _, seen in result)
    print(f"{caught} of {len(result)} seen, {alone} without the golden wiring")
