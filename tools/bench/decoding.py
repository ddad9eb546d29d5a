"""Times decoders of meter frames side by side.

Every runtime is a process that decodes on demand (worker.py, peers.py). They take turns, round by
round, so that whatever else the machine does hits all alike; what counts is the CPU time of the
process, and of the rounds the shortest.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from kwhisper_tools import paths
from kwhisper_tools.bench import cpu
from kwhisper_tools.bench import frames as frames_module
from kwhisper_tools.bench.frames import Frame
from kwhisper_tools.host import unix32
from meterwire import _twin

# Pinned: a ratio means something only against a known other.
PEERS = {
    "gurux-dlms": "gurux-dlms==1.0.203",
    "dlms-cosem": "dlms-cosem==21.3.2",
    "amshan": "amshan==2.1.1",
    "dsmr-parser": "dsmr-parser==1.11.2",
}
# runtime: (which interpreter, Viper, every value fetched too)
OURS = {
    "unix-viper": ("unix", True, False),
    "unix-viper-values": ("unix", True, True),
    "unix32-viper": ("unix32", True, False),
    "unix": ("unix", False, False),
    "unix32": ("unix32", False, False),
    "cpython": ("cpython", False, False),
    "cpython-values": ("cpython", False, True),
}
RUNTIMES = (*OURS, *PEERS)

# How many times faster than the fastest peer: (frame, runtime): factor
GOALS = {
    ("aidon-hourly", "unix-viper"): 80,
    ("aidon-se", "unix-viper"): 80,
    ("dsmr", "unix-viper"): 30,
    ("aidon-hourly", "cpython"): 5,
    ("aidon-se", "cpython"): 5,
    ("dsmr", "cpython"): 3,
}

_HERE = Path(__file__).parent
_ROUND_NS = 30_000_000
_ANSWER_SECONDS = 120
_HEAP = "heapsize=8m"


class Unmeasurable(Exception):
    """This machine cannot measure it, and why."""


@dataclass
class Row:
    """What was measured: µs of CPU time and heap bytes a frame; without them, why not."""

    frame: str
    runtime: str
    us: float | None = None
    alloc: int | None = None
    note: str = ""

    def line(self) -> dict:
        """The row in the form that `bench decode --json` promises."""
        found = {"frame": self.frame, "runtime": self.runtime, "us": self.us, "alloc": self.alloc}
        return found | ({"note": self.note} if self.note else {})


class Runtime:
    """A decoder in a process of its own."""

    def __init__(self, name: str, command: list[str], fetch_values: bool = False):
        self.name = name
        self.fetch_values = fetch_values
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ask(self, **what) -> dict:
        """One question, one answer."""
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            words = self._process.stderr.read().strip().splitlines()
            raise Unmeasurable(f"{self.name} ended: {words[-1] if words else 'no reason given'}")
        return json.loads(answer)

    def time(self, frame: Frame, passes: int) -> int:
        """Nanoseconds of CPU time for decoding all messages so many times."""
        before = cpu.spent_ns(self._process.pid)
        self.ask(do="time", name=frame.name, passes=passes, values=self.fetch_values)
        return cpu.spent_ns(self._process.pid) - before

    def heap(self, frame: Frame) -> int:
        """Heap bytes a frame, as worker.py counts them."""
        return self.ask(do="heap", name=frame.name, values=self.fetch_values)["alloc"]

    def close(self) -> None:
        """End the process."""
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5)
        self._process.stdout.close()
        self._process.stderr.close()


# ---- what runs


def lay_meterwire(folder: Path, viper: bool) -> None:
    """Lay meterwire into the folder as a chip gets it, all of it Viper or all plain, but as
    source."""
    package = folder / "meterwire"
    package.mkdir(parents=True, exist_ok=True)
    for name, text in _twin.chip_files(None if viper else {}).items():
        (package / name).write_text(text)
    (package / _twin.PROFILES.name).write_bytes(_twin.PROFILES.read_bytes())


def peers_python() -> str:
    """The interpreter of an environment with the peers, made when there is none yet."""
    folder = paths.BUILD / "peers"
    python = folder / "bin" / "python"
    stamp = folder / ".made"
    wanted = "\n".join(PEERS.values())
    if stamp.exists() and stamp.read_text() == wanted and python.exists():
        return str(python)
    print(f"installing {', '.join(PEERS.values())} into {folder} …", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, timeout=300)
    command = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*command, *PEERS.values()], check=True, timeout=900)
    stamp.write_text(wanted)
    return str(python)


def start(name: str, trees: Path) -> Runtime:
    """Start one runtime by its name; raises Unmeasurable with the reason when it cannot be."""
    if name in PEERS:
        try:
            return Runtime(name, [peers_python(), str(_HERE / "peers.py"), name])
        except (subprocess.SubprocessError, OSError) as error:
            raise Unmeasurable(f"the peers cannot be installed: {error}") from None
    interpreter, viper, fetch_values = OURS[name]
    worker = str(_HERE / "worker.py")
    if interpreter == "cpython":
        command = [sys.executable, worker, str(paths.FIRMWARE / "lib")]
        return Runtime(name, command, fetch_values)
    folder = trees / ("viper" if viper else "plain")
    if not folder.exists():
        lay_meterwire(folder, viper)
    try:
        program = [paths.micropython()] if interpreter == "unix" else unix32.command()
    except (FileNotFoundError, unix32.Unavailable) as error:
        raise Unmeasurable(str(error)) from None
    return Runtime(name, [*program, "-X", _HEAP, worker, str(folder)], fetch_values)


# ---- whether they say the same


def _by_code(values: dict) -> dict[str, Decimal]:
    """{C.D.E: number} of our values, in base units."""
    said = {}
    for code, (mantissa, exponent, _) in values.items():
        said[code.split(":")[1]] = Decimal(mantissa).scaleb(exponent)
    return said


def compare(ours: dict, theirs: dict) -> tuple[str | None, str]:
    """(what is wrong or None, what is missing) of a peer's values against ours.

    Where the list names no scale a peer may leave it open: its digits must be ours then.
    """
    said = _by_code(ours)
    digits = {code.split(":")[1]: mantissa for code, (mantissa, _, _) in ours.items()}
    same = 0
    raw = False
    for code, text in theirs.items():
        if code not in said:
            continue
        number = Decimal(text)
        if said[code] != number:
            if digits[code] != number:
                return f"says {number:f} for {code}, which is {said[code]:f}", ""
            raw = True
        same += 1
    if not same:
        return "names none of the values", ""
    notes = ["scale left open"] if raw else []
    if same < len(said):
        notes.append(f"{same} of {len(said)} values")
    return None, ", ".join(notes)


# ---- the measurement


@dataclass
class Bench:
    """Runtimes that are ready, and what they measured."""

    frames: list[Frame]
    names: list[str]
    rounds: int = 9
    rows: list[Row] = field(default_factory=list)

    def run(self, tell=lambda text: None) -> list[Row]:
        """Measure everything; tell hears what is going on."""
        if not cpu.can():
            raise Unmeasurable("the CPU time of other processes can be read on Linux only")
        with tempfile.TemporaryDirectory(prefix="kwhisper-bench-") as name:
            folder = Path(name)
            ready: list[Runtime] = []
            reasons: dict[str, str] = {}
            try:
                for runtime in self.names:
                    tell(f"starting {runtime}")
                    try:
                        ready.append(start(runtime, folder / "trees"))
                    except Unmeasurable as error:
                        reasons[runtime] = str(error)
                for frame in self.frames:
                    tell(f"measuring {frame.name}")
                    self._measure(frame, ready, reasons, folder)
            finally:
                for runtime in ready:
                    runtime.close()
        return self.rows

    def _measure(self, frame, ready, reasons, folder) -> None:
        rows = {name: Row(frame.name, name, note=reasons.get(name, "")) for name in self.names}
        file = folder / frame.name
        file.write_bytes(b"".join(frame.messages))
        able = self._load(frame, file, ready, rows)
        passes = {}
        for runtime in able:
            runtime.ask(do="rest")
            passes[runtime] = _calibrate(runtime, frame)
        best: dict[Runtime, float] = {}
        for _ in range(self.rounds):
            for runtime in able:
                took = runtime.time(frame, passes[runtime])
                each = took / 1000 / passes[runtime] / len(frame.messages)
                best[runtime] = min(best.get(runtime, each), each)
                runtime.ask(do="rest")
        for runtime in able:
            row = rows[runtime.name]
            row.us = round(best[runtime], 2)
            row.alloc = runtime.heap(frame)
        self.rows.extend(rows.values())

    def _load(self, frame, file, ready, rows) -> list[Runtime]:
        """Give the frame to all; return those that decode it as we do."""
        truth = None
        able = []
        for runtime in ready:
            answer = runtime.ask(
                do="load",
                name=frame.name,
                file=str(file),
                sizes=[len(m) for m in frame.messages],
                key=frame.key and frame.key.hex(),
                auth_key=frame.auth_key and frame.auth_key.hex(),
            )
            row = rows[runtime.name]
            if "cannot" in answer:
                row.note = f"cannot: {answer['cannot']}"
                continue
            if runtime.name in OURS:
                truth = truth or answer
                wrong = "differs from our other runtimes" if answer != truth else None
            elif truth is None:
                wrong = "nothing of ours to compare it with"
            else:
                wrong, row.note = compare(truth["values"], answer["values"])
            if wrong:
                row.note = f"cannot: {wrong}"
            else:
                able.append(runtime)
        return able


def _calibrate(runtime: Runtime, frame: Frame) -> int:
    """How many passes take about a round; also warms the runtime up."""
    passes = 1
    while True:
        took = runtime.time(frame, passes)
        if took > _ROUND_NS / 4:
            return max(1, round(passes * _ROUND_NS / took))
        passes *= 4


def fastest_peer(rows: list[Row], frame: str) -> Row | None:
    """The row of the fastest peer on a frame, or None if none decodes it."""
    able = [r for r in rows if r.frame == frame and r.runtime in PEERS and r.us]
    return min(able, key=lambda r: r.us) if able else None


def goals(rows: list[Row]) -> list[tuple[str, str, int, float | None]]:
    """(frame, runtime, factor wanted, factor reached or None) of the goals that were measured."""
    found = []
    for (frame, runtime), wanted in GOALS.items():
        row = next((r for r in rows if r.frame == frame and r.runtime == runtime), None)
        peer = fastest_peer(rows, frame)
        if row and row.us and peer:
            found.append((frame, runtime, wanted, peer.us / row.us))
    return found


def load(names: list[str]) -> list[Frame]:
    """Frames by their names."""
    return [frames_module.load(name) for name in names]
