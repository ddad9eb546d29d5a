"""Data over 3 m of cable: edges at the jack, current into the meter, and what U1 makes of the bits
at 115200 baud, with its thresholds at both ends."""

import port

spice = port.spice
BIT = 1 / 115200
CABLE = 3 * 100e-12 + 150e-12  # 3 m, jacks and the meter's own
# SN74LVC1G14 at 3.3 V: rising 1.5 to 1.87 V, falling 0.84 to 1.14 V
THRESHOLDS = {"low": (1.5, 0.84), "high": (1.87, 1.14)}


def simulate():
    rows = []
    for name, (up, down) in THRESHOLDS.items():
        lines = [
            "Vr r 0 3.3",
            # the meter's optocoupler or transistor: 60 ohm when it pulls
            f"Vg g 0 PULSE(0 1 {BIT} 20n 20n {3 * BIT} {6 * BIT})",
            ".model PULL SW(Ron=60 Roff=10meg Vt=0.5 Vh=0.1)",
            "S1 d sm g 0 PULL",
            "Vi sm 0 0",
            f"Cc d 0 {CABLE}",
            f"R6 r d {port.value('R6')}",
            f"R7 d a {port.value('R7')}",
            "Ca a 0 6p",
        ]
        curves = spice.run("edges", lines, f"20n {10 * BIT} 0 20n", ["v(d)", "v(a)", "i(Vi)"])
        low, high = min(curves["v(d)"]), max(curves["v(d)"])
        a, b = low + 0.1 * (high - low), low + 0.9 * (high - low)

        def cross(level, after, rising, name="v(d)", curves=curves):
            return spice.crossing(curves, name, level, after, rising)

        fall = cross(a, BIT, False) - cross(b, BIT, False)
        rise = cross(b, 4 * BIT, True) - cross(a, 4 * BIT, True)
        width = cross(up, 4 * BIT, True, "v(a)") - cross(down, BIT, False, "v(a)")
        rows.append(
            {
                "thresholds": name, "low_v": round(low, 2),
                "sink_ma": round(1e3 * spice.at(curves, "i(Vi)", 3 * BIT), 2),
                "fall_us": round(1e6 * fall, 2), "rise_us": round(1e6 * rise, 2),
                "bits_of_3": round(width / BIT, 3),
            }
        )  # fmt: skip
    return rows


def check(rows):
    for row in rows:
        assert row["fall_us"] < 1 and row["rise_us"] < 1, row
        assert row["sink_ma"] <= 5 and row["low_v"] < 0.8, row
        assert abs(row["bits_of_3"] / 3 - 1) < 0.05, row
