"""The board as pieces of a SPICE deck. Every value of a part comes from parts.py; what stands here
as a number belongs to a model, to a cable or to a data sheet.

Nodes: hp, hn the port's pins 1 and 2; bus behind the fuse; vbr behind the bridge; bulk; r the
3.3 V rail; s the store; 0 the board's ground.
"""

from pathlib import Path

import spice
from files import load

parts = load(Path(__file__).resolve().parents[1], "parts")
ohm = farad = henry = parts.PARTS.number  # '10R 2W' gives 10


def parallel(*values):
    return 1 / sum(1 / v for v in values)


# -- what follows from the values, by the data sheets ---------------------------------------------


def sense(jumpers):
    """The limiter's resistance with the closed ones of JP2 and JP3."""
    shunts = {"JP2": ohm("R6"), "JP3": ohm("R7")}
    return parallel(ohm("R5"), *(shunts[j] for j in jumpers))


def lock_out():
    """(on, off) of the buck in volts at the bulk: EN 1.212 V rising, 1.144 V falling."""
    on = 1.212 * (1 + ohm("R9") / ohm("R10"))
    return on, 1.144 * (1 + ohm("R9") / (ohm("R10") + ohm("R11")))


def rail():
    """What the buck's feedback sets."""
    return 1.223 * (1 + ohm("R13") / ohm("R14"))


def peak():
    """The buck's peak current by R12."""
    return spice.buck_peak(ohm("R12"))


def on_time(volts):
    """How long the buck's upper switch closes, in seconds."""
    return henry("L1") * peak() / (volts - rail())


# TPS3808G01: 0.405 V +-2 %, hysteresis 1.5 % (up to 3 %); resistors 1 %
def supervisor(corner=0):
    """(on, off) at the rail; corner +1, -1: the highest and the lowest."""
    threshold = 0.405 * (1 + 0.02 * corner)
    hysteresis = {-1: 1.0, 0: 1.015, 1: 1.03}[corner]
    r17, r18 = ohm("R17") * (1 + 0.01 * corner), ohm("R18") * (1 - 0.01 * corner)
    r19, r20 = ohm("R19"), ohm("R20")
    up, down = r19 * (1 - 0.01 * corner), (r19 + r20) * (1 + 0.01 * corner)
    on = threshold * hysteresis * (1 + r17 * (1 / r18 + 1 / up))
    return on, threshold + threshold / r18 * parallel(r17, down)


def store():
    """The two cells in series."""
    return 1 / (1 / farad("C7") + 1 / farad("C8"))


def ceramics():
    """What of the rail's capacitors is left at 3.4 V."""
    return (farad("C6") + farad("C11") + farad("C12")) * 0.8


# -- pieces ---------------------------------------------------------------------------------------

# setting: closed jumpers, the makers' limits in mA, mark and space in volts
PORTS = {
    "open (Kamstrup)": ((), 6.0, 24, 12),
    "JP2 (Kaifa)": (("JP2",), 21.0, 24, 12),
    "JP2+JP3 (Aidon)": (("JP2", "JP3"), 30.0, 24, 12),
    "JP2+JP3 (Embriq)": (("JP2", "JP3"), 30.0, 26, 16),
}
# corner: Is of the sensing transistor (from its Vbe), gain of the pass transistor, factor of the
# resistors, U1's current
CORNERS = {
    "low": (1.6e-13, 75, 1.01, 26.5 / 30),
    "typical": (2.4e-14, 140, 1.0, 1.0),
    "high": (5e-16, 250, 0.99, 33.5 / 30),
}


def port(points, flipped=False):
    """Meter (5 ohm) and 2 m of cable, fuse, D1, bridge. i(Vm) is the current into the meter."""
    plus, minus = ("hn", "hp") if flipped else ("hp", "hn")
    return [
        f"Vm m {minus} {spice.pwl(points)}",
        "Rm m c 5.2",
        f"Lc c {plus} 1.2u",
        "Cc hp hn 150p",
        "Rf hp bus 1.5",
        "Dt1 t bus DSMAJ40",
        "Dt2 t hn DSMAJ40",
        "Db1 bus vbr DMB6S",
        "Db2 hn vbr DMB6S",
        "Db3 0 bus DMB6S",
        "Db4 0 hn DMB6S",
        "Rg hn 0 10meg",
    ]


def measurement():
    """R25 and R26 hang on the bridge."""
    return [
        f"R25 vbr adc {ohm('R25')}",
        f"R26 adc 0 {ohm('R26')}",
        f"C14 adc 0 {farad('C14')}",
    ]


