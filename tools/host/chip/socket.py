"""The module socket with the device's ports moved: 80 and 53 belong to the system here.

Port 80 becomes KWHISPER_WEB_PORT, 53 becomes KWHISPER_DNS_PORT, both on 127.0.0.1 alone.
"""

import os

import usocket
from usocket import *  # noqa: F403

_MOVED = {80: os.getenv("KWHISPER_WEB_PORT"), 53: os.getenv("KWHISPER_DNS_PORT")}
_wired = usocket.getaddrinfo


def getaddrinfo(host, port, *rest):
    """As the real one; an address to listen on is moved as said above."""
    if host in ("0.0.0.0", "") or (host == "127.0.0.1" and port in _MOVED):
        moved = _MOVED.get(port)
        return _wired("127.0.0.1", int(moved) if moved else port, *rest)
    return _wired(host, port, *rest)
