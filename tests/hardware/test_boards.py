"""What holds for every board: see board_rules.py; and that these checks see what they are for."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
import board_rules  # noqa: E402
import mutations  # noqa: E402

BOARDS = board_rules.designs()


def test_every_board_has_a_golden_table():
    folders = {file.parent.name for file in board_rules.HARDWARE.glob("*/parts.py")}
    assert set(BOARDS) == folders


@pytest.mark.parametrize("rule", board_rules.RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("board", BOARDS)
def test_board_keeps_the_rule(board, rule):
    assert rule(BOARDS[board]) == []


def test_spoilt_boards_are_seen():
    """43 changes of wiring, lands and values; `python tests/hardware/mutations.py` lists them."""
    rows = mutations.run(BOARDS[mutations.BOARD])
    assert len(rows) == 43
    missed = [words for words, seen in rows if not seen]
    assert len(rows) - len(missed) >= mutations.LEAST, missed


def test_our_solids_are_closed_boxes_that_kicad_takes_for_the_renders_shapes():
    import re

    import solids

    for name, spans in solids.BOXES.items():
        text = (solids.FOLDER / f"{name}.step").read_text(encoding="utf-8")
        assert text == solids.text(name) and (solids.FOLDER / f"{name}.wrl").exists()
        assert text.count("ADVANCED_FACE(") == 6 and text.count("EDGE_CURVE(") == 12
        # every edge is walked once each way: the shell is closed
        walked = re.findall(r"ORIENTED_EDGE\('',\*,\*,(#\d+),(\.[TF]\.)\)", text)
        assert len(walked) == len(set(walked)) == 24
        assert all(low < high for low, high in spans)


@pytest.mark.parametrize(
    ("where", "name", "value"),
    [
        ("rules", "min_clearance", 0.1), ("rules", "min_text_height", 0.6),
        ("settings", "rule_severities", {"clearance": "ignore"}),
        ("settings", "drc_exclusions", ["x"]), ("erc", "erc_exclusions", ["x"]),
    ],
)  # fmt: skip
def test_a_relaxed_rule_is_seen(where, name, value):
    design = BOARDS["han-selfpowered"].copy()
    settings = design.project["board"]["design_settings"]
    place = {"rules": settings["rules"], "settings": settings, "erc": design.project["erc"]}[where]
    place[name] = value
    assert board_rules.rule_set(design)
