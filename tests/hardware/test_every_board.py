"""What must hold for every board: committed files agree with their sources, what a person orders
is whole, READMEs and firmware say what the board is."""

import hashlib
import json
import re
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
import board_rules  # noqa: E402
import mutations_any  # noqa: E402
from bench import (  # noqa: E402
    ALL,
    KICAD_PYTHON,
    READERS,
    SIZES,
    footprints,
    need_kicad,
    run,
    table,
    text,
)
from board_rules import HARDWARE, every, one  # noqa: E402


@pytest.fixture(params=ALL)
def design(request):
    return ALL[request.param]


def test_mutations_are_seen(design):
    """`python tests/hardware/mutations_any.py BOARD` lists them."""
    rows = mutations_any.run(design)
    missed = [words for words, seen in rows if not seen]
    assert len(rows) >= 30
    assert len(rows) - len(missed) >= mutations_any.LEAST * len(rows), missed


# -- rules of KiCad -------------------------------------------------------------------------------


def test_reports_of_erc_and_drc_are_empty_warnings_too(design):
    erc, drc = (json.loads(text(design.name, "reports", f"{r}.json")) for r in ("erc", "drc"))
    assert [sheet["violations"] for sheet in erc["sheets"]] == [[]]
    assert drc["violations"] == drc["unconnected_items"] == drc["schematic_parity"] == []
    for report in (erc, drc):
        assert {"error", "warning"} <= set(report["included_severities"])


# Half a minute a board; `make -C hardware check` does the same and more.
@pytest.mark.slow
@pytest.mark.parametrize("board", ALL)
def test_kicad_finds_nothing_in_the_files_of_today(board):
    need_kicad()
    script = (
        "import sys; from pathlib import Path; import checks\n"
        "board = Path(sys.argv[1]); checks.agree(board); print(checks.findings(board)[0])"
    )
    done = run(script, HARDWARE / board, python=KICAD_PYTHON)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "{'ERC': 0, 'DRC': 0, 'unconnected': 0, 'parity': 0}" in done.stdout


# -- what a person orders -------------------------------------------------------------------------


def test_every_part_says_why_and_every_number_was_checked(design, monkeypatch):
    assert [ref for ref, row in design.parts.items() if not row["why"]] == []
    monkeypatch.syspath_prepend(str(HARDWARE / "workshop"))
    checked = board_rules.module(design.folder / "checked.py", "checked_any")
    values = text(design.name, "docs", "values.md")
    for row in table(design.name, "fab", "bom.csv"):
        second = row["Second source"]
        assert row["MPN"] and row["Manufacturer"] and row["Price"] == ""
        assert "TBD" not in row["MPN"]
        assert row["Checked"].startswith(checked.number(row["MPN"]))
        if second.startswith("none"):
            assert second == "none: sole source"
        else:
            maker, number = second.rsplit(" ", 1)
            assert maker != row["Manufacturer"] != number
            assert row["Checked"].endswith("second " + checked.number(number))
        first = row["References"].split()[0]
        assert first[0] not in "UQ" or first == "Q3" or first in checked.PINS
    for ref, words in checked.PINS.items():
        assert f"| {ref} | {words} |" in values, ref


def test_bom_and_positions_have_every_part(design):
    fitted = sorted(design.fitted())
    bom, jlc_bom, jlc, positions = (
        table(design.name, "fab", f"{name}.csv")
        for name in ("bom", "jlc-bom", "jlc-positions", "positions")
    )
    assert sorted(ref for row in bom for ref in row["References"].split()) == fitted
    assert all(int(row["Quantity"]) == len(row["References"].split()) for row in bom)
    places = {row["Ref"]: row for row in positions}
    assert sorted(places) == sorted(row["Designator"] for row in jlc) == fitted
    width, height = SIZES[design.name]
    for ref, row in places.items():
        assert 0 <= float(row["PosX"]) <= width and 0 <= float(row["PosY"]) <= height, ref
    # the headers are those that the house's upload reads
    assert {"Designator", "Mid X", "Mid Y", "Rotation", "Layer"} <= set(jlc[0])
    assert {"Comment", "Designator", "Footprint", "LCSC Part #"} <= set(jlc_bom[0])
    assert {"Ref", "Val", "Package", "PosX", "PosY", "Rot", "Side"} == set(positions[0])
    assert sorted(ref for row in jlc_bom for ref in row["Designator"].split(",")) == fitted
    for row in jlc:
        ours = places[row["Designator"]]
        for axis in "XY":
            mid = float(row[f"Mid {axis}"].removesuffix("mm"))
            assert mid == pytest.approx(float(ours[f"Pos{axis}"]))
        assert (float(row["Rotation"]) - float(ours["Rot"])) % 360 == 0
        assert row["Layer"] == ours["Side"]


