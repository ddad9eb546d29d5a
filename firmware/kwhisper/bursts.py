"""WiFi in bursts, for a port that cannot carry it all the time (Kamstrup's 6 mA).

start ─▶ hear a list, radio off ─▶ connect, publish it ─▶ deep sleep until just before the list
that is due next. Asked for by a long interval between values, on a board that lives on its port.
Without a bus the supply is USB: then nothing sleeps. The hour's list is waited for, though it
comes between two others.
"""

import asyncio
import time

import machine
from micropython import const

_LEAST_S = const(30)  # with a shorter interval WiFi stays on
_LOOK_MS = const(100)
_LISTEN_S = const(45)  # for the first list; finding the line takes half a minute
_CONNECT_S = const(8)
_HOURLY_WITHIN_S = const(15)  # after the full hour its list has come, or does not come
_QUIET_LOOKS = const(4)
_DELIVER_S = const(5)
_LEAD_MS = const(3000)  # the start, the list itself, and the drift of the clock asleep
_STEP_MS = const(10000)  # the lists of these ports come so far apart
_SHORTEST_MS = const(5000)
_HOUR = const(3600)
_TOTALS = const(3)


def wanted(settings):
    """Whether the settings leave the radio time to be off."""
    return settings["publish_interval"] >= _LEAST_S and bool(settings["mqtt_host"])


class Bursts:
    """ready() tells whether the radio may start; the task it starts puts the chip to sleep."""

    def __init__(self, device, reader, publisher, on_usb):
        self._device = device
        self._publisher = publisher
        self._on_usb = on_usb
        self._interval = device.settings["publish_interval"]
        self._kinds = set()  # of the lists heard
        self._began = time.ticks_ms()
        self._heard = None  # ticks at the end of the last list
        self._first = None  # and of the first one
        self._full = False  # a list with more than the power was among them
        self._radio = None  # ticks since when the radio may be on
        self._into_hour = None  # seconds at the last list, by the meter's clock or the device's
        self._sent = None  # ticks when the session was there, and with it the newest lists
        self._quiet = 0
        reader.consumers.append(self._keep)
        asyncio.create_task(device.keep("bursts", self.run))

    def _keep(self, r):
        self._kinds.add(r.kind)
        self._into_hour = self._hour_at(r.clock)
        self._heard = time.ticks_ms()
        if self._first is None:
            self._first = self._heard
        if r.kind > 1:
            self._full = True

    def _hour_at(self, clock):
        """Seconds into the hour; most lists of some meters carry no clock."""
        if clock:
            return clock[4] * 60 + clock[5]
        now = self._publisher.now()
        if now:
            return (now[0] + now[1] * 60) % _HOUR
        if self._into_hour is None:
            return None
        passed = time.ticks_diff(time.ticks_ms(), self._heard) // 1000
        return (self._into_hour + passed) % _HOUR

    def ready(self):
        """Whether there is something to publish: before, the radio would only drain the store."""
        if self._on_usb():
            return True
        if self._first is None:
            return False
        hourly = self._into_hour is not None and self._into_hour < _HOURLY_WITHIN_S
        if not self._full or (hourly and _TOTALS not in self._kinds):
            return _past(self._first, _HOURLY_WITHIN_S)
        return True

    async def run(self):
        """Publish what was heard, then sleep, which ends in a new start."""
        while True:
            while self._on_usb() or not self._done():
                await asyncio.sleep_ms(_LOOK_MS)
            if self._pause():
                break
            self._again()
        # The retained status stays "online": the device is, every time it is awake.
        await self._publisher.broker.close(False)
        self._publisher.ledger.save()
        self._device.settled()
        pause = self._pause() or _SHORTEST_MS
        print("kWhisper: asleep for", pause, "ms")
        machine.deepsleep(pause)

    def _again(self):
        self._kinds.clear()
        self._first = self._radio = self._sent = None
        self._full = False
        self._quiet = 0
        self._began = time.ticks_ms()

    def _done(self):
        publisher = self._publisher
        if self._first is None:
            return _past(self._began, _LISTEN_S)
        if not self.ready():
            return False
        if self._radio is None:
            self._radio = time.ticks_ms()
        if not publisher.broker.connected:
            return _past(self._radio, _CONNECT_S)
        if self._sent is None:
            self._sent = time.ticks_ms()
            return False
        if _past(self._sent, _DELIVER_S):
            return True
        ledger = publisher.ledger
        calm = publisher.broker.idle() and ledger.pending() is None
        self._quiet = self._quiet + 1 if calm else 0
        return self._quiet >= _QUIET_LOOKS

    def _pause(self):
        """Milliseconds to sleep, so that the list that is due is heard from its first byte on.

        0: the hour's list is so near that it is better waited for.
        """
        if self._heard is None:
            return self._interval * 1000
        pause, into = self._interval, self._into_hour
        through = into is not None and into + pause > _HOUR
        if through:
            pause = _HOUR - into
        pause = pause * 1000 - time.ticks_diff(time.ticks_ms(), self._heard) - _LEAD_MS
        if through and pause < _SHORTEST_MS:
            return 0
        while pause < _SHORTEST_MS:
            pause += _STEP_MS
        return pause


def _past(ticks, seconds):
    return time.ticks_diff(time.ticks_ms(), ticks) > seconds * 1000
