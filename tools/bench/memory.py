"""What the modules of an ESP32 take of its heap, and what the running application takes.

On the model of kwhisper_tools.host.esp32_model. The modules are loaded one by one:
import_worker.py.

A name that a module brings along takes a place in a table of the interpreter, which doubles when
it is full: a jump of up to 9 KB at whatever module comes then. So these tables are counted apart.
"""

import ast
import contextlib
import re
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from kwhisper_tools.build import tree
from kwhisper_tools.host import esp32_model, unix32
from kwhisper_tools.host.esp32_model import ASYNCIO, BASE, FIXED, UMQTT_SIMPLE, name_tables
from kwhisper_tools.paths import FIRMWARE

# As tests/esp32/test_memory.py holds it, while nobody looks at the pages.
AT_REST, AT_PEAK = 100 * 1024, 110 * 1024

_HEAP = "2m"
_GROUPS = (
    ("history", ("kwhisper.storage.history",)),
    ("energy", ("kwhisper.energy.account",)),
    ("a page was asked for", ("kwhisper.web.api", "kwhisper.web.run_server")),
    ("Home Assistant", ("kwhisper.mqtt.discovery",)),
    ("topics", ("kwhisper.formats.topics",)),
    ("TLS", ("kwhisper.mqtt.tls",)),
    ("with a broker's name", ("kwhisper.network.resolver",)),
)
_OURS = ("kwhisper", "meterwire", "microdot", "=")
WHEN_NEEDED = "when needed"
_SELDOM = "kwhisper.power."  # of all that run mode may load, what only one board needs
# The decoder as run_mode.py makes it.
_DECODER = "=meterwire.Decoder(3072, None, None, 120)"


@dataclass
class Row:
    """What loading one module took: bytes of heap, bytes of machine code on the chip."""

    group: str
    module: str
    heap: int
    code: int


@dataclass
class Costs:
    """The rows in the order of loading, and the tables of names they need, by group."""

    rows: list[Row]
    names: dict[str, int]  # {group: names known when it was loaded}

    def heap(self, groups) -> int:
        """Bytes of heap in use with these groups loaded, frozen modules and tables of names
        included, without the objects that the application makes."""
        mine = [row for row in self.rows if row.group in groups]
        last = max(self.names[group] for group in groups)
        return FIXED + sum(row.heap for row in mine) + name_tables(last)


