"""mep: what its README says of its simulations and values; both sides of its board; its case."""

import math
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
import board_rules  # noqa: E402
from bench import ALL, footprints, pad, results, table, text  # noqa: E402
from board_rules import every, one  # noqa: E402

DESIGN = ALL["mep"]
README, RESULTS = text("mep", "README.md"), results("mep")


def test_meps_results_keep_what_its_readme_says():
    port = RESULTS["port"]
    assert len(port) == 27 and {r["port"] for r in port} == {"24 V", "26 V", "28 V"}
    assert max(r["plug_peak_ma"] for r in port) < 45
    assert max(max(r["plug_steady_ma"], r["run_peak_ma"]) for r in port) < 37
    assert "below 37 mA" in README and "45 mA for less than 0.1 ms" in README
    watts = [r["plug_steady_ma"] * float(r["port"][:2]) for r in port if r["port"] != "28 V"]
    assert max(watts) < 960 and "0.96 W" in README
    assert min(r["least_rail_v"] for r in port) > 3.2 and "above 3.2 V" in README
    first = {r["supply"]: (r["en_after_s"], r["wifi_after_s"]) for r in RESULTS["energy"]}
    assert first["typical"] == pytest.approx((55, 61), abs=0.6)
    assert first["least"] == pytest.approx((76, 83), abs=0.5)
    gives = [r["charge_ma"] for r in RESULTS["charging"]]
    assert f"gives {min(gives):.0f} to {max(gives):.0f} mA at 3.3 V" in README
    start = "EN after 55 s, WiFi after 61 s; 76 s and 83 s with the weakest"
    assert start in README
    watts = "220 to 340 mW | 61 s"
    assert watts in text("..", "docs", "power.md")
    assert round(3.3 * min(gives), -1) == 220 and round(3.3 * max(gives), -1) == 340
    assert min(r["seconds"] for r in RESULTS["hold_up"]) >= 8
    com = RESULTS["com"]
    levels = [r["level_v"] for r in com]
    assert f"{min(levels):.1f} to {max(levels):.1f} V" in README
    docs = text("..", "docs", "hardware.md")
    assert f"COM ENABLE ({min(levels):.1f} to {max(levels):.1f} V)" in docs
    bare = [r["level_v"] for r in com if r["load"] == "none"]
    assert f"| VBULK; {min(bare):.0f} to {max(bare):.1f} V |" in README
    assert max(r["rise_us"] for r in com) < 300 and max(r["fall_ms"] for r in com) < 7
    assert max(r["short_ma"] for r in RESULTS["com_faults"]) < 19
    heat = {r["part"]: r["junction"] for r in RESULTS["heat"]}
    assert f"Q5 at {heat['Q5']} °C" in README
    sent = RESULTS["sending"]
    assert min(min(-r["mark_v"], r["space_v"]) for r in sent) > 3.7
    assert max(r["edge_us"] for r in sent) < 3.2
    assert all(abs(r["bit"] - 1) < 0.02 for r in RESULTS["receiving"])
    assert RESULTS["swaps"][0]["permutations"] == 120 and RESULTS["swaps"][0]["port_ma"] < 40
    fail = RESULTS["powerfail"]
    assert max(r["high_above_v"] for r in fail) < 14 and max(r["falls_after_us"] for r in fail) < 9
    assert max(r["vbus_v"] for r in RESULTS["backfeed"]) < 0.2


def test_meps_reasons_are_by_its_values():
    parts = DESIGN.parts

    def of(ref):
        return board_rules.scaled(parts[ref]["value"])

    on = 1.212 * (1 + of("R3") / of("R4"))
    off = 1.144 * (1 + of("R3") / (of("R4") + of("R5")))
    assert f"the buck starts at {on:.0f} V, stops at {off:.1f} V" in README
    assert f"keeps the bulk between {off:.1f} and {on:.0f} V" in README
    usual = 1e3 * 0.62 / of("R1")
    limits = [r["plug_steady_ma"] for r in RESULTS["port"]]
    assert f"makes {min(limits)} to {max(limits)} mA of\n  it (`port`)" in README
    assert f"limiter {usual:.0f} mA" in README and f"{usual:.0f} mA while C1 fills" in README
    most = 1 / 26
    assert f"below 1 W at 26 V, which is {1e3 * most - 0.05:.1f} mA" in README
    rail = 1.223 * (1 + of("R6") / of("R7"))
    empty, filling = RESULTS["bench"]
    assert f"gives 90 mA and takes {filling['port_ma']} mA at 24 V" in README
    assert f"rising from {empty['port_ma']} to {filling['port_ma']} mA within a minute" in README
    bulk = f"{filling['bulk_v']:.0f} to {empty['bulk_v']} V"
    assert f"| TP1 VBULK | {bulk} |" in README
    fill = of("C1") * 23 / (1e-3 * usual)
    assert fill == pytest.approx(0.04, abs=0.005) and "while C1 fills (40 ms)" in README
    store = 1 / (1 / of("C4") + 1 / of("C5"))
    assert f"{rail:.2f} V ─ {store:g} F" in README


