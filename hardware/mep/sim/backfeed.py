"""The USB side without a host while the port feeds the rail: VBUS must stay dead, and U4's enable
with it. Leakage of D3: MBR0540's most at 25 and at 85 degrees."""

import circuit
from circuit import spice

MOST = 0.4  # V at VBUS
LEAKS = {"25 degrees": 10e-6, "85 degrees": 180e-6}
PULL_UPS = (900, 1575)  # ohm, D+ of a full-speed device


def simulate():
    rows = []
    for heat, leak in LEAKS.items():
        for pull_up in PULL_UPS:
            curves = spice.run(
                "back-feed", circuit.usb(circuit.rail(), leak, pull_up), "1m 2 0 5m",
                ["v(vbus)", "v(en)"],
            )  # fmt: skip
            rows.append(
                {
                    "heat": heat, "pull_up_ohm": pull_up,
                    "vbus_v": round(max(curves["v(vbus)"]), 3),
                    "u4_enable_v": round(max(curves["v(en)"]), 3),
                }
            )  # fmt: skip
    return rows


def check(rows):
    for row in rows:
        assert row["vbus_v"] < MOST and row["u4_enable_v"] < MOST, row
