"""Where the energy goes: the store's voltage from plug-in over WiFi start to steady publishing,
and after the port is gone.

The buck is averaged: it gives what `port.charging` found on the transistor-level circuit. The load
is a timetable that starts when the firmware's voltage rule lets it, and stops when the rule or the
supervisor says so: workshop/timetable.py, as han-selfpowered.
"""

import circuit
from circuit import spice
from timetable import (
    CPU,
    IDLE,
    WIFI_START,
    WIFI_STOP,
    deck,
    failing,
    publishing,
    summary,
)

STORE, ESR = circuit.store(), circuit.ESR
RELEASE, TRIP = circuit.supervisor()
FLOOR = circuit.supervisor(+1)[1]  # the highest trip with tolerances: EN must not fall

ACCESS_POINT = 0.1
WRITE_WORST, FLASH = 1.2, 0.030  # s, A: three erases of such flash at their worst
CELLS_WORST = 0.8  # of their value
PLANS = {
    "publish every 2.5 s": publishing(2.5, 120), "publish every 10 s": publishing(10, 120),
    "no WiFi, retries": failing(150),
    "set-up access point": [(0, CPU), (1, CPU), (1.001, ACCESS_POINT), (1e4, ACCESS_POINT)],
}  # fmt: skip


def _deck(amps, timetable):
    ramp = circuit.value("R13"), circuit.value("C7")
    return deck(circuit, amps, timetable, STORE, 0, ramp)


def scenarios(charge):
    """From an empty store, with what the limiter leaves at the least and usually: rows, and the
    curves for the plot. `charge`: rows of port.charging."""
    given = {
        "least": min(row["charge_ma"] for row in charge),
        "typical": next(
            row["charge_ma"] for row in charge
            if (row["corner"], row["temperature"]) == ("typical", 25)
        ),
    }  # fmt: skip
    rows, shown = [], {}
    for name, milliamps in given.items():
        for plan, timetable in PLANS.items():
            curves = spice.run(
                f"energy {plan}", _deck(1e-3 * milliamps, timetable), "20m 300 0 10m uic",
                ["v(r)", "v(en)", "v(go)"], "method=gear reltol=3e-3",
            )  # fmt: skip
            row = {"supply": name, "supply_ma": milliamps, "plan": plan}
            rows.append(row | summary(curves, 2))
            if name == "typical":
                shown[plan] = curves
    return rows, shown


def hold_up():
    """[{from V, WiFi, seconds until the rail is at 2.70 V}] with the cells at their least, and a
    write at once."""
    rows = []
    for start in (round(circuit.rail(), 2), WIFI_START, WIFI_STOP):
        for wifi, load in (("on", IDLE), ("off", CPU)):
            lines = [
                f"Res r s {ESR}",
                f"Cs s 0 {CELLS_WORST * STORE} ic={start}",
                f"Cr r 0 {circuit.ceramics()} ic={start}",
                *circuit.quiet(),
                f"Bld r 0 I = {load} + {FLASH}*(1-u(time-{WRITE_WORST}))",
            ]
            curves = spice.run("hold-up", lines, "10m 60 0 20m uic", ["v(r)"])
            reached = spice.crossing(curves, "v(r)", 2.70, 0.01, rising=False)
            rows.append({"from_v": start, "wifi": wifi, "seconds": round(reached or 60.0, 1)})
    return rows


def check(rows, held):
    for row in rows:
        assert row["wifi_after_s"] and not row["en_fell"] and row["least_v"] >= FLOOR, row
        if row["plan"].startswith("publish"):
            assert row["wifi_paused"] == 0 and row["end_v"] > 3.2, row
        if row["supply"] == "typical":
            assert row["wifi_after_s"] < 90, row
    for row in held:
        assert row["seconds"] > 4 * WRITE_WORST, row


def plot(axes, shown):
    for plan, curves in shown.items():
        axes.plot(curves["time"], curves["v(r)"], label=plan, linewidth=0.7)
    for level, words in ((TRIP, "EN off"), (RELEASE, "EN on")):
        axes.axhline(level, color="grey", linewidth=0.5, linestyle="--")
        axes.text(255, level + 0.02, words, fontsize=7)
    axes.set(title="Store from plug-in, typical", xlabel="s", ylabel="V", ylim=(2.4, 3.6))
    axes.legend(loc="lower right", fontsize=7)
