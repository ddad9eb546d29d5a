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
                    f"backfeed {revision}", deck, "1m 2 0 2m uic",
                    ["v(vbus)", "v(usb5)", "v(en)"],
                )  # fmt: skip
                rows.append(
                    {
                        "revision": revision, "temperature": temperature, "pull_up_ohm": pull_up,
                        "vbus_v": round(curves["v(vbus)"][-1], 3),
                        "enable_v": round(curves["v(en)"][-1], 3),
                        "behind_d5_v": round(curves["v(usb5)"][-1], 3),
                    }
                )  # fmt: skip
    return rows


def check(rows):
    """VBUS stays dead, and with it U4's enable, at half of it; revision A's circuit with its
    10 kohm, the enable on VBUS, is seen to fail."""
    for row in rows:
        if row["revision"] == "B":
            assert row["vbus_v"] < LIMIT and row["enable_v"] < LIMIT / 1.5, row
    worst = max(row["vbus_v"] for row in rows if row["revision"] == "A")
    assert worst > LIMIT, worst


STANDS = 6.0  # V at U4's input and enable
TURNS_ON = 1.7  # V at U4's enable


def plugged():
    """[{cable, highest voltages while a plug goes in}], 0.3 to 2 m of cable."""
    rows = []
    for cable in (0.3e-6, 1e-6, 1.5e-6):
        for resistance in (0.1, 0.3):
            curves = spice.run(
                "plug", circuit.plug(cable, resistance), "5n 60u 0 5n uic",
                ["v(vbus)", "v(vusb)", "v(en)"],
            )  # fmt: skip
            rows.append(
                {
                    "cable_uh": cable * 1e6, "cable_ohm": resistance,
                    "vbus_v": round(max(curves["v(vbus)"]), 2),
                    "enable_v": round(max(curves["v(en)"]), 2),
                    "input_v": round(max(curves["v(vusb)"]), 2),
                }
            )  # fmt: skip
    return rows


def check_plugged(rows):
    """U4 stands what rings, and its enable goes on at the least voltage of a plug."""
    for row in rows:
        assert row["enable_v"] < STANDS and row["input_v"] < STANDS, row
    half = circuit.ohm("R36") / (circuit.ohm("R23") + circuit.ohm("R36"))
    assert 4.4 * half > TURNS_ON, half
