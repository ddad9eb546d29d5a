"""dist/web/: a page that puts kWhisper onto a new board from the browser, without this package.

The page is tools/web_flasher; with it go esptool-js, fetched from the npm registry by its name,
version and hash, and the filesystems of every chip for every size of flash. MicroPython is not in
it: the user picks the official file. Serve the folder over https, or from localhost.
"""

import gzip
import hashlib
import json
import shutil
import subprocess
from pathlib import Path

from kwhisper_tools.build import dist, images, tree
from kwhisper_tools.commands.official_image import CHIPS, LEAST
from kwhisper_tools.paths import BUILD

PAGE = Path(__file__).resolve().parent.parent / "web_flasher"
ESPTOOL = "esptool-js@0.7.0"
ESPTOOL_SHA256 = "00ebe6fb0b202976d3e2a3c6b9a6bd438c26a81d2af6739c95ac276a64c1a84e"
_TIMEOUT = 300
_MB = 1024 * 1024
_FLASH_SIZES = (4 * _MB, 8 * _MB, 16 * _MB)


class Unavailable(Exception):
    """There is no npm here, or it cannot fetch."""


def esptool_js() -> bytes:
    """esptool-js in one file."""
    target = BUILD / "web_flasher"
    bundle = target / "node_modules" / "esptool-js" / "bundle.js"
    if not bundle.exists():
        npm = shutil.which("npm")
        if not npm:
            raise Unavailable("no npm, which fetches esptool-js for dist/web")
        target.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--silent", "--ignore-scripts", "--prefix", str(target)]
        done = subprocess.run([*command, ESPTOOL], capture_output=True, timeout=_TIMEOUT)
        if done.returncode:
            raise Unavailable(f"npm: {done.stderr.decode(errors='replace')[-300:]}")
    data = bundle.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != ESPTOOL_SHA256:
        raise SystemExit(f"web: the SHA-256 of {ESPTOOL} is {found}")
    return data


def make(out: Path) -> Path:
    """Make out/web; returns it. The builds of the chips lie in `out` already."""
    folder = out / "web"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(PAGE, folder)
    (folder / "esptool.js").write_bytes(esptool_js())
    boards = {}
    for name, flavour in CHIPS.items():
        if flavour.chip_id is None:
            continue  # boot.py and main.py get onto an ESP8266 by its console alone
        files = {}
        for size in _FLASH_SIZES:
            blocks = (size - images.LITTLEFS_OFFSET) // images.BLOCK
            file = folder / f"{flavour.build}-{blocks}.littlefs.gz"
            files[blocks] = file.name
            if not file.exists():
                built = out / tree.CHIPS[flavour.build].folder
                image = images.littlefs(dist.filesystem(built), blocks)
                file.write_bytes(gzip.compress(image, 9, mtime=0))
        boards[_esptools_name(name)] = {
            "chip_id": flavour.chip_id,
            "offset": flavour.offset,
            "wanted": flavour.wanted,
            "page": flavour.page,
            "filesystems": files,
        }
    manifest = {"version": dist.version("kwhisper", "VERSION"), "least": LEAST, "boards": boards}
    text = json.dumps(manifest, indent=1) + "\n"
    (folder / "manifest.json").write_text(text, "utf-8", newline="\n")
    return folder


def _esptools_name(chip: str) -> str:
    """esp32c3: ESP32-C3"""
    family, variant = chip[:5].upper(), chip[5:].upper()
    return f"{family}-{variant}" if variant else family
