"""The radio in the set-up: what networks there are, and the access point.

The access point is always WPA2. Its password is made from the chip's number and a secret drawn
once, for the number alone can be read off the air.
"""

import os
import time

import network
from micropython import const

_WPA2 = const(3)
_SCAN_MOST = const(20)
_FRESH_MS = const(15000)
_SECRET = "/ap_secret"
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"

_found = []
_heard = []  # ticks of the last scan


async def scan():
    """[(ssid, rssi, secured)], the strongest first; the last result if the radio is busy."""
    if _heard and time.ticks_diff(time.ticks_ms(), _heard[0]) < _FRESH_MS:
        return list(_found)
    station = network.WLAN(network.STA_IF)
    try:
        was_on = station.active()
        station.active(True)
        # Hidden networks have no name and stay out; a network of many stations counts once.
        best = {}
        for ssid, _, _, rssi, security, *_ in station.scan():
            name = _text(ssid)
            if name and (name not in best or best[name][0] < rssi):
                best[name] = (rssi, security != 0)
        if not was_on:
            station.active(False)
        found = [(name, rssi, secured) for name, (rssi, secured) in best.items()]
        found.sort(key=lambda n: -n[1])
        _found[:] = found[:_SCAN_MOST]
        _heard[:] = (time.ticks_ms(),)
    except OSError:
        pass  # the chip cannot leave its channel just now
    return list(_found)


def open_access_point(status):
    """Open the access point; returns (name, password, address). Scan before: one radio."""
    name, key = access_point()
    ap = network.WLAN(network.AP_IF)
    network.WLAN(network.STA_IF).active(False)
    ap.active(True)
    ap.config(ssid=name, security=_WPA2, key=key)
    status.ip = ap.ifconfig()[0]
    status.wifi = "access point " + name
    return name, key, status.ip


def visited():
    """Whether somebody has joined the access point."""
    try:
        return bool(network.WLAN(network.AP_IF).status("stations"))
    except (OSError, ValueError, TypeError):
        return False  # this chip does not tell


def access_point():
    """(name, password) of this device's access point; the same at every start."""
    import binascii
    import hashlib

    import machine

    number = machine.unique_id()
    digest = hashlib.sha256(number + _secret()).digest()
    key = "".join(_ALPHABET[b & 31] for b in digest[:10])
    return "kWhisper-" + binascii.hexlify(number[-2:]).decode(), key


def _secret():
    try:
        with open(_SECRET, "rb") as f:
            secret = f.read(16)
        if len(secret) == 16:
            return secret
    except OSError:
        pass  # the first start: it is drawn below
    secret = os.urandom(16)
    try:
        with open(_SECRET + ".new", "wb") as f:
            f.write(secret)
        try:
            os.remove(_SECRET)  # one that was cut short; FAT does not rename onto a file
        except OSError:
            pass  # there is none
        os.rename(_SECRET + ".new", _SECRET)
    except OSError:
        pass  # a full flash: this start's password is another one than the next start's
    return secret


def _text(ssid):
    try:
        return ssid.decode()
    except UnicodeError:
        return ""  # not UTF-8: it could not be typed into the form either
