"""USB unplugged, the board running: what stands on VBUS and at U4's enable.

The module pulls D+ up to the rail; through the upper diode of U5 that feeds whatever its pin 5
hangs on. On VBUS itself, as revision A had it, VBUS rises far enough to switch U4 on backwards.
Behind D5 it is D5's leakage that counts.
"""

import circuit
import spice

LIMIT = 0.4  # V on VBUS; TPS736xx: its enable is low below 0.5 V
# MBR0540 at 25 degrees: 10 uA at the most at 20 V; at 60 degrees 18 times that, between the data
# sheet's 25 and 100 degrees
LEAKS = {25: 10e-6, 60: 180e-6}


def simulate():
    """[{case, temperature, pull-up, VBUS, U5's pin 5}]."""
    rows = []
    for temperature, leak in LEAKS.items():
        for pull_up in (900, 1575):
            for revision in ("A", "B"):
                deck = [
                    f".temp {temperature}",
                    *circuit.usb(3.55, leak, pull_up, revision == "A"),
                ]
                curves = spice.run(
                    f"backfeed {revision}", deck, "1m 2 0 2m uic", ["v(vbus)", "v(usb5)"]
                )
                rows.append(
                    {
                        "revision": revision, "temperature": temperature, "pull_up_ohm": pull_up,
                        "vbus_v": round(curves["v(vbus)"][-1], 3),
                        "behind_d5_v": round(curves["v(usb5)"][-1], 3),
                    }
                )  # fmt: skip
    return rows


def check(rows):
    """VBUS stays dead, and with it U4's enable, which hangs on it; revision A's circuit with its
    10 kohm is seen to fail."""
    for row in rows:
        if row["revision"] == "B":
            assert row["vbus_v"] < LIMIT, row
    worst = max(row["vbus_v"] for row in rows if row["revision"] == "A")
    assert worst > LIMIT, worst
