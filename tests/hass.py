"""Home Assistant itself, for tests: 2026.2, by `python -m kwhisper_tools.host.hass_install`; or
another one that KWHISPER_HASS names."""

import json
import os
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from http import HTTPStatus

import pytest
from mqtt.rig import until

from kwhisper_tools.host import free_port, hass_install

# Beside the states it writes what the Energy dashboard's own check says of energy_sources.json;
# statistics, which the check asks for, are made at once and not after five minutes, but only once:
# those of another time would overlap and make it complain of registers that fell.
DUMP = """
import json
import os
from datetime import timedelta
from homeassistant.components.energy import validate
from homeassistant.components.energy.data import async_get_manager
from homeassistant.components.recorder.tasks import StatisticsTask
from homeassistant.helpers import issue_registry
from homeassistant.helpers import recorder
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt

async def async_setup(hass, config):
    def write(text):
        path = hass.config.path("states.json")
        with open(path + ".new", "w") as f:
            f.write(text)
        os.replace(path + ".new", path)
    def wanted():
        try:
            with open(hass.config.path("energy_sources.json")) as f:
                return json.load(f)
        except OSError:
            return None
    async def energy():
        sources = await hass.async_add_executor_job(wanted)
        if sources is None:
            return None
        if "dump" not in hass.data:
            start = dt.utcnow().replace(microsecond=0) - timedelta(minutes=1)
            hass.data["dump"] = start
            recorder.get_instance(hass).queue_task(StatisticsTask(start, False))
        manager = await async_get_manager(hass)
        await manager.async_update({"energy_sources": sources})
        found = (await validate.async_validate(hass)).as_dict()
        return [
            [issue["type"], [list(e) for e in issue["affected_entities"]]]
            for source in found["energy_sources"]
            for issue in source
        ]
    async def tick(now):
        states = {s.entity_id: s.state for s in hass.states.async_all(("sensor", "binary_sensor"))}
        issues = [list(i) for i in issue_registry.async_get(hass).issues]
        await hass.async_add_executor_job(write, json.dumps([states, issues, await energy()]))
    async_track_time_interval(hass, tick, timedelta(seconds=1))
    return True
"""


def installed():
    """The program; the test is skipped without it."""
    program = os.environ.get("KWHISPER_HASS") or hass_install.program()
    if not os.path.exists(program):
        pytest.skip("no Home Assistant: python -m kwhisper_tools.host.hass_install fetches it")
    return program


class Hass:
    """The real program, its states written to a file each second. port: of the MQTT broker, None:
    without one."""

    def __init__(self, program, folder, port, more=""):
        self.program = program
        self.folder = folder
        self.process = None
        self.url = f"http://127.0.0.1:{free_port()}/"
        self.token = None
        own = folder / "custom_components" / "dump"
        own.mkdir(parents=True)
        (own / "__init__.py").write_text(DUMP)
        manifest = {"domain": "dump", "name": "Dump", "version": "1", "requirements": []}
        (own / "manifest.json").write_text(json.dumps(manifest))
        (folder / "configuration.yaml").write_text(
            "homeassistant: {latitude: 60, longitude: 11, elevation: 1, unit_system: metric, "
            "time_zone: Europe/Oslo, country: 'NO'}\n"
            f"\nhttp: {{server_port: {self.url.split(':')[2][:-1]}}}\n"
            "energy:\ndump:\nlogger: {default: warning}\n" + more
        )
        entries = [hass_install.mqtt_entry("127.0.0.1", port)] if port else []
        stored = {"version": 1, "key": "core.config_entries", "data": {"entries": entries}}
        (folder / ".storage").mkdir()
        (folder / ".storage" / "core.config_entries").write_text(json.dumps(stored))

    def start(self):
        (self.folder / "states.json").unlink(missing_ok=True)
        with open(self.folder / "out.log", "ab") as log:
            self.process = subprocess.Popen(
                [self.program, "-c", str(self.folder), "--skip-pip"], stdout=log, stderr=log
            )

    def stop(self):
        self.process.terminate()
        self.process.wait(60)

    def ask(self, path, data=None, form=False):
        """The JSON that its REST interface answers to a GET, or with data to a POST; None as long
        as it does not answer."""
        head = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        body = None
        if data is not None:
            body = urllib.parse.urlencode(data) if form else json.dumps(data)
            head["Content-Type"] = f"application/{'x-www-form-urlencoded' if form else 'json'}"
        request = urllib.request.Request(self.url + path, body and body.encode(), head)
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return json.loads(reply.read())
        except urllib.error.HTTPError as e:
            if e.code == HTTPStatus.NOT_FOUND:
                return None  # that part is not loaded yet
            raise AssertionError(f"{path}: {e.code} {e.read().decode()}") from None
        except OSError:
            return None

    def own(self):
        """Make the first person's account, as its first page does, and log in."""
        person = {"name": "Kari", "username": "kari", "password": "kari-kari", "language": "en"}
        person["client_id"] = self.url
        until(lambda: self.ask("api/onboarding"), 180, "its first page")
        code = self.ask("api/onboarding/users", person)["auth_code"]
        wanted = {"grant_type": "authorization_code", "code": code, "client_id": self.url}
        self.token = self.ask("auth/token", wanted, True)["access_token"]

    def add(self, domain, *answers):
        """Add an integration by the questions that it asks a person; returns its entry."""
        flow = "api/config/config_entries/flow"
        step = until(lambda: self.ask(flow, {"handler": domain}), 120, domain)
        for answer in answers:
            assert step["type"] == "form", step
            step = self.ask(f"{flow}/{step['flow_id']}", answer)
        assert step["type"] == "create_entry", step
        return step["result"]

    def _told(self):
        try:
            return json.loads((self.folder / "states.json").read_text())
        except (OSError, ValueError):
            return {}, [], None

    def states(self):
        return self._told()[0]

    def energy(self, *sources):
        """What the Energy dashboard's check has to say of its sources; None: it has not run."""
        path = self.folder / "energy_sources.json"
        text = json.dumps(sources)
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
            (self.folder / "states.json").unlink(missing_ok=True)
        return self._told()[2]

    def complaints(self):
        """What its log and its list of repairs say of us."""
        lines = (self.folder / "out.log").read_text().splitlines()
        said = [x for x in lines if re.search("mqtt|kwhisper|sensor", x) and "dump" not in x]
        # How long its own parts take is about the machine it runs on.
        said = [x for x in said if not re.search("is taking over|took longer", x)]
        # Its own domain is about itself: the age of its Python.
        return said + [issue for issue in self._told()[1] if issue[0] != "homeassistant"]


def known(state):
    return state not in (None, "unknown", "unavailable")
