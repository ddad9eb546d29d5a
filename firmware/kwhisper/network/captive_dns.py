"""The captive portal's name server: whatever a phone asks for, the answer is this device.

A query (RFC 1035) that came in whole, asks one question and asks it of the Internet class gets one
A record; questions for other types (AAAA, HTTPS …) get an empty answer, so that the phone goes on
at once. Anything else is dropped.
"""

import asyncio
import select
import socket

_PORT = const(53)
_MOST = const(320)  # header, a name of 255 bytes, an EDNS record; longer queries are not answered
_HEADER = const(12)
_POLL_MS = const(40)


def answer(query, address):
    """The reply to `query` (bytes) that names `address` (4 bytes), or None to stay silent."""
    n = len(query)
    if n < _HEADER + 5 or n > _MOST:
        return None
    # QR and opcode must be 0: a standard query. Exactly one question.
    if query[2] & 0xF8 or query[4] << 8 | query[5] != 1:
        return None
    i = _HEADER
    while i < n and query[i]:
        if query[i] > 63:
            return None  # a pointer or worse: no question has one
        i += query[i] + 1
    end = i + 5
    if end > n:
        return None
    asked = query[i + 1 : end]
    wanted = asked == b"\0\1\0\1"  # type A, class IN
    # Response, authoritative, recursion as asked; counts: one question, none or one answer.
    head = query[:2] + bytes((0x84 | query[2] & 1, 0, 0, 1, 0, int(wanted), 0, 0, 0, 0))
    reply = head + query[_HEADER:end]
    if wanted:
        # The name by a pointer to the question; A, IN, one minute, four bytes.
        reply += b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04" + address
    return reply


async def serve(ip):
    """Answer for ever with `ip` ("192.168.4.1")."""
    address = bytes(int(part) for part in ip.split("."))
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(socket.getaddrinfo("0.0.0.0", _PORT)[0][-1])
        s.setblocking(False)
        poll = select.poll()
        poll.register(s, select.POLLIN)
        while True:
            # Asked first: recvfrom() takes its buffer out of the heap whether there is one or not.
            pause = _POLL_MS
            for _ in poll.ipoll(0):
                pause = 0
                try:
                    query, sender = s.recvfrom(_MOST + 1)
                    reply = answer(query, address)
                    if reply:
                        s.sendto(reply, sender)
                except (OSError, MemoryError):
                    pass  # the phone is gone, or asks again
            await asyncio.sleep_ms(pause)
    finally:
        s.close()
