"""How much heap the decoder takes on a chip, meter by meter.

The official MicroPython loads a .mpy from littlefs whole into the heap; machine code lies in
executable memory. 32-bit MicroPython on this PC does the same: bytecode lies in its heap, machine
code outside it. What is measured there is what an ESP32 has, within a few per cent; the size of
the machine code is that of the chip's own .mpy (xtensawin).

    python -m kwhisper_tools.bench.decoder_heap [meter …]
"""

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kwhisper_tools.build import mpy
from kwhisper_tools.host import unix32
from kwhisper_tools.meters import METERS, make
from meterwire import _twin

HEAP_BUDGET = 34 * 1024
CODE_BUDGET = 13 * 1024
_OPTIMISE = 3  # as on the chip: no assertions, no line numbers
_MARCH = "xtensawin"
_LISTS = 40  # telegrams that a meter sends until each of its lists was there

_SCRIPT = """
import gc, sys
frames = [bytes.fromhex(text) for text in {frames!r}]
key, auth_key = (text and bytes.fromhex(text) for text in {keys!r})
def used():
    gc.collect()
    gc.collect()
    return gc.mem_alloc()
at_start = used()
from meterwire import Decoder
imported = used()
decoder = Decoder(3072, key, auth_key, rows=120)
made = used()
lists = 0
for frame in frames:
    for reading in decoder.feed(frame):
        lists += 1
    for reading in decoder.flush():
        lists += 1
reading = None
print(imported - at_start, made - at_start, used() - at_start, lists)
"""


@dataclass
class Row:
    """Bytes of heap of one meter: with meterwire imported, with the Decoder made, and when each
    of its lists has been read."""

    meter: str
    imported: int
    made: int
    read: int
    lists: int


def lay(folder: Path, choice: dict | None, march: str = "x86") -> dict[str, int]:
    """Compile meterwire into the folder; returns {module: bytes of .mpy}."""
    sizes = {}
    (folder / "meterwire").mkdir()
    for name, text in _twin.chip_files(choice).items():
        source = folder / name
        source.write_text(text)
        target = folder / "meterwire" / (source.stem + ".mpy")
        # the module's name is there anyway: tracebacks need no other
        mpy.compile(source, target, march, source.stem, _OPTIMISE)
        sizes[source.stem] = target.stat().st_size
        source.unlink()
    (folder / "meterwire" / "profiles.txt").write_bytes(_twin.PROFILES.read_bytes())
    return sizes


def machine_code(choice: dict | None, march: str = _MARCH) -> dict[str, dict[str, int]]:
    """{module: {function: bytes}} of machine code on a chip; of executable memory it takes a
    multiple of four."""
    found = {}
    with tempfile.TemporaryDirectory() as name:
        source, target = Path(name) / "module.py", Path(name) / "module.mpy"
        for file, text in _twin.chip_files(choice).items():
            if "@micropython.viper" in text:
                source.write_text(text)
                mpy.compile(source, target, march, file, _OPTIMISE)
                functions = mpy.functions(text, target.read_bytes())
                found[Path(file).stem] = {n: -(-size // 4) * 4 for n, size in functions.items()}
    return found


def measure(meters: list[str], choice: dict | None) -> list[Row]:
    """Measure each of the simulated meters; raises unix32.Unavailable without the runner."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        lay(Path(name), choice)
        for meter in meters:
            rows.append(_measure(meter, name))
    return rows


def _measure(name: str, folder: str) -> Row:
    meter = make(name, seed=4, start=datetime(2026, 1, 20, 10, 59, 55, tzinfo=UTC))
    frames = list(
        {len(data): data for data in (meter.next().data for _ in range(_LISTS))}.values()
    )
    keys = (
        meter.key.hex() if meter.encrypted else None,
        meter.auth_key.hex() if meter.encrypted and meter.authenticated else None,
    )
    script = _SCRIPT.format(frames=[frame.hex() for frame in frames], keys=keys)
    done = subprocess.run(
        [*unix32.command(), "-X", "heapsize=400k", "-c", script],
        env={"MICROPYPATH": f"{folder}:.frozen"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr.strip()[-500:]}")
    return Row(name, *(int(word) for word in done.stdout.split()))


def table(rows: list[Row], code: dict[str, dict[str, int]]) -> str:
    """The measurement as text."""
    lines = [f"{'meter':<20}{'imported':>10}{'Decoder':>10}{'lists read':>12}{'left':>8}"]
    for row in rows:
        left = HEAP_BUDGET - row.read
        lines.append(f"{row.meter:<20}{row.imported:>10,}{row.made:>10,}{row.read:>12,}{left:>8,}")
    lines.append("")
    total = 0
    for module, functions in code.items():
        total += sum(functions.values())
        lines.append(f"{module:<20}" + ", ".join(f"{n} {size:,}" for n, size in functions.items()))
    lines.append(f"machine code {total:,} of {CODE_BUDGET:,} bytes")
    return "\n".join(lines)


def main() -> None:
    """Print the table of the meters named, or of all."""
    choice = _twin.chip_choice()
    names = sys.argv[1:] or list(METERS)
    print(table(measure(names, choice), machine_code(choice)))


if __name__ == "__main__":
    main()
