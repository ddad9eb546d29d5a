"""The device's clock: set by the meter, or by NTP (RFC 5905) as TLS cannot wait for the meter."""

import asyncio
import select
import socket
import time

from . import utc
from .resolver import resolve

_SANE_YEAR = const(2025)  # a chip that was just switched on says 2000 or 1970
_NTP_EPOCH = const(2208988800)  # s from 1900 to 1970
_WITHIN_S = const(10)
_SERVER = "pool.ntp.org"


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
        try:
            address = await resolve(_SERVER)
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                await self._ask(sock, address)
            finally:
                sock.close()
        except OSError:
            pass  # no way out of the house: the certificate's check will say what is wrong

    async def _ask(self, sock, address, port=123):
        sock.setblocking(False)
        poll = select.poll()
        poll.register(sock, select.POLLIN)
        question = bytearray(48)
        question[0] = 0x23  # version 4, client
        sock.sendto(question, socket.getaddrinfo(address, port)[0][-1])
        for _ in range(_WITHIN_S * 20):
            for _ in poll.ipoll(0):
                answer = sock.recv(64)
                told = len(answer) >= 48 and answer[0] & 7 == 4 and 0 < answer[1] < 16
                if told and not self.source:
                    self._set(int.from_bytes(answer[40:44], "big") - _NTP_EPOCH, "ntp")
            if self.source:
                return
            await asyncio.sleep_ms(50)

    def _set(self, seconds, source):
        import machine

        fields = utc.fields(seconds)
        machine.RTC().datetime(fields[:3] + (0,) + fields[3:] + (0,))
        self.source = source


def _is_set():
    return time.gmtime()[0] >= _SANE_YEAR
