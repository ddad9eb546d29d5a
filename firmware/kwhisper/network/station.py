"""The radio as a station that stays connected.

off ─▶ joining ─▶ up ─▶ lost ─▶ joining …   Every step has a bound; between two attempts a pause
that doubles up to a minute, with jitter, so that a house full of devices does not storm a router
that just came back. The access point of the set-up: access_point.py, which run mode never loads.
"""

import asyncio
import hashlib
import os

import network

from ..storage.table import rows

_JOIN_MS = const(20000)
_STEP_MS = const(250)
_PAUSE_S = const(60)
_WATCH_S = const(2)
_PROVED = "/joined"

# The driver's status (esp_wifi_types.h, wifi_err_reason_t) in words for the user.
_TEXTS = __file__.rpartition("/")[0] + "/wifi_status.json"
_FAULTS = const(1000)  # below it; from it on MicroPython's own: idle, connecting, connected


def _fault(code):
    # The driver's status in words, None while nothing is wrong or it may still mend itself.
    if code < _FAULTS:
        for row in rows(_TEXTS):
            if row["status"] == code:
                return row["text"]
    return None


class Station:
    """The station, its state in `status.wifi`, `status.ip` and `status.rssi`.

    note(level, *words) keeps a line of the journal; may_transmit() tells whether the radio may be
    on, None: always.
    """

    def __init__(self, settings, status, note, may_transmit=None):
        self._settings = settings
        self._status = status
        self._note = note
        self._may_transmit = may_transmit or (lambda: True)
        self.failures = 0  # attempts in a row that led to nothing
        status.wifi = "off"

    async def run(self):
        """Keep the station connected, for ever."""
        station = network.WLAN(network.STA_IF)
        network.WLAN(network.AP_IF).active(False)
        network.hostname(self._settings["host_name"])
        status = self._status
        pause = 1
        while True:
            if not self._may_transmit():
                station.active(False)
                status.wifi = "off, to spare the supply"
                await asyncio.sleep(1)
                continue
            problem = await self._join(station)
            if problem:
                self.failures += 1
                self._note("info", "WiFi:", problem)
                status.wifi = problem
                station.disconnect()
            else:
                pause = 1
                self.failures = 0
                await self._stay(station)
            # Half a second to a second and a quarter for each of its seconds.
            jitter = int.from_bytes(os.urandom(2), "big") % (pause * 500)
            await asyncio.sleep_ms(pause * 750 + jitter)
            pause = min(pause * 2, _PAUSE_S)

    async def _join(self, station):
        # Returns what went wrong, or None.
        s = self._settings
        self._status.wifi = "joining"
        try:
            station.active(True)
            # The driver would try on its own, without pause and without telling.
            station.config(reconnects=0)
            station.connect(s["wifi_ssid"], s["wifi_password"])
        except OSError:
            station.active(False)
            return "the radio does not start: switch the device off and on"
        for _ in range(_JOIN_MS // _STEP_MS):
            await asyncio.sleep_ms(_STEP_MS)
            if station.isconnected():
                return None
            problem = _fault(station.status())
            if problem:
                return problem
        return "no answer from the network (%d)" % station.status()

    async def _stay(self, station):
        status = self._status
        status.ip = station.ifconfig()[0]
        status.wifi = "up"
        self._note("info", "WiFi: connected, address", status.ip)
        if not self.proved():
            try:
                with open(_PROVED, "wb") as f:
                    f.write(self._mark())
            except OSError:
                pass  # unproved: after the next failures the set-up is opened
        while station.isconnected() and self._may_transmit():
            try:
                status.rssi = station.status("rssi")
            except OSError:
                status.rssi = None
            await asyncio.sleep(_WATCH_S)
        status.ip = status.rssi = None
        status.wifi = "lost"
        self._note("info", "WiFi: connection lost")

    def proved(self):
        """Whether these settings have ever led to a connection."""
        try:
            with open(_PROVED, "rb") as f:
                return f.read(33) == self._mark()
        except OSError:
            return False

    def _mark(self):
        # The password belongs to it: one that was mistyped later has proved nothing.
        s = self._settings
        return hashlib.sha256((s["wifi_ssid"] + "\n" + s["wifi_password"]).encode()).digest()
