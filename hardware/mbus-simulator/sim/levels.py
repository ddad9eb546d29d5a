"""Mark, swing and edges at the bus: three marks, three corners, 0 to 30 mA, 10 nF."""

import simulator
import spice

BIT = 1 / 2400
LOADS = (0, 15, 30)
CABLE = 10e-9


def _points(volts):
    """A space of two bits, then a mark."""
    return f"PWL(0 {volts} {BIT} {volts} {BIT + 1e-7} 0 {3 * BIT} 0 {3 * BIT + 1e-7} {volts})"


def _edge(curves, high, low, after, rising):
    """From 10 to 90 %, in microseconds."""
    a, b = low + 0.1 * (high - low), low + 0.9 * (high - low)
    first, last = (a, b) if rising else (b, a)
    start = spice.crossing(curves, "v(bp)-v(hn)", first, after, rising)
    end = spice.crossing(curves, "v(bp)-v(hn)", last, after, rising)
    return 1e6 * (end - start)


def simulate(marks=simulator.MARKS, corners=simulator.CORNERS, loads=LOADS):
    rows, shown = [], None
    for mark in marks:
        for corner in corners:
            for load in loads:
                lines = [
                    "Vg sg 0 0",
                    *simulator.modulator(mark, corner),
                    *simulator.quiet_breaker(),
                    *simulator.data(_points(simulator.CORNERS[corner][2])),
                    f"Bl bp hn I = {load * 1e-3}*tanh(V(bp,hn)/2)",
                    f"Cl bp hn {CABLE}",
                ]
                name = "v(bp)-v(hn)"
                curves = spice.run(
                    f"levels {mark} {corner} {load}", lines, f"0.5u {5 * BIT:.6f} 0 1u", [name]
                )
                high, low = spice.at(curves, name, 0.9 * BIT), spice.at(curves, name, 2.9 * BIT)
                end = spice.at(curves, name, 4.9 * BIT)
                rows.append(
                    {
                        "mark": mark, "corner": corner, "load_ma": load,
                        "mark_v": round(high, 2), "again_v": round(end, 2),
                        "swing_v": round(high - low, 2),
                        "fall_us": round(_edge(curves, high, low, BIT, False), 1),
                        "rise_us": round(_edge(curves, high, low, 3 * BIT, True), 1),
                    }
                )  # fmt: skip
                if (mark, corner, load) == (36, "typical", 30):
                    shown = curves
    return rows, shown


def check(rows):
    for row in rows:
        assert abs(row["mark_v"] / row["mark"] - 1) <= 0.05, row
        assert abs(row["again_v"] - row["mark_v"]) < 0.1, row
        assert 10 <= row["swing_v"] <= 12.5, row
        assert row["fall_us"] < 60 and row["rise_us"] < 60, row
