"""A pretended chip: the whole firmware, unchanged, on MicroPython's unix port.

    with Device(folder, uart="/dev/pts/3", line="2400 8E1") as device:
        device.install()                # the firmware's files, as `kwhisper flash` lays them
        device.settings(wifi_ssid="Fjellheim", wifi_password="kwhisper-demo")
        device.power_on()
        …                               # device.web_port, device.output, device.alive()

The process is the chip: machine.reset() ends it and it is started again, RTC memory kept;
power_cut() is kill -9. folder/flash is its file system, folder/state what outlives a reset.
The stand-ins for machine, network … lie in chip/.
"""

import contextlib
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import zlib
from collections import deque
from pathlib import Path

from kwhisper_tools import paths
from kwhisper_tools.build import fetch, tree

CHIP = Path(__file__).parent / "chip"

POWER_ON, HARD_RESET, WATCHDOG, DEEP_SLEEP = 1, 2, 3, 4
_OUTPUT_LINES = 2000
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class Device:
    """One chip: its flash, its process, its ports."""

    def __init__(
        self,
        folder,
        *,
        uart: str | None = None,
        line: str | None = None,
        chip: str = "esp32",
        micropython: list[str] | None = None,
        identity: str = "240ac4000001",
        web_port: int | None = None,
        dns_port: int | None = None,
        heap: str | None = None,
        on_output=None,
    ):
        self.folder = Path(folder)
        self.flash = self.folder / "flash"
        self.state = self.folder / "state"
        for path in (self.flash, self.state):
            path.mkdir(parents=True, exist_ok=True)
        self.uart = uart
        self.line = line
        self.chip = chip
        self.command = micropython or [paths.micropython()]
        self.identity = identity
        self.web_port = web_port or free_port()
        self.dns_port = dns_port or free_port(socket.SOCK_DGRAM)
        self.heap = heap
        self.on_output = on_output
        self.environment: dict[str, str] = {}
        self.output: deque[str] = deque(maxlen=_OUTPUT_LINES)
        self.starts = 0
        self.last_reset = POWER_ON
        self.hurry = 1.0  # so many times shorter is every deep sleep
        self.asleep = False
        self._process: subprocess.Popen | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.power_cut()

    def install(self, slot: str = "") -> None:
        """Lay the ESP32's firmware onto the flash, from its sources: Python as text, all else as
        the build makes it. umqtt, which a chip has frozen in, lies among the libraries.

        slot: "a" or "b", as `kwhisper flash` lays it; else it lies in the root and takes no
        updates."""
        for name in fetch.PACKAGES:
            fetch.fetch(name)
        start = tree.start_files()
        for place, source in (tree.of_the_esp32() | start).items():
            path, data = tree.packed(place, source.read_bytes())
            if slot and place not in start and not place.startswith("lib/umqtt/"):
                path = f"slots/{slot}/{path}"
            file = self.flash / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)

    def settings(self, **values) -> None:
        """Write the settings file as the device does when a person has filled in the page."""
        body = json.dumps({"version": 1, **values}).encode()
        checksum = b"\n#%08x" % zlib.crc32(body)
        (self.flash / "settings.json").write_bytes(body + checksum)

    def remember(self, name: str, data: bytes) -> None:
        """Write a small file of the firmware's with its checksum: line, joined …"""
        (self.flash / name).write_bytes(data + b"\n#%08x" % zlib.crc32(data))

    def tell(self, name: str, value) -> None:
        """Set what the chip sees of the outside: air (networks), pins, volts."""
        temporary = self.state / (name + ".new")
        temporary.write_text(json.dumps(value))
        temporary.replace(self.state / name)

    def told(self, name: str, default=None):
        """What the chip left for the outside: access_point, lost, rtc …"""
        end = time.monotonic() + 5
        while True:
            try:
                return json.loads((self.state / name).read_text())
            except OSError:
                return default
            except ValueError:
                # It is being written; what was cut off by a power cut stays so.
                if time.monotonic() > end or self._stop.is_set() or not self.alive():
                    return default
                time.sleep(0.002)

    @property
    def url(self) -> str:
        """Where its page is."""
        return f"http://127.0.0.1:{self.web_port}/"

    def power_on(self) -> None:
        """Start the chip; returns at once."""
        self._forget("rtc", "reset", "watchdog", "timer", "lost", "access_point", "radio")
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, name="device", daemon=True)
        self._thread.start()

    def power_cut(self) -> None:
        """Take its power: kill -9, nothing is tidied up."""
        self._stop.set()
        process = self._process
        if process and process.poll() is None:
            process.kill()
        if self._thread:
            self._thread.join(10)
            self._thread = None

    def alive(self) -> bool:
        """Whether it is powered and its program has not ended."""
        return bool(self._thread and self._thread.is_alive())

    def wait_for(self, text: str, seconds: float = 120) -> str:
        """The first line on its console, already printed or to come, that holds `text`."""
        end = time.monotonic() + seconds
        while True:
            for line in list(self.output):
                if text in line:
                    return line
            if time.monotonic() > end:
                printed = "\n".join(self.output)
                raise TimeoutError(f"no {text!r} on the console:\n{printed}")
            time.sleep(0.05)

    def pid(self) -> int | None:
        """The process that is the chip just now."""
        return self._process.pid if self._process else None

    def _run(self) -> None:
        cause = POWER_ON
        while not self._stop.is_set():
            self.last_reset = cause
            self.starts += 1
            self._once(cause)
            note = self.told("reset")
            self._forget("reset", "watchdog", "timer")
            if note is None:
                if not self._stop.is_set():
                    # A chip goes on or restarts; so this is a fault that must be seen.
                    self.output.append(f"the program ended: {self._process.returncode}")
                break
            cause = note["cause"]
            self.asleep = note["after_ms"] > 0
            if self.asleep:
                self._forget("radio")
            self._stop.wait(note["after_ms"] / 1000 / self.hurry)
            self.asleep = False

    def _once(self, cause: int) -> None:
        command = [*self.command, *(["-X", f"heapsize={self.heap}"] if self.heap else [])]
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "KWHISPER_ROOT": str(self.flash),
            "KWHISPER_STATE": str(self.state),
            "KWHISPER_UART": self.uart or "",
            "KWHISPER_LINE": self.line or "",
            "KWHISPER_CHIP": self.chip,
            "KWHISPER_ID": self.identity,
            "KWHISPER_WEB_PORT": str(self.web_port),
            "KWHISPER_DNS_PORT": str(self.dns_port),
            "KWHISPER_RESET_CAUSE": str(cause),
            **self.environment,
        }
        self._process = subprocess.Popen(
            [*command, str(CHIP / "start.py")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            preexec_fn=_die_with_parent,
        )
        threading.Thread(target=self._watch, args=(self._process,), daemon=True).start()
        if self._stop.is_set():
            self._process.kill()
        for raw in self._process.stdout:
            line = raw.decode(errors="replace").rstrip("\r\n")
            self.output.append(line)
            if self.on_output:
                self.on_output(line)
        self._process.wait()

    def _watch(self, process: subprocess.Popen) -> None:
        # The watchdog of the chip: machine.WDT.feed() writes the file, its age is the time since;
        # and the timer that restarts it.
        while process.poll() is None:
            time.sleep(0.5)
            for name, cause in (("watchdog", WATCHDOG), ("timer", HARD_RESET)):
                with contextlib.suppress(OSError):
                    age = time.time() - (self.state / name).stat().st_mtime
                    timeout = self.told(name)
                    if timeout and age * 1000 > timeout and process.poll() is None:
                        self.tell("reset", {"cause": cause, "after_ms": 0})
                        process.kill()

    def _forget(self, *names: str) -> None:
        for name in names:
            (self.state / name).unlink(missing_ok=True)


# Below what the system gives to outgoing connections; two processes begin far from each other.
_PORTS = range(10000, 32000)
_next_port = os.getpid() * 1009 % len(_PORTS)


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    """A port nobody listens on just now; never the same twice in a process."""
    global _next_port
    for _ in _PORTS:
        port = _PORTS[_next_port]
        _next_port = (_next_port + 1) % len(_PORTS)
        with socket.socket(socket.AF_INET, kind) as s, contextlib.suppress(OSError):
            s.bind(("127.0.0.1", port))
            return port
    raise OSError("no free port")


def _die_with_parent() -> None:
    # In the child: when this program is killed outright, its chips go with it.
    if _LIBC:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
