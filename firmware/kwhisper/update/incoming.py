"""An update that is posted while the meter is read, where the pages leave no memory for it.

web/upload.py hands the connection over, and the pages are let go until the update is written.
"""

import json

from .. import let_go
from . import Refused, package, slots
from .stream import Stream


async def take(device, sock, left, first, older, buffer):
    """Take it, answer, and restart into it; or for it alone, if the memory is not enough. first:
    those of the `left` bytes that are here; buffer: for a piece of it."""
    stream = Stream(sock, left, first)
    code, why = 202, "room for an update"
    words = slots.make_room(device.status)
    try:
        if not words:
            try:
                version = await package.install(device, stream.more, left, older, buffer)
                code, why = 200, "update to " + version
                body = json.dumps({"version": version, "restart": True})
            except (Refused, ValueError, KeyError, TypeError) as e:
                code, body = 422, str(e) if isinstance(e, Refused) else "its manifest is wrong"
                device.note("warning", "update refused:", body)
            except MemoryError:
                words = slots.make_room(device.status, "-", slots.EVERYTHING)
        let_go("kwhisper.update.package")
        if words:
            body = json.dumps({"again": True, "text": words + ": send it again then"})
        # Who is cut off while he sends would not see the answer.
        while await stream.more(memoryview(buffer)):
            pass
        sock.write(b"HTTP/1.0 %d %s\r\n\r\n%s" % (code, "OK" if code < 300 else "Refused", body))
    except (OSError, Refused):
        pass  # he has left
    finally:
        sock.close()
        let_go("kwhisper.update.")
        let_go("kwhisper.mqtt.connect")
    if code < 300:
        await device.leave(why)
