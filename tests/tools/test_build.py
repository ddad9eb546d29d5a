"""The build: what it makes is whole, fits, runs, and is the same every time."""

import ast
import json
import subprocess
import sys
import tomllib

import pytest

from kwhisper_tools import build, images, mpy, paths, tree


@pytest.fixture(scope="module")
def dist(tmp_path_factory):
    """dist/ as `kwhisper build` makes it."""
    folder = tmp_path_factory.mktemp("dist")
    for chip in tree.CHIPS.values():
        build.make(chip, folder)
    return folder


def files(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_same_source_gives_the_same_bytes(dist, tmp_path):
    # Another process: nothing of hash seeds, times or folder order may show.
    for chip in ("esp8266", "esp32c3"):
        code = "from kwhisper_tools import build, tree, paths; from pathlib import Path\n"
        code += f"build.make(tree.CHIPS[{chip!r}], Path({str(tmp_path)!r}))"
        subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
        name = tree.CHIPS[chip].folder
        assert files(tmp_path / name) == files(dist / name)


def test_the_romfs_image_fits_a_slot_and_its_machine_code_the_free_ram(dist):
    chip = tree.CHIPS["esp8266"]
    made = tree.make(chip)
    image = (dist / chip.folder / "kwhisper.romfs").read_bytes()
    assert image[:3] == b"\xd2\xcd\x31"
    assert len(image) <= 160 * 1024
    in_image = sum(
        sum(-(-size // 4) * 4 for size in mpy.machine_code(data))
        for path, data in made.files.items()
        if path.endswith(".mpy")
    )
    assert 0 < in_image == made.machine_code() <= 500


def test_too_much_machine_code_stops_the_build(tmp_path):
    greedy = tree.Chip("esp8266", "xtensa", "romfs", viper=None, code_budget=500)
    with pytest.raises(SystemExit, match="machine code"):
        build.make(greedy, tmp_path)


def test_every_viper_module_has_its_plain_twin_without_machine_code(dist):
    for chip in tree.CHIPS.values():
        # Of a linked chip only the library still has them one by one.
        top = dist / chip.folder / ("meterwire" if chip.linked else "tree")
        twins = sorted(top.rglob("*_plain.mpy"))
        assert {p.name for p in twins} == {
            p.stem.removesuffix("_v") + "_plain.mpy" for p in paths.FIRMWARE.rglob("*_v.py")
        }
        assert not any(sum(mpy.machine_code(p.read_bytes())) for p in twins)


def test_the_names_of_machine_code_are_those_that_its_users_import(dist):
    library = dist / "xtensa_6.3" / "meterwire"
    code = (library / "crc_v.mpy").read_bytes()
    assert b"crc_x25" in code
    assert b"crc_x25" in (library / "check.mpy").read_bytes()
    assert b"crc_x25" in (library / "crc_plain.mpy").read_bytes()
    linked = dist / "xtensa_6.3" / "tree"
    assert b"crc_x25" in (linked / "lib" / "meterwire" / "crc_v.mpy").read_bytes()
    assert b"crc_x25" in (linked / "kwhisper" / "run.mpy").read_bytes()


def test_nothing_of_the_pc_goes_onto_the_chip(dist):
    for chip in tree.CHIPS.values():
        found = {p.name for p in files(dist / chip.folder / "tree")}
        assert not [n for n in found if n.endswith((".py", ".toml", ".md", ".pyi", ".css", ".js"))]
        assert "app.mpy" in found
        # The firmware that kwhisper flash puts on an ESP8266 has umqtt frozen in; for microdot
        # there is no room.
        assert ("simple.mpy" in found) != chip.linked
        assert ("microdot.mpy" in found) != chip.linked


def test_line_numbers_and_no_build_paths_stand_in_the_compiled_files(dist):
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


def test_packages_and_modules_say_one_version():
    for project, package, name in (
        (paths.ROOT, "kwhisper", "VERSION"),
        (paths.FIRMWARE / "lib" / "meterwire", "lib/meterwire", "__version__"),
    ):
        said = tomllib.loads((project / "pyproject.toml").read_text())
        assert said["project"]["version"] == build.version(package, name)


def test_the_manifest_freezes_the_trees_of_the_build(dist):
    paths_given = []
    options = type("Options", (), {"defaults": lambda self, **k: self.__dict__.update(k)})()
    exec(
        build.manifest(),
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


def test_a_module_keeps_only_the_functions_that_fit():
    source = "def a(x: ptr8): return 1\ndef b(x: ptr8): return 2\nc = 3\n"
    plain = "def a(x): return 1\ndef b(x): return 2\nc = 3\n"
    mixed = ast.parse(tree._only(source, plain, ("b",))).body
    assert [bool(n.args.args[0].annotation) for n in mixed[:2]] == [False, True]


def test_romfs_holds_the_files_given(micropython, on_micropython):
    image = images.romfs({"a/b/c.txt": b"deep", "top.txt": b"flat"})
    script = f"""
import vfs, os
vfs.mount(vfs.VfsRom({image!r}), "/r")
print(open("/r/a/b/c.txt").read(), open("/r/top.txt").read(), os.listdir("/r"))
"""
    assert on_micropython([micropython], script).strip() == "deep flat ['a', 'top.txt']"
