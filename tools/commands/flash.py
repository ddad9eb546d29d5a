"""``kwhisper flash PORT``: MicroPython and kWhisper onto a board, settings kept.

What is run is a list of steps, each a command of esptool or mpremote, so that --dry-run shows
exactly what a run does. All that mpremote does is one session without a soft reset ("resume"):
each soft reset runs boot.py, which counts it as a failed start. The new version is put beside the
old one, which stays: boot.py goes back to it after three failed starts. On the ESP8266 the meter
takes the console's UART: there the old image is erased first, which leaves a board whose console
is free, and the new one is written last.
"""

import os
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from kwhisper_tools.commands import first_steps, official_image
from kwhisper_tools.commands.official_image import CHIPS
from kwhisper_tools.paths import DIST, FIRMWARE, program

# ESP8266, FLASH_2M_ROMFS: both slots of the ROMFS partition.
_ROMFS_OFFSET, _ROMFS_SIZE = 0xB0000, 0x50000
_BAUD = "460800"
_SETTLE_S = 2
_ACCESS_POINT = FIRMWARE / "kwhisper" / "network" / "access_point.py"
_TIMEOUT_S = 600
_LONG = 400  # characters of an argument

# Where boot.py guards the start: as after many failed ones, so it leaves the console alone and no
# watchdog bites; an update on trial is not tried on. A board without it has nothing to be kept
# from.
_FREE_CONSOLE = """\
import machine, os
try:
    with open("/boot.py") as f:
        if "_count_write" in f.read():
            machine.RTC().memory(b"kW\\x09\\xf6")
            os.remove("/slot.try")
except (OSError, AttributeError):
    pass
machine.reset()"""
_NO_UMQTT = "no umqtt.simple"
_NEED_UMQTT = f"""\
try:
    import umqtt.simple
except ImportError:
    raise RuntimeError("{_NO_UMQTT}")"""
# What runs stays as it is until the new version lies beside it, whole. The place for that is the
# slot that is not chosen: boot.py may take a slot at any time, so its name goes before its files.
_MAKE_ROOM = """\
import os
def clear(path):
    for name in os.listdir(path):
        try:
            os.remove(path + "/" + name)
        except OSError:
            clear(path + "/" + name)
    os.rmdir(path)
if "slots" not in os.listdir("/"):
    os.mkdir("/slots")
there = os.listdir("/slots")
try:
    with open("/slot") as f:
        chosen = f.read(1)
except OSError:
    chosen = "a"
target = "b" if chosen == "a" and "a" in there else "a"
if "new" in there:
    clear("/slots/new")
if target in there:
    os.rename("/slots/" + target, "/slots/new")
    clear("/slots/new")"""
_DAMAGED = "damaged on its way"
# What other parts keep in RTC memory behind the count of failed starts stays as it is.
_CHOOSE_SLOT = """\
import machine, os
def put(name, text):
    with open("/slot.new", "w") as f:
        f.write(text)
    os.rename("/slot.new", name)
for name in ("boot.py", "main.py"):
    os.rename("/new." + name, "/" + name)
put("/slot", {target})
for name in ("slot.try", "slot.failed", "settings.json.back"):
    if name in os.listdir("/"):
        os.remove("/" + name)
rtc = machine.RTC()
rtc.memory(b"kW\\0\\xff" + bytes(rtc.memory())[4:])"""
# Every file is read back from the board's flash before it is chosen.
_TAKE_INTO_USE = f"""\
import binascii, hashlib, json
with open("/slots/new/manifest") as lines:
    lines.readline()
    for line in lines:
        row = json.loads(line)
        digest = hashlib.sha256()
        with open("/slots/new/" + row["path"], "rb") as f:
            while True:
                part = f.read(1024)
                if not part:
                    break
                digest.update(part)
        if binascii.hexlify(digest.digest()).decode() != row["sha256"]:
            raise RuntimeError(row["path"] + ": {_DAMAGED}")
with open("/slots/new/manifest") as lines:
    head = lines.readline()
with open("/slots/new/manifest", "w") as f:
    f.write(head)
os.rename("/slots/new", "/slots/" + target)
""" + _CHOOSE_SLOT.format(target="target")
_FORGET = (
    "import os; [os.remove('/' + f) for f in os.listdir('/') "
    "if f.startswith('settings.json') or f == 'joined']"
)
# Behind the text of access_point.py. With the radio on the chip's random numbers are true ones.
_REPORT = """
network.WLAN(network.STA_IF).active(True)
print("ready", *access_point(), "settings.json" in os.listdir("/"))"""


