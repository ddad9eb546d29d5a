"""How warm Q2, Q5 and U4 get: power by the transistor-level circuit, junction by the data sheet's
thermal resistance for the copper that the board has.

Q2: more is drawn than the limiter gives, so the bulk lies low, between the lock-out's two ends.
Q5: COM ENABLE is shorted (`com.faults`). U4: USB at 5.5 V and WiFi's mean.
"""

import port
from circuit import CORNERS, HERE, spice, value
from copper import AMBIENT, MOST, poured, resistance

BOARD = HERE.parent / "mep.kicad_pcb"
TO_AIR = 222  # K/W of a SOT-23-5, as han-usb


def _row(part, case, watts, area):
    return {
        "part": part, "case": case, "watts": round(watts, 2), "copper_mm2": round(area),
        "junction": round(AMBIENT + watts * resistance(area)),
    }  # fmt: skip


def simulate(shorts):
    """`shorts`: rows of com.faults."""
    rows = []
    area = poured(BOARD, "/VBULK")
    for corner in CORNERS:
        # 160 mA from the rail: more than any corner's limiter carries
        lines = port.deck(28.0, corner, AMBIENT, True, 3.0, wifi=False)
        lines[lines.index("Bl r 0 I = 0")] = "Bl r 0 I = 0.16"
        lines.append("Bx bulk 0 I = 0.012*tanh(V(bulk))")  # COM ENABLE shorted besides
        curves = spice.run(
            f"heat {corner}", lines, "20u 0.3 0 50u uic", ["v(vin)", "v(e)", "v(bulk)"]
        )
        time, energy = curves["time"], 0.0
        for i in spice.span(curves, 0.1, 0.3):
            amps = (curves["v(vin)"][i] - curves["v(e)"][i]) / value("R1")
            energy += amps * (curves["v(e)"][i] - curves["v(bulk)"][i]) * (time[i] - time[i - 1])
        rows.append(_row("Q2", f"28 V, overloaded, {corner}", energy / 0.2, area))
    watts = max(row["q5_w"] for row in shorts)
    rows.append(
        _row("Q5", "COM ENABLE shorted, 27.5 V at the bulk", watts, poured(BOARD, "/VCOM"))
    )
    mean = 0.12  # A, WiFi's mean with bursts; R18 and D3 take their part of 2.2 V
    drop = 5.5 - 0.35 - value("R18") * mean - 3.3
    rows.append(
        {
            "part": "U4", "case": "USB 5.5 V, 120 mA", "watts": round(mean * drop, 2),
            "copper_mm2": 0, "junction": round(AMBIENT + TO_AIR * mean * drop),
        }
    )  # fmt: skip
    return rows


def check(rows):
    for row in rows:
        assert row["junction"] <= MOST, row
        assert row["part"] != "Q2" or row["copper_mm2"] >= 100, row
