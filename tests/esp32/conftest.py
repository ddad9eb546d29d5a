"""An ESP32 with its memory: the built tree on the model of kwhisper_tools.host.esp32_model."""

import pytest
from esp32.wire import Wire

from kwhisper_tools.host import esp32_model


@pytest.fixture(scope="session")
def built(once):
    """The tree that an ESP32 gets, its machine code compiled for this machine."""
    return once("esp32-tree", esp32_model.lay)


@pytest.fixture
def chip(folder, micropython32, built):
    """chip(heap, **settings) -> (device, wire), running."""
    made = []

    def start(heap, **settings):
        wire = Wire()
        device = esp32_model.Esp32(folder, micropython32, built, heap, uart=wire.uart)
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
