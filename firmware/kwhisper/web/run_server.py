"""The pages and the JSON while the meter is read.

microdot serves the set-up and would here, too; but it takes 16 to 20 KB of heap (mpy-cross -O3,
measured on the 32-bit model; with the pages on it 22 KB on the emulated chip), and the whole
application has about 120. This takes 1.2, and limits.py, which both need, 3.
"""

from . import limits
from .api import HEADERS, static


async def serve(device, api, port=80):
    """Serve until cancelled. api: the Api of the run mode."""
    routes = {
        "GET /device.json": api.device,
        "GET /data.json": api.data,
        "GET /settings.json": api.settings,
        "POST /settings.json": api.change,
        "GET /frame.bin": api.frame,
        "POST /restart": api.restart,
    }
    without_password = ("/device.json", "/data.json")
    pages = {"/": "live.html", "/settings": "setup.html"}

    async def answer(c):
        body = await c.request()
        path = c.path
        make = routes.get(c.method + " " + path)
        if make:
            said = await api.refused(c.headers, c.address, path not in without_password)
            if not said:
                said = make(body) if make == api.change else make()
        else:
            said = static(pages.get(path, path[1:]) if c.method == "GET" else "")
        said, code, headers = said
        await c.send("HTTP/1.0 %d %s\r\n" % (code, "OK" if code == 200 else "Refused"))
        await c.send(HEADERS)
        for name in headers:
            await c.send("%s: %s\r\n" % (name, headers[name]))
        await c.send(b"\r\n")
        if isinstance(said, (str, bytes)):
            await c.send(said)
        elif hasattr(said, "readinto"):
            try:
                await c.send_file(said)
            finally:
                said.close()
        else:
            for piece in said:
                await c.send(piece)

    await limits.serve(port, answer, device.note)
