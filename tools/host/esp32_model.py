"""A pretended ESP32 with its memory: a build's tree on 32-bit MicroPython, within a given heap.

    lay(tree, folder)                                    # once: the build's files
    device = Esp32(folder, unix32.command(), tree, heap=92 * 1024)
    …
    device.in_use()                                      # bytes of heap, as the chip would have it

The chip loads .mpy files from its filesystem into the heap whole, and so does the 32-bit unix
port; machine code lies outside the heap there too, so Viper modules are compiled for this machine
and otherwise run as on the chip. The stand-ins for what the chip has in C do not count (the heap
is larger by what they take), nor does the UART's ring; of what is frozen on the chip (asyncio,
umqtt) counts what was measured there. The model agrees with an emulated ESP32 within 5 %, and says
rather too much than too little: docs/development.md has the calibration.

Not modelled: that the chip's heap lies in two or more pieces, its stack, and the system's memory.
"""

import re
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path

from kwhisper_tools.build import tree
from kwhisper_tools.host import CHIP, Device
from kwhisper_tools.paths import ROOT, UMQTT

# Measured on the chip (bytes): nothing imported, asyncio and umqtt.simple as frozen there.
BASE = 5376
ASYNCIO = 2064
UMQTT_SIMPLE = 880
FIXED = BASE + ASYNCIO + UMQTT_SIMPLE

_NAMES = 1000  # about so many does the application bring along
_FIRST_NAMES = 20  # places in the interpreter's first table of names
_PLACE, _HEAD = 7, 24  # bytes
_SLOT = "slots/a"
_SPARE = "4m"  # heap for counting what the stand-ins take
# MicroPython's id() is no address between 1 and 2 GiB, where this machine's allocator would put a
# heap below 128 KiB. An ESP32 has no memory there, and the firmware takes id() for an address.
_ELSEWHERE = "glibc.malloc.mmap_threshold=32768:glibc.malloc.top_pad=0"


def name_tables(names: int) -> int:
    """Bytes of the interpreter's tables for so many names beside its own (py/qstr.c): each is
    twice the one before."""
    total, places, room = 0, _FIRST_NAMES, 0
    while room < names:
        total += places * _PLACE + _HEAD
        room += places
        places *= 2
    return total


def lay(folder: Path, chip: tree.Chip = tree.CHIPS["esp32"]) -> None:
    """Lay the tree of a chip into a folder, its Viper modules compiled for this machine."""
    for path, data in tree.make(replace(chip, march="x86", code_budget=None)).files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


class Esp32(Device):
    """One ESP32 that runs the tree in `built` within `heap` bytes of heap (None: any amount)."""

    def __init__(self, folder, runtime: list[str], built: Path, heap: int | None, **options):
        super().__init__(folder, micropython=runtime, **options)
        shutil.copytree(built, self.flash / _SLOT)
        for name in ("boot.py", "main.py"):
            shutil.copy(ROOT / name, self.flash / name)
        self.environment = {"KWHISPER_UMQTT": str(UMQTT), "GLIBC_TUNABLES": _ELSEWHERE}
        self._base = self._count_base()
        self.environment["KWHISPER_MODEL"] = "run"
        self.heap = str(self._heap(heap)) if heap else _SPARE

    def _count_base(self) -> tuple[int, int]:
        environment = {
            **self.environment,
            "KWHISPER_MODEL": "base",
            "KWHISPER_ROOT": str(self.flash),
            "KWHISPER_STATE": str(self.state),
        }
        done = subprocess.run(
            [*self.command, "-X", f"heapsize={_SPARE}", str(CHIP / "start.py")],
            capture_output=True,
            text=True,
            timeout=60,
            env=environment,
        )
        found = _told("base", done.stdout.splitlines())
        if not found:
            raise RuntimeError(done.stdout + done.stderr)
        (used,), names = found
        return used, names

    def _heap(self, limit: int) -> int:
        used, names = self._base
        # The stand-ins' names make the tables larger.
        tables = name_tables(names + _NAMES) - name_tables(_NAMES) - name_tables(names)
        # Of a heap, three bytes in 131 are its own tables.
        return (limit - FIXED + used + tables) * 131 // 128

    def watch(self) -> None:
        """Look at the heap every few milliseconds from now on."""
        (self.state / "watch").touch()

    def probe(self, seconds: float = 120) -> tuple[int, int]:
        """(bytes in use now, most bytes in use since watch()), garbage not counted, as far as the
        chip would have them."""
        before = sum("@memory" in line for line in self.output)
        (self.state / "probe").touch()
        end = time.monotonic() + seconds
        while True:
            lines = list(self.output)
            found = _told("memory", lines)
            if found and sum("@memory" in line for line in lines) != before:
                break
            if time.monotonic() > end or not self.alive():
                raise TimeoutError("no answer:\n" + "\n".join(lines))
            time.sleep(0.05)
        (now, highest), names = found
        return self._on_the_chip(now, names), self._on_the_chip(highest, names)

    def _on_the_chip(self, used: int, names: int) -> int:
        base, base_names = self._base
        tables = name_tables(names) - name_tables(base_names) - name_tables(names - base_names)
        return FIXED + used - base - tables


def _told(what: str, lines: list[str]) -> tuple[list[int], int] | None:
    """(numbers, names) of the last such line that model.py printed, whole."""
    for i in range(len(lines) - 2, -1, -1):
        if lines[i].startswith("@" + what):
            match = re.search(r"n_qstr=(\d+)", lines[i + 1])
            if match:
                return [int(n) for n in lines[i].split()[1:]], int(match[1])
    return None