def receiver(threshold=6.95, scale=1.0, held=0.0, stc=0.0, worn=0.91):
    """D3 and U1 with its parts; C1 keeps two thirds of its value at 7 V, C2 `worn` of its."""
    return [
        f"R1 bus b1 {ohm('R1')}",
        f"R2 hn b2 {ohm('R2')}",
        "Dt3 t3 b1 DSMAJ36",
        "Dt4 t3 b2 DSMAJ36",
        f"X1 b1 b2 stc sc 0 r tx pf vdd TSS721A RIDD={ohm('R3') / scale} VTH={threshold}",
        f"C1 stc 0 {farad('C1') * 0.64} ic={stc}",
        f"C2 sc 0 {farad('C2') * worn} ic={held}",
        f"C3 vdd 0 {farad('C3')} ic={3.3 if stc > 6 else 0}",
        f"R34 tx rx {ohm('R34')}",
        "Crx rx 0 20p",
        "Rrx rx 0 1meg",
        f"R35 pf pfin {ohm('R35')}",
        "Rpd pfin 0 45k",
    ]


def limiter(jumpers, corner, bulk):
    """R5 to R8, Q1, Q2, D4, C4."""
    saturation, gain, factor, _ = CORNERS[corner]
    shunts = [
        f"{ref} vbr {ref}s {ohm(ref) * factor}\n"
        f"R{jumper} {ref}s e {'1m' if jumper in jumpers else '1g'}"
        for jumper, ref in (("JP2", "R6"), ("JP3", "R7"))
    ]  # fmt: skip
    return [
        f".model QS PNP(Is={saturation} Bf=400 Vaf=50 Rb=50 Re=0.5 Rc=2 Cje=10p Cjc=4p Tf=0.6n "
        "Xti=3 Eg=1.11)",
        f".model QP PNP(Is=6e-14 Bf={gain} Vaf=80 Rb=10 Re=0.1 Rc=0.3 Cje=120p Cjc=30p Tf=1.2n "
        "Ikf=0.5 Xti=3 Eg=1.11)",
        f"R5 vbr e {ohm('R5') * factor}",
        *shunts,
        "Q1 lb e vbr QS",
        "Q2 co lb e QP",
        f"R8 lb 0 {ohm('R8') * factor}",
        "D4 co bulk DBAT46",
        f"C4 bulk 0 {farad('C4')} ic={bulk}",
    ]


def supply(charge, load="0", bulk=0.0):
    """Buck, its capacitors, store; `load` draws from the rail."""
    on, off = lock_out()
    return [
        f"C5 bulk 0 {farad('C5') * 0.9} ic={bulk}",
        f"X2 bulk r 0 BUCK VON={on} VOFF={off} VSET={rail()} IMAX={peak() / 2}",
        f"C6 r 0 {ceramics()} ic={charge}",
        f"Res r s {ESR}",
        f"Cs s 0 {store()} ic={charge}",
        *quiet(),
        f"Bl r 0 I = {load}",
    ]


ESR = 0.4  # twice the cells' 0.2 ohm when old and cold


def quiet():
    """What always hangs on the rail: dividers; 100 uA of the chips' own."""
    return [
        f"R15 r 0 {ohm('R15') + ohm('R16')}",
        f"R17 r 0 {ohm('R17') + parallel(ohm('R18'), ohm('R19'))}",
        f"R27 r 0 {ohm('R27') + ohm('R28')}",
        "Rq r 0 33k",
    ]


def usb(rail_volts, leak, pull_up, old=False):
    """The USB side without a host: the module's pull-up of D+, U5's upper diode, D5 that leaks,
    U4 shut. `old`: as in revision A, U5's upper diodes and 10 kohm on VBUS."""
    return [
        f"Vr r 0 {rail_volts}",
        # D+ pull-up of a full-speed device: 900 to 1575 ohm
        f"Rpu r dp {pull_up}",
        f"D5u dp {'vbus' if old else 'usb5'} DCLAMP",
        "D5l 0 dp DCLAMP",
        "Dz5 vbus usb5 DMBR0540",
        f"Blk usb5 vbus I = {leak}*tanh(V(usb5,vbus)*4)",
        f"R23 vbus en {1 if old else ohm('R23')}",
        f"R36 en 0 {10e3 if old else ohm('R36')}",
        f"R24 usb5 vusb {ohm('R24')}",
        f"C10 vusb 0 {farad('C10')}",
        f"C18 usb5 0 {farad('C18')}",
        # U4, off: what it lets back from its output and takes at its enable, data sheet's most
        "Iback 0 vusb 10u",
        "Rin vusb 0 5meg",
        "Ien 0 en 0.1u",
        "Rcc vbus 0 10meg",
    ]


def plug(cable, resistance):
    """The USB side when a plug goes in: 5.5 V behind a cable; no part of it counts as a clamp."""
    return [
        f"Vh h 0 {spice.pwl([(0, 0), (1e-5, 0), (1.01e-5, 5.5)])}",
        f"Lc h a {cable}",
        f"Rc a vbus {resistance}",
        "Cp vbus 0 50p",
        "D5 vbus usb5 DMBR0540",
        f"C18 usb5 0 {farad('C18')}",
        f"R24 usb5 vusb {ohm('R24')}",
        f"C10 vusb 0 {farad('C10') * 0.5}",
        f"R23 vbus en {ohm('R23')}",
        f"R36 en 0 {ohm('R36')}",
        "Cen en 0 10p",
        "Bld vusb 0 I = 0.4*tanh(V(vusb))",
    ]
