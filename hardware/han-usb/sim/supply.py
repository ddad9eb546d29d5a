"""3.3 V from USB: WiFi's peaks at the lowest and a usual USB voltage, and U3's heat.

U3 is a current source of 400 mA at the most into its output, which closes as its output nears 3.3
V and opens fully below; its drop-out is a resistance, by the data sheet's 75 mV at 400 mA.
"""

import reader

spice = reader.spice
IDLE, PEAK = 0.08, 0.35  # A; ESP32-C3 data sheet: 335 mA sending at 802.11b
EVERY, LASTING = 5e-3, 1e-3
# name: volts at the host, resistance of cable, plugs and F2 (at 1 hour after a trip: 1 ohm)
HOSTS = {"4.6 V, long cable, worn fuse": (4.6, 1.4), "5 V": (5.0, 0.6), "5.5 V": (5.5, 0.6)}
LEAST = 3.0  # the module's supply range begins here
TO_AIR = 222  # K/W of a SOT-23-5, TI SBVS038U table 6.4: 221.9 on a test board of four layers


def simulate():
    rows = []
    for name, (volts, ohms) in HOSTS.items():
        lines = [
            f"Vh h 0 {volts}",
            f"Rh h v5 {ohms}",
            f"C4 v5 0 {reader.value('C4') * 0.8} ic={volts - 0.1}",
            "Bu v5 r I = 0.4*0.5*(1+tanh((3.3-V(r))*80))*tanh((V(v5)-V(r))/0.075)",
            f"C5 r 0 {(reader.value('C5') + reader.value('C6')) * 0.8} ic=3.3",
            f"C7 r 0 {reader.value('C7')} ic=3.3",
            f"Il r 0 PULSE({IDLE} {PEAK} 1m 2u 2u {LASTING} {EVERY})",
        ]
        curves = spice.run(f"supply {name}", lines, "2u 20m 0 5u uic", ["v(r)", "v(v5)"])
        mean = (IDLE * (EVERY - LASTING) + PEAK * LASTING) / EVERY
        watts = mean * (volts - ohms * mean - 3.3)
        rows.append(
            {
                "host": name, "least_rail_v": round(min(curves["v(r)"]), 3),
                "most_rail_v": round(max(curves["v(r)"]), 3),
                "least_5_v": round(min(curves["v(v5)"]), 2), "u3_w": round(watts, 2),
                "u3_junction_at_50": round(50 + TO_AIR * watts),
            }
        )  # fmt: skip
    return rows


def check(rows):
    for row in rows:
        assert row["least_rail_v"] > LEAST and row["most_rail_v"] < 3.45, row
        assert row["u3_junction_at_50"] < 125, row