def test_meps_lines_reach_rx_and_tx_with_either_setting_of_the_shunts():
    # UART: the receiver's output reaches RX, TX the driver's input
    assert DESIGN.net("U5", "12") == DESIGN.net("R29", "2")
    assert DESIGN.net("R29", "1") == "MEP_RX" and DESIGN.net("U5", "11") == "MEP_TX"
    # either setting of J3 joins driver and receiver with one line each
    for shunts in ((("1", "3"), ("2", "4")), (("3", "5"), ("4", "6"))):
        joined = {frozenset(DESIGN.net("J3", pad) for pad in pair) for pair in shunts}
        assert {name for pair in joined for name in pair} == {"R_IN", "T_OUT", "A232", "B232"}


def test_meps_store_and_usb_side_are_han_selfpowereds():
    """What was simulated there carries the same order numbers and values."""
    ours, theirs = DESIGN.parts, ALL["han-selfpowered"].parts
    same = {
        "U1": "U2", "L1": "L1", "C2": "C5", "R42": "R12", "R6": "R13", "R7": "R14",
        "C4": "C7", "C5": "C8",
        "U2": "U3", "R10": "R17", "R11": "R18", "R12": "R19", "R13": "R20", "R16": "R23",
        "R17": "R36", "D3": "D5", "R18": "R24", "U4": "U4", "U3": "U5", "U6": "U6",
    }  # fmt: skip
    for mine, other in same.items():
        assert ours[mine]["value"] == theirs[other]["value"], mine
        assert ours[mine]["fields"]["MPN"] == theirs[other]["fields"]["MPN"] or mine == "R6", mine


def test_meps_case_leaves_room_for_the_five_wires_and_the_usb_plug():
    case = board_rules.module(DESIGN.folder / "case.py", "mep_case")
    layout = text("mep", "layout.py")
    x, y, turn = map(float, re.search(r'"J1": \(([\d.]+), ([\d.]+), (\d+)\)', layout).groups())
    side, middle, width, low, high = case.OPENINGS["J1 MEP, five wires"]
    # 17.5 mm of terminals, their wires' side towards the wall, the first 1.75 mm above pin 1
    assert (side, turn) == ("W", 270) and x < 6
    assert middle - width / 2 <= y - 1.75 and middle + width / 2 >= y + 4 * 3.5 + 1.75
    assert low <= 0 and high >= 9  # PT 1,5-H is 8.5 mm high
    jack = float(re.search(r'"J2": \(([\d.]+),', layout).group(1))
    side, middle, width, low, high = case.OPENINGS["J2 USB"]
    # a plug's body of 12.4 x 6.5 mm at the most, USB-C's cable standard, around the jack's middle
    assert (side, middle) == ("S", jack) and width >= 12.4 and high - low >= 6.5


def test_meps_back_has_small_parts_alone_and_the_case_leaves_room_for_them():
    """0603 and SOT-23, as the README counts them, clear of the posts of 4 mm beneath the holes."""
    parts = footprints(DESIGN)
    back = {ref for ref, f in parts.items() if one(f, "layer")[1] == "B.Cu"}
    fitted = back & set(DESIGN.fitted())
    assert f"{len(fitted)} of the {len(DESIGN.fitted())} parts on the back" in README
    assert {ref for ref in back if ref not in fitted} == {f"TP{n}" for n in range(1, 8)}
    assert {DESIGN.lands[ref].split(":")[1].split("_1608")[0] for ref in fitted} == {
        "R_0603", "C_0603", "SOT-23",
    }  # fmt: skip
    places = {row["Ref"]: row["Side"] for row in table(DESIGN.name, "fab", "positions.csv")}
    assert {ref for ref, side in places.items() if side == "bottom"} == fitted
    case = board_rules.module(DESIGN.folder / "case.py", "mep_case")
    assert case.BELOW >= 1.3 + 0.5  # a SOT-23 is 1.1 mm high, its solder included 1.3
    for ref in fitted:
        for row in every(parts[ref], "pad"):
            spot = pad(parts, ref, row[1])
            for hole in ("H1", "H2", "H3", "H4"):
                assert math.dist(spot, pad(parts, hole, "")) > 2 + 0.5 + 1, (ref, hole)
