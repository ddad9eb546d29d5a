"""The simulations and what their README says: see workshop/simulation.py."""

import backfeed
import circuit
import com
import energy
import heat
import port
import powerfail
import rs232
import swaps
from simulation import table
from timetable import WIFI_START, WIFI_STOP


def simulate():
    """(results, curves for the plots); raises where a limit is missed."""
    port_rows, port_curves = port.simulate()
    port.check(port_rows)
    charge = port.charging()
    shown = port.bench()
    energy_rows, energy_curves = energy.scenarios(charge)
    held = energy.hold_up()
    energy.check(energy_rows, held)
    com_rows, faults = com.simulate(), com.faults()
    com.check(com_rows, faults)
    sent, received = rs232.sending(), rs232.receiving()
    rs232.check(sent, received)
    swapped = swaps.simulate()
    swaps.check(swapped)
    failed = powerfail.simulate()
    powerfail.check(failed)
    warm = heat.simulate(faults)
    heat.check(warm)
    back = backfeed.simulate()
    backfeed.check(back)
    results = {
        "port": port_rows, "charging": charge, "bench": shown, "energy": energy_rows,
        "hold_up": held, "com": com_rows, "com_faults": faults, "sending": sent,
        "receiving": received, "swaps": swaps.worst(swapped), "powerfail": failed,
        "heat": warm, "backfeed": back,
    }  # fmt: skip
    return results, (port_curves, energy_curves)


def _spans(rows, by, names):
    """One row for each value of the columns `by`: least and most of the others."""
    keys = list(dict.fromkeys(tuple(row[b] for b in by) for row in rows))
    out = []
    for key in keys:
        mine = [row for row in rows if tuple(row[b] for b in by) == key]
        spans = {n: (min(r[n] for r in mine), max(r[n] for r in mine)) for n in names}
        out.append(
            dict(zip(by, key, strict=True))
            | {n: str(a) if a == b else f"{a} ... {b}" for n, (a, b) in spans.items()}
        )
    return out


def report(results):
    """The text of sim/README.md."""
    on, off = circuit.lock_out()
    gives = ", ".join(f"{500 * circuit.peak(corner):.0f}" for corner in circuit.CORNERS)
    com_names = ("level_v", "takes_ma", "rise_us", "fall_ms")
    return f"""# Simulations of mep

Written by `make -C hardware` from results.json: do not edit. Every value comes from `parts.py`;
the limits are assertions in the scripts. Corners: base-emitter voltages, gains, zener, resistors,
the buck's peak current, and -25, 25, 60 degrees.

## Port: `port.py`

The plug with everything empty, then WiFi's peaks of {1e3 * port.SENDING:.0f} mA for
{1e3 * port.LASTING:.0f} ms every {1e3 * port.EVERY:.0f} ms over {1e3 * port.IDLE:.0f} mA with
COM ENABLE loaded by 10 mA. Limits: peak below {1e3 * circuit.PEAK:.0f} mA, all but the first
0.1 ms below {1e3 * circuit.AVERAGE:.0f} mA, at 24 and 26 V below {circuit.WATTS:.0f} W, rail above
{port.LEAST_RAIL} V, COM ENABLE above 9 V.

{table(results["port"])}

![port](port.png)

What of the buck's {gives} mA (low, typical, high) the limiter leaves for a store at 3.0 V,
at 24 V and with 5 mA into COM ENABLE (the lock-out works between {on:.1f} and {off:.1f} V then):

{table(results["charging"])}

What a bench supply of 24 V shows while the store fills, COM ENABLE off:

{table(results["bench"])}

## Energy: `energy.py`

From an empty store, with the least and the typical of these currents, and the firmware's rules
(WiFi from {WIFI_START} V, sleep below {WIFI_STOP} V). Limits: EN never falls, the
store stays above {energy.FLOOR:.2f} V, publishing never pauses.

{table(results["energy"])}

![energy](energy.png)

After the port is gone, with cells {100 * (1 - energy.CELLS_WORST):.0f} % below their value and a
write of {energy.WRITE_WORST} s: seconds until 2.70 V. Limit: four such writes.

{table(results["hold_up"])}

## COM ENABLE: `com.py`

Bulk at {com.BULKS[0]:.1f} and {com.BULKS[1]} V, all corners. Limits: {com.LEAST:.0f} to
{com.MOST:.0f} V, up within {1e3 * com.RISE:.0f} ms, below {com.OFF} V within
{1e3 * com.FALL:.0f} ms.

{table(_spans(results["com"], ("load",), com_names))}

Short circuit (limit {1e3 * com.SHORT:.0f} mA), and what is left with GPIO6 low or open:

{table(results["com_faults"])}

## RS-232: `rs232.py`

{rs232.__doc__.split(chr(10) + chr(10))[1].strip()}

Limits: +-{rs232.LEAST_LEVEL:.0f} V at the receiver, edges (10 to 90 %) below a tenth of a bit,
bits within {100 * rs232.BITS:.0f} %.

{table(results["sending"])}

What U5 makes of the meter's bits:

{table(_spans(results["receiving"], ("meter", "threshold"), ("least_v", "most_v", "bit")))}

## Wires exchanged: `swaps.py`

{swaps.__doc__.split(chr(10) + chr(10))[1].strip()}

The worst of all; limits: {1e3 * circuit.PEAK:.0f} mA from the port, {swaps.LINE} V at U5's driver,
{swaps.R1206} W in R27 and R28, {swaps.R0603} W in R24 to R26.

{table(results["swaps"])}

## Power fail: `powerfail.py`

Limits: high only where the buck runs, low within 1 ms, and less lent to the rail than its dividers
take ({powerfail.drain()} uA).

{
        table(
            _spans(
                results["powerfail"],
                ("rail_v",),
                ("low_below_v", "high_above_v", "falls_after_us", "lends_ua"),
            )
        )
    }

## Heat: `heat.py`

{heat.AMBIENT} degrees around; limit {heat.MOST} at the junction.

{table(results["heat"])}

## USB without a host: `backfeed.py`

Limit: {backfeed.MOST} V at VBUS and at U4's enable.

{table(results["backfeed"])}
"""


PICTURES = {"port": port.plot, "energy": energy.plot}
