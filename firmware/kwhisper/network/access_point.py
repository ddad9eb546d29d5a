"""The radio in the set-up: what networks there are, and the access point.

The access point is always WPA2. Its password is made from the chip's number and a secret drawn
once, for the number alone can be read off the air.
"""

import binascii
import hashlib
import os
import time

import machine
import network

from ..storage import checked

_WPA2 = const(3)
_SCAN_MOST = const(20)
_FRESH_MS = const(15000)
_SECRET = const("/ap_secret")
_COPY = const("/ap_secret.last")
_SIZE = const(16)
_ALPHABET = const("abcdefghijkmnpqrstuvwxyz23456789")

_found = []
_scanned = []  # ticks of the last scan


async def scan():
    """[(ssid, rssi, secured)], the strongest first; the last result if that is fresh, or if the
    radio is busy."""
    if _scanned and time.ticks_diff(time.ticks_ms(), _scanned[0]) < _FRESH_MS:
        return _found
    station = network.WLAN(network.STA_IF)
    try:
        was_on = station.active()
        station.active(True)
        # Hidden networks have no name and stay out; a network of many stations counts once.
        best = {}
        for ssid, _, _, rssi, security, *_ in station.scan():
            try:
                name = ssid.decode()
            except UnicodeError:
                continue  # not UTF-8: it could not be typed into the form either
            if name and (name not in best or best[name][1] < rssi):
                best[name] = (name, rssi, security != 0)
        if not was_on:
            station.active(False)
        _found[:] = sorted(best.values(), key=lambda n: -n[1])[:_SCAN_MOST]
        _scanned[:] = (time.ticks_ms(),)
    except OSError:
        pass  # the chip cannot leave its channel just now
    return _found


def open_access_point(status):
    """Open the access point; returns (name, password, address). Scan before: one radio."""
    station = network.WLAN(network.STA_IF)
    station.active(True)  # the chip's random numbers are true ones while its radio is on
    name, key = access_point()
    station.active(False)
    ap = network.WLAN(network.AP_IF)
    ap.active(True)
    ap.config(ssid=name, security=_WPA2, key=key)
    status.ip = ap.ifconfig()[0]
    status.wifi = "access point " + name
    return name, key, status.ip


def visited():
    """Whether somebody has joined the access point."""
    try:
        return bool(network.WLAN(network.AP_IF).status("stations"))
    except OSError:
        return False  # the access point is not up


def access_point():
    """(name, password) of this device's access point; the same at every start."""
    number = machine.unique_id()
    key = word(hashlib.sha256(number + _secret()).digest()[:10])
    return "kWhisper-" + binascii.hexlify(number[-2:]).decode(), key


def word(numbers):
    """A password of one letter or digit for each random byte."""
    return "".join(_ALPHABET[b & 31] for b in numbers)


def _secret():
    # Twice on flash: the password may be written on the device's case.
    secret = checked.read(_SECRET) or checked.read(_COPY)
    if len(secret) != _SIZE:
        secret = os.urandom(_SIZE)  # the first start
    for path in (_SECRET, _COPY):
        # On a full flash this start's password is another one than the next start's.
        if checked.read(path) != secret:
            checked.write(path, secret)
    return secret
