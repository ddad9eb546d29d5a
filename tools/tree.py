"""What lies where on the device: the sources of this checkout, compiled for one kind of chip.

firmware/X becomes /X, the fetched microdot and umqtt.simple lie in /lib, boot.py and main.py in
the root. Python becomes .mpy; a Viper module X_v.py also gets its plain twin X_plain.mpy, which
is what runs where the machine code does not fit; files of a folder `static` are gzipped.
"""

import ast
import gzip
import keyword
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from kwhisper_tools import bundles, constants, lend, link, mpy, names, renamed
from kwhisper_tools.paths import FIRMWARE, MICRODOT, ROOT, UMQTT

# Kept out of the chip: what serves only the PC.
_PC_ONLY = ("_twin.py", "gcm_host.py", "pyproject.toml", "manifest.py", "README.md", "py.typed")
# Assertions go, line numbers stay: a traceback from the field must say where.
_OPTIMISE = 2
_DECODER = "lib/meterwire/__init__.py"
_FETCHED = ("lib/microdot/", "lib/umqtt/")
_FROZEN = ("lib/umqtt/",)
# umqtt.simple 1.3.4 checks the broker's answers with assert.
_KEEP_ASSERTS = ("lib/umqtt/",)


@dataclass(frozen=True)
class Chip:
    """A kind of chip. `viper`: {module: functions} that become machine code, None: all of them;
    `linked`: put together to save RAM (link.py, lend.py, names.py), see bundles.py."""

    name: str
    march: str
    image: str
    viper: dict[str, tuple[str, ...]] | None = None
    linked: bool = False
    code_budget: int | None = None
    image_budget: int | None = None

    @property
    def folder(self) -> str:
        return f"{self.march}_{mpy.VERSION}"


CHIPS = {
    # The free end of the instruction RAM takes about 500 bytes of machine code; the 320 KiB
    # of flash for ROMFS are two slots.
    "esp8266": Chip(
        "esp8266",
        "xtensa",
        "romfs",
        viper={"crc_v": ("crc_x25",)},
        linked=True,
        code_budget=500,
        image_budget=160 * 1024,
    ),
    "esp32": Chip("esp32", "xtensawin", "littlefs"),
    "esp32c3": Chip("esp32c3", "rv32imc", "littlefs"),
}


