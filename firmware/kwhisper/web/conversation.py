"""One connection of the web server: a hostile or clumsy client cannot exhaust it.

Bounded are: connections at once, the seconds a request may take, the bytes of its headers.
Browsers open connections in advance and keep them silent; when all places are taken, the one that
has been silent longest makes room, else the newcomer waits a little, unread. A small chip has
single.py.
"""

import asyncio
import gc
import time

from .talk import Talk

_FIRST_LINE_SECONDS = 6
_REQUEST_SECONDS = 30
_PLACE_SECONDS = 5
_SILENT_MS = 200
_PACKET = 256  # bytes gathered for one write; small.py leaves it to the server


class _Conversation(Talk):
    """A connection on asyncio's streams."""

    def __init__(self, reader, writer, packet):
        super().__init__(packet)
        self.shut_down = False
        self.since = 0
        self.task = None
        self._reader = reader
        self._writer = writer

    def get_extra_info(self, name):
        return self._writer.get_extra_info(name)

    async def _take(self, n):
        wait = self._reader.read(n)
        return await (wait if self.begun else asyncio.wait_for(wait, _FIRST_LINE_SECONDS))

    async def _give(self, data):
        self._writer.write(data)
        await self._writer.drain()

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
    c = _Conversation(reader, writer, getattr(app, "packet", _PACKET))
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
            app.leave_all()
