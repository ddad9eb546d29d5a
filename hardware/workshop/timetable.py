"""What the firmware takes of a board's store: timetables of current from the first start on, and
the deck in which its voltage rule and the supervisor let them run.

A timetable is [(seconds since the rule let the WiFi start, amperes)].
"""

import spice

# What the firmware does with the store's voltage; docs/power.md gives the same figures.
WIFI_START, WIFI_STOP = 3.30, 2.95
# Amperes. ESP32-C3 data sheet: 23 mA CPU at 160 MHz, 87 mA receive, 335 mA transmit (802.11b, 21
# dBm).
CPU, LISTEN, SEND, DEEP = 0.025, 0.087, 0.335, 30e-6
IDLE = 0.032  # connected, power save: CPU and a beacon's reception every 100 ms
WAITING = 0.0046  # deep sleep, 1 s awake every 5 s to look at the store


def connect(start, seconds=4.0):
    """Scan, association, DHCP, MQTT: listening, with bursts."""
    points = [(start, CPU), (start + 0.5, CPU)]
    now = start + 0.5
    while now < start + 0.5 + seconds:
        points += [(now + 0.001, LISTEN), (now + 0.18, LISTEN), (now + 0.181, SEND),
                   (now + 0.199, SEND)]  # fmt: skip
        now += 0.2
    return points


def publish(start):
    """One message and its acknowledgement."""
    return [
        (start, IDLE), (start + 0.001, SEND), (start + 0.011, SEND), (start + 0.012, LISTEN),
        (start + 0.07, LISTEN), (start + 0.071, IDLE),
    ]  # fmt: skip


def publishing(every, until):
    """Start, then a message every so many seconds."""
    points = connect(0)
    now = points[-1][0] + 0.5
    while now < until:
        points += publish(now)
        now += every
    return points + [(until, IDLE), (until + 1e4, IDLE)]


def failing(until, attempt=20.0):
    """An access point that does not answer (station.py): 20 s each, pauses from 1 s to 60 s."""
    points, now, pause = [], 0.0, 1.0
    while now < until:
        points += connect(now, attempt)
        points += [(points[-1][0] + 0.001, CPU), (points[-1][0] + pause - 0.001, CPU)]
        now = points[-1][0] + 0.001
        pause = min(2 * pause, 60.0)
    return points


def deck(circuit, supply, timetable, farads, initial, ramp):
    """`supply`: amperes into the rail r, up to the buck's voltage; `ramp`: ohms and farads by
    which EN follows the supervisor."""
    ascending = [
        p for i, p in enumerate(timetable) if p[0] > max((q[0] for q in timetable[:i]), default=-1)
    ]
    table = ", ".join(f"{t:.4f},{a:.6f}" for t, a in ascending)
    hysteresis = WIFI_START - WIFI_STOP
    on, off = circuit.supervisor()
    return [
        f"Bin 0 r I = {supply}*0.5*(1+tanh(({circuit.rail()}-V(r))*60))",
        *circuit.quiet(),
        f"Res r s {circuit.ESR}",
        f"Cs s 0 {farads} ic={initial}",
        f"Cr r 0 {circuit.ceramics()} ic={initial}",
        f"Bsv s0 0 V = 0.5*(1+tanh((V(r)-{on}+{on - off}*V(en))*60))",
        f"Rsv s0 en {ramp[0]}",
        f"Csv en 0 {ramp[1]}",
        # the firmware's rule, on the mean of its samples of the last half second
        "Rav r av 100meg",
        f"Cav av 0 5n ic={initial}",
        f"Bgt g0 0 V = u(V(en)-0.5)*0.5*(1+tanh((V(av)-{WIFI_START}+{hysteresis}*V(go))*60))",
        "Rgt g0 go 10k",
        "Cgt go 0 1u",
        "Bck 0 clk I = u(V(go)-0.5) - (1-u(V(go)-0.5))*V(clk)*20",
        "Cck clk 0 1",
        f"Bld r 0 I = u(V(en)-0.5)*(u(V(go)-0.5)*pwl(V(clk), {table}) + "
        f"(1-u(V(go)-0.5))*{WAITING})",
    ]


def summary(curves, digits):
    """When EN and the WiFi came, what the store fell to, and whether the two held."""
    running = spice.crossing(curves, "v(en)", 0.5)
    wifi = spice.crossing(curves, "v(go)", 0.5)
    after = spice.span(curves, (running or 0) + 0.5, 1e9)
    return {
        "en_after_s": round(running, 1) if running else None,
        "wifi_after_s": round(wifi, 1) if wifi else None,
        "least_v": round(min(curves["v(r)"][i] for i in after), digits),
        "end_v": round(curves["v(r)"][-1], digits),
        "en_fell": any(curves["v(en)"][i] < 0.5 for i in after),
        "wifi_paused": sum(
            a > 0.5 >= b for a, b in zip(curves["v(go)"], curves["v(go)"][1:], strict=False)
        ),
    }
