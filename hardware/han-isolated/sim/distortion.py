"""By how much the optocoupler and its receiver shift the edges of a byte: 2400 and 9600 baud,
every coupler of 50 to 600 %, -25 to 60 degrees, both ends of the comparators' offset.

Distortion: the latest of all edges less the earliest, each against its own in TXI, as a share of a
bit; the first byte after a long rest is among them.
"""

import shield
from shield import COUPLERS, LEFT, spice

BYTES = bytes.fromhex("00FF55017E80AA")
BEGIN = 2e-3
MOST = 0.10
OFFSETS = {"low": (-0.01, 0.01), "high": (0.01, -0.01), "both": (0.01, 0.01)}
BAUDS = (2400, 9600)


def bits(data):
    for byte in data:
        yield from [0, *(byte >> i & 1 for i in range(8)), bin(byte).count("1") & 1, 1]


def drive(bit):
    """(points of TXI, [(moment, level of DATA after it)])."""
    points, edges, level, now = [(0, 0)], [], 1, BEGIN
    for ours in bits(BYTES):
        if ours != level:
            points += [(now, 3.3 * (1 - level)), (now + 1e-7, 3.3 * (1 - ours))]
            edges.append((now, ours))
            level = ours
        now += bit
    return points, edges, now


def delays(curves, name, edges, level):
    """How late each edge is; raises when there are more edges or fewer."""
    time, values = curves["time"], curves[name]
    found = []
    for i in range(1, len(time)):
        if (values[i - 1] > level) != (values[i] > level) and time[i] > BEGIN / 2:
            share = (level - values[i - 1]) / (values[i] - values[i - 1])
            found.append((time[i - 1] + share * (time[i] - time[i - 1]), values[i] > level))
    assert [up for _, up in found] == [bool(e) for _, e in edges], (len(found), len(edges))
    return [at - sent for (at, _), (sent, _) in zip(found, edges, strict=True)]


def deck(baud, kind, temperature, left, offset):
    points, edges, end = drive(1 / baud)
    lines = [
        f".temp {temperature}",
        "Rg bg 0 1meg",
        "Vstc stc bg 6.9",
        f"Vti ti bg {spice.pwl(points)}",
        *shield.led("ti", "stc", 6e3 if left < 0.6 else 1e3),
        *shield.coupler(kind, left),
        *shield.receiver(OFFSETS[offset]),
    ]
    step = 0.01 / baud
    return lines, f"{step:.3g} {end + 1e-3:.6f} 0 {step:.3g}", edges


def one(baud, kind, temperature, left, offset):
    lines, tran, edges = deck(baud, kind, temperature, left, offset)
    curves = spice.run(
        f"distortion {baud} {kind}", lines, tran,
        ["v(data)", "v(opto)", "v(th)", "v(peak)", "i(Vled)"], shield.OPTIONS,
    )  # fmt: skip
    late = delays(curves, "v(data)", edges, 1.65)
    return {
        "baud": baud, "coupler": kind, "degrees": temperature, "left": left, "offset": offset,
        "led_ma": round(1e3 * spice.at(curves, "i(Vled)", BEGIN + 9.5 / baud), 2),
        "kick_ma": round(1e3 * max(curves["i(Vled)"]), 2),
        "opto_v": round(max(curves["v(opto)"]), 3),
        "late_us": f"{1e6 * min(late):.1f} … {1e6 * max(late):.1f}",
        "distortion": round((max(late) - min(late)) * baud, 4),
    }, curves  # fmt: skip


def simulate(bauds=BAUDS, couplers=COUPLERS, temperatures=LEFT, offsets=OFFSETS):
    rows, shown = [], None
    for baud in bauds:
        for kind in couplers:
            for temperature in temperatures:
                left = LEFT[temperature][kind.startswith("600")]
                for offset in offsets if baud == 9600 else [*offsets][:1]:
                    row, curves = one(baud, kind, temperature, left, offset)
                    rows.append(row)
                    if (baud, kind, temperature, offset) == (9600, "600 %", 25, "low"):
                        shown = curves
    return rows, shown


def check(rows):
    for row in rows:
        assert row["distortion"] < MOST, row
        assert 1.2 < row["led_ma"] < 1.85 and row["kick_ma"] < 3, row
