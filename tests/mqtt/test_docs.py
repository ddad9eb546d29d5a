"""docs/mqtt.md and docs/consumers.md are true."""

import json
import os
import re
import subprocess
import tomllib

import pytest
from mqtt.rig import free_port, until

from kwhisper_tools import paths
from meterwire import obis


@pytest.fixture
def text(root):
    return (root / "docs/mqtt.md").read_text()


@pytest.fixture
def recipes(root):
    return (root / "docs/consumers.md").read_text()


def test_every_value_stands_in_the_table_with_its_unit(text):
    told = dict(re.findall(r"^\| `(\w+)` \| (\w*) \| [\d.]+ \|", text, re.M))
    attributes = {"clock", "meter_id", "equipment_id", "meter_type", "list_id", "device_name"}
    for _, (name, _, unit, _, _) in obis.rows():
        if name not in attributes:
            assert told.pop(name, unit or "") == (unit or ""), name
    assert not told, "no such values"


def test_retained_are_the_registers(text):
    for name, code, yes in re.findall(r"^\| `(\w+)` \| \w* \| ([\d.]+) \| (\w*) \|", text, re.M):
        c, d, e = (int(x) for x in code.split("."))
        assert obis.is_total(c << 16 | d << 8 | e) is (yes == "yes"), name


def test_examples_are_as_the_schema_says(text, root):
    import jsonschema

    whole = json.loads((root / "docs/mqtt.schema.json").read_text())
    examples = [json.loads(x) for x in re.findall(r"```json\n(.*?)```", text, re.S)]
    assert len(examples) == 2
    for which, example in zip(("json", "totals"), examples, strict=True):
        one = {"$ref": f"#/$defs/{which}", "$defs": whole["$defs"]}
        jsonschema.Draft202012Validator(one).validate(example)


def test_every_command_and_state_stands_in_the_docs(text, root):
    source = (root / "firmware/kwhisper/commands.py").read_text()
    for command in re.findall(r'^    b"(\w+)": Commands', source, re.M):
        assert f"| `{command}` |" in text
    fields = (root / "firmware/kwhisper/fields.py").read_text()
    choices = re.search(r"payload\|many\|[^|]*\|(.*?)\|Payload format", fields, re.S)[1]
    for choice in re.findall(r"(?:^|;|\\\n)(\w+):", choices):
        assert f"| `{choice}` |" in text


def test_telegrafs_configuration_is_toml(recipes):
    parsed = tomllib.loads(re.search(r"```toml\n(.*?)```", recipes, re.S)[1])
    topics = [x["topics"][0] for x in parsed["inputs"]["mqtt_consumer"]]
    assert topics == ["kwhisper/json", "kwhisper/totals"]


def test_node_reds_flow_in_node_red(recipes, mosquitto, device, listener, tmp_path):
    """npm install --prefix build/node-red node-red@4.1.15; or another by KWHISPER_NODE_RED."""
    flows = json.loads(re.search(r"## Node-RED.*?```json\n(.*?)```", recipes, re.S)[1])
    ids = {node["id"] for node in flows}
    assert all(w in ids for node in flows for wire in node.get("wires", []) for w in wire)
    here = paths.BUILD / "node-red" / "node_modules" / ".bin" / "node-red"
    program = os.environ.get("KWHISPER_NODE_RED") or here
    if not os.path.exists(program):
        pytest.skip("no Node-RED: npm install --prefix build/node-red node-red@4.1.15")
    broker = mosquitto()
    flows[1].update(broker="127.0.0.1", port=str(broker.port))
    (tmp_path / "flows.json").write_text(json.dumps(flows))
    heard = listener(broker.port)
    node_red = subprocess.Popen(
        [program, "-u", str(tmp_path), "-p", str(free_port()), str(tmp_path / "flows.json")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: "node-red-kwhisper" in broker.log.read_text(), 60, "Node-RED")
        plan = {"every_ms": 100, "hourly": 5, "ledger": str(tmp_path / "ledger")}
        device(broker.port, {"payload": "json"}, **plan)
        assert 1000 < int(heard.wait("home/power")[0]) < 1500
        hours = [json.loads(x) for x in heard.wait("home/hour", 3)]
        assert [h["kwh"] for h in hours[:3]] == [0.65, 0.65, 0.65]
        again = next(p for t, p, _ in heard.messages if t == "kwhisper/totals")
        before = len(heard.of("home/hour"))
        heard.say("kwhisper/totals", again)
        heard.wait("home/hour", before + 1)
        assert all(json.loads(x)["kwh"] == 0.65 for x in heard.of("home/hour"))
    finally:
        node_red.terminate()
        node_red.wait(20)


def test_the_access_list_is_enough(text, mosquitto, device, listener, tmp_path):
    """Pasted into the real broker: every format, commands; a line that lacks is missed."""
    rights = re.search(r"```\n(user kwhisper\n.*?)```", text, re.S)[1]
    passwords = tmp_path / "passwords"
    for create, user in (("-c", "kwhisper"), ("", "home")):
        command = ["mosquitto_passwd", *create.split(), "-b", passwords, user, user]
        subprocess.run(command, check=True)

    def denied(rights):
        access = tmp_path / "access"
        access.write_text(rights + "user home\ntopic readwrite #\n")
        lines = ("allow_anonymous false", f"password_file {passwords}", f"acl_file {access}")
        broker = mosquitto(*lines)
        heard = listener(broker.port, user="home", password="home")
        settings = {
            "payload": "homeassistant,domoticz,mysensors,json,ams",
            "domoticz_idx": "voltage_l1=1",
            "mqtt_user": "kwhisper",
            "mqtt_password": "kwhisper",
        }
        d = device(broker.port, settings, second=250)
        until(lambda: d.last.get("second", 0) > 0, 20, "two seconds")
        heard.say("kwhisper/cmd/log", "info")
        heard.say("homeassistant/status", "online")
        until(lambda: d.last["second"] > 3, 20, "three more")
        d.kill()
        log = broker.log.read_text()
        asked = set(re.findall(r"Denied PUBLISH from \S+ \(.*'(\S+)'", log))
        answered = bool(heard.of("kwhisper/cmd/result"))
        configs = [t for t, _, _ in heard.messages if t.endswith("/active_power_import/config")]
        return asked, answered, len(configs)

    asked, answered, configs = denied(rights)
    assert not asked and answered and configs == 2
    asked, answered, configs = denied(rights.replace("topic write domoticz/in\n", ""))
    assert asked == {"domoticz/in"} and answered
    asked, answered, configs = denied(re.sub("topic read .*\n", "", rights))
    assert not asked and not answered and configs == 1
