"""RS-232 at 9600 baud over 3 m: what the meter's receiver gets of ours, and what U5 makes of the
meter's bits, with U5's figures at both ends and the shunts of J3 either way (the two lines are
alike).

U5 by its data sheet: +-5 V at least into 3 kohm (5.4 V typical), 6 V/us at the slowest; input 3 to
7 kohm, threshold 0.6 to 2.4 V. The meter's side: receiver of 3 to 7 kohm, driver of 5 V at least
behind 300 ohm, or 0 and 5 V as bare logic.
"""

from circuit import spice, value

BIT = 1 / 9600
CABLE = 3 * 100e-12 + 1e-9  # 3 m, and what the meter adds
GUARD = 0.55e-9  # D6: two of 1.1 nF in series
DRIVER = {"least": 5.15, "typical": 5.5, "most": 6.0}  # open, behind 90 ohm: 5.0 V at 3 kohm
RECEIVERS = (3e3, 5e3, 7e3)
THRESHOLDS = {"low": 0.6, "middle": 1.5, "high": 2.4}
METERS = {"RS-232, 5 V": (-5.0, 5.0), "RS-232, 12 V": (-12.0, 12.0), "logic, 5 V": (0.0, 5.0)}
LEAST_LEVEL, MOST_EDGE, BITS = 3.0, 0.1 * BIT, 0.05  # RS-232's receivers ask +-3 V


def _swing(low, high, edge):
    """Start bit and a one, again and again."""
    return f"PULSE({low} {high} {BIT} {edge} {edge} {BIT - edge} {2 * BIT})"


def sending():
    rows = []
    for name, volts in DRIVER.items():
        for receiver in RECEIVERS:
            lines = [
                f"Vd d 0 {_swing(-volts, volts, 2 * volts / 6e6)}",
                "Rd d a 90",
                f"R27 a line {value('R27')}",
                f"Cg a 0 {GUARD}",
                f"Cc line 0 {CABLE}",
                f"Rr line 0 {receiver}",
            ]
            curves = spice.run("sending", lines, f"0.2u {6 * BIT} 0 0.2u", ["v(line)"])
            low, high = min(curves["v(line)"]), max(curves["v(line)"])
            a, b = low + 0.1 * (high - low), low + 0.9 * (high - low)
            rise = spice.crossing(curves, "v(line)", b, 2.5 * BIT) - spice.crossing(
                curves, "v(line)", a, 2.5 * BIT
            )
            width = spice.crossing(
                curves, "v(line)", 0.0, 3.5 * BIT, False
            ) - spice.crossing(curves, "v(line)", 0.0, 2.5 * BIT)  # fmt: skip
            rows.append(
                {
                    "driver": name, "receiver_ohm": round(receiver), "mark_v": round(low, 2),
                    "space_v": round(high, 2), "edge_us": round(1e6 * rise, 2),
                    "bit": round(width / BIT, 3),
                }
            )  # fmt: skip
    return rows


def receiving():
    rows = []
    for name, (low, high) in METERS.items():
        for receiver in RECEIVERS:
            for threshold, level in THRESHOLDS.items():
                lines = [
                    f"Vd d 0 {_swing(low, high, 1e-6)}",
                    "Rd d line 300",
                    f"Cc line 0 {CABLE}",
                    f"R27 line a {value('R27')}",
                    f"Cg a 0 {GUARD}",
                    f"Rr a 0 {receiver}",
                    # U5 inverts; R29 and the GPIO
                    f"Bo o 0 V = 1.65*(1-tanh((V(a)-{level})*50))",
                    f"R29 o rx {value('R29')}",
                    "Crx rx 0 20p",
                    # at rest the module's pin is no load, R30 holds the other line's input
                    f"R30 r tx {value('R30')}",
                    "Vr r 0 3.3",
                    "Ctx tx 0 20p",
                ]
                curves = spice.run(
                    "receiving", lines, f"0.2u {6 * BIT} 0 0.2u", ["v(a)", "v(rx)", "v(tx)"]
                )
                down = spice.crossing(curves, "v(rx)", 1.65, 2.5 * BIT, False)
                up = spice.crossing(curves, "v(rx)", 1.65, 3.5 * BIT)
                rows.append(
                    {
                        "meter": name, "input_ohm": round(receiver), "threshold": threshold,
                        "least_v": round(min(curves["v(a)"]), 2),
                        "most_v": round(max(curves["v(a)"]), 2),
                        "bit": round((up - down) / BIT, 3) if up and down else None,
                        "tx_at_rest_v": round(curves["v(tx)"][-1], 2),
                    }
                )  # fmt: skip
    return rows


def check(sent, received):
    for row in sent:
        assert row["mark_v"] < -LEAST_LEVEL and row["space_v"] > LEAST_LEVEL, row
        assert row["edge_us"] < 1e6 * MOST_EDGE and abs(row["bit"] - 1) < BITS, row
    for row in received:
        assert row["bit"] and abs(row["bit"] - 1) < BITS and row["tx_at_rest_v"] > 3, row
