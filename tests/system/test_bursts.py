"""A board that lives on 6 mA: it publishes in bursts, and its store never runs empty."""

import json
from datetime import datetime

import pytest
from system.waiting import until

from kwhisper_tools.host import DEEP_SLEEP
from kwhisper_tools.host.store import Store

pytestmark = pytest.mark.slow  # minutes of a meter at its own pace

_KAMSTRUP = 0.033  # W on the rail
_POWER = "kwhisper/active_power_import"
_BOARD = {
    "board": "han-selfpowered", "wifi_ssid": "Fjellheim", "wifi_password": "kwhisper-demo",
    "mqtt_host": "127.0.0.1", "mqtt_client_id": "reader",
}  # fmt: skip


def test_kamstrups_port_carries_a_publication_a_minute(house, mosquitto, listen):
    """Three of them, the sleeps shortened but their charge counted in full."""
    # Far from the hour, whose list would be waited for.
    speaker, device = house("kamstrup", start=datetime(2026, 11, 20, 14, 20, 5))
    device.settings(**_BOARD, mqtt_port=mosquitto.port, publish_interval=60)
    device.remember("line", b"2400 8N1 0")
    device.hurry = 10
    listener = listen(mosquitto.port)
    with Store(device, _KAMSTRUP, 3.35) as store:
        speaker.start()
        device.power_on()
        until(lambda: len(listener.of(_POWER)) >= 3, 90, "three publications")
        until(lambda: device.starts > 3, 20, "the sleep behind the third")
    assert store.least > 2.95 and not store.tripped
    assert device.last_reset == DEEP_SLEEP
    power = listener.of(_POWER)
    told = {truth["values"]["1-1:1.7.0"][0] for truth, _ in speaker.said}
    assert set(power) <= told
    told = [json.loads(text) for text in listener.of("kwhisper/json")]
    lists = [tuple(m["values"].items()) for m in told]
    assert lists and len(lists) == len(set(lists)), "each list is told once"
    # A sleep is no absence: nobody was told that the device is gone.
    assert set(listener.of("kwhisper/status")) == {"online"}
    asleep = [int(line.split()[-2]) for line in device.output if "asleep for" in line]
    assert all(40000 < pause < 60000 for pause in asleep), asleep


def test_home_assistant_is_introduced_once_and_whole(house, mosquitto, listen):
    """Its configs take some seconds; the first burst lasts until they are told, no other does."""
    speaker, device = house("kamstrup", start=datetime(2026, 11, 20, 14, 20, 5))
    device.settings(
        **_BOARD, mqtt_port=mosquitto.port, publish_interval=60, payload="homeassistant"
    )
    device.remember("line", b"2400 8N1 0")
    device.hurry = 10
    listener = listen(mosquitto.port)

    def configs():
        told = [topic for topic, _, _ in list(listener.messages) if topic.endswith("/config")]
        return {topic.split("/")[-2]: told.count(topic) for topic in told}

    with Store(device, 0.19, 3.45):
        speaker.start()
        device.power_on()
        until(lambda: device.starts > 1, 90, "the first sleep's end")
        first = configs()
        until(lambda: len(listener.of(_POWER)) >= 3, 60, "two more publications")
        until(lambda: device.starts > 3, 20, "the sleep behind the third")
    assert {"rssi", "active_power_import", "voltage_l1"} <= set(first)
    assert set(first) == set(configs()), "nothing was left for later"
    assert min(configs().values()) == 1, "and not all of them are told each time"
    assert len(listener.of("kwhisper/device")) >= 3


def test_the_hours_list_is_waited_for(house, mosquitto, listen):
    """20 s before the hour a sleep of a minute would pass over the totals."""
    # Today: a meter whose clock is days from the device's is not believed.
    start = datetime.now().replace(hour=14, minute=59, second=25)
    speaker, device = house("kamstrup", start=start)
    device.settings(**_BOARD, mqtt_port=mosquitto.port, publish_interval=60)
    device.remember("line", b"2400 8N1 0")
    listener = listen(mosquitto.port)
    with Store(device, 0.19, 3.45):
        speaker.start()
        device.power_on()
        until(lambda: listener.of("kwhisper/totals"), 75, "the totals of the hour")
    assert any("asleep for" in line for line in device.output)
    assert "T15:00" in listener.of("kwhisper/totals")[0]


def test_without_a_bus_nothing_sleeps(house, mosquitto, listen):
    """On USB the pages are wanted, whatever the interval."""
    speaker, device = house("kamstrup")
    device.settings(**_BOARD, mqtt_port=mosquitto.port, publish_interval=60)
    listener = listen(mosquitto.port)
    with Store(device, 1.0, 3.30, bus=0):
        speaker.start()
        device.power_on()
        until(lambda: "online" in listener.of("kwhisper/status"), 30, "the session")
        device.wait_for("WiFi: connected")
    assert device.starts == 1
    assert not any("asleep" in line for line in device.output)
