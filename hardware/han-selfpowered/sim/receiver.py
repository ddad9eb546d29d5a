"""The receiver: bytes at 2400 8E1 over the pair, through the TSS721A, sampled as a UART would.

Every meter's levels, both ends of the threshold's tolerance, clean lines and lines with noise and
slow edges, while the board draws its own supply current from the same pair.
"""

import random

import circuit
import spice

BIT = 1 / 2400
# The mark level takes 0.3 s to settle at SC (27 uA into 220 nF).
START = 0.4
BYTES = bytes.fromhex("7EA0278301FF0055AA0F68")
LEVELS = {
    "24/12 V": (24, 12), "36/24 V": (36, 24), "26/16 V (Embriq)": (26, 16),
    "34/22 V (CII)": (34, 22),
}  # fmt: skip
THRESHOLDS = (5.7, 6.95, 8.2)


def bits(data):
    for byte in data:
        ones = bin(byte).count("1")
        yield from [0, *(byte >> i & 1 for i in range(8)), ones & 1, 1]


def line(mark, space, edge, noise, seed, start=START, rise=0.005):
    """The bus voltage: mark, then the bytes with edges of `edge` seconds, and noise of `noise`
    volts."""
    points, level, now = [(0, 0), (rise, mark)], mark, start
    for bit in bits(BYTES):
        target = mark if bit else space
        if target != level:
            points += [(now, level), (now + edge, target)]
            level = target
        now += BIT
    points.append((now + 0.01, level))
    if not noise:
        return points, now
    rng = random.Random(seed)
    noisy, moment = points[:2], rise + 0.001
    while moment < now + 0.009:
        noisy.append((moment, _value(points, moment) + rng.uniform(-noise, noise)))
        moment += rng.uniform(20e-6, 90e-6)
    return noisy, now


def _value(points, moment):
    for (t1, v1), (t2, v2) in zip(points, points[1:], strict=False):
        if t1 <= moment <= t2:
            return v1 + (v2 - v1) * (moment - t1) / (t2 - t1)
    return points[-1][1]


def uart(curves, name, level, begin=START):
    """Decode 8E1 from a curve: (bytes, the least margin of an edge from the middle of its bit,
    in bits)."""
    edges = []
    time, values = curves["time"], curves[name]
    for i in range(1, len(time)):
        if (values[i - 1] > level) != (values[i] > level) and time[i] > begin - BIT:
            edges.append(time[i])
    out, now, margin = bytearray(), begin - BIT, 0.5
    for _ in BYTES:
        start = spice.crossing(curves, name, level, now, rising=False)
        if start is None:
            break
        read = [spice.at(curves, name, start + (n + 0.5) * BIT) > level for n in range(11)]
        byte = sum(bit << n for n, bit in enumerate(read[1:9]))
        if read[0] or not read[10] or sum(read[1:10]) % 2:
            break
        out.append(byte)
        inside = [(e - start) / BIT for e in edges if start < e < start + 10.4 * BIT]
        margin = min([margin, *(abs(e % 1 - 0.5) for e in inside)])
        now = start + 10.1 * BIT
    return bytes(out), margin


def _deck(points, threshold, worn):
    """The board with Aidon's jumpers, its store full: the limiter draws what the quiet rail takes
    and, while the bulk is below the bus, all it may."""
    return [
        *circuit.port(points),
        "Clong hp hn 4n",
        *circuit.measurement(),
        *circuit.receiver(threshold, worn=worn),
        *circuit.limiter(("JP2", "JP3"), "typical", 0),
        *circuit.supply(3.0),
    ]


def simulate():
    """[{case, level, threshold, decoded, margin …}] and the curves of one noisy case for the
    plot."""
    rows, shown = [], None
    for name, (mark, space) in LEVELS.items():
        for threshold in THRESHOLDS:
            for edge, noise, worn in ((2e-6, 0.0, 1.0), (60e-6, 0.4, 0.68)):
                if threshold == 6.95 and not noise:
                    continue
                points, end = line(mark, space, edge, noise, seed=7)
                curves = spice.run(
                    f"receiver {name}", _deck(points, threshold, worn),
                    f"10u {end + 0.008:.6f} 0 30u uic",
                    ["v(m)-v(hn)", "v(sc)", "v(rx)", "v(stc)", "v(pf)"],
                )  # fmt: skip
                got, margin = uart(curves, "v(rx)", 1.7)
                rows.append(
                    {
                        "levels": name, "threshold": threshold, "edges_us": edge * 1e6,
                        "noise_v": noise,
                        "sent": len(BYTES), "right": sum(a == b for a, b in zip(got, BYTES,
                        strict=False)),
                        "margin_bits": round(margin, 3),
                    }
                )  # fmt: skip
                if noise and threshold == 8.2 and "Embriq" in name:
                    shown = curves
    return rows, shown


def check(rows):
    """Every byte must arrive, with the edges well off the middles of the bits."""
    for row in rows:
        assert row["right"] == row["sent"], row
        assert row["margin_bits"] > 0.2, row


def plot(axes, curves):
    """Bus, held mark level and output of the hardest case."""
    window = spice.span(curves, START - 0.002, START + 0.03)
    time = [curves["time"][i] * 1e3 for i in window]
    for name, label in (("v(m)-v(hn)", "bus"), ("v(sc)", "held mark"), ("v(rx)", "RX")):
        axes.plot(time, [curves[name][i] for i in window], label=label, linewidth=0.8)
    axes.set(
        title="Receiver, 26/16 V, threshold 8.2 V, noise 0.4 V, edges 60 us",
        xlabel="ms",
        ylabel="V",
    )
    axes.legend(loc="center right")
