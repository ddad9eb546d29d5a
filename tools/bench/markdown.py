"""The bench's table as Markdown, put between two marks of docs/performance.md."""

from pathlib import Path

_BEGIN = "<!-- from here on written by kwhisper bench decode --plot -->"
_END = "<!-- up to here -->"


def table(frames, rows, machine: str, rounds: int) -> str:
    """One row a runtime, one column a frame; below it the goals."""
    from kwhisper_tools.bench.decoding import PEERS, fastest_peer, goals

    names = list(dict.fromkeys(row.runtime for row in rows))
    by = {(row.frame, row.runtime): row for row in rows}
    lines = [
        f"Measured on {machine}: µs of CPU time a frame, the shortest of {rounds} rounds; in "
        "brackets how many times faster than the fastest peer.",
        "",
        "| | " + " | ".join(f"{f.name}, {f.size} B" for f in frames) + " |",
        "|---|" + "--:|" * len(frames),
    ]
    for name in names:
        cells = []
        for frame in frames:
            row = by.get((frame.name, name))
            peer = fastest_peer(rows, frame.name)
            if row is None or row.us is None:
                cells.append("–")
            elif peer and name not in PEERS:
                cells.append(f"{_us(row.us)} ({_times(peer.us / row.us)}×)")
            else:
                cells.append(_us(row.us))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    lines += ["", "Heap bytes a frame:", "", "| | " + " | ".join(f.name for f in frames) + " |"]
    lines.append("|---|" + "--:|" * len(frames))
    for name in names:
        heap = [by.get((frame.name, name)) for frame in frames]
        cells = [f"{r.alloc:,}" if r and r.alloc is not None else "–" for r in heap]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    reached = goals(rows)
    if reached:
        lines += ["", "| goal | wanted | reached | |", "|---|--:|--:|---|"]
        for frame, runtime, wanted, factor in reached:
            verdict = "met" if factor >= wanted else "**missed**"
            lines.append(f"| {frame} on {runtime} | {wanted}× | {_times(factor)}× | {verdict} |")
    return "\n".join(lines)


def _us(us: float) -> str:
    return f"{us:.1f}" if us < 100 else f"{us:,.0f}"


def _times(factor: float) -> str:
    return f"{factor:.1f}" if factor < 20 else f"{factor:.0f}"


def put(file: Path, text: str) -> bool:
    """Put the text between the marks of the file; False if there are none."""
    if not file.exists():
        return False
    page = file.read_text()
    before, begin, rest = page.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        return False
    file.write_text(f"{before}{_BEGIN}\n\n{text}\n\n{_END}{after}")
    return True
