"""``kwhisper flash PORT``: MicroPython and kWhisper onto a board, settings kept.

What is run is a list of steps, each a command of esptool or mpremote, so that --dry-run shows
exactly what a run does. On the ESP8266 the meter takes the console's UART: there the old image is
erased first, which leaves a board whose console is free, and the new one is written last.
"""

import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from kwhisper_tools.paths import DIST, program


@dataclass(frozen=True)
class Flavour:
    """What differs between the chips: which build, which official image, where it goes."""

    build: str
    image: str
    offset: int


# chip as esptool calls it: build of `kwhisper build`, name of the official MicroPython image
CHIPS = {
    "esp8266": Flavour("esp8266", "ESP8266_GENERIC-FLASH_2M_ROMFS", 0),
    "esp32": Flavour("esp32", "ESP32_GENERIC", 0x1000),
    "esp32s2": Flavour("esp32", "ESP32_GENERIC_S2", 0x1000),
    "esp32s3": Flavour("esp32", "ESP32_GENERIC_S3", 0),
    "esp32c3": Flavour("esp32c3", "ESP32_GENERIC_C3", 0),
    "esp32c6": Flavour("esp32c3", "ESP32_GENERIC_C6", 0),
}

# ESP8266, FLASH_2M_ROMFS: both slots of the ROMFS partition.
_ROMFS_OFFSET, _ROMFS_SIZE = 0xB0000, 0x50000
_BAUD = "460800"
_MAGIC = 0xE9  # every image of an Espressif chip starts with it
_SETTLE_S = 2
_TIMEOUT_S = 600

# Three failed starts and once more: boot.py then leaves the console alone. No watchdog bites.
_FREE_CONSOLE = "import machine; machine.RTC().memory(b'kW\\x06\\xf9'); machine.reset()"
_CHOOSE_SLOT = "f = open('/slot', 'w'); f.write('a'); f.close()"
# So that there is something to remove, whatever there was.
_OLD_SLOT = (
    "import os; 'slots' in os.listdir('/') or os.mkdir('/slots'); "
    "'a' in os.listdir('/slots') or os.mkdir('/slots/a')"
)
_FORGET = (
    "import os; [os.remove('/' + f) for f in os.listdir('/') "
    "if f.startswith('settings.json') or f == 'joined']"
)
_REPORT = (
    "import os; from kwhisper import wifi; "
    "print('ready', *wifi.access_point(), 'settings.json' in os.listdir('/'))"
)


@dataclass(frozen=True)
class Step:
    """One command. `tries`: how often, a board needs a moment after a reset; `may_fail`: a first
    installation has nothing there to answer."""

    why: str
    command: list[str]
    tries: int = 1
    may_fail: bool = False


def find_image(flavour: Flavour, folders: list[Path]) -> Path | None:
    """The newest official image for a chip in these folders, by the date in its name."""
    found = [f for folder in folders for f in folder.glob(f"{flavour.image}-[0-9]*.bin")]
    return max(found, key=lambda f: f.name, default=None)


def check_image(path: Path, flavour: Flavour) -> None:
    """Raise SystemExit unless the file can be what it should be."""
    data = path.read_bytes()
    if not data or data[0] != _MAGIC:
        raise SystemExit(f"flash: {path} is not an image for an Espressif chip")
    if flavour.build == "esp8266" and b"VfsRom" not in data:
        raise SystemExit(
            f"flash: {path} has no ROMFS; the ESP8266 needs MicroPython's {flavour.image}"
        )


