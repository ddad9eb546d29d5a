"""COM ENABLE: its level under load, its edges after GPIO6, what it gives into a short circuit, and
what it leaves when GPIO6 is low or open, at both ends of the bulk's voltage."""

import circuit
from circuit import CORNERS, TEMPERATURES, spice

LEAST, MOST = 9.0, 12.0  # V
LOADS = {"none": 1e9, "5 mA": 2.2e3, "10 mA": 1.1e3}
BULKS = (circuit.lock_out()[1], 27.5)
OFF = 0.5  # V that count as off
RISE, FALL = 1e-3, 20e-3  # s; kWhisper waits a second
START, STOP, END = 1e-3, 20e-3, 60e-3
SHORT = 20e-3  # A, at the most


def deck(corner, temperature, bulk, load, gpio):
    return [
        *circuit.models(corner, temperature),
        circuit.zener(corner, temperature),
        f"Vb bulk 0 {bulk}",
        *circuit.com_enable(corner, gpio),
        f"Rload com 0 {load}",
    ]


def simulate(corners=CORNERS, temperatures=TEMPERATURES):
    rows = []
    on_off = spice.pwl([(0, 0), (START, 0), (START + 1e-6, 3.3), (STOP, 3.3), (STOP + 1e-6, 0)])
    for corner in corners:
        for temperature in temperatures:
            for bulk in BULKS:
                for name, load in LOADS.items():
                    curves = spice.run(
                        f"com {corner}", deck(corner, temperature, bulk, load, on_off),
                        f"10u {END} 0 20u", ["v(com)", "i(Vb)"],
                    )  # fmt: skip
                    level = spice.at(curves, "v(com)", STOP - 1e-3)
                    rise = spice.crossing(curves, "v(com)", 0.9 * level) - START
                    fall = spice.crossing(curves, "v(com)", OFF, STOP, rising=False)
                    rows.append(
                        {
                            "corner": corner, "temperature": temperature,
                            "bulk_v": round(bulk, 1), "load": name, "level_v": round(level, 2),
                            "takes_ma": round(-1e3 * spice.at(curves, "i(Vb)", STOP - 1e-3), 2),
                            "rise_us": round(1e6 * rise),
                            "fall_ms": round(1e3 * (fall - STOP), 1) if fall else None,
                        }
                    )  # fmt: skip
    return rows


def faults():
    """Into a short circuit, and off with GPIO6 low or open."""
    rows = []
    for corner in CORNERS:
        for temperature in TEMPERATURES:
            short = spice.run(
                f"short {corner}", deck(corner, temperature, BULKS[1], 1.0, "3.3"),
                "20u 20m 0 50u", ["v(com)", "v(vcom)", "v(cs)", "i(Vb)"],
            )  # fmt: skip
            amps = spice.at(short, "v(com)", 15e-3) / 1.0
            drop = spice.at(short, "v(cs)", 15e-3) - spice.at(short, "v(vcom)", 15e-3)
            left = []
            for gpio in ("0", None):
                off = spice.run(
                    f"off {corner}", deck(corner, temperature, BULKS[1], 1e9, gpio),
                    "20u 20m 0 50u", ["v(com)"],
                )  # fmt: skip
                left.append(spice.at(off, "v(com)", 15e-3))
            rows.append(
                {
                    "corner": corner, "temperature": temperature,
                    "short_ma": round(1e3 * amps, 1), "q5_w": round(amps * drop, 2),
                    "low_v": round(left[0], 3), "open_v": round(left[1], 3),
                }
            )  # fmt: skip
    return rows


def check(rows, wrong):
    for row in rows:
        assert LEAST < row["level_v"] < MOST, row
        assert row["rise_us"] < 1e6 * RISE and row["fall_ms"] < 1e3 * FALL, row
    for row in wrong:
        assert row["short_ma"] < 1e3 * SHORT, row
        assert row["low_v"] < OFF and row["open_v"] < OFF, row
