"""The set-up: an access point of its own, and one page on microdot.

Every address that is not known leads to the page: whatever a phone asks for to find out whether it
is online (/generate_204, /hotspot-detect.html …) opens it by itself.
"""

import asyncio
import gc
import json
import os
import sys
import time

import machine
from microdot import Microdot, Request, Response, redirect, send_file

from kwhisper.network import captive_dns
from kwhisper.storage import settings as stored
from kwhisper.storage import validation  # noqa: F401 (later the heap lies in pieces)
from kwhisper.storage.table import SETTINGS, rows

from .main import FORMATS, LED, PROVED, say

# boot.py puts the slot in front; this chip's MicroPython has no __file__.
_PAGE = sys.path[0] + "/esp8266/static/setup.html"
_FILE = "/settings.json"
_FIELDS = (
    "wifi_ssid wifi_password host_name mqtt_host mqtt_port mqtt_user mqtt_password mqtt_topic "
    "payload meter meter_key meter_auth_key"
).split()
_MOST_CLIENTS = const(2)
_REQUEST_S = const(8)
_BODY = const(1536)
_PIECE = const(256)
_LINE = const(512)
_TRIES = const(10)
_TRY_MS = const(300)
_LEAVE_S = const(2)  # for the answer to get out
_NOBODY_MS = const(600000)  # without a request: back to reading, if there are settings
_LED_MS = const(500)
_NETWORKS = const(10)
_WANTED = (b"host", b"origin", b"content-length", b"content-type")


class _Request:
    """The reading side of a connection, without the headers that nobody asks for: a browser sends
    a kilobyte of them, and microdot keeps them all. No line is kept longer than _LINE bytes,
    however long it is: what asyncio reads whole would take the memory of those who ask beside."""

    def __init__(self, reader):
        self._reader = reader
        self._read = b""  # and not asked for yet

    async def readline(self):
        line = b""
        while True:
            n = self._read.find(b"\n") + 1
            piece = self._read[:n] if n else self._read
            self._read = self._read[n:] if n else b""
            line += piece[: _LINE - len(line)]
            if n:
                name = line.split(b":")[0].lower()
                if b" HTTP/" in line or len(line) < 3 or name in _WANTED:
                    return line
                line = b""
            if not self._read:
                self._read = await self._reader.read(_PIECE)
                if not self._read:
                    return b""  # it left

    async def readexactly(self, n):
        data = self._read[:n]
        self._read = self._read[n:]
        if len(data) < n:
            data += await self._reader.readexactly(n - len(data))
        return data


class _Setup:
    def __init__(self):
        self.clients = 0
        self.asked = time.ticks_ms()  # when the last request came
        self.ip = self.wifi = None  # of the access point
        self.changes = None  # what the last form said, as JSON

    async def serve(self, reader, writer):
        """One connection: few at once, and none for ever."""
        self.asked = time.ticks_ms()
        if self.clients < _MOST_CLIENTS:
            self.clients += 1
            try:
                request = self.app.handle_request(_Request(reader), writer)
                await asyncio.wait_for(request, _REQUEST_S)
            except (OSError, asyncio.TimeoutError, MemoryError):
                pass  # it left, dawdled, or asked for too much
            self.clients -= 1
        writer.close()
        gc.collect()

    def save(self):
        """Take over what the form said; the answer in plain words and its code."""
        gc.collect()
        changes = json.loads(self.changes)
        errors = {}
        if changes["payload"] not in FORMATS:
            errors["payload"] = "must be one of " + ", ".join(FORMATS)
        settings = stored.load(_FILE)
        errors = errors or settings.change(changes)
        self.changes = None
        if errors:
            words = []
            for row in rows(SETTINGS):
                if row.get("name") in errors:
                    words.append(row["label"] + " " + errors[row["name"]] + ".")
            return "\n".join(words), 422
        try:
            settings.save()
        except OSError as e:
            return str(e), 500  # in words for the user
        except MemoryError:
            self.changes = json.dumps(changes)  # saved() tries again
            raise
        try:
            os.remove(PROVED)
        except OSError:
            pass  # the WiFi was never joined
        asyncio.create_task(_restart("settings"))
        return "Saved. kWhisper restarts, joins the WiFi and looks for the meter.", 200


