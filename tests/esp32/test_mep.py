"""A MEP port within an ESP32's memory: what passive meters need is not loaded, and the whole is no
larger than with one of them. The digest is worked out on 32 bits, as on the chip."""

import threading

import pytest
from esp32.test_memory import HEAP, answers, fits, published, until

from kwhisper_tools.host import esp32_model
from kwhisper_tools.meters import line, mep_meter


@pytest.fixture
def meter():
    """meter(*kinds, faults) -> (Nes, TCP port), answering until the test is over."""
    ended = threading.Event()
    sinks = []

    def start(*kinds, faults=()):
        sink = line.Tcp(0)
        sinks.append(sink)
        house = mep_meter.Nes(seed=3, kinds=kinds)
        arguments = (mep_meter.Port(house, faults), sink, None, None, ended.is_set)
        thread = threading.Thread(target=mep_meter.serve, args=arguments, daemon=True)
        sinks.append(thread)
        thread.start()
        return house, sink.name

    yield start
    ended.set()
    for sink in sinks[1::2]:
        sink.join(10)
    for sink in sinks[::2]:
        sink.close()


@pytest.mark.parametrize(
    ("kinds", "faults"),
    [
        pytest.param((), (), marks=pytest.mark.slow),
        (("gen4", "rc4"), ("damage", "alerts", "sequence")),
    ],
)
def test_an_asking_device_fits(
    folder, micropython32, built, mosquitto, listen, meter, kinds, faults
):
    broker = mosquitto()
    listener = listen(broker.port)
    house, where = meter(*kinds, faults=faults)
    with esp32_model.Esp32(folder, micropython32, built, HEAP, uart="tcp:" + where) as device:
        device.settings(
            wifi_ssid="Fjellheim",
            wifi_password="kwhisper-demo",
            mqtt_host="127.0.0.1",
            mqtt_port=broker.port,
            payload="topics,homeassistant",
            meter="mep",
            mep_key=house.key.hex(),
            mep_rc4="rc4" in kinds,
        )
        device.power_on()
        device.watch()
        until(lambda: published(listener) > 30, 60, "values", device)
        until(lambda: answers(device), 60, "the page", device)
        known = {topic: payload for topic, payload, _ in list(listener.messages)}
        assert int(known["kwhisper/active_energy_import"]) <= house.told[0]
        assert int(known["kwhisper/active_energy_import"]) > house.told[0] - 1000
        fits(device)
