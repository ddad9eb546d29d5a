"""How warm Q2 gets: its power by the deck of port.py, its junction by the data sheet's thermal
resistance for the copper that the board has on Q2's side.

WiFi: its peaks, without end. Overload: the rail is held at the module's brown-out, as by a module
that starts again and again; the limiter then gives all it can.
"""

import port
from copper import AMBIENT, MOST, poured, resistance
from port import CORNERS, HERE, spice, value

BROWN_OUT = 2.9  # V at the rail


def _watts(title, lines):
    """Q2's mean power once all has settled."""
    curves = spice.run(title, lines, "20u 0.2 0 50u uic", ["v(vin)", "v(lims)", "v(vst)"])
    time, energy = curves["time"], 0.0
    for i in spice.span(curves, 0.1, 0.2):
        amps = (curves["v(vin)"][i] - curves["v(lims)"][i]) / value("R1")
        energy += amps * (curves["v(lims)"][i] - curves["v(vst)"][i]) * (time[i] - time[i - 1])
    return energy / 0.1


def simulate():
    # The pour of Q2's collector, on the back as Q2 is.
    area, rows = poured(HERE.parent / "p1.kicad_pcb", "/VST", "B.Cu"), []
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