def _app(setup, networks):
    app = Microdot()
    Request.max_content_length = Request.max_body_length = _BODY
    Response.send_file_buffer_size = _PIECE

    async def portal(request):
        return redirect("http://" + setup.ip + "/")

    async def page(request):
        return send_file(_PAGE, compressed=True, file_extension=".gz")

    async def values(request):
        # Not by load(), which has all settings, and takes 3 KB.
        try:
            data, _ = stored.read(_FILE)
        except (OSError, ValueError):
            data = {}  # none yet, or none that can be read
        found = {"networks": networks}
        for row in rows(SETTINGS):
            name = row.get("name")
            if name in _FIELDS:
                value = data.get(name, row["default"])
                found[name] = bool(value) if row.get("secret") else value
        return found

    async def form(request):
        # A page of another site may send a form here, but its browser says whose page it is.
        origin = request.headers.get("Origin")
        if origin and origin != "http://" + request.headers.get("Host", ""):
            return "Open this page by the device's own address.", 403
        form = request.form
        changes = {name: form.get(name, "") for name in _FIELDS}
        changes["mqtt_tls"] = False  # what was set for another chip
        if form.get("open"):
            changes["wifi_password"] = None
        if not changes["mqtt_user"]:
            changes["mqtt_password"] = None
        # There is no room for the request beside what saving takes; and one piece is kept, not 30.
        setup.changes = json.dumps(changes)
        return redirect("/saved", 303)

    async def saved(request):
        for _ in range(_TRIES):
            if not setup.changes:
                return await portal(request)
            try:
                return setup.save()
            except MemoryError:
                # Another connection has it; it has a bound.
                await asyncio.sleep_ms(_TRY_MS)
        return "Out of memory. Go back and try again.", 503

    pages = {"/": page, "/form.json": values, "/saved": saved}

    def find_route(request):
        # Instead of microdot's: its patterns take 200 bytes a page.
        request.url_args = {}
        if request.method == "POST" and request.path == "/":
            return form, "", None
        return pages.get(request.path, portal), "", None

    app.find_route = find_route
    return app


async def _restart(why):
    await asyncio.sleep(_LEAVE_S)
    say("restart: " + why)
    machine.reset()


async def _open(setup):
    """Scan, then open the access point: there is one radio. Returns (the names of the networks
    heard, the access point's name, its password); the module is let go."""
    from kwhisper.network import access_point

    found = await access_point.scan()
    name, key, _ = access_point.open_access_point(setup)
    for module in ("network.access_point", "storage.checked"):
        sys.modules.pop("kwhisper." + module)
    del sys.modules["kwhisper.network"].access_point, sys.modules["kwhisper.storage"].checked
    return [network[0] for network in found[:_NETWORKS]], name, key


async def _main(reason):
    setup = _Setup()
    configured = stored.load(_FILE).configured
    networks, name, key = await _open(setup)
    setup.app = _app(setup, networks)
    asyncio.create_task(captive_dns.serve(setup.ip))
    await asyncio.start_server(setup.serve, "0.0.0.0", 80)
    told = "set-up: %s - join the WiFi %s with %s then open http://%s"
    say(told % (reason, name, key, setup.ip))
    led = machine.Pin(LED, machine.Pin.OUT, value=1)
    while True:
        led.value(not led.value())
        await asyncio.sleep_ms(_LED_MS)
        if configured and time.ticks_diff(time.ticks_ms(), setup.asked) > _NOBODY_MS:
            await _restart("nobody came to the set-up")


def run(reason):
    """Serve until the settings are saved, or nobody comes; for that `reason`."""
    asyncio.run(_main(reason))
