"""Run ngspice on a netlist and give back its curves. Needs ngspice in the path, nothing else."""

import subprocess
import tempfile
from bisect import bisect_left
from pathlib import Path

_HERE = Path(__file__).resolve().parent
LIBRARY = _HERE.parent / "han-selfpowered" / "sim" / "parts.lib"  # of all boards
# LM5165 (its averaged model: BUCK in parts.lib): ohms at ILIM up to which a peak current holds, in
# amperes
_PEAKS = ((10e3, 0.24), (40e3, 0.18), (78e3, 0.12), (1e9, 0.06))
LIMIT = 60  # seconds for one run; the longest takes a few


def run(title, lines, tran, save, options="method=gear reltol=1e-3"):
    """Transient analysis. Returns {"time": [...], name: [...]} for each expression of `save`."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "out.txt"
        text = "\n".join(
            [
                title,
                f".include {LIBRARY}",
                *lines,
                f".options {options}",
                ".control",
                "set wr_singlescale",
                f"tran {tran}",
                f"wrdata {data} {' '.join(save)}",
                ".endc",
                ".end",
                "",
            ]
        )
        deck = Path(folder) / "deck.cir"
        deck.write_text(text, encoding="utf-8")
        result = subprocess.run(
            ["ngspice", "-b", str(deck)], capture_output=True, text=True, timeout=LIMIT
        )
        if not data.exists():
            raise RuntimeError(f"{title}: ngspice gave no data\n{result.stdout}{result.stderr}")
        rows = [list(map(float, line.split())) for line in data.read_text().splitlines()]
    columns = list(zip(*rows, strict=True))
    return dict(zip(["time", *save], columns, strict=True))


def buck_peak(ohms):
    """LM5165's peak current by the resistor at ILIM."""
    return next(amps for limit, amps in _PEAKS if ohms < limit)


def at(curves, name, moment):
    """A curve's value at a moment, interpolated."""
    time, values = curves["time"], curves[name]
    i = min(max(bisect_left(time, moment), 1), len(time) - 1)
    share = (moment - time[i - 1]) / ((time[i] - time[i - 1]) or 1)
    return values[i - 1] + share * (values[i] - values[i - 1])


def span(curves, start, end):
    """The indexes of the samples between two moments."""
    return range(bisect_left(curves["time"], start), bisect_left(curves["time"], end))


def seconds_above(curves, name, level):
    """For how long in all a curve lies above a level."""
    time, values = curves["time"], curves[name]
    return sum(b - a for a, b, v in zip(time, time[1:], values[1:], strict=False) if v > level)


def longest_above(curves, name, level):
    """The longest time without a break that a curve lies above a level."""
    time, values = curves["time"], curves[name]
    longest = run = 0.0
    for a, b, v in zip(time, time[1:], values[1:], strict=False):
        run = run + b - a if v > level else 0.0
        longest = max(longest, run)
    return longest


def crossing(curves, name, level, after=0.0, rising=True):
    """The first moment at which a curve crosses a level, or None."""
    time, values = curves["time"], curves[name]
    for i in range(1, len(time)):
        if time[i] < after:
            continue
        a, b = values[i - 1], values[i]
        if (a < level <= b) if rising else (a > level >= b):
            return time[i - 1] + (level - a) / (b - a) * (time[i] - time[i - 1])
    return None


def pwl(points):
    """A piecewise linear source's points as text."""
    return "PWL(" + " ".join(f"{t:.7g} {v:.6g}" for t, v in points) + ")"
