"""The device's pages and JSON over HTTP: setup_server.py and run_server.py, each for its mode."""

import socket

_QUEUE = const(4)
_REQUEST = const(1024)


def listen(port=80):
    """The socket where browsers come."""
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.bind(socket.getaddrinfo("0.0.0.0", port)[0][-1])
    door.listen(_QUEUE)
    door.setblocking(False)
    return door


def refuse(door, why):
    """Tell who comes that there are no pages, and why."""
    try:
        client = door.accept()[0]
        client.setblocking(False)
        client.read(_REQUEST)  # what is unread would cut off the answer
        client.write("HTTP/1.0 503 Refused\r\nRetry-After: 60\r\n\r\n" + why + "\n")
        client.close()
    except OSError:
        pass  # he has left
