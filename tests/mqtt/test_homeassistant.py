"""Home Assistant: discovery against its documented schema, and with the real program if there.

The real one is 2026.2, by `python -m kwhisper_tools.host.homeassistant`; or another by
KWHISPER_HASS, such as V/bin/hass after
V/bin/pip install homeassistant==2024.3.3 paho-mqtt==1.6.1, and what its log misses:
home-assistant-frontend, sqlalchemy … as its package_constraints.txt pins them (3.11).
"""

import json
import os
import re
import subprocess
from datetime import UTC, datetime

import pytest
from mqtt.rig import free_port, until

from kwhisper_tools import paths
from kwhisper_tools.host import homeassistant
from kwhisper_tools.meters import make

# From Home Assistant's documentation: MQTT sensor, MQTT discovery (abbreviations), sensor classes.
KEYS = {
    "name", "stat_t", "unit_of_meas", "dev_cla", "stat_cla", "exp_aft", "uniq_id", "obj_id",
    "default_entity_id", "~", "avty_t", "dev", "val_tpl", "ent_cat", "en",
}  # fmt: skip
DEVICE_KEYS = {"ids", "name", "mf", "mdl", "sw", "cu"}
UNITS = {
    "power": {"W", "kW"},
    "energy": {"Wh", "kWh", "MWh"},
    "voltage": {"V", "mV"},
    "current": {"A", "mA"},
    "reactive_power": {"var"},
    "apparent_power": {"VA"},
    "power_factor": {None, "%"},
    "frequency": {"Hz"},
    "gas": {"m³"},
    "water": {"m³"},
    "signal_strength": {"dBm", "dB"},
    "duration": {"s", "min", "h", "d"},
    "data_size": {"B", "kB"},
}
STATES = {"measurement", "total", "total_increasing", None}
TOTALS = {"energy", "gas", "water", None}
HOUR = {"every_ms": 100, "hourly": 5}


@pytest.fixture
def announced(mosquitto, device, listener, tmp_path):
    """announced(**settings): a listener that has heard the configs of a three-phase meter."""

    def start(**settings):
        broker = mosquitto()
        heard = listener(broker.port)
        settings["payload"] = "homeassistant"
        heard.ledger = str(tmp_path / "ledger")
        heard.device = device(broker.port, settings, ledger=heard.ledger, second=250, **HOUR)
        heard.broker = broker
        until(lambda: len(configs(heard)) >= 21, 30, "21 configs")
        return heard

    return start


def configs(heard):
    found = {}
    for topic, payload, _ in list(heard.messages):
        match = re.fullmatch(r"homeassistant/sensor/([\w-]+)/([\w-]+)/config", topic)
        if match:
            found[match[2]] = json.loads(payload)
    return found


def test_every_config_is_as_documented(announced):
    found = configs(announced())
    assert {"active_power_import", "active_energy_export", "voltage_l3", "rssi"} <= set(found)
    assert len({c["uniq_id"] for c in found.values()}) == len(found)
    for name, c in found.items():
        assert set(c) <= KEYS and set(c["dev"]) <= DEVICE_KEYS, name
        assert c["default_entity_id"] == "sensor." + c["obj_id"]
        assert re.fullmatch("[a-z0-9_]+", c["obj_id"])
        device_class = c.get("dev_cla")
        assert device_class is None or c.get("unit_of_meas") in UNITS[device_class], name
        assert c.get("stat_cla") in STATES
        if c.get("stat_cla") == "total_increasing":
            assert device_class in TOTALS
        assert c["avty_t"] == "~/status" and c["exp_aft"] > 10
    energy = found["active_energy_import"]
    assert energy["dev_cla"] == "energy" and energy["stat_cla"] == "total_increasing"
    assert energy["exp_aft"] > 3600 > found["active_power_import"]["exp_aft"]


@pytest.mark.parametrize(
    ("name", "minute", "expected"),
    [
        # every quarter the breaker and the registers, the rest every 5 s
        ("iskra-si", 59, {"breaker": [7800], "active_energy_import": [7800], "voltage_l1": [60]}),
        # at the hour all of it, power every 2.5 s, voltages every 10 s: known after the next list
        ("aidon", 0, {"active_energy_import": [7800], "active_power_import": [7800, 60]}),
    ],
)
def test_what_comes_once_an_hour_does_not_expire_before_the_next(
    name, minute, expected, micropython, on_micropython, root
):
    hour = 9 if minute else 10
    meter = make(name, seed=1, start=datetime(2026, 1, 20, hour, minute, 2, tzinfo=UTC))
    bursts = [meter.next() for _ in range(40)]
    first = next(i for i, b in enumerate(bursts) if "1-0:1.8.0" in b.truth["values"])
    bursts = bursts[first:]
    script = f"""
from binascii import unhexlify
from meterwire import Decoder
from parts import Device
def published(topic, payload, retain=False, qos=0, patient=False):
    if bytes(topic).endswith(b"/config"):
        print(bytes(payload).decode())
    return True
settings = {{"mqtt_host": "10.0.0.1", "payload": "homeassistant"}}
device = Device(settings, Decoder(1536), publish=published)
for line in {[b.data.hex() for b in bursts]!r}:
    device.feed(unhexlify(line))
    for _ in range(20):
        device.publisher.tick()
"""
    path = [str(root / "tests/mqtt"), *paths.library_path()]
    lines = on_micropython([micropython], script, path).splitlines()
    expires = {}
    for line in lines:
        config = json.loads(line)
        expires.setdefault(config["obj_id"], []).append(config["exp_aft"])
    for value, times in expected.items():
        assert expires["kwhisper_" + value] == times, value


