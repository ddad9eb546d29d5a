"""han-usb: what its README says of its simulations, and what it shares."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from bench import ALL, results, text  # noqa: E402

DESIGN = ALL["han-usb"]
README, RESULTS = text("han-usb", "README.md"), results("han-usb")


def test_han_usbs_results_keep_what_its_readme_says():
    rows = RESULTS["reader"]
    assert len(rows) == 24 and all(r["right"] == r["sent"] == 11 for r in rows)
    load = [r["mark_ma"] for r in rows]
    assert f"{min(load)} … {max(load)} mA" in README
    assert {r["mark"] for r in RESULTS["driven"]} == {24, 26, 36}
    assert all(r["right"] == 11 and not r["tripped"] for r in RESULTS["driven"])
    assert min(r["least_rail_v"] for r in RESULTS["supply"]) > 3.28
    assert max(r["u3_junction_at_50"] for r in RESULTS["supply"]) == 113 and "113 °C" in README


def test_han_usbs_bus_side_is_han_selfpowereds():
    """The parts between jack and GPIO carry the same order numbers and values."""
    ours, theirs = DESIGN.parts, ALL["han-selfpowered"].parts
    same = {"J1": "J1", "F1": "F1", "D1": "D1", "D3": "D3", "U1": "U1", "R1": "R1", "R2": "R2",
            "R3": "R3", "R4": "R4", "C1": "C1", "C2": "C2", "C3": "C3", "R5": "R34"}  # fmt: skip
    for mine, other in same.items():
        for what in ("value", "footprint", "fields"):
            assert ours[mine][what] == theirs[other][what], mine
