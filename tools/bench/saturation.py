"""Telegrams without a pause between them, at 115,200 baud, into the whole firmware.

The firmware runs on MicroPython's unix port behind a pty, with its WiFi, broker session and pages.
No byte may be lost: every telegram sent must have been found sound, and nothing else in between.
What the reading itself costs is measured apart, by the same bytes through the same decoder; the
process as a whole also pays for the pretended UART, which moves bytes in bytecode.
"""

import json
import os
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from kwhisper_tools.bench import brokers, cpu, decoding
from kwhisper_tools.bench.frames import Frame
from kwhisper_tools.host import Device
from kwhisper_tools.meters import line, make

BAUD = 115200
_PARITY = "8N1"
_SPOKEN = f"{BAUD} {_PARITY}"
_WIFI = {"wifi_ssid": "Fjellheim", "wifi_password": "kwhisper-demo"}
_READY_SECONDS = 40
_IDLE_SECONDS = 3
_SETTLE_SECONDS = 2.5  # the counters are written when the line has fallen silent
_STEP = 0.01


class Failed(Exception):
    """The measurement could not be made, and why."""


@dataclass
class Outcome:
    """What went in, what came out, what it cost."""

    meter: str
    seconds: float
    telegrams: int
    sent: int  # bytes
    sound: int
    noise: int
    damaged: int
    overrun: int  # bytes that found the UART's ring full
    unsent: int  # MQTT messages dropped for newer ones: no part of the reading
    lag_ms: int
    reading_share: float  # of one CPU
    process_share: float
    idle_share: float

    @property
    def lost(self) -> bool:
        """Whether anything was lost or changed on the way."""
        return bool(self.sound != self.telegrams or self.noise or self.damaged or self.overrun)

    def line(self) -> dict:
        """The outcome as `bench line --json` prints it."""
        return {**vars(self), "lost": self.lost}


class _Wire:
    """The master's end of a pty; waits until everything is taken, unlike a simulated meter's."""

    def __init__(self):
        import termios
        import tty

        self._master, self._slave = os.openpty()
        tty.setraw(self._slave, termios.TCSANOW)
        self.name = os.ttyname(self._slave)

    def write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._master, data) :]

    def close(self) -> None:
        os.close(self._master)
        os.close(self._slave)


def _status(device: Device) -> dict:
    with urllib.request.urlopen(device.url + "data.json", timeout=60) as answer:
        found = json.loads(answer.read())
    return found.get("status", found)


def _await_ready(device: Device) -> None:
    end = time.monotonic() + _READY_SECONDS
    while time.monotonic() < end and device.alive():
        try:
            status = _status(device)
            if status.get("mqtt") == "connected" and status.get("line"):
                return
        except (OSError, ValueError):
            pass  # its pages are not there yet
        time.sleep(0.2)
    raise Failed("the firmware did not come up:\n" + "\n".join(list(device.output)[-10:]))


def _speak(wire: _Wire, data: bytes) -> float:
    """Send at the pace of the line; returns by how many seconds it fell behind at most."""
    per_byte = line.byte_time(BAUD, _PARITY)
    begin = time.monotonic()
    at = 0
    late = 0.0
    while at < len(data):
        due = min(int((time.monotonic() - begin) / per_byte), len(data))
        wire.write(data[at:due])
        at = due
        late = max(late, time.monotonic() - begin - at * per_byte)
        time.sleep(_STEP)
    return late


def _decoder_share(data: bytes, messages: list[bytes], seconds: float, folder: Path) -> float:
    """CPU time of decoding the stream, by meterwire alone, as a share of its duration."""
    runtime = decoding.start("unix-viper", folder / "trees")
    try:
        file = folder / "stream"
        file.write_bytes(data)
        frame = Frame("stream", tuple(messages), "")
        sizes = [len(m) for m in messages]
        runtime.ask(do="load", name="stream", file=str(file), sizes=sizes, key=None, auth_key=None)
        runtime.time(frame, 1)
        return min(runtime.time(frame, 4) / 4 for _ in range(5)) / 1e9 / seconds
    finally:
        runtime.close()


def run(meter_name: str, seconds: float) -> Outcome:
    """Send so many seconds of telegrams; raises Failed, NoBroker or Unmeasurable."""
    if not cpu.can():
        raise Failed("the CPU time of other processes can be read on Linux only")
    meter = make(meter_name, seed=7)
    if meter.encrypted:
        raise Failed(f"{meter_name} encrypts: choose a meter in the clear")
    messages: list[bytes] = []
    size = 0
    while size < seconds * BAUD / 10:
        messages.append(meter.next().data)
        size += len(messages[-1])
    data = b"".join(messages)
    with tempfile.TemporaryDirectory(prefix="kwhisper-line-") as name:
        folder = Path(name)
        reading = _decoder_share(data, messages, size * 10 / BAUD, folder)
        wire = _Wire()
        try:
            with (
                brokers.broker() as (host, port, _, _),
                Device(folder / "chip", uart=wire.name, line=_SPOKEN) as device,
            ):
                device.install()
                device.settings(
                    **_WIFI, mqtt_host=host, mqtt_port=port, meter=_SPOKEN.replace(" ", "-")
                )
                device.power_on()
                _await_ready(device)
                return _measure(device, wire, meter_name, messages, data, reading)
        finally:
            wire.close()


def _measure(device, wire, meter_name, messages, data, reading) -> Outcome:
    pid = device.pid()
    unsent = _status(device).get("dropped", 0)
    before = cpu.spent_ns(pid)
    time.sleep(_IDLE_SECONDS)
    idle = (cpu.spent_ns(pid) - before) / 1e9 / _IDLE_SECONDS
    before, begin = cpu.spent_ns(pid), time.monotonic()
    late = _speak(wire, data)
    took = time.monotonic() - begin
    busy = (cpu.spent_ns(pid) - before) / 1e9 / took
    time.sleep(_SETTLE_SECONDS)
    if device.starts != 1:
        raise Failed("the firmware restarted under the load")
    status = _status(device)
    frames = status["frames"]
    damaged = sum(n for cause, n in frames.items() if cause not in ("ok", "unchecked", "noise"))
    return Outcome(
        meter=meter_name,
        seconds=round(took, 2),
        telegrams=len(messages),
        sent=len(data),
        sound=frames.get("ok", 0) + frames.get("unchecked", 0),
        noise=frames.get("noise", 0),
        damaged=damaged,
        overrun=device.told("lost", 0),
        unsent=status.get("dropped", 0) - unsent,
        lag_ms=round(late * 1000),
        reading_share=round(reading, 5),
        process_share=round(busy, 4),
        idle_share=round(idle, 4),
    )
