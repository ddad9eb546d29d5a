"""The open collector at 3.3 and 5 V, what its options see of it, and what the 3.3 V rail gives.

Levels asked: a UART's low below 0.4 V and high above 90 % of the rail; SP3485's input low below
0.8 V, high above 2.0; MCP2221A's low below 20 % of 3.3 V and high above 80 %.
"""

import shield
from shield import spice, value

LOADS = {"none": 0.0, "10 mA": 0.010}
UNO_MOST = 0.050  # A that an Arduino Uno R3's 3.3 V gives
RS485_HOST = 0.060  # A that a line with its end closed asks of the host
RS485_A = 0.040  # SP3485 into 54 ohms
DISPLAY_A = 0.020
TO_AIR = 222  # K/W of a SOT-23-5, as han-usb


def simulate():
    rows = []
    for pull in (3.3, 5.0):
        for usb in (3.3, 0.0):
            for temperature in (-25, 60):
                for load in LOADS:
                    lines = [
                        f".temp {temperature}",
                        "Vo opto 0 PULSE(0 1 1m 1u 1u 2m 10m)",
                        f"Bl vio data I = {LOADS[load]}*tanh(V(vio,data)*5)",
                        *shield._MODELS,
                        *shield.receiver((0, 0), 3.3, pull, shield.options(3.3, usb)),
                    ]
                    curves = spice.run(
                        f"output {pull}", lines, "2u 6m 0 2u", ["v(data)", "v(di)", "v(ur)"],
                        shield.OPTIONS,
                    )  # fmt: skip
                    low, high = ({n: spice.at(curves, f"v({n})", at) for n in ("data", "di", "ur")}
                                 for at in (2.5e-3, 5.5e-3))  # fmt: skip
                    rows.append(
                        {
                            "pull_v": pull, "usb_v": usb, "degrees": temperature, "load": load,
                            "low_v": round(low["data"], 3), "high_v": round(high["data"], 3),
                            "rs485_low_v": round(low["di"], 3),
                            "rs485_high_v": round(high["di"], 3),
                            "usb_low_v": round(low["ur"], 3), "usb_high_v": round(high["ur"], 3),
                        }
                    )  # fmt: skip
    return rows


def budget(opto_v):
    """mA of the 3.3 V rail at space, and U7's junction when USB is the supply."""
    own = {
        "coupler": opto_v / value("R6"), "comparators": 0.0003 + 2 * 3.3 / value("R7"),
        "pull-ups": 3.3 / value("R13") + 3.3 / value("R17") + 3.3 / value("R19"),
        "led": 0.7 / value("R18"), "i2c": 2 * 3.3 / value("R15"),
    }  # fmt: skip
    rows = {}
    for name, more in (("alone", 0.0), ("display", DISPLAY_A), ("RS-485", RS485_A)):
        amps = sum(own.values()) + more
        rows[name] = {
            "rail_ma": round(1e3 * amps, 1),
            "u7_junction_at_60": round(60 + TO_AIR * amps * (5.5 - 3.3)),
        }
    rows["pin_ma"] = round(1e3 * 5.0 / value("R14"), 1)
    return rows


def check(rows, rail):
    for row in rows:
        assert row["low_v"] < 0.4, row
        loaded = row["load"] != "none"
        assert row["high_v"] > (0 if loaded else 0.9) * row["pull_v"], row
        assert row["rs485_low_v"] < 0.8 and 2.0 < row["rs485_high_v"] < 3.6 or loaded, row
        if row["usb_v"]:
            assert row["usb_low_v"] < 0.66 and 2.64 < row["usb_high_v"] < 3.6 or loaded, row
        else:
            assert row["usb_high_v"] < 0.3, row  # an unpowered U5 is fed by nothing
    for name in ("alone", "display", "RS-485"):
        most = RS485_HOST if name == "RS-485" else UNO_MOST
        assert rail[name]["rail_ma"] < 1e3 * most, rail
        assert rail[name]["u7_junction_at_60"] < 125, rail
    assert rail["pin_ma"] < 20, rail  # a pin of the Uno set as output against Q2
