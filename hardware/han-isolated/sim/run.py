"""The simulations and what their README says: see workshop/simulation.py."""

import distortion
import output
import reader
from simulation import draw, table


def simulate():
    """(results, curves for the plots); raises where a limit is missed."""
    shifts, shown = distortion.simulate()
    distortion.check(shifts)
    rows, noisy = reader.simulate()
    driven, starved, started = reader.driven(), reader.starving(), reader.start()
    reader.check(rows, driven, starved, started)
    levels = output.simulate()
    rail = output.budget(max(row["opto_v"] for row in shifts))
    output.check(levels, rail)
    results = {
        "distortion": shifts, "reader": rows, "driven": driven, "starving": starved,
        "start": started, "output": levels, "rail": rail,
    }  # fmt: skip
    return results, (shown, noisy)


def _worst(rows):
    """The worst row of each baud and coupler."""
    found = {}
    for row in rows:
        key = row["baud"], row["coupler"]
        if key not in found or row["distortion"] > found[key]["distortion"]:
            found[key] = row
    return list(found.values())


def report(results):
    """The text of sim/README.md."""
    rail = results["rail"]
    rows = [{"with": name} | rail[name] for name in ("alone", "display", "RS-485")]
    return f"""# Simulations of han-isolated

Written by `make -C hardware` from results.json: do not edit. Every value comes from `parts.py`;
the limits are assertions in the scripts.

## Distortion: `distortion.py`

From U1's TXI through the optocoupler to DATA: the latest edge less the earliest, each against its
own in TXI, as a share of a bit. {len(results["distortion"])} runs: 2400 and 9600 baud, couplers of
50 to 600 % (made of weak light and much gain, or of the contrary), -25, 25 and 60 degrees with
what is left of the ratio there, both ends of the comparators' 10 mV.
Limit: {100 * distortion.MOST:.0f} %. The worst of each coupler:

{table(_worst(results["distortion"]))}

![distortion](distortion.png)

## Reader: `reader.py`

From the meter's bus to DATA, U1's share included. Limits: {100 * distortion.MOST:.0f} % with clean
edges, {100 * reader.SLOW:.0f} % with edges of 60 us and noise of 0.4 V, which shift by
themselves; two unit loads (2 to 3 mA); U1's store above 6 V.

{table(results["reader"])}

![reader](reader.png)

The same bytes from the deck of [mbus-simulator](../../mbus-simulator/README.md), its trip alive:

{table(results["driven"])}

Nothing but zero bytes for a second, U1's current at its least and its own consumption at its most
(limit: the store stays above 4.5 V), and the start on a bus that is plugged in:

{table([results["starving"]])}

{table([results["start"]])}

## Output: `output.py`

The open collector at rest and at space, with 10 mA more into it and without; what SP3485 and
MCP2221A see of it through D5; a USB side without supply gets nothing.

{table(results["output"])}

3.3 V rail at space, and U7's junction where USB is the supply ({output.TO_AIR} K/W, 5.5 V, 60
degrees around). Limits: {1e3 * output.UNO_MOST:.0f} mA, an Uno R3's, but
{1e3 * output.RS485_HOST:.0f} for an RS-485 line with its end closed; 125 degrees. A pin of the Uno
that is set as output at 5 V gives
{rail["pin_ma"]} mA into Q2.

{table(rows)}
"""


def _distortion(axes, curves):
    lines = {"v(opto)": "OPTO", "v(th)": "HALF", "v(data)": "DATA"}
    draw(axes, _sizes(curves, lines), lines, "9600 baud, 600 %, 25 degrees", "V")
    axes.set_xlim(1.9, 1.9 + 2.4)


def _reader(axes, curves):
    lines = {"bus": "bus", "v(data)": "DATA", "v(opto)": "OPTO"}
    title = "2400 baud, 26/16 V, threshold 8.2 V, noise 0.4 V, edges 60 us, 50 %"
    draw(axes, _sizes(curves, lines), lines, title, "V")
    axes.set_xlim(1, 17)


def _sizes(curves, names):
    return {n: list(map(abs, curves[n])) for n in ("time", *names)}


PICTURES = {"distortion": _distortion, "reader": _reader}
