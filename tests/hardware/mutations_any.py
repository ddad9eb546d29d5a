"""Ways to spoil any board, made from its own tables, and which check sees each.

    python tests/hardware/mutations_any.py [BOARD]     prints the list

For every polarised part: turned round. For every transistor and chip: two pins exchanged. For
every resistor, capacitor and coil: twice the value or a tenth, with an order number to match.
For every rated part: a version of 6.3 V. For every land: a neighbour. As in mutations.py each is
done to a copy, as if somebody had changed the tables and drawn everything anew.
"""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import board_rules  # noqa: E402
from mutations import land, resistor, swap, turned, value  # noqa: E402

LEAST = 0.93  # of all, as 40 of 43 for the first board
_NEIGHBOURS = {
    "Package_TO_SOT_SMD:SOT-23": "Package_TO_SOT_SMD:SOT-323_SC-70",
    "Package_TO_SOT_SMD:SOT-23-5": "Package_TO_SOT_SMD:SOT-23-6",
    "Package_TO_SOT_SMD:SOT-23-6": "Package_TO_SOT_SMD:SOT-23-5",
    "Package_TO_SOT_SMD:SOT-223": "Package_TO_SOT_SMD:SOT-89-3",
    "kwhisper:SOT-223_short_print": "Package_TO_SOT_SMD:SOT-89-3",
    "Package_SO:SOIC-8_3.9x4.9mm_P1.27mm": "Package_SO:SOIC-8_5.3x5.3mm_P1.27mm",
    "Package_SO:SOIC-16_3.9x9.9mm_P1.27mm": "Package_SO:SOIC-16W_7.5x10.3mm_P1.27mm",
    "kwhisper:DIP-4_W10.16mm_slot": "Package_DIP:DIP-4_W7.62mm",
    "Diode_SMD:D_SOD-123": "Diode_SMD:D_SOD-323",
    "Diode_SMD:D_SMA": "Diode_SMD:D_SMB",
}


def _pins(design, ref):
    """Two pins of a part whose exchange matters: on nets of their own."""
    pads = sorted(design.pads[ref], key=lambda p: (len(p), p))
    for a, b in zip(pads, pads[1:], strict=False):
        one, two = design.net(ref, a), design.net(ref, b)
        if one and two and one != two and not {(ref, a), (ref, b)} & design.golden.OPEN:
            return a, b
    return None


def mutations(design):
    """[(words, what does it)]."""
    found = []
    for ref in design.fitted():
        row = design.parts[ref]
        kind = row["symbol"]
        if re.search(r":(LED|D|D_Schottky|D_Zener|C_Polarized)$", kind):
            found.append((f"{ref} turned round", turned(ref)))
        if ref[0] in "QU" or ref.startswith(("J", "D")) and len(design.pads[ref]) > 2:
            pins = _pins(design, ref)
            if pins:
                words = f"{ref}: pins {pins[0]} and {pins[1]} exchanged"
                found.append((words, lambda d, r=ref, p=pins: swap(d, r, *p)))
        if row["footprint"] in _NEIGHBOURS:
            other = _NEIGHBOURS[row["footprint"]]
            found.append((f"{ref} on {other.split(':')[1]}", land(ref, other)))
        if kind == "Device:R" and row["fields"]["MPN"].startswith("RC0603"):
            twice = 2 * board_rules.scaled(row["value"])
            text = f"{twice / 1e3:g}k" if twice >= 1e3 else f"{twice:g}"
            found.append((f"{ref} of {text}", resistor(ref, text)))
        if kind in ("Device:C", "Device:C_Polarized", "Device:L"):
            tenth = board_rules.scaled(row["value"]) / 10
            found.append((f"{ref} a tenth", value(ref, f"{tenth * 1e9:.3f}n")))
            volts = " ".join([row["value"].split()[0], "6.3V"])
            known = design.golden.order(row["fields"]["MPN"])
            nets = [design.net(ref, pad) for pad in ("1", "2")]
            most = max(design.golden.VOLTS.get(n, (0, design.golden.LOGIC))[1] for n in nets)
            if known and known.volts and most > 5.3:
                found.append((f"{ref} of 6.3 V", value(ref, volts)))
    return found


def run(design):
    """[(mutation, [names of the checks that saw it])]."""
    sound = {rule.__name__: rule(design) for rule in board_rules.RULES}
    assert not any(sound.values()), sound
    rows = []
    for words, spoil in mutations(design):
        spoilt = design.copy()
        spoil(spoilt)
        rows.append((words, [r.__name__ for r in board_rules.RULES if r(spoilt)]))
    return rows


if __name__ == "__main__":
    boards = board_rules.designs()
    for name in sys.argv[1:] or boards:
        result = run(boards[name])
        for number, (words, seen) in enumerate(result, 1):
            print(f"{number:3} {words}: {', '.join(seen) or 'NOT SEEN'}")
        caught = sum(bool(seen) for _, seen in result)
        alone = sum(bool(set(seen) - {"blocks"}) for _, seen in result)
        print(f"{name}: {caught} of {len(result)} seen, {alone} without the golden wiring")