def plan(
    port: str, chip: str, image: Path | None, dist: Path = DIST, erase_settings: bool = False
) -> list[Step]:
    """The steps that put a build from `dist` onto a board."""
    from kwhisper_tools.build import tree

    flavour = CHIPS[chip]
    folder = dist / tree.CHIPS[flavour.build].folder
    esptool = [program("esptool"), "--chip", chip, "--port", port, "--baud", _BAUD]
    mpremote = [program("mpremote"), "connect", port]
    steps = []
    if image and erase_settings:
        steps.append(Step("erase everything", [*esptool, "erase-flash"]))
    if image:
        place = [hex(flavour.offset), str(image)]
        steps.append(Step("write MicroPython", [*esptool, "write-flash", *place]))
    if flavour.build == "esp8266":
        region = [hex(_ROMFS_OFFSET), hex(_ROMFS_SIZE)]
        steps.append(Step("take the old kWhisper away", [*esptool, "erase-region", *region]))
    else:
        steps.append(
            Step(
                "stop a running kWhisper",
                [*mpremote, "exec", "--no-follow", _FREE_CONSOLE],
                tries=3,
                may_fail=True,
            )
        )
    if erase_settings and not image:
        steps.append(Step("forget the settings", [*mpremote, "exec", _FORGET], tries=10))
    start = [str(folder / "files" / name) for name in ("boot.py", "main.py")]
    steps.append(Step("copy boot.py and main.py", [*mpremote, "fs", "cp", *start, ":/"], tries=10))
    if flavour.build == "esp8266":
        romfs = [hex(_ROMFS_OFFSET), str(folder / "kwhisper.romfs")]
        steps.append(Step("write kWhisper", [*esptool, "write-flash", *romfs]))
    else:
        remove = [*mpremote, "exec", _OLD_SLOT, "+", "fs", "rm", "-r", ":/slots/a"]
        copy = ["+", "fs", "cp", "-r", str(folder / "tree"), ":/slots/a"]
        steps.append(Step("copy kWhisper", [*remove, *copy], tries=3))
    steps.append(Step("choose the slot", [*mpremote, "exec", _CHOOSE_SLOT], tries=10))
    steps.append(Step("ask how to reach it", [*mpremote, "exec", _REPORT], tries=3))
    steps.append(Step("start it", [*mpremote, "reset"]))
    return steps


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
            return done.stdout
        problem = (done.stdout + done.stderr).strip()[-800:]
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
        raise SystemExit(f"flash: {name or 'this chip'} is none of {', '.join(CHIPS)}")
    return name


def hints(said: str) -> list[str]:
    """What to tell the user, from what the board said to _REPORT."""
    match = re.search(r"^ready (\S+) (\S+) (True|False)", said, re.M)
    if not match:
        return ["The board did not tell its access point; its console does at the next start."]
    name, password, configured = match.groups()
    if configured == "True":
        return [
            "The settings were kept: kWhisper joins your WiFi. Its page shows the values.",
            f"Hold the button at its start for the set-up: WiFi {name}, password {password}.",
        ]
    return [
        f"1  Join the WiFi [bold]{name}[/] with the password [bold]{password}[/].",
        "2  The set-up page opens by itself, or open [bold]http://192.168.4.1[/].",
        "3  Choose your WiFi, enter your broker's address, save.",
        "The password belongs to this board and stays the same: write it down.",
    ]


def _shown(command: list[str]) -> str:
    import shlex

    return shlex.join([Path(command[0]).name, *command[1:]])


def flash(
    port: Annotated[str, typer.Argument(help="The board's serial port, such as /dev/ttyUSB0.")],
    chip: Annotated[
        str, typer.Option(help=f"One of {', '.join(CHIPS)}; auto asks the board.", metavar="CHIP")
    ] = "auto",
    firmware: Annotated[
        Path | None,
        typer.Option(
            help="The official MicroPython image; else looked for here and in ~/Downloads.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print the commands.")] = False,
    erase_settings: Annotated[
        bool, typer.Option("--erase-settings", help="Start anew: forget WiFi, broker and keys.")
    ] = False,
) -> None:
    """Put MicroPython and kWhisper on a board."""
    from rich.console import Console

    from kwhisper_tools.build import dist, tree

    console = Console(soft_wrap=True, highlight=False)
    if chip != "auto" and chip not in CHIPS:
        raise typer.BadParameter(f"{chip!r} is none of {', '.join(CHIPS)}, auto")
    if chip == "auto" and dry_run:
        console.print("The chip would be asked for; shown is what follows for an esp32.")
        chip = "esp32"
    if chip == "auto":
        chip = chip_of(port)
    flavour = CHIPS[chip]
    image = firmware or find_image(flavour, [Path.cwd(), Path.home() / "Downloads"])
    if image:
        check_image(image, flavour)
    else:
        console.print(
            f"No {flavour.image}-….bin here or in ~/Downloads: the board keeps its MicroPython.\n"
            f"A new board needs it: get the official image from MicroPython's download page."
        )
    target = tree.CHIPS[flavour.build]
    console.print(f"Building {DIST / target.folder}")
    dist.make(target, DIST)
    said = ""
    for step in plan(port, chip, image, DIST, erase_settings):
        if dry_run:
            console.print(f"[dim]# {step.why}[/]")
            console.print(_shown(step.command), markup=False)
        else:
            answer = run(step, lambda text: console.print(text, style="bold", markup=False))
            said = answer if step.command[-1] == _REPORT else said
    if not dry_run:
        console.print(*hints(said), sep="\n")
