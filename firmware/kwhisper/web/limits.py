"""Places for connections, and one connection: no client, hostile or clumsy, exhausts the device.

bound                               | what happens beyond it
------------------------------------|------------------------------------------------------------
3 connections are served            | the newcomer takes the place of the one silent longest, or
                                    | the oldest of an address that holds all three; else it
                                    | waits 4 s and is answered 503
4 sockets in all                    | further clients wait in the queue of the listening socket
6 s for the request's first line    | closed
15 s for the whole request          | closed
4,096 bytes of head, 384 of a line  | 400; headers that nobody wants may be long, they are dropped
13,312 bytes of body                | 413, unread
5 s for each KB that is sent        | closed
memory                              | 503 or closed, counted in a note; the server lives on

What a connection holds is one buffer of 1 KB, for what comes and then for what goes. Waiting
allocates nothing: it is asyncio's queue of sockets, used as asyncio's own streams use it.
"""

import asyncio
import gc
import select
from asyncio import core
from time import ticks_add, ticks_diff, ticks_ms

from .. import fault_of

BODY = const(13312)  # three certificates need most of it
PIECE = const(512)  # bytes of a file read at once

_SERVED = const(3)
_STEP_MS = const(20)
_FIRST_LINE_MS = const(6000)
_REQUEST_MS = const(15000)
_PACKET_MS = const(5000)
_HEAD = const(4096)  # browsers send about 600
_LINE = const(384)  # nothing that is served has a longer address
_PACKET = const(1024)
_QUIET_MS = const(300)  # what a client sends may be under way for so long
_SLOW_MS = const(2000)
_PATIENCE_MS = const(4000)
_WANTED = const((b"host", b"origin", b"authorization", b"content-length"))


class Connection:
    """One client: read its request(), then send(); everything within the bounds above.

    request() sets method, path, query, the wanted headers (by lower-case name) and `left`, the
    bytes of the body that are to be read still: by body() or, a long one, in pieces by more().
    """

    def __init__(self, client, address, buffer):
        client.setblocking(False)
        self.client = client
        # (host, port), or the bytes of a sockaddr
        self.address = address[0] if isinstance(address, tuple) else bytes(address[4:8])
        self.began = ticks_ms()
        self.due = ticks_add(self.began, _FIRST_LINE_MS)
        self.since = None  # when the device began to wait for the client; None: it does not
        self.answered = False
        self.buffer = buffer
        self.used = 0  # bytes of it that are to be sent

    async def receive(self, buffer):
        """Fill the buffer as far as bytes are there, at least one; return how many."""
        self.since = ticks_ms()
        n = None
        while n is None:
            yield core._io_queue.queue_read(self.client)
            n = self.client.readinto(buffer)
        self.since = None
        if not n:
            raise OSError
        return n

    async def request(self):
        """Read the request's head; ValueError when it cannot be answered, with the status code if
        that is not 400."""
        buffer = self.buffer
        start = end = 0
        left = _HEAD
        line = b""
        self.headers = headers = None
        while True:
            stop = buffer.find(b"\n", start, end) + 1
            part = buffer[start : stop or end]
            start += len(part)
            left -= len(part)
            if left < 0:
                raise ValueError
            if len(line) < _LINE:
                line += part
            if not stop:
                start = 0
                end = await self.receive(buffer)
                continue
            name, _, value = line.partition(b":")
            name = name.lower()
            if len(line) >= _LINE and (headers is None or name in _WANTED):
                raise ValueError
            if headers is None:
                self.method, path, version = line.decode().split()
                if version[:5] != "HTTP/" or path[0] != "/":
                    raise ValueError
                self.path, _, self.query = path.partition("?")
                self.headers = headers = {}
                self.due = ticks_add(self.began, _REQUEST_MS)
            elif name in _WANTED:
                headers[name.decode()] = value.decode().strip()
            elif not line.strip():
                break
            line = b""
        length = headers.get("content-length", "0")
        if not length.isdigit():
            raise ValueError
        self.left = int(length)
        self.at, self.end = start, end

    async def more(self, view):
        """Move what is there of the body into the memoryview; returns how many bytes, 0 at its
        end."""
        n = min(len(view), self.left)
        if self.at < self.end:
            n = min(n, self.end - self.at)
            view[:n] = self.buffer[self.at : self.at + n]
            self.at += n
        elif n:
            n = await self.receive(view[:n])
        self.left -= n
        return n

    async def body(self):
        """The whole body; ValueError(413) if it is too long."""
        if self.left > BODY:
            raise ValueError(413)
        body = memoryview(bytearray(self.left))
        n = 0
        while self.left:
            n += await self.more(body[n:])
        return bytes(body)

    async def passed_over(self):
        """Read what is left of the body: a browser that is cut off while it sends would not see
        the answer."""
        while self.left:
            await self.more(memoryview(self.buffer))

    async def send(self, data):
        """Send text or bytes, gathered to packets; flush() sends the last one."""
        if isinstance(data, str):
            data = data.encode()
        if not data:
            await asyncio.sleep_ms(0)  # a long search: the meter is read meanwhile
        at = 0
        while at < len(data):
            if self.used == _PACKET:
                await self.flush()
            n = min(len(data) - at, _PACKET - self.used)
            self.buffer[self.used : self.used + n] = data[at : at + n]
            self.used += n
            at += n

    async def send_file(self, file):
        """Send a file that is open, in pieces."""
        n = 1
        while n:
            if self.used > _PACKET - PIECE:
                await self.flush()
            n = file.readinto(memoryview(self.buffer)[self.used : self.used + PIECE])
            self.used += n

    async def flush(self):
        """Send what was gathered."""
        self.answered = True
        self.since = ticks_ms()
        self.due = ticks_add(self.since, _PACKET_MS)
        view = memoryview(self.buffer)
        at = 0
        while at < self.used:
            yield core._io_queue.queue_write(self.client)
            at += self.client.write(view[at : self.used]) or 0
        self.since = None
        self.used = 0

    def refuse(self, code):
        """Say in a line that there is no answer, unless one has begun; waits for nobody."""
        if not self.answered:
            try:
                self.client.readinto(self.buffer)  # what is unread would cut off the answer
                self.client.write(b"HTTP/1.0 %d Refused\r\nRetry-After: 2\r\n\r\n" % code)
            except OSError:
                pass  # the client has left


