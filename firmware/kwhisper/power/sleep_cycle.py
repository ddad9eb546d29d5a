"""WiFi in bursts, for a port that cannot carry it all the time (Kamstrup's 6 mA).

start ─▶ hear a list, radio off ─▶ connect, publish it ─▶ deep sleep until just before the list
that is due next. Asked for by a long interval between values, on a board that lives on its port.
Without a bus the supply is USB: then nothing sleeps. The hour's list is waited for, though it
comes between two others.
"""

import asyncio
import time
from binascii import crc32

import machine
from micropython import const

_LEAST_S = const(30)  # with a shorter interval WiFi stays on
_LOOK_MS = const(100)
_LISTEN_S = const(45)  # for the first list; finding the line takes half a minute
_CONNECT_S = const(8)
_HOURLY_WITHIN_S = const(15)  # after the full hour its list has come, or does not come
_QUIET_LOOKS = const(4)
_DELIVER_S = const(5)
_INTRODUCE_S = const(25)  # once: Home Assistant's configs, four a second
_KEPT_AT = const(8)  # in RTC memory, behind boot.py's bytes and power.py's
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
        self._introduces = False  # configs are to be sent that no burst has sent yet
        s = device.settings
        whom = "%s %d %s %s" % (s["mqtt_host"], s["mqtt_port"], s["mqtt_topic"], s["ha_prefix"])
        self._whom = crc32(whom.encode()) & 0xFFFF
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
        await self._publisher.broker.goodbye(False)
        self._publisher.ledger.save_mark()
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
            publisher.send_device()
            self._introduces = self._waiting() and bool(self._bits() & ~_introduced(self._whom))
            return False
        waits = self._introduces and self._waiting()
        if _past(self._sent, _INTRODUCE_S if waits else _DELIVER_S):
            return True
        ledger = publisher.ledger
        calm = not waits and publisher.broker.idle() and ledger.pending() is None
        if calm and self._introduces:
            self._introduces = False
            _introduce(self._whom, self._bits())
        self._quiet = self._quiet + 1 if calm else 0
        return self._quiet >= _QUIET_LOOKS

    def _waiting(self):
        """Whether a format has configs that are not sent."""
        return any(getattr(f, "queue", None) for f in self._publisher.prepare())

    def _bits(self):
        """The kinds heard: one more brings values that have no config yet."""
        return sum(1 << kind for kind in self._kinds)

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


def _introduced(whom):
    """The kinds whose configs this broker has; a power cut forgets them."""
    kept = bytes(machine.RTC().memory())[_KEPT_AT:]
    return kept[2] if len(kept) > 2 and kept[0] << 8 | kept[1] == whom else 0


def _introduce(whom, kinds):
    rtc = machine.RTC()
    before = (bytes(rtc.memory()) + bytes(_KEPT_AT))[:_KEPT_AT]
    rtc.memory(before + bytes((whom >> 8, whom & 255, kinds | _introduced(whom))))


def _past(ticks, seconds):
    return time.ticks_diff(time.ticks_ms(), ticks) > seconds * 1000
