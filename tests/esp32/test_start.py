"""Too little heap: each start ends in running, or in a restart whose cause is kept."""

import pytest
from slow_cases import slow_but
from system.waiting import until

from kwhisper_tools.host.esp32_model import Esp32

KIB = 1024
RUNS = "mqtt: connected"
RESTARTED = "last reset: HARD_RESET: out of memory"


def start(chip, mosquitto, certificates, heap, tls):
    """A device with a broker that it has a way to."""
    if not tls:
        broker = mosquitto()
        return chip(heap * KIB, mqtt_host="127.0.0.1", mqtt_port=broker.port)[0]
    broker = mosquitto(
        "allow_anonymous true",
        f"cafile {certificates / 'ca.pem'}",
        f"certfile {certificates / 'good.pem'}",
        f"keyfile {certificates / 'server.key'}",
    )
    ca = (certificates / "ca.pem").read_text()
    options = {"mqtt_host": "localhost", "mqtt_port": broker.port, "mqtt_ca": ca}
    return chip(heap * KIB, mqtt_tls=True, **options)[0]


def come_to(device: Esp32, *texts: str):
    """Wait for a line with one of the texts, as long as the device lives."""

    def said():
        return [text for text in texts for line in list(device.output) if text in line]

    until(lambda: said() or not device.alive(), 0, texts, lambda: "\n".join(device.output))
    assert device.alive() and said(), "\n".join(device.output)


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("heap", slow_but([64, 76, 80, 84, 86, 88, 92, 98], 64, 80, 88))
def test_a_start_ends_in_running_or_in_a_restart(chip, mosquitto, certificates, heap, tls):
    device = start(chip, mosquitto, certificates, heap, tls)
    come_to(device, RUNS, RESTARTED)


def test_starts_that_lack_memory_are_counted_and_open_the_set_up(chip, mosquitto, certificates):
    device = start(chip, mosquitto, certificates, 72, False)
    come_to(device, "safe mode after 3 failed starts")
    come_to(device, "then open http")
    assert device.starts == 4
    assert (device.flash / "log").read_text().count("restart: out of memory") == 3
