"""The build: what it makes is whole, fits, runs, and is the same every time."""

import gzip
import json
import subprocess
import sys
import tomllib

import pytest

from kwhisper_tools import paths
from kwhisper_tools.build import dist as maker
from kwhisper_tools.build import images, mpy, tree
from meterwire import _twin


def files(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_same_source_gives_the_same_bytes(dist, tmp_path):
    # Another process: nothing of hash seeds, times or folder order may show.
    for chip in ("esp8266", "esp32c3"):
        code = "from kwhisper_tools.build import dist, tree; from pathlib import Path\n"
        code += f"dist.make(tree.CHIPS[{chip!r}], Path({str(tmp_path)!r}))"
        subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
        name = tree.CHIPS[chip].folder
        assert files(tmp_path / name) == files(dist / name)


def test_the_romfs_image_fits_a_slot(dist):
    image = (dist / "xtensa_6.3" / "kwhisper.romfs").read_bytes()
    assert image[:3] == b"\xd2\xcd\x31"
    assert len(image) <= 160 * 1024


@pytest.fixture(scope="module")
def trees():
    """What a build puts onto each chip."""
    return [tree.make(chip) for chip in tree.CHIPS.values()]


def test_machine_code_is_counted_and_fits(trees):
    for made in trees:
        chip = made.chip
        in_files = sum(
            sum(-(-size // 4) * 4 for size in mpy.machine_code(data))
            for path, data in made.files.items()
            if path.endswith(".mpy")
        )
        assert in_files == made.machine_code() <= (chip.code_budget or 0)
        told = {module: set(functions) for module, functions in chip.viper.items()}
        assert {module: set(sizes) for module, sizes in made.code.items()} == told


def test_too_much_machine_code_stops_the_build(tmp_path):
    greedy = tree.Chip("esp32", "xtensawin", "littlefs", viper=None, code_budget=13 * 1024)
    with pytest.raises(SystemExit, match="machine code"):
        maker.make(greedy, tmp_path)


def test_nothing_of_the_pc_goes_onto_a_chip(dist):
    ends = (".py", ".toml", ".md", ".pyi", ".typed", ".html", ".css", ".js")
    for chip in tree.CHIPS.values():
        found = {str(p) for p in files(dist / chip.folder / "tree")}
        assert not [n for n in found if n.endswith(ends)]
        assert "lib/microdot.mpy" in found
        # The official images have umqtt.simple frozen in.
        assert not [n for n in found if "umqtt" in n]


def test_each_chip_gets_its_own_application(dist):
    small = {str(p) for p in files(dist / "xtensa_6.3" / "tree")}
    assert {
        "esp8266/main.mpy",
        "kwhisper/formats/topics.mpy",
        "lib/meterwire/decoder.mpy",
    } <= small
    assert not [n for n in small if n.endswith(("app.mpy", "run_mode.mpy", "ledger.mpy"))]
    for folder in ("xtensawin_6.3", "rv32imc_6.3"):
        large = {str(p) for p in files(dist / folder / "tree")}
        assert {"kwhisper/app.mpy", "kwhisper/boards.json"} <= large
        assert "kwhisper/web/static.pack" in large and not [n for n in large if "static/" in n]
        assert not [n for n in large if n.startswith("esp8266")]


def test_two_versions_fit_into_the_flash(dist):
    """2 MiB: two slots, the root and boot.py, an update's manifest, and settings and log. What is
    left is for hours and history, of which one may have to keep fewer: docs/update.md."""
    for folder in ("xtensawin_6.3", "rv32imc_6.3"):
        with open(dist / folder / "tree" / "manifest") as lines:
            blocks = json.loads(lines.readline())["flash"] // images.BLOCK
        assert 2 * blocks + 8 + 8 + 6 <= 512, blocks


def test_what_is_imported_lies_in_the_tree(trees):
    """Nothing that only a PC has, and nothing of the other building."""
    ours = {"kwhisper", "esp8266", "meterwire", "microdot"}
    for made in trees:
        chip = made.chip
        there = {p.removesuffix(".mpy") for p in made.files if p.endswith(".mpy")}
        texts = {f"lib/meterwire/{n}": text for n, text in _twin.chip_files(chip.viper).items()}
        for path, source in tree.sources().items():
            if path.endswith(".py") and chip.has(path) and not path.startswith("lib/"):
                texts[path] = source.read_text()
        for path, text in texts.items():
            for module in tree.imported(path, text):
                if module.split(".")[0] in ours:
                    place = module.replace(".", "/")
                    place = (
                        place if place.split("/")[0] in ("kwhisper", "esp8266") else "lib/" + place
                    )
                    found = place in there or place + "/__init__" in there
                    name = place.rpartition("/")[0]
                    assert found or name in there or name + "/__init__" in there, (path, module)


def test_no_build_paths_stand_in_the_compiled_files(dist):
    for chip in tree.CHIPS.values():
        for path, data in files(dist / chip.folder / "tree").items():
            assert b"/tmp" not in data and str(paths.ROOT).encode() not in data, path


def test_the_littlefs_image_mounts_as_on_the_chip(dist, micropython, on_micropython):
    image = dist / "xtensawin_6.3" / "kwhisper.littlefs"
    script = f"""
import vfs, os
class Flash:
    def __init__(self):
        self.data = bytearray(b"\\xff" * 0x200000)
        with open({str(image)!r}, "rb") as f:
            f.readinto(self.data)
    def readblocks(self, n, buf, off=0):
        start = n * 4096 + off
        buf[:] = self.data[start:start + len(buf)]
    def writeblocks(self, n, buf, off=0):
        start = n * 4096 + off
        self.data[start:start + len(buf)] = buf
    def ioctl(self, op, arg):
        return {{4: 512, 5: 4096, 6: 0}}.get(op)
vfs.mount(vfs.VfsLfs2(Flash(), readsize=32, progsize=32, lookahead=32), "/chip")
with open("/chip/settings.json", "w") as f:
    f.write("{{}}")
print(sorted(os.listdir("/chip")), os.stat("/chip/slots/a/kwhisper/app.mpy")[6])
"""
    app = dist / "xtensawin_6.3" / "tree" / "kwhisper" / "app.mpy"
    printed = on_micropython([micropython, "-X", "heapsize=16m"], script)
    assert printed.strip() == (
        f"['boot.py', 'main.py', 'settings.json', 'slots'] {app.stat().st_size}"
    )


def test_the_decoder_installs_with_mip(dist, micropython, on_micropython, tmp_path):
    import http.server
    import threading

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=dist)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        address = f"http://127.0.0.1:{server.server_port}/rv32imc_6.3/package.json"
        on_micropython(
            [micropython], f"import mip; mip.install({address!r}, target={str(tmp_path)!r})"
        )
    finally:
        server.shutdown()
        server.server_close()
    package = json.loads((dist / "rv32imc_6.3" / "package.json").read_text())
    assert {p.name for p in (tmp_path / "meterwire").iterdir()} >= {"decoder.mpy", "__init__.mpy"}
    assert len(package["urls"]) == len(list((tmp_path / "meterwire").iterdir()))
    import meterwire

    assert package["version"] == meterwire.__version__


def test_a_version_stands_in_one_place():
    """The packages take theirs from the firmware's modules; test_install.py sees the result."""
    for project, package, name in (
        (paths.ROOT, "kwhisper", "VERSION"),
        (paths.FIRMWARE / "lib" / "meterwire", "lib/meterwire", "__version__"),
    ):
        said = tomllib.loads((project / "pyproject.toml").read_text())
        assert said["project"]["dynamic"] == ["version"]
        attribute = said["tool"]["setuptools"]["dynamic"]["version"]["attr"]
        assert attribute.endswith(f"{package.rpartition('/')[2]}.{name}")
        assert maker.version(package, name)


def test_the_manifest_freezes_the_trees_of_the_build(dist):
    paths_given = []
    options = type("Options", (), {"defaults": lambda self, **k: self.__dict__.update(k)})()
    exec(
        maker.manifest(),
        {"options": options, "metadata": lambda **k: None, "freeze_mpy": paths_given.append},
    )
    assert list((dist / paths_given[0]).rglob("*.mpy"))


def test_machine_code_is_counted_by_function(tmp_path):
    source = tmp_path / "two_v.py"
    source.write_text(
        "import micropython\n"
        "@micropython.viper\ndef fast(a: int) -> int:\n    return a + 1\n"
        "def slow(a):\n    return {'a': (1, 'é', 2.5, b'x')}\n"
    )
    target = tmp_path / "two_v.mpy"
    mpy.compile(source, target, "xtensa", "two_v.py")
    sizes = mpy.functions(source.read_text(), target.read_bytes())
    assert list(sizes) == ["fast"] and 10 < sizes["fast"] < 200


def test_romfs_holds_the_files_given(micropython, on_micropython):
    image = images.romfs({"a/b/c.txt": b"deep", "top.txt": b"flat"})
    script = f"""
import vfs, os
vfs.mount(vfs.VfsRom({image!r}), "/r")
print(open("/r/a/b/c.txt").read(), open("/r/top.txt").read(), os.listdir("/r"))
"""
    assert on_micropython([micropython], script).strip() == "deep flat ['a', 'top.txt']"


def test_the_pages_languages_are_whole_on_a_chip(dist):
    """en.json has the keys, the other languages the texts in their order."""
    pack = (dist / "xtensawin_6.3" / "tree" / "kwhisper" / "web" / "static.pack").read_bytes()
    head, _, rest = pack.partition(b"\n\n")
    found = {}
    for line in head.decode().splitlines():
        name, size = line.split()
        found[name], rest = rest[: int(size)], rest[int(size) :]
    assert not rest

    def read(name):
        return json.loads(gzip.decompress(found[f"languages/{name}.json.gz"]))

    sources = sorted((paths.FIRMWARE / "kwhisper/web/static/languages").glob("*.json"))
    assert len(sources) == 7
    for source in sources:
        texts = dict(zip(read("en"), read(source.stem), strict=True))
        assert texts == json.loads(source.read_text("utf-8"))


def test_what_an_installation_leaves_is_no_source(tmp_path, monkeypatch):
    """`pip install ./firmware/lib/meterwire` leaves its copy and its egg-info in there."""
    ours = {"kwhisper/build.py", "lib/meterwire/obis.py", "lib/meterwire/profiles.txt"}
    left = {
        "lib/meterwire/build/lib/meterwire/obis.py",
        "lib/meterwire/build/lib/meterwire/profiles.txt",
        "lib/meterwire/meterwire.egg-info/PKG-INFO",
        "lib/meterwire/__pycache__/obis.cpython-311.pyc",
    }
    for name in ours | left:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    monkeypatch.setattr(tree, "FIRMWARE", tmp_path)
    assert {n for n in tree.sources() if not n.startswith(("lib/micro", "lib/umqtt"))} == ours
    for folder in (tmp_path, tmp_path / "lib" / "meterwire"):
        assert {p.name for p in tree.modules(folder)} <= {"build.py", "obis.py"}
        assert tmp_path / "lib/meterwire/obis.py" in tree.modules(folder)
        assert not [p for p in tree.modules(folder) if "build" in p.parts]
