"""The board as pieces of a SPICE deck. Every value of a part comes from parts.py; what stands here
as a number belongs to a model or to a data sheet.

Nodes: vs the doubled boost's output; bp, hn the bus; sg the board's ground; v33, v50 its supplies;
txd the data; trip high while the bus is off. The reader that is driven has node 0 as its ground.
"""

from pathlib import Path

from files import load

parts = load(Path(__file__).resolve().parents[1], "parts")
value = parts.PARTS.number

# mark: jumpers of J2 that are closed
MARKS = {24: (), 26: ("R10",), 36: ("R11",)}
# corner: U3's reference (1.205 to 1.255 V), share of R8's and R9's tolerance, of 1 % resistors,
# U2's 3.3 V, gain of the transistors, temperature
CORNERS = {
    "low": (1.205, -1, 3.2, 0.5, 0),
    "typical": (1.230, 0, 3.3, 1.0, 25),
    "high": (1.255, +1, 3.4, 1.6, 50),
}
MODELS = """
.model BC846 NPN(Is=1.8e-14 Bf={gain} Vaf=60 Rb=10 Re=0.3 Rc=0.7 Cje=12p Cjc=4p Tf=0.5n Ikf=0.1
+ Xti=3 Eg=1.11)
.model BCP56 NPN(Is=1e-13 Bf={strong} Vaf=80 Rb=5 Re=0.1 Rc=0.2 Cje=120p Cjc=30p Tf=1.2n Ikf=0.5
+ Xti=3 Eg=1.11)
.model BC856 PNP(Is=2e-14 Bf={gain} Vaf=50 Rb=10 Re=0.3 Rc=0.7 Cje=12p Cjc=5p Tf=0.6n Ikf=0.1
+ Xti=3 Eg=1.11)
.model D4148 D(Is=2.5e-9 N=1.75 Rs=0.6 BV=100 Cjo=2p Tt=4n)
""".strip().splitlines()


def supply(mark, corner="typical"):
    """VS by R8 to R11."""
    reference, sign = CORNERS[corner][:2]
    share = 1 / (value("R9") * (1 - 0.001 * sign))
    share += sum(1 / (value(ref) * (1 - 0.01 * sign)) for ref in MARKS[mark])
    return reference * (1 + value("R8") * (1 + 0.001 * sign) * share)


def _own(lines):
    """Device names that no other board's deck has: R12 becomes Rs12."""
    return [line if line[0] in ".+" else f"{line[0]}s{line[1:]}" for line in lines]


def data(points):
    """TXD: 50 ohm of U2's driver; points in volts."""
    return _own([f"Vtx tx0 sg {points}", "Rtx tx0 txd 50"])


def modulator(mark, corner="typical", source=1):
    """R12 to R19, Q1 to Q6, D5 to D7; VS as a source of `source` ohm with what is left of C8 and
    C9 at 37 V."""
    gain, temperature = CORNERS[corner][3], CORNERS[corner][4]
    v33, volts = CORNERS[corner][2], supply(mark, corner)
    models = [
        line.format(gain=round(280 * gain), strong=round(130 * gain)) for line in MODELS
    ]  # fmt: skip
    return _own(
        [
            *models,
            f".temp {temperature}",
            f"Vs s0 sg {volts}",
            f"Rs s0 vs {source}",
            f"C9 vs sg {0.6 * (value('C8') + value('C9'))} ic={volts}",
            f"V33 v33 sg {v33}",
            "V50 v50 sg 5",
            f"R12 vs vb {value('R12')}",
            "Q1 vs vb drv BC846",
            "Q2 vs drv em BCP56",
            f"R14 drv em {value('R14')}",
            f"R13 em bp {value('R13')}",
            "Q3 vb em bp BC846",
            "D5 vb d56 D4148",
            "D6 d56 vbp D4148",
            "Q4 sg vbp pe BC856",
            f"R15 pe bp {value('R15')}",
            "Q5 vbp v33 sink BC846",
            f"R16 sink txd {value('R16')}",
            "Q6 vb offb sg BC846",
            f"R17 trip offb {value('R17')}",
            f"R18 bp sg {value('R18')}",
            f"R19 hn sg {value('R19')}",
            "Dt1 tv bp DSMAJ40",
            "Dt2 tv hn DSMAJ40",
        ]
    )


def breaker(corner="typical", minute=1.0, ready=5e-4):
    """R20 to R27, U4, U5; `minute` scales C18, `ready` is when U5's reset ends (R26 and C16:
    0.1 s). An output of U4 is a resistance to ground, closed by a comparison that lags 1 us and is
    off by up to 5 mV; U5 is two comparisons and a latch."""
    offset = {"low": -5e-3, "typical": 0, "high": 5e-3}[corner]
    return _own(
        [
            f"R20 hn sense {value('R20')}",
            f"C12 sense sg {value('C12')}",
            f"R23 v33 ref2 {value('R23')}",
            f"R24 ref2 ref {value('R24')}",
            f"R25 ref sg {value('R25')}",
            f"Ba j0 sg V = 0.5*(1+tanh((V(ref,sense)+({offset}))*3000))",
            "Ra j0 j1 1k",
            "Ca j1 sg 1n ic=1",
            "Boa over sg I = V(over,sg)/150*0.5*(1+tanh((V(j1,sg)-0.5)*20))",
            f"R21 v33 over {value('R21')}",
            f"C13 over sg {value('C13')} ic=0",
            "Bb k0 sg V = 0.5*(1+tanh((V(over,ref2))*300))",
            "Rbb k0 k1 1k",
            "Cb k1 sg 1n ic=0",
            "Bob trig sg I = V(trig,sg)/150*0.5*(1+tanh((V(k1,sg)-0.5)*20))",
            f"R22 v50 trig {value('R22')}",
            # U5: set below a third at TRIG, reset above two thirds at THRES
            f"Bset fq0 sg V = 0.5*(1+tanh((time-{ready})*1e6))*0.5*(1+tanh(("
            "0.5*(1+tanh((V(v50,sg)/3-V(trig,sg))*20))"
            "+0.25*(1+tanh((V(fq,sg)-0.5)*40))*(1+tanh((2*V(v50,sg)/3-V(tim,sg))*200))-0.5)*40))",
            "Rq fq0 fq 1k",
            "Cq fq sg 0.2n ic=0",
            "Bt o1 sg V = V(v50,sg)*0.5*(1+tanh((V(fq,sg)-0.5)*20))",
            "Rt o1 trip 100",
            f"R27 v50 tim {value('R27')}",
            f"C18 tim sg {value('C18') * minute} ic=0",
            "Bd tim sg I = V(tim,sg)/50*0.5*(1-tanh((V(fq,sg)-0.5)*200))",
        ]
    )


def quiet_breaker():
    """No trip: for decks that ask for levels only."""
    return _own(["Vtrip trip sg 0"])


def minute():
    """How long U5 keeps the bus off, in seconds."""
    return 1.0986 * value("R27") * value("C18")


def threshold(corner="typical"):
    """The current at which U4 A turns, in amperes."""
    sign = {"low": -1, "typical": 0, "high": 1}[corner]
    v33 = CORNERS[corner][2]
    lower = value("R25") * (1 + 0.01 * sign)
    total = lower + (value("R23") + value("R24")) * (1 - 0.01 * sign)
    return (v33 * lower / total + 5e-3 * sign) / (value("R19") * (1 - 0.01 * sign))
