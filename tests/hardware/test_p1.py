"""p1: what its README says of its simulations and values; both sides of its board; its case."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
import board_rules  # noqa: E402
from bench import ALL, footprints, results, table, text  # noqa: E402
from board_rules import one  # noqa: E402

DESIGN = ALL["p1"]
README, RESULTS = text("p1", "README.md"), results("p1")


def test_p1s_results_keep_what_its_readme_says():
    rows = RESULTS["port"]
    assert {r["corner"] for r in rows} == {"low", "typical", "high"} and len(rows) == 9
    most = max(max(r["most_ma"], r["plug_ma"]) for r in rows)
    assert most < 243 and "below 243 mA" in README
    assert min(r["least_rail_v"] for r in rows) > 3.03 and "above 3.03 V" in README
    ready = [r["ready_ms"] for r in rows]
    assert min(ready) >= 11 and max(ready) <= 21 and "11 … 21 ms" in README
    for row in RESULTS["edges"]:
        assert max(row["fall_us"], row["rise_us"]) < 0.7 and row["sink_ma"] < 4.55
    heat = RESULTS["heat"]
    assert len(heat) == 6 and f"Q2 at {max(r['junction'] for r in heat)} °C" in README


def test_p1s_parts_stand_on_both_sides_and_the_tall_ones_above():
    sides = {ref: one(f, "layer")[1] for ref, f in footprints(DESIGN).items()}
    assert {sides[ref] for ref in ("J1", "J2", "C1", "C2", "SW1", "SW2", "D3")} == {"F.Cu"}
    assert sides["U4"] == sides["J3"] == sides["Q2"] == "B.Cu"
    rows = {row["Ref"]: row["Side"] for row in table("p1", "fab", "positions.csv")}
    assert all((rows[ref] == "bottom") == (sides[ref] == "B.Cu") for ref in rows)


def test_p1s_reasons_and_start_are_by_its_values():
    parts = DESIGN.parts

    def of(ref):
        return board_rules.scaled(parts[ref]["value"])

    assert f"EN after {1e3 * of('R10') * of('C8'):.0f} ms" in README
    # 3 m of cable at 100 pF/m, jacks and meter 150 pF; 10 to 90 % take 2.2 times RC
    edges = {ohms: 2.2 * ohms * 450e-12 for ohms in (of("R6"), 1e3)}
    assert edges[of("R6")] < 0.7e-6 and edges[1e3] == pytest.approx(1e-6, rel=0.02)
    assert f"R6 {parts['R6']['value']} Ω" in README and "1 kΩ would make edges of 1 µs" in README


def test_p1s_case_leaves_room_for_jacks_and_plugs():
    case = board_rules.module(DESIGN.folder / "case.py", "p1_case")
    places = {ref: [float(v) for v in one(f, "at")[1:3]] for ref, f in footprints(DESIGN).items()}
    side, middle, width, low, high = case.OPENINGS["J1 P1, J2 P1 on"]
    # turned by 180 degrees: bodies of 13.2 mm from 9.78 left to 3.42 mm right of pin 1
    assert side == "N" and middle - width / 2 <= places["J1"][0] - 100 - 9.78 - 0.4
    assert middle + width / 2 >= places["J2"][0] - 100 + 3.42 + 0.4
    assert low <= -0.5 and high >= 12.6 + 0.5
    # their fronts reach over the board's edge, not through the wall
    assert 80 - (3.6 - 0.1) < places["J1"][1] - 16.77 == places["J2"][1] - 16.77 < 80
    side, middle, width, low, high = case.OPENINGS["J3 USB"]
    # a plug's body of 12.4 x 6.5 mm around the mouth, 1.6 mm below the board of 1.6 mm
    assert side == "S" and middle == pytest.approx(places["J3"][0] - 100) and width >= 12.4
    assert low <= -3.2 - 3.25 and high >= -3.2 + 3.25
