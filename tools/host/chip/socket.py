"""The module socket with the device's ports moved: 80 and 53 belong to the system here.

Port 80 becomes KWHISPER_WEB_PORT, 53 becomes KWHISPER_DNS_PORT, both on 127.0.0.1 alone.
KWHISPER_MDNS is the address of the interface where multicast DNS is heard and sent; else there is
none.
"""

import os

import usocket
from usocket import *  # noqa: F403

_MOVED = {80: os.getenv("KWHISPER_WEB_PORT"), 53: os.getenv("KWHISPER_DNS_PORT")}
_MDNS = os.getenv("KWHISPER_MDNS")
_wired = usocket.getaddrinfo

IPPROTO_IP = 0
IP_ADD_MEMBERSHIP = 35  # Linux's number; lwIP's is 3
_IP_MULTICAST_IF = 32


def socket(*kind):
    """As the real one; multicast goes out on the interface said above."""
    made = usocket.socket(*kind)
    if _MDNS and len(kind) > 1 and kind[1] == usocket.SOCK_DGRAM:
        address = bytes([int(part) for part in _MDNS.split(".")])
        made.setsockopt(IPPROTO_IP, _IP_MULTICAST_IF, address)
    return made


def getaddrinfo(host, port, *rest):
    """As the real one; an address to listen on is moved as said above."""
    if port == 5353 and host == "0.0.0.0":
        if not _MDNS:
            raise OSError(98)  # EADDRINUSE: the port is the PC's
        return _wired(host, port, *rest)
    if host in ("0.0.0.0", "") or (host == "127.0.0.1" and port in _MOVED):
        moved = _MOVED.get(port)
        return _wired("127.0.0.1", int(moved) if moved else port, *rest)
    return _wired(host, port, *rest)
