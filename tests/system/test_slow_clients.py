"""Browsers that dawdle take no socket from the broker: lwIP has ten in all."""

import contextlib
import os
import socket
import threading
import time
from pathlib import Path

from system.waiting import until

_LWIP = 10
_WITHIN_S = 20
_CLIENTS = 8


def sockets(device):
    """How many the chip's program holds; of the PC's that its stand-ins use none."""
    found = 0
    for link in Path(f"/proc/{device.pid()}/fd").iterdir():
        with contextlib.suppress(OSError):
            found += os.readlink(link).startswith("socket:")
    return found


def test_the_broker_comes_back_within_twenty_seconds_under_eight_slow_clients(
    house, mosquitto, listen
):
    speaker, device = house("aidon")
    device.settings(
        wifi_ssid="Fjellheim", wifi_password="kwhisper-demo", mqtt_host="127.0.0.1",
        mqtt_port=mosquitto.port,
    )  # fmt: skip
    speaker.start()
    device.power_on()
    device.wait_for("mqtt: connected")
    over = threading.Event()
    most = 0

    def dawdle():
        while not over.is_set():
            with contextlib.suppress(OSError), socket.socket() as s:
                s.settimeout(5)
                s.connect(("127.0.0.1", device.web_port))
                for letter in b"GET /data.json HTTP/1.1\r\nHost: 127.0.0.1\r\n" * 20:
                    s.send(bytes((letter,)))
                    if over.wait(0.3):
                        return

    clients = [threading.Thread(target=dawdle, daemon=True) for _ in range(_CLIENTS)]
    for client in clients:
        client.start()
    try:
        time.sleep(3)
        mosquitto.kill()
        until(lambda: any("mqtt: the" in line for line in device.output), 60, "the loss")
        device.output.clear()
        mosquitto.start()
        end = time.monotonic() + _WITHIN_S
        while not any("mqtt: connected" in line for line in device.output):
            assert time.monotonic() < end, "\n".join(device.output)
            most = max(most, sockets(device))
            time.sleep(0.1)
    finally:
        over.set()
    assert 0 < most < _LWIP, f"{most} sockets at once"
    assert device.starts == 1 and "is switched off" not in "\n".join(device.output)
