"""dist/web/: a page that puts kWhisper onto a new board from the browser, without this package.

The page is tools/web_flasher; with it go esptool-js and qrcode-generator, fetched from the npm
registry by name, version and hash, and the filesystems of every chip for every size of flash.
MicroPython is not in it: the user picks the official file. Serve the folder over https, or from
localhost.
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
QRCODE = "qrcode-generator@2.0.4"
QRCODE_SHA256 = "ea91d7118a5395289170da848b7c6758b996163bfbccf312591ab65a4911b7c0"
_TIMEOUT = 300
_MB = 1024 * 1024
_FLASH_SIZES = (4 * _MB, 8 * _MB, 16 * _MB)


class Unavailable(Exception):
    """There is no npm here, or it cannot fetch."""


def fetched(package: str, file: str, digest: str) -> bytes:
    """A package's one file, an ECMAScript module."""
    target = BUILD / "web_flasher"
    path = target / "node_modules" / package.partition("@")[0] / file
    if not path.exists():
        npm = shutil.which("npm")
        if not npm:
            raise Unavailable(f"npm fetches {package} for dist/web: install it (apt install npm)")
        target.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--silent", "--ignore-scripts", "--prefix", str(target)]
        done = subprocess.run([*command, package], capture_output=True, timeout=_TIMEOUT)
        if done.returncode:
            raise Unavailable(f"npm: {done.stderr.decode(errors='replace')[-300:]}")
    data = path.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != digest:
        raise SystemExit(f"web: the SHA-256 of {package} is {found}")
    return data


def make(out: Path) -> Path:
    """Make out/web; returns it. The builds of the chips lie in `out` already."""
    folder = out / "web"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(PAGE, folder)
    esptool = fetched(ESPTOOL, "bundle.js", ESPTOOL_SHA256)
    (folder / "esptool.js").write_bytes(esptool)
    (folder / "qrcode.js").write_bytes(fetched(QRCODE, "dist/qrcode.mjs", QRCODE_SHA256))
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
