"""What the port sees: the plug with everything empty, and WiFi with a full store and COM ENABLE
loaded, with the limiter's transistors as they may come.

Corners: temperature, the base-emitter voltage's spread in the data sheet (600 to 750 mV at 2 mA),
gain, and the resistors' 1 %.
"""

import circuit
from circuit import AVERAGE, CORNERS, PEAK, PORTS, TEMPERATURES, WATTS, spice

IDLE, SENDING = 0.08, 0.35  # A; ESP32-C3 data sheet: 335 mA sending at 802.11b
LASTING, EVERY = 3e-3, 20e-3
COM_LOAD = 1.1e3  # ohm: 10 mA, the most that COM ENABLE is meant for
LEAST_RAIL = 3.0
LENGTH = 0.2


def deck(volts, corner, temperature, full, charge=3.4, wifi=True, bulk=None):
    """`full`: everything runs; else the plug makes contact within a microsecond. `bulk`: its volts
    at first, else what the port leaves it."""
    at_first = volts - 1.5 if bulk is None else bulk
    bulk, stored = (at_first, charge) if full else (0, 0)
    load = f"{IDLE}+{SENDING - IDLE}*V(w)" if wifi else "0"
    points = [(0, volts)] if full else [(0, 0), (1e-3, 0), (1.001e-3, volts)]
    return [
        *circuit.models(corner, temperature),
        circuit.zener(corner, temperature),
        *circuit.port(points),
        *circuit.limiter(corner, bulk),
        *circuit.supply(stored, load if full else "0", bulk, corner),
        *circuit.com_enable(corner, "3.3" if full else "0"),
        f"Rload com 0 {COM_LOAD}",
        f"Vw w 0 PULSE(0 1 2m 2u 2u {LASTING} {EVERY})",
    ]


def simulate(ports=PORTS, corners=CORNERS, temperatures=TEMPERATURES):
    """[{port, corner, temperature, peak and average in mA, power, least rail}], and curves for
    the plot."""
    rows, shown = [], None
    for port in ports:
        for corner in corners:
            for temperature in temperatures:
                plug, run = (
                    spice.run(
                        f"port {port} {corner}", deck(PORTS[port], corner, temperature, full),
                        f"5u {LENGTH if full else 0.1} 0 {'50u' if full else '40u'} uic",
                        ["i(Vm)", "v(r)", "v(bulk)", "v(com)"],
                    )
                    for full in (False, True)
                )  # fmt: skip
                amps = [-i for i in run["i(Vm)"]]
                settled = spice.span(run, LENGTH / 2, LENGTH)
                time = run["time"]
                mean = sum(amps[i] * (time[i] - time[i - 1]) for i in settled) / (LENGTH / 2)
                after = spice.span(plug, 1.1e-3, 1)
                rows.append(
                    {
                        "port": port, "corner": corner, "temperature": temperature,
                        "plug_peak_ma": round(-1e3 * min(plug["i(Vm)"]), 1),
                        "plug_steady_ma": round(-1e3 * min(plug["i(Vm)"][i] for i in after), 1),
                        "run_peak_ma": round(1e3 * max(amps[i] for i in settled), 1),
                        "run_average_ma": round(1e3 * mean, 1),
                        "run_w": round(mean * PORTS[port], 2),
                        "least_rail_v": round(min(run["v(r)"][i] for i in settled), 2),
                        "least_bulk_v": round(min(run["v(bulk)"][i] for i in settled), 1),
                        "least_com_v": round(min(run["v(com)"][i] for i in settled), 2),
                    }
                )  # fmt: skip
                if (port, corner, temperature) == ("24 V", "typical", 25):
                    shown = plug, run
    return rows, shown


def check(rows):
    for row in rows:
        assert row["plug_peak_ma"] < 1e3 * PEAK and row["run_peak_ma"] < 1e3 * PEAK, row
        most = max(row["plug_steady_ma"], row["run_peak_ma"])
        # the steady current's peak keeps the average's limit too, and a watt
        assert most < 1e3 * AVERAGE and row["run_average_ma"] < 1e3 * AVERAGE, row
        if row["port"] != "28 V":
            assert most * 1e-3 * PORTS[row["port"]] < WATTS, row
        assert row["least_rail_v"] > LEAST_RAIL and row["least_com_v"] > 9, row


def charging():
    """Mean current into a store at 3.0 V with COM ENABLE at 5 mA: what of the buck's current the
    limiter leaves, corner by corner; the bulk just as high as the lock-out wants it, from where
    the limiter may not lift it."""
    on = circuit.lock_out()[0] + 0.1
    rows = []
    for corner in CORNERS:
        for temperature in TEMPERATURES:
            lines = deck(24.0, corner, temperature, True, 3.0, wifi=False, bulk=on)
            lines[lines.index(f"Rload com 0 {COM_LOAD}")] = f"Rload com 0 {2 * COM_LOAD}"
            curves = spice.run(
                f"charging {corner}", lines, "20u 0.5 0 80u uic", ["v(s)", "v(bulk)"]
            )
            gain = spice.at(curves, "v(s)", 0.5) - spice.at(curves, "v(s)", 0.2)
            rows.append(
                {
                    "corner": corner, "temperature": temperature,
                    "charge_ma": round(1e3 * circuit.store() * gain / 0.3, 1),
                    "least_bulk_v": round(
                        min(curves["v(bulk)"][i] for i in spice.span(curves, 0.2, 0.5)), 1
                    ),
                }
            )  # fmt: skip
    return rows


def bench():
    """What a supply of 24 V shows while the store fills, COM ENABLE off."""
    rows = []
    for charge in (0.1, 3.0):
        lines = deck(24.0, "typical", 25, True, charge, wifi=False)
        lines[lines.index("Vg on 0 3.3")] = "Vg on 0 0"
        curves = spice.run(f"bench {charge}", lines, "20u 0.3 0 80u uic", ["i(Vm)", "v(bulk)"])
        settled = spice.span(curves, 0.2, 0.3)
        rows.append(
            {
                "store_v": charge,
                "port_ma": round(-1e3 * sum(curves["i(Vm)"][i] for i in settled) / len(settled)),
                "bulk_v": round(spice.at(curves, "v(bulk)", 0.3), 1),
            }
        )
    return rows


def plot(axes, shown):
    plug, run = shown
    for curves, name in ((plug, "plug"), (run, "WiFi")):
        axes.plot(
            [t * 1e3 for t in curves["time"]], [-1e3 * i for i in curves["i(Vm)"]],
            label=f"port, {name}, mA", linewidth=0.8,
        )  # fmt: skip
    axes.plot([t * 1e3 for t in run["time"]], [10 * v for v in run["v(r)"]],
              label="rail, WiFi, 0.1 V", linewidth=0.8)  # fmt: skip
    axes.axhline(40, color="red", linewidth=0.6, linestyle="--", label="40 mA")
    axes.set(title="Port at 24 V, typical", xlabel="ms", ylim=(0, 52), xlim=(0, 100))
    axes.legend(loc="lower right", fontsize=7)
