"""The board as pieces of a SPICE deck. Every value of a part comes from parts.py; what stands here
as a number belongs to a model, to a cable or to a data sheet.

Two grounds: bg on the bus side, 0 on the logic side; only U2 joins them.
"""

import re
from pathlib import Path

import spice
from files import load

parts = load(Path(__file__).resolve().parents[1], "parts")
value = parts.PARTS.number
OPTIONS = "method=gear reltol=1e-3 itl4=200 abstol=1e-9 vntol=1e-5 rshunt=1e10"
# LTV-817, as PC817: 50 to 600 % at 5 mA. name: (light's share of the LED's current, gain). The
# same ratio comes of weak light and much gain, which is slow, or of the contrary.
COUPLERS = {
    "50 %, weak light": (0.001, 500), "50 %, low gain": (0.005, 100),
    "150 %": (0.003, 500), "600 %": (0.005, 1200), "600 %, high gain": (0.003, 2000),
}  # fmt: skip
# temperature: what is left of the ratio there and at 1.6 mA instead of 5, least and most (figures
# "CTR against ambient temperature" and "against forward current" of PC817)
LEFT = {-25: (0.5, 0.9), 25: (0.65, 1.0), 60: (0.5, 0.9)}
_MODELS = [
    # 1.1 V at 1.6 mA; response 3 us at 2 mA into 100 ohms: gain 500 times 4 ns
    ".model DLED D(Is=1e-13 N=1.8 Rs=2 Cjo=30p)",
    ".model DSI D(Is=3e-9 N=1.75 Rs=0.6 Cjo=2p)",
    ".model DBAT54 D(Is=2e-7 N=1.03 Rs=3 Cjo=10p)",
    ".model QBC846 NPN(Is=2e-14 Bf=290 Vaf=60 Rb=60 Rc=0.6 Cje=11p Cjc=4p Tf=0.45n Tr=100n)",
]


def _floating():
    """han-selfpowered's TSS721A on a ground of its own: ngspice takes "gnd" for node 0, inside
    a subcircuit too. Its shunt at 7 V takes two unit loads."""
    text = spice.LIBRARY.read_text(encoding="utf-8")
    model = re.search(r"^\.subckt TSS721A .*?^\.ends$", text, re.S | re.M).group(0)
    model = re.sub(r"\bgnd\b", "vss", model).replace("TSS721A", "TSS721AI", 1)
    assert "I = 20u*ln" in model
    return model.replace("I = 20u*ln", "I = 200u*ln").splitlines()


def bus(threshold, worn=1.0, held=0.0, stc=0.0, own=0.0, vridd=1.28, txi_ohms=1e3):
    """From the jack (hp, hn) to U2's LED (la, lk). C1 keeps two thirds at 7 V, C2 `worn`; `own`:
    what U1 takes beyond its typical consumption; `vridd`: 1.23 to 1.33 V by its data sheet."""
    return [
        "Rf hp bus 1.5",
        "Dt1 t bus DSMAJ40",
        "Dt2 t hn DSMAJ40",
        "Rg bg 0 10meg",
        f"R1 bus b1 {value('R1')}",
        f"R2 hn b2 {value('R2')}",
        "Dt3 t3 b1 DSMAJ36",
        "Dt4 t3 b2 DSMAJ36",
        *_floating(),
        f"X1 b1 b2 stc sc bg vdd tx pf vdd TSS721AI RIDD={value('R3')} VTH={threshold} "
        f"VRIDD={vridd}",
        "Rtx tx bg 10meg",
        f"C1 stc bg {value('C1') * 0.64} ic={stc}",
        f"C2 sc bg {value('C2') * worn} ic={held}",
        f"C3 vdd bg {value('C3')} ic={3.3 if stc > 6 else 0}",
        f"Bown stc bg I = {own}*tanh(V(stc,bg))",
        "Bti ti bg V = max(0, V(vdd,bg)-V(tx,bg))",
        *led("ti", "stc", txi_ohms),
    ]


def led(source, supply, ohms):
    """Q1, R5 and the LED between la and lk; U1's TXI drives the base through its own `ohms`."""
    return [
        f"Rti {source} qb {ohms}",
        "Cti qb bg 20p",
        "Q1 lk qb qe QBC846",
        f"R5 qe bg {value('R5')}",
        f"R27 qe kick {value('R27')}",
        f"C11 kick bg {value('C11')}",
        f"Vled {supply} la 0",
    ]


def coupler(kind, left):
    """U2 between la, lk and the 3.3 V rail, with R6; opto is the signal."""
    light, gain = COUPLERS[kind]
    return [
        *_MODELS,
        "Dled la lk0 DLED",
        "Vlk lk0 lk 0",
        f"Fph r ub Vlk {light * left}",
        f".model QU2 NPN(Is=1e-13 Bf={gain} Vaf=80 Tf=3n Tr=50n Cje=10p Cjc=9p Rb=20 Rc=15)",
        "QU2 r ub opto QU2",
        f"R6 opto 0 {value('R6')}",
        "Ccm lk opto 1p",
    ]


def _comparator(name, plus, minus, out, offset):
    """Half of U3: 80 ns, an open drain of 30 ohms."""
    return [
        f"B{name} {name}0 0 V = 0.5*(1+tanh((V({minus})-V({plus})+{offset})*1500))",
        f"R{name}a {name}0 {name}1 1k",
        f"C{name}a {name}1 0 80p",
        f"B{name}b {out} 0 I = V({out})/30*V({name}1)",
        f"C{name}b {out} 0 10p",
    ]


def receiver(offset, rail=3.3, pull=3.3, load=()):
    """Peak, threshold, comparator, open collector with its pull-up; data is the signal. `offset`:
    (of the peak's comparator, of the other)."""
    return [
        f"Vr r 0 {rail}",
        f"Vp vio 0 {pull}",
        *_comparator("ca", "opto", "peak", "pa", offset[0]),
        f"R7 r pa {value('R7')}",
        "D4 pa peak DSI",
        f"C4 peak 0 {value('C4')}",
        f"R8 peak th {value('R8')}",
        f"R9 th foot {value('R9')}",
        "Cth th 0 3p",
        f"R10 r foot {value('R10')}",
        f"R11 foot 0 {value('R11')}",
        *_comparator("cb", "opto", "th", "q2b", offset[1]),
        f"R12 r q2b {value('R12')}",
        "Q2 data q2b 0 QBC846",
        f"R13 vio data {value('R13')}",
        f"R14 data uno {value('R14')}",
        "Cuno uno 0 50p",
        *(load or options(rail)),
    ]


def options(rail=3.3, usb=3.3):
    """What D5 hangs on DATA: RS-485's and USB's inputs with their pull-ups."""
    return [
        "D5a di data DBAT54",
        "D5b ur data DBAT54",
        f"R19 r di {value('R19')}",
        f"Vu u3 0 {usb}",
        f"R23 u3 ur {value('R23')}",
        "Cdi di 0 10p",
        "Cur ur 0 10p",
    ]
