"""What is retained and what has QoS 1 follows from the settings, a class of messages at a time."""

import json

import pytest

from kwhisper_tools import meters

SCRIPT = """
import json
from binascii import unhexlify
from kwhisper.meter.reader import Reader
from meterwire import Decoder
from parts import Device
said = {{}}
def published(topic, payload, retain=False, qos=0, patient=False):
    said[bytes(topic).decode()] = (bool(retain), qos)
    return True
settings = dict({settings!r}, mqtt_host="10.0.0.1", payload="topics,json")
decoder = Decoder(3072, rows=120)
device = Device(settings, decoder, publish=published)
reader = Reader(None, decoder, device.consumers, [], device.status, device.note)
decoder.feed(unhexlify({data!r}))
reader.drain()
print(json.dumps([said, device.client.umqtt.keepalive]))
"""


@pytest.fixture
def hear(micropython, on_micropython, library):
    """hear(**settings): {topic: (retained, QoS)} of an hour's list, and the keep-alive."""
    meter = meters.make("aidon")
    data = max((meter.next().data for _ in range(400)), key=len)

    def run(**settings):
        script = SCRIPT.format(settings=settings, data=data.hex())
        return json.loads(on_micropython([micropython, "-X", "heapsize=8m"], script, library))

    return run


@pytest.mark.parametrize(
    ("settings", "document", "value", "register", "fact"),
    [
        ({}, [False, 0], [False, 0], [True, 0], [True, 0]),
        ({"mqtt_retain": "documents,values,registers", "mqtt_sure": "registers"},
         [True, 0], [True, 0], [True, 1], [True, 0]),
        ({"mqtt_retain": "values", "mqtt_sure": "documents,values"},
         [False, 1], [True, 1], [False, 0], [True, 0]),
    ],
)  # fmt: skip
def test_a_class_is_retained_and_sure_as_it_is_set(
    hear, settings, document, value, register, fact
):
    said, _ = hear(**settings)
    assert said["kwhisper/json"] == document
    assert said["kwhisper/active_power_import"] == value
    assert said["kwhisper/active_energy_import"] == register
    assert said["kwhisper/list_id"] == fact


def test_the_keep_alive_is_that_of_the_settings(hear):
    assert hear()[1] == 60 and hear(mqtt_keepalive=25)[1] == 25
