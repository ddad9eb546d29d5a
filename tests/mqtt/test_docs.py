"""docs/mqtt.md and docs/consumers.md are true."""

import json
import os
import re
import subprocess
import tomllib
from concurrent.futures import ThreadPoolExecutor

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


def values(text):
    """{name: (unit, code, "yes" if it is retained)} of the table of values."""
    rows = re.findall(r"^\| `(\w+)` \| (\w*) \| ([\d.]+) \| (\w*) \|", text, re.M)
    assert len(rows) > 60, "the table of values is not found"
    return {name: (unit, code, retained) for name, unit, code, retained in rows}


def test_every_value_stands_in_the_table_with_its_unit(text):
    published = {name: unit for name, (unit, _, _) in values(text).items()}
    attributes = {"clock", "meter_id", "equipment_id", "meter_type", "list_id", "device_name"}
    # A phase's tariffs stand there as a range.
    named = {name: unit or "" for _, name, unit in obis.rows()
             if name not in attributes and not re.search(r"_l\d_t\d$", name)}  # fmt: skip
    lacks = set(named) - set(published)
    assert not lacks, f"docs/mqtt.md lacks a row: {lacks}"
    assert not set(published) - set(named), "no such values"
    assert published == named
    assert "`active_energy_import_l1_t1` … `active_energy_export_l3_t4`" in text


def test_every_value_has_its_code(text):
    for name, (_, code, _) in values(text).items():
        c, d, e = (int(x) for x in code.split("."))
        assert obis.name(c << 16 | d << 8 | e) == name


def test_retained_are_the_registers(text):
    for name, (_, code, retained) in values(text).items():
        c, d, e = (int(x) for x in code.split("."))
        assert obis.is_total(c << 16 | d << 8 | e) is (retained == "yes"), name


def test_every_value_is_called_as_on_the_page(text):
    from kwhisper.formats.labels import label

    for name, said in re.findall(r"^\| `(\w+)` \| \w* \| [\d.]+ \| \w* \| (.+) \|$", text, re.M):
        assert label(name) == said


def test_every_kind_of_sub_meter_stands_in_the_table_with_its_device_types(text):
    told = {}
    for words, numbers in re.findall(r"^\| (\w+) \(([\d, ]+)\) \||^\| gas \(device", text, re.M):
        told.update({int(n): words for n in numbers.split(",") if n})
    told[3] = "gas"
    assert "| gas (device type 3," in text
    assert told == {n: obis.medium(n) for n in range(256) if obis.medium(n)}


def test_examples_are_as_the_schema_says(text, root):
    import jsonschema

    whole = json.loads((root / "docs/mqtt.schema.json").read_text())
    examples = [json.loads(x) for x in re.findall(r"```json\n(.*?)```", text, re.S)]
    assert len(examples) == 2
    for which, example in zip(("json", "totals"), examples, strict=True):
        one = {"$ref": f"#/$defs/{which}", "$defs": whole["$defs"]}
        jsonschema.Draft202012Validator(one).validate(example)


def test_every_command_and_format_stands_in_the_docs(text):
    from kwhisper.formats import load
    from kwhisper.mqtt.commands import _COMMANDS
    from kwhisper.storage.table import SETTINGS, rows

    assert len(_COMMANDS) >= 5
    for command in _COMMANDS:
        assert f"| `{command}` |" in text
    (payload,) = [row for row in rows(SETTINGS) if row.get("name") == "payload"]
    formats = [choice[0] for choice in payload["choices"]]
    assert len(formats) >= 8 and len(load(",".join(formats))) == len(formats)
    for name in formats:
        assert f"| `{name}` |" in text


def test_the_labels_of_settings_that_the_docs_name_are_there(text):
    """A label in *italics* is where a person looks on the page."""
    from kwhisper.storage.table import SETTINGS, rows

    labels = {row["label"] for row in rows(SETTINGS) if "label" in row}
    named = {" ".join(x.split()) for x in re.findall(r"[^*]\*([A-Z][^*]+?)\*[^*]", text)}
    assert len(named) >= 5
    assert named <= labels, named - labels


def test_every_word_of_doubt_is_explained(text):
    from meterwire.reading import flag_names

    words = flag_names(0x3F)
    assert len(words) >= 5
    for word in words:
        assert f"| `{word}` |" in text


def test_what_ends_a_session_is_what_the_table_says(text, root):
    """The page's and log's words of each trouble are those of the table of faults."""
    table = re.search(r"what its page and log say \|\n\|[-|]+\|\n(.*?)\n\n", text, re.S)[1]
    rows = [line.split(" | ")[-1].rstrip(" |") for line in table.splitlines()]
    assert len(rows) >= 9
    faults = json.loads((root / "firmware/kwhisper/mqtt/faults.json").read_text())
    assert len(faults) >= 20
    texts = "\n".join(row["text"].replace("%s", "…") for row in faults)
    for row in rows:
        for words in row.split(" · "):
            assert words.strip().removesuffix(" …") in texts, words


def test_every_fault_that_is_raised_has_its_words(root):
    rooms = root / "firmware/kwhisper/mqtt"
    rows = {row["fault"]: row for row in json.loads((rooms / "faults.json").read_text())}
    sources = [(rooms / name).read_text() for name in ("client.py", "connect.py", "tls.py")]
    source = "".join(sources)
    raised = set(re.findall(r'Ended\(\s*"([\w ]+)"', source))
    assert len(raised) >= 10
    assert raised <= set(rows), raised - set(rows)
    assert set(range(1, 6)) <= set(rows)
    unused = [name for name in rows if isinstance(name, str) and f'"{name}"' not in source]
    assert not unused


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
        access = tmp_path / f"access{cases.index(rights)}"
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

        def configs():
            found = [t for t, _, _ in list(heard.messages)]
            return len([t for t in found if t.endswith("/active_power_import/config")])

        if "topic read" in rights:
            until(lambda: configs() == 2 and heard.of("kwhisper/cmd/result"), what="what is asked")
        now = d.last["second"]
        until(lambda: d.last["second"] > now + 3, what="what is not allowed")
        d.kill()
        log = broker.log.read_text()
        asked = set(re.findall(r"Denied PUBLISH from \S+ \(.*'(\S+)'", log))
        answered = bool(heard.of("kwhisper/cmd/result"))
        return asked, answered, configs()

    assert rights.count("topic ") >= 6
    cases = [
        rights,
        rights.replace("topic write domoticz/in\n", ""),
        re.sub("topic read .*\n", "", rights),
    ]
    with ThreadPoolExecutor() as side_by_side:
        whole, unwritten, unread = side_by_side.map(denied, cases)
    asked, answered, configs = whole
    assert not asked and answered and configs == 2
    asked, answered, configs = unwritten
    assert asked == {"domoticz/in"} and answered
    asked, answered, configs = unread
    assert not asked and not answered and configs == 1
