"""The simulator drives the deck of han-selfpowered: levels, limit and trip of this board, limiter,
supply, receiver and UART of that one. And a first plug of the empty reader onto the live bus.
"""

import simulator
import spice
from files import borrow

borrow("han-selfpowered")
import circuit  # noqa: E402
import receiver  # noqa: E402

BEGIN = 0.02
OPTIONS = "method=gear reltol=1e-3 itl4=200 abstol=1e-9 vntol=1e-5 rshunt=1e10"
# reader's jumpers, this board's mark and corner
CASES = (
    ("open (Kamstrup)", 24, "typical"), ("JP2 (Kaifa)", 24, "low"),
    ("JP2+JP3 (Aidon)", 24, "typical"), ("JP2+JP3 (Aidon)", 26, "high"),
    ("JP2+JP3 (Aidon)", 36, "low"), ("JP2+JP3 (Aidon)", 36, "high"),
)  # fmt: skip


def _txd(volts):
    """The bytes at 2400 8E1 as U2 sends them."""
    points, level, now = [(0, volts)], 1, BEGIN
    for bit in receiver.bits(receiver.BYTES):
        if bit != level:
            points += [(now, level * volts), (now + 5e-8, bit * volts)]
            level = bit
        now += receiver.BIT
    return spice.pwl([*points, (now + 0.01, volts)]), now


def _reader(jumpers, threshold, start, charge, mark=None):
    """han-selfpowered behind this board instead of its own source of the bus."""
    port = circuit.port([(0, 0), (1, 0)])[2:]
    held = (mark - 1.3, 6.9) if mark else (0.0, 0.0)
    return [
        "Vi bp c0 0",
        "Rc c0 c 0.2",
        *port,
        "Clong hp hn 10n",
        *circuit.measurement(),
        *circuit.receiver(threshold, 1.0, *held),
        *circuit.limiter(jumpers, "typical", start),
        *circuit.supply(charge, "0.032*u(V(r)-2.7)" if mark else "0", start),
    ]


def simulate(cases=CASES, threshold=8.2):
    rows, shown = [], None
    for setting, mark, corner in cases:
        jumpers = circuit.PORTS[setting][0]
        points, end = _txd(simulator.CORNERS[corner][2])
        # the reader's decks draw their trip's ground from the bus's return: hn is R19's upper end
        lines = [
            *simulator.modulator(mark, corner),
            *simulator.breaker(corner, ready=3e-3),
            *simulator.data(points),
            "Rfloat sg 0 10meg",
            *_reader(jumpers, threshold, sum(circuit.lock_out()) / 2, 3.2, mark),
        ]
        # one temperature for both boards
        curves = spice.run(
            f"reader {setting} {mark}", lines, f"5u {end + 0.006:.6f} 0 12u uic",
            ["v(bp)-v(hn)", "i(Vi)", "v(rx)", "v(trip)-v(sg)"], OPTIONS,
        )  # fmt: skip
        got, margin = receiver.uart(curves, "v(rx)", 1.7, BEGIN)
        steady = spice.span(curves, 5e-3, BEGIN)
        rows.append(
            {
                "reader": setting, "mark": mark, "corner": corner,
                "sent": len(receiver.BYTES),
                "right": sum(a == b for a, b in zip(got, receiver.BYTES, strict=False)),
                "margin_bits": round(margin, 3),
                "mark_ma": round(1e3 * max(curves["i(Vi)"][i] for i in steady), 2),
                "tripped": max(curves["v(trip)-v(sg)"]) > 2.5,
            }
        )  # fmt: skip
        if mark == 26:
            shown = curves
    return rows, shown


def plugged():
    """The empty reader, Aidon's jumpers, meets the live bus of 24 V by a contact that closes in a
    microsecond."""
    lines = [
        *simulator.modulator(24),
        *simulator.breaker(ready=1.5e-3),
        *simulator.data("DC 3.3"),
        "Rfloat sg 0 10meg",
        *_reader(("JP2", "JP3"), 6.95, 0, 0),
    ]
    lines = [
        "Bc c0 c I = (V(c0)-V(c))/(0.2+1e6*0.5*(1-tanh((time-2e-3)*2e6)))"
        if line.startswith("Rc c0") else line
        for line in lines
    ]  # fmt: skip
    curves = spice.run("plugged", lines, "2u 60m 0 4u uic", ["i(Vi)", "v(trip)-v(sg)"], OPTIONS)
    curves["draw"] = tuple(1e3 * i for i in curves["i(Vi)"])
    return {
        "peak_ma": round(max(curves["draw"]), 1),
        "longest_over_30_us": round(1e6 * spice.longest_above(curves, "draw", 30), 2),
        "steady_ma": round(spice.at(curves, "draw", 0.05), 2),
        "tripped": max(curves["v(trip)-v(sg)"]) > 2.5,
    }


def check(rows, plug):
    for row in rows:
        assert row["right"] == row["sent"] > 10, row
        assert row["margin_bits"] > 0.2 and not row["tripped"], row
        assert row["mark_ma"] < 30, row
    assert not plug["tripped"] and 10 < plug["steady_ma"] < 30, plug
    assert plug["longest_over_30_us"] < 40, plug
