"""What a browser is told while there are no pages. Loaded when one comes."""

import asyncio

NO_ROOM = (
    "There is not enough memory for these pages beside TLS or energy. Choose fewer formats, "
    "switch the history off, use a board with PSRAM, or do without TLS. The button opens the "
    "set-up."
)
UPDATE = "An update is being written."

_REQUEST = const(256)
_STEP_MS = const(50)
_STEPS = const(20)
_REFUSED = const("HTTP/1.0 503 Refused\r\nRetry-After: 60\r\nContent-Length: %d\r\n\r\n%s")


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
