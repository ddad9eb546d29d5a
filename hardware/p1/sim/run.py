"""The simulations and what their README says: see workshop/simulation.py."""

import edges
import heat
import port
import store
from simulation import draw, table


def simulate():
    """(results, curves for the plots); raises where a limit is missed."""
    rows, curves = port.simulate()
    port.check(rows)
    edge_rows = edges.simulate()
    edges.check(edge_rows)
    heat_rows = heat.simulate()
    heat.check(heat_rows)
    stored, start = store.simulate()
    store.check(stored)
    return {"port": rows, "store": stored, "edges": edge_rows, "heat": heat_rows}, (curves, start)


def report(results):
    """The text of sim/README.md."""
    stored = results["store"]
    on, off = store.thresholds()
    return f"""# Simulations of p1

Written by `make -C hardware` from results.json: do not edit. Every value comes from `parts.py`;
the limits are assertions in the scripts. Corners, all at their worst together: U5's offset with
what common mode and supply add to it (10 mV), D4 0.75 %, R1 1 % and its temperature, the dividers,
Q2's gain 75 to 250, the cells -10/+30 %, and 50, 25, -20 degrees.

## Port: `port.py`

WiFi's peaks of {1e3 * port.PEAK:.0f} mA for {1e3 * port.LASTING:.0f} ms every
{1e3 * port.EVERY:.0f} ms over {1e3 * port.IDLE:.0f} mA; the limit (the store's voltage forced from
nothing to the port's, the most of all); a plug into the empty store; a short of the full store.
The port's current with all the board takes from it, {1e3 * port.REQUEST:.0f} mA of the request
too. Limits: below {1e3 * port.LIMIT:.0f} mA in all of them, in a short after 50 us at the latest,
with less than 1.5 A until then; rail above {port.LEAST} V; {1e3 * port.NOMINAL:.0f} mA within 5 %
in the typical corner.

{table(results["port"])}

![port](port.png)

## Store: `store.py`

First start: from the plug until EN is high; from then on WiFi's peaks. U7's threshold at its
worst, too (on at {on:.2f} V, off at {off:.2f} V nominally). USB: D2 is D1's like. Limits: between
5 and 25 s, then the rail above {port.LEAST} V, and EN stays high.

{table(stored["start"])}

An unequal pair at 5.5 V and 50 degrees, where D1 drops least; at the end 300 s after the plug.
Limit: {store.RATED} V for a cell.

{table(stored["balance"])}

What it buys: seconds from the port's end until U7 takes EN low, with WiFi's peaks and with
{1e3 * port.IDLE:.0f} mA; what flows back into the port then (microamperes); and how long a peak of
{1e3 * port.PEAK:.0f} mA without end may last with the port there. Limits: 2, 3 and 1 s, 100 uA.

{table(stored["buys"])}

![start](start.png)

## Data: `edges.py`

3 m of cable, 115200 baud, U1's thresholds at both ends. Limits: edges (10 to 90 %) below 1 us, the
meter sinks 5 mA at the most, three bits keep their length within 5 %.

{table(results["edges"])}

## Q2's heat: `heat.py`

At {heat.AMBIENT} degrees around; copper of its collector on its own side alone. Any store: the
worst of all voltages of the store, for ever; so a short is among them. First start: the charge
from nothing, with the heat capacity of the board under the pour (a model of our own). Limits:
{heat.MOST} degrees, 100 mm2 of copper.

{table(results["heat"])}
"""


def _picture(title, unit):
    lines = {"port": "port, 100 mA", "v(vst)": "store, V", "v(r)": "rail, V"}

    def plot(axes, curves):
        curves["port"] = [10 * i for i in curves["i(Vi)"]]
        draw(axes, curves, lines, title, legend="lower right", unit=unit)

    return plot


PICTURES = {
    "port": _picture("5 V, WiFi's peaks", "ms"),
    "start": _picture("5 V, first start", "s"),
}
