"""What lies where on a device: the sources of this checkout, compiled for one kind of chip.

firmware/X becomes /X, the fetched microdot lies in /lib, boot.py and main.py in the root. Python
becomes .mpy; of the decoder's Viper functions those that chip.json names become machine code, the
others plain Python (meterwire/_twin.py); files of a folder `static` are gzipped, for an ESP32 into
one file; tables (.json) stay as they are. umqtt.simple is frozen into every official image that
kWhisper runs on.
"""

import ast
import functools
import gzip
import json
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

from kwhisper_tools.build import bytecode_table, fetch, mpy
from kwhisper_tools.paths import FIRMWARE, MICRODOT, ROOT, UMQTT
from meterwire import _twin

# Kept out of the chip: what serves only the PC.
_PC_ONLY = {"pyproject.toml", "manifest.py", "py.typed", "chip.json"}
_PC_ONLY_ENDS = (".md", ".pyi")
_FROZEN = "lib/umqtt/"
# Of microdot the module itself is all that is needed: as a file it takes less than a folder.
_MICRODOT, _AS_A_FILE = "lib/microdot/", "lib/microdot.py"
_ZONES = "kwhisper/storage/zones.json"
_STATIC = "kwhisper/web/static/"
_LANGUAGES = _STATIC + "languages/"
_PACK = "kwhisper/web/static.pack"
_DECODER = "lib/meterwire/"
_LEFT_BY_PIP = "lib/meterwire/build"

_ESP8266 = "esp8266/"
# What the small reader has beside what it imports: formats are imported by their names.
_WITH_ESP8266 = (_ESP8266, "kwhisper/formats/", _DECODER, "lib/microdot/")

# About 13.7 KB of an ESP32's executable memory can hold nothing else; what is beyond is taken
# from the pool that the heap and the drivers share. A C3's memory is all of one kind.
_CODE_ESP32 = 13 * 1024
_CODE_C3 = 14 * 1024 + 256


@dataclass(frozen=True)
class Chip:
    """A kind of chip: `viper` are the functions that run as machine code there, by their module
    (None: all of them), `optimise` is mpy-cross's -O."""

    name: str
    march: str
    image: str
    viper: dict[str, list[str]] | None = None
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
        if path.startswith(_MICRODOT):
            return path == _MICRODOT + "microdot.py"
        if self.small:
            return path in _of_the_esp8266()
        return not path.startswith(_ESP8266)


CHIPS = {
    # Executed in place: the 320 KiB of flash for ROMFS are two slots. Line numbers cost no RAM.
    "esp8266": Chip("esp8266", "xtensa", "romfs", viper={}, optimise=2, image_budget=160 * 1024),
    "esp32": Chip("esp32", "xtensawin", "littlefs", _twin.chip_choice(), code_budget=_CODE_ESP32),
    "esp32c3": Chip("esp32c3", "rv32imc", "littlefs", _twin.chip_choice(), code_budget=_CODE_C3),
}


def demo() -> Chip:
    """The ESP32's application for MicroPython's unix port, which stands for it on a PC."""
    return replace(CHIPS["esp32"], name="demo", march="x64", code_budget=None)


