"""The store of 0.5 F: how long the first start takes, that it carries WiFi's start, what each
cell sees while the pair is unequal, and what it buys: seconds without the port, and a long peak.
"""

from math import inf

import port
from port import IDLE, LEAST, PEAK, SENSE, spice, value

# U7: TPS3808G01's threshold within 2 % (its data sheet); the divider's 1 % beside it
THRESHOLDS = {"low": 0.98 * SENSE, "typical": SENSE, "high": 1.02 * SENSE}
RATED = 3.0  # V; a cell
# -10/+30 %: the most unequal pair; U6 gives 10 mA or more
UNEQUAL = {"C1 small": (0.9, 1.3), "C2 small": (1.3, 0.9)}
# The port, and a USB host at its least: D2 is D1's like, so it charges the same store
SOURCES = {**port.PORTS, "USB 4.4 V": 4.4}
END = 28.0
CURVES = ["v(r)", "v(vst)", "v(en)", "v(mid)", "i(Vi)"]


def thresholds(threshold=SENSE):
    """(on, off) of the supervisor in volts at the store."""
    upper, lower, hold = (value(ref) for ref in ("R24", "R25", "R26"))
    on = threshold * (1 + upper / lower + upper / hold)
    held = threshold + (3.3 - threshold) * hold / (hold + value("R10"))
    return on, on - held * upper / hold


def _start(volts, corner, **more):
    return spice.run(
        f"start {volts} {corner}", port.deck(volts, corner, 0, port.plugged(volts), **more),
        f"1m {END} 0 20m uic", CURVES,
    )  # fmt: skip


def starts():
    """[row], and the curves of the typical one."""
    rows, shown = [], None
    for name, volts in SOURCES.items():
        for corner in port.CORNERS:
            run = _start(volts, corner, threshold=THRESHOLDS[corner])
            ready = spice.crossing(run, "v(en)", 1.7)
            after = [i for i, t in enumerate(run["time"]) if ready and t > ready + 0.5]
            rows.append(
                {
                    "port": name, "corner": corner,
                    "start_s": round(ready, 1) if ready else None,
                    "least_rail_v": round(min(run["v(r)"][i] for i in after), 2),
                    "least_store_v": round(min(run["v(vst)"][i] for i in after), 2),
                    "least_en_v": round(min(run["v(en)"][i] for i in after), 2),
                }
            )  # fmt: skip
            if (name, corner) == ("5 V", "typical"):
                shown = run
    return rows, shown


def balance():
    """An unequal pair at the highest port, warm, for D1's drop is least then: while the module
    works, and held in reset, where nothing draws the top off."""
    rows = []
    for name, cells in UNEQUAL.items():
        for load in ("idle", "none"):
            run = spice.run(
                f"balance {name} {load}",
                port.deck(5.5, "high", 0, port.plugged(5.5), load, cells, degrees=50),
                "1m 300 0 50m uic", CURVES,
            )  # fmt: skip
            lower = run["v(mid)"]
            upper = [v - m for v, m in zip(run["v(vst)"], lower, strict=True)]
            rows.append(
                {
                    "cells": name, "module": "works" if load == "idle" else "in reset",
                    "store_v": round(run["v(vst)"][-1], 2),
                    "most_v": round(max(*upper, *lower), 2),
                    "apart_at_end_v": round(abs(upper[-1] - lower[-1]), 3),
                }
            )  # fmt: skip
    return rows


def _until(run, name, level, begin):
    moment = spice.crossing(run, name, level, begin, rising=False)
    return round(moment - begin, 2) if moment else inf


def buys():
    """Without the port, with WiFi's peaks and with the mean alone; and a peak that lasts."""
    rows, gone = [], 0.1
    mean = IDLE + (PEAK - IDLE) * port.LASTING / port.EVERY
    for name, volts in port.PORTS.items():
        for cells in (0.9, 1.0):
            full = {"cells": (cells, cells), "store": volts - 0.55}
            off = spice.pwl([(0, volts), (gone, volts), (gone + 1e-4, 0)])
            row = {"port": name, "farad": round(cells * value("C1") / 2, 2)}
            for what, load in (("wifi", "wifi"), ("idle", "idle")):
                run = spice.run(
                    f"gone {name} {what}",
                    port.deck(volts, "typical", source=off, load=load, **full),
                    "1m 20 0 20m uic", CURVES,
                )  # fmt: skip
                row[f"{what}_s"] = _until(run, "v(en)", 1.0, gone)
                row[f"{what}_back_ua"] = round(
                    -1e6 * min(run["i(Vi)"][i] for i in spice.span(run, 1, 20))
                )
            run = spice.run(
                f"peak {name}", port.deck(volts, "low", load="peak", **full),
                "1m 20 0 20m uic", CURVES,
            )  # fmt: skip
            row["peak_s"] = _until(run, "v(en)", 1.0, 0.01)
            rows.append(row)
    assert mean < 0.13
    return rows


def simulate():
    first, shown = starts()
    return {"start": first, "balance": balance(), "buys": buys()}, shown


def check(found):
    for row in found["start"]:
        assert row["start_s"] and 5 < row["start_s"] < 25, row
        assert row["least_rail_v"] > LEAST and row["least_en_v"] > 2.5, row
    for row in found["balance"]:
        assert row["most_v"] <= RATED, row
        assert row["apart_at_end_v"] < 0.05, row
    for row in found["buys"]:
        assert row["wifi_s"] > 2 and row["idle_s"] > 3 and row["peak_s"] > 1, row
        assert max(row["wifi_back_ua"], row["idle_back_ua"]) < 100, row
    for threshold in THRESHOLDS.values():
        on, off = thresholds(threshold)
        # reached from USB's least behind D2; off above what U3 needs for the module's least
        assert on < 4.4 - 0.3 and off > LEAST + 0.02, (on, off)
