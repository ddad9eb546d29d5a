"""The device's clock: set by the meter, or by NTP (RFC 5905) as TLS cannot wait for the meter."""

import time

import machine

from . import calendar, let_go

_DRIFT = const(5)  # s; less is the meter's way to the wire
_JUMP = const(600)  # s; more is believed only if it stays, and never against a time server
_LOOK_EVERY = const(3600)  # s, for meters without an hour's list
_SANE_YEAR = const(2025)  # a chip that was just switched on says 2000 or 1970


class Clock:
    """now() is None until somebody told the time. A consumer of Readings."""

    def __init__(self, settings, status):
        self.zone = settings["time_zone"]
        self.settings = settings
        self.status = status
        self.next_look = 0  # uptime
        self.jump = 0  # s that the meter's clock was off when last looked at
        self.source = "chip" if time.gmtime()[0] >= _SANE_YEAR else None

    def now(self):
        """(seconds since 1970 UTC, minutes of the zone's standard time), or None."""
        if not self.source:
            return None
        return int(time.time()) + calendar.EPOCH, calendar.offset_of(self.zone)

    def reading(self, r):
        """The meter's time sets a clock that nobody has set, and mends one that drifts."""
        clock = r.clock
        # One nothing guarded may say anything; one sent again says its first time.
        if r.flags or not clock or clock[0] < _SANE_YEAR:
            return
        uptime = self.status.uptime()
        if self.source and r.kind != 3 and uptime < self.next_look:
            return
        self.next_look = uptime + _LOOK_EVERY
        seconds = calendar.of_clock(clock, self.zone)[0]
        if not self.source:
            self._set(seconds, "meter")
            return
        off = seconds - self.now()[0]
        if abs(off) <= _JUMP:
            believed = abs(off) > _DRIFT
            self.jump = 0
        else:
            stays = abs(off - self.jump) <= _DRIFT
            believed = stays and self.source != "ntp"
            if not stays:
                self.jump = off
                self.next_look = uptime  # look at the next list, too
        if believed:
            self._set(seconds, self.source)

    async def ready(self):
        """Whether the clock is set; asks an NTP server if it is not, for about 20 s at most."""
        if not self.source:
            from .network.ntp import ask

            try:
                self._set(await ask(self.settings["ntp_server"]), "ntp")
            except OSError:
                pass  # no way out of the house: the meter will tell it
            del ask
            let_go("kwhisper.network.ntp")
        return self.source

    def _set(self, seconds, source):
        year, month, day, hour, minute, second = calendar.fields(seconds)
        machine.RTC().datetime((year, month, day, 0, hour, minute, second, 0))
        self.source = source
        self.jump = 0
