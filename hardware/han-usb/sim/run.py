"""The simulations and what their README says: see workshop/simulation.py."""

import reader
import supply
from simulation import draw, table


def simulate():
    """(results, curves for the plot); raises where a limit is missed."""
    rows, curves = reader.simulate()
    driven = reader.driven()
    reader.check(rows, driven)
    supplies = supply.simulate()
    supply.check(supplies)
    return {"reader": rows, "driven": driven, "supply": supplies}, (curves,)


def report(results):
    """The text of sim/README.md."""
    return f"""# Simulations of han-usb

Written by `make -C hardware` from results.json: do not edit. Every value comes from `parts.py`;
the limits are assertions in the scripts.

## Receiver: `reader.py`

11 bytes at 2400 8E1 through jack, fuse, both TVS, TSS721A and a UART, at the levels of four
meters, both ends of the receiver's threshold, in the quiet and with noise of 0.4 V, edges of 60 us
and the pair turned. Limits: every byte, margin above 0.2 bits, one unit load (0.8 to 1.5 mA).

{table(results["reader"])}

![reader](reader.png)

The same bytes from the deck of [mbus-simulator](../../mbus-simulator/README.md), its trip alive:

{table(results["driven"])}

## Supply: `supply.py`

WiFi's peaks of {1e3 * supply.PEAK:.0f} mA for {1e3 * supply.LASTING:.0f} ms every
{1e3 * supply.EVERY:.0f} ms over {1e3 * supply.IDLE:.0f} mA. Limits: rail above {supply.LEAST} V
and below 3.45 V, U3's junction below 125 degrees at 50 around ({supply.TO_AIR} K/W).

{table(results["supply"])}
"""


def _plot(axes, curves):
    curves["bus"] = [abs(a - b) for a, b in zip(curves["v(m)"], curves["v(hn)"], strict=True)]
    draw(axes, curves, {"bus": "bus", "v(rx)": "RX"},
         "26/16 V, threshold 8.2 V, noise 0.4 V", "V")  # fmt: skip
    axes.set_xlim(18, 50)


PICTURES = {"reader": _plot}
