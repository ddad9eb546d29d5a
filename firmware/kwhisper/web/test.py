"""POST /test {settings as typed}: are they right? Nothing is saved. {"wifi": null, "broker": null}
where all is well, else what is wrong, in words; "wifi" only in the set-up.

The broker is asked under a client id of its own, lest the session that stands is thrown out.
"""

import asyncio
import json
import socket

from umqtt.simple import MQTTClient

from ..mqtt.connect import login, look_up, reach
from ..mqtt.packets import Ended, Later, Packets
from ..storage.table import find
from .api import answer as said
from .api import json_object

_JOIN_MS = const(15000)
_STEP_MS = const(250)
_STALE = const(40)  # steps in which an attempt has ended in its own way, see station.py
_SECOND = const(1000)
_FAULTS = const("/mqtt/faults.json")
_OWN = const(1000)  # from here on MicroPython's own states of the WiFi, see station.py
_LOGIN = const(64)  # bytes of a CONNECT beside user and password
_CONNACK = const(4)
_KEEPALIVE = const(60)


async def answer(api, c):
    """The answer."""
    from ..storage.validation import check_all

    changes = json_object(await c.body())
    if changes is None:
        return said('{"errors":{"":"must be a JSON object of settings"}}', 400)
    settings = api.device.settings
    values, errors = check_all({name: settings[name] for name in settings.values}, changes)
    if errors:
        return said(json.dumps({"errors": errors}), 422)

    def value(name):
        return values[name] if name in values else settings[name]

    found = {}
    station = None
    try:
        if api.mode == "setup":
            import network

            station = network.WLAN(network.STA_IF)
            found["wifi"] = await _join(station, value("wifi_ssid"), value("wifi_password"))
        if value("mqtt_host") and not found.get("wifi"):
            found["broker"] = await _greet(value)
    finally:
        if station:
            station.active(False)
    return said(json.dumps(found))


async def _join(station, name, password):
    try:
        station.active(True)
        # Until it is connected the driver goes on telling what ended the attempt before.
        before = station.status()
        station.connect(name, password)
        for i in range(_JOIN_MS // _STEP_MS):
            await asyncio.sleep_ms(_STEP_MS)
            if station.isconnected():
                return None
            code = station.status()
            if code < _OWN and (code != before or i > _STALE):
                row = find("/network/wifi_status.json", code)
                if row:
                    return row["text"]
        return "no answer from the network"
    except OSError:
        return "the radio is busy: try again"


async def _greet(value):
    """What the broker says to a login, None if it takes it."""
    host = value("mqtt_host")
    if value("mqtt_tls"):
        return "with TLS this can only be tested by saving"
    user, password = value("mqtt_user").encode(), value("mqtt_password").encode()
    packets = Packets(bytearray(_LOGIN + len(user) + len(password)), bytearray(_CONNACK))
    umqtt = MQTTClient(b"kwhisper-test", host, 0, user or None, password, _KEEPALIVE)
    try:
        umqtt.connect()
    except Later:
        pass  # login() waits for the CONNACK
    sock = socket.socket()
    try:
        await reach(sock, await look_up(host), value("mqtt_port"), _SECOND)
        await login(packets, sock, host, _SECOND)
        sock.write(b"\xe0\0")
    except Ended as e:
        row = find(_FAULTS, e.args[0])
        return row["text"] % e.args[1:] if row else str(e.args[0])
    except OSError:
        return "the connection was cut"
    finally:
        sock.close()
