"""The account's entities: as documented, and in the real Home Assistant without a complaint."""

import json
import os
import time
from types import SimpleNamespace

import pytest
from mqtt.reading import Reading
from mqtt.rig import until
from mqtt.test_homeassistant import DEVICE_KEYS, KEYS, STATES, Hass, known

from kwhisper_tools.host import hass_install as program_of

NOW = 1_795_650_000
UNITS = {"energy": {"Wh"}, "monetary": {"NOK"}, "power": {"W"}, None: {"NOK/kWh"}}


class Ledger:
    """The registers of one hour."""

    sequence = 0
    always = False
    time = NOW

    def now(self):
        return self.time, 60

    def last(self):
        return None


@pytest.fixture
def messages(tmp_path):
    """All that the account publishes: (topic, payload, retained)."""
    from kwhisper.energy import account
    from kwhisper.formats import FACT, REGISTER, Context
    from kwhisper.storage.table import SETTINGS, rows

    settings = {row["name"]: row["default"] for row in rows(SETTINGS) if "name" in row}
    settings |= {"payload": "homeassistant", "currency": "NOK", "capacity": "no"}
    settings |= {"capacity_price": "150,206"}
    settings |= {"price_energy": "1.25", "price_export": "0.4"}
    status = SimpleNamespace(board="esp32", version="1", ip=None, seconds=0)
    status.uptime = lambda: status.seconds
    context = Context(settings, status, "house", lambda: None, 0)
    ledger = Ledger()
    counted = account.Account(settings, ledger, str(tmp_path / "energy"), None)
    # Three hours, and then a kettle of 40 kW.
    for minute in range(200):
        watts = 40_000 if minute > 190 else 7250
        list_1 = [("1-0:1.7.0", watts, 0, "W", 0), ("1-0:2.7.0", 0, 0, "W", 0)]
        counted.reading(Reading(1, None, list_1))
        ledger.time += 60
    for name in ("yesterday", "last_month", "reference"):
        counted.marks[name] = counted.marks["month"][:]
    counted.text = "Before"
    found = {}
    list(counted.connected(context))
    while counted.row is not None:
        for topic, payload, kind in counted.messages(None, context):
            found[topic.decode()] = payload.decode(), kind in (REGISTER, FACT)
        status.seconds += 10
    return found


def test_every_entity_is_as_documented(messages):
    configs = {t: json.loads(p) for t, (p, _) in messages.items() if t.endswith("/config")}
    # All of the table but the quarter, which Norway does not count, and last month's cost: what
    # its capacity cost nobody knows.
    assert len(configs) == 29
    for topic, config in configs.items():
        assert messages[topic][1], "a config is retained"
        assert set(config) <= KEYS | {"pl_on", "pl_off"}
        assert set(config["dev"]) <= DEVICE_KEYS
        assert config.get("stat_cla") in STATES
        state = config["stat_t"].replace("~", config["~"])
        assert state in messages, state
        if config.get("dev_cla") == "problem":
            assert "/binary_sensor/" in topic and messages[state][0] in ("true", "false")
            continue
        assert config["unit_of_meas"] in UNITS[config.get("dev_cla")]
        float(messages[state][0])
        # Home Assistant takes no other class of state for these.
        if config.get("dev_cla") == "monetary":
            assert "stat_cla" not in config
    assert len({c["uniq_id"] for c in configs.values()}) == len(configs)


def test_the_alarm_is_on_and_live_values_are_not_retained(messages):
    assert messages["kwhisper/energy/alarm"] == ("true", False)
    power, retained = messages["kwhisper/energy/forecast"]
    assert int(power) > 10_000 and not retained
    assert messages["kwhisper/energy/today_import"][1]
    assert not messages["kwhisper/energy/hour_cost"][1]


def test_every_message_is_as_the_schema_says(messages, root):
    """Each topic below energy is a member of the object, and of its type."""
    import jsonschema  # takes seconds: only who needs it

    whole = json.loads((root / "docs/mqtt.schema.json").read_text())
    told = 0
    for topic, (payload, _) in messages.items():
        _, below, name = topic.rpartition("kwhisper/energy/")
        if below:
            one = {"$ref": f"#/$defs/energy/properties/{name}", "$defs": whole["$defs"]}
            jsonschema.Draft202012Validator(one).validate(json.loads(payload))
            told += 1
    assert told > 35


@pytest.mark.slow
def test_the_real_home_assistant_takes_the_account(messages, mosquitto, listener, tmp_path):
    program = os.environ.get("KWHISPER_HASS") or program_of.program()
    if not os.path.exists(program):
        pytest.skip("no Home Assistant: python -m kwhisper_tools.host.hass_install fetches it")
    broker = mosquitto()
    heard = listener(broker.port)
    configs = {t: p for t, (p, _) in messages.items() if t.endswith("/config")}
    heard.say("kwhisper/status", "online", True)
    for topic, payload in configs.items():
        heard.say(topic, payload, True)
    (tmp_path / "hass").mkdir()
    hass = Hass(program, tmp_path / "hass", broker.port)
    hass.start()
    try:
        wanted = {json.loads(payload)["default_entity_id"] for payload in configs.values()}
        until(lambda: hass.states(), 120, "a start")
        for _ in range(30):
            if wanted <= set(hass.states()):
                break
            time.sleep(1)
        assert wanted <= set(hass.states()), (wanted - set(hass.states()), hass.complaints())
        for _ in range(30):
            # As the device does every ten seconds.
            for topic, (payload, retained) in messages.items():
                if topic not in configs:
                    heard.say(topic, payload, retained)
            states = hass.states()
            if states and all(known(states.get(entity)) for entity in wanted):
                break
            time.sleep(1)
        assert not [e for e in wanted if not known(states.get(e))], (states, hass.complaints())
        assert hass.states()["binary_sensor.kwhisper_energy_alarm"] == "on"
        cost = messages["kwhisper/energy/today_cost"][0]
        assert float(hass.states()["sensor.kwhisper_energy_today_cost"]) == float(cost)
        assert not hass.complaints()
        hass.stop()
    finally:
        hass.process.kill()