def imports_in_functions(module: str) -> list[str]:
    """The modules that the functions of kwhisper.<module> import whenever they run, in the order
    of the text: not those behind an `if`, whose `else` is what most homes have, nor in what is
    defined within."""
    found = []

    def walk(node: ast.AST) -> None:
        if isinstance(node, ast.ImportFrom):
            above = "kwhisper." if node.level else ""
            base = above + (node.module or "")
            found.extend(f"{base.rstrip('.')}.{name.name}" for name in node.names)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return
        for inner in node.orelse if isinstance(node, ast.If) else ast.iter_child_nodes(node):
            walk(inner)

    for node in ast.parse((FIRMWARE / "kwhisper" / f"{module}.py").read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for inner in node.body:
                walk(inner)
    return list(dict.fromkeys(found))


def _modules_of(names: list[str], files) -> list[str]:
    """Those of names like package.module.Name that are modules, each once, or what holds them."""
    there = {path.removesuffix(".mpy").removeprefix("lib/") for path in files}
    found = []
    for name in names:
        if name.replace(".", "/") not in there:
            name = name.rpartition(".")[0]
        if name not in found:
            found.append(name)
    return found


def table(costs: Costs) -> list[str]:
    """Lines that tell the costs, a group after the other, each with the sum so far."""
    lines = [f"{'group':20} {'module':34} {'heap':>7} {'code':>6}"]
    told, code = [], 0
    fixed = {"nothing imported": BASE, "asyncio, frozen": ASYNCIO, "umqtt, frozen": UMQTT_SIMPLE}
    for what, heap in fixed.items():
        lines.append(f"{'the chip':20} {what:34} {heap:7} {'':>6}")
    for group, names in costs.names.items():
        mine = [row for row in costs.rows if row.group == group]
        for row in mine:
            lines.append(f"{group:20} {row.module:34} {row.heap:7} {row.code or '':>6}")
        told.append(group)
        code += sum(row.code for row in mine)
        if group != WHEN_NEEDED:
            what = f"= so far; {names} names take {name_tables(names)}"
            lines.append(f"{'':20} {what:34} {costs.heap(told):7} {code:6}")
    return lines


def measure(chip: tree.Chip = tree.CHIPS["esp32"], mode: str = "run") -> Costs:
    """Load the application of one mode module by module, then, apart from it, all the rest."""
    made = tree.make(chip)
    run = _modules_of(imports_in_functions(f"{mode}_mode"), made.files)
    run = [name for name in run if not name.startswith(_SELDOM)]
    groups = [("both modes", ["kwhisper.app"])]
    # What builds the run mode has gone when it runs.
    own = "running" if mode == "run" else "setup_mode"
    groups += [(f"{mode} mode", [f"kwhisper.{own}", *run])]
    if mode == "run":
        # meterwire loads it when its name is used.
        groups[1][1].extend(["meterwire.decoder", _DECODER])
        groups += [(title, list(names)) for title, names in _GROUPS]
    every = [
        path.removesuffix(".mpy").removesuffix("/__init__").removeprefix("lib/").replace("/", ".")
        for path in made.files
        if path.endswith(".mpy")
    ]
    last = [name for name in every if name.startswith(("kwhisper", "meterwire"))]
    # Of two twins the chip loads one.
    twins = {f"{name[:-2]}_plain" for name in last if name.endswith("_v")}
    groups.append((WHEN_NEEDED, [name for name in last if name not in twins]))
    asked = [(group, module) for group, modules in groups for module in modules]
    with tempfile.TemporaryDirectory() as name:
        esp32_model.lay(Path(name), chip)
        printed = _run(Path(name), [module for _, module in asked])
    return _read(printed, asked, made.code)


def _run(folder: Path, modules: list[str]) -> str:
    worker = Path(__file__).with_name("import_worker.py")
    command = [*unix32.command(), "-X", f"heapsize={_HEAP}", str(worker), str(folder), *modules]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise ValueError(f"the modules do not load:\n{done.stdout[-500:]}\n{done.stderr}")
    return done.stdout


def _read(printed: str, asked, code) -> Costs:
    """The costs out of what import_worker.py printed."""
    pattern = r"^([><#]) (.*) (\d+)\nqstr pool: n_pool=\d+, n_qstr=(\d+)"
    groups = iter(asked)
    group, first = "", None
    rows: list[Row] = []
    names: dict[str, int] = {}
    open_: list[list] = []  # [name, bytes before, bytes of what it loaded in turn]
    sizes = {
        module: sum(-(-size // 4) * 4 for size in functions.values())
        for module, functions in code.items()
    }
    for sign, name, used, count in re.findall(pattern, printed, re.M):
        count = int(count)
        first = count if first is None else first
        # The worker's own names are none of the chip's.
        used = int(used) - name_tables(count)
        if group:
            names[group] = count - first
        if sign == "#":
            group = next(groups)[0] if name else ""
        elif sign == ">":
            open_.append([name, used, 0])
        else:
            name, before, inner = open_.pop()
            taken = used - before
            if not name.startswith(_OURS):
                continue  # of C, or not there: what it takes counts to who asks for it
            if open_:
                open_[-1][2] += taken
            if taken - inner > 0:
                stem = name.rpartition(".")[2]
                rows.append(Row(group, name, taken - inner, sizes.pop(stem, 0)))
    return Costs(rows, names)


def running(payload: str, meter: str, seconds: float = 20) -> tuple[int, int]:
    """(bytes of heap in use at rest, at the peak) of the application after some seconds of a
    meter's lists, with a broker but without TLS."""
    from kwhisper_tools.host.embedded_broker import EmbeddedBroker
    from kwhisper_tools.meters import line, make, mep_meter

    asked = meter == mep_meter.Nes.name
    source = mep_meter.Nes() if asked else make(meter)
    if asked:
        keys = {"mep_key": source.key}
    else:
        keys = {"meter_key": source.key, "meter_auth_key": source.auth_key}
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        broker = EmbeddedBroker()
        stack.callback(broker.close)
        wire = line.Pty()
        stack.callback(wire.close)
        esp32_model.lay(folder / "built")
        device = esp32_model.Esp32(
            folder / "chip", unix32.command(), folder / "built", None, uart=wire.name
        )
        stack.enter_context(device)
        device.settings(
            wifi_ssid="Fjellheim",
            wifi_password="kwhisper-demo",
            mqtt_host="127.0.0.1",
            mqtt_port=broker.port,
            payload=payload,
            meter="mep" if asked else "auto",
            **{name: key.hex() for name, key in keys.items() if key},
        )
        device.power_on()
        device.watch()
        end = time.monotonic() + seconds
        if asked:
            mep_meter.serve(mep_meter.Port(source), wire, seconds)
        while time.monotonic() < end:
            wire.write(source.next().data)
            time.sleep(1)
        return device.probe()
