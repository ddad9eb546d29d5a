"""POST /test {settings as typed}: are they right? Nothing is saved. {"wifi": null, "broker": null}
where all is well, else what is wrong, in words; "wifi" only in the set-up.

The broker is asked under a client id of its own, lest the session that stands is thrown out.
"""

import asyncio
import json
import socket
import struct

from ..mqtt.connect import Ended, look_up, reach, until
from ..storage.table import find
from .api import answer as said

_JOIN_MS = const(15000)
_STEP_MS = const(250)
_ANSWER_MS = const(8000)
_SECOND = const(1000)
_FAULTS = const("/mqtt/faults.json")
_OWN = const(1000)  # from here on MicroPython's own states of the WiFi, see station.py
_USER = const(0x80)
_PASSWORD = const(0x40)
_CLEAN = const(2)


async def answer(api, c):
    """The answer."""
    from ..storage.validation import check_all

    try:
        changes = json.loads(await c.body())
    except (ValueError, RuntimeError):
        changes = None
    if not isinstance(changes, dict):
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
        station.connect(name, password)
        for _ in range(_JOIN_MS // _STEP_MS):
            await asyncio.sleep_ms(_STEP_MS)
            if station.isconnected():
                return None
            code = station.status()
            row = code < _OWN and find("/network/wifi_status.json", code)
            if row:
                return row["text"]
        return "no answer from the network"
    except OSError:
        return "the radio is busy: try again"


async def _greet(value):
    """What the broker says to a login, None if it takes it."""
    host = value("mqtt_host")
    if value("mqtt_tls"):
        return "with TLS only the device itself can tell, after saving"
    sock = socket.socket()
    try:
        address = await look_up(host)
        await reach(sock, address, value("mqtt_port"), _SECOND)
        parts = ["kwhisper-test"]
        flags = _CLEAN
        if value("mqtt_user"):
            parts += [value("mqtt_user"), value("mqtt_password")]
            flags |= _USER | _PASSWORD
        body = b"\0\4MQTT\4" + bytes((flags, 0, 60))
        for part in parts:
            part = part.encode()
            body += struct.pack(">H", len(part)) + part
        n = len(body)
        size = bytes((n & 127 | 128, n >> 7)) if n > 127 else bytes((n,))
        sock.write(b"\x10" + size + body)
        heard = await until(lambda: sock.read(4), _ANSWER_MS)
        if not heard or len(heard) < 4 or heard[0] != 0x20:
            raise Ended("CONNACK" if heard else "login", host)
        sock.write(b"\xe0\0")
        if heard[3]:
            raise Ended(heard[3])
    except Ended as e:
        row = find(_FAULTS, e.args[0])
        return row["text"] % e.args[1:] if row else str(e.args[0])
    except OSError:
        return "the connection was cut"
    finally:
        sock.close()