@dataclass
class Tree:
    """The files of one chip by their path on the device, and the machine code in them."""

    chip: Chip
    files: dict[str, bytes] = field(default_factory=dict)
    code: dict[str, dict[str, int]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)  # of a linked chip: what was compiled

    def machine_code(self) -> int:
        """Bytes of executable memory that all Viper functions take together, each in words."""
        return sum(-(-size // 4) * 4 for sizes in self.code.values() for size in sizes.values())


def sources() -> dict[str, Path]:
    """{path on the device: source file}, sorted, without boot.py and main.py."""
    found = {}
    for folder, prefix in ((FIRMWARE, ""), (MICRODOT, "lib/"), (UMQTT, "lib/")):
        if not folder.is_dir():
            raise FileNotFoundError(f"{folder} is missing: run `make venv`")
        for path in folder.rglob("*"):
            parts = path.relative_to(folder).parts
            hidden = any(p[0] in ".~" or p == "__pycache__" or "egg-info" in p for p in parts)
            if path.is_dir() or hidden or path.name in _PC_ONLY:
                continue
            if prefix and len(parts) == 1:  # a licence beside the fetched package
                continue
            found[prefix + "/".join(parts)] = path
    return dict(sorted(found.items()))


def start_files() -> dict[str, Path]:
    """boot.py and main.py: read as text by the chip, from the root of its filesystem."""
    return {name: ROOT / name for name in ("boot.py", "main.py") if (ROOT / name).exists()}


_MOUNTED = "/rom"  # where boot.py mounts a ROMFS image
# What boot.py leaves to main.py.
_OF_THE_START = {"start", "boot_note", "settled"}


def start_texts(chip: Chip) -> dict[str, str]:
    """The start files as they go to a chip."""
    texts = {name: file.read_text() for name, file in start_files().items()}
    if not chip.linked:
        return texts
    return {name: names.shorten_script(text, _OF_THE_START) for name, text in texts.items()}


def _plain(source: str) -> str:
    # Loaded by its path: importing meterwire would start the decoder for nothing.
    import importlib.util

    spec = importlib.util.spec_from_file_location(
        "meterwire_twin", FIRMWARE / "lib" / "meterwire" / "_twin.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.plain_source(source)


def _only(source: str, plain: str, keep: tuple[str, ...]) -> str:
    """The Viper source with every function that is not in `keep` replaced by its plain twin."""
    twins = {n.name: n for n in ast.parse(plain).body if isinstance(n, ast.FunctionDef)}
    module = ast.parse(source)
    module.body = [
        twins[node.name] if isinstance(node, ast.FunctionDef) and node.name not in keep else node
        for node in module.body
    ]
    return ast.unparse(module)


def _is_viper(path: str) -> bool:
    return path.endswith("_v.py")


def _compile(text: str, path: str, chip: Chip, folder: Path) -> bytes:
    source, target = folder / "module.py", folder / "module.mpy"
    source.write_text(text)
    level = 0 if path.startswith(_KEEP_ASSERTS) else _OPTIMISE
    name = path
    if chip.linked:
        # A name that is there anyway: what stands in for it is told by dist/…/sources.
        name = Path(path).stem
    mpy.compile(source, target, chip.march, name, level)
    return target.read_bytes()


def _neighbours(chip: Chip) -> dict[str, str]:
    """What calls the firmware or is called by it: the start files, and the modules of a chip as
    far as the firmware uses them, which the stand-ins tell."""
    start = start_texts(chip)
    modules = (ROOT / "tools" / "host" / "chip").glob("*.py")
    # Private names of the stand-ins are theirs alone.
    return start | {file.name: re.sub(r"\b_\w+", "_", file.read_text()) for file in modules}


def _machine_code_of(chip: Chip) -> dict[str, str]:
    """The Viper modules that go to a chip: they and what calls them agree on their names."""
    found = {path: source for path, source in sources().items() if _is_viper(path)}
    wanted = chip.viper if chip.viper is not None else [Path(path).stem for path in found]
    return {path: s.read_text() for path, s in found.items() if Path(path).stem in wanted}


def _formats() -> str:
    """outputs/__init__.py, whose table names the classes that it asks for."""
    return (FIRMWARE / "kwhisper" / "outputs" / "__init__.py").read_text()


def _columns() -> set[str]:
    """The columns of board.py's table, which are looked up by their names."""
    text = (FIRMWARE / "kwhisper" / "board.py").read_text()
    named = re.search(r'^_NAMES = """(.*?)"""', text, re.M | re.S)[1]
    return set(re.findall(r"\w+", named)) | {"label", "chip", "invert", "supply"}


def _public() -> set[str]:
    """Names that people type on a console, and `kwhisper flash` does."""
    # Also of those modules that this chip has not: it asks for them in vain, but by their name.
    formats = re.findall(r"^\w+ \w+ (\w+)$", _formats(), re.M)
    return {
        "access_point",
        *bundles.PUBLIC,
        *formats,
        *_columns(),
        *(Path(path).stem for path in sources()),
    }


def _linked(chip: Chip, texts: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The modules of a small chip, put together (link.py), and the paths of what is lent."""
    machine_code = set(_machine_code_of(chip))
    others = [s.read_text() for path, s in sources().items() if path.startswith(_FROZEN)]
    others += [file.read_text() for file in start_files().values()]
    used = set(re.findall(r"\w+", " ".join(others)))
    texts = {path: text for path, text in texts.items() if path not in bundles.LEFT_OUT}
    for name, path in bundles.INSTEAD.items():
        package, _, stem = path.removesuffix(".py").rpartition("/")
        ours = rf"\1from {package} import {stem} as {name}"
        texts = {p: re.sub(rf"^( *)import {name}$", ours, t, flags=re.M) for p, t in texts.items()}
    program = link.link(texts, bundles.BUNDLES, machine_code, bundles.PUBLIC, used)
    lent = lend.lend(program, bundles.SELDOM, names.WORDS_FOR_MODULES)
    made = program.texts()
    # The decoder is part of run mode there: importing a module beside it must not start it.
    made[_DECODER] = "\n"
    # `kwhisper flash` asks it for the network and the password of the set-up.
    made["kwhisper/wifi.py"] = (
        f"from {Path(lent['access point']).stem} import wifi_access_point as access_point\n"
    )
    return made, lent


def _add_words(tree: Tree, lent: dict[str, str], folder: Path) -> None:
    """Put the names of run mode where lean/words.py wants them."""
    left_out = {lent.get(name, renamed.path(name, bundles.RENAMED)) for name in bundles.NOT_NAMED}
    found, paths = set(), []
    for path in tree.texts:
        if path not in left_out:
            paths.append(path.removesuffix(".py") + ".mpy")
            found |= mpy.names(tree.files[paths[-1]])
    found -= names.known()
    unknown = left_out - tree.texts.keys()
    text = tree.texts[lent["words"]]
    if unknown or "b''" not in text:
        raise ValueError(f"no such modules {sorted(unknown)}, or no place for names in {text}")
    text = text.replace("b''", repr("".join(f"{_MOUNTED}/{path}\n" for path in paths).encode()))
    text += "\ndef _():\n"
    for name in sorted(found):
        plain = name.isidentifier() and not keyword.iskeyword(name)
        text += f"    _.{name}\n" if plain else f"    _ = {name!r}\n"
    tree.texts[lent["words"]] = text
    path = lent["words"].removesuffix(".py") + ".mpy"
    tree.files[path] = _compile(text, lent["words"], tree.chip, folder)


def make(chip: Chip) -> Tree:
    """Compile everything for one chip."""
    tree = Tree(chip)
    texts: dict[str, str] = {}
    for path, source in sources().items():
        if "/static/" in path:
            data = source.read_bytes()
            if not path.endswith(".gz"):
                path, data = path + ".gz", gzip.compress(data, 9, mtime=0)
            tree.files[path] = data
        elif _is_viper(path):
            texts[path.removesuffix("_v.py") + "_plain.py"] = _plain(source.read_text())
        elif path.endswith(".py"):
            texts[path] = source.read_text()
        else:
            tree.files[path] = source.read_bytes()
    texts = constants.fold(texts)
    if not chip.linked:
        texts = {path: text for path, text in texts.items() if path not in bundles.SMALL}
    if chip.linked:
        # umqtt is frozen into the firmware that kwhisper flash puts on it, at a quarter of the
        # RAM; for microdot's 8 KB there is no room.
        ours = {path: text for path, text in texts.items() if not path.startswith(_FETCHED)}
        frozen = {path: text for path, text in texts.items() if path.startswith(_FROZEN)}
        beside = frozen | _neighbours(chip) | _machine_code_of(chip)
        linked, lent = _linked(chip, ours)
        short = names.shorten(linked, beside, _public())
        texts = tree.texts = renamed.rename(short, bundles.RENAMED)
        tree.files = {renamed.path(p, bundles.RENAMED): data for p, data in tree.files.items()}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path, text in texts.items():
            tree.files[path.removesuffix(".py") + ".mpy"] = _compile(text, path, chip, folder)
        if chip.linked:
            _add_words(tree, lent, folder)
        for path, source in sources().items():
            if _is_viper(path):
                _add_viper(tree, path, source.read_text(), folder)
    tree.files = dict(sorted(tree.files.items()))
    return tree


def _add_viper(tree: Tree, path: str, source: str, folder: Path) -> None:
    chip, module = tree.chip, Path(path).stem
    if chip.viper is not None:
        if module not in chip.viper:
            return
        source = _only(source, _plain(source), chip.viper[module])
    data = _compile(source, path, chip, folder)
    tree.files[path.removesuffix(".py") + ".mpy"] = data
    tree.code[module] = mpy.functions(source, data)


def viper_sizes(march: str) -> dict[str, dict[str, int]]:
    """{module: {function: bytes of machine code}} of all Viper functions on one architecture."""
    sizes = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        everything = Chip("", march, "")
        for path, source in sources().items():
            if _is_viper(path):
                text = source.read_text()
                data = _compile(text, path, everything, folder)
                sizes[Path(path).stem] = mpy.functions(text, data)
    return sizes
