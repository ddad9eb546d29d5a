"""Hot plug: what the board draws in the first tenth of a second, with the limiter's transistors as
they may come.

Corners: junction temperature, the base-emitter voltage's spread in the data sheet (600 to 750 mV
at 2 mA), gain, and the resistors' 1 %. The meter must never see its limit passed, and a peak only
for a moment.
"""

import sys
from pathlib import Path

import spice

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from parts import PARTS, ohms  # noqa: E402


def _ohms(ref):
    return ohms(PARTS[ref]["value"])


def _parallel(*values):
    return 1 / sum(1 / v for v in values)


# setting: sense resistance, the makers' limits in mA, bus voltage
SETTINGS = {
    "open (Kamstrup)": (_ohms("R5"), 6.0, 24),
    "JP2 (Kaifa)": (_parallel(_ohms("R5"), _ohms("R6")), 21.0, 24),
    "JP2+JP3 (Aidon)": (_parallel(_ohms("R5"), _ohms("R6"), _ohms("R7")), 30.0, 24),
    "JP2+JP3 (Embriq)": (_parallel(_ohms("R5"), _ohms("R6"), _ohms("R7")), 30.0, 26),
}
# corner: Is of the sensing transistor (from its Vbe), gain of the pass transistor, factor of the
# resistors, U1's current
CORNERS = {
    "low": (1.6e-13, 75, 1.01, 26.5),
    "typical": (2.4e-14, 140, 1.0, 30.0),
    "high": (5e-16, 250, 0.99, 33.5),
}
TEMPERATURES = (-25, 25, 60)
LEAST = 0.15  # s of one run
_AIDON_SECONDS = 50e-6


def _deck(sense, volts, corner, temperature, full):
    saturation, gain, factor, scale = CORNERS[corner]
    bulk, store = (20.5, 3.4) if full else (0, 0)
    return [
        f".temp {temperature}",
        f".model QS PNP(Is={saturation} Bf=400 Vaf=50 Rb=50 Re=0.5 Rc=2 Cje=10p Cjc=4p Tf=0.6n "
        f"Xti=3 Eg=1.11)",
        f".model QP PNP(Is=6e-14 Bf={gain} Vaf=80 Rb=10 Re=0.1 Rc=0.3 Cje=120p Cjc=30p Tf=1.2n "
        f"Ikf=0.5 Xti=3 Eg=1.11)",
        # the plug makes contact within a microsecond; meter 5 ohm, 2 m of cable, fuse 1.5 ohm
        "Vm m 0 " + spice.pwl([(0, 0), (1e-3, 0), (1.001e-3, volts)]),
        "Rm m c 6.7",
        "Lc c a 1.2u",
        "Cc a 0 150p",
        "Dt 0 a DSMAJ40",
        "Db1 a vbr DMB6S",
        "Rg r 0 1m",
        "R1 a b1 220",
        "R2 r b2 220",
        f"X1 b1 b2 stc sc 0 bat tx pf vdd TSS721A RIDD={30e3 * 30 / scale}",
        "C1 stc 0 14u ic=0",
        "C2 sc 0 200n ic=0",
        "C3 vdd 0 1u ic=0",
        "Vbat bat 0 3.45",
        "Rx tx 0 1meg",
        "Ra vbr 0 1.062meg",
        f"R5 vbr e {sense * factor}",
        "Q1 lb e vbr QS",
        "Q2 co lb e QP",
        f"R8 lb 0 {_ohms('R8') * factor}",
        "D4 co bulk DBAT46",
        f"C4 bulk 0 100u ic={bulk}",
        "C5 bulk 0 2u ic=0",
        "X2 bulk out 0 BUCK",
        "Res out s 0.4",
        f"Cs s 0 1.65 ic={store}",
    ]


def simulate(quick=False):
    """[{setting, corner, temperature, store, steady and peak in mA, seconds above 30 mA}] and
    curves for the plot."""
    rows, shown = [], None
    for name, (sense, limit, volts) in SETTINGS.items():
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
                        f"inrush {name} {corner}", _deck(sense, volts, corner, temperature, full),
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
                    if (
                        name == "JP2+JP3 (Aidon)"
                        and corner == "high"
                        and temperature == -25
                        and not full
                    ):
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
