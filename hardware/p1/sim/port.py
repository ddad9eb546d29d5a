"""The board as pieces of a SPICE deck, and the port: current at the plug into an empty store,
into a short of the store, and through WiFi's peaks. Every value of a part comes from parts.py;
what stands here as a number belongs to a model, to a cable or to a data sheet.
"""

from collections import namedtuple
from pathlib import Path

import spice
from files import load

HERE = Path(__file__).resolve().parent
parts = load(HERE.parent, "parts")
value = parts.PARTS.number

IDLE, PEAK = 0.08, 0.35  # A; ESP32-C3 data sheet: 335 mA sending at 802.11b
LASTING, EVERY = 3e-3, 20e-3
LIMIT, LEAST = 0.250, 3.0  # the port; the module's supply range begins here
NOMINAL = 0.220
REQUEST = 0.010  # A; what a meter draws from pin 2 at the most
# What lies at its worst together. offset: volts, U5's 4.5 mV and what its common mode and supply
# add (60 and 70 dB); reference: D4's 0.75 %; sense: R1's 1 % and 200 ppm over 40 K; divider: R15
# and R16, 0.1 % and 25 ppm each; fold: R18 and R19; gain: of Q2; cells: their capacitance
Corner = namedtuple("Corner", "offset reference sense divider fold gain cells temperature")
CORNERS = {
    "low": Corner(-10e-3, 0.9925, 1.018, 0.998, 1.02, 75, 1.3, 50),
    "typical": Corner(0.0, 1.0, 1.0, 1.0, 1.0, 140, 1.0, 25),
    "high": Corner(10e-3, 1.0075, 0.982, 1.002, 0.98, 250, 0.9, -20),
}
# Ohms of a cell (the maker's pair SCMR14H474: 0.38) and of C9 (6TPE470MI); twice that in the cold
CELL_ESR, ESR, COLD = 0.19, 0.018, 2
MOVES = 15e-3  # A; U6 gives and takes 23 mA (typical, its data sheet names no least)
# U7: its threshold's tolerance is in store.py's THRESHOLDS
SENSE = 0.405
PORTS = {"4.75 V": 4.75, "5 V": 5.0, "5.5 V": 5.5}


def opamp(name, plus, minus, out, rail, offset=0.0, most=None):
    """MCP6001: 1 MHz, 0.6 V/us, rail to rail, 100 ohm behind its output; draws what it gives from
    its rail, and 100 uA. `most`: A that it gives or takes at the most."""
    gives = f"(V({name}i)-V({out}))/100"
    if most:
        gives = f"{most}*tanh({gives}/{most})"
    return [
        f"B{name}g 0 {name}i I = 0.6e-3*tanh(6.28e6*(V({plus})-V({minus})+{offset})/0.6e6)"
        f" - 0.1*max(V({name}i)-V({rail}),0) + 0.1*max(-V({name}i),0)",
        f"C{name} {name}i 0 1n ic=0",
        f"B{name}o 0 {out} I = {gives}",
        f"B{name}s {rail} 0 I = max({gives},0) + 1e-4*tanh(V({rail}))",
    ]


_ON = "0.5*(1+tanh((V(r)-2.6)*20))"  # a load works above 2.6 V of the rail


def deck(
    volts, corner, store, source=None, load="wifi", cells=None, threshold=SENSE, degrees=None
):
    """Port behind 2 m of cable, D1, limiter, store, balance, regulator, supervisor, module.

    store: volts it begins with; source: the port's voltage as a SPICE source; load: "wifi" (peaks
    while EN is high), "none", "idle" or "peak" without end; cells: factors of C1 and C2;
    degrees: instead of the corner's."""
    case = CORNERS[corner]
    if degrees is not None:
        case = case._replace(temperature=degrees)
    cold = COLD if case.temperature < 0 else 1
    one, two = cells or (case.cells, case.cells)
    upper = store * two / (one + two)  # how a pair without balance would share
    rail = min(3.3, store)
    peaks = f"PULSE(0 1 {2e-3 if store else 8} 2u 2u {LASTING} {EVERY})"
    loads = {
        "wifi": f"{_ON}*0.5*(1+tanh((V(en)-1.7)*20))*({IDLE}+{PEAK - IDLE}*V(w))",
        "none": "0",
        "idle": f"{_ON}*{IDLE}",
        "peak": f"{_ON}*{PEAK}",
    }
    return [
        f".temp {case.temperature}",
        f".model QP PNP(Is=6e-14 Bf={case.gain} Vaf=80 Rb=10 Re=0.1 Rc=0.3 Cje=120p Cjc=30p "
        "Tf=1.2n Ikf=0.5 Xti=3 Eg=1.11)",
        ".model QN NPN(Is=2e-14 Bf=290 Vaf=60 Rb=50 Re=0.5 Rc=2 Cje=12p Cjc=4p Tf=0.6n Xti=3 "
        "Eg=1.11)",
        f"Vp p 0 {source or volts}",
        "Rp p pc 0.3",
        "Vi pc p5 0",
        # the request: what the meter draws from it, and the pull-up of Q3's gate
        f"Rq p5 0 {5.5 / REQUEST}",
        f"R3 p5 0 {value('R3')}",
        "D1 p5 vin DMBR0540",
        f"C10 vin 0 {value('C10')} ic={volts - 0.3 if store and not source else 0}",
        # limiter
        f"R1 vin lims {value('R1') * case.sense}",
        f"Bd vin refn I = max(V(vin)-V(refn)-{2.5 * case.reference},0)/0.5",
        f"R15 vin lref {value('R15') * case.divider}",
        f"R16 lref refn {value('R16')}",
        f"C11 vin lref {value('C11') * 0.7} ic=0",
        f"R17 refn 0 {value('R17')}",
        f"R18 lims fold {value('R18') / case.fold}",
        f"R19 fold vst {value('R19')}",
        *opamp("a", "fold", "lref", "drive", "vin", case.offset),
        f"R2 drive qb {value('R2')}",
        "Q1 limb qb qe QN",
        f"R20 qe 0 {value('R20')}",
        "Q2 vst limb lims QP",
        # store and balance
        f"Rc1 vst c1 {CELL_ESR * cold}",
        f"C1 c1 mid {value('C1') * one} ic={upper}",
        f"Rc2 mid c2 {CELL_ESR * cold}",
        f"C2 c2 0 {value('C2') * two} ic={store - upper}",
        f"R21 vst half {value('R21') * 1.01}",
        f"R22 half 0 {value('R22')}",
        *opamp("b", "half", "mid", "move", "vst", 4.5e-3, MOVES),
        f"R23 move mid {value('R23')}",
        f"C9 vst c9 {value('C9') * 0.8} ic={store}",
        f"Rc9 c9 0 {ESR * cold}",
        f"C3 vst 0 {value('C3') * 0.8} ic={store}",
        # U3: a current of 400 mA at the most, closing towards 3.3 V; drop-out 75 mV at 400 mA
        "Bu vst r I = 0.4*0.5*(1+tanh((3.3-V(r))*80))*tanh(max(V(vst)-V(r),0)/0.075)",
        f"C4 r 0 {(value('C4') + value('C5')) * 0.8} ic={rail}",
        f"C7 r 0 {value('C7') + value('C12')} ic={rail}",
        # supervisor
        f"R24 vst sns {value('R24')}",
        f"R25 sns 0 {value('R25')}",
        f"R26 sns en {value('R26')}",
        f"R10 r en {value('R10')}",
        f"C8 en 0 {value('C8')} ic={3.2 if store > 4 else 0}",
        f"Bs en 0 I = V(en)*0.01*0.5*(1+tanh(({threshold}-V(sns))*1e4))",
        f"Bl r 0 I = {loads[load]} + 1e-3*tanh(V(r))",
        f"Vw w 0 {peaks if load == 'wifi' else 0}",
    ]  # fmt: skip


