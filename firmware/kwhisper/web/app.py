"""The routes. Which page is where, and who may see it; the pages themselves are in page.py."""

import asyncio
import json

from microdot import Microdot, Response

from . import guard
from .text import html

_SECURE = {
    "Content-Security-Policy": "default-src 'self'; img-src data:; frame-ancestors 'none'; "
    "form-action 'self'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_HTML = "text/html; charset=UTF-8"
_JSON = "application/json; charset=UTF-8"
_STATIC = __file__.rpartition("/")[0] + "/static/"
_AP_ADDRESS = "192.168.4.1"
_SCAN_SECONDS = 12
_MOST_NETWORKS = 12
# Three certificates need most of it. A form without them has 1 KB, in the worst letters 3 KB.
_BODY = 12288
_BODY_SMALL = 3072
_RESTART_SECONDS = 2  # for the last page to leave the chip


def make_app(settings, status, live, scan, restart, mode="run", small=False):
    """The Microdot application of one mode, "setup" or "run".

    scan: coroutine giving [(ssid, rssi, secured)]. restart: called when new settings are saved.
    small: the chip affords no TLS, so its fields are left out.
    """
    app = Microdot()
    app.body_bytes = _BODY_SMALL if small else _BODY
    setup = mode == "setup"
    heard = []

    def send(body, kind, code=200, extra=None):
        headers = {"Content-Type": kind}
        headers.update(_SECURE)
        if extra:
            headers.update(extra)
        return Response(body, code, headers)

    def static(name, kind):
        try:
            f, packed = open(_STATIC + name + ".gz", "rb"), {"Content-Encoding": "gzip"}
        except OSError:
            f, packed = open(_STATIC + name, "rb"), {}  # not built: run from the sources
        if not name.endswith("html"):
            packed["Cache-Control"] = "max-age=600"
        return send(f, kind, 200, packed)

    def note(title, text, code):
        return send("<!doctype html><title>%s</title><p>%s" % (title, html(text)), _HTML, code)

    async def refused(request):
        """A response if this request may not see or change the settings, else None."""
        if guard.foreign(request, settings["host_name"]):
            text = "Open this page by the device's own address: http://%s/" % (status.ip or "")
            return note("Refused", text, 403)
        if setup or await guard.authorized(request, settings["web_password"]):
            return None
        return send("Password?", "text/plain", 401, {"WWW-Authenticate": 'Basic realm="kWhisper"'})

    async def restart_soon():
        await asyncio.sleep(_RESTART_SECONDS)
        restart()

    async def listen(again):
        if setup and (again or not heard):
            heard.clear()
            try:
                found = await asyncio.wait_for(scan(), _SCAN_SECONDS)
            except (OSError, asyncio.TimeoutError, RuntimeError):
                found = ()  # the radio is busy: the name can be typed
            for ssid, rssi, secured in sorted(found, key=lambda n: -n[1]):
                if ssid and len(heard) < _MOST_NETWORKS and ssid not in [n[0] for n in heard]:
                    heard.append((ssid, rssi, secured))
        return heard if setup else None

    # Whatever a phone asks for to find out whether it is online (/generate_204, /canonical.html,
    # /hotspot-detect.html, /connecttest.txt, /ncsi.txt ...) leads to the form.
    async def portal(request):
        port = getattr(app, "port", 80)
        host = status.ip or _AP_ADDRESS
        return Response.redirect("http://%s/" % (host if port == 80 else "%s:%d" % (host, port)))

    async def form(request):
        if setup and not guard.own_host(request.headers.get("Host", ""), settings["host_name"]):
            return await portal(request)
        no = await refused(request)
        if no:
            return no
        from . import page

        networks = await listen("again" in request.args)
        return send(page.form(settings, status, {}, {}, networks, setup, small), _HTML)

    async def save(request):
        no = await refused(request)
        if no:
            return no
        from . import page
        from .form import read

        typed = read(request.body, small)
        request._body = None  # the form is parsed: its bytes are not needed a second time
        if typed is None:
            return note("Incomplete", "This form was not complete. Go back and try again.", 400)
        errors = keep(typed)
        if errors:
            page.retype(typed, errors)
            networks = await listen(False)
            return send(
                page.form(settings, status, typed, errors, networks, setup, small), _HTML, 422
            )
        asyncio.create_task(restart_soon())
        return send(page.saved(settings, setup), _HTML)

    def keep(changes):
        errors = settings.update(changes)
        if not errors:
            try:
                settings.save()
            except OSError as e:
                errors[""] = str(e)
        return errors

    if setup:
        app.get("/")(form)
        app.post("/")(save)
        app.errorhandler(404)(portal)
    else:
        app.get("/settings")(form)
        app.post("/settings")(save)

        @app.get("/")
        async def index(request):
            return static("live.html", _HTML)

        @app.get("/data.json")
        async def data(request):
            from .data import pieces

            return send(pieces(settings, status, live), _JSON)

        @app.get("/frame.bin")
        async def frame(request):
            no = await refused(request)
            if no:
                return no
            raw = live.raw()
            if not raw:
                return note("No frame", "Every list of the meter was understood.", 404)
            name = {"Content-Disposition": 'attachment; filename="frame.bin"'}
            return send(raw, "application/octet-stream", 200, name)

        @app.post("/restart")
        async def again(request):
            no = await refused(request)
            if no:
                return no
            from . import page

            asyncio.create_task(restart_soon())
            return send(page.restarting(), _HTML)

    @app.get("/settings.json")
    async def show(request):
        no = await refused(request)
        if no:
            return no
        from .page import settings_json

        return send(settings_json(settings), _JSON)

    @app.post("/settings.json")
    async def change(request):
        no = await refused(request)
        if no:
            return no
        try:
            changes = json.loads(request.body)
        except ValueError:
            changes = None
        if not isinstance(changes, dict):
            return send('{"errors":{"":"must be a JSON object"}}', _JSON, 400)
        errors = keep(changes)
        if errors:
            return send(json.dumps({"errors": errors}), _JSON, 422)
        asyncio.create_task(restart_soon())
        return send('{"saved":true,"restart":true}', _JSON)

    @app.get("/kw.css")
    async def css(request):
        return static("kw.css", "text/css")

    @app.get("/kw.js")
    async def js(request):
        return static("kw.js", "text/javascript")

    @app.get("/favicon.ico")
    async def icon(request):
        return "", 204

    return app
