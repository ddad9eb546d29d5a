"""A second topic: the same below it, or another format, in the same session."""

import json

import pytest
from system.waiting import until

HOME = "house/meter"


@pytest.fixture
def heard(running, mosquitto, listen):
    """heard(topics to wait for, **settings): (what a client heard, the device)."""
    client = listen(mosquitto.port)

    def start(*topics, **settings):
        values = {"mqtt_host": "127.0.0.1", "mqtt_port": mosquitto.port, "mqtt_topic2": HOME}
        _, device = running("dsmr5", values={**values, **settings})
        for topic in topics:
            until(lambda topic=topic: client.of(topic), 120, topic)
        return client, device

    return start


def test_the_same_stands_below_both(heard):
    power, page = "/active_power_import", "/json"
    topics = [top + name for top in ("kwhisper", HOME) for name in (power, page)]
    client, device = heard(*topics, payload="topics,json", publish_changed=True)
    for name in (power, page):
        until(
            lambda name=name: client.of(HOME + name)[-1:] == client.of("kwhisper" + name)[-1:],
            what="the same value",
        )
    assert "active_power_import" in json.loads(client.of(HOME + page)[0])["values"]
    # Status and device are of the session, and said once.
    assert not client.of(HOME + "/status") and not client.of(HOME + "/device")
    assert device.starts == 1


def test_the_second_may_have_another_format_and_its_retained_registers(heard, mosquitto, listen):
    register = HOME + "/meter/import/active/accumulated"
    client, _ = heard(
        "kwhisper/active_power_import",
        HOME + "/meter/import/active",
        register,
        payload="homeassistant",
        topic2_payload="ams",
    )
    assert not client.of(HOME + "/active_power_import")
    assert not client.of("kwhisper/meter/import/active")
    until(lambda: any(t.startswith("homeassistant/") for t, _, _ in client.messages))
    configs = [p for t, p, _ in client.messages if t.startswith("homeassistant/")]
    assert not [c for c in configs if HOME.encode() in c]
    assert "P" in json.loads(client.of(HOME)[0])["data"]
    later = listen(mosquitto.port, HOME + "/#")
    until(lambda: register in [t for t, _, retained in later.messages if retained])
