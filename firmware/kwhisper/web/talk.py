"""What is said on one connection, within bounds, with the face that microdot expects.

Bounded are the bytes of a request's headers and of what is kept of a line. How bytes come and go
is the heirs' affair: conversation.py has asyncio's streams, single.py a socket.
"""

_HEADER_BYTES = 4096  # browsers send about 600
_LINE = 384  # what is kept of one line; nothing we serve has a longer address
_CHUNK = 128

# The only headers that matter here: the others are dropped as they arrive and never cost memory.
_WANTED = (b"host:", b"origin:", b"authorization:", b"content-length:", b"content-type:")


class Talk:
    """One connection: reads within bounds, writes whole packets.

    An heir has _take(n), the next bytes, at most n, none at the end; _give(data); and shut().
    """

    def __init__(self, packet):
        self.begun = False
        self._in = b""
        self._allowed = _HEADER_BYTES
        self._packet = packet
        self._out = None
        self._used = 0
        self._spoke = False

    async def readline(self):
        line = await self._line()
        if not self.begun:
            self.begun = True
            return line
        while line.strip() and not line.lower().startswith(_WANTED):
            line = await self._line()
        return line

    async def _line(self):
        line = b""
        while True:
            end = self._in.find(b"\n") + 1
            part = self._in[:end] if end else self._in
            self._in = self._in[end:] if end else b""
            if len(line) < _LINE:
                line += part
            if end:
                if len(line) >= _LINE and (not self.begun or line.lower().startswith(_WANTED)):
                    raise OSError(104)
                return line
            self._in = await self._take(_CHUNK)
            self._allowed -= len(self._in)
            if not self._in or self._allowed < 0:
                raise OSError(104)  # microdot answers 400 to this errno without a traceback

    async def readexactly(self, n):
        if n < 0:
            raise OSError(104)
        body = bytearray(n)
        at = 0
        while at < n:
            part = self._in or await self._take(min(n - at, _CHUNK * 4))
            self._in = b""
            if not part:
                raise OSError(104)
            part = part[: n - at]
            body[at : at + len(part)] = part
            at += len(part)
        return body

    async def awrite(self, data):
        if self._used + len(data) > self._packet:
            await self._flush()
        if self._out is None:
            self._out = bytearray(self._packet)
        if len(data) > self._packet:
            self._spoke = True
            await self._give(data)
        else:
            self._out[self._used : self._used + len(data)] = data
            self._used += len(data)

    async def _flush(self):
        if self._used:
            self._spoke = True
            # The buffer belongs to _give until all is sent; the next packet gets its own.
            full, self._out = memoryview(self._out)[: self._used], None
            self._used = 0
            await self._give(full)

    async def refuse(self):
        """Asks to come back later, if nothing was said yet."""
        if not self._spoke:
            self._used = 0
            await self._give(b"HTTP/1.0 503 Busy\r\nRetry-After: 2\r\n\r\nBusy, try again.")

    async def aclose(self):
        await self._flush()
        await self.shut()
