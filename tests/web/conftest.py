"""The pages run as a process of their own, on MicroPython, and are asked over a real socket."""

import base64
import builtins
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest
from system.waiting import PATIENCE
from web.stand_in import StandIn

from kwhisper_tools import paths

sys.path.insert(0, str(paths.FIRMWARE))
builtins.const = lambda number: number  # MicroPython's compiler provides it
sys.modules.setdefault("uctypes", ModuleType("uctypes"))  # of a chip's memory, not of a PC's

# The password of the set-up's WiFi, that of the pages while they have none of their own.
SET_UP_KEY = "setup-password"
_DEVICE = Path(__file__).with_name("device.py")


class Answer:
    """A response: code, headers by lower-case name, body."""

    def __init__(self, response):
        self.code = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    @property
    def text(self):
        return self.body.decode()


class Device:
    """The web part of the firmware, running."""

    def __init__(self, command, mode, folder, path):
        self.password = None  # what ask() gives if it is told nothing else
        self.folder = folder
        self.file = folder / "settings.json"
        self._log = open(folder / "log", "w+")
        # A free port may be another test's by the time it is taken.
        while not self._started([*command, str(_DEVICE), mode], [str(folder), *path]):
            assert "EADDRINUSE" in self.log(), self.log()
            self._log.truncate(0)

    def _started(self, before, after):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        command = [*before, str(self.port), *after]
        self.process = subprocess.Popen(command, stdout=self._log, stderr=subprocess.STDOUT)
        while self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return True
            except OSError:
                time.sleep(0.02)
        return False

    def log(self):
        """What it printed."""
        return (self.folder / "log").read_text()

    def ask(self, path, body=None, headers=None, method=None, password=None):
        """One request. A dict as body is sent as JSON."""
        headers = dict(headers or {})
        if password is None and "Authorization" not in headers:
            password = self.password
        if isinstance(body, dict):
            body = json.dumps(body)
        if password is not None:
            coded = base64.b64encode(("admin:" + password).encode()).decode()
            headers["Authorization"] = "Basic " + coded
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method or ("GET" if body is None else "POST"), path, body, headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def connect(self, address="127.0.0.1", wait=PATIENCE):
        """A connection from one of the PC's own addresses, 127.x.x.x."""
        return socket.create_connection(("127.0.0.1", self.port), wait, (address, 0))

    def raw(self, data, wait=PATIENCE):
        """Bytes as they are; what comes back until the device closes."""
        with socket.create_connection(("127.0.0.1", self.port), wait) as s:
            s.sendall(data)
            out = b""
            try:
                while part := s.recv(4096):
                    out += part
            except (TimeoutError, ConnectionResetError):
                pass  # the device keeps silent or cut the line: what came is what counts
            return out

    def sockets(self):
        """How many sockets the process holds."""
        links = Path(f"/proc/{self.process.pid}/fd").iterdir()
        return sum(os.readlink(link).startswith("socket:") for link in links)

    def close(self):
        self.process.kill()
        self.process.wait()
        self._log.close()


@pytest.fixture(scope="session")
def third_party():
    """microdot, or a skip that says how to get it."""
    if not (paths.MICRODOT / "microdot").is_dir():
        pytest.skip("microdot is missing: run `make venv`")


@pytest.fixture
def start(tmp_path, third_party, micropython):
    """start(mode, settings={}): a Device with these settings saved, or the file damaged."""
    running = []

    def go(mode, values=None, damaged=None, firmware=paths.FIRMWARE):
        from kwhisper.storage import settings

        folder = tmp_path / str(len(running))
        folder.mkdir()
        if damaged:
            (folder / "settings.json").write_bytes(damaged)
        elif values:
            s = settings.load(str(folder / "settings.json"))
            assert s.change(values) == {}
            s.save()
        path = [str(firmware), *paths.library_path()]
        running.append(Device([micropython], mode, folder, path))
        if not (values or {}).get("web_password"):
            running[-1].password = SET_UP_KEY
        return running[-1]

    yield go
    for device in running:
        device.close()


@pytest.fixture(params=["setup", "run"])
def mode(request):
    """What both servers promise is tested on both."""
    return request.param


@pytest.fixture
def look(browser):
    """look(device, path, width, scheme): the page, watched for errors and foreign addresses."""
    contexts = []

    # A zone that is not Europe's: a new device would take it, and be sent it.
    def go(device, path="/", width=360, scheme="light", zone="America/New_York", **more):
        context = browser.new_context(
            viewport={"width": width, "height": 780}, color_scheme=scheme, timezone_id=zone, **more
        )
        context.set_default_timeout(1000 * PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.faults = []
        own = f"http://127.0.0.1:{device.port}/"
        page.on("pageerror", lambda e: page.faults.append(str(e)))
        page.on("request", lambda r: r.url.startswith((own, "data:")) or page.faults.append(r.url))
        page.on("console", lambda m: m.type == "error" and page.faults.append(m.text))
        page.goto(own + path.lstrip("/"))
        return page

    yield go
    for context in contexts:
        context.close()


@pytest.fixture
def setup():
    with StandIn("setup") as device:
        yield device


@pytest.fixture
def run():
    with StandIn("run") as device:
        device.settings |= {"wifi_ssid": "Hjemme æøå", "wifi_password": True}
        yield device
