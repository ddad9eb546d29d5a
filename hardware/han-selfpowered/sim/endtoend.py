"""All of it at once: a meter that talks, the limiter, both bridges, the supply charging the store,
the receiver and a UART behind it.

24 cases: four meters, both ends of the receiver's threshold, three surroundings: a quiet line at
25 degrees; noise, slow edges, the pair turned round and the strongest transistors at -25 degrees;
noise, slow edges and the weakest transistors at 60 degrees.
"""

import circuit
import receiver
import spice
from circuit import CORNERS, PORTS

BEGIN = 0.02
THRESHOLDS = (5.7, 8.2)
# name: corner, temperature, edges in s, noise in V, pair turned, share of C2 left
AROUND = {
    "quiet": ("typical", 25, 2e-6, 0.0, False, 1.0),
    "cold, noise, turned": ("high", -25, 60e-6, 0.4, True, 0.68),
    "hot, noise": ("low", 60, 60e-6, 0.4, False, 0.68),
}
LOAD = 0.032  # connected, power save
# what the buck must deliver while the meter talks without a pause, mA
LEAST = {"open (Kamstrup)": 5, "JP2 (Kaifa)": 20, "JP2+JP3 (Aidon)": 28, "JP2+JP3 (Embriq)": 28}


def deck(port, threshold, around):
    """(lines, end) of one case; everything begins as it is after the lists before."""
    corner, temperature, edge, noise, turned, worn = AROUND[around]
    jumpers, _, mark, space = PORTS[port]
    points, end = receiver.line(mark, space, edge, noise, 11, BEGIN, 1e-4)
    points[0] = (0, mark)
    start = (circuit.lock_out()[0] + circuit.lock_out()[1]) / 2
    lines = [
        f".temp {temperature}",
        *circuit.port(points, turned),
        "Clong hp hn 4n",
        *circuit.measurement(),
        *circuit.receiver(threshold, CORNERS[corner][3], mark - 1.3, 6.9, worn),
        *circuit.limiter(jumpers, corner, start),
        *circuit.supply(3.2, f"{LOAD}*u(V(r)-2.7)", start),
    ]
    return lines, end


def simulate(cases=None):
    """One row a case: bytes, margin, currents, what the store got."""
    rows = []
    for port in PORTS:
        for threshold in THRESHOLDS:
            for around in AROUND:
                if cases is not None and (port, threshold, around) not in cases:
                    continue
                lines, end = deck(port, threshold, around)
                curves = spice.run(
                    f"end to end {port}", lines, f"5u {end + 0.006:.6f} 0 12u uic",
                    ["i(Vm)", "v(rx)", "v(s)", "v(r)", "v(bulk)"],
                )  # fmt: skip
                got, margin = receiver.uart(curves, "v(rx)", 1.7, BEGIN)
                current = curves["draw"] = tuple(-1e3 * i for i in curves["i(Vm)"])
                steady = spice.span(curves, 3e-3, BEGIN)
                net = circuit.store() * (curves["v(s)"][-1] - 3.2) / curves["time"][-1]
                rows.append(
                    {
                        "port": port, "threshold": threshold, "around": around,
                        "sent": len(receiver.BYTES),
                        "right": sum(a == b for a, b in zip(got, receiver.BYTES, strict=False)),
                        "margin_bits": round(margin, 3), "limit_ma": PORTS[port][1],
                        "mark_ma": round(max(current[i] for i in steady), 2),
                        "longest_over_30_us": round(
                            1e6 * spice.longest_above(curves, "draw", 30), 2
                        ),
                        "delivered_ma": round(1e3 * (net + LOAD), 1),
                        "least_bulk_v": round(min(curves["v(bulk)"]), 2),
                    }
                )  # fmt: skip
    return rows


def check(rows):
    """Every byte right with its edges off the middles of the bits, the meter's limit never
    passed, the bulk held by C4, and the rail fed while the meter talks without a pause."""
    for row in rows:
        assert row["right"] == row["sent"], row
        assert row["margin_bits"] > 0.2, row
        assert row["mark_ma"] < row["limit_ma"], row
        assert row["longest_over_30_us"] < 5, row
        assert row["least_bulk_v"] > circuit.lock_out()[1] - 0.5, row
        assert row["delivered_ma"] > LEAST[row["port"]], row
