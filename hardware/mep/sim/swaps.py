"""Every way to put the meter's five wires on the five terminals, 120 of them, with the port at
28 V: what each line and part then has to bear.

The meter: power behind 1 ohm, a driver of -9 V behind 300 ohm, a receiver of 5 kohm, an
optocoupler with 2.2 kohm behind COM ENABLE, its ground. The board: all that hangs on its
terminals; behind the limiter 800 ohm as its supply, COM ENABLE switched on.
"""

from itertools import permutations

import circuit
from circuit import spice, value

VOLTS = 28.0
WIRES = ("power", "TXD", "RXD", "COM ENABLE", "ground")
# U5's driver stands 13.2 V, its input 25 V; R27 and R28 0.75 W, a 0603 0.1 W, D2 and D5 100 V;
# a BC846B's base 6 V below its emitter; the GPIO's pins 1 mA into their clamps
LINE, R1206, R0603, CLAMP = 13.2, 0.75, 0.1, 1e-3


def _board():
    """A subcircuit: terminals, and the nodes to look at."""
    return [
        ".subckt BOARD p a b e g ain bin port vcom z fb cm pfb adc",
        "Rf p port 1.5",
        "Dt1 t1 port DSMAJ36",
        "Dt2 t1 g DSMAJ36",
        "D2 port vin DBAT46",
        f"R1 vin le {value('R1')}",
        "Q1 lb le vin QS",
        "Q2 bulk lb le QP",
        f"R2 lb g {value('R2')}",
        f"C1 bulk g {value('C1')}",
        "Rs bulk g 800",
        # power fail, ADC: the module's pins clamp at -0.3 and above the rail
        f"R31 port pfb {value('R31')}",
        f"R32 pfb g {value('R32')}",
        "Dbe g pfb DBE",
        f"R34 port adc {value('R34')}",
        f"R35 adc g {value('R35')}",
        "Dcl g adc DCLAMP",
        # RS-232: U5's input of 5 kohm, its driver
        f"R27 a ain {value('R27')}",
        "D61 t6 ain DSMAJ9",
        "D62 t6 g DSMAJ9",
        "Rin ain g 5k",
        f"R28 b bin {value('R28')}",
        "D71 t7 bin DSMAJ9",
        "D72 t7 g DSMAJ9",
        "Vout out g -5.5",
        "Rout out bin 300",
        # COM ENABLE, on
        "Von on g 3.3",
        f"R19 on qb {value('R19')}",
        f"R20 qb g {value('R20')}",
        "Q3 qc qb g QN",
        f"R21 cb qc {value('R21')}",
        f"R22 bulk cs {value('R22')}",
        "Q4 cb cs bulk QS",
        "Q5 vcom cb cs QP",
        f"R23 bulk cb {value('R23')}",
        f"R24 vcom z {value('R24')}",
        "D4 g z DZ",
        f"R25 z fb {value('R25')}",
        "Q6 vcom fb fe QN",
        "Deb fb fe DBE",
        "D5 fe e DBAT46",
        f"C11 e g {value('C11')}",
        f"R26 e g {value('R26')}",
        "Rcm fe cm 1m",
        ".ends",
    ]


def simulate():
    """One row a permutation: the worst of each."""
    lines = [
        *circuit.models("typical", 25),
        circuit.zener("typical", 25),
        ".model DSMAJ9 D(Is=1e-15 N=1.2 Rs=0.3 BV=11.5 IBV=1m Cjo=1100p)",
        ".model DBE D(Is=1e-14 N=1 BV=6.5 IBV=10u)",
        *_board(),
    ]
    save, orders = [], list(permutations("pabeg"))
    for n, terminals in enumerate(orders):
        power, txd, rxd, com, ground = (f"{t}{n}" for t in terminals)
        lines += [
            f"Vm{n} m{n} 0 {VOLTS}", f"Rm{n} m{n} {power} 1",
            f"Vt{n} t{n} 0 -9", f"Rt{n} t{n} {txd} 300", f"Rr{n} {rxd} 0 5k",
            f"Ro{n} {com} o{n} 2.2k", f"Do{n} o{n} 0 DMB6S",
            f"Rg{n} {ground} 0 1m",
            f"X{n} p{n} a{n} b{n} e{n} g{n} ain{n} bin{n} port{n} vcom{n} z{n} fb{n} cm{n} "
            f"pfb{n} adc{n} BOARD",
        ]  # fmt: skip
        nodes = "p a b e g ain bin port vcom z fb cm pfb adc".split()
        save += [f"i(Vm{n})", *(f"v({node}{n})" for node in nodes)]
    curves = spice.run("swaps", lines, "20u 30m 0 1m", save)
    rows = []
    for n, terminals in enumerate(orders):

        def at(node, n=n):
            return curves[f"v({node}{n})"][-1] - curves[f"v(g{n})"][-1]

        def watts(a, b, ref, at=at):
            return (at(a) - at(b)) ** 2 / value(ref)

        rows.append(
            {
                "wires at 16, 16A, 17, 18, 19": ", ".join(
                    WIRES[terminals.index(t)] for t in "pabeg"
                ),
                "port_ma": round(-1e3 * curves[f"i(Vm{n})"][-1], 1),
                "line_v": round(max(abs(at("ain")), abs(at("bin"))), 1),
                "r27_r28_w": round(max(watts("a", "ain", "R27"), watts("b", "bin", "R28")), 2),
                "r0603_w": round(
                    max(
                        watts("z", "fb", "R25"), watts("vcom", "z", "R24"),
                        at("e") ** 2 / value("R26"),
                    ), 3
                ),
                "com_v": round(at("e"), 1), "port_v": round(at("port"), 1),
                "follower_v": round(at("fb") - at("cm"), 1),
                "pf_base_v": round(at("pfb"), 1),
                "adc_ua": round(1e6 * abs(at("port") - at("adc")) / value("R34")),
            }
        )  # fmt: skip
    return rows


def check(rows):
    assert len(rows) == 120
    for row in rows:
        assert row["port_ma"] < 1e3 * circuit.PEAK and row["line_v"] < LINE, row
        assert row["r27_r28_w"] < R1206 and row["r0603_w"] < R0603, row
        assert abs(row["com_v"]) < 50 and abs(row["port_v"]) < 44, row
        assert row["follower_v"] > -7 and row["pf_base_v"] > -7, row
        assert row["adc_ua"] < 1e6 * CLAMP, row


def worst(rows):
    """One row: the worst of each column, and how many permutations were looked at."""
    return [
        {"permutations": len(rows)}
        | {
            name: max((row[name] for row in rows), key=abs)
            for name in rows[0] if name != "wires at 16, 16A, 17, 18, 19"
        }
    ]  # fmt: skip