def test_the_houses_list_has_the_order_codes_that_are_known(design, monkeypatch):
    monkeypatch.syspath_prepend(str(HARDWARE / "workshop"))
    import evidence

    rows = table(design.name, "fab", "jlc-bom.csv")
    assert {row["MPN"]: row["LCSC Part #"] for row in rows} == {
        row["MPN"]: evidence.LCSC.get(row["MPN"], "") for row in rows
    }, "make -C hardware"
    assert all(re.fullmatch(r"(C\d+)?", row["LCSC Part #"]) for row in rows)
    assert sum(bool(row["LCSC Part #"]) for row in rows) >= 10


def test_the_board_file_itself_tells_a_house_what_to_fit_and_to_draw(design):
    """Houses that read KiCad's files take maker and number from the parts; each part that is
    fitted has a body in STEP and renders, our own ones as a true solid."""
    parts = footprints(design)
    for ref in design.fitted():
        fields = {str(p[1]): str(p[2]) for p in every(parts[ref], "property")}
        wanted = design.parts[ref]["fields"]
        assert fields["MPN"] == wanted["MPN"] and fields["Manufacturer"] == wanted["Manufacturer"]
        models = [str(model[1]) for model in every(parts[ref], "model")]
        assert models, f"{ref} has no body"
        for model in models:
            if "KIPRJMOD" in model:
                file = design.folder / model.removeprefix("${KIPRJMOD}/")
                assert file.with_suffix(".step").exists(), ref


def test_pictures_and_drawing_are_those_of_today(design):
    docs = design.folder / "docs"
    for name in ("schematic.pdf", "schematic.svg", "top.png", "bottom.png", "perspective.png"):
        head = (docs / name).read_bytes()
        assert len(head) > 20_000
        assert head.startswith((b"%PDF", b"\x89PNG")) or re.search(rb"<svg|<\?xml", head[:200])
    drawn_from = json.loads((docs / "sources.json").read_text())
    for kind, suffix in (("schematic", ".kicad_sch"), ("renders", ".kicad_pcb")):
        source = (design.folder / f"{design.name}{suffix}").read_bytes()
        assert drawn_from[kind] == hashlib.sha256(source).hexdigest(), "make -C hardware"
    import dimensions

    drawing = dimensions.svg(design.folder / f"{design.name}.kicad_pcb")
    assert (docs / "dimensions.svg").read_text(encoding="utf-8") == drawing, "make -C hardware"


def test_a_release_holds_all_that_a_buyer_needs(tmp_path, monkeypatch):
    import zipfile

    monkeypatch.syspath_prepend(str(HARDWARE / "workshop"))
    import produce

    board = tmp_path / "hardware" / "han-usb"
    made = ["han-usb-gerbers.zip", "han-usb.step", "ibom.html"]
    wanted = {
        *("bom.csv", "positions.csv", "jlc-bom.csv", "jlc-positions.csv", "floor.stl", "lid.stl"),
        *("schematic.pdf", "dimensions.svg", "values.md", "README.md"),
        *(file.name for file in (HARDWARE / "han-usb" / "docs").glob("assembly*.png")),
        *("CHANGELOG.md", "LICENSE", "NOTICE"), *made,
    }  # fmt: skip
    for folder in ("fab", "case", "docs"):
        shutil.copytree(HARDWARE / "han-usb" / folder, board / folder)
    for name in ("README.md", "CHANGELOG.md", "han-usb.kicad_sch"):
        shutil.copy(HARDWARE / "han-usb" / name, board)
    for name in ("LICENSE", "NOTICE"):
        shutil.copy(HARDWARE / name, board.parent)
    (board / "build").mkdir()
    with pytest.raises(FileNotFoundError):  # no gerbers: no release
        produce.release(board)
    for name in made:
        (board / "build" / name).write_text(name)
    produce.release(board)
    name = f"han-usb-{produce.revision(board)}"
    with zipfile.ZipFile(board / "build" / f"{name}.zip") as archive:
        assert {file.removeprefix(f"{name}/") for file in archive.namelist()} == wanted


# -- READMEs, docs --------------------------------------------------------------------------------


