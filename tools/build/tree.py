"""What lies where on a device: the sources of this checkout, compiled for one kind of chip.

firmware/X becomes /X, the fetched microdot lies in /lib, boot.py and main.py in the root. Python
becomes .mpy; a Viper module X_v.py also gets its plain twin X_plain.mpy, which runs where the
chip's table of machine code leaves it out; files of a folder `static` are gzipped; tables (.json)
stay as they are. umqtt.simple is frozen into every official image that kWhisper runs on.
"""

import gzip
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from kwhisper_tools.build import constants, mpy
from kwhisper_tools.paths import FIRMWARE, MICRODOT, ROOT, UMQTT

# Kept out of the chip: what serves only the PC.
_PC_ONLY = {"_twin.py", "gcm_host.py", "pyproject.toml", "manifest.py", "py.typed"}
_PC_ONLY_ENDS = (".md", ".pyi")
_FROZEN = "lib/umqtt/"
_VIPER = "_v.py"
_PLAIN = "_plain.py"

_ESP8266 = "esp8266/"
# What the small reader shares with the ESP32's application.
_SHARED = ("kwhisper/__init__.py", "kwhisper/formats/", "lib/meterwire/", "lib/microdot/")

# About 13.7 KB of an ESP32's executable memory can hold nothing else; what is beyond is taken
# from the pool that the heap and the drivers share. What pays there most, by measurement:
_VIPER_ESP32 = ("crc_v", "digits_v", "frame_v")
_CODE_ESP32 = 13 * 1024


@dataclass(frozen=True)
class Chip:
    """A kind of chip: `viper` are the modules that run as machine code there (None: all of them),
    `optimise` is mpy-cross's -O."""

    name: str
    march: str
    image: str
    viper: tuple[str, ...] | None = None
    optimise: int = 3
    code_budget: int | None = None
    image_budget: int | None = None

    @property
    def folder(self) -> str:
        """Its folder below dist/."""
        return f"{self.march}_{mpy.VERSION}"

    @property
    def small(self) -> bool:
        """Whether it runs the small reader of firmware/esp8266."""
        return self.name == "esp8266"

    def has(self, path: str) -> bool:
        """Whether a file of the firmware goes onto it, by its path on the device."""
        if path.startswith(_FROZEN):
            return False
        if self.small:
            return path.startswith((_ESP8266, *_SHARED))
        return not path.startswith(_ESP8266)


CHIPS = {
    # Executed in place: the 320 KiB of flash for ROMFS are two slots. Line numbers cost no RAM.
    "esp8266": Chip("esp8266", "xtensa", "romfs", viper=(), optimise=2, image_budget=160 * 1024),
    "esp32": Chip("esp32", "xtensawin", "littlefs", _VIPER_ESP32, code_budget=_CODE_ESP32),
    "esp32c3": Chip("esp32c3", "rv32imc", "littlefs", _VIPER_ESP32, code_budget=_CODE_ESP32),
}


@dataclass
class Tree:
    """The files of one chip by their path on the device, and the machine code in them."""

    chip: Chip
    files: dict[str, bytes] = field(default_factory=dict)
    code: dict[str, dict[str, int]] = field(default_factory=dict)  # {module: {function: bytes}}

    def machine_code(self) -> int:
        """Bytes of executable memory that all Viper functions take together, each in words."""
        return sum(-(-size // 4) * 4 for sizes in self.code.values() for size in sizes.values())


def sources() -> dict[str, Path]:
    """{path on the device: source file}, sorted, of all chips, without boot.py and main.py."""
    found = {}
    for folder, prefix in ((FIRMWARE, ""), (MICRODOT, "lib/"), (UMQTT, "lib/")):
        if not folder.is_dir():
            raise FileNotFoundError(f"{folder} is missing: run `make venv`")
        for path in folder.rglob("*"):
            parts = path.relative_to(folder).parts
            hidden = any(p[0] in ".~" or p == "__pycache__" or "egg-info" in p for p in parts)
            if path.is_dir() or hidden or path.name in _PC_ONLY:
                continue
            if path.name.endswith(_PC_ONLY_ENDS):
                continue
            if prefix and len(parts) == 1:  # a licence beside the fetched package
                continue
            found[prefix + "/".join(parts)] = path
    return dict(sorted(found.items()))


def start_files() -> dict[str, Path]:
    """boot.py and main.py: read as text by the chip, from the root of its filesystem."""
    return {name: ROOT / name for name in ("boot.py", "main.py")}


def of_the_esp32() -> dict[str, Path]:
    """{path on the device: source} of the ESP32's application and its libraries."""
    return {path: file for path, file in sources().items() if not path.startswith(_ESP8266)}


def packed(path: str, data: bytes) -> tuple[str, bytes]:
    """Path and bytes of a file as it goes onto a chip: what browsers get is gzipped."""
    if "/static/" not in path:
        return path, data
    return path + ".gz", gzip.compress(data, 9, mtime=0)


def plain_twin(source: str) -> str:
    """A Viper module as plain Python, see meterwire/_twin.py."""
    # Loaded by its path: importing meterwire would start the decoder for nothing.
    import importlib.util

    file = FIRMWARE / "lib" / "meterwire" / "_twin.py"
    spec = importlib.util.spec_from_file_location("meterwire_twin", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.plain_source(source)


def make(chip: Chip) -> Tree:
    """Compile everything for one chip."""
    tree = Tree(chip)
    plain: dict[str, str] = {}
    viper: dict[str, str] = {}
    for path, source in sources().items():
        if not chip.has(path):
            continue
        if path.endswith(_VIPER):
            text = source.read_text()
            plain[path.removesuffix(_VIPER) + _PLAIN] = plain_twin(text)
            if chip.viper is None or source.stem in chip.viper:
                viper[path] = text
        elif path.endswith(".py"):
            plain[path] = source.read_text()
        else:
            path, data = packed(path, source.read_bytes())
            tree.files[path] = data
    with tempfile.TemporaryDirectory() as name:
        for path, text in (constants.fold(plain) | viper).items():
            data = _compile(text, path, chip, Path(name))
            tree.files[path.removesuffix(".py") + ".mpy"] = data
            if path in viper:
                tree.code[Path(path).stem] = mpy.functions(text, data)
    tree.files = dict(sorted(tree.files.items()))
    return tree


def _compile(text: str, path: str, chip: Chip, folder: Path) -> bytes:
    source, target = folder / "module.py", folder / "module.mpy"
    source.write_text(text)
    # On a heap the names of modules count: every .mpy holds the one that it is given here.
    name = path if chip.optimise < 3 else path.rpartition("/")[2]
    mpy.compile(source, target, chip.march, name, chip.optimise)
    return target.read_bytes()


def viper_sizes(march: str) -> dict[str, dict[str, int]]:
    """{module: {function: bytes of machine code}} of all Viper functions on one architecture."""
    return make(Chip("", march, "")).code