@dataclass(frozen=True)
class Step:
    """One command. `tries`: how often, a board needs a moment after a reset; `pause`: seconds that
    it takes afterwards; `may_fail`: a first installation has nothing there to answer."""

    why: str
    command: list[str]
    tries: int = 1
    pause: int = 0
    may_fail: bool = False


def plan(
    port: str, chip: str, image: Path | None, dist: Path = DIST, erase_settings: bool = False
) -> list[Step]:
    """The steps that put a build from `dist` onto a board."""
    from kwhisper_tools.build import tree

    flavour = CHIPS[chip]
    folder = dist / tree.CHIPS[flavour.build].folder
    esptool = [program("esptool"), "--chip", chip, "--port", port, "--baud", _BAUD]
    session = [program("mpremote"), "connect", port, "resume"]
    small = flavour.build == "esp8266"
    steps = []
    if image and erase_settings:
        steps.append(Step("erase everything", [*esptool, "erase-flash"]))
    if image:
        place = [hex(flavour.offset), str(image)]
        steps.append(Step("write MicroPython", [*esptool, "write-flash", *place]))
    if small:
        region = [hex(_ROMFS_OFFSET), hex(_ROMFS_SIZE)]
        steps.append(Step("take the old kWhisper away", [*esptool, "erase-region", *region]))
    else:
        free = [*session, "exec", "--no-follow", _FREE_CONSOLE]
        stop = Step("stop a running kWhisper", free, tries=3, pause=_SETTLE_S, may_fail=True)
        steps.append(stop)
    start = [str(folder / "files" / name) for name in ("boot.py", "main.py")]
    actions = [["exec", _NEED_UMQTT]]
    if erase_settings and not image:
        actions.append(["exec", _FORGET])
    if not small:
        actions.append(["exec", _MAKE_ROOM])
        actions.append(["fs", "cp", "-r", str(folder / "tree"), ":/slots/new"])
    for file in start:
        actions.append(["fs", "cp", file, f":/new.{Path(file).name}"])
    actions.append(["exec", _CHOOSE_SLOT.format(target="'a'") if small else _TAKE_INTO_USE])
    actions.append(["exec", alone(_ACCESS_POINT) + _REPORT])
    if not small:
        actions.append(["reset"])
    command = [*session, *actions[0]]
    for action in actions[1:]:
        command += ["+", *action]
    steps.append(Step("copy boot.py and main.py" if small else "copy kWhisper", command, tries=10))
    if small:
        romfs = [hex(_ROMFS_OFFSET), str(folder / "kwhisper.romfs")]
        steps.append(Step("write kWhisper", [*esptool, "write-flash", *romfs]))
    return steps


def alone(path: Path) -> str:
    """The text of a module of the firmware that runs without the rest of it: an ESP8266 has not
    got it at that moment. What it imports from another room goes with it."""

    def brought(match):
        folder, name = match.groups()
        text = alone(path.parent.parent / folder / f"{name}.py")
        return (
            f"class {name}: pass\n_all = {{}}\nexec({text!r}, _all)\n"
            f"for _name in _all: setattr({name}, _name, _all[_name])"
        )

    text = path.read_text("utf-8")
    return re.sub(r"^from \.\.(\w+) import (\w+)$", brought, text, flags=re.M)


class NoUmqtt(Exception):
    """The MicroPython on the board lacks umqtt.simple."""


