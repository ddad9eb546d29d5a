"""How warm Q2 gets: its power by the deck of port.py, its junction by the data sheet's thermal
resistance for the copper that the board has on Q2's side.

WiFi: its peaks, without end. Overload: the rail is held at the module's brown-out, as by a module
that starts again and again; the limiter then gives all it can.
"""

from math import exp, log

import port
import sexpr
from port import CORNERS, HERE, spice, value
from sexpr import every, one

AMBIENT, MOST = 60, 135  # degrees; the data sheet allows 150
BROWN_OUT = 2.9  # V at the rail
# BCP53 (Nexperia): junction to ambient on FR4, one side, by the collector's copper in mm2
CURVE = ((12.0, 192.0), (100.0, 125.0), (600.0, 93.0))


def copper():
    """mm2 of VST's pour on the back, where Q2 is, as KiCad filled it."""
    area = 0.0
    for zone in every(sexpr.load(HERE.parent / "p1.kicad_pcb"), "zone"):
        name = one(zone, "net_name")
        if not name or name[1] != "/VST":
            continue
        for filled in every(zone, "filled_polygon"):
            if one(filled, "layer")[1] == "B.Cu":
                points = [(float(p[1]), float(p[2])) for p in every(one(filled, "pts"), "xy")]
                pairs = zip(points, points[1:] + points[:1], strict=True)
                area += abs(sum(a * d - c * b for (a, b), (c, d) in pairs)) / 2
    return area


def resistance(area):
    """K/W for this area, on a straight line between the curve's points in logarithms."""
    for (a, low), (b, high) in zip(CURVE, CURVE[1:], strict=False):
        if a <= area <= b:
            share = log(area / a) / log(b / a)
            return exp(log(low) + share * log(high / low))
    raise ValueError(f"{area} mm2 is off the curve")


def _watts(title, lines):
    """Q2's mean power once all has settled."""
    curves = spice.run(title, lines, "20u 0.2 0 50u uic", ["v(vin)", "v(lims)", "v(vst)"])
    time, energy = curves["time"], 0.0
    for i in spice.span(curves, 0.1, 0.2):
        amps = (curves["v(vin)"][i] - curves["v(lims)"][i]) / value("R1")
        energy += amps * (curves["v(lims)"][i] - curves["v(vst)"][i]) * (time[i] - time[i - 1])
    return energy / 0.1


def simulate():
    area, rows = copper(), []
    for corner in CORNERS:
        for case in ("WiFi", "overload"):
            lines = port.deck(5.5, corner, True)
            if case == "overload":
                index = next(i for i, line in enumerate(lines) if line.startswith("Bl "))
                lines[index] = f"Bl r 0 I = 0.25*(1+tanh((V(r)-{BROWN_OUT})*50))"
            watts = _watts(f"heat {case} {corner}", lines)
            rows.append(
                {
                    "case": f"5.5 V, {case}", "corner": corner, "watts": round(watts, 2),
                    "copper_mm2": round(area), "k_per_w": round(resistance(area)),
                    "junction": round(AMBIENT + watts * resistance(area)),
                }
            )  # fmt: skip
    return rows


def check(rows):
    for row in rows:
        assert row["junction"] <= MOST and row["copper_mm2"] >= 100, row
