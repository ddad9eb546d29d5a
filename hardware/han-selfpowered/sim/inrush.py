"""Hot plug: what the board draws in the first tenth of a second, with the limiter's transistors as
they may come.

Corners: junction temperature, the base-emitter voltage's spread in the data sheet (600 to 750 mV
at 2 mA), gain, and the resistors' 1 %. The meter must never see its limit passed, and a peak only
for a moment.
"""

import circuit
import spice
from circuit import CORNERS, PORTS

TEMPERATURES = (-25, 25, 60)
LEAST = 0.15  # s of one run
_AIDON_SECONDS = 50e-6


def deck(name, corner, temperature, full, volts=None, charge=3.4, bulk=None):
    """The plug makes contact within a microsecond."""
    jumpers, _, mark, _ = PORTS[name]
    volts = volts or mark
    bulk, stored = (bulk or volts - 3.5, charge) if full else (0, 0)
    return [
        f".temp {temperature}",
        *circuit.port([(0, 0), (1e-3, 0), (1.001e-3, volts)]),
        *circuit.measurement(),
        *circuit.receiver(scale=CORNERS[corner][3]),
        *circuit.limiter(jumpers, corner, bulk),
        *circuit.supply(stored, bulk=bulk),
    ]


def simulate(quick=False):
    """[{setting, corner, temperature, store, steady and peak in mA, seconds above 30 mA}] and
    curves for the plot."""
    rows, shown = [], None
    for name, (_, limit, _, _) in PORTS.items():
        for corner in CORNERS:
            for temperature in TEMPERATURES:
                if quick and (corner, temperature) not in (
                    ("high", -25),
                    ("low", 60),
                    ("typical", 25),
                ):
                    continue
                for full in (False, True):
                    curves = spice.run(
                        f"inrush {name} {corner}", deck(name, corner, temperature, full),
                        f"5u {LEAST} 0 60u uic", ["i(Vm)", "v(bulk)", "v(vbr)"],
                    )  # fmt: skip
                    current = curves["draw"] = tuple(-1e3 * i for i in curves["i(Vm)"])
                    settled = spice.span(curves, 2e-3, LEAST)
                    rows.append(
                        {
                            "setting": name, "corner": corner, "temperature": temperature,
                            "store": "full" if full else "empty", "limit_ma": limit,
                            "steady_ma": round(max(current[i] for i in settled), 2),
                            "peak_ma": round(max(current), 1),
                            "over_limit_us": round(1e6 * spice.seconds_above(curves, "draw",
                            limit), 2),
                            "over_30_us": round(1e6 * spice.seconds_above(curves, "draw", 30), 2),
                        }
                    )  # fmt: skip
                    if (name, corner, temperature, full) == (
                        "JP2+JP3 (Aidon)", "high", -25, False
                    ):  # fmt: skip
                        shown = curves
    return rows, shown


def check(rows):
    """Steady current below each maker's limit; above 30 mA for a tenth of Aidon's 50 us at
    most."""
    for row in rows:
        assert row["steady_ma"] < row["limit_ma"], row
        assert row["over_30_us"] * 1e-6 < _AIDON_SECONDS / 10, row
        if row["limit_ma"] == 30.0:
            assert row["steady_ma"] < 28.0, row


def plot(axes, curves):
    """The plug-in of the worst corner."""
    axes.plot(
        [t * 1e3 for t in curves["time"]], curves["draw"], label="bus current, mA", linewidth=0.8
    )
    axes.plot([t * 1e3 for t in curves["time"]], curves["v(bulk)"], label="bulk, V", linewidth=0.8)
    axes.axhline(30, color="red", linewidth=0.6, linestyle="--", label="Aidon's 30 mA")
    axes.set(title="Hot plug, JP2+JP3, high corner, -25 degrees", xlabel="ms", ylim=(0, 45))
    axes.legend(loc="upper right")
