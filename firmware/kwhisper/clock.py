"""The device's clock: set by the meter, or by NTP (RFC 5905) as TLS cannot wait for the meter."""

import time

from . import utc

_DRIFT = const(5)  # s; less is the meter's way to the wire
_NTP_DRIFT = const(600)  # s; more than this the meter's clock is the one that is wrong
_LOOK_EVERY = const(3600)  # s, for meters without an hour's list
_SANE_YEAR = const(2025)  # a chip that was just switched on says 2000 or 1970


class Clock:
    """now() is None until somebody told the time."""

    def __init__(self, settings, status):
        self._zone = settings["time_zone"]
        self._status = status
        self._looked = 0  # uptime
        self.source = "chip" if _is_set() else None

    def now(self):
        """(seconds since 1970 UTC, minutes of the zone's standard time), or None."""
        if not self.source:
            return None
        return utc.seconds(*time.gmtime()[:6]), utc.offset_of(self._zone)

    def learn(self, r):
        """The meter's time sets a clock that nobody has set, and mends one that drifts."""
        # One nothing guarded may say anything; one sent again says its first time.
        if r.flags:
            return
        uptime = self._status.uptime()
        if self.source and r.kind != 3 and uptime - self._looked < _LOOK_EVERY:
            return
        clock = r.clock
        if not clock or clock[0] < _SANE_YEAR:
            return
        self._looked = uptime
        seconds = utc.of_clock(clock, self._zone)[0]
        if not self.source:
            self._set(seconds, "meter")
            return
        off = abs(seconds - self.now()[0])
        if off > _DRIFT and not (self.source == "ntp" and off > _NTP_DRIFT):
            self._set(seconds, self.source)

    async def ready(self):
        """Wait until the clock is set, by asking an NTP server; at most about 20 s."""
        if self.source:
            return
        from .ntp import ask

        try:
            self._set(await ask(), "ntp")
        except OSError:
            pass  # no way out of the house: the certificate's check will say what is wrong

    def _set(self, seconds, source):
        import machine

        fields = utc.fields(seconds)
        machine.RTC().datetime(fields[:3] + (0,) + fields[3:] + (0,))
        self.source = source


def _is_set():
    return time.gmtime()[0] >= _SANE_YEAR
