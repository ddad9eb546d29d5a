"""A host's address without waiting for it: getaddrinfo() holds everything up for seconds.
Imported only when a name must be looked up.

Names ending in .local, and those without a dot that the name server does not know, are asked for
by multicast DNS (RFC 6762, one-shot query: the answer comes back to the port that asked).
Only A records: the firmware speaks IPv4.
"""

import asyncio
import errno
import os
import select
import socket
import time

_TRIES = const(3)
_PATIENCE_MS = const(1500)
_STEP_MS = const(20)
_TYPE_A = const(1)
_MDNS = ("224.0.0.251", 5353)


async def resolve(host, server=None):
    """The address of `host` as text. `server`: (address, port) of a name server.

    Takes at most 9 seconds, never more than a moment at a stretch. OSError(ENOENT): no such
    name; OSError(ETIMEDOUT): nobody answered.
    """
    if is_address(host):
        return host
    if host == "localhost":
        return "127.0.0.1"
    if not host.endswith(".local"):
        try:
            if not server:
                import network

                # Not of WLAN(): where a cable is used the radio's driver is not to be started.
                server = network.ipconfig("dns"), 53
            return await _ask(host, server)
        except OSError:
            if "." in host:
                raise
        host += ".local"
    return await _ask(host, _MDNS)


def is_address(host):
    """Whether `host` is an IPv4 address in figures."""
    parts = host.split(".")
    return len(parts) == 4 and all(p.isdigit() and int(p) < 256 for p in parts)


def query(host, number):
    """The question for the address of `host`; `number` comes back in the answer."""
    message = bytes((number >> 8, number & 255)) + b"\1\0\0\1\0\0\0\0\0\0"
    for label in host.encode().split(b"."):
        if not 0 < len(label) < 64:
            raise OSError(errno.ENOENT)
        message += bytes((len(label),)) + label
    return message + b"\0\0\1\0\1"


def answer(message, question, multicast=False):
    """The first A record in a reply as text, "" if it says there is none, None if not ours.

    A name server repeats number and question; by multicast (RFC 6762) the number may be 0 and
    the question missing.
    """
    if len(message) < 12 or not message[2] & 0x80:
        return None
    if message[:2] != question[:2] and not (multicast and message[:2] == b"\0\0"):
        return None
    if message[4] or message[5]:
        asked = message[12 : len(question)]
        if asked.lower() != bytes(question[12:]).lower():
            return None
    elif not multicast:
        return None
    try:
        at = 12
        for _ in range(message[4] << 8 | message[5]):
            at = _past_name(message, at) + 4
        for _ in range(message[6] << 8 | message[7]):
            at = _past_name(message, at)
            kind = message[at] << 8 | message[at + 1]
            size = message[at + 8] << 8 | message[at + 9]
            at += 10
            if kind == _TYPE_A and size == 4:
                return ".".join(str(message[at + i]) for i in range(4))
            at += size
    except IndexError:
        return None
    return ""


def _past_name(message, at):
    while message[at]:
        if message[at] & 0xC0:
            return at + 2
        at += 1 + message[at]
    return at + 1


async def _ask(host, server):
    question = query(host, int.from_bytes(os.urandom(2), "big"))
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        poll = select.poll()
        poll.register(sock, select.POLLIN)
        to = socket.getaddrinfo(server[0], server[1])[0][-1]
        for _ in range(_TRIES):
            sock.sendto(question, to)
            start = time.ticks_ms()
            while time.ticks_diff(time.ticks_ms(), start) < _PATIENCE_MS:
                for _ in poll.ipoll(0):
                    found = answer(sock.recv(512), question, server is _MDNS)
                    if found:
                        return found
                    if found == "":
                        raise OSError(errno.ENOENT)
                await asyncio.sleep_ms(_STEP_MS)
        raise OSError(errno.ETIMEDOUT)
    finally:
        sock.close()
