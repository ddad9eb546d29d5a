"""Where the energy goes: the store's voltage from plug-in over WiFi start to steady publishing,
and after the port is gone.

The buck is averaged: it gives what `port.charging` found on the transistor-level circuit. The load
is a timetable that starts when the firmware's voltage rule lets it, and stops when the rule or the
supervisor says so; timetables and rule are those of han-selfpowered.
"""

import circuit
from circuit import spice

STORE, ESR = circuit.store(), circuit.ESR
RELEASE, TRIP = circuit.supervisor()
FLOOR = circuit.supervisor(+1)[1]  # the highest trip with tolerances: EN must not fall

# What the firmware does with the store's voltage; docs/power.md gives the same figures.
WIFI_START, WIFI_STOP = 3.30, 2.95
# Amperes. ESP32-C3 data sheet: 23 mA CPU at 160 MHz, 87 mA receive, 335 mA transmit.
CPU, LISTEN, SEND, IDLE, WAITING = 0.025, 0.087, 0.335, 0.032, 0.0046
ACCESS_POINT = 0.1
WRITE_WORST, FLASH = 1.2, 0.030  # s, A: three erases of such flash at their worst
CELLS_WORST = 0.8  # of their value


def connect(start, seconds=4.0):
    """Scan, association, DHCP, MQTT: listening, with bursts."""
    points = [(start, CPU), (start + 0.5, CPU)]
    now = start + 0.5
    while now < start + 0.5 + seconds:
        points += [(now + 0.001, LISTEN), (now + 0.18, LISTEN), (now + 0.181, SEND),
                   (now + 0.199, SEND)]  # fmt: skip
        now += 0.2
    return points


def publishing(every, until):
    """Start, then a message and its acknowledgement every so many seconds."""
    points = connect(0)
    now = points[-1][0] + 0.5
    while now < until:
        points += [
            (now, IDLE), (now + 0.001, SEND), (now + 0.011, SEND), (now + 0.012, LISTEN),
            (now + 0.07, LISTEN), (now + 0.071, IDLE),
        ]  # fmt: skip
        now += every
    return points + [(until, IDLE), (until + 1e4, IDLE)]


def failing(until, attempt=20.0):
    """An access point that does not answer: 20 s each, pauses from 1 s to 60 s."""
    points, now, pause = [], 0.0, 1.0
    while now < until:
        points += connect(now, attempt)
        points += [(points[-1][0] + 0.001, CPU), (points[-1][0] + pause - 0.001, CPU)]
        now = points[-1][0] + 0.001
        pause = min(2 * pause, 60.0)
    return points


PLANS = {
    "publish every 2.5 s": publishing(2.5, 120), "publish every 10 s": publishing(10, 120),
    "no WiFi, retries": failing(150),
    "set-up access point": [(0, CPU), (1, CPU), (1.001, ACCESS_POINT), (1e4, ACCESS_POINT)],
}  # fmt: skip


def _deck(amps, timetable):
    ascending = [
        p for i, p in enumerate(timetable) if p[0] > max((q[0] for q in timetable[:i]), default=-1)
    ]
    table = ", ".join(f"{t:.4f},{a:.6f}" for t, a in ascending)
    hysteresis = WIFI_START - WIFI_STOP
    return [
        f"Bin 0 r I = {amps}*0.5*(1+tanh(({circuit.rail()}-V(r))*60))",
        *circuit.quiet(),
        f"Res r s {ESR}",
        f"Cs s 0 {STORE} ic=0",
        f"Cr r 0 {circuit.ceramics()} ic=0",
        f"Bsv s0 0 V = 0.5*(1+tanh((V(r)-{RELEASE}+{RELEASE - TRIP}*V(en))*60))",
        f"Rsv s0 en {value('R13')}",
        f"Csv en 0 {value('C7')}",
        # the firmware's rule, on the mean of its samples of the last half second
        "Rav r av 100meg",
        "Cav av 0 5n ic=0",
        f"Bgt g0 0 V = u(V(en)-0.5)*0.5*(1+tanh((V(av)-{WIFI_START}+{hysteresis}*V(go))*60))",
        "Rgt g0 go 10k",
        "Cgt go 0 1u",
        "Bck 0 clk I = u(V(go)-0.5) - (1-u(V(go)-0.5))*V(clk)*20",
        "Cck clk 0 1",
        f"Bld r 0 I = u(V(en)-0.5)*(u(V(go)-0.5)*pwl(V(clk), {table}) + "
        f"(1-u(V(go)-0.5))*{WAITING})",
    ]


value = circuit.value


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
            running = spice.crossing(curves, "v(en)", 0.5)
            wifi = spice.crossing(curves, "v(go)", 0.5)
            after = spice.span(curves, (running or 0) + 0.5, 1e9)
            rows.append(
                {
                    "supply": name, "supply_ma": milliamps, "plan": plan,
                    "en_after_s": round(running, 1) if running else None,
                    "wifi_after_s": round(wifi, 1) if wifi else None,
                    "least_v": round(min(curves["v(r)"][i] for i in after), 2),
                    "end_v": round(curves["v(r)"][-1], 2),
                    "en_fell": any(curves["v(en)"][i] < 0.5 for i in after),
                    "wifi_paused": sum(
                        a > 0.5 >= b
                        for a, b in zip(curves["v(go)"], curves["v(go)"][1:], strict=False)
                    ),
                }
            )  # fmt: skip
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
