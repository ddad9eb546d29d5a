"""The way to a session with the broker: its address, TCP, TLS, the answer to CONNECT.

Each step is bounded, polls, and ends in words for the user if it fails.

`past(start, seconds)` tells whether so much time has gone by since the ticks `start`.
"""

import asyncio
import errno
import select
import socket
import time

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


class Ended(Exception):
    """The session, or the way to it, is over; the text says why, for the user. refused: a person
    must act."""

    def __init__(self, text, refused=False):
        super().__init__(text)
        self.refused = refused


async def look_up(host):
    """The broker's address as text."""
    parts = host.split(".")
    if len(parts) == 4 and all(p.isdigit() and int(p) < 256 for p in parts):
        return host
    from ..network.resolver import resolve

    try:
        return await resolve(host)
    except OSError as e:
        text = "nobody knows the name " if e.errno == errno.ENOENT else "no answer about "
        raise Ended(text + host)


async def tcp(sock, address, port, past):
    """Connect a fresh socket."""
    at = "%s:%d" % (address, port)
    sock.setblocking(False)
    try:
        try:
            sock.connect(socket.getaddrinfo(address, port)[0][-1])
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
        raise Ended(("no answer from " if e.errno == errno.ETIMEDOUT else "no way to ") + at)


async def secure(packets, sock, settings, past):
    """The socket under TLS; the handshake is done by the first write, that of the CONNECT which
    waits in the packets."""
    from . import tls

    try:
        sock = tls.wrap(sock, settings)
    except ValueError as e:
        raise Ended(str(e), True)
    start = time.ticks_ms()
    try:
        while not packets.drain(sock):
            if past(start, _TLS_WITHIN):
                raise Ended("no TLS from " + settings["mqtt_host"])
            await asyncio.sleep_ms(_POLL_MS)
    except (OSError, ValueError) as e:
        # the TLS module reports a certificate that it does not accept as either
        raise Ended(tls.fault(e), True)
    return sock


async def login(packets, sock, host, past):
    """Send the CONNECT that waits in the packets, judge the CONNACK."""
    start = time.ticks_ms()
    head = -1
    try:
        while head < 0 and not (packets.got and packets.inp[0] != _CONNACK):
            packets.drain(sock)
            packets.fill(sock)
            head = packets.packet()
            if past(start, _LOGIN_WITHIN):
                raise Ended("no answer to the login from " + host)
            await asyncio.sleep_ms(_POLL_MS)
    except OSError:
        raise Ended("closed by the broker at the login")
    answer = packets.inp[3]
    if head != _CONNACK or packets.inp[1] != 2:
        raise Ended("what listens at %s is no MQTT broker" % host)
    packets.taken()
    if answer:
        known = answer < len(_REFUSED)
        text = _REFUSED[answer] if known else "refused: %d" % answer
        raise Ended(text, answer != _NOT_READY)
