"""Everything made from a board's sheet and layout: pictures and tables to look at, files for a
board house.

Committed: docs/ (schematic, renders), fab/ (BOM, pick-and-place). Not committed,
in build/: gerbers, drill, their zip, STEP, interactive BOM.
"""

import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import dimensions
import kicad
import netlist
import sexpr
from files import load

_HERE = Path(__file__).resolve().parent
_MODELS = _HERE.parent / "build" / "3dmodels"
_LAYERS = "F.Cu,B.Cu,F.Mask,B.Mask,F.Paste,B.Paste,F.SilkS,B.SilkS,Edge.Cuts"
# view: how far to zoom into a board twice as wide as high, and from where
_VIEWS = {
    "top": (1.7, "--side", "top"),
    "bottom": (1.7, "--side", "bottom"),
    "perspective": (1.05, "--side", "top", "--perspective", "--rotate", "-40,0,-24"),
}
_DRAWINGS = {
    "copper-top": "F.Cu,F.Mask,F.SilkS,Edge.Cuts",
    "copper-bottom": "B.Cu,B.Mask,Edge.Cuts",
    "assembly": "F.Fab,F.Mask,Edge.Cuts",
}


def _parts(board):
    return load(board, "parts").PARTS


def _models(board):
    """Debian's 3D models of the parts used, unpacked from the package without installing its
    gigabytes; the package stays in build/ for the other boards."""
    wanted = set()
    text = (board / f"{board.name}.kicad_pcb").read_text(encoding="utf-8")
    for path in re.findall(r'\(model "\$\{KICAD9_3DMODEL_DIR\}/([^"]+)"', text):
        wanted.add(str(Path(path).with_suffix(".step")))
        wanted.add(str(Path(path).with_suffix(".wrl")))
    installed = kicad.share() / "3dmodels"
    if (installed / "Package_SO.3dshapes").is_dir():
        return installed
    _MODELS.mkdir(parents=True, exist_ok=True)
    looked_for = _MODELS / "looked-for.txt"
    known = set(looked_for.read_text().split("\n")) if looked_for.exists() else set()
    missing = sorted(wanted - known)
    if not missing:
        return _MODELS
    download = _HERE.parent / "build"
    if not list(download.glob("kicad-packages3d*.deb")):
        try:
            subprocess.run(
                ["apt-get", "-q", "download", "-t", "bookworm-backports", "kicad-packages3d"],
                cwd=download, check=True, capture_output=True, timeout=900,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError) as error:
            print(f"no 3D models ({error}): the renders show the bare board")
            return _MODELS if known else None
    package = next(download.glob("kicad-packages3d*.deb"))
    with subprocess.Popen(
        ["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE
    ) as source:
        subprocess.run(
            ["tar", "-x", "-C", str(_MODELS), "--wildcards", "--strip-components=5",
             *(f"*/{name}" for name in missing)],
            stdin=source.stdout, capture_output=True, timeout=900,
        )  # fmt: skip
    looked_for.write_text("\n".join(sorted(known | wanted)))
    return _MODELS


def _drawn(board, kind, source, draw):
    """Draw when `source` is not what the pictures were drawn from: they differ with every run."""
    docs = board / "docs"
    docs.mkdir(exist_ok=True)
    stamps = docs / "sources.json"
    known = json.loads(stamps.read_text(encoding="utf-8")) if stamps.exists() else {}
    now = hashlib.sha256(source.read_bytes()).hexdigest()
    if known.get(kind) == now:
        return
    draw(board, docs, source)
    stamps.write_text(json.dumps(known | {kind: now}, indent=1) + "\n", encoding="utf-8")


def schematic(board):
    """The sheet as PDF, SVG and PNG."""
    _drawn(board, "schematic", board / f"{board.name}.kicad_sch", _schematic)


def _schematic(board, docs, sheet):
    kicad.cli("sch", "export", "pdf", "-o", docs / "schematic.pdf", sheet)
    build = board / "build"
    build.mkdir(exist_ok=True)
    kicad.cli("sch", "export", "svg", "-o", build, sheet)
    shutil.move(build / f"{board.name}.svg", docs / "schematic.svg")
    _png(docs / "schematic.svg", docs / "schematic.png", 2600)


def renders(board):
    """Top, bottom and perspective; and each layer of copper as a drawing."""
    _drawn(board, "renders", board / f"{board.name}.kicad_pcb", _renders)


def _renders(board, docs, layout):
    models = _models(board)
    width, height = dimensions.size(layout)
    for name, (zoom, *view) in _VIEWS.items():
        # the picture is 16 by 9: a squarer board fits by its height
        zoom *= min(1.0, width / height / (16 / 9))
        if name == "perspective" and width <= 50 and height <= 25:
            zoom *= 0.86  # a board as small as its jacks are tall
        look = [*view, "--zoom", f"{zoom:.2f}", "-w", "1600", "-h", "900", "--quality", "basic",
                "--background", "opaque"]  # fmt: skip
        kicad.cli("pcb", "render", *look, "-o", docs / f"{name}.png", layout, models=models)
    drawings = {name: (layers, ()) for name, layers in _DRAWINGS.items()}
    sides = {sexpr.one(f, "layer")[1] for f in sexpr.every(sexpr.load(layout), "footprint")}
    if "B.Cu" in sides:
        # parts on the back: their places as the reader sees them
        drawings["assembly-bottom"] = ("B.Fab,B.Mask,Edge.Cuts", ("--mirror",))
    for name, (layers, how) in drawings.items():
        drawing = board / "build" / f"{name}.svg"
        plain = ["--mode-single", "--page-size-mode", "2", "--exclude-drawing-sheet", *how]
        kicad.cli("pcb", "export", "svg", *plain, "-l", layers, "-o", drawing, layout)
        _png(drawing, docs / f"{name}.png", 2000)


def _png(drawing, target, width):
    words = ["rsvg-convert", "-w", str(width), "-b", "white", "-o", str(target), str(drawing)]
    subprocess.run(words, check=True, timeout=120)


def bom(board):
    """BOM with part numbers, second source, how both were checked, and an empty column for the
    buyer's price; references as the netlist has."""
    parts, checked = _parts(board), load(board, "checked")
    components, _ = netlist.read(board / f"{board.name}.kicad_sch")
    groups = {}
    for ref in components:
        row = parts[ref]
        if row["bom"]:
            fields = row["fields"]
            value = fields["MPN"] if ref.startswith(("J", "SW")) else row["value"]
            key = (fields["MPN"], value, row["footprint"].split(":")[1])
            groups.setdefault(key, []).append(ref)
    fab = board / "fab"
    fab.mkdir(exist_ok=True)
    with open(fab / "bom.csv", "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(
            [
                "References",
                "Quantity",
                "Value",
                "Footprint",
                "Manufacturer",
                "MPN",
                "Second source",
                "Checked",
                "Price",
            ]
        )
        for (mpn, value, footprint), refs in sorted(
            groups.items(), key=lambda item: _natural(item[1][0])
        ):
            refs.sort(key=_natural)
            fields = parts[refs[0]]["fields"]
            second = fields["Second source"]
            evidence = checked.number(mpn)
            if not second.startswith("none"):
                evidence += "; second " + checked.number(second.rsplit(" ", 1)[1])
            table.writerow([" ".join(refs), len(refs), value, footprint, fields["Manufacturer"],
                            mpn, second, evidence, ""])  # fmt: skip


def values(board):
    """docs/values.md: every part with the reason for its value, and what was checked."""
    lines = [
        f"# Every value of {board.name} and its reason",
        "",
        "Written by `make -C hardware` from `parts.py`: do not edit.",
        "",
        "| part | value | why |",
        "|---|---|---|",
    ]
    groups = {}
    for ref, row in _parts(board).items():
        groups.setdefault((row["value"], row["why"]), []).append(ref)
    for (value, why), refs in sorted(groups.items(), key=lambda item: _natural(item[1][0])):
        lines.append(f"| {' '.join(sorted(refs, key=_natural))} | {value} | {why} |")
    checked = load(board, "checked")
    lines += ["", "## Pins and ratings: checked against what", ""]
    lines += [f"Order numbers: last column of the BOM. {' '.join(checked.__doc__.split())}", ""]
    lines += ["| part | checked |", "|---|---|"]
    lines += [f"| {ref} | {text} |" for ref, text in sorted(checked.PINS.items())]
    text = "\n".join(lines) + "\n"
    (board / "docs" / "values.md").write_text(text, encoding="utf-8")


def _natural(ref):
    letters, number = re.match(r"(\D+)(\d+)", ref).groups()
    return letters, int(number)


def fabrication(board):
    """Gerbers, drill and their zip in build/; pick-and-place in fab/, all from one origin, the
    board's lower left corner; STEP."""
    layout, build, fab = board / f"{board.name}.kicad_pcb", board / "build", board / "fab"
    gerbers = build / "gerbers"
    shutil.rmtree(gerbers, ignore_errors=True)
    gerbers.mkdir(parents=True)
    kicad.cli(
        "pcb", "export", "gerbers", "--no-protel-ext", "--use-drill-file-origin", "-l", _LAYERS,
        "-o", f"{gerbers}/", layout,
    )  # fmt: skip
    kicad.cli("pcb", "export", "drill", "--excellon-separate-th", "--drill-origin", "plot",
              "--generate-map", "--map-format", "pdf",
              "-o", f"{gerbers}/", layout)  # fmt: skip
    with zipfile.ZipFile(
        build / f"{board.name}-gerbers.zip", "w", zipfile.ZIP_DEFLATED
    ) as archive:
        for file in sorted(gerbers.iterdir()):
            archive.write(file, file.name)
    kicad.cli("pcb", "export", "pos", "--format", "csv", "--units", "mm",
    "--use-drill-file-origin",
              "--exclude-dnp", "-o", fab / "positions.csv", layout)  # fmt: skip
    kicad.cli("pcb", "export", "step", "--force", "--subst-models", "-o",
    build / f"{board.name}.step", layout,
              models=_models(board))  # fmt: skip


def jlc(board):
    """fab/jlc-*.csv: BOM and positions with the headers that JLCPCB's upload reads; their order
    codes where a published list showed one."""
    parts, checked, fab = _parts(board), load(board, "checked"), board / "fab"
    with open(fab / "positions.csv", newline="", encoding="utf-8") as file:
        placed = list(csv.DictReader(file))
    with open(fab / "jlc-positions.csv", "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(
            ["Designator", "Val", "Package", "Mid X", "Mid Y", "Rotation", "Layer"]
        )  # fmt: skip
        for row in placed:
            place = f"{float(row['PosX']):.4f}mm", f"{float(row['PosY']):.4f}mm"
            turn = f"{float(row['Rot']) % 360:g}"
            table.writerow([row["Ref"], row["Val"], row["Package"], *place, turn, row["Side"]])
    groups = {}
    for row in placed:
        mpn = parts[row["Ref"]]["fields"]["MPN"]
        groups.setdefault((mpn, row["Package"]), []).append(row["Ref"])
    with open(fab / "jlc-bom.csv", "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["Comment", "Designator", "Footprint", "LCSC Part #", "MPN"])
        for (mpn, package), refs in sorted(groups.items(), key=lambda g: _natural(g[1][0])):
            comment = f"{parts[refs[0]]['value']} {mpn}"
            code = checked.LCSC.get(mpn, "")
            table.writerow([comment, ",".join(sorted(refs, key=_natural)), package, code, mpn])


def revision(board):
    """What the sheet's title block says."""
    text = (board / f"{board.name}.kicad_sch").read_text(encoding="utf-8")
    return re.search(r'\(rev "([^"]+)"\)', text).group(1)


def release(board):
    """build/NAME-REVISION.zip: all that a buyer needs, in one file."""
    build, name = board / "build", f"{board.name}-{revision(board)}"
    files = [
        *sorted((board / "fab").glob("*.csv")),
        *sorted((board / "case").glob("*.stl")),
        build / f"{board.name}-gerbers.zip",
        build / f"{board.name}.step", build / "ibom.html", board / "docs" / "schematic.pdf",
        *sorted((board / "docs").glob("assembly*.png")), board / "docs" / "dimensions.svg",
        board / "docs" / "values.md", board / "README.md",
        board / "CHANGELOG.md", board.parent / "LICENSE", board.parent / "NOTICE",
    ]  # fmt: skip
    with zipfile.ZipFile(build / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            if file.name != "ibom.html" or file.exists():  # it needs build/venv
                archive.write(file, f"{name}/{file.name}")


def interactive_bom(board):
    """build/ibom.html, by InteractiveHtmlBom: its code is a third party's, so the page is not
    committed."""
    python = _HERE.parent / "build" / "venv" / "bin" / "python"
    if not python.exists():
        print("no interactive BOM: `make` sets up build/venv")
        return
    env = os.environ | {"INTERACTIVE_HTML_BOM_NO_DISPLAY": "1"}
    subprocess.run(
        [str(python), "-m", "InteractiveHtmlBom.generate_interactive_bom", "--no-browser",
        "--dest-dir",
         str(board / "build"), "--name-format", "ibom", "--extra-fields", "MPN,Manufacturer",
         "--blacklist",
         "TP*,H*,JP*", str(board / f"{board.name}.kicad_pcb")],
        check=True, capture_output=True, timeout=300, env=env,
    )  # fmt: skip


def case(board):
    """case/: floor, lid, picture and check by enclosure.py, when board or table changed; needs
    build/case-venv and the STEP."""
    if not (board / "case.py").exists():
        return
    known = board / "case" / "results.json"
    if known.exists():
        results = json.loads(known.read_text(encoding="utf-8"))
        sources = {"board": board / f"{board.name}.kicad_pcb", "table": board / "case.py"}
        if all(
            results[name] == hashlib.sha256(path.read_bytes()).hexdigest()
            for name, path in sources.items()
        ):
            return
    python = _HERE.parent / "build" / "case-venv" / "bin" / "python"
    if not python.exists():
        print("no case: `make` sets up build/case-venv")
        return
    subprocess.run([str(python), str(_HERE / "enclosure.py"), str(board)], check=True, timeout=900)


def drawing(board):
    """docs/dimensions.svg, for whoever makes a case."""
    text = dimensions.svg(board / f"{board.name}.kicad_pcb")
    (board / "docs" / "dimensions.svg").write_text(text, encoding="utf-8")


_STEPS = (
    schematic, bom, values, drawing, renders, fabrication, jlc, interactive_bom, case, release,
)  # fmt: skip


def everything(board):
    """All of it, in an order that lets a person look early."""
    for step in _STEPS:
        step(board)
        print(f"{board.name}: {step.__name__}", file=sys.stderr)
