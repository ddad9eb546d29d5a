"""What holds for every board: see board_rules.py; and that these checks see what they are for."""

import hashlib
import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
import board_rules  # noqa: E402
import mutations  # noqa: E402
from bench import ALL as BOARDS  # noqa: E402
from bench import KICAD_PYTHON, need, run  # noqa: E402


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


def test_our_solids_are_closed_and_kicad_takes_them_for_the_renders_shapes():
    import re

    import solids

    corners = dict.fromkeys(solids.BOXES, 4) | {n: c[3] for n, c in solids.CANS.items()}
    for name, count in corners.items():
        text = (solids.FOLDER / f"{name}.step").read_text(encoding="utf-8")
        assert text == solids.text(name) and (solids.FOLDER / f"{name}.wrl").exists()
        assert text.count("ADVANCED_FACE(") == count + 2
        assert text.count("EDGE_CURVE(") == 3 * count
        # every edge is walked once each way: the shell is closed
        walked = re.findall(r"ORIENTED_EDGE\('',\*,\*,(#\d+),(\.[TF]\.)\)", text)
        assert len(walked) == len(set(walked)) == 6 * count
    for name in solids.CANS:
        text = (solids.FOLDER / f"{name}.wrl").read_text(encoding="utf-8")
        assert text == solids.wrl(name)


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


def test_a_creepage_rule_holds_between_two_grounds_and_their_pours():
    """What an isolated board needs of the workshop: several grounds, and a .kicad_dru that pours
    and DRC obey."""
    need("kicad-cli")
    folders = (board_rules.HARDWARE / "workshop", board_rules.HARDWARE / "p1" / "p1.kicad_pro")
    done = run("two_grounds.py", *folders, python=KICAD_PYTHON)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["apart"][0] == [] and found["apart"][1] >= 6
    assert found["near"][0] == ["clearance"]
    assert found["without"][1] < 1


# -- cases ----------------------------------------------------------------------------------------

CASES = sorted(file.parent.name for file in board_rules.HARDWARE.glob("*/case.py"))


def test_every_board_has_a_case():
    assert sorted(BOARDS) == CASES


@pytest.mark.parametrize("board", CASES)
def test_the_case_was_checked_against_the_board_of_today(board):
    """Nothing of a part within 0.5 mm, nothing of case or lid in the board or in one another."""
    folder = board_rules.HARDWARE / board
    results = json.loads((folder / "case" / "results.json").read_text(encoding="utf-8"))
    for name, path in (("board", folder / f"{board}.kicad_pcb"), ("table", folder / "case.py")):
        assert results[name] == hashlib.sha256(path.read_bytes()).hexdigest(), "make cases"
    assert results["parts"] > 30 and results["near"] == [] and results["within_gap_mm3"] == 0
    assert results["into_the_board_mm3"] == results["floor_into_lid_mm3"] == 0
    assert results["edge_gap_mm"] >= 0.5 and results["wall_mm"] >= 2
    table = board_rules.module(folder / "case.py", "case")
    assert results["tallest_mm"] + 0.5 <= table.ABOVE
    assert results["lowest_mm"] - 0.5 >= -table.BELOW


@pytest.mark.parametrize("board", CASES)
def test_the_parts_of_the_case_are_closed_solids(board):
    import enclosure

    folder = board_rules.HARDWARE / board / "case"
    for name in ("floor", "lid"):
        assert enclosure.open_edges(folder / f"{name}.stl") == 0
        assert sum(1 for _ in enclosure.triangles(folder / f"{name}.stl")) > 100
    assert (folder / "case.png").stat().st_size > 5_000


def test_an_open_solid_is_seen(tmp_path):
    import enclosure

    whole = (board_rules.HARDWARE / CASES[0] / "case" / "lid.stl").read_bytes()
    count = int.from_bytes(whole[80:84], "little")
    (tmp_path / "open.stl").write_bytes(
        whole[:80] + (count - 1).to_bytes(4, "little") + whole[84 : 84 + 50 * (count - 1)]
    )
    assert enclosure.open_edges(tmp_path / "open.stl") > 0
