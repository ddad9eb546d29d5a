"""The way to a session with the broker: its address, TCP, TLS, the answer to CONNECT.

Each step is bounded, polls, and ends in words for the user if it fails.

`past(start, seconds)` tells whether so much time has gone by since the ticks `start`.
"""

import asyncio
import errno
import select
import socket
import time

from .ended import Ended
from .session import packet, taken

_TCP_WITHIN = const(10)
_TLS_WITHIN = const(20)
_LOGIN_WITHIN = const(10)
_POLL_MS = const(5)
_CONNACK = const(0x20)
_NOT_READY = const(3)

_REFUSED = (
    "",
    "the broker does not speak MQTT 3.1.1",
    "the broker refuses the client id",
    "the broker is not ready yet",
    "user name or password is wrong",
    "not authorised: the broker does not let this user or device in",
)


async def look_up(host):
    """The broker's address as text."""
    from .resolver import is_address, resolve

    if is_address(host):
        return host
    try:
        return await resolve(host)
    except OSError as e:
        text = "nobody knows the name " if e.errno == errno.ENOENT else "no answer about "
        raise Ended(text + host)


def secured(sock, host, settings):
    """The socket under TLS."""
    from .secure import wrap

    try:
        return wrap(sock, host, settings)
    except ValueError as e:
        raise Ended(str(e), True)


async def reach(owner, sock, port, at, past):
    """Connect a fresh socket to owner.address. After owner.unreached failures in a row, two, it is
    forgotten: the broker may have moved."""
    try:
        to = socket.getaddrinfo(owner.address, port)[0][-1]
        await tcp(sock, to, at, past)
        owner.unreached = 0
    except Ended:
        owner.unreached += 1
        if owner.unreached > 1:
            owner.unreached = 0
            owner.address = None
        raise


async def tcp(sock, address, at, past):
    """Connect a fresh socket; `at` is the address for the user."""
    sock.setblocking(False)
    try:
        try:
            sock.connect(address)
        except OSError as e:
            if e.errno != errno.EINPROGRESS:
                raise
        poll = select.poll()
        poll.register(sock, select.POLLOUT)
        start = time.ticks_ms()
        while True:
            for _, flags in poll.ipoll(0):
                if flags & (select.POLLERR | select.POLLHUP):
                    # The error's number comes out with the next read.
                    sock.readinto(bytearray(1))
                    raise OSError(errno.ECONNREFUSED)
                return
            if past(start, _TCP_WITHIN):
                raise OSError(errno.ETIMEDOUT)
            await asyncio.sleep_ms(_POLL_MS)
    except OSError as e:
        if e.errno in (errno.ECONNREFUSED, errno.ECONNRESET):
            raise Ended("nothing listens at " + at)
        raise Ended("no answer from " + at if e.errno == errno.ETIMEDOUT else "no way to " + at)


async def handshake(wire, sock, at, past):
    """TLS: it is done by the first write, that of the CONNECT which waits in the wire."""
    start = time.ticks_ms()
    try:
        while not wire.drain(sock):
            if past(start, _TLS_WITHIN):
                raise Ended("no TLS from " + at)
            await asyncio.sleep_ms(_POLL_MS)
    except (OSError, ValueError) as e:
        # the TLS module reports a certificate that it does not accept as either
        from .secure import fault

        raise Ended(fault(e), True)


async def login(wire, sock, at, past):
    """Send the CONNECT that waits in the wire, judge the CONNACK."""
    start = time.ticks_ms()
    head = -1
    try:
        while head < 0 and not (wire.got and wire.inp[0] != _CONNACK):
            wire.drain(sock)
            wire.fill(sock)
            if wire.got:
                head = packet(wire)
            if past(start, _LOGIN_WITHIN):
                raise Ended("no answer to the login from " + at)
            await asyncio.sleep_ms(_POLL_MS)
    except OSError:
        raise Ended("closed by the broker at the login")
    answer = wire.inp[3]
    if head != _CONNACK or wire.inp[1] != 2:
        raise Ended("what listens at %s is no MQTT broker" % at)
    taken(wire)
    if answer:
        known = answer < len(_REFUSED)
        text = _REFUSED[answer] if known else "refused: %d" % answer
        raise Ended(text, answer != _NOT_READY)
