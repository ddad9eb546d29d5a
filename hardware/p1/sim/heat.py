"""How warm Q2 gets: its power by the deck of port.py, its junction by the data sheet's thermal
resistance for the copper that the board has on Q2's side.

Any store: its voltage forced from nothing to the port's, at each of which the limiter may stay
for ever (a short, a module that starts again and again). First start: the store charges from
nothing; heat capacity of the board under the pour. WiFi: its peaks without end.
"""

import port
from copper import AMBIENT, MOST, poured, resistance
from port import CORNERS, HERE, spice, value

# K/W from junction to the collector's land (BCP53: 14 ... 16); J/K: FR4 of 1.6 mm under the pour,
# 1.85 g/cm3, 0.9 J/gK, and the package of 0.11 g. Of the neighbouring board nothing is counted.
LAND, PACKAGE, PER_MM2 = 16, 0.1, 1.6e-3 * 1.85 * 0.9


def _watts(curves, corner):
    """Q2's power at each moment."""
    ohms = value("R1") * CORNERS[corner].sense
    rows = zip(curves["v(vin)"], curves["v(lims)"], curves["v(vst)"], strict=True)
    return [(a - b) / ohms * (b - c) for a, b, c in rows]


def _row(case, corner, watts, area, rise):
    return {
        "case": case, "corner": corner, "watts": round(watts, 2), "copper_mm2": round(area),
        "k_per_w": round(resistance(area)), "junction": round(AMBIENT + rise),
    }  # fmt: skip


def _warming(time, watts, area):
    """The most that the junction rises over what is around: two heat capacities in a row."""
    pour = resistance(area) - LAND
    land = junction = most = 0.0
    for a, b, power in zip(time, time[1:], watts[1:], strict=False):
        steps = max(1, int((b - a) / 0.05) + 1)
        for _ in range(steps):
            flow = (junction - land) / LAND
            junction += (power - flow) * (b - a) / steps / PACKAGE
            land += (flow - land / pour) * (b - a) / steps / (PER_MM2 * area)
            most = max(most, junction)
    return most


def simulate():
    # The pour of Q2's collector, on the back as Q2 is.
    area, rows = poured(HERE.parent / "p1.kicad_pcb", "/VST", "B.Cu"), []
    curves = ["v(vin)", "v(lims)", "v(vst)", "v(en)"]
    for corner in CORNERS:
        swept = port.sweep(5.5, corner)
        watts = max(_watts(swept, corner)[i] for i in spice.span(swept, 20e-3, port.SWEEP))
        rows.append(_row("any store", corner, watts, area, watts * resistance(area)))
        start = spice.run(
            f"heat start {corner}", port.deck(5.5, corner, 0, port.plugged(5.5), "none"),
            "1m 20 0 20m uic", curves,
        )  # fmt: skip
        powers = _watts(start, corner)
        rise = _warming(start["time"], powers, area)
        rows.append(_row("first start", corner, max(powers), area, rise))
        wifi = spice.run(
            f"heat wifi {corner}", port.deck(5.5, corner, 4.75), "20u 0.4 0 50u uic", curves
        )
        settled, powers = spice.span(wifi, 0.2, 0.4), _watts(wifi, corner)
        mean = sum(powers[i] * (wifi["time"][i] - wifi["time"][i - 1]) for i in settled) / 0.2
        rows.append(_row("WiFi", corner, mean, area, mean * resistance(area)))
    return rows


def check(rows):
    for row in rows:
        assert row["junction"] <= MOST and row["copper_mm2"] >= 100, row
