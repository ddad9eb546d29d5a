"""How warm Q2 gets: its power by the transistor-level circuit, its junction by the data sheet's
thermal resistance for the copper that the board has.

Worst case: the store takes all the buck gives (the bulk then lies low, between the lock-out's two
ends), the sensing transistor passes most. The limiter's transistors are as warm as the air.
"""

from pathlib import Path

import circuit
import inrush
import spice
from copper import AMBIENT, BARE, MOST, poured, resistance

HERE = Path(__file__).resolve().parent
BUSES = (24, 36, 38, 42)
LOW = sum(circuit.lock_out()) / 2  # V at the bulk
NET = "Net-(D4-A)"  # Q2's collector


def simulate():
    """[{bus, corner, watts, junction}] with JP2 and JP3 closed and a charging store."""
    area = poured(HERE.parent / "han-selfpowered.kicad_pcb", NET)
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
                    "bare_land": round(AMBIENT + watts * BARE),
                }
            )  # fmt: skip
    return rows


def check(rows):
    """15 degrees below the data sheet's limit at every bus voltage; copper of a square centimetre
    or more."""
    for row in rows:
        assert row["copper_mm2"] >= 100, row
        assert row["junction"] <= MOST, row
