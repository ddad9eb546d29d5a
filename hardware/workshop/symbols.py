"""Our own symbols: what KiCad's libraries lack, drawn as boxes from a pin table.

Run as a script it writes ../lib/kwhisper.kicad_sym. One unit of the table is the sheet's grid,
1.27 mm.
"""

from pathlib import Path

_GRID = 1.27
_FONT = "(effects (font (size 1.27 1.27)))"
LIBRARY = Path(__file__).resolve().parent.parent / "lib" / "kwhisper.kicad_sym"

# name: half width, half height, footprint, description, {side: [(pin name, number, type,
# position)]}
SYMBOLS = {
    "TSS721A": (
        9,
        10,
        "Package_SO:SOIC-16_3.9x9.9mm_P1.27mm",
        "M-Bus slave transceiver, SOIC-16 (TI SLAS222)",
        {
            "left": [
                ("BUSL1", 16, "passive", -6),
                ("VB", 2, "passive", -2),
                ("BUSL2", 1, "passive", 2),
            ],
            "right": [
                ("BAT", 9, "power_in", -8),
                ("RX", 12, "input", -6),
                ("RXI", 13, "input", -3),
                ("TX", 8, "output", 0),
                ("TXI", 7, "output", 2),
                ("PF", 5, "output", 4),
                ("VS", 10, "output", 6),
            ],
            "top": [("VDD", 11, "power_out", -4), ("STC", 3, "passive", 4)],
            "bottom": [
                ("RIDD", 4, "passive", -6),
                ("RIS", 14, "passive", -2),
                ("GND", 15, "power_in", 2),
                ("SC", 6, "passive", 6),
            ],
        },
    ),
    "LM5165": (
        8,
        11,
        "kwhisper:LM5165_VSON-10_VSSOP-10",
        "65 V, 150 mA synchronous buck converter, VSON-10 or VSSOP-10 (TI SNVSA47)",
        {
            "left": [
                ("VIN", 2, "power_in", -6),
                ("EN", 7, "input", -2),
                ("HYS", 9, "open_collector", 2),
                ("RT", 5, "passive", 6),
            ],
            "right": [
                ("SW", 1, "passive", -6),
                ("FB", 8, "input", -2),
                ("SS", 4, "passive", 2),
                ("PGOOD", 6, "open_collector", 6),
            ],
            "bottom": [
                ("PAD", 11, "passive", -6),
                ("GND", 10, "power_in", -4),
                ("ILIM", 3, "passive", 0),
            ],
        },
    ),
    "LM393": (
        7,
        8,
        "Package_SO:SOIC-8_3.9x4.9mm_P1.27mm",
        "Two comparators with open collectors, SOIC-8, as one box",
        {
            "left": [
                ("+A", 3, "input", -5),
                ("-A", 2, "input", -2),
                ("+B", 5, "input", 2),
                ("-B", 6, "input", 5),
            ],
            "right": [("OUTA", 1, "open_collector", -4), ("OUTB", 7, "open_collector", 4)],
            "top": [("V+", 8, "power_in", 0)],
            "bottom": [("GND", 4, "power_in", 0)],
        },
    ),
}


def _mm(units):
    return f"{units * _GRID:g}"


def _property(name, value, x, y, hide=False):
    hidden = " (hide yes)" if hide else ""
    return (
        f'\t\t(property "{name}" "{value}" (at {_mm(x)} {_mm(y)} 0) '
        f"(effects (font (size 1.27 1.27)) (justify left){hidden}))"
    )


def _pins(half_w, half_h, sides):
    """Pin lines; a symbol's y points up, the table's down, as on the sheet."""
    place = {
        "left": lambda at: (-half_w - 2, -at, 0),
        "right": lambda at: (half_w + 2, -at, 180),
        "top": lambda at: (at, half_h + 2, 270),
        "bottom": lambda at: (at, -half_h - 2, 90),
    }
    for side, pins in sides.items():
        for name, number, kind, at in pins:
            x, y, turn = place[side](at)
            yield (
                f"\t\t\t(pin {kind} line (at {_mm(x)} {_mm(y)} {turn}) (length 2.54) "
                f'(name "{name}" {_FONT}) (number "{number}" {_FONT}))'
            )


def symbol_text(name):
    """One symbol in the .kicad_sym format."""
    half_w, half_h, footprint, description, sides = SYMBOLS[name]
    lines = [f'\t(symbol "{name}" (exclude_from_sim no) (in_bom yes) (on_board yes)']
    lines.append(_property("Reference", "U", -half_w, half_h + 1))
    lines.append(_property("Value", name, -half_w, -half_h - 1))
    lines.append(_property("Footprint", footprint, 0, 0, True))
    lines.append(_property("Datasheet", "~", 0, 0, True))
    lines.append(_property("Description", description, 0, 0, True))
    lines.append(
        f'\t\t(symbol "{name}_0_1" (rectangle (start {_mm(-half_w)} {_mm(half_h)}) '
        f"(end {_mm(half_w)} {_mm(-half_h)}) (stroke (width 0.254) (type default)) (fill (type "
        f"background))))"
    )
    lines.append(f'\t\t(symbol "{name}_1_1"')
    lines.extend(_pins(half_w, half_h, sides))
    lines.append("\t\t)\n\t\t(embedded_fonts no)\n\t)")
    return "\n".join(lines)


def library_text():
    """The whole library file."""
    head = (
        "(kicad_symbol_lib\n\t(version 20241209)\n"
        '\t(generator "kwhisper")\n\t(generator_version "9.0")\n'
    )
    return head + "\n".join(symbol_text(name) for name in SYMBOLS) + "\n)\n"


if __name__ == "__main__":
    LIBRARY.write_text(library_text(), encoding="utf-8")
