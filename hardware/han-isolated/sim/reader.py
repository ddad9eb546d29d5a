"""The whole way from a meter's bus to DATA: levels of four meters, both ends of U1's threshold,
2400 and 9600 baud, with noise and slow edges; and whether U1's store feeds the LED through
the longest spaces.

Distortion as in distortion.py, now with U1's share in it.
"""

import distortion
import shield
import spice
from files import borrow

borrow("mbus-simulator", "han-selfpowered")
import receiver  # noqa: E402  (han-selfpowered's: the meters' levels)
import simulator  # noqa: E402  (mbus-simulator's)

THRESHOLDS = (5.7, 8.2)
# name: baud, edges in s, noise in V, pair turned, share of C2 left, temperature, coupler
AROUND = {
    "quiet": (2400, 2e-6, 0.0, False, 1.0, 25, "150 %"),
    "cold, noise, turned": (2400, 60e-6, 0.4, True, 0.68, -25, "50 %, weak light"),
    "hot, noise": (2400, 60e-6, 0.4, False, 0.68, 60, "600 %, high gain"),
    "9600, cold": (9600, 2e-6, 0.0, False, 1.0, -25, "150 %"),
    "9600, hot": (9600, 2e-6, 0.0, True, 1.0, 60, "600 %"),
}
SLOW = 0.3  # edges of 60 us and noise shift by themselves; a UART has half a bit, 0.2 are left
DROP = 2.7  # V from the bus to VB, which SC holds: two diodes and 440 ohms at 2.5 mA


def _noisy(points, noise, end):
    import random

    if not noise:
        return points
    rng, found, moment = random.Random(5), points[:1], 1e-4
    while moment < end:
        found.append((moment, receiver._value(points, moment) + rng.uniform(-noise, noise)))
        moment += rng.uniform(20e-6, 90e-6)
    return found


def bus_line(mark, space, baud, edge, noise):
    """(points of the bus, edges of DATA as distortion.delays wants them, end)."""
    _, edges, end = distortion.drive(1 / baud)
    points, level = [(0, mark)], mark
    for moment, up in edges:
        target = mark if up else space
        points += [(moment, level), (moment + edge, target)]
        level = target
    points.append((end + 0.01, level))
    return _noisy(points, noise, end + 0.008), edges, end


def simulate(levels=receiver.LEVELS, around=AROUND, thresholds=THRESHOLDS):
    rows, shown = [], None
    for name in levels:
        mark, space = receiver.LEVELS[name]
        for threshold in thresholds:
            for case in around:
                baud, edge, noise, turned, worn, temperature, kind = AROUND[case]
                points, edges, end = bus_line(mark, space, baud, edge, noise)
                plus, minus = ("hn", "hp") if turned else ("hp", "hn")
                lines = [
                    f".temp {temperature}",
                    f"Vm m {minus} {spice.pwl(points)}",
                    "Rm m c 5.2",
                    "Vi c c1 0",
                    f"Lc c1 {plus} 1.2u",
                    "Cc hp hn 4n",
                    *shield.bus(threshold, worn, mark - DROP, 6.9),
                    *shield.coupler(kind, shield.LEFT[temperature][kind.startswith("600")]),
                    *shield.receiver((-0.01, 0.01)),
                ]
                step = 0.02 / baud
                curves = spice.run(
                    f"reader {name}", lines, f"{step:.3g} {end + 2e-3:.6f} 0 {step:.3g} uic",
                    [f"v(m)-v({minus})", "v(data)", "i(Vi)", "v(stc)-v(bg)", "v(opto)"],
                    shield.OPTIONS,
                )  # fmt: skip
                curves["bus"] = curves.pop(f"v(m)-v({minus})")
                late = distortion.delays(curves, "v(data)", edges, 1.65)
                begin = spice.span(curves, 5e-4, distortion.BEGIN)
                rows.append(
                    {
                        "levels": name, "threshold": threshold, "around": case,
                        "distortion": round((max(late) - min(late)) * baud, 4),
                        "mark_ma": round(1e3 * max(curves["i(Vi)"][i] for i in begin), 2),
                        "least_stc_v": round(min(curves["v(stc)-v(bg)"]), 2),
                    }
                )  # fmt: skip
                if threshold == 8.2 and "Embriq" in name and case == "cold, noise, turned":
                    shown = curves
    return rows, shown


