"""log.txt: what happened, the oldest first. raw.dat: the last frames that failed, a line of hex
each, and the newest that was not understood."""

from binascii import hexlify

from ..journal import whole
from .api import text


async def answer(api, c):
    """The answer to GET /log.txt and /raw.dat."""
    device = api.device
    if c.path == "/log.txt":
        return text(whole(device), 200)
    return text(_frames(device, api.latest), 200)


def _frames(device, latest):
    for frame in device.failed.frames if device.failed else ():
        yield hexlify(frame)
        yield "\n"
    if latest and latest.raw:
        yield hexlify(latest.raw)
        yield "\n"
