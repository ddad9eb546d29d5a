"""The board as pieces of a SPICE deck. Every value of a part comes from parts.py; what stands here
as a number belongs to a model, to a cable or to a data sheet.

Nodes: p the terminal of MEP POWER; pf1 behind the fuse (PORT); vin behind D2; bulk; r the 3.3 V
rail; s the store; 0 the board's ground.
"""

from pathlib import Path

import spice
from files import load

HERE = Path(__file__).resolve().parent
parts = load(HERE.parent, "parts")
value = parts.PARTS.number

# The port: 24 V, 26 V on meters of 2013 and later, and a little more.
PORTS = {"24 V": 24.0, "26 V": 26.0, "28 V": 28.0}
AVERAGE, PEAK, WATTS = 40e-3, 50e-3, 1.0  # what the meter allows
TEMPERATURES = (-25, 25, 60)
# corner: Is of the sensing transistors (from their Vbe), gain of the pass transistors, factor of
# the resistors
CORNERS = {
    "low": (1.6e-13, 75, 1.01), "typical": (2.4e-14, 140, 1.0), "high": (5e-16, 250, 0.99),
}  # fmt: skip
# gain and Is of the BC846B in the same corners, and the zener's 2 %
SMALL = {"low": (450, 8e-14, -1), "typical": (300, 1.5e-14, 0), "high": (200, 2e-15, 1)}
ESR = 0.4  # twice the cells' 0.2 ohm when old and cold


def parallel(*values):
    return 1 / sum(1 / v for v in values)


# -- what follows from the values, by the data sheets ---------------------------------------------


def lock_out():
    """(on, off) of the buck in volts at the bulk: EN 1.212 V rising, 1.144 V falling."""
    on = 1.212 * (1 + value("R3") / value("R4"))
    return on, 1.144 * (1 + value("R3") / (value("R4") + value("R5")))


def rail():
    """What the buck's feedback sets."""
    return 1.223 * (1 + value("R6") / value("R7"))


# LM5165's peak at 24.9 kohm by its data sheet's table 6.5: 156 to 206 mA, typically 180
SPREAD = {"low": 156 / 180, "typical": 1.0, "high": 206 / 180}


def peak(corner="typical"):
    """The coil's peak current by R42, in amperes; half of it is what the buck gives."""
    return spice.buck_peak(value("R42")) * SPREAD[corner]


def on_time(volts):
    """How long the buck's upper switch closes, in seconds."""
    return value("L1") * peak() / (volts - rail())


# TPS3808G01: 0.405 V +-2 %, hysteresis 1.5 % (up to 3 %); resistors 1 %
def supervisor(corner=0):
    """(on, off) at the rail; corner +1, -1: the highest and the lowest."""
    threshold = 0.405 * (1 + 0.02 * corner)
    hysteresis = {-1: 1.0, 0: 1.015, 1: 1.03}[corner]
    upper, lower = value("R10") * (1 + 0.01 * corner), value("R11") * (1 - 0.01 * corner)
    up = value("R12") * (1 - 0.01 * corner)
    down = (value("R12") + value("R13")) * (1 + 0.01 * corner)
    on = threshold * hysteresis * (1 + upper * (1 / lower + 1 / up))
    return on, threshold + threshold / lower * parallel(upper, down)


def store():
    """The two cells in series."""
    return 1 / (1 / value("C4") + 1 / value("C5"))


def ceramics():
    """What of the rail's capacitors is left at 3.4 V."""
    return (value("C3") + value("C9") + value("C19")) * 0.8


# -- pieces ---------------------------------------------------------------------------------------


def models(corner, temperature):
    saturation, gain, _ = CORNERS[corner]
    small, leak, _ = SMALL[corner]
    return [
        f".temp {temperature}",
        f".model QS PNP(Is={saturation} Bf=400 Vaf=50 Rb=50 Re=0.5 Rc=2 Cje=10p Cjc=4p Tf=0.6n "
        "Xti=3 Eg=1.11)",
        f".model QP PNP(Is=6e-14 Bf={gain} Vaf=80 Rb=10 Re=0.1 Rc=0.3 Cje=120p Cjc=30p Tf=1.2n "
        "Ikf=0.5 Xti=3 Eg=1.11)",
        f".model QN NPN(Is={leak} Bf={small} Br=4 Vaf=80 Rb=50 Re=0.5 Rc=1 Cje=11p Cjc=4p "
        "Tf=0.5n Xti=3 Eg=1.11)",
    ]


def zener(corner, temperature):
    """D4: 12 V at 5 mA within 2 %, 9 mV/K, 20 ohm; softer below."""
    volts = 12.0 * (1 + 0.02 * SMALL[corner][2]) + 9e-3 * (temperature - 25)
    return f".model DZ D(Is=1e-15 N=1.2 Rs=20 BV={volts - 0.1} IBV=5m Cjo=150p)"


