"""What one device publishes, list by list, as the firmware itself writes it.

The whole firmware runs on MicroPython's unix port with a simulated meter that is some times faster
than a real one; what it sends to the broker is kept in bursts, one a list.
"""

import tempfile
import time
from pathlib import Path

from kwhisper_tools.host import Device
from kwhisper_tools.meters import make
from kwhisper_tools.meters.speaker import Speaker

_WIFI = {"wifi_ssid": "Fjellheim", "wifi_password": "kwhisper-demo"}
_TOPIC = "kwhisper"
_SPEED = 4
_READY_SECONDS = 40
_GAP = 0.15  # s; between the messages of two lists
_BURSTS = 8
_BESIDE = ("status", "device", "totals", "cmd/result")  # what belongs to no list


class NothingHeard(Exception):
    """The firmware published no list in time."""


Burst = list[tuple[str, bytes, bool]]  # (topic below the device's, payload, retain)


def record(host: str, port: int, meter_name: str, payload: str) -> list[Burst]:
    """Some bursts of a device's messages, each that of one list."""
    import paho.mqtt.client as mqtt
    from paho.mqtt.subscribeoptions import SubscribeOptions

    heard: list[tuple[float, str, bytes, bool]] = []
    # version 5 tells a subscriber which messages were sent to be retained
    client = mqtt.Client(
        mqtt.CallbackAPIVersion.VERSION2, "kwhisper-recorder", protocol=mqtt.MQTTv5
    )
    as_sent = SubscribeOptions(qos=0, retainAsPublished=True)
    client.on_connect = lambda c, *_: c.subscribe(f"{_TOPIC}/#", options=as_sent)
    client.on_message = lambda _c, _u, m: heard.append(
        (time.monotonic(), m.topic, m.payload, bool(m.retain))
    )
    client.connect(host, port)
    client.loop_start()
    meter = make(meter_name, seed=7)
    speaker = Speaker(meter, _SPEED)
    keys = {"meter_key": meter.key, "meter_auth_key": meter.auth_key}
    try:
        with (
            tempfile.TemporaryDirectory(prefix="kwhisper-record-") as folder,
            Device(Path(folder), uart=speaker.wire.name, line=speaker.line) as device,
        ):
            device.install()
            device.settings(
                **_WIFI,
                **{name: key.hex() for name, key in keys.items() if key},
                mqtt_host=host,
                mqtt_port=port,
                mqtt_topic=_TOPIC,
                payload=payload,
                meter=speaker.line.replace(" inverted", "").replace(" ", "-"),
            )
            device.power_on()
            speaker.start()
            end = time.monotonic() + _READY_SECONDS
            while time.monotonic() < end and len(_bursts(heard)) < _BURSTS + 2:
                time.sleep(0.2)
    finally:
        client.disconnect()
        client.loop_stop()
        speaker.close()
    # the first holds what a session begins with, the last may be cut off
    bursts = _bursts(heard)[1:-1]
    if not bursts:
        raise NothingHeard(f"the firmware published no list of {meter_name}")
    return bursts


def _bursts(heard) -> list[Burst]:
    bursts: list[Burst] = []
    last = 0.0
    for at, topic, payload, retain in list(heard):
        below = topic.removeprefix(_TOPIC + "/")
        if below in _BESIDE:
            continue
        if at - last > _GAP:
            bursts.append([])
        last = at
        bursts[-1].append((below, payload, retain))
    return bursts
