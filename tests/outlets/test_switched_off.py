"""What a broker keeps of a format goes when the format is switched off."""

import base64
import json
import time
import urllib.request

from mqtt.rig import Listener
from system.waiting import until

PASSWORD = "correct horse"


def change(device, **settings):
    """Save settings as the page does."""
    request = urllib.request.Request(
        device.url + "settings.json", json.dumps(settings).encode(), method="POST"
    )
    coded = base64.b64encode(f"any:{PASSWORD}".encode()).decode()
    request.add_header("Authorization", f"Basic {coded}")
    with urllib.request.urlopen(request, timeout=60) as reply:
        assert json.load(reply)["saved"]


def kept(port):
    """Topics that a broker has for those who come now."""
    time.sleep(0.3)
    client = Listener(port)
    # It comes behind the retained ones: then all of them have come.
    client.say("test/marker")
    client.wait("test/marker")
    client.close()
    return {topic for topic, payload, retained in client.messages if retained and payload}


def test_configs_and_registers_go_and_what_is_left_stays(running, mosquitto):
    _, device = running(
        "dsmr5",
        values={
            "mqtt_host": "127.0.0.1",
            "mqtt_port": mosquitto.port,
            "payload": "homeassistant,ams",
            "web_password": PASSWORD,
            "energy": True,
        },
    )
    until(
        lambda: any(t.endswith("/active_energy_import/config") for t in kept(mosquitto.port)),
        what="the registers' config",
    )
    until(
        lambda: (
            {"kwhisper/energy/yesterday_import", "kwhisper/energy/today_import"}
            & kept(mosquitto.port)
        ),
        what="energy's facts",
    )
    there = kept(mosquitto.port)
    assert {t.partition("/")[0] for t in there} == {"homeassistant", "kwhisper"}
    assert "kwhisper/active_energy_import_t1" in there
    change(device, payload="ams")
    until(lambda: device.starts == 2, what="the restart")
    # Its own state is not the formats'.
    own = {"kwhisper/status", "kwhisper/update"}
    until(
        lambda: not {t for t in kept(mosquitto.port) - own if not t.startswith("kwhisper/meter/")},
        what="an empty broker",
        said=lambda: str(kept(mosquitto.port)),
    )
    assert "kwhisper/meter/import/active/accumulated" in kept(mosquitto.port)
