"""The whole firmware, a P1 port at 115,200 baud without a pause, and brokers that misbehave.

The UART's ring is 2 KiB, half an ESP32's: 180 ms of delay would lose bytes, and be seen.
"""

import json
import os
import time
import tty
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest
from mqtt.rig import until

from kwhisper_tools.host import Device
from kwhisper_tools.meters import make

SECONDS = 4
PER_SECOND = 11520
STARVED = 0.5  # s without a processor: a chip shares its own with nobody


@pytest.fixture
def wire():
    master, slave = os.openpty()
    tty.setraw(slave)
    yield master, os.ttyname(slave)
    os.close(master)
    os.close(slave)


def status(device):
    with suppress(OSError, ValueError):
        with urllib.request.urlopen(device.url + "data.json", timeout=20) as answer:
            found = json.loads(answer.read())
        return found.get("status", found)
    return {}


def speak(master, data):
    """At the line's pace; a write waits until the pty takes it.

    Where this program was held up the line had a pause: a meter never speaks faster afterwards.
    """
    at, last = 0, time.monotonic()
    while at < len(data):
        time.sleep(0.005)
        now = time.monotonic()
        due = int(min(now - last, 0.02) * PER_SECOND)
        last = now
        at += os.write(master, data[at : at + due])


def queued(pid):
    """Seconds that a program has waited for a processor; 0 where nobody counts."""
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    return 0


QUICK = [("deaf", False), ("flood", True)]
OTHERS = [(fault, False) for fault in ("silent", "flood", "half later", "drop")]
SLOW = [pytest.param(*given, marks=pytest.mark.slow) for given in [*OTHERS, ("drop", True)]]


@pytest.mark.parametrize(("fault", "tls"), QUICK + SLOW)
def test_no_byte_is_lost_whatever_the_broker_does(
    fault, tls, faulty, certificates, server_tls, wire, tmp_path, micropython
):
    broker = faulty(fault, tls=server_tls if tls else None)
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
        others = queued(device.pid())
        speak(wire[0], b"".join(telegrams))
        until(lambda: status(device).get("frames", {}).get("ok", 0), what="the count")
        time.sleep(1)
        frames = until(lambda: status(device).get("frames"), what="the count")
        others = queued(device.pid()) - others
        if device.told("lost", 0) and others > STARVED:
            pytest.skip(f"other programs held the device up for {others:.1f} s: no rest, no proof")
        lost = {cause: n for cause, n in frames.items() if n and cause != "ok"}
        assert frames["ok"] == len(telegrams) and not lost, (frames, len(telegrams))
        assert device.told("lost", 0) == 0 and device.starts == 1
