"""The device's pages and JSON over HTTP: setup_server.py and run_server.py, each for its mode."""

import asyncio
import socket

_QUEUE = const(4)
_REQUEST = const(256)
_STEP_MS = const(50)
_STEPS = const(20)
_REFUSED = const("HTTP/1.0 503 Refused\r\nRetry-After: 60\r\nContent-Length: %d\r\n\r\n%s")


def listen(port=80):
    """The socket where browsers come."""
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.bind(socket.getaddrinfo("0.0.0.0", port)[0][-1])
    door.listen(_QUEUE)
    door.setblocking(False)
    return door


async def refuse(door, why):
    """Tell who comes that there are no pages, and why. He is left a second to close: where the
    device closes first, lwIP keeps the connection for two minutes."""
    try:
        client = door.accept()[0]
    except OSError:
        return  # he has left
    try:
        client.setblocking(False)
        client.write(_REFUSED % (len(why), why))
        for _ in range(_STEPS):
            await asyncio.sleep_ms(_STEP_MS)
            # What is unread would cut off the answer.
            if client.read(_REQUEST) == b"":
                break
    except OSError:
        pass  # the same
    finally:
        client.close()
