"""Draws the bench's table as SVG: bars on a logarithmic scale, one panel a frame."""

import math
from xml.sax.saxutils import escape

_WIDTH = 900
_LEFT = 190
_RIGHT = 150
_BAR = 16
_GAP = 5
_HEAD = 74
_PANEL = 30  # its title
_BELOW = 18
_SECTION = 16
_FONT = "font-family='system-ui, sans-serif'"
_COLOURS = {"unix-viper": "#0b7a5c", "unix32-viper": "#0b7a5c", "unix": "#4aa88d"}
_OURS = "#4aa88d"
_PEER = "#b3792b"


def _text(x, y, words, size=13, anchor="start", extra=""):
    return (
        f"<text x='{x:.0f}' y='{y:.0f}' font-size='{size}' text-anchor='{anchor}' {extra}>"
        f"{escape(words)}</text>"
    )


def _number(us):
    return f"{us:.1f} µs" if us < 100 else f"{us:,.0f} µs"


def draw(frames, rows, machine: str) -> str:
    """The SVG of these frames' rows; runtimes that cannot decode a frame are left out of it."""
    from kwhisper_tools.bench.decoding import PEERS, fastest_peer

    timed = [row for row in rows if row.us and not row.runtime.endswith("-values")]
    low = math.floor(math.log10(min(row.us for row in timed)))
    high = math.ceil(math.log10(max(row.us for row in timed)))
    room = _WIDTH - _LEFT - _RIGHT

    def x_of(us):
        return _LEFT + room * (math.log10(us) - low) / (high - low)

    out = []
    y = _HEAD
    for frame in frames:
        own = sorted((row for row in timed if row.frame == frame.name), key=lambda r: r.us)
        if not own:
            continue
        peer = fastest_peer(rows, frame.name)
        y += _PANEL
        title = f"{frame.name}: {frame.what}, {frame.size} bytes"
        out.append(_text(12, y - 9, title, 14, extra="font-weight='600'"))
        top = y
        for row in own:
            fill = _PEER if row.runtime in PEERS else _COLOURS.get(row.runtime, _OURS)
            end = x_of(row.us)
            out.append(_text(_LEFT - 8, y + _BAR - 3, row.runtime, 12, "end"))
            out.append(
                f"<rect x='{_LEFT}' y='{y}' width='{max(end - _LEFT, 1):.1f}' height='{_BAR}' "
                f"rx='2' fill='{fill}'/>"
            )
            says = _number(row.us)
            if peer and row.runtime not in PEERS:
                says += f", {peer.us / row.us:.1f}×"
            out.append(_text(end + 6, y + _BAR - 3, says, 12))
            y += _BAR + _GAP
        for power in range(low, high + 1):
            x = x_of(10**power)
            out.insert(
                0,
                f"<line x1='{x:.1f}' y1='{top - 3}' x2='{x:.1f}' y2='{y - 2}' stroke='#ddd'/>",
            )
            out.append(_text(x, y + 11, f"{10.0**power:g}", 10, "middle", "fill='#777'"))
        y += _BELOW + _SECTION - 8
    head = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {_WIDTH} {y}' width='{_WIDTH}' "
        f"height='{y}' {_FONT} fill='#222'>",
        f"<rect width='{_WIDTH}' height='{y}' fill='#fff'/>",
        _text(12, 26, "CPU time to decode one frame, logarithmic", 17, extra="font-weight='600'"),
        _text(
            12,
            46,
            "Green: meterwire. Brown: decoders from PyPI. ×: as fast as the fastest of them.",
        ),
        _text(12, 64, machine, 11, extra="fill='#666'"),
    ]
    return "\n".join([*head, *out, "</svg>"]) + "\n"
