"""Lines of the log to a syslog server, over UDP (RFC 5424). What it cannot send it forgets."""

import asyncio
import socket

from .. import let_go

_PORT = const(514)
_USER = const(8)  # the facility, shifted
_SEVERITY = {"error": 3, "warning": 4, "info": 6, "debug": 7}
_WAITING = const(8)
_TRY_EVERY_S = const(60)


class Syslog:
    """take() gets each line; run() sends them to the server at `host`."""

    def __init__(self, host, name, status, port=_PORT):
        self.host = host
        self.port = port
        self.name = name
        self.status = status
        self.waiting = []

    def take(self, level, line):
        """Queue a line; the oldest makes room."""
        self.waiting.append((level, line))
        del self.waiting[:-_WAITING]

    async def run(self):
        """Send for ever."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setblocking(False)
        to = None
        try:
            while True:
                await asyncio.sleep(1)
                if not self.status.ip or not self.waiting:
                    continue
                try:
                    if to is None:
                        from .resolver import resolve

                        address = await resolve(self.host)
                        del resolve
                        let_go("kwhisper.network.resolver")
                        to = socket.getaddrinfo(address, self.port)[0][-1]
                    while self.waiting:
                        level, line = self.waiting[0]
                        head = "<%d>1 - %s kwhisper - - - " % (_USER + _SEVERITY[level], self.name)
                        sock.sendto((head + line).encode(), to)
                        self.waiting.pop(0)
                except OSError:
                    to = None  # it may have moved
                    await asyncio.sleep(_TRY_EVERY_S)
        finally:
            sock.close()
