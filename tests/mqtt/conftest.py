"""Fixtures of the MQTT tests."""

import builtins
import ssl
import sys
from types import SimpleNamespace

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
def server_tls(certificates):
    """What a broker's own TLS needs."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificates / "good.pem", certificates / "server.key")
    return made


# of the formats, as functions


@pytest.fixture
def load():
    """load(payload): the modules of its formats."""
    from kwhisper.formats import load

    return load


@pytest.fixture
def context():
    """context(**settings): a Context with the table's defaults and a status that stands still."""
    from kwhisper.formats import Context
    from kwhisper.storage.table import SETTINGS, rows

    status = SimpleNamespace(
        uptime=lambda: 86400,
        frame_age=lambda: 2,
        mem_free=lambda: 40000,
        rssi=-61,
        ip="192.168.1.7",
        board="esp32",
        version="2.0",
        dropped=0,
    )

    def make(page=3072, **settings):
        values = {row["name"]: row["default"] for row in rows(SETTINGS) if "name" in row}
        assert not set(settings) - set(values)
        return Context({**values, **settings}, status, "kwhisper-1", lambda: None, page)

    return make


@pytest.fixture
def said(load):
    """said(format, what, context, *given): its messages as (topic, payload, kind), texts."""

    def run(name, what, context, *given):
        module = load(name)[-1]
        return [
            (bytes(topic).decode(), bytes(payload).decode(), kind)
            for topic, payload, kind in getattr(module, what)(*given, context)
        ]

    return run


@pytest.fixture
def kinds():
    from kwhisper.formats import DOCUMENT, FACT, MARK, REGISTER, VALUE

    return SimpleNamespace(document=DOCUMENT, value=VALUE, register=REGISTER, fact=FACT, mark=MARK)
