"""An ESP32 with its memory: the built tree on the model of kwhisper_tools.host.esp32."""

import shutil
import socket
import tempfile
import time
from pathlib import Path

import pytest
from mqtt import authority
from mqtt.rig import Listener, Mosquitto

from kwhisper_tools.host import esp32

_SLICE, _SLICE_SECONDS = 230, 0.02  # what 115,200 baud bring in


@pytest.fixture(scope="session")
def built(once):
    """The tree that an ESP32 gets, its machine code compiled for this machine."""
    return once("esp32-tree", esp32.lay)


@pytest.fixture
def folder():
    """In memory where there is such a place: a chip's flash does not wait for this PC's disk."""
    place = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=place) as name:
        yield Path(name)


@pytest.fixture(scope="session")
def certificates(once):
    """A folder with a broker's certificate and the authority that signed it."""
    return once("certificates", authority.make)


@pytest.fixture
def mosquitto(tmp_path):
    """mosquitto(*lines of its configuration) starts the real broker."""
    if not (shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")):
        pytest.skip("no mosquitto: apt-get install mosquitto")
    made = []

    def start(*lines):
        made.append(Mosquitto(tmp_path, lines or ("allow_anonymous true",)))
        return made[-1]

    yield start
    for broker in made:
        broker.kill()


@pytest.fixture
def listen():
    """listen(port) -> a client that keeps every message."""
    made = []

    def start(port):
        made.append(Listener(port))
        return made[-1]

    yield start
    for listener in made:
        listener.close()


class Wire:
    """The meter's line as a TCP port."""

    def __init__(self):
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(30)
        self.uart = f"tcp:127.0.0.1:{self._server.getsockname()[1]}"
        self._line = None

    def say(self, data):
        """Say a frame as a fast meter does."""
        for _ in range(2):
            if self._line is None:
                self._line, _ = self._server.accept()
            try:
                for start in range(0, len(data), _SLICE):
                    if start:
                        time.sleep(_SLICE_SECONDS)
                    self._line.sendall(data[start : start + _SLICE])
                return
            except OSError:  # the chip started anew
                self._line = None

    def close(self):
        self._server.close()
        if self._line:
            self._line.close()


@pytest.fixture
def chip(folder, micropython32, built):
    """chip(heap, **settings) -> (device, wire), running."""
    made = []

    def start(heap, **settings):
        wire = Wire()
        device = esp32.Esp32(folder, micropython32, built, heap, uart=wire.uart)
        if settings:
            known = {"wifi_ssid": "Fjellheim", "wifi_password": "kwhisper-demo"}
            device.settings(**known, **settings)
        made.extend((device, wire))
        device.power_on()
        return device, wire

    yield start
    for device, wire in zip(made[::2], made[1::2], strict=True):
        device.power_cut()
        wire.close()
        # Shown when the test failed.
        print(*device.output, f"starts: {device.starts}, last: {device.last_reset}", sep="\n")
