"""WiFi now and then, for a port that cannot carry it all the time (Kamstrup's 6 mA).

start ─▶ hear a list, radio off ─▶ connect, publish it ─▶ deep sleep until just before the list
that is due next. Imported only where running.sleeps (run_mode.py): a long interval between values,
on a board that lives on its port. Without a bus the supply is USB: then nothing sleeps. The hour's
list is waited for, though it comes between two others.
"""

import asyncio
import time
from binascii import crc32

import machine

_LOOK_MS = const(100)
_LISTEN_S = const(45)  # for the first list; finding the line takes half a minute
_CONNECT_S = const(8)
_HOURLY_WITHIN_S = const(15)  # after the full hour its list has come, or does not come
_QUIET_LOOKS = const(4)
_DELIVER_S = const(5)
_ANNOUNCE_S = const(25)  # once: Home Assistant's configurations, four a second
_KEPT_AT = const(8)  # in RTC memory, behind what boot.py and supply.py keep
_LEAD_MS = const(3000)  # the start, the list itself, and the drift of the clock asleep
_STEP_MS = const(10000)  # the lists of these ports come so far apart
_SHORTEST_MS = const(5000)
_HOUR = const(3600)
_TOTALS = const(3)


class SleepCycle:
    """A consumer of Readings; ready() tells whether the radio may start, run() puts the chip to
    sleep."""

    def __init__(self, device, publisher, client, ledger, supply):
        self._device = device
        self._publisher = publisher
        self._client = client
        self._ledger = ledger
        self._on_usb = supply.bus_gone
        s = device.settings
        self._interval = s["publish_interval"]
        whom = "%s %d %s %s" % (s["mqtt_host"], s["mqtt_port"], s["mqtt_topic"], s["ha_prefix"])
        self._broker = crc32(whom) & 0xFFFF
        self._heard = None  # ticks at the end of the last list
        self._into_hour = None  # seconds at the last list, by the meter's clock or the device's
        self._start()

    def _start(self):
        self._began = time.ticks_ms()
        self._kinds = 0  # of the lists heard: a bit each
        self._first = None  # ticks at the end of the first list
        self._radio = None  # ticks since when the radio may be on
        self._sent = None  # ticks when the session was there, and with it the newest lists
        self._quiet = 0
        self._announces = False  # configurations are to be sent that this broker has not got yet

    def reading(self, r):
        """A list was read."""
        # Most lists of some meters carry no clock.
        clock = r.clock
        now = None if clock else self._ledger.now()
        if clock:
            self._into_hour = clock[4] * 60 + clock[5]
        elif now:
            self._into_hour = (now[0] + now[1] * 60) % _HOUR
        elif self._into_hour is not None:
            passed = time.ticks_diff(time.ticks_ms(), self._heard) // 1000
            self._into_hour = (self._into_hour + passed) % _HOUR
        self._kinds |= 1 << r.kind
        self._heard = time.ticks_ms()
        if self._first is None:
            self._first = self._heard

    def ready(self):
        """Whether there is something to publish: before, the radio would only drain the store."""
        if self._on_usb():
            return True
        if self._first is None:
            return False
        hourly = self._into_hour is not None and self._into_hour < _HOURLY_WITHIN_S
        # More than the power alone is worth a connection, at the full hour its totals.
        if self._kinds >> (_TOTALS if hourly else 2):
            return True
        return _past(self._first, _HOURLY_WITHIN_S)

    async def run(self):
        """Publish what was heard, then sleep, which ends in a new start."""
        while True:
            while self._on_usb() or not self._done():
                await asyncio.sleep_ms(_LOOK_MS)
            if self._pause():
                break
            self._start()
        # The retained status stays "online": the device is, every time it is awake.
        await self._client.goodbye(False)
        self._ledger.save_mark()
        self._device.settled()
        pause = self._pause() or _SHORTEST_MS
        print("kWhisper: asleep for", pause, "ms")
        machine.deepsleep(pause)

    def _done(self):
        publisher = self._publisher
        if self._first is None:
            return _past(self._began, _LISTEN_S)
        if not self.ready():
            return False
        if self._radio is None:
            self._radio = time.ticks_ms()
        if not self._client.connected:
            return _past(self._radio, _CONNECT_S)
        if self._sent is None:
            self._sent = time.ticks_ms()
            publisher.send_device()
            # A kind heard for the first time brings values that have no configuration yet.
            self._announces = self._waiting() and self._kinds & ~self._announced() != 0
            return False
        if _past(self._sent, _ANNOUNCE_S if self._announces else _DELIVER_S):
            return True
        calm = self._client.idle() and self._ledger.pending() is None
        if self._announces:
            calm = calm and not self._waiting()
            if calm:
                self._announces = False
                self._sent = time.ticks_ms()
                self._keep_announced()
        self._quiet = self._quiet + 1 if calm else 0
        return self._quiet >= _QUIET_LOOKS

    def _waiting(self):
        discovery = self._publisher.discovery
        return discovery is not None and bool(discovery.queue or discovery.restate)

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

    def _announced(self):
        # The kinds whose configurations this broker has; a power cut forgets them.
        kept = machine.RTC().memory()[_KEPT_AT:]
        return kept[2] if len(kept) > 2 and kept[0] << 8 | kept[1] == self._broker else 0

    def _keep_announced(self):
        rtc = machine.RTC()
        before = (bytes(rtc.memory()) + bytes(_KEPT_AT))[:_KEPT_AT]
        mine = (self._broker >> 8, self._broker & 255, self._kinds | self._announced())
        rtc.memory(before + bytes(mine))


def _past(ticks, seconds):
    return time.ticks_diff(time.ticks_ms(), ticks) > seconds * 1000
