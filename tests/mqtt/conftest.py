"""Fixtures of the MQTT tests."""

import builtins
import ssl
import sys

import pytest
from mqtt.rig import Device

from kwhisper_tools import paths

# The formats are pure: CPython runs them as they are, given what MicroPython's compiler knows.
builtins.const = lambda value: value
sys.path.insert(0, str(paths.FIRMWARE))


@pytest.fixture
def device(micropython):
    """device(settings, **plan) starts the MQTT part of the firmware; all are ended afterwards."""
    if not (paths.UMQTT / "umqtt" / "simple.py").exists():
        pytest.skip("umqtt.simple is not there: run `make venv`")
    started = []

    def start(port, settings=None, **plan):
        plan.setdefault("seconds", 600)
        settings = {"mqtt_host": "127.0.0.1", "mqtt_port": port, **(settings or {})}
        started.append(Device(micropython, dict(plan, settings=settings)))
        return started[-1]

    yield start
    for d in started:
        d.kill()


@pytest.fixture
def listener(listen):
    """listener(port, topic) hears what is published."""
    return listen


@pytest.fixture
def context(certificates):
    """What a broker's own TLS needs."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificates / "good.pem", certificates / "server.key")
    return made
