"""``kwhisper build``: what goes onto the chips, into dist/.

    dist/xtensa_6.3/        ESP8266; kwhisper.romfs for a slot of its ROMFS partition
    dist/xtensawin_6.3/     ESP32, S2, S3; kwhisper.littlefs for a whole new filesystem
    dist/rv32imc_6.3/       ESP32-C3, C6; the same
    …/files                 boot.py and main.py, for the root of the filesystem
    …/tree                  what one slot holds; boot.py finds the slots
    …/sources               of the ESP8266: what was compiled, for the lines of its tracebacks
    …/package.json          the decoder alone (meterwire/), for mip
    dist/manifest.py        for those who freeze it into a MicroPython of their own

The same sources give the same bytes.
"""

import ast
import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from kwhisper_tools import images, tree
from kwhisper_tools.paths import DIST, FIRMWARE

SLOT = "slots/a"  # the first of boot.py's slots
_LIBRARY = "lib/meterwire/"

_MANIFEST = """\
# kWhisper for those who build a MicroPython of their own. In your manifest:
#     include("$(PORT_DIR)/boards/manifest.py")
#     include("…/dist/manifest.py", arch="{default}")
# arch is the folder of your chip. Only code can be frozen: copy boot.py, main.py and the
# folders `static` of tree/ to the device's filesystem.
options.defaults(arch="{default}")
metadata(description="kWhisper, the meter reader", version="{version}")
freeze_mpy(options.arch + "/tree")
"""


def version(package: str, name: str) -> str:
    """The version that a package of firmware/ states in its __init__.py, without running it."""
    tree_of = ast.parse((FIRMWARE / package / "__init__.py").read_text())
    for node in tree_of.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return str(ast.literal_eval(node.value))
    raise ValueError(f"{package}/__init__.py says no {name}")


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _write_package(folder: Path, files: dict[str, bytes]) -> None:
    """The decoder alone, as mip installs it."""
    urls = []
    for path, data in files.items():
        if path.startswith(_LIBRARY):
            name = path.removeprefix("lib/")
            _write(folder / name, data)
            urls.append([name, name])
    package = {"urls": urls, "deps": [], "version": version("lib/meterwire", "__version__")}
    _write(folder / "package.json", (json.dumps(package, indent=1) + "\n").encode())


def manifest() -> str:
    """The text of dist/manifest.py."""
    default = tree.CHIPS["esp32"].folder
    return _MANIFEST.format(default=default, version=version("kwhisper", "VERSION"))


def make(chip: tree.Chip, dist: Path) -> tuple[tree.Tree, int]:
    """Build for one chip into dist/<arch>_6.3; returns its tree and the size of the image."""
    made = tree.make(chip)
    if chip.code_budget is not None and made.machine_code() > chip.code_budget:
        raise SystemExit(
            f"build: {made.machine_code()} bytes of machine code for the {chip.name}, which has "
            f"room for {chip.code_budget}: {made.code}"
        )
    start = {name: text.encode() for name, text in tree.start_texts(chip).items()}
    folder = dist / chip.folder
    shutil.rmtree(folder, ignore_errors=True)
    if chip.image == "romfs":
        image = images.romfs(made.files)
    else:
        slot = {f"{SLOT}/{path}": data for path, data in made.files.items()}
        image = images.littlefs(start | slot)
    if chip.image_budget is not None and len(image) > chip.image_budget:
        raise SystemExit(
            f"build: the image for the {chip.name} has {len(image)} bytes, {chip.image_budget} fit"
        )
    for name, data in start.items():
        _write(folder / "files" / name, data)
    for path, data in made.files.items():
        _write(folder / "tree" / path, data)
    _write(folder / f"kwhisper.{chip.image}", image)
    for path, text in made.texts.items():
        _write(folder / "sources" / path, text.encode())
    # As a library the decoder is what it is elsewhere: modules with their own names.
    library = tree.make(replace(chip, linked=False)) if chip.linked else made
    _write_package(folder, library.files)
    return made, len(image)


def build(
    chip: Annotated[
        str, typer.Option(help=f"One of {', '.join(tree.CHIPS)}, or all.", metavar="CHIP")
    ] = "all",
    out: Annotated[Path, typer.Option(help="The folder to build into.")] = DIST,
) -> None:
    """Make what goes onto the chips, into dist/."""
    from rich.console import Console

    if chip != "all" and chip not in tree.CHIPS:
        raise typer.BadParameter(f"{chip!r} is none of {', '.join(tree.CHIPS)}, all")
    chosen = tree.CHIPS.values() if chip == "all" else [tree.CHIPS[chip]]
    console = Console(width=None if sys.stdout.isatty() else 110)
    rows = []
    for one in chosen:
        try:
            made, size = make(one, out)
        except (ValueError, FileNotFoundError) as error:
            raise SystemExit(f"build: {error}")
        rows.append((one, made, size))
    _write(out / "manifest.py", manifest().encode())
    console.print(_sizes(rows))
    if any(one.code_budget is not None for one, _, _ in rows):
        console.print(_code(next(made for one, made, _ in rows if one.code_budget is not None)))


def _sizes(rows):
    from rich.table import Table

    table = Table("chip", "for", title="Sizes in bytes")
    groups = ("lib/meterwire", "kwhisper/web", "kwhisper", "lib")
    for name in ("files", "meterwire", "web", "kwhisper", "fetched", "linked", "image", "of"):
        table.add_column(name, justify="right")
    for chip, made, size in rows:
        left = dict(made.files)
        sums = {}
        for group in groups:
            mine = [path for path in left if path == group or path.startswith(group + "/")]
            sums[group] = sum(len(left.pop(path)) for path in mine)
        table.add_row(
            chip.name,
            f"{chip.folder}, {chip.image}",
            str(len(made.files)),
            *(str(sums[g]) for g in groups),
            str(sum(len(data) for data in left.values())),
            str(size),
            str(chip.image_budget or "-"),
        )
    return table


def _code(made: tree.Tree):
    """Machine code of every Viper function on each architecture, and what the ESP8266 runs."""
    from rich.table import Table

    arches = [chip.march for chip in tree.CHIPS.values()]
    sizes = {march: tree.viper_sizes(march) for march in arches}
    table = Table("module", "function", title="Viper: bytes of machine code a function")
    for march in arches:
        table.add_column(march, justify="right")
    table.add_column(f"on the {made.chip.name}", justify="right")
    for module, functions in sizes[arches[0]].items():
        for name in functions:
            ours = made.code.get(module, {}).get(name)
            numbers = (str(sizes[march][module][name]) for march in arches)
            table.add_row(module, name, *numbers, str(ours) if ours else "plain")
    table.add_section()
    total = f"{made.machine_code()} of {made.chip.code_budget}"
    table.add_row("", "", *("" for _ in arches), total)
    return table