def _weakest(served, newcomer):
    # The connection whose place the newcomer may take, or None.
    now = ticks_ms()
    one, two, three = served
    crowd = one.address == two.address == three.address != newcomer.address
    most = 0
    weakest = None
    for c in served:
        since = c.began if crowd else c.since or now
        over = ticks_diff(now, since) - (_SLOW_MS if crowd or c.answered else _QUIET_MS)
        if over > most:
            most = over
            weakest = c
    return weakest


async def serve(door, answer, note, buffer=bytearray, idle_ms=None, spare=None, busy=None):
    """Give each connection that comes to the socket `door` to the coroutine function
    answer(connection), until cancelled or, if idle_ms is given, nobody came for so long.
    note: the device's; buffer(n) makes the buffers; spare: those that no connection has; while
    busy() nobody is let in."""
    served = []  # oldest first
    spare = [] if spare is None else spare
    lacked = 0

    def lack():
        nonlocal lacked
        gc.collect()
        lacked += 1
        note("error", "web: out of memory,", lacked, "times")

    async def converse(c):
        try:
            await answer(c)
            await c.flush()
        except (OSError, asyncio.CancelledError):
            pass  # the client left, dawdled or made room
        except ValueError as e:
            c.refuse(413 if e.args == (413,) else 400)
        except MemoryError:
            lack()
            c.refuse(503)
        except Exception as e:
            c.refuse(500)
            note("error", "web:", fault_of(e))
        finally:
            c.client.close()
            served.remove(c)
            spare.append(c.buffer)
            gc.collect()

    poll = select.poll()
    poll.register(door, select.POLLIN)
    newcomer = None  # waits for a place
    last = ticks_ms()  # when somebody was there
    try:
        while True:
            await asyncio.sleep_ms(_STEP_MS)
            now = ticks_ms()
            if served or newcomer:
                last = now
            elif idle_ms and ticks_diff(now, last) > idle_ms:
                return
            for c in served:
                if c.since is not None and ticks_diff(now, c.due) > 0:
                    c.task.cancel()
            try:
                if newcomer is None and not (busy and busy()) and any(poll.ipoll(0)):
                    if not spare:
                        spare.append(buffer(_PACKET))
                    newcomer = Connection(*door.accept(), spare[-1])
                    spare.pop()
                if newcomer is None:
                    continue
                if len(served) < _SERVED:
                    newcomer.task = asyncio.create_task(converse(newcomer))
                    served.append(newcomer)
                    newcomer = None
                elif ticks_diff(now, newcomer.began) > _PATIENCE_MS:
                    newcomer.refuse(503)
                    newcomer.client.close()
                    spare.append(newcomer.buffer)
                    newcomer = None
                else:
                    weakest = _weakest(served, newcomer)
                    if weakest:
                        weakest.task.cancel()
            except OSError:
                pass  # it left before it was accepted
            except MemoryError:
                newcomer = None
                lack()
    finally:
        for c in served:
            c.task.cancel()
        if newcomer:
            newcomer.client.close()
            spare.append(newcomer.buffer)
