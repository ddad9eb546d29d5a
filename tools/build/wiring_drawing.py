"""Draws docs/wiring-*.svg: how each meter's port is wired to a chip.

python -m kwhisper_tools.build.wiring_drawing   after a change below; a test fails until it was run
"""

from html import escape
from pathlib import Path

from kwhisper_tools.paths import ROOT

FOLDER = ROOT / "docs"

_ROW = 34  # between two pins
_TOP = 92  # of the first pin
_BOX = {"port": (20, 150), "adapter": (310, 190), "board": (640, 160)}  # left edge, width
_WIDTH = 820
_COLOURS = {
    "bus": "#7a3fb0",
    "data": "#1565c0",
    "power": "#c62828",
    "ground": "#333333",
    "enable": "#b26a00",
}


def _mbus(title, plug, first, second, *notes):
    """A drawing of a port with M-Bus at two pins of its socket."""
    return {
        "title": title,
        "port": (
            f"Meter: {plug}",
            "seen into the socket",
            [f"{first}  M-Bus", f"{second}  M-Bus"],
        ),
        "adapter": ("M-Bus slave adapter", "TSS721A or NCN5150", ["BUS 1", "BUS 2"]),
        "out": ["TX", "VCC (BAT)", "GND"],
        "board": ("ESP32 board", "power: USB", ["RX pin", "3V3", "GND"]),
        "wires": [
            ("port", 0, "adapter", 0, "bus", "220 Ω"),
            ("port", 1, "adapter", 1, "bus", "220 Ω"),
            ("adapter", 0, "board", 0, "data", ""),
            ("adapter", 1, "board", 1, "power", ""),
            ("adapter", 2, "board", 2, "ground", ""),
        ],
        "notes": notes,
    }


# name: title; for each box its heading, a line below it, and its pins by row (None: no pin);
# wires: from box and row, to box and row, kind, what stands on it; notes below.
DRAWINGS = {
    "wiring-han": _mbus(
        "HAN port, M-Bus on RJ45: Norway, Denmark (Kamstrup), some of Sweden",
        "RJ45",
        1,
        2,
        "Pins 1 and 2 may be exchanged. Pins 3 to 8 stay free.",
        "220 Ω: on most adapters already. The meter's port cannot power an ESP32 alone.",
    ),
    "wiring-cii": _mbus(
        "Customer port (CII), M-Bus on RJ12: Austria, Switzerland",
        "RJ12",
        3,
        4,
        "Pins 3 and 4 may be exchanged. Pins 1, 2, 5 and 6 stay free.",
        "The lists are encrypted: ask your grid company for the key.",
    ),
    "wiring-p1": {
        "title": "P1, RJ12: Netherlands, Belgium, Luxembourg, Sweden, Hungary, Lithuania",
        "port": (
            "Meter: RJ12",
            "seen into the socket",
            ["1  +5 V", "2  request", "3  ground", "5  data", "6  ground"],
        ),
        "adapter": (
            "Level: open collector",
            "1 kΩ from data to 3V3",
            ["5 V", "to 5 V", "ground", "data", "ground"],
        ),
        "out": ["5 V", "3V3 to 1 kΩ", "GND", "data"],
        "board": ("ESP32 board", "power: the meter", ["5V (VIN)", "3V3", "GND", "RX pin"]),
        "wires": [
            ("port", 0, "adapter", 0, "power", ""),
            ("port", 1, "adapter", 1, "enable", ""),
            ("port", 2, "adapter", 2, "ground", ""),
            ("port", 3, "adapter", 3, "data", ""),
            ("port", 4, "adapter", 4, "ground", ""),
            ("adapter", 0, "board", 0, "power", "470 µF"),
            ("adapter", 1, "board", 1, "power", ""),
            ("adapter", 2, "board", 2, "ground", ""),
            ("adapter", 3, "board", 3, "data", ""),
        ],
        "notes": [
            "Data is inverted; kWhisper finds that out. It never rises above 3.3 V this way.",
            "Pin 1 gives 5 V and 250 mA: enough with 470 µF beside the board. Else take USB.",
        ],
    },
    "wiring-mep": {
        "title": "MEP port of NES (Echelon) meters: Austria, Switzerland, Denmark",
        "port": (
            "Meter: terminals",
            "beside the display",
            ["16A  MEP TXD", "17   MEP RXD", "18   COM ENABLE", "19   GND"],
        ),
        "adapter": (
            "RS-232 level shifter",
            "MAX3232 at 3.3 V",
            ["R1IN", "T1OUT", "+9 to 12 V", "GND"],
        ),
        "out": ["R1OUT", "T1IN", "VCC", "GND"],
        "board": ("ESP32 board", "power: USB", ["RX pin", "TX pin", "3V3", "GND"]),
        "wires": [
            ("port", 0, "adapter", 0, "data", ""),
            ("port", 1, "adapter", 1, "data", ""),
            ("port", 2, "adapter", 2, "enable", ""),
            ("port", 3, "adapter", 3, "ground", ""),
            ("adapter", 0, "board", 0, "data", ""),
            ("adapter", 1, "board", 1, "data", ""),
            ("adapter", 2, "board", 2, "power", ""),
            ("adapter", 3, "board", 3, "ground", ""),
        ],
        "notes": [
            "COM ENABLE takes a supply of its own, not 3V3. Terminal 16 (+24 V) stays free.",
            "No answer? Exchange 16A and 17: documents differ in whose side they name.",
        ],
    },
}