@dataclass
class Tree:
    """The files of one chip by their path on the device, and the machine code in them."""

    chip: Chip
    files: dict[str, bytes] = field(default_factory=dict)
    code: dict[str, dict[str, int]] = field(default_factory=dict)  # {module: {function: bytes}}

    def machine_code(self) -> int:
        """Bytes of executable memory that all Viper functions take together, each in words."""
        return sum(-(-size // 4) * 4 for sizes in self.code.values() for size in sizes.values())


def modules(folder: Path) -> list[Path]:
    """The Python files in a folder of this checkout and below it."""
    return sorted(path for path in folder.rglob("*.py") if _is_source(path, folder))


def _is_source(path: Path, folder: Path) -> bool:
    """Whether it is no file that an editor, Python or `pip install` left in the folder."""
    parts = path.relative_to(folder).parts
    left = any(p[0] in ".~" or p == "__pycache__" or "egg-info" in p for p in parts)
    return not left and FIRMWARE / _LEFT_BY_PIP not in path.parents


def sources() -> dict[str, Path]:
    """{path on the device: source file}, sorted, of all chips, without boot.py and main.py."""
    found = {}
    for package in fetch.PACKAGES:
        fetch.fetch(package)
    for folder, prefix in ((FIRMWARE, ""), (MICRODOT, "lib/"), (UMQTT, "lib/")):
        for path in folder.rglob("*"):
            parts = path.relative_to(folder).parts
            if path.is_dir() or not _is_source(path, folder) or path.name in _PC_ONLY:
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


@functools.cache
def _of_the_esp8266() -> frozenset[str]:
    """The paths of the small reader, of all modules that it imports, and of their tables."""
    every = sources()
    found = {path for path in every if path.startswith(_WITH_ESP8266)}
    left = [path for path in found if path.endswith(".py") and not path.startswith("lib/")]
    while left:
        path = left.pop()
        for name in imported(path, every[path].read_text("utf-8")):
            place = name.replace(".", "/")
            holder = place.rpartition("/")[0]
            # Of a.b.c: the package a, then a.b as a package or a module, and c if it is one.
            parts = place.split("/")
            packages = ["/".join(parts[:n]) + "/__init__" for n in range(1, len(parts) + 1)]
            for module in (place, holder, *packages):
                if module + ".py" in every and module + ".py" not in found:
                    found.add(module + ".py")
                    left.append(module + ".py")
    folders = {path.rpartition("/")[0] for path in found}
    tables = {p for p in every if p.endswith(".json") and p.rpartition("/")[0] in folders}
    return frozenset(found | tables)


def imported(path: str, text: str):
    """The names that a module imports, wherever in it: package.module or package.module.name."""
    package = path.removeprefix("lib/").rpartition("/")[0].split("/")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def packed(path: str, data: bytes) -> tuple[str, bytes]:
    """Path and bytes of a file as it goes onto a chip: what browsers get is gzipped."""
    if "/static/" not in path:
        return path, data
    return path + ".gz", gzip.compress(data, 9, mtime=0)


def languages() -> dict[str, bytes]:
    """The pages' languages as a chip has them, to save flash: en.json has the keys, which are the
    same in all, each other file the texts in their order."""
    folder = FIRMWARE / _LANGUAGES
    words = {file.name: json.loads(file.read_bytes()) for file in sorted(folder.iterdir())}
    keys = list(next(iter(words.values())))
    for name, known in words.items():
        if lacks := set(keys) ^ set(known):
            raise ValueError(f"languages/{name}: not in all languages: {sorted(lacks)}")
    made = {"en.json": keys}
    made |= {name: [known[key] for key in keys] for name, known in words.items()}
    return {
        name: json.dumps(known, ensure_ascii=False, separators=(",", ":")).encode()
        for name, known in made.items()
    }


def _only_a_name(path: str, text: str) -> bool:
    """Whether it makes a folder a package and does nothing else: MicroPython does without, and a
    module's name and path cost heap."""
    module = ast.parse(text)
    docs = int(ast.get_docstring(module) is not None)
    return path.endswith("/__init__.py") and len(module.body) == docs


def _pack(files: dict[str, bytes]) -> None:
    """Put what browsers get into one file (its shape: firmware/kwhisper/web/api.py): two slots of
    single ones would not fit into 2 MiB of flash."""
    parts = {path: files.pop(path) for path in sorted(files) if path.startswith(_STATIC)}
    head = "".join(f"{path.removeprefix(_STATIC)} {len(data)}\n" for path, data in parts.items())
    files[_PACK] = head.encode() + b"\n" + b"".join(parts.values())


def make(chip: Chip) -> Tree:
    """Compile everything for one chip."""
    tree = Tree(chip)
    texts: dict[str, str] = {}
    for path, source in sources().items():
        if not chip.has(path) or (path.startswith(_DECODER) and path.endswith(".py")):
            continue
        if path.startswith(_MICRODOT):
            path = _AS_A_FILE
        if path.endswith(".py"):
            text = source.read_text("utf-8")
            if not _only_a_name(path, text):
                texts[path] = text
        elif not path.startswith(_LANGUAGES):
            path, data = packed(path, source.read_bytes())
            tree.files[path] = data
    if chip.small:
        table = "kwhisper/storage/setting_table.json"
        tree.files[table] = _small_table(tree.files[table], "".join(texts.values()))
    else:
        for name, data in languages().items():
            path, data = packed(_LANGUAGES + name, data)
            tree.files[path] = data
        _pack(tree.files)
        tree.files[_ZONES] = _tight(tree.files[_ZONES])
    for name, text in _twin.chip_files(chip.viper).items():
        texts[_DECODER + name] = text
    with tempfile.TemporaryDirectory() as name:
        for path, text in texts.items():
            data = _compile(text, path, chip, Path(name))
            tree.files[path.removesuffix(".py") + ".mpy"] = data
            if "@micropython.viper" in text:
                tree.code[Path(path).stem] = mpy.functions(text, data)
    if not chip.small:
        tree.files[bytecode_table.TABLE] = bytecode_table.table(texts, tree.files)
    tree.files = dict(sorted(tree.files.items()))
    return tree


def _tight(data: bytes) -> bytes:
    """A table that is only read row by row without its spaces: they cost a block of flash."""
    rows = (json.dumps(row, separators=(",", ":")) for row in json.loads(data))
    return ("[\n" + ",\n".join(rows) + "\n]\n").encode()


def _small_table(data: bytes, code: str) -> bytes:
    """The settings that an ESP8266 has: what its code names, without what only a page shows. It
    reads the table row by row, and each row takes memory that it hardly has."""
    rows = []
    for row in json.loads(data):
        if "name" not in row or "seldom" in row or f'"{row["name"]}"' not in code:
            continue
        row = {column: row[column] for column in row if column not in ("help", "presets")}
        if "choices" in row:
            row["choices"] = [c for c in row["choices"] if not c[0].startswith("mep")]
        rows.append(json.dumps(row))
    return ("[\n" + ",\n".join(rows) + "\n]\n").encode()


def _compile(text: str, path: str, chip: Chip, folder: Path) -> bytes:
    source, target = folder / "module.py", folder / "module.mpy"
    source.write_text(text, "utf-8")
    # Every .mpy holds the name that it is given here; on a heap one the module has costs nothing:
    # with lines to be told that which it is imported by, else its own.
    name = Path(path).stem
    if chip.optimise < 3:
        dotted = path.removeprefix("lib/").removesuffix(".py").removesuffix("/__init__")
        name = dotted.replace("/", ".")
    mpy.compile(source, target, chip.march, name, chip.optimise)
    return target.read_bytes()


def viper_sizes(march: str) -> dict[str, dict[str, int]]:
    """{module: {function: bytes of machine code}} of all Viper functions on one architecture."""
    return make(Chip("", march, "")).code
