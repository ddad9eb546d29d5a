"""Fixtures of the MQTT tests."""

import builtins
import shutil
import ssl
import sys

import pytest
from mqtt import authority, faulty_tls
from mqtt.faulty import Faulty
from mqtt.rig import Device, Listener, Mosquitto

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
        plan.setdefault("seconds", 60)
        settings = {"mqtt_host": "127.0.0.1", "mqtt_port": port, **(settings or {})}
        started.append(Device(micropython, dict(plan, settings=settings)))
        return started[-1]

    yield start
    for d in started:
        d.kill()


@pytest.fixture
def mosquitto(tmp_path):
    """mosquitto(*lines of its configuration) starts the real broker."""
    if not shutil.which("mosquitto"):
        pytest.skip("mosquitto is not installed: apt-get install mosquitto")
    started = []

    def start(*lines):
        started.append(Mosquitto(tmp_path, lines or ("allow_anonymous true",)))
        return started[-1]

    yield start
    for broker in started:
        broker.kill()


@pytest.fixture
def listener():
    """listener(port, topic) hears what is published."""
    started = []

    def start(port, topic="#", **more):
        started.append(Listener(port, topic, **more))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    """A folder with ca.pem, other.pem (another CA), good/expired/client .pem and .key."""
    folder = tmp_path_factory.mktemp("tls")
    authority.make(folder)
    return folder


@pytest.fixture
def context(certificates):
    """What a broker's own TLS needs."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificates / "good.pem", certificates / "server.key")
    return made


@pytest.fixture
def faulty():
    """faulty(fault) starts a broker that misbehaves; with tls=CONTEXT after its handshake, or
    in it, if the fault is one of faulty_tls."""
    made = []

    def start(fault, refusal=0, tls=None):
        if fault in faulty_tls.FAULTS:
            made.append(faulty_tls.FaultyTls(fault, tls))
        else:
            made.append(Faulty(fault, refusal, tls))
        return made[-1]

    yield start
    for one in made:
        one.close()
