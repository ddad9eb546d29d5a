"""A second broker: the queue of one never holds the other up."""

import json

import pytest
from mqtt.rig import Mosquitto
from system.waiting import until


@pytest.fixture
def second(mosquitto, tmp_path):
    broker = Mosquitto(tmp_path, ("allow_anonymous true",))
    yield broker
    broker.kill()


def test_each_hears_in_its_own_format_and_neither_waits_for_the_other(
    running, mosquitto, second, listen
):
    here, there = listen(mosquitto.port), listen(second.port)
    _, device = running(
        "aidon",
        4,
        values={
            "mqtt_host": "127.0.0.1",
            "mqtt_port": mosquitto.port,
            "payload": "topics",
            "outlets": "broker2",
            "broker2_host": "127.0.0.1",
            "broker2_port": second.port,
            "broker2_topic": "utility/house7",
            "broker2_payload": "json",
        },
    )
    power, page = "kwhisper/active_power_import", "utility/house7/json"
    until(lambda: here.of(power) and there.of(page), 120, "both")
    assert "active_power_import" in json.loads(there.of(page)[0])["values"]
    assert not there.of(power) and not here.of(page)
    until(lambda: there.of("utility/house7/status") == ["online"], 30, "its will")
    for gone, left, topic in ((mosquitto, there, page), (second, here, power)):
        gone.kill()
        count = len(left.of(topic))
        until(lambda left=left, topic=topic, n=count: len(left.of(topic)) > n + 2, 60, topic)
        gone.start()
        other = here if gone is mosquitto else there
        of = power if gone is mosquitto else page
        count = len(other.of(of))
        until(lambda other=other, of=of, n=count: len(other.of(of)) > n, 120, "its return")
    assert device.starts == 1


def test_one_that_is_never_there_costs_the_first_nothing(running, mosquitto, listen):
    from kwhisper_tools.host import free_port

    here = listen(mosquitto.port)
    _, device = running(
        "aidon",
        4,
        values={
            "mqtt_host": "127.0.0.1",
            "mqtt_port": mosquitto.port,
            "outlets": "broker2",
            "broker2_host": "127.0.0.1",
            "broker2_port": free_port(),
        },
    )
    until(lambda: len(here.of("kwhisper/active_power_import")) > 5, 120, "the lists")
    assert device.starts == 1
