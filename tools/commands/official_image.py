"""The official MicroPython images: their names, where they lie, and whether a file is one.

0   E9 segments flash_mode flash_size entry(4)      of every Espressif chip
8   wp_pin drive(3) chip_id(2, little endian) …     not of the ESP8266
"""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

# The oldest MicroPython that kWhisper is tried with, and the file of it that everybody can get.
LEAST = (1, 26)
_TRIED = "20250911-v1.26.1"

_MAGIC = 0xE9
_CHIP_ID = slice(12, 14)
_BANNER = re.compile(rb"MicroPython v(\d+)\.(\d+)[^ ]* on \d{4}-\d\d-\d\d")
_ESP8266 = b"with ESP8266"


@dataclass(frozen=True)
class Flavour:
    """What differs between the chips: which build of `kwhisper build`, which official image, its
    offset in the flash, the number of the chip in the image's head (None: it says none)."""

    build: str
    image: str
    offset: int
    chip_id: int | None

    @property
    def wanted(self) -> str:
        """The name of the file that kWhisper was tried with; a newer one serves as well."""
        return f"{self.image}-{_TRIED}.bin"

    @property
    def page(self) -> str:
        """Where it can be had."""
        return f"micropython.org/download/{self.image.partition('-')[0]}"

    @property
    def without_umqtt(self) -> str:
        """What is said of a MicroPython that lacks umqtt.simple."""
        return (
            "this MicroPython has no umqtt.simple, which kWhisper needs and the official "
            f"image {self.image} has: flash that one (--firmware)"
        )


# chip as esptool calls it
CHIPS = {
    "esp8266": Flavour("esp8266", "ESP8266_GENERIC-FLASH_2M_ROMFS", 0, None),
    "esp32": Flavour("esp32", "ESP32_GENERIC", 0x1000, 0),
    "esp32s2": Flavour("esp32", "ESP32_GENERIC_S2", 0x1000, 2),
    "esp32s3": Flavour("esp32", "ESP32_GENERIC_S3", 0, 9),
    "esp32c3": Flavour("esp32c3", "ESP32_GENERIC_C3", 0, 5),
    "esp32c6": Flavour("esp32c3", "ESP32_GENERIC_C6", 0, 13),
}


def folders() -> list[Path]:
    """Where a download may lie: here, and the folder that browsers save to, which a Linux desktop
    calls by a word of its own language."""
    home = Path.home()
    found = [Path.cwd(), home / "Downloads"]
    config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "user-dirs.dirs"
    try:
        named = re.search(r'^XDG_DOWNLOAD_DIR="(.+)"', config.read_text("utf-8"), re.M)
    except (OSError, UnicodeDecodeError):
        named = None
    if named:
        found.append(Path(named[1].replace("$HOME", str(home))))
    return list(dict.fromkeys(found))


def find(flavour: Flavour, places: list[Path]) -> list[Path]:
    """The official images for a chip in these folders, the newest first by the names' dates."""
    found = [f for folder in places for f in folder.glob(f"{flavour.image}-[0-9]*.bin")]
    return sorted(found, key=lambda f: f.name, reverse=True)


def unlike_its_sum(path: Path, data: bytes) -> str | None:
    """Why the file is not what its publisher's sum beside it (NAME.sha256) says; None without."""
    try:
        told = path.with_name(path.name + ".sha256").read_text("utf-8").split()
    except OSError:
        return None
    found = hashlib.sha256(data).hexdigest()
    if not told or told[0].lower() != found:
        return f"{path} is damaged: its SHA-256 is {found}, {path.name}.sha256 says {told[:1]}"
    return None


def problem(path: Path, chip: str) -> str | None:
    """Why this file is not for this chip, or None; nothing of a board was touched yet."""
    flavour = CHIPS[chip]
    data = path.read_bytes()
    if why := unlike_its_sum(path, data):
        return why
    if not data or data[0] != _MAGIC:
        return f"{path} is not an image for an Espressif chip"
    banner = _BANNER.search(data)
    if not banner:
        return f"{path} is not MicroPython"
    whose = chip_of(data)
    if whose != chip:
        return f"{path} is for an {whose or 'unknown chip'}; for this board get {flavour.wanted}"
    if flavour.chip_id is None and b"VfsRom" not in data:
        return f"{path} has no ROMFS; the ESP8266 needs MicroPython's {flavour.wanted}"
    version = int(banner[1]), int(banner[2])
    if version < LEAST:
        return (
            f"{path} is MicroPython {version[0]}.{version[1]}; kWhisper needs "
            f"{LEAST[0]}.{LEAST[1]} or newer, such as {flavour.wanted}"
        )
    if b"umqtt/simple" not in data:
        return f"{path}: {flavour.without_umqtt}"
    return None


def chip_of(data: bytes) -> str | None:
    """The chip that an image is for, by its head."""
    if _ESP8266 in data:
        return "esp8266"
    number = int.from_bytes(data[_CHIP_ID], "little")
    return next((name for name, f in CHIPS.items() if f.chip_id == number), None)


def how_to_get(chip: str) -> list[str]:
    """What to tell somebody who has not got the image."""
    flavour = CHIPS[chip]
    return [
        f"chip     {chip}",
        f"build    {flavour.image}",
        f"version  {LEAST[0]}.{LEAST[1]} or newer",
        f"file     {flavour.wanted}, or a newer one, from {flavour.page}",
        f"put in   {' or '.join(map(str, folders()))}; or name it: --firmware FILE",
    ]
