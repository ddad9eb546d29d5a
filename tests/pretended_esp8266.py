"""The memory model: an ESP8266 with its heap, its reserve and a build's ROMFS image, on the 32-bit
unix port. What is measured on it holds within one per cent on the chip (Debian's i386 MicroPython
against an ESP8266 build, see the specification)."""

import json
import re
import shutil
import subprocess
import time
from pathlib import Path

from kwhisper_tools.build import dist, images, mpy, tree
from kwhisper_tools.host import CHIP, Device, esp32_model
from kwhisper_tools.paths import UMQTT

FOLDER = tree.CHIPS["esp8266"].folder
HEAP = 38 * 1024
RESERVED = 4000

# The chip's cipher (axTLS: AES_CTX) takes so many bytes more than the one here.
CIPHER = 208
# Left out of MicroPython's ESP8266 builds (ports/esp8266/mpconfigport.h), with or without an r.
_NOT_ON_THE_CHIP = (b"__file__", b"partition", b"crc32", b"splitlines")

_NAMES = 450  # about so many does the firmware bring along, see probe()

# Maps both ROM images outside the heap, mounts the stand-ins, and hands over.
_BOOTSTRAP = """\
import ffi, os, uctypes, vfs
def rom(path):
    libc = ffi.open("libc.so.6")
    size = os.stat(path)[6]
    handle = libc.func("i", "open", "si")(path, 0)
    at = libc.func("p", "mmap", "piiiii")(0, size, 1, 2, handle, 0)
    return memoryview(uctypes.bytearray_at(at, size))
device, chip = rom({device!r}), rom({chip!r})
del rom, ffi, uctypes
vfs.umount("/")
vfs.mount(vfs.VfsPosix(os.getenv("KWHISPER_ROOT")), "/")
os.chdir("/")
vfs.mount(vfs.VfsRom(chip), "/.chip")
vfs.mount(vfs.VfsPosix(os.getenv("KWHISPER_STATE")), "/.state")
vfs.mount(vfs.VfsPosix("/dev"), "/dev")
vfs.mount(vfs.VfsPosix(), "/.real")
import sys
sys.path[:] = ["/.chip", "", "/lib", ".frozen"]
del vfs, chip, os, sys
import chip_start
chip_start.start(device, {reserved})
"""


def rom_of_the_chip(folder: Path) -> None:
    """The stand-ins, umqtt.simple and the start code as a ROM image, folder/chip.romfs: what the
    chip has in its firmware."""
    modules = [*CHIP.glob("*.py"), Path(__file__).parent / "esp8266" / "chip_start.py"]
    sources = {m.name: m for m in modules if m.name != "model.py"}
    sources["umqtt/simple.py"] = UMQTT / "umqtt" / "simple.py"
    files = {}
    for name, source in sorted(sources.items()):
        target = folder / "module.mpy"
        mpy.compile(source, target, "xtensa", name, 2)
        files[name.replace(".py", ".mpy")] = target.read_bytes()
    (folder / "chip.romfs").write_bytes(images.romfs(files))


class SmallChip(Device):
    """An ESP8266 running a build's image; `rom` is that of the chip, `less` bytes are taken off
    its heap."""

    def __init__(
        self, folder: Path, runtime: list[str], image: Path, rom: Path, less=0, **options
    ):
        folder.mkdir(parents=True, exist_ok=True)
        self._script = folder / "bootstrap.py"
        self._roms = {"device": str(image), "chip": str(rom)}
        super().__init__(folder, chip="esp8266", **options)
        for name in ("boot.py", "main.py"):
            shutil.copy(image.parent / "files" / name, self.flash / name)
        # Stand-ins that take more than the chip would get the difference as heap of their own; and
        # with their names they make the interpreter's tables of names larger.
        taken, self._base_names = self._base(runtime)
        more = max(0, taken - RESERVED) + self._tables(_NAMES)
        self._script.write_text(_BOOTSTRAP.format(reserved=RESERVED, **self._roms))
        # Of a heap, three bytes in 131 are its own tables.
        heap = HEAP + (more - less) * 131 // 128
        self.command = [*runtime, "-X", f"heapsize={heap}", str(self._script)]

    def _tables(self, names: int) -> int:
        """Bytes that the tables of so many names take here and not on the chip."""
        base = self._base_names
        here = esp32_model.name_tables(base + names) - esp32_model.name_tables(base)
        return here - esp32_model.name_tables(names)

    def _base(self, runtime: list[str]) -> tuple[int, int]:
        """(bytes, names) that the stand-ins take."""
        self._script.write_text(_BOOTSTRAP.format(reserved=None, **self._roms))
        done = subprocess.run(
            [*runtime, "-X", f"heapsize={HEAP}", str(self._script)],
            capture_output=True,
            text=True,
            timeout=120,
            env={"KWHISPER_ROOT": str(self.flash), "KWHISPER_STATE": str(self.state)},
        )
        found = re.match(r"(\d+)\s.*n_qstr=(\d+)", done.stdout, re.S)
        assert found, done.stdout + done.stderr
        return int(found[1]), int(found[2])

    def be_ahead(self, seconds: float) -> None:
        """Let its clock be ahead: for it, the time has passed at once."""
        new, there = self.state / "ahead.new", self.state / "ahead"
        new.write_text(str(int(seconds * 1000)))
        new.replace(there)
        end = time.monotonic() + 120
        while there.exists():
            if time.monotonic() > end or not self.alive():
                raise TimeoutError("no answer:\n" + "\n".join(self.output))
            time.sleep(0.02)

    def watch(self) -> None:
        """Look at what is free every few milliseconds from now on."""
        (self.state / "watch").touch()

    def probe(self, seconds: float = 120) -> dict[str, int]:
        """{"free": bytes, "largest": bytes of the largest block} after a collection; "lowest":
        what was free, garbage not counted, when least was, of the looks since watch(); "names": of
        the firmware's own, for which the tables of names are reckoned."""
        answer = self.state / "probed"
        told = [line for line in self.output if "n_qstr=" in line]
        answer.unlink(missing_ok=True)
        (self.state / "probe").touch()
        end = time.monotonic() + seconds
        # The console is read by another thread.
        names = told
        while len(names) == len(told) or not (answer.exists() and answer.stat().st_size):
            if time.monotonic() > end or not self.alive():
                raise TimeoutError("no answer:\n" + "\n".join(self.output))
            time.sleep(0.05)
            names = [line for line in self.output if "n_qstr=" in line]
        found = json.loads(answer.read_text())
        found["names"] = int(re.search(r"n_qstr=(\d+)", names[-1])[1]) - self._base_names
        assert self._tables(found["names"]) == self._tables(_NAMES), found
        return found


def build(folder: Path) -> None:
    """The ESP8266's image as `kwhisper build` makes it, in folder/xtensa_6.3, but that names which
    the unix port has and the chip has not are spelt so that they are not there either."""
    dist.make(tree.CHIPS["esp8266"], folder)
    image = folder / FOLDER / "kwhisper.romfs"
    data = image.read_bytes()
    for name in _NOT_ON_THE_CHIP:
        data = data.replace(name, name[:-1] + b"?")
    image.write_bytes(data)
