"""The pages and the JSON while the meter is read.

microdot serves the set-up and would here, too; but it takes 16 to 20 KB of heap (mpy-cross -O3,
measured on the 32-bit model; with the pages on it 22 KB on the emulated chip), and the whole
application has about 120. This takes 1.2, and limits.py, which both need, 3.

What is seldom asked for stands in routes.json: an address, the module of this folder whose
answer(api, c) is imported for it, whether it needs the password, whether it reads the body itself,
piece by piece; "run", that only the run mode has it so; "outlet", that the setting outlets must
name it, and that the module lies among the outlets; "room", how many bytes of the heap must be
free. The set-up serves the same.
"""

from .. import let_go
from ..storage.table import find
from . import limits
from .api import HEADERS, static, text

_IDLE_MS = const(120000)


async def seldom(api, c):
    """The answer of a module that is imported for it; None: there is no such address."""
    row = find("/web/routes.json", c.method + " " + c.path)
    if not row or (row.get("run") and api.mode != "run"):
        return None  # or one that the set-up answers itself
    if row.get("outlet", "") not in api.device.settings["outlets"]:
        return None
    if "stream" not in row and c.left > limits.BODY:
        raise ValueError(413)
    said = await api.refused(c.headers, c.address, row["secret"])
    if not said and "room" in row:
        from ..heap import room

        if room() < row["room"]:
            # The heap would grow, and the WiFi be left without memory.
            said = text("Out of memory: try again.", 503)
    if not said:
        place = "outlets." if "outlet" in row else "web."
        name = "kwhisper." + place + row["module"]
        module = __import__(name, None, None, ("answer",))
        said = await module.answer(api, c)
        # What is answered piece by piece keeps what it needs until it is sent.
        del module
        if place == "web.":
            let_go(name)
    return said


async def respond(c, answer):
    """Send an answer of the Api."""
    body, code, headers = answer
    await c.passed_over()
    await c.send("HTTP/1.0 %d %s\r\n" % (code, "OK" if code < 300 else "Refused"))
    await c.send(HEADERS)
    for name in headers:
        await c.send("%s: %s\r\n" % (name, headers[name]))
    await c.send(b"\r\n")
    if isinstance(body, (str, bytes)):
        await c.send(body)
    elif hasattr(body, "readinto"):
        try:
            await c.send_file(body)
        finally:
            body.close()
    else:
        for piece in body:
            await c.send(piece)


async def serve(device, api, door, spare=None):
    """Serve those who come to the socket `door` until nobody came for two minutes. api: the Api of
    the run mode; spare: buffers from the last time."""
    routes = {
        "GET /device.json": api.about,
        "GET /data.json": api.data,
    }
    secrets = {"/device.json": None, "/data.json": False}
    pages = {"/": "live.html", "/settings": "setup.html"}

    async def answer(c):
        await c.request()
        path = c.path
        make = routes.get(c.method + " " + path)
        if make:
            said = await api.refused(c.headers, c.address, secrets[path])
            if not said:
                if make == api.data and c.query == "lists=%d" % api.latest.lists:
                    said = text("", 204)  # that page has the newest list
                else:
                    said = make()
        else:
            said = await seldom(api, c) or static(
                pages.get(path, path[1:]) if c.method == "GET" else ""
            )
        await respond(c, said)

    def securing():
        # For 20 s at most: what browsers are sent takes the memory that a handshake needs.
        return device.status.mqtt == "securing"

    await limits.serve(door, answer, device.note, device.board.buffer, _IDLE_MS, spare, securing)
