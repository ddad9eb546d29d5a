"""A connection on a small chip: a socket that never blocks, looked at now and then."""

import asyncio
import time

from .talk import Talk

_STEP_MS = 10
_FIRST_LINE_MS = 6000
_REQUEST_MS = 30000
# How long it may keep silent while others wait, before its first line and behind it: browsers
# open connections in advance.
_SILENT_MS = 200
_DAWDLE_MS = 2000


class Plain(Talk):
    """A Talk on a socket; the poll `waiting` tells whether somebody else waits."""

    def __init__(self, sock, waiting):
        super().__init__(256)
        self._sock = sock
        self._waiting = waiting
        self._opened = self._heard = time.ticks_ms()

    async def _wait(self):
        now = time.ticks_ms()
        if time.ticks_diff(now, self._opened) > (_REQUEST_MS if self.begun else _FIRST_LINE_MS):
            raise OSError(110)
        if time.ticks_diff(now, self._heard) > (_DAWDLE_MS if self.begun else _SILENT_MS):
            for _ in self._waiting.ipoll(0):
                raise OSError(110)
        await asyncio.sleep_ms(_STEP_MS)

    async def _take(self, n):
        while True:
            data = self._sock.read(n)
            if data is not None:
                self._heard = time.ticks_ms()
                return data
            await self._wait()

    async def _give(self, data):
        data = memoryview(data)
        while len(data):
            n = self._sock.write(data)
            if n:
                data = data[n:]
                self._heard = time.ticks_ms()
            else:
                await self._wait()

    async def shut(self):
        self._sock.close()
