"""One connection of the web server: a hostile or clumsy client cannot exhaust it.

Bounded are: connections at once, the seconds a request may take, the bytes of its headers.
Browsers open connections in advance and keep them silent; when all places are taken, the one that
has been silent longest makes room, else the newcomer waits a little, unread.

Loaded when somebody connects: a small chip forgets it when nobody is connected any more.
"""

import asyncio
import gc
import time

_HEADER_BYTES = 4096  # browsers send about 600
_LINE = 384  # what is kept of one line; nothing we serve has a longer address
_CHUNK = 128
_FIRST_LINE_SECONDS = 6
_REQUEST_SECONDS = 30
_PLACE_SECONDS = 5
_SILENT_MS = 200

# The only headers that matter here: the others are dropped as they arrive and never cost memory.
_WANTED = (b"host:", b"origin:", b"authorization:", b"content-length:", b"content-type:")


class _Conversation:
    """One connection with the face microdot expects: reads within bounds, writes whole packets."""

    def __init__(self, reader, writer, packet):
        self.begun = False
        self.shut_down = False
        self.since = 0
        self.task = None
        self._reader = reader
        self._writer = writer
        self._in = b""
        self._allowed = _HEADER_BYTES
        self._packet = packet
        self._out = None
        self._used = 0
        self._spoke = False

    def get_extra_info(self, name):
        return self._writer.get_extra_info(name)

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
            wait = self._reader.read(_CHUNK)
            self._in = await (wait if self.begun else asyncio.wait_for(wait, _FIRST_LINE_SECONDS))
            self._allowed -= len(self._in)
            if not self._in or self._allowed < 0:
                raise OSError(104)  # microdot answers 400 to this errno without a traceback

    async def readexactly(self, n):
        if n < 0:
            raise OSError(104)
        body = bytearray(n)
        at = 0
        while at < n:
            part = self._in or await self._reader.read(min(n - at, _CHUNK * 4))
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
            self._writer.write(data)
            await self._writer.drain()
        else:
            self._out[self._used : self._used + len(data)] = data
            self._used += len(data)

    async def _flush(self):
        if self._used:
            self._spoke = True
            # The buffer is the writer's until all is sent; the next packet gets its own.
            full, self._out = memoryview(self._out)[: self._used], None
            self._used = 0
            self._writer.write(full)
            await self._writer.drain()

    async def refuse(self):
        """Asks to come back later, if nothing was said yet."""
        if not self._spoke:
            self._used = 0
            self._writer.write(b"HTTP/1.0 503 Busy\r\nRetry-After: 2\r\n\r\nBusy, try again.")
            await self._writer.drain()

    async def aclose(self):
        await self._flush()
        await self.shut()

    async def shut(self):
        """Closes the connection, once: the number of a closed socket may be another's by then."""
        if not self.shut_down:
            self.shut_down = True
            self._writer.close()
            await self._writer.wait_closed()


def _now():
    return time.ticks_ms() if hasattr(time, "ticks_ms") else int(time.monotonic() * 1000)


async def _place(open_now, most):
    """Waits for one of the `most` places, a few seconds; False when none comes free."""
    for _ in range(_PLACE_SECONDS * 20):
        if len(open_now) < most:
            return True
        for c in open_now:
            # Not before it had the time to speak: the bytes may lie there already.
            if not c.begun and (_now() - c.since) & 0x3FFFFFFF > _SILENT_MS:
                open_now.remove(c)
                c.task.cancel()
                return True
        await asyncio.sleep(0.05)
    return False


async def converse(app, open_now, most, note, reader, writer):
    """Serve one connection; `open_now` are the others, of which there may be `most`."""
    c = _Conversation(reader, writer, app.packet)
    try:
        if await _place(open_now, most):
            c.task = asyncio.current_task()
            c.since = _now()
            open_now.append(c)
            await asyncio.wait_for(app.handle_request(c, c), _REQUEST_SECONDS)
        else:
            await c.refuse()
    except (OSError, EOFError, asyncio.TimeoutError, asyncio.CancelledError):
        pass  # the client left, dawdled or made room: its connection ends here
    except MemoryError:
        gc.collect()
        note("web: out of memory")
        try:
            await c.refuse()
        except (OSError, asyncio.CancelledError):
            pass  # the client left meanwhile
    finally:
        if c in open_now:
            open_now.remove(c)
        try:
            await c.shut()
        except (OSError, asyncio.CancelledError):
            pass  # it was closed by the other side
        if open_now:
            gc.collect()
        else:
            app.rest()
