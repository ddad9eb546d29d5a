"""The board as pieces of a SPICE deck, and the receiver: bytes at 2400 8E1 from a meter's
bus and from the deck of mbus-simulator. Every value of a part comes from parts.py; what stands
here as a number belongs to a model, to a cable or to a data sheet.
"""

from pathlib import Path

import spice
from files import borrow, load

borrow("mbus-simulator", "han-selfpowered")
import receiver  # noqa: E402  (han-selfpowered's: the line and the UART)
import simulator  # noqa: E402  (mbus-simulator's)

parts = load(Path(__file__).resolve().parents[1], "parts")
value = parts.PARTS.number
THRESHOLDS = (5.7, 8.2)
BEGIN = 0.02
# name: edges in s, noise in V, pair turned, share of C2 left, temperature
AROUND = {
    "quiet": (2e-6, 0.0, False, 1.0, 25),
    "cold, noise, turned": (60e-6, 0.4, True, 0.68, -25),
    "hot, noise": (60e-6, 0.4, False, 0.68, 60),
}
OPTIONS = "method=gear reltol=1e-3 itl4=200 abstol=1e-9 vntol=1e-5 rshunt=1e10"


def board(threshold, worn=1.0, held=0.0, stc=0.0):
    """From the jack (hp, hn) to the module's pin rx; C1 keeps two thirds at 7 V, C2 `worn`."""
    return [
        "Rf hp bus 1.5",
        "Dt1 t bus DSMAJ40",
        "Dt2 t hn DSMAJ40",
        "Rg hn 0 10meg",
        f"R1 bus b1 {value('R1')}",
        f"R2 hn b2 {value('R2')}",
        "Dt3 t3 b1 DSMAJ36",
        "Dt4 t3 b2 DSMAJ36",
        f"X1 b1 b2 stc sc 0 r tx pf vdd TSS721A RIDD={value('R3')} VTH={threshold}",
        "Vr r 0 3.3",
        f"C1 stc 0 {value('C1') * 0.64} ic={stc}",
        f"C2 sc 0 {value('C2') * worn} ic={held}",
        f"C3 vdd 0 {value('C3')} ic={3.3 if stc > 6 else 0}",
        f"R5 tx rx {value('R5')}",
        "Crx rx 0 20p",
        "Rrx rx 0 1meg",
    ]


def _row(curves, **more):
    got, margin = receiver.uart(curves, "v(rx)", 1.7, BEGIN)
    steady = spice.span(curves, 5e-3, BEGIN)
    return more | {
        "sent": len(receiver.BYTES),
        "right": sum(a == b for a, b in zip(got, receiver.BYTES, strict=False)),
        "margin_bits": round(margin, 3),
        "mark_ma": round(1e3 * max(curves["i(Vi)"][i] for i in steady), 2),
    }


def simulate(levels=receiver.LEVELS, around=AROUND):
    rows, shown = [], None
    for name in levels:
        mark, space = receiver.LEVELS[name]
        for threshold in THRESHOLDS:
            for case in around:
                edge, noise, turned, worn, temperature = AROUND[case]
                points, end = receiver.line(mark, space, edge, noise, 5, BEGIN, 1e-4)
                points[0] = (0, mark)
                plus, minus = ("hn", "hp") if turned else ("hp", "hn")
                lines = [
                    f".temp {temperature}",
                    f"Vm m {minus} {spice.pwl(points)}",
                    "Rm m c 5.2",
                    "Vi c c1 0",
                    f"Lc c1 {plus} 1.2u",
                    "Cc hp hn 4n",
                    *board(threshold, worn, mark - 1.0, 6.9),
                ]
                curves = spice.run(
                    f"reader {name}", lines, f"5u {end + 0.006:.6f} 0 20u uic",
                    ["v(m)", "v(rx)", "i(Vi)", "v(hn)"],
                )  # fmt: skip
                rows.append(_row(curves, levels=name, threshold=threshold, around=case))
                if threshold == 8.2 and "Embriq" in name and noise:
                    shown = curves
    return rows, shown


def driven(marks=simulator.MARKS):
    """The same bytes from mbus-simulator's deck, its trip alive."""
    rows = []
    for mark in marks:
        points, level, now = [(0, 3.3)], 1, BEGIN
        for bit in receiver.bits(receiver.BYTES):
            if bit != level:
                points += [(now, level * 3.3), (now + 5e-8, bit * 3.3)]
                level = bit
            now += receiver.BIT
        lines = [
            *simulator.modulator(mark),
            *simulator.breaker(ready=3e-3),
            *simulator.data(spice.pwl([*points, (now + 0.01, 3.3)])),
            "Rfloat sg 0 10meg",
            "Vi bp c0 0",
            "Rc c0 hp 0.2",
            "Cc hp hn 10n",
            *board(8.2, 1.0, mark - 1.0, 6.9),
        ]
        curves = spice.run(
            f"driven {mark}", lines, f"5u {now + 0.006:.6f} 0 20u uic",
            ["v(rx)", "i(Vi)", "v(trip)-v(sg)"], OPTIONS,
        )  # fmt: skip
        tripped = max(curves["v(trip)-v(sg)"]) > 2.5
        rows.append(_row(curves, mark=mark, tripped=tripped))
    return rows


def check(rows, driven_rows):
    for row in rows + driven_rows:
        assert row["right"] == row["sent"] > 10, row
        assert row["margin_bits"] > 0.2, row
        assert 0.8 < row["mark_ma"] < 1.5, row  # one unit load
    assert not any(row["tripped"] for row in driven_rows)
