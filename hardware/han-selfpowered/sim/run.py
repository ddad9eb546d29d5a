"""The simulations and what their README says: see workshop/simulation.py."""

import backfeed
import circuit
import endtoend
import energy
import inrush
import powerfail
import receiver
import thermal
import timetable
from simulation import table


def simulate():
    """(results, curves for the plots); raises where a limit is missed."""
    bytes_rows, receiver_curves = receiver.simulate()
    receiver.check(bytes_rows)
    plug_rows, plug_curves = inrush.simulate()
    inrush.check(plug_rows)
    plans, store_curves = energy.scenarios()
    stores, period, charge = energy.smallest_store(), energy.kamstrup_period(), energy.charging()
    energy.check(plans, stores, period, charge)
    delay, hold = powerfail.pf_delay(), powerfail.hold_up()
    powerfail.check(delay, hold)
    whole, back, heat = endtoend.simulate(), backfeed.simulate(), thermal.simulate()
    endtoend.check(whole)
    backfeed.check(back)
    plugged = backfeed.plugged()
    backfeed.check_plugged(plugged)
    thermal.check(heat)
    more = energy.kamstrup_more()
    least, most = circuit.supervisor(-1), circuit.supervisor(+1)
    results = {
        "receiver": bytes_rows, "inrush": plug_rows, "charging": charge, "energy": plans,
        "smallest_store_f": stores, "kamstrup_period_s": period, "pf_delay_us": round(delay * 1e6),
        "hold_up": hold, "end_to_end": whole, "backfeed": back,
        "plugged": plugged, "thermal": heat,
        "kamstrup_more": more,
        "thresholds": {"wifi_start_v": timetable.WIFI_START, "wifi_stop_v": timetable.WIFI_STOP,
                       "en_on_v": round(energy.RELEASE, 2), "en_off_v": round(energy.TRIP, 2)},
        "supervisor_spread_v": {"on": [round(least[0], 3), round(most[0], 3)],
                                "off": [round(least[1], 3), round(most[1], 3)]},
    }  # fmt: skip
    return results, (receiver_curves, plug_curves, store_curves)


def _worst(rows):
    """Of each setting of the limiter the run with the highest steady current, and the longest
    passing of 30 mA."""
    worst = []
    for name in dict.fromkeys(row["setting"] for row in rows):
        of = [row for row in rows if row["setting"] == name]
        top = max(of, key=lambda row: row["steady_ma"])
        worst.append(
            {
                "setting": name, "limit mA": top["limit_ma"],
                "least steady mA": min(r["steady_ma"] for r in of),
                "most steady mA": top["steady_ma"],
                "at": f"{top['corner']}, {top['temperature']} degrees",
                "highest peak mA": max(r["peak_ma"] for r in of),
                "longest over its limit, us": max(r["over_limit_us"] for r in of),
                "longest over 30 mA, us": max(r["over_30_us"] for r in of),
            }
        )  # fmt: skip
    return worst


def report(results):
    """README.md of this folder, from the results."""
    stores = [
        {"port": port, "least store, F": farads}
        for port, farads in results["smallest_store_f"].items()
    ]
    limits = results["thresholds"]
    store = circuit.store()
    return f"""# Simulations of han-selfpowered

Written by `run.py` (`make -C hardware sim`): do not edit. Every table's limits are asserted in
the script named above it; `make -C hardware check` runs them all. Models: `parts.lib`; every
value comes from `parts.py` through `circuit.py`.
Pictures: `make -C hardware sim` draws them.

## Receiver: `receiver.py`

{len(results["receiver"])} runs of {results["receiver"][0]["sent"]} bytes at 2400 8E1, with the
board drawing its supply from the same pair. `threshold`: how far the bus must fall below the
held mark level, the TSS721A's tolerance is 5.7 to 8.2 V. `margin_bits`: how far the nearest
edge stays from the middle of a bit (0.5 is perfect, limit 0.2).

{table(results["receiver"])}

![receiver](receiver.png)

## Hot plug: `inrush.py`

{len(results["inrush"])} runs: corners of the sensing transistor's base-emitter voltage, of
gain, of the resistors and of the receiver's current; -25, 25 and 60 degrees; bulk and store
empty and full. Limits: steady current below the maker's figure (below 28 mA where that is 30
mA), above 30 mA for less than 5 us (Aidon's port allows about 50 us).

{table(_worst(results["inrush"]))}

![hot plug](inrush.png)

## Energy: `energy.py`

Mean current into a store at 3.0 V, transistors and lock-out against the averaged model that
the long runs use:

{table(results["charging"])}

From an empty store ({store:.2f} F, 0.4 ohm) at every port. WiFi starts at
{limits["wifi_start_v"]:.2f} V and stops below {limits["wifi_stop_v"]:.2f} V; EN goes on at
{limits["en_on_v"]} V and off at {limits["en_off_v"]} V. Limits: EN never falls, rail above
{energy.FLOOR:.2f} V (the highest at which EN may fall), no pause of the WiFi while publishing;
but on Kamstrup's port the rule must pause it,
and only with sleep between, as `sleep_cycle.py` of the firmware does it, none. No WiFi: 20 s of
trying,
pauses from 1 s to 60 s; asleep between: 8 s of trying.

{table(results["energy"])}

![store](energy.png)

The least store that carries a WiFi start without a pause, and failed attempts without EN falling
(fitted: {store:.2f} F, so that cells 20 % below still carry every port):

{table(stores)}

On Kamstrup's 6 mA the board sleeps between publications (3.5 s for the start and a list, 4 s to
connect, 1 s to publish); one every
{results["kamstrup_period_s"]} s is the shortest that holds for ever.

## Power lost: `powerfail.py`

PF is low {results["pf_delay_us"]} us after the bus goes. From then to 2.70 V, with the cells
at -20 % and 1.2 s of flash erasing in it (worst case of data sheets; longest measured stall by
a flash write: 137 ms, on an emulated ESP32):

{table(results["hold_up"])}

## End to end: `endtoend.py`

Bus with data, limiter, bridges, the running supply with an idling WiFi, receiver and UART,
{len(results["end_to_end"])} cases. Limits: every byte, margin above 0.2 bits, the meter's
current, never over 30 mA for 5 us, the bulk within 0.5 V of the lock-out, and what the buck
delivers while the meter talks without a pause.

{table(results["end_to_end"])}

## USB unplugged: `backfeed.py`

VBUS, on which U4's enable hangs, by the module's pull-up of D+ through U5. Limit for revision B:
{backfeed.LIMIT} V (U4's enable is low below 0.5 V).

{table(results["backfeed"])}

A USB plug goes in: 5.5 V behind a cable. U4 stands {backfeed.STANDS} V at its input and enable.

{table(results["plugged"])}

## Q2's heat: `thermal.py`

{thermal.AMBIENT} degrees around, JP2 and JP3 closed, store charging, bulk at its lowest. Limit:
junction at {thermal.MOST} degrees (data sheet: 150). `bare_land`: what the data sheet's land
alone would give.

{table(results["thermal"])}

## What a finer limiter would bring at 6 mA: `energy.py`

Shortest time between publications that holds for ever at Kamstrup's port, for the power on the
rail. DESIGN.md says what each way costs, and why the board has none of them.

{table(results["kamstrup_more"])}
"""


PICTURES = {module.__name__: module.plot for module in (receiver, inrush, energy)}
