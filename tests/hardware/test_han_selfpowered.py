"""han-selfpowered: values, connectors, orders; the rest of its circuit is in its golden table."""

import math
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
import board_rules  # noqa: E402
from bench import ALL, table, text  # noqa: E402

NAME = "han-selfpowered"
DESIGN = ALL[NAME]
PARTS, README = DESIGN.parts, text(NAME, "README.md")


def ohm(ref):
    return board_rules.scaled(PARTS[ref]["value"])


def test_the_raw_bus_has_a_connector_of_its_own_kind():
    """24 to 42 V on a pin header beside one that carries 3.3 V is an accident waiting."""
    kinds = {ref: PARTS[ref]["footprint"].split(":")[0] for ref in ("J2", "J4", "J5")}
    assert kinds["J2"].startswith("TerminalBlock") and kinds["J4"] == kinds["J5"] != kinds["J2"]


def test_usb_figures_of_the_readme():
    """5 V less D5; R24 and half an ohm of cells and U4; the store up to EN's threshold."""
    resistance, driving = ohm("R24") + 0.5, 5.0 - 0.36
    assert driving / resistance == pytest.approx(0.44, abs=0.01)
    seconds = resistance * 1.65 * math.log(driving / (driving - 3.06))
    assert seconds == pytest.approx(20, abs=2)
    assert 4.6 - 0.35 - 0.1 * ohm("R24") - 0.04 >= 3.2  # set-up access point, 100 mA, at 4.6 V
    assert 5.0 / (ohm("R23") + ohm("R36")) == pytest.approx(5e-3, rel=0.1)


def test_the_bucks_timing_is_what_the_design_says():
    """LM5165: peak 180 mA by 24.9 k; at least 180 ns on."""
    coil, rail = 100e-6, 3.45
    assert PARTS["L1"]["value"] == "100u" and PARTS["R12"]["value"] == "24k9"
    on = {volts: coil * 0.18 / (volts - rail) for volts in (17, 42)}
    assert on[17] == pytest.approx(1.3e-6, abs=0.05e-6) and on[42] == pytest.approx(
        0.47e-6, abs=0.01e-6
    )
    assert on[42] > 0.18e-6
    period = on[17] + coil * 0.18 / rail
    assert 1 / period == pytest.approx(150e3, rel=0.05)


def test_the_jumpers_of_austria_and_switzerland_are_open():
    """An RJ12 plug's pins 3 and 4 touch pins 4 and 5 of an RJ45 jack."""
    for jumper in ("JP5", "JP6"):
        assert "Open" in PARTS[jumper]["symbol"] and "_Open_" in PARTS[jumper]["footprint"]


def test_supervisor_and_lock_out_thresholds_follow_from_their_resistors():
    """The usual ones; golden_han_selfpowered.py has the worst."""
    on = 0.411 * (1 + ohm("R17") * (1 / ohm("R18") + 1 / ohm("R19")))
    off = 0.405 + 0.405 / ohm("R18") / (1 / ohm("R17") + 1 / (ohm("R19") + ohm("R20")))
    assert on == pytest.approx(3.06, abs=0.02) and off == pytest.approx(2.70, abs=0.02)
    rise = 1.212 * (1 + ohm("R9") / ohm("R10"))
    fall = 1.144 * (1 + ohm("R9") / (ohm("R10") + ohm("R11")))
    assert 17.2 < rise < 17.6 and 15.8 < fall < 16.2


def test_what_has_no_second_source_is_known():
    rows = table(NAME, "fab", "bom.csv")
    alone = [r["References"].split() for r in rows if r["Second source"] == "none: sole source"]
    assert {ref for refs in alone for ref in refs} == {"J1", "U2", "U4", "U6"}
    checked = board_rules.module(DESIGN.folder / "checked.py", "han_checked")
    with pytest.raises(KeyError):
        checked.number("RC0402FR-0710KL")
    assert {"D2", "D4", "D5", "F1", "J1", "J3", "C4", "C7"} <= set(checked.PINS)


def test_readme_says_what_it_must():
    for word in ("Double insulation", "live cabinet", "grid company", "TP1", "TP9"):
        assert word in README, word
    for name in ("CHANGELOG.md", "DESIGN.md"):
        assert (DESIGN.folder / name).stat().st_size > 500
