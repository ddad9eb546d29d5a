"""The radio as a station that stays connected.

off ─▶ joining ─▶ up ─▶ lost ─▶ joining …   Every step has a bound; between two attempts a pause
that doubles up to a minute, with jitter, so that a house full of devices does not storm a router
that just came back. Set-up and access point: wifi.py, which run mode never loads.
"""

import asyncio
import hashlib
import os

import network
from micropython import const

_JOIN_MS = const(20000)
_STEP_MS = const(250)
_PAUSE_S = const(60)
_WATCH_S = const(2)
_PROVED = "/joined"

# What the driver says in its own numbers, which differ from chip to chip, in words for the user.
_REASONS = (
    ("STAT_WRONG_PASSWORD", "wrong password"),
    ("STAT_NO_AP_FOUND", "no such network"),
    ("STAT_CONNECT_FAIL", "the network refused"),
    ("STAT_ASSOC_FAIL", "the network refused"),
    ("STAT_HANDSHAKE_TIMEOUT", "wrong password"),
    ("STAT_BEACON_TIMEOUT", "signal lost"),
)


def reason(code):
    """The driver's status code in words, or None while nothing is wrong."""
    known = dir(network)  # to ask for a name makes it known, in a small chip's memory
    for name, text in _REASONS:
        if name in known and getattr(network, name) == code:
            return text
    # ESP-IDF numbers without a name in MicroPython's module.
    more = {210: "password or security do not fit", 211: "no such network", 212: "signal too weak"}
    return more.get(code)


def proved(settings):
    """Whether these settings have ever led to a connection."""
    try:
        with open(_PROVED, "rb") as f:
            return f.read(33) == _mark(settings)
    except OSError:
        return False


def prove(settings):
    """They have led to one."""
    if not proved(settings):
        try:
            with open(_PROVED, "wb") as f:
                f.write(_mark(settings))
        except OSError:
            pass  # the settings stay unproved, as after the next failure they may well be


def _mark(settings):
    # The password belongs to it: one that was mistyped later has proved nothing.
    text = settings["wifi_ssid"] + "\n" + settings["wifi_password"]
    return hashlib.sha256(text.encode()).digest()


class Station:
    """The station, its state in `status.wifi`, `status.ip` and `status.rssi`.

    note(level, *words) keeps a line of journal; allowed() tells whether the radio may be on.
    """

    def __init__(self, settings, status, note, allowed=None):
        self.status = status
        self.note = note
        self.failures = 0
        self._settings = settings
        self._ssid = settings["wifi_ssid"]
        self._key = settings["wifi_password"]
        self._host = settings["host_name"]
        self._allowed = allowed or (lambda: True)
        status.wifi = "off"

    async def run(self):
        """Keep the station connected, for ever."""
        station = network.WLAN(network.STA_IF)
        network.WLAN(network.AP_IF).active(False)
        try:
            network.hostname(self._host)
        except (AttributeError, ValueError):
            pass  # an old firmware, or too long for it: the router shows the chip's own name
        pause = 1
        while True:
            if not self._allowed():
                station.active(False)
                self.status.wifi = "off: the supply is too low"
                await asyncio.sleep(1)
                continue
            problem = await self._join(station)
            if problem is None:
                pause = 1
                self.failures = 0
                await self._stay(station)
            else:
                self.failures += 1
                self.note("info", "WiFi:", problem)
                self.status.wifi = problem
                station.disconnect()
            jitter = int.from_bytes(os.urandom(2), "big") % (pause * 500)
            await asyncio.sleep_ms(pause * 750 + jitter)
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
        for _ in range(_JOIN_MS // _STEP_MS):
            await asyncio.sleep_ms(_STEP_MS)
            if station.isconnected():
                return None
            problem = reason(station.status())
            if problem:
                return problem
        return "no answer"

    async def _stay(self, station):
        status = self.status
        status.ip = station.ifconfig()[0]
        status.wifi = "up"
        self.note("info", "WiFi: connected, address", status.ip)
        prove(self._settings)
        while station.isconnected() and self._allowed():
            try:
                status.rssi = station.status("rssi")
            except (OSError, ValueError):
                status.rssi = None
            await asyncio.sleep(_WATCH_S)
        status.ip = status.rssi = None
        status.wifi = "lost"
        self.note("info", "WiFi: connection lost")

    def proved(self):
        """Whether these settings have ever led to a connection."""
        return proved(self._settings)
