"""The set-up's pages, on microdot, behind the bounds of limits.py.

Every address that is not known leads to the page: whatever a phone asks for to find out whether
it is online (/generate_204, /ncsi.txt, /hotspot-detect.html …) opens it by itself.
"""

import json

from microdot import Microdot, Request, Response

from . import changes, limits, listen
from .api import HEADERS, answer, static, text
from .run_server import respond, seldom


class _Stream:
    """A request that was read and judged, with the face that microdot expects of a connection.

    microdot reads without bounds, and prints a traceback for whatever is malformed.
    """

    def __init__(self, connection, body):
        c = connection
        query = "?again=1" if c.query == "again=1" else ""
        self._lines = ["%s %s%s HTTP/1.0" % (c.method, c.path, query)]
        self._lines += ["%s: %s" % header for header in c.headers.items()] + [""]
        self._body = body
        self._connection = c
        self.awrite = c.send
        self.aclose = c.flush

    def get_extra_info(self, name):
        return self._connection.address

    async def readline(self):
        return self._lines.pop(0).encode()

    async def readexactly(self, n):
        return self._body


def _app(device, api, scan, port):
    app = Microdot()
    Request.max_body_length = Request.max_content_length = limits.BODY
    Response.send_file_buffer_size = limits.PIECE
    heard = []

    def portal():
        where = device.status.ip if port == 80 else "%s:%d" % (device.status.ip, port)
        return text("", 302, ("Location", "http://%s/" % where))

    @app.before_request
    async def own(request):
        refusal = await api.refused(request.headers, request.client_addr, True)
        if refusal and request.method == "GET" and "origin" not in request.headers:
            refusal = portal()
        return refusal

    @app.after_request
    @app.after_error_request
    async def protect(request, response):
        for line in HEADERS.split("\r\n"):
            name, _, value = line.partition(": ")
            if name:
                response.headers[name] = value
        return response

    @app.errorhandler(404)
    async def unknown(request):
        return portal() if request.method == "GET" else text("There is nothing here.", 404)

    @app.errorhandler(MemoryError)
    async def full(request, error):
        return text("Out of memory, try again.", 503)

    @app.get("/")
    @app.get("/settings")
    async def page(request):
        return static("setup.html")

    @app.get("/device.json")
    async def about(request):
        return api.about()

    @app.get("/settings.json")
    async def settings(request):
        return changes.settings(api)

    @app.post("/settings.json")
    async def change(request):
        return changes.change(api, request.body)

    @app.get("/networks.json")
    async def networks(request):
        if request.query_string or not heard:
            try:
                heard[:] = [n for n in await scan() if n[0]]
            except (OSError, RuntimeError):
                pass  # the radio is busy: the name can be typed
        return answer(json.dumps(heard))

    @app.get("/<path:name>")
    async def file(request, name):
        found = static(name)
        return portal() if found[1] == 404 else found

    return app


async def serve(device, api, scan, port=80):
    """Serve until cancelled. scan: coroutine function giving [(ssid, rssi, secured)]."""
    app = _app(device, api, scan, port)

    async def converse(connection):
        await connection.request()
        said = await seldom(api, connection)
        if said:
            await respond(connection, said)
            return
        stream = _Stream(connection, await connection.body())
        await app.handle_request(stream, stream)

    await limits.serve(listen(port), converse, device.note, device.board.buffer)
