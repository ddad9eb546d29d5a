"""The set-up: an access point of its own, and one page on microdot.

Every address that is not known leads to the page: whatever a phone asks for to find out whether it
is online (/generate_204, /hotspot-detect.html …) opens it by itself.
"""

import asyncio
import gc
import json
import os
import time

import machine
from microdot import Microdot, Request, Response, redirect, send_file

from kwhisper.network import access_point, captive_dns
from kwhisper.storage import settings as stored
from kwhisper.storage.table import SETTINGS, rows

from .main import FORMATS, LED, PROVED, say

_PAGE = __file__.rpartition("/")[0] + "/static/setup.html"
_FIELDS = (
    "wifi_ssid wifi_password host_name mqtt_host mqtt_port mqtt_user mqtt_password mqtt_topic "
    "payload meter meter_key meter_auth_key"
).split()
_MOST_CLIENTS = const(3)
_REQUEST_S = const(20)
_BODY = const(1536)
_PIECE = const(256)
_LEAVE_S = const(2)  # for the answer to get out
_NOBODY_MS = const(600000)  # without a request: back to reading, if there are settings
_LED_MS = const(500)


class _Setup:
    def __init__(self, settings):
        self.settings = settings
        self.clients = 0
        self.asked = time.ticks_ms()  # when the last request came
        self.ip = self.wifi = None  # of the access point

    async def serve(self, reader, writer):
        """One connection: few at once, and none for ever."""
        self.asked = time.ticks_ms()
        if self.clients < _MOST_CLIENTS:
            self.clients += 1
            try:
                await asyncio.wait_for(self.app.handle_request(reader, writer), _REQUEST_S)
            except (OSError, asyncio.TimeoutError, MemoryError):
                pass  # it left, dawdled, or asked for too much
            self.clients -= 1
        writer.close()
        gc.collect()

    def save(self, form):
        """Take over what a form says; the answer in plain words and its code."""
        changes = {name: form[name] for name in _FIELDS if name in form}
        changes["mqtt_tls"] = False  # what was set for another chip
        if form.get("open"):
            changes["wifi_password"] = None
        if changes.get("mqtt_user") == "":
            changes["mqtt_password"] = None
        settings = self.settings
        errors = {}
        if changes.get("payload", "json") not in FORMATS:
            errors["payload"] = "must be one of " + ", ".join(FORMATS)
        errors = errors or settings.change(changes)
        if errors:
            words = []
            for row in rows(SETTINGS):
                if row.get("name") in errors:
                    words.append(row["label"] + " " + errors[row["name"]] + ".")
            return "\n".join(words) or str(errors), 422
        try:
            settings.save()
            os.remove(PROVED)
        except OSError as e:
            if not e.errno:
                return str(e), 500  # in words for the user
        asyncio.create_task(_restart("settings"))
        return "Saved. kWhisper restarts, joins the WiFi and looks for the meter.", 200


def _app(setup, networks):
    app = Microdot()
    Request.max_content_length = Request.max_body_length = _BODY
    Response.send_file_buffer_size = _PIECE

    @app.errorhandler(404)
    async def portal(request):
        return redirect("http://" + setup.ip + "/")

    @app.get("/")
    async def page(request):
        return send_file(_PAGE, compressed=True, file_extension=".gz")

    @app.get("/settings.json")
    async def values(request):
        return {name: value for name, value in setup.settings.public() if name in _FIELDS}

    @app.get("/networks.json")
    async def heard(request):
        if request.args.get("again"):
            networks[:] = await access_point.scan()
        return json.dumps(networks), 200, {"Content-Type": "application/json"}

    @app.post("/")
    async def save(request):
        # A page of another site may send a form here, but its browser says whose page it is.
        origin = request.headers.get("Origin")
        if origin and origin != "http://" + request.headers.get("Host", ""):
            return "Open this page by the device's own address.", 403
        return setup.save(request.form)

    return app


async def _restart(why):
    await asyncio.sleep(_LEAVE_S)
    say("restart:", why)
    machine.reset()


async def _main(settings, reason):
    setup = _Setup(settings)
    networks = list(await access_point.scan())
    name, key, ip = access_point.open_access_point(setup)
    say("set-up, as", reason, "- join the WiFi", name, "with", key, "then open http://" + ip)
    setup.app = _app(setup, networks)
    asyncio.create_task(captive_dns.serve(ip))
    await asyncio.start_server(setup.serve, "0.0.0.0", 80)
    led = machine.Pin(LED, machine.Pin.OUT, value=1)
    while True:
        led.value(not led.value())
        await asyncio.sleep_ms(_LED_MS)
        if settings.configured and time.ticks_diff(time.ticks_ms(), setup.asked) > _NOBODY_MS:
            await _restart("nobody came to the set-up")


def run(reason):
    """Serve until the settings are saved, or nobody comes; for that `reason`."""
    asyncio.run(_main(stored.load(), reason))
