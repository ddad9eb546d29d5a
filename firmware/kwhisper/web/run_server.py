"""The pages and the JSON while the meter is read.

microdot serves the set-up, and would here too: but it takes 22 KB of an ESP32's heap, of which
the whole application has 80 beside TLS (measured, docs/development.md); this takes 1.
"""

from . import limits
from .api import static, text


async def serve(device, api, port=80):
    """Serve until cancelled. api: the Api of the run mode."""
    # address: (answer, whether it needs the password)
    routes = {
        "GET /device.json": (api.device, False),
        "GET /data.json": (api.data, False),
        "GET /settings.json": (api.settings, True),
        "POST /settings.json": (api.change, True),
        "GET /frame.bin": (api.frame, True),
        "POST /restart": (api.restart, True),
    }

    async def answer(c):
        body = await c.request()
        found = routes.get(c.method + " " + c.path)
        if found:
            make, secret = found
            said = await api.refused(c.headers, c.address, secret)
            if not said:
                said = make(body) if make == api.change else make()
        elif c.method != "GET":
            said = text("There is nothing here.", 404)
        elif c.path == "/":
            said = api.page()
        elif c.path == "/settings":
            said = api.page("setup.html")
        else:
            said = static(c.path[1:])
        await _send(c, said)

    await limits.serve(port, answer, device.note)


async def _send(c, said):
    body, code, headers = said
    await c.send("HTTP/1.0 %d %s\r\n" % (code, "OK" if code == 200 else "Refused"))
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
