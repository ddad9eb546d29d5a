"""dist/: what goes onto the chips.

    dist/xtensa_6.3/        ESP8266; kwhisper.romfs for a slot of its ROMFS partition
    dist/xtensawin_6.3/     ESP32, S2, S3; kwhisper.littlefs for a whole new filesystem
    dist/rv32imc_6.3/       ESP32-C3, C6; the same
    …/files                 boot.py and main.py, for the root of the filesystem
    …/tree                  what one slot holds; boot.py finds the slots
    kwhisper-VERSION-ARCH.kwu   the same as an update over the network (kwu.py)
    …/package.json          the decoder alone (meterwire/), for mip
    dist/manifest.py        for those who freeze it into a MicroPython of their own

The same sources give the same bytes.
"""

import ast
import json
import shutil
from pathlib import Path

from kwhisper_tools.build import images, kwu, tree
from kwhisper_tools.paths import FIRMWARE

SLOT = "slots/a"  # the first of boot.py's slots
_LIBRARY = "lib/meterwire/"

_MANIFEST = """\
# kWhisper for those who build a MicroPython of their own. In your manifest:
#     include("$(PORT_DIR)/boards/manifest.py")
#     include("…/dist/manifest.py", arch="{default}")
# arch is the folder of your chip. Only code can be frozen: copy boot.py, main.py, the pages
# (static.pack) and the tables (*.json) of tree/ to the device's filesystem.
options.defaults(arch="{default}")
metadata(description="kWhisper, the meter reader", version="{version}")
freeze_mpy(options.arch + "/tree")
"""


def version(package: str, name: str) -> str:
    """The version that a package of firmware/ states in its __init__.py, without running it."""
    module = ast.parse((FIRMWARE / package / "__init__.py").read_text("utf-8"))
    for node in module.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return str(ast.literal_eval(node.value))
    raise ValueError(f"{package}/__init__.py says no {name}")


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
    start = {name: file.read_bytes() for name, file in tree.start_files().items()}
    folder = dist / chip.folder
    shutil.rmtree(folder, ignore_errors=True)
    slot = dict(made.files)
    if chip.image == "romfs":
        image = images.romfs(slot)
    else:
        # What a slot says of itself: the device's page tells which version lies in the other one.
        told = kwu.manifest(made.files, chip.march, version("kwhisper", "VERSION"))
        slot["manifest"] = told
        image = images.littlefs(start | _in_slot(slot))
    if chip.image_budget is not None and len(image) > chip.image_budget:
        raise SystemExit(
            f"build: the image for the {chip.name} has {len(image)} bytes, {chip.image_budget} fit"
        )
    for name, data in start.items():
        _write(folder / "files" / name, data)
    for path, data in slot.items():
        _write(folder / "tree" / path, data)
    _write(folder / f"kwhisper.{chip.image}", image)
    _write_package(folder, made.files)
    return made, len(image)


def filesystem(folder: Path) -> dict[str, bytes]:
    """{path: data} of a whole new filesystem, of a chip's folder that was made."""
    start, slot = (
        {p.relative_to(top).as_posix(): p.read_bytes() for p in top.rglob("*") if p.is_file()}
        for top in (folder / "files", folder / "tree")
    )
    return start | _in_slot(slot)


def _in_slot(files: dict[str, bytes]) -> dict[str, bytes]:
    # Of the manifest a device keeps what it says of the version: its first line.
    kept = files | {"manifest": files["manifest"].partition(b"\n")[0] + b"\n"}
    return {f"{SLOT}/{path}": data for path, data in kept.items()}


def write_manifest(dist: Path) -> None:
    """dist/manifest.py."""
    _write(dist / "manifest.py", manifest().encode())


def write_update(made: tree.Tree, out: Path, key=None) -> Path | None:
    """The version as an update, signed if there is a key; None for a chip that takes none."""
    if made.chip.image == "romfs":
        return None
    return kwu.write(made.files, made.chip.march, version("kwhisper", "VERSION"), out, key)


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