def port(points):
    """Meter (1 ohm) and 2 m of cable, fuse, D1, D2, dividers. i(Vm): the current into it."""
    return [
        f"Vm m 0 {spice.pwl(points)}",
        "Rm m c 1.2",
        "Lc c p 1.2u",
        "Cc p 0 150p",
        "Rf p port 1.5",
        "Dt1 t port DSMAJ36",
        "Dt2 t 0 DSMAJ36",
        "D2 port vin DBAT46",
        f"R34 port adc {value('R34')}",
        f"R35 adc 0 {value('R35')}",
        f"C17 adc 0 {value('C17')}",
    ]


def limiter(corner, bulk):
    """R1, R2, Q1, Q2, C1."""
    factor = CORNERS[corner][2]
    return [
        f"R1 vin e {value('R1') * factor}",
        "Q1 lb e vin QS",
        "Q2 bulk lb e QP",
        f"R2 lb 0 {value('R2') * factor}",
        "Rc1 bulk c1 0.5",
        f"C1 c1 0 {value('C1') * 0.8} ic={bulk}",
    ]


def supply(charge, load="0", bulk=0.0, corner="typical"):
    """Buck, its capacitors, store; `load` draws from the rail."""
    on, off = lock_out()
    return [
        f"C2 bulk 0 {value('C2') * 0.9} ic={bulk}",
        f"R3 bulk 0 {value('R3') + value('R4') + value('R5')}",
        f"X2 bulk r 0 BUCK VON={on} VOFF={off} VSET={rail()} IMAX={peak(corner) / 2}",
        f"C3 r 0 {ceramics()} ic={charge}",
        f"Res r s {ESR}",
        f"Cs s 0 {store()} ic={charge}",
        *quiet(),
        f"Bl r 0 I = {load}",
    ]


def quiet():
    """What always hangs on the rail: dividers; 300 uA of U5, 100 uA of the other chips."""
    return [
        f"R6 r 0 {value('R6') + value('R7')}",
        f"R8 r 0 {value('R8') + value('R9')}",
        f"R10 r 0 {value('R10') + parallel(value('R11'), value('R12'))}",
        f"R36 r 0 {value('R36') + value('R37')}",
        f"R33 r 0 {value('R33')}",
        "Rq r 0 8k2",
    ]


def com_enable(corner, gpio, bulk="bulk"):
    """R19 to R26, Q3 to Q6, D4, D5, C11: from GPIO6 to the terminal `com`. `gpio`: a source's
    text, or None while the module sleeps (its pin is open)."""
    factor = CORNERS[corner][2]
    return [
        *([f"Vg on 0 {gpio}"] if gpio else ["Rg on 0 100meg"]),
        f"R19 on qb {value('R19')}",
        f"R20 qb 0 {value('R20')}",
        "Q3 qc qb 0 QN",
        f"R21 cb qc {value('R21') * factor}",
        f"R22 {bulk} cs {value('R22') * factor}",
        f"Q4 cb cs {bulk} QS",
        "Q5 vcom cb cs QP",
        f"R23 {bulk} cb {value('R23')}",
        f"R24 vcom z {value('R24') * factor}",
        "D4 0 z DZ",
        f"R25 z fb {value('R25')}",
        "Q6 vcom fb fe QN",
        "D5 fe com DBAT46",
        f"C11 com 0 {value('C11')}",
        f"R26 com 0 {value('R26')}",
    ]


def usb(rail_volts, leak, pull_up):
    """The USB side without a host: the module's pull-up of D+, U3's upper diode, D3 that leaks,
    U4 shut."""
    return [
        f"Vr r 0 {rail_volts}",
        # D+ pull-up of a full-speed device: 900 to 1575 ohm
        f"Rpu r dp {pull_up}",
        "D5u dp usb5 DCLAMP",
        "D5l 0 dp DCLAMP",
        "Dz5 vbus usb5 DMBR0540",
        f"Blk usb5 vbus I = {leak}*tanh(V(usb5,vbus)*4)",
        f"R16 vbus en {value('R16')}",
        f"R17 en 0 {value('R17')}",
        f"R18 usb5 vusb {value('R18')}",
        f"C8 vusb 0 {value('C8')}",
        f"C10 usb5 0 {value('C10')}",
        # U4, off: what it lets back from its output and takes at its enable, data sheet's most
        "Iback 0 vusb 10u",
        "Rin vusb 0 5meg",
        "Ien 0 en 0.1u",
        "Rcc vbus 0 10meg",
    ]