def driven(marks=simulator.MARKS):
    """The same bytes at 2400 baud from mbus-simulator's deck, its trip alive."""
    rows = []
    _, edges, end = distortion.drive(1 / 2400)
    points = [(0, 3.3)]
    for moment, up in edges:
        points += [(moment, 3.3 * (1 - up)), (moment + 5e-8, 3.3 * up)]
    for mark in marks:
        lines = [
            *simulator.modulator(mark),
            *simulator.breaker(ready=1e-3),
            *simulator.data(spice.pwl([*points, (end + 0.01, 3.3)])),
            "Rfloat sg 0 10meg",
            "Vi bp c0 0",
            "Rc c0 hp 0.2",
            "Cc hp hn 10n",
            *shield.bus(6.95, 1.0, mark - DROP, 6.9),
            *shield.coupler("150 %", 0.65),
            *shield.receiver((0, 0)),
        ]
        curves = spice.run(
            f"driven {mark}", lines, f"5u {end + 2e-3:.6f} 0 10u uic",
            ["v(data)", "i(Vi)", "v(trip)-v(sg)"], shield.OPTIONS,
        )  # fmt: skip
        late = distortion.delays(curves, "v(data)", edges, 1.65)
        begin = spice.span(curves, 1.5e-3, distortion.BEGIN)
        rows.append(
            {
                "mark": mark, "distortion": round((max(late) - min(late)) * 2400, 4),
                "mark_ma": round(1e3 * max(curves["i(Vi)"][i] for i in begin), 2),
                "tripped": max(curves["v(trip)-v(sg)"]) > 2.5,
            }
        )  # fmt: skip
    return rows


def starving():
    """Nothing but zero bytes, as fast as the line carries them, for a second; U1's current at its
    least, its own consumption at its most."""
    bit, now, points = 1 / 2400, 0.02, [(0, 24)]
    while now < 1.0:
        points += [(now, 24), (now + 2e-6, 12), (now + 10 * bit, 12), (now + 10 * bit + 2e-6, 24)]
        now += 11 * bit
    lines = [
        ".temp 60",
        f"Vm m hn {spice.pwl(points)}",
        "Rm m c 5.2",
        "Vi c hp 0",
        *shield.bus(6.95, 1.0, 24 - DROP, 6.9, own=0.35e-3, vridd=1.23),
        *shield.coupler("150 %", 1.0),
        *shield.receiver((0, 0)),
    ]
    curves = spice.run(
        "starving", lines, "20u 1.0 0 20u uic", ["v(stc)-v(bg)", "i(Vled)", "i(Vi)"],
        shield.OPTIONS,
    )  # fmt: skip
    return {
        "least_stc_v": round(min(curves["v(stc)-v(bg)"]), 2),
        "led_ma": round(1e3 * max(curves["i(Vled)"]), 2),
        "bus_ma": round(1e3 * max(curves["i(Vi)"][i] for i in spice.span(curves, 0.01, 0.02)), 2),
    }


def start():
    """From a bus that is plugged in to a store that runs U1: when VDD comes."""
    lines = [
        "Vm m hn PWL(0 0 1m 24)",
        "Rm m c 5.2",
        "Vi c hp 0",
        *shield.bus(6.95),
        *shield.coupler("150 %", 1.0),
        *shield.receiver((0, 0)),
    ]
    curves = spice.run(
        "start", lines, "20u 0.3 0 20u uic", ["v(vdd)-v(bg)", "v(stc)-v(bg)", "v(data)"],
        shield.OPTIONS,
    )  # fmt: skip
    return {
        "vdd_after_ms": round(1e3 * spice.crossing(curves, "v(vdd)-v(bg)", 3.0), 1),
        "stc_v": round(curves["v(stc)-v(bg)"][-1], 2),
        "data_v": round(curves["v(data)"][-1], 2),
    }


def check(rows, driven_rows, starved, started):
    for row in rows:
        slow = AROUND[row["around"]][1] > 1e-5
        assert row["distortion"] < (SLOW if slow else distortion.MOST), row
        assert 2.0 < row["mark_ma"] < 3.0, row  # two unit loads
        assert row["least_stc_v"] > 6.0, row
    for row in driven_rows:
        assert row["distortion"] < distortion.MOST and not row["tripped"], row
        assert 2.0 < row["mark_ma"] < 3.0, row
    assert starved["least_stc_v"] > 4.5 and starved["bus_ma"] < 3.0, starved  # VDD off: 3.8 to 4.3
    assert started["vdd_after_ms"] < 200 and 6.4 < started["stc_v"] < 7.6, started
    assert started["data_v"] > 3.0, started
