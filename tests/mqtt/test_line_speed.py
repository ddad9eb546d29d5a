"""The whole firmware, a P1 port at 115,200 baud without a pause, and brokers that misbehave.

The UART's ring is 2 KiB as on an ESP32: 180 ms of delay would lose bytes, and be seen.
"""

import json
import os
import time
import tty
import urllib.request
from contextlib import suppress

import pytest
from mqtt.rig import until

from kwhisper_tools.host import Device
from kwhisper_tools.meters import make

SECONDS = 4
PER_SECOND = 11520


@pytest.fixture
def wire():
    master, slave = os.openpty()
    tty.setraw(slave)
    yield master, os.ttyname(slave)
    os.close(master)
    os.close(slave)


def status(device):
    with suppress(OSError, ValueError):
        with urllib.request.urlopen(device.url + "data.json", timeout=5) as answer:
            found = json.loads(answer.read())
        return found.get("status", found)
    return {}


def speak(master, data):
    """At the line's pace; a write waits until the pty takes it."""
    begin, at = time.monotonic(), 0
    while at < len(data):
        due = min(len(data), int((time.monotonic() - begin) * PER_SECOND))
        at += os.write(master, data[at:due])
        time.sleep(0.005)


PLAIN = [(fault, False) for fault in ("silent", "deaf", "flood", "half later", "drop")]
UNDER_TLS = [(fault, True) for fault in ("flood", "drop")]


@pytest.mark.parametrize(("fault", "tls"), PLAIN + UNDER_TLS)
def test_no_byte_is_lost_whatever_the_broker_does(
    fault, tls, faulty, certificates, context, wire, tmp_path, micropython
):
    broker = faulty(fault, tls=context if tls else None)
    meter = make("dsmr5", seed=7)
    telegrams = []
    while sum(map(len, telegrams)) < SECONDS * PER_SECOND:
        telegrams.append(meter.next().data)
    options = {"uart": wire[1], "line": "115200 8N1", "micropython": [micropython]}
    with Device(tmp_path / "chip", **options) as device:
        device.install()
        device.settings(
            wifi_ssid="Fjellheim",
            wifi_password="kwhisper-demo",
            mqtt_host="localhost",
            mqtt_port=broker.port,
            mqtt_tls=tls,
            mqtt_ca=(certificates / "ca.pem").read_text() if tls else "",
            meter="115200-8N1",
            payload="topics,json,ams",
        )
        device.power_on()
        until(lambda: broker.packets and status(device).get("line"), 40, "the firmware")
        speak(wire[0], b"".join(telegrams))
        until(lambda: status(device).get("frames", {}).get("ok", 0), 10, "the count")
        time.sleep(1)
        frames = status(device)["frames"]
        lost = {cause: n for cause, n in frames.items() if n and cause != "ok"}
        assert frames["ok"] == len(telegrams) and not lost, (frames, len(telegrams))
        assert device.told("lost", 0) == 0 and device.starts == 1
