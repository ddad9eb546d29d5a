"""The device's clock: set by the meter, or by NTP (RFC 5905) as TLS cannot wait for the meter."""

import time

from . import utc

_SANE_YEAR = const(2025)  # a chip that was just switched on says 2000 or 1970


class Clock:
    """now() is None until somebody told the time."""

    def __init__(self, settings, status):
        self._zone = settings["time_zone"]
        self.source = "chip" if _is_set() else None

    def now(self):
        """(seconds since 1970 UTC, minutes of the zone's standard time), or None."""
        if not self.source:
            return None
        return utc.seconds(*time.gmtime()[:6]), utc.offset_of(self._zone)

    def reading(self, r):
        """A list with the meter's time sets a clock that nobody has set."""
        if r.clock and not self.source and r.clock[0] >= _SANE_YEAR:
            self._set(utc.of_clock(r.clock, self._zone)[0], "meter")

    async def ready(self):
        """Wait until the clock is set, by asking an NTP server; at most about 20 s."""
        if self.source:
            return
        from . import ntp

        try:
            self._set(await ntp.ask(), "ntp")
        except OSError:
            pass  # no way out of the house: the certificate's check will say what is wrong

    def _set(self, seconds, source):
        import machine

        fields = utc.fields(seconds)
        machine.RTC().datetime(fields[:3] + (0,) + fields[3:] + (0,))
        self.source = source


def _is_set():
    return time.gmtime()[0] >= _SANE_YEAR