def test_readme_names_what_asserts_each_claim(design):
    readme = text(design.name, "README.md")
    for word in ("not yet built", "not EMC-tested", "CERN-OHL-P", "## Safety", "## Known limits"):
        assert word in readme, word
    ratings = readme.split("## Ratings")[1].split("\n## ")[0]
    for name in set(re.findall(r"`(\w+)` \|$", ratings, re.M)):
        assert (design.folder / "sim" / f"{name}.py").exists(), name
    rows = [line for line in ratings.splitlines() if line.startswith("|")][2:]
    assert all(re.search(r"(`\w+`|test.*|not checked.*) \|$", row) for row in rows), rows
    assert (design.folder / "CHANGELOG.md").stat().st_size > 200
    assert design.name in text("README.md")
    docs = text("..", "docs", "hardware.md")
    assert f"](../hardware/{design.name}/README.md)" in docs
    assert f"](../hardware/{design.name}/docs/perspective.png)" in docs
    ratings = " ".join(ratings.split("| | |")[0].split())
    assert "figure elsewhere on this page without a row here" in ratings
    assert "not checked by a test" in ratings


def test_the_readmes_figures_for_a_board_house_are_the_boards(design):
    words = " ".join(text(design.name, "README.md").split())
    layers = [row for row in one(design.board, "layers")[1:] if str(row[1]).endswith(".Cu")]
    assert len(layers) == 2 and "2 layers" in words
    least = min(float(one(track, "width")[1]) for track in every(design.board, "segment"))
    assert f"least track {least:g} mm" in words
    rules = design.project["board"]["design_settings"]["rules"]
    assert f"least gap {rules['min_clearance']:g} mm" in words
    drills = {one(via, "drill")[1] for via in every(design.board, "via")}
    assert drills == {"0.3"} and re.search(r"least drill 0\.3 mm", words)
    # by hand: nothing smaller than 0603, no leads under a body; but what the README names
    lands = {ref: land.split(":")[1] for ref, land in design.lands.items()}
    hidden = {ref for ref, land in lands.items() if re.search(r"QFN|BGA|LGA|SON", land)}
    assert hidden == {"mbus-simulator": {"U2"}, "han-selfpowered": {"U2"}, "mep": {"U1"}}.get(
        design.name, set()
    )
    sizes = [re.match(r"[RCL]_(\d{4})_", land) for land in lands.values()]
    assert min(int(size.group(1)) for size in sizes if size) >= 603


def test_the_report_of_the_simulations_is_written_from_their_results(design):
    done = run(
        "import json, sys, run; print(run.report(json.load(open(sys.argv[1]))), end='')",
        design.folder / "sim" / "results.json", board=design.name,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == text(design.name, "sim", "README.md")


# -- module, firmware -----------------------------------------------------------------------------


GPIO = {0: "18", 1: "17", 4: "3", 5: "4", 6: "5", 7: "6", 8: "7", 9: "8", 10: "10"}  # pin
# board: module, what the firmware's row must lead to
_USUAL = {"button": "BOOT", "led": "LED", "tx": "IO8"}
_POWER = {"store": "ADC_STORE", "power_fail": "PF"}
PINS = {
    "han-usb": ("U4", _USUAL | {"rx": "HAN_RX"}),
    "p1": ("U4", _USUAL | {"rx": "P1_RX"}),
    "han-selfpowered": ("U6", _USUAL | _POWER | {"rx": "HAN_RX", "bus": "ADC_BUS"}),
    "mep": ("U6", _USUAL | _POWER | {"rx": "MEP_RX", "tx": "MEP_TX", "enable": "COM_ON",
                                     "bus": "ADC_PORT"}),
}  # fmt: skip


@pytest.mark.parametrize("board", PINS)
def test_the_firmwares_row_has_the_boards_pins(board):
    design, row = ALL[board], board_rules.firmware_row(board)
    module, nets = PINS[board]
    pins = vars(row) | getattr(row, "supply", {})
    assert {name: design.net(module, GPIO[pins[name]]) for name in nets} == nets
    assert row.led_on == 0
    if nets["tx"] == "IO8":  # the UART's TX, which is never used: the pull-up of a strap alone
        other = {ref for ref, _ in design.nets["IO8"]} - {module}
        assert len(other) == 1 and other.pop()[0] == "R"


@pytest.mark.parametrize(
    ("board", "bus", "store"),
    [("mep", ("R34", "R35"), ("R36", "R37")), ("han-selfpowered", ("R25", "R26"), ("R27", "R28"))],
)
def test_the_firmwares_row_has_the_dividers_of_the_voltages(board, bus, store):
    supply = board_rules.firmware_row(board).supply
    for name, refs in (("bus_divider", bus), ("store_divider", store)):
        top, bottom = (board_rules.scaled(ALL[board].parts[ref]["value"]) for ref in refs)
        assert supply[name] == round(1000 * (top + bottom) / bottom)


@pytest.mark.parametrize("board", READERS)
def test_docs_have_the_pins_of_the_firmwares_row(board):
    row = board_rules.firmware_row(board)
    pin = rf"\| {row.name} \| GPIO{row.rx} \| GPIO{row.button} \|"
    assert re.search(pin, text("..", "docs", "hardware.md")), f"{row.name}: table of pins"
