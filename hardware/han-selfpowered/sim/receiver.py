"""The receiver: bytes at 2400 8E1 over the pair, through the TSS721A, sampled as a UART would.

Every meter's levels, both ends of the threshold's tolerance, clean lines and lines with noise and
slow edges, while the board draws its own supply current from the same pair.
"""

import random

import spice

BIT = 1 / 2400
# The mark level takes 0.3 s to settle at SC (27 uA into 220 nF).
START = 0.4
BYTES = bytes.fromhex("7EA0278301FF0055AA0F68")
LEVELS = {"24/12 V": (24, 12), "36/24 V": (36, 24), "26/16 V (Embriq)": (26, 16)}
THRESHOLDS = (5.7, 6.95, 8.2)


def _bits(data):
    for byte in data:
        ones = bin(byte).count("1")
        yield from [0, *(byte >> i & 1 for i in range(8)), ones & 1, 1]


def _line(mark, space, edge, noise, seed):
    """The bus voltage: mark, then the bytes with edges of `edge` seconds, and noise of `noise`
    volts."""
    points, level, now = [(0, 0), (0.005, mark)], mark, START
    for bit in _bits(BYTES):
        target = mark if bit else space
        if target != level:
            points += [(now, level), (now + edge, target)]
            level = target
        now += BIT
    points.append((now + 0.01, level))
    if not noise:
        return points, now
    rng = random.Random(seed)
    noisy, moment = points[:2], 0.006
    while moment < now + 0.009:
        noisy.append((moment, _value(points, moment) + rng.uniform(-noise, noise)))
        moment += rng.uniform(20e-6, 90e-6)
    return noisy, now


def _value(points, moment):
    for (t1, v1), (t2, v2) in zip(points, points[1:], strict=False):
        if t1 <= moment <= t2:
            return v1 + (v2 - v1) * (moment - t1) / (t2 - t1)
    return points[-1][1]


def _uart(curves, name, level):
    """Decode 8E1 from a curve: (bytes, the least margin of an edge from the middle of its bit,
    in bits)."""
    edges = []
    time, values = curves["time"], curves[name]
    for i in range(1, len(time)):
        if (values[i - 1] > level) != (values[i] > level) and time[i] > START - BIT:
            edges.append(time[i])
    out, now, margin = bytearray(), START - BIT, 0.5
    for _ in BYTES:
        start = spice.crossing(curves, name, level, now, rising=False)
        if start is None:
            break
        bits = [spice.at(curves, name, start + (n + 0.5) * BIT) > level for n in range(11)]
        byte = sum(bit << n for n, bit in enumerate(bits[1:9]))
        if bits[0] or not bits[10] or sum(bits[1:10]) % 2:
            break
        out.append(byte)
        inside = [(e - start) / BIT for e in edges if start < e < start + 10.4 * BIT]
        margin = min([margin, *(abs(e % 1 - 0.5) for e in inside)])
        now = start + 10.1 * BIT
    return bytes(out), margin


def _deck(points, threshold, sc):
    return [
        "Vbus m n " + spice.pwl(points),
        # the meter's output, the cable and the fuse
        "Rm m a 12",
        "Cl a n 4n",
        "Db1 a vbr DMB6S",
        "Db2 0 n DMB6S",
        # the limiter's current while the bulk is below the bus
        "Bl vbr 0 I = 19.3m*0.5*(1+tanh((V(vbr)-19)*4))",
        "R1 a b1 220",
        "R2 n b2 220",
        f"X1 b1 b2 stc sc 0 bat tx pf vdd TSS721A VTH={threshold}",
        "Vbat bat 0 3.45",
        "C1 stc 0 14u",
        f"C2 sc 0 {sc}",
        "C3 vdd 0 1u",
        "Rp tx 0 1meg",
    ]


def simulate():
    """[{case, level, threshold, decoded, margin …}] and the curves of one noisy case for the
    plot."""
    rows, shown = [], None
    for name, (mark, space) in LEVELS.items():
        for threshold in THRESHOLDS:
            for edge, noise, sc in ((2e-6, 0.0, "220n"), (60e-6, 0.4, "150n")):
                if threshold == 6.95 and not noise:
                    continue
                points, end = _line(mark, space, edge, noise, seed=7)
                curves = spice.run(
                    f"receiver {name}", _deck(points, threshold, sc),
                    f"10u {end + 0.008:.6f} 0 12u",
                    ["v(m)-v(n)", "v(sc)", "v(tx)", "v(stc)", "v(pf)"],
                )  # fmt: skip
                got, margin = _uart(curves, "v(tx)", 1.7)
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
    for name, label in (("v(m)-v(n)", "bus"), ("v(sc)", "held mark"), ("v(tx)", "TX")):
        axes.plot(time, [curves[name][i] for i in window], label=label, linewidth=0.8)
    axes.set(
        title="Receiver, 26/16 V, threshold 8.2 V, noise 0.4 V, edges 60 us",
        xlabel="ms",
        ylabel="V",
    )
    axes.legend(loc="center right")
