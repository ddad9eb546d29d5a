"""Every door is tried by the real client that it is for."""

import builtins
import sys

import pytest
from system.conftest import house, mosquitto  # noqa: F401
from system.waiting import until

from kwhisper_tools import paths

sys.path.insert(0, str(paths.FIRMWARE))
builtins.const = lambda number: number  # MicroPython's compiler provides it

WIFI = {"wifi_ssid": "Fjellheim", "wifi_password": "kwhisper-demo"}


@pytest.fixture
def running(house):  # noqa: F811
    """running(meter, **settings) -> (speaker, device) that has read a list."""

    def start(meter, speed=1.0, values=(), environment=(), told=(), **options):
        speaker, device = house(meter, speed, **options)
        device.environment.update(dict(environment))
        for name, value in dict(told).items():
            device.tell(name, value)
        device.settings(**WIFI, log_level="debug", **dict(values))
        device.power_on()
        speaker.start()
        until(lambda: device.told("radio", {}).get("joins"), 60, "the WiFi")
        return speaker, device

    return start
