"""The limit: what trips, after how long, and how the bus comes back; U5's minute 10,000 times
shorter in the deck that sees it end."""

import simulator
import spice

BEGIN = 1e-3
# name: excess in mA (0.5 ohm across the bus for a short), for how long in us
CASES = {
    "30 mA for good": (30, 3000),
    "60 mA for 25 us": (60, 25),
    "40 mA for good": (40, 3000),
    "short circuit": (None, 3000),
}
FASTER = 1e-4


def _deck(mark, corner, case, minute):
    amount, lasting = CASES[case]
    end = BEGIN + lasting * 1e-6
    gate = f"0.5*(tanh((time-{BEGIN})*5e6)-tanh((time-{end})*5e6))"
    load = f"V(bp,hn)/0.5*{gate}" if amount is None else (
        f"{amount * 1e-3}*tanh(V(bp,hn)/2)*{gate}"
    )  # fmt: skip
    v33 = simulator.CORNERS[corner][2]
    return [
        "Vg sg 0 0",
        # the boost is slow against a trip: its capacitors carry the current
        *simulator.modulator(mark, corner, 200),
        *simulator.breaker(corner, minute),
        *simulator.data(f"DC {v33}"),
        "Vi bp bl 0",
        f"Bl bl hn I = {load.replace('bp', 'bl')}",
        "Cl bl hn 10n",
    ]


def simulate(marks=(24, 36), corners=simulator.CORNERS):
    rows, shown = [], None
    for mark in marks:
        for corner in corners:
            for case in CASES:
                curves = spice.run(
                    f"trip {mark} {corner} {case}", _deck(mark, corner, case, 1.0),
                    "0.2u 3m 0 0.5u uic", ["v(bp)-v(hn)", "i(Vi)", "v(trip)", "v(over)"],
                )  # fmt: skip
                off = spice.crossing(curves, "v(trip)", 2.5, BEGIN)
                after = spice.span(curves, 2.5e-3, 2.9e-3)
                steady = spice.span(curves, BEGIN + 5e-6, BEGIN + 45e-6)
                rows.append(
                    {
                        "mark": mark, "corner": corner, "case": case,
                        "trips_after_us": round(1e6 * (off - BEGIN), 1) if off else None,
                        "limited_ma": round(1e3 * max(curves["i(Vi)"][i] for i in steady), 1),
                        "then_ma": round(1e3 * max(curves["i(Vi)"][i] for i in after), 2),
                        "then_v": round(max(curves["v(bp)-v(hn)"][i] for i in after), 2),
                    }
                )  # fmt: skip
                if (mark, corner, case) == (24, "typical", "short circuit"):
                    shown = curves
    return rows, shown


def back():
    """Off and on again, with C18 smaller by FASTER: how long, in seconds of the real board."""
    case, lasting = "40 mA for good", CASES["40 mA for good"]
    CASES[case] = (40, 500)
    try:
        lines = _deck(24, "typical", case, FASTER)
    finally:
        CASES[case] = lasting
    curves = spice.run(
        "back", lines, "2u 12m 0 4u uic", ["v(bp)-v(hn)", "v(trip)"]
    )  # fmt: skip
    off = spice.crossing(curves, "v(trip)", 2.5, BEGIN)
    on = spice.crossing(curves, "v(trip)", 2.5, off, rising=False)
    return {
        "off_s": round((on - off) / FASTER, 1),
        "by_formula_s": round(simulator.minute(), 1),
        "bus_before_v": round(spice.at(curves, "v(bp)-v(hn)", 0.9e-3), 2),
        "bus_after_v": round(curves["v(bp)-v(hn)"][-1], 2),
    }


def thresholds():
    return {corner: round(1e3 * simulator.threshold(corner), 1) for corner in simulator.CORNERS}


def check(rows, again, turns):
    for row in rows:
        if row["case"] in ("30 mA for good", "60 mA for 25 us"):
            assert row["trips_after_us"] is None, row
            continue
        assert row["trips_after_us"] and 40 < row["trips_after_us"] < 75, row
        assert row["limited_ma"] < 130, row
        assert row["then_ma"] < 0.5 and row["then_v"] < 1, row
    assert 55 < again["off_s"] < 70 and abs(again["off_s"] - again["by_formula_s"]) < 2
    assert abs(again["bus_after_v"] - again["bus_before_v"]) < 0.2
    assert 30 < turns["low"] < turns["typical"] < turns["high"] < 36
