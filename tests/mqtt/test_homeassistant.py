"""Home Assistant: discovery against its documented schema, and with the real program if there.

The real one is 2026.2, by `python -m kwhisper_tools.host.hass_install`; or another by
KWHISPER_HASS, such as V/bin/hass after
V/bin/pip install homeassistant==2024.3.3 paho-mqtt==1.6.1, and what its log misses:
home-assistant-frontend, sqlalchemy … as its package_constraints.txt pins them (3.11).
"""

import json
import re
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from decoder import made
from hass import Hass, installed, known
from mqtt.rig import until

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
    name, minute, expected, micropython, on_micropython, library
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
    lines = on_micropython([micropython], script, library).splitlines()
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


def grid(taken, given):
    price = {"entity_energy_price": None, "number_energy_price": None}
    return {
        "type": "grid",
        "flow_from": [dict(price, stat_energy_from=e, stat_cost=None) for e in taken],
        "flow_to": [dict(price, stat_energy_to=e, stat_compensation=None) for e in given],
        "cost_adjustment_day": 0.0,
    }


def used(kind, entity):
    source = {"type": kind, "stat_energy_from": entity}
    if kind == "solar":
        return {**source, "config_entry_solar_forecast": None}
    return {
        **source, "stat_cost": None, "entity_energy_price": None, "number_energy_price": None
    }  # fmt: skip


def say(heard, host, *frames):
    """Publish configs and values of a meter's lists, as the device of that name would."""
    from kwhisper.formats import FACT, REGISTER, Context, homeassistant, topics
    from kwhisper.storage.table import SETTINGS, rows

    settings = {row["name"]: row["default"] for row in rows(SETTINGS) if "name" in row}
    settings |= {"host_name": host, "mqtt_topic": host}
    status = SimpleNamespace(board="esp32", version="1", ip=None)
    context = Context(settings, status, host, lambda: None, 0)
    known = {}
    heard.say(host + "/status", "online", True)
    for r in made.readings(b"".join(frames)):
        fresh = dict(homeassistant.entities(r, known))
        known.update(fresh)
        for which in fresh:
            topic, payload = homeassistant.config(which, known, context)
            heard.say(topic.decode(), payload, True)
        for topic, payload, kind in topics.messages(r, context):
            heard.say(bytes(topic).decode(), bytes(payload), kind in (REGISTER, FACT))


def entities(host, *names):
    return [f"sensor.{host}_{name}" for name in names]


IMPORT = "active_energy_import"
EXPORT = "active_energy_export"
HEAT = ("0-1:24.1.0(004)", "0-1:24.2.1(260120120000W)(240.860*GJ)")
SOLAR = ("0-2:24.1.0(002)", "0-2:24.2.1(260120120000W)(01234.5*kWh)")


@pytest.mark.slow
def test_the_real_home_assistant(announced, tmp_path, root):
    program = installed()
    heard = announced()
    for host, name in (("nl", "dsmr5"), ("be", "fluvius-be")):
        meter = make(name, seed=1, start=datetime(2026, 1, 20, 12, 1, tzinfo=UTC))
        say(heard, host, meter.next().data)
    say(heard, "sub", made.telegraph(*HEAT, *SOLAR))
    recipe = (root / "docs" / "consumers.md").read_text()
    recipe = re.search(r"```yaml\n(.*?)```", recipe, re.S)[1]
    hass = Hass(program, tmp_path / "hass", heard.broker.port, recipe)
    hass.start()
    try:
        energy = "sensor.kwhisper_active_energy_import"
        until(lambda: known(hass.states().get(energy)), 400, "the energy's state")
        until(lambda: known(hass.states().get("sensor.kwhisper_voltage_l2")), 30, "a voltage")
        until(lambda: known(hass.states().get("sensor.kwhisper_uptime")), 90, "a diagnosis")
        until(lambda: known(hass.states().get("sensor.energy_this_hour")), 30, "power added up")
        until(lambda: known(hass.states().get("sensor.net_power")), 30, "net power")
        assert len(hass.states()) >= 20
        # The recipes of docs/consumers.md, and what must not pass: a live value.
        both = [f"{way}_t{n}" for way in (IMPORT, EXPORT) for n in (1, 2)]
        sources = [
            grid(entities("kwhisper", IMPORT), entities("kwhisper", EXPORT)),
            grid(entities("nl", *both[:2]), entities("nl", *both[2:])),
            grid(entities("be", *both[:2]), entities("be", *both[2:])),
            *(grid(entities(host, IMPORT), entities(host, EXPORT)) for host in ("nl", "be")),
            used("gas", "sensor.nl_meter1_volume"),
            used("gas", "sensor.be_meter1_volume_uncorrected"),
            used("water", "sensor.be_meter2_volume"),
            used("gas", "sensor.sub_meter1_energy"),  # so does the dashboard take heat
            used("solar", "sensor.sub_meter2_energy"),
        ]
        wanted = set(re.findall(r"sensor\.\w+", json.dumps(sources)))
        until(lambda: all(known(hass.states().get(e)) for e in wanted), 30, "all of them")
        until(lambda: hass.energy(*sources) == [], 60, "an Energy dashboard that is content")
        assert float(hass.states()["sensor.sub_meter1_energy"]) == 240.86
        power = used("gas", "sensor.kwhisper_active_power_import")
        wrong = "entity_unexpected_device_class"
        until(lambda: wrong in str(hass.energy(power)), 30, "a complaint about power")
        heard.device.kill()
        until(lambda: hass.states().get(energy) == "unavailable", 20, "the last will")
        assert not hass.complaints()
        hass.stop()
    finally:
        hass.process.kill()