def run(step: Step, say=print) -> str:
    """Run one step and return what it printed; SystemExit with the reason when it fails."""
    say(step.why)
    problem = ""
    for attempt in range(step.tries):
        if attempt:
            time.sleep(_SETTLE_S)
        try:
            done = subprocess.run(
                step.command,
                capture_output=True,
                text=True,
                timeout=_TIMEOUT_S,
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired:
            problem = f"no end after {_TIMEOUT_S} s"
            continue
        if done.returncode == 0:
            time.sleep(step.pause)
            return done.stdout
        problem = (done.stdout + done.stderr).strip()[-800:]
        if f"RuntimeError: {_NO_UMQTT}" in problem:
            raise NoUmqtt
    if step.may_fail:
        return ""
    raise SystemExit(f"flash: could not {step.why}:\n{problem}")


def chip_of(port: str) -> str:
    """Ask the board for its chip, by esptool."""
    said = run(Step("find the chip", [program("esptool"), "--port", port, "read-mac"]))
    return parse_chip(said)


def parse_chip(said: str) -> str:
    """The chip's name in esptool's words about it."""
    match = re.search(r"(?:Chip type:|Connected to|Chip is)\s+(ESP\d+(?:-[A-Z]\d+)?)", said)
    name = match.group(1).lower().replace("-", "") if match else ""
    if name not in CHIPS:
        raise SystemExit(f"flash: {name or 'this chip'} is not one of {', '.join(CHIPS)}")
    return name


def _shown(command: list[str]) -> str:
    import shlex

    # The text of a whole module is nothing to read on a terminal.
    words = [f"{word[:60]} …" if len(word) > _LONG else word for word in command[1:]]
    return shlex.join([Path(command[0]).name, *words])


def the_port(command: str = "flash") -> str:
    """The one serial port with a board on it; SystemExit if there is none, or a choice."""
    from serial.tools import list_ports

    # Ports without USB behind them are the PC's own.
    found = {p.device: p.description for p in list_ports.comports() if p.vid is not None}
    if len(found) == 1:
        return next(iter(found))
    if not found:
        raise SystemExit(
            f"{command}: no board on USB: connect it by a cable that carries data, or name its "
            "port. Windows and macOS may lack the driver of its USB chip (CP210x, CH340)."
        )
    names = "\n".join(f"  kwhisper {command} {port}    {what}" for port, what in found.items())
    raise SystemExit(f"{command}: which board?\n{names}")


def may_use(port: str, command: str = "flash") -> None:
    """SystemExit, with what to do, for a port that belongs to a group which the user is not in."""
    path = Path(port)
    if path.exists() and not os.access(path, os.R_OK | os.W_OK):
        do = f"sudo usermod -aG {path.group()} $USER, then log in anew"
        raise SystemExit(f"{command}: no permission to use {port}: {do}")


def the_image(chip: str, named: Path | None, ask, console) -> Path | None:
    """The official image to write: the one that was named, else one found in the downloads that
    `ask` agreed to; None: the board keeps its MicroPython. SystemExit for a wrong one."""
    flavour = CHIPS[chip]
    found = [named] if named else official_image.find(flavour, official_image.folders())
    if len(found) > 1:
        names = "\n".join(f"  --firmware {path}" for path in found)
        raise SystemExit(f"flash: which of these images?\n{names}")
    if found:
        image = found[0]
        if why := official_image.problem(image, chip):
            raise SystemExit(f"flash: {why}")
        if named or ask(f"Write {image} to the board?"):
            return image
    else:
        console.print("MicroPython's image for this board is not here:")
        console.print(*official_image.how_to_get(chip), sep="\n", markup=False)
    if not ask("Go on with the MicroPython that is on the board?"):
        raise SystemExit(1)
    return None


def flash(
    port: Annotated[
        str | None,
        typer.Argument(help="The board's serial port, such as /dev/ttyUSB0 or COM3; else found."),
    ] = None,
    chip: Annotated[
        str, typer.Option(help=f"One of {', '.join(CHIPS)}; auto asks the board.", metavar="CHIP")
    ] = "auto",
    firmware: Annotated[
        Path | None,
        typer.Option(
            help="The official MicroPython image; else looked for here and in the downloads.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print the commands.")] = False,
    erase_settings: Annotated[
        bool, typer.Option("--erase-settings", help="Start anew: forget WiFi, broker and keys.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")] = False,
) -> None:
    """Put MicroPython and kWhisper on a board; an old one keeps its settings and totals."""
    from rich.console import Console

    from kwhisper_tools.build import dist, tree

    console = Console(soft_wrap=True, highlight=False)
    if chip != "auto" and chip not in CHIPS:
        raise typer.BadParameter(f"{chip!r} is not one of {', '.join(CHIPS)}, auto")
    if chip == "auto" and dry_run:
        console.print(
            "Without a board the chip is not known; these are the commands for an esp32."
        )
        chip = "esp32"
    port = port or ("PORT" if dry_run else the_port())
    if not dry_run:
        may_use(port)
    if chip == "auto":
        chip = chip_of(port)
    flavour = CHIPS[chip]
    unasked = yes or dry_run
    image = the_image(chip, firmware, lambda text: unasked or typer.confirm(text, True), console)
    if dry_run and not image:
        console.print("With it the board gets MicroPython first, as shown; else it keeps its own.")
        image = Path(flavour.wanted)
    target = tree.CHIPS[flavour.build]
    console.print(f"Building {DIST / target.folder}")
    dist.make(target, DIST)
    said = ""
    for step in plan(port, chip, image, DIST, erase_settings):
        if dry_run:
            console.print(f"[dim]# {step.why}[/]")
            console.print(_shown(step.command), markup=False)
        else:
            try:
                said += run(step, lambda text: console.print(text, style="bold", markup=False))
            except NoUmqtt:
                raise SystemExit(f"flash: {flavour.without_umqtt}")
    if not dry_run:
        console.print(*first_steps.lines(said), sep="\n")
