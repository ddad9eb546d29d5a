"""The radio as a station that stays connected.

off ─▶ joining ─▶ up ─▶ lost ─▶ joining …   Every step has a bound; between two attempts a pause
that doubles up to a minute, with jitter, so that a house full of devices does not storm a router
that just came back. The access point of the set-up: access_point.py, which run mode never loads.
The same with a cable instead of the radio: cable.py.
"""

import asyncio
import hashlib
import os

import network

from ..storage import checked
from ..storage.table import find

_JOIN_MS = const(20000)
_STEP_MS = const(250)
_STALE = const(40)  # steps in which an attempt has ended in its own way
_PAUSE_S = const(60)
_WATCH_S = const(2)
_PROVED = const("/joined")

# In wifi_status.json, in words for the user: the driver's status (esp_wifi_types.h,
# wifi_err_reason_t) below this; from it on it is MicroPython's own: idle, connecting, connected.
_FAULTS = const(1000)


class Station:
    """The station, its state in `status.wifi`, `status.ip` and `status.rssi`.

    note(level, *words) tells the console; may_transmit() tells whether the radio may be
    on, None: always.
    """

    name = "WiFi"
    up = "up"  # status.wifi while there is a connection
    most = _PAUSE_S

    def __init__(self, settings, status, note, may_transmit=None):
        self.settings = settings
        self.status = status
        self.note = note
        self.may_transmit = may_transmit or (lambda: True)
        self.failures = 0  # attempts in a row that led to nothing
        status.wifi = "off"

    def begin(self):
        """The driver's object."""
        network.WLAN(network.AP_IF).active(False)
        return network.WLAN(network.STA_IF)

    async def run(self):
        """Keep the station connected, for ever."""
        network.hostname(self.settings["host_name"])
        station = self.begin()
        status = self.status
        pause = 1
        while True:
            if not self.may_transmit():
                station.active(False)
                status.wifi = "off, to spare the supply"
                await asyncio.sleep(1)
                continue
            problem = await self._join(station)
            if problem:
                self.failures += 1
                self.note("info", self.name + ":", problem)
                status.wifi = problem
                try:
                    station.disconnect()
                except (OSError, AttributeError):
                    pass  # the radio did not even start; or it is a cable
            else:
                pause = 1
                self.failures = 0
                await self._stay(station)
            # Three quarters of a second to one and a quarter for each of its seconds.
            jitter = int.from_bytes(os.urandom(2), "big") % (pause * 500)
            await asyncio.sleep_ms(pause * 750 + jitter)
            pause = min(pause * 2, self.most)

    async def _join(self, station):
        # Returns what went wrong, or None.
        s = self.settings
        self.status.wifi = "joining"
        try:
            station.active(True)
            # Until it is connected the driver goes on telling what ended the attempt before.
            before = station.status()
            # The driver would try on its own, without pause and without telling.
            station.config(reconnects=0)
            ssid, password, bssid = s["wifi_ssid"], s["wifi_password"], None
            for name in s.values:
                if name[:4] == "net_" and s[name]:
                    from .tuning import prepare

                    ssid, password, bssid = prepare(station, s, self.failures)
                    break
            station.connect(ssid, password, bssid=bssid)
        except OSError:
            station.active(False)
            return "the radio does not start: switch the device off and on"
        for i in range(_JOIN_MS // _STEP_MS):
            await asyncio.sleep_ms(_STEP_MS)
            if station.isconnected():
                return None
            # Without a row nothing is wrong, or it may still mend itself.
            code = station.status()
            if code < _FAULTS and (code != before or i > _STALE):
                row = find("/network/wifi_status.json", code)
                if row:
                    return row["text"]
        return "no answer from the network (%d)" % station.status()

    async def _stay(self, station):
        status = self.status
        status.ip = station.ifconfig()[0]
        status.wifi = self.up
        self.note("info", self.name + ": connected, address", status.ip)
        if not self.proved():
            # If it cannot be written: after the next failures the set-up is opened.
            checked.write(_PROVED, self._mark())
        while station.isconnected() and self.may_transmit():
            try:
                status.rssi = station.status("rssi")
            except (OSError, TypeError):
                status.rssi = None  # lost just now, or a cable's
            await asyncio.sleep(_WATCH_S)
        status.ip = status.rssi = None
        status.wifi = "lost"
        self.note("info", self.name + ": connection lost")

    def proved(self):
        """Whether these settings have ever led to a connection."""
        return checked.read(_PROVED) == self._mark()

    def _mark(self):
        # The password belongs to it: one that was mistyped later has proved nothing.
        s = self.settings
        return hashlib.sha256((s["wifi_ssid"] + "\n" + s["wifi_password"]).encode()).digest()
