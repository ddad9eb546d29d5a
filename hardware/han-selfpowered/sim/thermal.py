"""How warm Q2 gets: its power by the transistor-level circuit, its junction by the data sheet's
thermal resistance for the copper that the board has.

Worst case: the store takes all the buck gives (the bulk then lies low, between the lock-out's two
ends), the sensing transistor passes most. The limiter's transistors are as warm as the air.
"""

import sys
from math import exp, log
from pathlib import Path

import circuit
import inrush
import spice

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "workshop"))
import sexpr  # noqa: E402
from sexpr import every, one  # noqa: E402

AMBIENT, MOST = 60, 135  # degrees; the data sheet allows 150
# BCP53 (Nexperia): junction to ambient on FR4, one side, by the collector's copper in mm2
CURVE = ((12.0, 192.0), (100.0, 125.0), (600.0, 93.0))
BUSES = (24, 36, 38, 42)
LOW = sum(circuit.lock_out()) / 2  # V at the bulk
NET = "Net-(D4-A)"  # Q2's collector


def copper(board):
    """mm2 of the collector's pour, as KiCad filled it on the parts' side."""
    area = 0.0
    for zone in every(sexpr.load(board), "zone"):
        if one(zone, "net_name")[1] != NET:
            continue
        for filled in every(zone, "filled_polygon"):
            if one(filled, "layer")[1] == "F.Cu":
                points = [(float(p[1]), float(p[2])) for p in every(one(filled, "pts"), "xy")]
                area += abs(
                    sum(
                        x1 * y2 - x2 * y1
                        for (x1, y1), (x2, y2) in zip(
                            points, points[1:] + points[:1], strict=True
                        )
                    )
                ) / 2  # fmt: skip
    return area


def resistance(area):
    """K/W for this area, on a straight line between the curve's points in logarithms."""
    for (a, low), (b, high) in zip(CURVE, CURVE[1:], strict=False):
        if a <= area <= b:
            share = log(area / a) / log(b / a)
            return exp(log(low) + share * log(high / low))
    raise ValueError(f"{area} mm2 is off the curve")


def simulate():
    """[{bus, corner, watts, junction}] with JP2 and JP3 closed and a charging store."""
    area = copper(HERE.parent / "han-selfpowered.kicad_pcb")
    rows = []
    for volts in BUSES:
        for corner in ("typical", "high"):
            deck = inrush.deck("JP2+JP3 (Aidon)", corner, AMBIENT, True, volts, 3.0, LOW)
            curves = spice.run(
                f"thermal {volts}", deck, "20u 0.5 0 50u uic", ["v(e)", "v(co)", "v(vbr)"]
            )  # fmt: skip
            sense = circuit.sense(("JP2", "JP3")) * circuit.CORNERS[corner][2]
            time, energy = curves["time"], 0.0
            for i in spice.span(curves, 0.1, 0.5):
                amps = (curves["v(vbr)"][i] - curves["v(e)"][i]) / sense
                energy += amps * (curves["v(e)"][i] - curves["v(co)"][i]) * (time[i] - time[i - 1])
            watts = energy / 0.4
            rows.append(
                {
                    "bus_v": volts, "corner": corner, "watts": round(watts, 3),
                    "copper_mm2": round(area),
                    "junction": round(AMBIENT + watts * resistance(area)),
                    "bare_land": round(AMBIENT + watts * CURVE[0][1]),
                }
            )  # fmt: skip
    return rows


def check(rows):
    """15 degrees below the data sheet's limit at every bus voltage; copper of a square centimetre
    or more."""
    for row in rows:
        assert row["copper_mm2"] >= 100, row
        assert row["junction"] <= MOST, row
