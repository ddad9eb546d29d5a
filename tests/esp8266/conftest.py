"""An ESP8266 with its memory: the built ROMFS image on the model of pretended_esp8266.py."""

import json
import threading
import urllib.request
from binascii import crc32
from datetime import UTC, datetime

import pretended_esp8266 as pretend
import pytest
from esp32.wire import Wire
from system.waiting import PATIENCE, until

from kwhisper_tools.meters import make

# Ten seconds before a full hour: the hour's list is soon among those that come.
START = datetime(2026, 1, 20, 10, 59, 50, tzinfo=UTC)


@pytest.fixture(scope="session")
def image(once):
    """The ROMFS image that an ESP8266 gets."""
    return once("esp8266-dist", pretend.build) / pretend.FOLDER / "kwhisper.romfs"


@pytest.fixture(scope="session")
def rom(once):
    """What an ESP8266 has in its firmware."""
    return once("esp8266-rom", pretend.rom_of_the_chip) / "chip.romfs"


@pytest.fixture
def broker(mosquitto):
    """The real broker."""
    return mosquitto()


class Speaker:
    """A meter that speaks on the wire until it is stopped."""

    def __init__(self, wire, meter, pause=0.8):
        self._stop = threading.Event()
        self._wire, self._meter, self._pause = wire, meter, pause
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._stop.is_set():
            try:
                self._wire.say(self._meter.next().data)
            except OSError:
                pass  # the chip starts anew
            # The silence in which the reader does all else is 0.6 s.
            self._stop.wait(self._pause)

    def stop(self):
        self._stop.set()
        self._thread.join(PATIENCE)


class Chip:
    """A running device, its meter and the wire between them."""

    def __init__(self, device, wire, meter):
        self.device, self.wire, self.meter = device, wire, meter
        self.speaker = None

    def speak(self):
        self.speaker = Speaker(self.wire, self.meter)

    def hush(self):
        if self.speaker:
            self.speaker.stop()
            self.speaker = None

    def data(self):
        """What /data.json says; asked again while the meter speaks."""

        def page():
            with urllib.request.urlopen(self.device.url + "data.json", timeout=10) as answer:
                return json.load(answer)

        return self.until(page, what="/data.json")

    def until(self, condition, seconds=0, what="it"):
        return until(condition, seconds, what, lambda: "\n".join(self.device.output))


def settings_of(meter):
    """The settings that a meter needs beside its line."""
    keys = {"meter_key": meter.key, "meter_auth_key": meter.auth_key}
    return {name: key.hex() for name, key in keys.items() if key}


@pytest.fixture
def chip(folder, micropython32, image, rom):
    """chip(meter's name, mqtt_port=…, line=…, **settings) -> a Chip, running."""
    made = []

    def start(name="aidon", line=None, less=0, **settings):
        meter = make(name, start=START)
        wire = Wire()
        less += pretend.CIPHER if meter.key else 0
        device = pretend.SmallChip(
            folder / str(len(made)), micropython32, image, rom, less, uart=wire.uart, line=line
        )
        known = {"wifi_ssid": "Fjellheim", "wifi_password": "kwhisper-demo", "payload": "topics"}
        save(device, **{**known, "mqtt_host": "127.0.0.1", **settings_of(meter), **settings})
        made.append(Chip(device, wire, meter))
        device.power_on()
        return made[-1]

    yield start
    for one in made:
        one.hush()
        one.device.power_cut()
        one.wire.close()
        # Shown when the test failed.
        print(*one.device.output, f"starts: {one.device.starts}", sep="\n")


def save(device, **values):
    """Settings as the device itself saves them."""
    body = json.dumps({"version": 1, **values}).encode()
    (device.flash / "settings.json").write_bytes(body + b"\n#%08x" % crc32(body))
