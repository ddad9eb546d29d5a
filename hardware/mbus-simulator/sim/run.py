"""The simulations and what their README says: see workshop/simulation.py."""

import levels
import power
import readers
import simulator
import trip
from simulation import draw, table


def simulate():
    """(results, curves for the plots); raises where a limit is missed."""
    level_rows, level_curves = levels.simulate()
    levels.check(level_rows)
    trip_rows, trip_curves = trip.simulate()
    again, turns = trip.back(), trip.thresholds()
    trip.check(trip_rows, again, turns)
    power_rows = power.simulate()
    power.check(power_rows)
    reader_rows, reader_curves = readers.simulate()
    plug = readers.plugged()
    readers.check(reader_rows, plug)
    results = {
        "levels": level_rows, "trip": trip_rows, "back": again, "trip_ma": turns,
        "power": power_rows, "readers": reader_rows, "plugged": plug,
        "supply_v": {m: round(simulator.supply(m), 1) for m in simulator.MARKS},
    }  # fmt: skip
    return results, (level_curves, trip_curves, reader_curves)


def report(results):
    """The text of sim/README.md."""
    levels_of = results["levels"]
    ratios = [row["mark_v"] / row["mark"] - 1 for row in levels_of]
    swings = [row["swing_v"] for row in levels_of]
    return f"""# Simulations of mbus-simulator

Written by `make -C hardware` from results.json: do not edit. Every value comes from `parts.py`;
the limits are assertions in the scripts. Corners: U3's reference, resistors, U2's 3.3 V, gain of
the transistors and 0, 25, 50 degrees, all at their worst together.

## Levels: `levels.py`

Mark within 5 %, swing 10 to 12.5 V, edges (10 to 90 %) below 60 us, at 0 to 30 mA and 10 nF.
Found: mark {100 * min(ratios):+.1f} to {100 * max(ratios):+.1f} %, swing {min(swings)} to
{max(swings)} V.

{table(levels_of)}

![levels](levels.png)

## Trip: `trip.py`

30 mA for good and 60 mA for 25 us must not trip; 40 mA and a short circuit must, after 40 to 75
us, and leave the bus dead. `limited_ma`: the most between 5 and 45 us after it began. The
capacitors alone carry it: the boost counts as slow.

{table(results["trip"])}

U4 A turns at {results["trip_ma"]["low"]}, {results["trip_ma"]["typical"]} and
{results["trip_ma"]["high"]} mA (corners). Off for {results["back"]["off_s"]} s, simulated with C18
10,000 times smaller; by the formula {results["back"]["by_formula_s"]} s; then the bus is back at
{results["back"]["bus_after_v"]} V.

![trip](trip.png)

## Boost and doubler: `power.py`

Which duty gives the highest VS (jumper 36, U3's reference at its most) under full load from
{power.LOWEST} V, at U3's least frequency. Limits for the first that does: duty below {power.DUTY},
switch below {power.AMPS} A, what parts stand 1.2 times over, ripple below 0.2 V, USB below 0.5 A.
The loop around it is not simulated.

{table(results["power"])}

## It drives han-selfpowered: `readers.py`

Levels, limit and trip of this board, then limiter, supply with an idling WiFi, receiver (threshold
8.2 V) and UART of that one; 11 bytes at 2400 8E1. Every byte must arrive, nothing may trip.

{table(results["readers"])}

The empty reader plugs into the live bus: {results["plugged"]["peak_ma"]} mA at the most,
{results["plugged"]["longest_over_30_us"]} us above 30 mA, then {results["plugged"]["steady_ma"]}
mA; it must not trip.

![readers](readers.png)
"""


def _picture(lines, title):
    return lambda axes, curves: draw(axes, curves, lines, title, "V", "best")


PICTURES = {
    "levels": _picture({"v(bp)-v(hn)": "bus"}, "36 V, 30 mA, 10 nF: a space of two bits"),
    "trip": _picture({"v(bp)-v(hn)": "bus, V", "v(trip)": "TRIP, V"}, "Short circuit at 24 V"),
    "readers": _picture(
        {"v(bp)-v(hn)": "bus", "v(rx)": "reader's RX"}, "han-selfpowered reads, mark 26 V"
    ),
}