def test_configs_are_retained_and_their_topics_spoken_on(announced, listener):
    heard = announced()
    late = listener(heard.broker.port)
    until(lambda: len(configs(late)) == len(configs(heard)), 10, "every config retained")
    for name, c in configs(heard).items():
        assert heard.of(c["stat_t"].replace("~", c["~"])), name


def test_again_when_home_assistant_starts_and_on_command(announced):
    heard = announced()
    topic = "homeassistant/sensor/kwhisper/active_power_import/config"
    before = len(heard.of(topic))
    heard.say("homeassistant/status", "online")
    heard.wait(topic, before + 1)
    heard.say("kwhisper/cmd/discovery")
    heard.wait(topic, before + 2)
    heard.say("homeassistant/status", "offline")
    assert len(heard.of(topic)) == before + 2


def test_states_are_said_again_after_discovery(announced):
    """With only changed values, one that never changes must still reach Home Assistant."""
    heard = announced(publish_changed=True)
    steady = "kwhisper/voltage_l2"
    heard.wait(steady)
    configured = [t for t, _, _ in heard.messages].index(
        "homeassistant/sensor/kwhisper/voltage_l2/config"
    )
    until(lambda: steady in [t for t, _, _ in heard.messages[configured:]], 20, "said again")


def test_energy_is_there_before_the_next_hour(announced, device, listener, mosquitto):
    """After a power cut, at a broker that forgot all: entities and totals from the ledger."""
    heard = announced()
    heard.device.kill()
    fresh = mosquitto()
    again = listener(fresh.port)
    settings = {"payload": "homeassistant"}
    device(fresh.port, settings, every_ms=60000, second=250, ledger=heard.ledger)
    again.wait("kwhisper/active_energy_import")
    again.wait("homeassistant/sensor/kwhisper/active_energy_import/config")


DUMP = """
import json
import os
from datetime import timedelta
from homeassistant.helpers import issue_registry
from homeassistant.helpers.event import async_track_time_interval

async def async_setup(hass, config):
    def write(text):
        path = hass.config.path("states.json")
        with open(path + ".new", "w") as f:
            f.write(text)
        os.replace(path + ".new", path)
    async def tick(now):
        states = {s.entity_id: s.state for s in hass.states.async_all("sensor")}
        issues = [list(i) for i in issue_registry.async_get(hass).issues]
        await hass.async_add_executor_job(write, json.dumps([states, issues]))
    async_track_time_interval(hass, tick, timedelta(seconds=1))
    return True
"""


class Hass:
    """The real program, its states written to a file each second."""

    def __init__(self, program, folder, port, more=""):
        self.program = program
        self.folder = folder
        self.process = None
        own = folder / "custom_components" / "dump"
        own.mkdir(parents=True)
        (own / "__init__.py").write_text(DUMP)
        manifest = {"domain": "dump", "name": "Dump", "version": "1", "requirements": []}
        (own / "manifest.json").write_text(json.dumps(manifest))
        (folder / "configuration.yaml").write_text(
            "homeassistant: {latitude: 60, longitude: 11, elevation: 1, unit_system: metric, "
            "time_zone: Europe/Oslo, country: 'NO'}\n"
            f"\nhttp: {{server_port: {free_port()}}}\n"
            "dump:\nlogger: {default: warning}\n" + more
        )
        entry = {
            "entry_id": "0", "version": 1, "minor_version": 1, "domain": "mqtt", "title": "b",
            "data": {"broker": "127.0.0.1", "port": port, "discovery": True}, "options": {},
            "pref_disable_new_entities": False, "pref_disable_polling": False,
            "source": "user", "unique_id": None, "disabled_by": None,
        }  # fmt: skip
        stored = {"version": 1, "key": "core.config_entries", "data": {"entries": [entry]}}
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

    def _told(self):
        try:
            return json.loads((self.folder / "states.json").read_text())
        except (OSError, ValueError):
            return {}, []

    def states(self):
        return self._told()[0]

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


def test_the_real_home_assistant(announced, tmp_path, root):
    program = os.environ.get("KWHISPER_HASS") or homeassistant.program()
    if not os.path.exists(program):
        pytest.skip("no Home Assistant: python -m kwhisper_tools.host.homeassistant fetches it")
    heard = announced()
    (tmp_path / "hass").mkdir()
    recipe = (root / "docs" / "consumers.md").read_text()
    recipe = re.search(r"```yaml\n(.*?)```", recipe, re.S)[1]
    hass = Hass(program, tmp_path / "hass", heard.broker.port, recipe)
    hass.start()
    try:
        energy = "sensor.kwhisper_active_energy_import"
        until(lambda: known(hass.states().get(energy)), 120, "the energy's state")
        until(lambda: known(hass.states().get("sensor.kwhisper_voltage_l2")), 30, "a voltage")
        until(lambda: known(hass.states().get("sensor.kwhisper_uptime")), 90, "a diagnosis")
        until(lambda: known(hass.states().get("sensor.energy_this_hour")), 30, "power added up")
        until(lambda: known(hass.states().get("sensor.net_power")), 30, "net power")
        assert len(hass.states()) >= 20
        heard.device.kill()
        until(lambda: hass.states().get(energy) == "unavailable", 20, "the last will")
        assert not hass.complaints()
        hass.stop()
    finally:
        hass.process.kill()
