"""MySensors: what pymysensors, the gateway library of Home Assistant, makes of our messages."""

import queue

import pytest
from mqtt.rig import until

mqtt_gateway = pytest.importorskip("mysensors.gateway_mqtt", reason="run `make venv`")


def test_pymysensors_hears_the_node_and_its_values(mosquitto, device, listener, tmp_path):
    from mysensors.const import get_const

    const = get_const("2.2")
    broker = mosquitto()
    client = listener(broker.port, "unused")
    handlers = {}
    waiting = queue.Queue()

    def subscribe(topic, callback, qos):
        handlers[topic] = callback
        client.client.subscribe(topic, qos)

    def publish(topic, payload, qos, retain):
        client.client.publish(topic, payload, qos, retain)

    client.client.on_message = lambda c, u, m: waiting.put((m.topic, m.payload.decode(), m.qos))
    gateway = mqtt_gateway.MQTTGateway(
        publish, subscribe, in_prefix="mygateway1-out", out_prefix="mygateway1-in",
        protocol_version="2.2",
    )  # fmt: skip
    gateway.tasks.transport.connect()
    subscribed = set(handlers)
    assert subscribed

    def pump():
        while not waiting.empty():
            message = waiting.get()
            # every subscription of the gateway's ends in the same callback
            next(iter(handlers.values()))(*message)
        gateway.tasks.run_job()
        node = gateway.sensors.get(1)
        return node and 13 in node.children and 39 in node.children[13].values

    device(broker.port, {"payload": "mysensors"}, every_ms=100, hourly=4)
    until(pump, 30, "node 1 with its children")
    until(lambda: pump() and 18 in gateway.sensors[1].children[1].values, 20, "the energy")
    node = gateway.sensors[1]
    assert node.sketch_name == "kWhisper"
    assert node.children[1].type == const.Presentation.S_POWER
    assert node.children[11].type == const.Presentation.S_MULTIMETER
    values = node.children[1].values
    assert 1000 <= int(values[const.SetReq.V_WATT]) < 1500
    assert values[const.SetReq.V_KWH].startswith("1234") and "." in values[const.SetReq.V_KWH]
    assert node.children[12].values[const.SetReq.V_CURRENT] == "-1.2"
