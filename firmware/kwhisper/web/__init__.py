"""The device's pages and JSON over HTTP: setup_server.py and run_server.py, each for its mode."""

import socket

_QUEUE = const(4)


def listen(port=80):
    """The socket where browsers come."""
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.bind(socket.getaddrinfo("0.0.0.0", port)[0][-1])
    door.listen(_QUEUE)
    door.setblocking(False)
    return door
