"""mbus-simulator: what its README says of its simulations."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
from bench import ALL, results, text  # noqa: E402

DESIGN = ALL["mbus-simulator"]
README, RESULTS = text("mbus-simulator", "README.md"), results("mbus-simulator")


def test_the_simulators_results_keep_what_its_readme_says():
    levels = RESULTS["levels"]
    assert {(r["mark"], r["corner"], r["load_ma"]) for r in levels} == {
        (m, c, load) for m in (24, 26, 36) for c in ("low", "typical", "high")
        for load in (0, 15, 30)
    }  # fmt: skip
    assert all(abs(r["mark_v"] / r["mark"] - 1) <= 0.05 for r in levels)
    swings = [r["swing_v"] for r in levels]
    assert f"{min(swings):.1f} … {max(swings):.1f} V" in README
    assert max(max(r["fall_us"], r["rise_us"]) for r in levels) < 10  # README: below 10 us
    turns, trips = RESULTS["trip_ma"], RESULTS["trip"]
    assert f"{turns['low']} … {turns['high']} mA" in README
    after = [r["trips_after_us"] for r in trips if r["trips_after_us"]]
    assert min(after) >= 54 and max(after) <= 58 and "54 … 58 µs" in README
    for row in trips:
        stays = row["case"].startswith(("30 mA", "60 mA"))
        assert (row["trips_after_us"] is None) == stays, row
    shorts = [r["limited_ma"] for r in trips if r["case"] == "short circuit"]
    assert f"{min(shorts):.0f} … {max(shorts):.0f} mA" in README
    assert "switched off within 60 µs (`trip`)" in README
    assert sum(shorts) / len(shorts) == pytest.approx(100, abs=5)  # sheet, parts, README
    assert "limits to about 100 mA" in " ".join(README.split())
    assert RESULTS["back"]["off_s"] == pytest.approx(62, abs=1)
    assert max(r["usb_a"] for r in RESULTS["power"] if r["vs_v"] < 41) < 0.4
    assert all(r["right"] == r["sent"] and not r["tripped"] for r in RESULTS["readers"])
    assert {r["mark"] for r in RESULTS["readers"]} == {24, 26, 36}
    assert not RESULTS["plugged"]["tripped"]
    for volts in RESULTS["supply_v"].values():
        assert f"{volts:.1f}" in README


def test_the_simulators_reasons_and_bring_up_say_what_was_found():
    rows = {(r["mark"], r["corner"], r["load_ma"]): r["mark_v"] for r in RESULTS["levels"]}
    drops = [rows[m, c, 0] - rows[m, c, 30] for m, c, load in rows if load == 0]
    assert min(drops) > 0.55 and max(drops) < 0.65 and "the mark falls by 0.6 V only" in README
    half = [rows[24, c, 0] - rows[24, c, 15] for c in ("low", "typical", "high")]
    at_24_ma = max(h + 9 / 15 * (d - h) for h, d in zip(half, drops, strict=False))
    assert at_24_ma < 0.55 and "falls by 0.5 V at the most" in README
    supply = {int(mark): volts for mark, volts in RESULTS["supply_v"].items()}
    words = "{:g} V; jumper 26: {:g} V; jumper 36: {:g} V".format(*(supply[m] for m in supply))
    assert words in README and "VS {:g}/{:g}/{:g} V".format(*supply.values()) in README
    below = [supply[m] - rows[m, "typical", 0] for m in supply]
    assert min(below) > 1.1 and max(below) < 1.25 and "about 1.2 V below TP1" in README
    powers = RESULTS["power"]
    duties = [r["duty"] for r in powers]
    assert f"a duty of {min(duties):.2f} … {max(duties):.2f}" in README
    assert max(r["usb_a"] for r in powers) < 0.4 and "below 0.4 A" in README
