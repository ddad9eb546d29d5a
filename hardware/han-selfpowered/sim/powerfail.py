"""Power lost: how soon PF tells, and how long the store then carries the ledger's writing.

The write: 137 ms is the longest stall by a flash write that was measured (stock MicroPython on an
emulated ESP32, spec/micropython.md); 1.2 s is three sector erases at the 400 ms that data sheets
of such flash allow at worst.
"""

import circuit
import energy
import spice
import timetable

WRITE_MEASURED, WRITE_WORST = 0.137, 1.2
LEVEL = 2.70
CELLS_WORST = 0.8 * energy.STORE  # the cells' minus 20 %
AWAKE, FLASH = 0.032, 0.030  # connected, and what erasing draws besides


def pf_delay():
    """Seconds from the bus going open to PF low, from 24 V with everything settled."""
    lines = [
        *circuit.port([(0, 0), (0.005, 24), (1, 24)]),
        *circuit.measurement(),
        *circuit.receiver(),
        *circuit.limiter(("JP2", "JP3"), "typical", 0),
        *circuit.supply(3.4),
    ]
    # the plug is pulled
    lines = ["Sw c0 c ct 0 SWP" if x.startswith("Lc ") else x for x in lines]
    lines += [
        "Lc c0 hp 1.2u",
        ".model SWP SW(Vt=0.5 Vh=0.1 Ron=0.1 Roff=100meg)",
        "Vct ct 0 " + spice.pwl([(0, 1), (0.4, 1), (0.40001, 0)]),
    ]
    curves = spice.run("power fail", lines, "20u 0.6 0 40u uic", ["v(pf)", "v(stc)"])
    assert spice.at(curves, "v(pf)", 0.39) > 3.0
    fell = spice.crossing(curves, "v(pf)", 1.0, 0.4, rising=False)
    return (fell or 1.0) - 0.4


def hold_up():
    """[{from V, WiFi, seconds until the rail is at 2.70 V}] with the cells at their least."""
    rows = []
    for start in (round(circuit.rail(), 2), 3.30, timetable.WIFI_STOP):
        for wifi, load in (("on", AWAKE), ("off", timetable.CPU)):
            lines = [
                f"Res r s {energy.ESR}",
                f"Cs s 0 {CELLS_WORST} ic={start}",
                f"Cr r 0 {circuit.farad('C6') + circuit.farad('C12')} ic={start}",
                *circuit.quiet(),
                f"Bld r 0 I = {load} + {FLASH}*(1-u(time-{WRITE_WORST}))",
            ]
            curves = spice.run("hold-up", lines, "10m 60 0 10m uic", ["v(r)"])
            reached = spice.crossing(curves, "v(r)", LEVEL, 0.01, rising=False)
            rows.append({"from_v": start, "wifi": wifi, "seconds": round(reached or 60.0, 1)})
    return rows


def check(delay, rows):
    """PF at once; from every level at which the firmware runs, four times the worst write."""
    assert delay < 0.02, delay
    for row in rows:
        assert row["seconds"] > 4 * WRITE_WORST, row