PLUG = 1e-3


def plugged(volts):
    """A port that is plugged in after a millisecond."""
    return spice.pwl([(0, 0), (PLUG, 0), (PLUG + 1e-5, volts)])


SWEEP = 0.2


def sweep(volts, corner):
    """The store's voltage forced from nothing to the port's: the most of every point between."""
    return spice.run(
        f"sweep {volts} {corner}",
        [*deck(volts, corner, 0, load="none"),
         f"Vx vst 0 {spice.pwl([(0, 0), (10e-3, 0), (SWEEP, volts)])}"],
        f"20u {SWEEP} 0 100u uic", ["i(Vi)", "v(vin)", "v(lims)", "v(vst)", "v(en)"],
    )  # fmt: skip


def _most(curves, start, end):
    return round(1e3 * max(curves["i(Vi)"][i] for i in spice.span(curves, start, end)), 1)


def simulate(ports=PORTS, corners=CORNERS):
    """WiFi's peaks, a plug into the empty store, a short of the full store."""
    rows, shown = [], None
    for port in ports:
        volts = ports[port]
        for corner in corners:
            curves = ["i(Vi)", "v(r)", "v(vst)"]
            # from below what it settles at, so that the limiter works
            run = spice.run(
                f"port {port} {corner}", deck(volts, corner, volts - 0.75), "20u 0.2 0 50u uic",
                curves,
            )  # fmt: skip
            full = sweep(volts, corner)
            plug = spice.run(
                f"plug {port} {corner}",
                deck(volts, corner, 0, plugged(volts)), "5u 40m 0 20u uic", curves,
            )  # fmt: skip
            short = spice.run(
                f"short {port} {corner}",
                [*deck(volts, corner, volts - 0.45),
                 ".model SHORT SW(Ron=0.02 Roff=10meg Vt=0.5 Vh=0.1)",
                 f"Vs s 0 {spice.pwl([(0, 0), (10e-3, 0), (10.001e-3, 1)])}",
                 "S1 vst 0 s 0 SHORT"],
                "1u 14m 0 5u uic", curves,
            )  # fmt: skip
            settled = spice.span(run, 40e-3, 0.2)
            rows.append(
                {
                    "port": port, "corner": corner,
                    "wifi_ma": _most(run, 20e-3, 0.2), "limit_ma": _most(full, 20e-3, SWEEP),
                    "plug_ma": _most(plug, PLUG, 40e-3),
                    "short_peak_ma": _most(short, 10e-3, 14e-3),
                    "short_us": round(1e6 * spice.seconds_above(short, "i(Vi)", LIMIT)),
                    "short_ma": _most(short, 13e-3, 14e-3),
                    "least_rail_v": round(min(run["v(r)"][i] for i in settled), 2),
                    "least_store_v": round(min(run["v(vst)"][i] for i in settled), 2),
                }
            )  # fmt: skip
            if (port, corner) == ("5 V", "typical"):
                shown = run
    return rows, shown


def check(rows):
    for row in rows:
        for what in ("wifi_ma", "limit_ma", "plug_ma", "short_ma"):
            assert row[what] < 1e3 * LIMIT, (what, row)
        assert row["short_us"] < 50 and row["short_peak_ma"] < 1500, row
        assert row["least_rail_v"] > LEAST, row
        if row["corner"] == "typical":
            # R1's current: what the port gives, without the request and Q3's gate
            alone = row["limit_ma"] - 1e3 * REQUEST - 2
            assert abs(alone / (1e3 * NOMINAL) - 1) < 0.05, row
