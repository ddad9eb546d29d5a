"""The broker of `kwhisper demo` keeps to what MQTT promises other clients of it."""

import queue
import shutil
import subprocess

import paho.mqtt.client as mqtt
import paho.mqtt.publish as publish
import pytest
from system.waiting import PATIENCE

from kwhisper_tools.host.embedded_broker import EmbeddedBroker


@pytest.fixture
def broker():
    made = EmbeddedBroker()
    yield made
    made.close()


@pytest.fixture
def listen(broker):
    """listen(topic): a queue of (topic, payload, retained) of a new client, which subscribed."""
    clients = []

    def subscribe(topic):
        arrived, ready = queue.Queue(), queue.Queue()
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        client.on_connect = lambda *_: ready.put("connected")
        client.on_subscribe = lambda *_: ready.put("subscribed")
        client.on_message = lambda _c, _u, m: arrived.put((m.topic, m.payload, m.retain))
        client.connect("127.0.0.1", broker.port)
        client.loop_start()
        clients.append(client)
        assert ready.get(timeout=PATIENCE) == "connected"
        client.subscribe(topic)
        assert ready.get(timeout=PATIENCE) == "subscribed"
        return arrived

    yield subscribe
    for client in clients:
        client.disconnect()
        client.loop_stop()


def test_what_is_retained_comes_once_and_only_to_those_who_asked_for_it(broker, listen):
    every = listen("#")
    listen("kwhisper/#")
    publish.single("kwhisper/status", b"online", qos=1, retain=True, port=broker.port)
    assert every.get(timeout=PATIENCE)[:2] == ("kwhisper/status", b"online")
    other, late = listen("other/#"), listen("kwhisper/+")
    # What each of them had got before stands before the last message.
    for topic in ("other/last", "kwhisper/last"):
        publish.single(topic, b"", qos=1, port=broker.port)
    assert other.get(timeout=PATIENCE) == ("other/last", b"", False)
    assert late.get(timeout=PATIENCE) == ("kwhisper/status", b"online", True)
    assert late.get(timeout=PATIENCE) == ("kwhisper/last", b"", False)


@pytest.mark.skipif(
    not shutil.which("mosquitto_pub"),
    reason="no mosquitto_pub: apt install mosquitto-clients, or run .ci/run",
)
@pytest.mark.parametrize("qos", ["0", "1"])
def test_all_of_a_client_that_publishes_and_goes_arrives_in_order(broker, listen, qos):
    every, arrived = listen("#"), listen("kwhisper/cmd/#")
    for n in range(30):
        publish.single(f"kwhisper/{n}", b"kept", qos=1, retain=True, port=broker.port)
        every.get(timeout=PATIENCE)
    command = ["mosquitto_pub", "-p", str(broker.port), "-q", qos, "-t", "kwhisper/cmd/publish"]
    for _ in range(10):
        subprocess.run([*command, "-m", "now"], check=True, timeout=PATIENCE)
        assert arrived.get(timeout=PATIENCE)[1] == b"now"
    lines = "".join(f"{n}\n" for n in range(50))
    subprocess.run([*command, "-l"], input=lines, text=True, check=True, timeout=PATIENCE)
    assert [int(arrived.get(timeout=PATIENCE)[1]) for _ in range(50)] == list(range(50))
