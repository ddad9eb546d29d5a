"""Updates from an address in the home: the command over MQTT, and Home Assistant's entity."""

import functools
import http.server
import json
import os
import socket
import threading
from contextlib import suppress

import pytest
from mqtt.test_homeassistant import Hass
from update.conftest import HURRIED, trickle

from kwhisper_tools.build import kwu
from kwhisper_tools.host import free_port, hass_install

# Looked for at once, as no test waits a minute and a half.
SOON = {"kwhisper/update/offer.py": ("_FIRST_S = const(90)", "_FIRST_S = const(1)")}


@pytest.fixture
def server(tmp_path):
    """(folder, address): what lies in the folder is served there."""
    folder = tmp_path / "www"
    folder.mkdir()
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{made.server_address[1]}"
        made.shutdown()


class Broker:
    """A broker, all that is said there, and commands."""

    def __init__(self, broker, listener):
        self.broker, self.listener = broker, listener
        self.settings = {"mqtt_host": "127.0.0.1", "mqtt_port": self.broker.port}

    def said(self, topic):
        """The newest payload of a topic, as JSON; None before the first."""
        found = [p for t, p, *_ in list(self.listener.messages) if t == topic]
        return json.loads(found[-1]) if found else None

    def tell(self, topic, payload):
        """Publish."""
        import paho.mqtt.publish as publish

        publish.single(topic, payload, hostname="127.0.0.1", port=self.broker.port)


@pytest.fixture
def broker(mosquitto, listen):
    made = mosquitto()
    return Broker(made, listen(made.port))


def connected(h, broker):
    h.until(lambda: any("mqtt: connected" in line for line in h.device.output))


def test_an_update_is_fetched_by_command(home, broker, server):
    folder, address = server
    h = home(**broker.settings)
    connected(h, broker)
    (folder / "new.kwu").write_bytes(h.pack("9.1.0"))
    broker.tell("kwhisper/cmd/update", f"{address}/new.kwu")
    # The broker was there before: the new one has to find it, too.
    h.settled("9.1.0")
    assert h.device.wait_for("update: 9.1.0 is on trial for broker")
    assert broker.said("kwhisper/cmd/result")["ok"] is True
    assert "9.1.0 is on trial" in broker.said("kwhisper/update")["release_summary"]


def test_what_cannot_be_fetched_or_trusted_is_told(home, broker, server):
    folder, address = server
    h = home(**broker.settings)
    connected(h, broker)
    before = h.files()
    nobody = free_port()
    (folder / "foreign.kwu").write_bytes(kwu.sign(h.pack("9.1.0"), h.stranger))
    (folder / "older.kwu").write_bytes(h.pack("0.0.1"))
    for where, said in (
        (f"{address}/foreign.kwu", "does not trust"),
        (f"{address}/older.kwu", "is older than"),
        (f"{address}/none.kwu", "404"),
        (f"http://127.0.0.1:{nobody}/x.kwu", f"nothing listens at 127.0.0.1:{nobody}"),
        ("http://nobody.invalid:8099/x.kwu", "nobody.invalid"),
        ("http://127.0.0.1:port/x.kwu", "invalid port"),
    ):
        broker.tell("kwhisper/cmd/update", where)
        told = h.until(
            lambda said=said: (
                (s := broker.said("kwhisper/update")) and said in s["release_summary"] and s
            )
        )
        assert told["installed_version"] == told["latest_version"] == h.state()["version"]
    for payload, said in (
        ("https://elsewhere/x.kwu", "must be an address"),
        ("install", "the setting Address of updates is empty"),
    ):
        broker.tell("kwhisper/cmd/update", payload)
        h.until(lambda said=said: said in broker.said("kwhisper/cmd/result")["text"])
    assert h.files() == before and h.device.starts == 1


def test_a_server_that_trickles_is_left(home, broker):
    h = home(edits=HURRIED, **broker.settings)
    connected(h, broker)
    made = h.pack("9.1.0")

    def serve():
        with suppress(OSError), server.accept()[0] as s:
            s.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(made))
            trickle(s, made)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, daemon=True).start()
        place = f"127.0.0.1:{server.getsockname()[1]}"
        broker.tell("kwhisper/cmd/update", f"http://{place}/x.kwu")
        assert h.device.wait_for(f"update refused: {place} is too slow")
    assert "another update" not in h.ask("/update", b"x" * 300)[1]


def test_home_assistant_is_told_of_a_newer_version_and_installs_it(home, broker, server):
    folder, address = server
    h = home(
        edits=SOON,
        payload="topics,homeassistant",
        update_url=f"{address}/kwhisper.kwu",
        **broker.settings,
    )
    (folder / "kwhisper.kwu").write_bytes(h.pack("9.1.0"))
    slug = broker_slug(h, broker)
    config = broker.said(f"homeassistant/update/{slug}/update/config")
    assert config["dev"]["ids"] == [slug] and config["payload_install"] == "install"
    state_topic = config["stat_t"].replace("~", config["~"])
    now = h.state()["version"]
    state = h.until(
        lambda: (s := broker.said(state_topic)) and s["latest_version"] == "9.1.0" and s
    )
    assert state["installed_version"] == now
    broker.tell(config["cmd_t"].replace("~", config["~"]), config["payload_install"])
    h.settled("9.1.0")
    h.until(lambda: broker.said(state_topic)["installed_version"] == "9.1.0")


def broker_slug(h, broker):
    """The device's name in Home Assistant's topics, once it has announced its entity."""

    def found():
        for topic, *_ in list(broker.listener.messages):
            parts = topic.split("/")
            if parts[:2] == ["homeassistant", "update"]:
                return parts[2]
        return None

    return h.until(found)


RECIPE = """\
template:
  - sensor:
      - name: Firmware seen
        state: >-
          {{ states('update.cupboard_update') }}
          {{ state_attr('update.cupboard_update', 'installed_version') }}
          {{ state_attr('update.cupboard_update', 'latest_version') }}
automation:
  - alias: Install it
    triggers: [{trigger: mqtt, topic: test/install}]
    actions: [{action: update.install, target: {entity_id: update.cupboard_update}}]
"""


@pytest.mark.slow
def test_the_real_home_assistant_shows_and_installs_it(home, broker, server, tmp_path):
    program = os.environ.get("KWHISPER_HASS") or hass_install.program()
    if not os.path.exists(program):
        pytest.skip("no Home Assistant: python -m kwhisper_tools.host.hass_install fetches it")
    folder, address = server
    h = home(
        edits=SOON,
        host_name="cupboard",
        payload="topics,homeassistant",
        update_url=f"{address}/kwhisper.kwu",
        **broker.settings,
    )
    now = h.state()["version"]
    (folder / "kwhisper.kwu").write_bytes(h.pack("9.1.0"))
    (tmp_path / "hass").mkdir()
    hass = Hass(program, tmp_path / "hass", broker.broker.port, RECIPE)
    hass.start()
    try:
        h.until(lambda: hass.states().get("sensor.firmware_seen") == f"on {now} 9.1.0", 180)
        broker.tell("test/install", "now")
        h.settled("9.1.0")
        h.until(lambda: hass.states()["sensor.firmware_seen"] == "off 9.1.0 9.1.0", 60)
        assert not hass.complaints()
        hass.stop()
    finally:
        hass.process.kill()
