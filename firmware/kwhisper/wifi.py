"""The radio: a station that stays connected, or the access point for the set-up.

Station:  off ─▶ joining ─▶ up ─▶ lost ─▶ joining …   Every step has a bound; between two attempts
a pause that doubles up to a minute, with jitter, so that a house full of devices does not storm a
router that just came back.
Access point: always WPA2. Its password is made from the chip's number and a secret drawn once, for
the number alone can be read off the air.
"""

import asyncio
import os
import time

import network
from micropython import const

_JOIN_MS = const(20000)
_STEP_MS = const(250)
_PAUSE_S = const(60)
_WATCH_S = const(2)
_WPA2 = const(3)
_SCAN_MOST = const(20)
_FRESH_MS = const(15000)
_SECRET = "/ap_secret"
_PROVED = "/joined"
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"

# What the driver says in its own numbers, which differ from chip to chip, in words for the user.
_REASONS = (
    ("STAT_WRONG_PASSWORD", "wrong password"),
    ("STAT_NO_AP_FOUND", "no such network"),
    ("STAT_CONNECT_FAIL", "the network refused"),
    ("STAT_ASSOC_FAIL", "the network refused"),
    ("STAT_HANDSHAKE_TIMEOUT", "wrong password"),
    ("STAT_BEACON_TIMEOUT", "signal lost"),
)
# ESP-IDF numbers without a name in MicroPython's module.
_MORE = {210: "password or security do not fit", 211: "no such network", 212: "signal too weak"}


def reason(code):
    """The driver's status code in words, or None while nothing is wrong."""
    for name, text in _REASONS:
        if getattr(network, name, None) == code:
            return text
    return _MORE.get(code)


def _random(below):
    return int.from_bytes(os.urandom(2), "big") % below


class Wifi:
    """The station, its state in `status.wifi`, `status.ip` and `status.rssi`."""

    def __init__(self, settings, status, board, note=print, allowed=None):
        self.status = status
        self.board = board
        self.note = note
        self.failures = 0
        self._ssid = settings["wifi_ssid"]
        self._key = settings["wifi_password"]
        self._host = settings["host_name"]
        self._allowed = allowed or (lambda: True)
        self._found = []
        self._heard = None
        status.wifi = "off"

    def connected(self):
        """Whether the station has an address."""
        return self.status.ip is not None

    async def run(self):
        """Keep the station connected, for ever."""
        station = network.WLAN(network.STA_IF)
        network.WLAN(network.AP_IF).active(False)
        _set_host_name(self._host)
        pause = 1
        while True:
            if not self._allowed():
                station.active(False)
                self.status.wifi = "off: the supply is too low"
                await asyncio.sleep(5)
                continue
            problem = await self._join(station)
            if problem is None:
                pause = 1
                self.failures = 0
                await self._stay(station)
            else:
                self.failures += 1
                self.note("WiFi:", problem)
                self.status.wifi = problem
                station.disconnect()
            await asyncio.sleep_ms(pause * 750 + _random(pause * 500))
            pause = min(pause * 2, _PAUSE_S)

    async def _join(self, station):
        self.status.wifi = "joining"
        try:
            station.active(True)
            try:
                # The ESP32's driver would try on its own, without pause and without telling.
                station.config(reconnects=0)
            except ValueError:
                pass  # the ESP8266 has no such setting
            station.connect(self._ssid, self._key)
        except OSError:
            station.active(False)
            return "the radio does not start"
        problem = None
        for _ in range(_JOIN_MS // _STEP_MS):
            await asyncio.sleep_ms(_STEP_MS)
            if station.isconnected():
                self._up(station)
                return None
            problem = reason(station.status())
            if problem:
                return problem
        return "no answer"

    def _up(self, station):
        self.status.ip = station.ifconfig()[0]
        self.status.wifi = "up"
        self._listen(station)
        self.note("WiFi: connected, address", self.status.ip)
        if not self.proved():
            try:
                with open(_PROVED, "w") as f:
                    f.write(self._ssid)
            except OSError:
                pass  # the settings stay unproved, as after the next failure they may well be

    async def _stay(self, station):
        while station.isconnected() and self._allowed():
            self._listen(station)
            await asyncio.sleep(_WATCH_S)
        self.status.ip = None
        self.status.rssi = None
        self.status.wifi = "lost"
        self.note("WiFi: connection lost")

    def _listen(self, station):
        try:
            self.status.rssi = station.status("rssi")
        except (OSError, ValueError):
            self.status.rssi = None

    def proved(self):
        """Whether these settings have ever led to a connection."""
        try:
            with open(_PROVED) as f:
                return f.read(132) == self._ssid
        except OSError:
            return False

    async def scan(self):
        """[(ssid, rssi, secured)], the strongest first; the last result if the radio is busy."""
        if self._heard is not None and time.ticks_diff(time.ticks_ms(), self._heard) < _FRESH_MS:
            return self._found
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
            self._found = found[:_SCAN_MOST]
            self._heard = time.ticks_ms()
        except OSError:
            pass  # the chip cannot leave its channel just now
        return self._found

    async def access_point(self):
        """Open the access point; returns (name, password, address). Scan before: one radio."""
        name, key = access_point()
        ap = network.WLAN(network.AP_IF)
        network.WLAN(network.STA_IF).active(False)
        ap.active(True)
        ap.config(ssid=name, security=_WPA2, key=key)
        self.status.ip = ap.ifconfig()[0]
        self.status.wifi = "access point " + name
        return name, key, self.status.ip


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
        pass  # the first start: it is drawn now
    secret = os.urandom(16)
    with open(_SECRET, "wb") as f:
        f.write(secret)
    return secret


def _text(ssid):
    try:
        return ssid.decode()
    except UnicodeError:
        return ""  # not UTF-8: it could not be typed into the form either


def _set_host_name(name):
    try:
        network.hostname(name)
    except (AttributeError, ValueError):
        pass  # an old firmware, or too long for it: the router shows the chip's own name
