"""Power fail: which port's voltage GPIO5 takes for a supply, how soon it falls when the wire goes,
and that what it lends the rail is less than the rail's own dividers take.

GPIO5 reads high above 0.75 of the rail, low below 0.25; its pull-down (45 kohm) is on.
"""

import circuit
from circuit import CORNERS, TEMPERATURES, spice, value

RAILS = (2.7, circuit.rail())


def _deck(corner, temperature, rail, points):
    return [
        *circuit.models(corner, temperature),
        f"Vp port 0 {spice.pwl(points)}",
        f"Vr r 0 {rail}",
        f"R31 port b {value('R31')}",
        f"R32 b 0 {value('R32')}",
        "Q7 r b pf QN",
        f"R33 pf 0 {value('R33')}",
        "Rpd pf 0 45k",
        "Cpf pf 0 20p",
    ]


def simulate(corners=CORNERS, temperatures=TEMPERATURES):
    rows = []
    for corner in corners:
        for temperature in temperatures:
            for rail in RAILS:
                ramp = spice.run(
                    "power fail",
                    _deck(corner, temperature, rail, [(0, 0), (1e-3, 0), (29e-3, 28)]),
                    "10u 30m 0 20u", ["v(port)", "v(pf)", "i(Vr)"],
                )  # fmt: skip
                high = spice.crossing(ramp, "v(pf)", 0.75 * rail)
                low = spice.crossing(ramp, "v(pf)", 0.25 * rail)
                lent = max(ramp["i(Vr)"])
                pulled = spice.run(
                    "power fail",
                    _deck(corner, temperature, rail, [(0, 24), (1e-3, 24), (1.01e-3, 0)]),
                    "2u 3m 0 2u", ["v(pf)"],
                )  # fmt: skip
                fell = spice.crossing(pulled, "v(pf)", 0.25 * rail, 1e-3, rising=False)
                rows.append(
                    {
                        "corner": corner, "temperature": temperature, "rail_v": round(rail, 2),
                        "low_below_v": round(1e3 * low - 1, 1),
                        "high_above_v": round(1e3 * high - 1, 1),
                        "falls_after_us": round(1e6 * (fell - 1e-3), 1),
                        "lends_ua": round(1e6 * lent, 1),
                    }
                )  # fmt: skip
    return rows


def drain():
    """uA that the rail's dividers take at its set voltage."""
    whole = (
        value("R6") + value("R7"), value("R8") + value("R9"), value("R36") + value("R37"),
        value("R10") + value("R11"),
    )  # fmt: skip
    return round(1e6 * sum(circuit.rail() / ohms for ohms in whole), 1)


def check(rows):
    for row in rows:
        # the buck's lock-out lies above: it stops before this does
        assert 3 < row["low_below_v"] < row["high_above_v"] < circuit.lock_out()[1] - 1, row
        assert row["falls_after_us"] < 1e3, row
        assert row["lends_ua"] < drain(), row
