"""The memory model: an ESP8266 with its heap, its reserve and a build's ROMFS image, on the 32-bit
unix port. What is measured on it holds within one per cent on the chip (Debian's i386 MicroPython
against an ESP8266 build, see the specification)."""

import json
import shutil
import subprocess
import time
from pathlib import Path

from kwhisper_tools.build import images, mpy, tree
from kwhisper_tools.host import CHIP, Device

HEAP = 38 * 1024
RESERVED = 4000

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


def rom_of_the_chip(folder: Path) -> Path:
    """The stand-ins and the start code as a ROM image: on the chip they are in the firmware."""
    files = {}
    modules = [*sorted(CHIP.glob("*.py")), Path(__file__).parent / "rom" / "chip_start.py"]
    for name, text in ((m.name, m.read_text()) for m in modules):
        source, target = folder / "module.py", folder / "module.mpy"
        source.write_text(text)
        mpy.compile(source, target, "xtensa", name, 2)
        files[target.with_stem(name.removesuffix(".py")).name] = target.read_bytes()
    path = folder / "chip.romfs"
    path.write_bytes(images.romfs(files))
    return path


class SmallChip(Device):
    """An ESP8266 running a build's image; `less` bytes are taken off its heap."""

    def __init__(self, folder: Path, runtime: list[str], image: Path, less: int = 0, **options):
        folder.mkdir(parents=True, exist_ok=True)
        self._script = folder / "bootstrap.py"
        self._roms = {"device": str(image), "chip": str(rom_of_the_chip(folder))}
        super().__init__(folder, chip="esp8266", **options)
        for name in ("boot.py", "main.py"):
            shutil.copy(image.parent / "files" / name, self.flash / name)
        # Stand-ins that take more than the chip would get the difference as heap of their own.
        taken = self._number_of(runtime, _BOOTSTRAP.format(reserved=None, **self._roms))
        more = max(0, taken - RESERVED)
        self._script.write_text(_BOOTSTRAP.format(reserved=RESERVED, **self._roms))
        # Of a heap, three bytes in 131 are its own tables.
        heap = HEAP + more * 131 // 128 - less
        self.command = [*runtime, "-X", f"heapsize={heap}", str(self._script)]

    def _number_of(self, runtime: list[str], script: str) -> int:
        """The number that a script prints."""
        self._script.write_text(script)
        done = subprocess.run(
            [*runtime, "-X", f"heapsize={HEAP}", str(self._script)],
            capture_output=True,
            text=True,
            timeout=30,
            env={"KWHISPER_ROOT": str(self.flash), "KWHISPER_STATE": str(self.state)},
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return int(done.stdout)

    def watch(self) -> None:
        """Look at what is free every few milliseconds from now on."""
        (self.state / "watch").touch()

    def probe(self, seconds: float = 30) -> dict[str, int]:
        """{"free": bytes, "largest": bytes of the largest block} after a collection; "lowest":
        what was free, garbage not counted, when least was, of the looks since watch()."""
        answer = self.state / "probed"
        answer.unlink(missing_ok=True)
        (self.state / "probe").touch()
        end = time.monotonic() + seconds
        while not (answer.exists() and answer.stat().st_size):
            if time.monotonic() > end or not self.alive():
                raise TimeoutError("no answer:\n" + "\n".join(self.output))
            time.sleep(0.05)
        return json.loads(answer.read_text())


def build(folder: Path) -> Path:
    """The ESP8266's image as `kwhisper build` makes it."""
    from kwhisper_tools.build import dist

    chip = tree.CHIPS["esp8266"]
    dist.make(chip, folder)
    return folder / chip.folder / "kwhisper.romfs"
