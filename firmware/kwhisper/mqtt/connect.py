"""The way to a session with the broker: its address, TCP, TLS, the answer to CONNECT.

Each step polls, is bounded, and ends in words for the user if it fails.
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


async def reach(sock, address, port, second):
    """Connect a fresh socket. `second` is that of the client, in ms."""
    poll = select.poll()
    poll.register(sock, select.POLLOUT)
    try:
        sock.setblocking(False)
        try:
            sock.connect(socket.getaddrinfo(address, port)[0][-1])
        except OSError as e:
            if e.errno != errno.EINPROGRESS:
                raise
        events = await _until(lambda: poll.poll(0), _TCP_WITHIN * second)
        if not events:
            raise OSError(errno.ETIMEDOUT)
        if events[0][1] & (select.POLLERR | select.POLLHUP):
            # The error's number comes out with the next read.
            sock.readinto(bytearray(1))
            raise OSError(errno.ECONNREFUSED)
    except OSError as e:
        text = "no way to "
        if e.errno in (errno.ECONNREFUSED, errno.ECONNRESET):
            text = "nothing listens at "
        elif e.errno == errno.ETIMEDOUT:
            text = "no answer from "
        raise Ended("%s%s:%d" % (text, address, port))


async def secure(packets, sock, settings, second):
    """The socket under TLS; the handshake is done by the first write, that of the CONNECT which
    waits in the packets."""
    from . import tls

    try:
        sock = tls.wrap(sock, settings)
    except ValueError as e:
        raise Ended(str(e), True)
    try:
        if await _until(lambda: packets.drain(sock), _TLS_WITHIN * second):
            return sock
    except (OSError, ValueError) as e:
        # the TLS module reports a certificate that it does not accept as either
        raise Ended(tls.fault(e), True)
    raise Ended("no TLS from " + settings["mqtt_host"])


async def login(packets, sock, host, second):
    """Send the CONNECT that waits in the packets, judge the CONNACK."""

    def answered():
        packets.drain(sock)
        packets.fill(sock)
        return packets.packet() >= 0 or packets.got and packets.inp[0] != _CONNACK

    try:
        if not await _until(answered, _LOGIN_WITHIN * second):
            raise Ended("no answer to the login from " + host)
    except OSError:
        raise Ended("closed by the broker at the login")
    inp = packets.inp
    if packets.size != 4 or inp[0] != _CONNACK:
        raise Ended("what listens at %s is no MQTT broker" % host)
    answer = inp[3]
    packets.taken()
    if answer:
        known = answer <= len(_REFUSED)
        text = _REFUSED[answer - 1] if known else "refused: %d" % answer
        raise Ended(text, answer != _NOT_READY)


async def _until(step, within_ms):
    """Poll step() until it gives something, which is returned, or the time is over."""
    start = time.ticks_ms()
    while True:
        found = step()
        if found or time.ticks_diff(time.ticks_ms(), start) > within_ms:
            return found
        await asyncio.sleep_ms(_POLL_MS)
