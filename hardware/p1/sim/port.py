"""The board as pieces of a SPICE deck, and the port: current at the start and through
WiFi's peaks, rail and store. Every value of a part comes from parts.py; what stands here as a
number belongs to a model, to a cable or to a data sheet.
"""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

HERE = Path(__file__).resolve().parent
HARDWARE = HERE.parent.parent
for _folder in ("workshop", "han-selfpowered/sim"):
    sys.path.insert(0, str(HARDWARE / _folder))
import spice  # noqa: E402
from rows import scaled  # noqa: E402

_spec = spec_from_file_location("p1_parts", HERE.parent / "parts.py")
parts = module_from_spec(_spec)
_spec.loader.exec_module(parts)

IDLE, PEAK = 0.08, 0.35  # A; ESP32-C3 data sheet: 335 mA sending at 802.11b
LASTING, EVERY = 3e-3, 20e-3
LIMIT, LEAST = 0.250, 3.0  # the port; the module's supply range begins here
# corner: Is of the sensing transistor (from its Vbe), gain of the pass transistor, factor of the
# resistors, temperature
CORNERS = {
    "low": (1.6e-13, 75, 1.01, 50), "typical": (2.4e-14, 140, 1.0, 25),
    "high": (5e-16, 250, 0.99, -20),
}  # fmt: skip
# C1 and C2: ohms of each (Panasonic FK, 8 x 10.2 mm: 0.16 at 100 kHz and 20 degrees, twice that in
# the cold); their tolerance is 20 %
ESR, COLD = 0.16, 2
PORTS = {"4.75 V": 4.75, "5 V": 5.0, "5.5 V": 5.5}


def value(ref):
    """A part's number."""
    return scaled(parts.PARTS[ref]["value"])


def deck(volts, corner, charged):
    """Port behind 2 m of cable, D1, limiter, store, regulator, module."""
    saturation, gain, factor, temperature = CORNERS[corner]
    store = volts - 1.2 if charged else 0
    return [
        f".temp {temperature}",
        f".model QS PNP(Is={saturation} Bf=400 Vaf=50 Rb=50 Re=0.5 Rc=2 Cje=10p Cjc=4p Tf=0.6n "
        "Xti=3 Eg=1.11)",
        f".model QP PNP(Is=6e-14 Bf={gain} Vaf=80 Rb=10 Re=0.1 Rc=0.3 Cje=120p Cjc=30p Tf=1.2n "
        "Ikf=0.5 Xti=3 Eg=1.11)",
        f"Vp p 0 {spice.pwl([(0, 0), (1e-3, 0), (1.01e-3, volts)]) if not charged else volts}",
        "Rp p pc 0.3",
        "Vi pc p5 0",
        "D1 p5 vin DMBR0540",
        f"R1 vin lims {value('R1') * factor}",
        "Q1 limb lims vin QS",
        "Q2 vst limb lims QP",
        f"R2 limb 0 {value('R2') * factor}",
        f"C1 vst cs {(value('C1') + value('C2')) * 0.8} ic={store}",
        f"Rs cs 0 {ESR / 2 * (COLD if temperature < 0 else 1)}",
        f"C3 vst 0 {value('C3') * 0.8} ic={store}",
        # U3: a current of 400 mA at the most, closing towards 3.3 V; drop-out 75 mV at 400 mA
        "Bu vst r I = 0.4*0.5*(1+tanh((3.3-V(r))*80))*tanh(max(V(vst)-V(r),0)/0.075)",
        f"C4 r 0 {(value('C4') + value('C5')) * 0.8} ic={3.3 if charged else 0}",
        f"C7 r 0 {value('C7')} ic={3.3 if charged else 0}",
        f"Bl r 0 I = u(V(r)-2.9)*({IDLE}+{PEAK - IDLE}*V(w))" if charged else (
            "Bl r 0 I = 0.02*tanh(V(r))"
        ),
        f"Vw w 0 PULSE(0 1 2m 2u 2u {LASTING} {EVERY})",
    ]  # fmt: skip


def simulate(ports=PORTS, corners=CORNERS):
    """WiFi's peaks, and a plug with everything empty."""
    rows, shown = [], None
    for port in ports:
        for corner in corners:
            run = spice.run(
                f"port {port} {corner}", deck(ports[port], corner, True), "10u 95m 0 20u uic",
                ["i(Vi)", "v(r)", "v(vst)"],
            )  # fmt: skip
            plug = spice.run(
                f"plug {port} {corner}", deck(ports[port], corner, False), "5u 60m 0 10u uic",
                ["i(Vi)", "v(r)"],
            )  # fmt: skip
            ready = spice.crossing(plug, "v(r)", 3.2)
            settled = spice.span(run, 20e-3, 95e-3)
            rows.append(
                {
                    "port": port, "corner": corner,
                    "most_ma": round(1e3 * max(run["i(Vi)"]), 1),
                    "plug_ma": round(1e3 * max(plug["i(Vi)"][i] for i in
                                               spice.span(plug, 1.1e-3, 60e-3)), 1),
                    "ready_ms": round(1e3 * (ready - 1e-3), 1) if ready else None,
                    "least_rail_v": round(min(run["v(r)"][i] for i in settled), 2),
                    "least_store_v": round(min(run["v(vst)"][i] for i in settled), 2),
                }
            )  # fmt: skip
            if (port, corner) == ("5 V", "typical"):
                shown = run
    return rows, shown


def check(rows):
    for row in rows:
        assert row["most_ma"] < 1e3 * LIMIT and row["plug_ma"] < 1e3 * LIMIT, row
        assert row["least_rail_v"] > LEAST, row
        # EN rises over R10 and C8 after the rail is there
        assert row["ready_ms"] and row["ready_ms"] < 1e3 * value("R10") * value("C8"), row
