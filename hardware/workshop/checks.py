"""What must hold before a board may be ordered: generators and files agree, ERC, DRC,
simulations."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import kicad
import lands
import solids
import symbols
from files import load

_HERE = Path(__file__).resolve().parent


def draw(board, *folder):
    """Sheet and board from their tables, into the board's folder or another."""
    words = [sys.executable, str(_HERE / "draw.py"), str(board), *map(str, folder)]
    subprocess.run(words, check=True, timeout=600)


def agree(board):
    """Draw symbols, sheet and board again and compare with the files, byte for byte."""
    if symbols.LIBRARY.read_text(encoding="utf-8") != symbols.library_text():
        raise SystemExit(f"{symbols.LIBRARY.name} is not what symbols.py draws: run symbols.py")
    for name, land in lands.FILES.items():
        if (lands.FOLDER / f"{name}.kicad_mod").read_text(encoding="utf-8") != land():
            raise SystemExit(f"{name}.kicad_mod is not what lands.py draws: run lands.py")
    for name in (*solids.BOXES, *solids.CANS):
        if (solids.FOLDER / f"{name}.step").read_text(encoding="utf-8") != solids.text(name):
            raise SystemExit(f"{name}.step is not what solids.py draws: run solids.py")
    with tempfile.TemporaryDirectory() as folder:
        draw(board, folder)
        for fresh in Path(folder).iterdir():
            if fresh.read_bytes() != (board / fresh.name).read_bytes():
                raise SystemExit(f"{fresh.name} is not what its tables say: make.py draw")
    print(f"{board.name}: sheet and board are what their generators draw")


def _report(board, kind, target):
    """KiCad's ERC or DRC as a dict, without the date that would change with every run."""
    if kind == "erc":
        kicad.cli(
            "sch",
            "erc",
            "--severity-all",
            "--format",
            "json",
            "-o",
            target,
            board / f"{board.name}.kicad_sch",
        )
    else:
        kicad.cli("pcb", "drc", "--severity-all", "--schematic-parity", "--format", "json", "-o",
        target,
                  board / f"{board.name}.kicad_pcb")  # fmt: skip
    report = json.loads(Path(target).read_text(encoding="utf-8"))
    report.pop("date", None)
    return report


def findings(board):
    """{what: how many} of ERC and DRC, and the two reports."""
    with tempfile.TemporaryDirectory() as folder:
        erc = _report(board, "erc", Path(folder) / "erc.json")
        drc = _report(board, "drc", Path(folder) / "drc.json")
    counts = {
        "ERC": sum(len(sheet["violations"]) for sheet in erc["sheets"]),
        "DRC": len(drc["violations"]),
        "unconnected": len(drc["unconnected_items"]),
        "parity": len(drc["schematic_parity"]),
    }
    return counts, erc, drc


def rules(board):
    """ERC and DRC with schematic parity; writes reports/ and fails on any finding, warnings
    too."""
    counts, erc, drc = findings(board)
    reports = board / "reports"
    reports.mkdir(exist_ok=True)
    for name, report in (("erc", erc), ("drc", drc)):
        (reports / f"{name}.json").write_text(
            json.dumps(report, indent=1) + "\n", encoding="utf-8"
        )
    print(f"{board.name}: " + ", ".join(f"{what} {count}" for what, count in counts.items()))
    if any(counts.values()):
        raise SystemExit(f"see {reports}")


def route(board):
    """Route from the bare board, take out what dangles, draw the board and check it."""
    import pcb
    import router

    layout = load(board, "layout")
    routes, target = board / "routes.json", board / f"{board.name}.kicad_pcb"
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / target.name
        pcb.draw(board, bare, layout, with_routes=False)
        grounds = getattr(layout, "GROUNDS", None)
        stitch = getattr(layout, "STITCH", 3.0)
        if not router.route(bare, routes, layout.WIDE_NETS, layout.TOP_NETS, grounds, stitch):
            print("the router left conflicts: move some parts")
    for _ in range(6):
        pcb.draw(board, target, layout)
        counts, _, drc = findings(board)
        if not router.prune(routes, drc):
            break
    rules(board)


def simulate(board, plots):
    """Run the board's simulations; each raises when a limit is missed."""
    words = ["--plots"] if plots else []
    venv = _HERE.parent / "build" / "venv" / "bin" / "python"
    python = str(venv) if plots and venv.exists() else sys.executable
    subprocess.run(
        [python, str(_HERE / "simulation.py"), str(board), *words], check=True, timeout=1800
    )