def draw(name: str) -> str:
    """The SVG of one of DRAWINGS."""
    of = DRAWINGS[name]
    rows = max(len(of["port"][2]), len(of["adapter"][2]), len(of["out"]), len(of["board"][2]))
    bottom = _TOP + rows * _ROW
    height = bottom + 24 + 22 * len(of["notes"])
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'font-family="sans-serif" font-size="14" role="img">',
        f"<title>{escape(of['title'])}</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        _text(20, 28, of["title"], 'font-size="16" font-weight="bold"'),
    ]
    for box, (x, width) in _BOX.items():
        heading, below, _ = of[box]
        out.append(
            f'<rect x="{x}" y="44" width="{width}" height="{bottom - 52}" rx="6" '
            f'fill="#f4f6f8" stroke="#555"/>'
        )
        middle = f'text-anchor="middle" fill="{_COLOURS["ground"]}"'
        out.append(_text(x + width / 2, 62, heading, middle + ' font-weight="bold"'))
        out.append(_text(x + width / 2, 77, below, middle + ' font-size="11"'))
    right = {"port": of["port"][2], "adapter": of["out"]}
    left = {"adapter": of["adapter"][2], "board": of["board"][2]}
    for start, row, end, goal, kind, label in of["wires"]:
        x1 = sum(_BOX[start])
        y1, x2, y2 = _y(row), _BOX[end][0], _y(goal)
        out.append(
            f'<path d="M{x1} {y1}H{(x1 + x2) / 2}V{y2}H{x2}" fill="none" '
            f'stroke="{_COLOURS[kind]}" stroke-width="3"/>'
        )
        if label:
            x = (x1 + x2) / 2
            out.append(f'<rect x="{x - 27}" y="{y1 - 10}" width="54" height="20" rx="3" ')
            out[-1] += f'fill="#fff" stroke="{_COLOURS[kind]}"/>'
            out.append(_text(x, y1 + 4, label, 'text-anchor="middle" font-size="12"'))
    for box, pins in right.items():
        x = sum(_BOX[box])
        out += [_pin(x, row, pin, "end", -10) for row, pin in enumerate(pins)]
    for box, pins in left.items():
        out += [_pin(_BOX[box][0], row, pin, "start", 10) for row, pin in enumerate(pins)]
    out += [_text(20, bottom + 20 + 22 * i, note) for i, note in enumerate(of["notes"])]
    return "\n".join([*out, "</svg>"]) + "\n"


def _y(row: int) -> int:
    return _TOP + 12 + row * _ROW


def _pin(x: int, row: int, name: str, anchor: str, beside: int) -> str:
    dot = f'<circle cx="{x}" cy="{_y(row)}" r="5" fill="#fff" stroke="#333" stroke-width="2"/>'
    return dot + _text(x + beside, _y(row) + 5, name, f'text-anchor="{anchor}" font-size="12"')


def _text(x: float, y: float, words: str, more: str = "") -> str:
    return f'<text x="{x}" y="{y}" {more}>{escape(words)}</text>'


def main() -> None:
    """Write all of them."""
    for name in DRAWINGS:
        Path(FOLDER / f"{name}.svg").write_text(draw(name), "utf-8", newline="\n")


if __name__ == "__main__":
    main()
