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
    most = max(r[what] for r in rows for what in ("wifi_ma", "limit_ma", "plug_ma", "short_ma"))
    assert most < 243 and "below 243 mA" in README
    assert max(r["wifi_ma"] for r in rows) < 190 and "sees 190 mA at the most" in README
    into = [r[what] for r in rows for what in ("plug_ma", "short_ma")]
    assert min(into) >= 100 and max(into) < 145 and "100 … 145 mA into an empty" in README
    assert max(r["short_peak_ma"] for r in rows) < 500 and max(r["short_us"] for r in rows) <= 5
    assert "below 0.5 A, for 5 µs above 250 mA" in README
    assert min(r["least_rail_v"] for r in rows) > 3.2 and "above 3.2 V" in README
    for row in RESULTS["edges"]:
        assert max(row["fall_us"], row["rise_us"]) < 0.7 and row["sink_ma"] < 4.55
    heat = RESULTS["heat"]
    worst = {case: max(r["junction"] for r in heat if r["case"] == case)
             for case in ("any store", "first start")}  # fmt: skip
    assert len(heat) == 9 and f"Q2 at {worst['any store']} °C" in README
    assert f"at the first start {worst['first start']} °C" in README
    assert f"{heat[0]['copper_mm2']} mm² of copper" in README


def test_p1s_store_does_what_its_readme_says():
    store = RESULTS["store"]
    starts = {(r["port"], r["corner"]): r["start_s"] for r in store["start"]}
    assert len(starts) == 12 and round(starts["5 V", "typical"]) == 12
    assert min(starts.values()) >= 9.5 and max(starts.values()) <= 19
    assert "EN after 12 s (10 … 19 s)" in README and "not at once" in README
    docs = text("..", "docs", "hardware.md")
    assert "a store of 0.5 F (first start 12 s)" in docs
    # the bring-up table
    port = next(r for r in RESULTS["port"] if (r["port"], r["corner"]) == ("5 V", "typical"))
    assert port["plug_ma"] == pytest.approx(120, abs=5)
    assert port["limit_ma"] == pytest.approx(220, abs=10)
    assert "| 120 mA, rising to 220 within 15 s," in README and "3.8 V in 12 s" in README
    cells = store["balance"]
    assert len(cells) == 4 and f"{max(r['most_v'] for r in cells)} V while an unequal" in README
    assert max(r["store_v"] for r in cells) / 2 <= 2.65 and "2.65 V each at most" in README
    buys = {(r["port"], r["farad"]): r for r in store["buys"]}
    usual = buys["5 V", 0.5]
    assert usual["wifi_s"] > 4.4 and usual["idle_s"] > 7 and usual["peak_s"] >= 3.5
    least = {what: min(r[what] for r in buys.values()) for what in ("wifi_s", "peak_s")}
    assert least["wifi_s"] > 3.1 and least["peak_s"] > 2.4
    for words in ("4.5 s with WiFi's peaks, 7 s idle", "3.1 s in the worst", "2.4 s in the worst"):
        assert words in README


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

    on = 0.405 * (1 + of("R24") / of("R25") + of("R24") / of("R26"))
    assert f"U7 holds EN** until {on:.2f} V" in README
    assert f"with {2.5 * of('R15') / (of('R15') + of('R16')):.3f} V of a reference" in README
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
