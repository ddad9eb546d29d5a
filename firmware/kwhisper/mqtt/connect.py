"""The way to a session with the broker: its address, TCP, the answer to CONNECT; tls.py between.

Each step polls, is bounded, and ends in a row of faults.json if it fails. Let go while the session
stands.
"""

import asyncio
import errno
import select
import socket
import time

from .. import let_go
from .packets import Ended

_TCP_WITHIN = const(10)
_LOGIN_WITHIN = const(10)
_POLL_MS = const(5)
_CONNACK = const(0x20)
_REFUSALS = const(5)


async def look_up(host):
    """The broker's address as text."""
    if not host.strip("0123456789."):
        return host
    from ..network.resolver import resolve

    try:
        return await resolve(host)
    except OSError as e:
        raise Ended("name" if e.errno == errno.ENOENT else "lookup", host)
    finally:
        del resolve
        let_go("kwhisper.network.resolver")


async def reach(sock, address, port, second):
    """Connect a fresh socket. `second` is that of the client, in ms."""
    poll = select.poll()
    poll.register(sock, select.POLLOUT)
    fault = "timeout"
    try:
        sock.setblocking(False)
        try:
            sock.connect(socket.getaddrinfo(address, port)[0][-1])
        except OSError as e:
            if e.errno != errno.EINPROGRESS:
                raise
        events = await until(lambda: poll.poll(0), _TCP_WITHIN * second)
        if events:
            if not events[0][1] & (select.POLLERR | select.POLLHUP):
                return
            fault = "closed"
            # The error's number comes out with the next read.
            sock.readinto(bytearray(1))
    except OSError as e:
        if e.errno in (errno.ECONNREFUSED, errno.ECONNRESET):
            fault = "closed"
        elif e.errno != errno.ETIMEDOUT:
            fault = "no way"
    raise Ended(fault, "%s:%d" % (address, port))


async def login(packets, sock, host, second):
    """Send the CONNECT that waits in the packets, judge the CONNACK."""

    def answered():
        packets.drain(sock)
        packets.fill(sock)
        return packets.packet() >= 0 or packets.got and packets.inp[0] != _CONNACK

    try:
        if not await until(answered, _LOGIN_WITHIN * second):
            raise Ended("login", host)
    except OSError:
        raise Ended("left")
    inp = packets.inp
    if packets.size != 4 or inp[0] != _CONNACK:
        raise Ended("CONNACK", host)
    code = inp[3]
    packets.taken()
    if code > _REFUSALS:
        raise Ended("refused", code)
    if code:
        raise Ended(code)


async def until(step, within_ms):
    """Poll step() until it gives something, which is returned, or the time is over."""
    start = time.ticks_ms()
    while True:
        found = step()
        if found or time.ticks_diff(time.ticks_ms(), start) > within_ms:
            return found
        await asyncio.sleep_ms(_POLL_MS)
