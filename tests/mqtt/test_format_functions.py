"""What holds for all payload formats, as what they are: functions from a Reading to messages."""

import json
import re
from types import SimpleNamespace

import pytest
from mqtt.given import CLOCK, ESTIMATED, NUMBER, UNSURE
from mqtt.reading import Reading, hourly, live

from kwhisper_tools import paths

# All that publish values: a new choice is asked all this, too. raw and rawbytes hand on bytes.
ROWS = json.loads((paths.FIRMWARE / "kwhisper/storage/setting_table.json").read_text("utf-8"))
(CHOICES,) = [row["choices"] for row in ROWS if row.get("name") == "payload"]
FORMATS = [name for name, _ in CHOICES if name not in ("homeassistant", "raw", "rawbytes")]

DOUBT = [
    ("1-0:31.7.0", 43, -1, "A", UNSURE),
    ("1-0:51.7.0", 44, -1, "A", UNSURE | ESTIMATED),
    ("1-0:32.7.0", 2300, -1, "V", 0),
]


# which formats there are


def test_they_come_in_the_order_of_the_settings(load):
    found = [m.__name__.rpartition(".")[2] for m in load("json,raw,topics")]
    assert found == ["json_object", "raw_hex", "topics"]


@pytest.mark.parametrize(
    "payload", ["homeassistant", "topics,homeassistant", "json,homeassistant"]
)
def test_home_assistant_reads_the_topics(load, payload):
    assert [m.__name__.rpartition(".")[2] for m in load(payload)].count("topics") == 1


def test_a_format_that_is_none_is_passed_over_and_told(load):
    notes = []
    device = SimpleNamespace(note=lambda *words: notes.append(words), settings=SimpleNamespace())
    found = load("xml,json", device)
    assert [m.__name__.rpartition(".")[2] for m in found] == ["json_object"]
    assert notes == [("error", device.settings.problem)] and "xml" in device.settings.problem


# what holds for all of them


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_changes_nothing_but_its_context(said, context, name):
    """The same Reading gives the same messages, whatever was said before."""
    chosen = context(domoticz_idx="p1=1,voltage_l1=2")
    said(name, "messages", chosen, hourly(1, CLOCK))  # a session's first words
    first = said(name, "messages", chosen, hourly(1, CLOCK))
    said(name, "messages", chosen, live(7))
    assert said(name, "messages", chosen, hourly(1, CLOCK)) == first != []


@pytest.mark.parametrize("name", [*FORMATS, "raw"])
def test_topics_hold_nothing_that_a_topic_may_not(said, context, name):
    chosen = context(domoticz_idx="p1=1,voltage_l1=2", publish_meter_id=True)
    chosen.frame = b"\x7e\xa0"
    messages = said(name, "messages", chosen, hourly(1, CLOCK))
    assert messages
    for topic, payload, kind in messages:
        assert topic and not set(topic) & set("+# \0") and payload and 0 <= kind <= 4, topic


@pytest.mark.parametrize("name", FORMATS)
def test_the_meters_number_is_in_no_message_unless_allowed(said, context, name):
    r = hourly(1, CLOCK)
    r.meter_type = "6525 " + NUMBER
    chosen = context(domoticz_idx="p1=1,meter_id=2,equipment_id=3")
    assert NUMBER not in repr(said(name, "messages", chosen, r))
    for code in ("0-0:96.1.1", "0-0:96.1.2", "0-1:96.1.0", "0-0:42.0.0"):
        r = Reading(1, None, [(code, NUMBER, 0, "", 0), ("1-0:1.7.0", 5, 0, "W", 0)])
        assert NUMBER not in repr(said(name, "messages", chosen, r)), code


@pytest.mark.parametrize("name", FORMATS)
def test_a_list_of_nothing_is_no_fault(said, context, name):
    r = Reading(1, None, [], meter_id=None)
    r.list_id = r.meter_type = None
    values = [t for t, _, _ in said(name, "messages", context(), r)]
    assert values == {"json": ["kwhisper/json"], "ams": ["kwhisper"]}.get(name, [])


# values whose scale is in doubt


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "json"])
def test_a_value_in_doubt_is_in_no_message(said, context, name):
    """json alone publishes it, its flag beside."""
    chosen = context(domoticz_idx="current_l1=1,current_l2=2,voltage_l1=3")
    told = [text for _, text, _ in said(name, "messages", chosen, Reading(2, None, DOUBT))]
    assert any(re.search(r"\b230(\.0)?\b", text) for text in told), "230.0 V are not in doubt"
    assert not [text for text in told if re.search(r"\b4\.?[34]\b", text)]


def test_a_value_in_doubt_has_no_topic_but_its_quality(said, context, kinds):
    messages = said("topics", "messages", context(), Reading(2, None, DOUBT))
    found = {topic.removeprefix("kwhisper/"): payload for topic, payload, _ in messages}
    assert "current_l1" not in found and "current_l2" not in found
    assert found["voltage_l1"] == "230.0"
    assert found["quality/current_l1"] == "unsure"
    assert found["quality/current_l2"] == "unsure estimated"
    assert "quality/voltage_l1" not in found


def test_a_value_in_doubt_stands_in_json_with_its_flag(said, context):
    ((_, text, _),) = said("json", "messages", context(), Reading(2, None, DOUBT))
    found = json.loads(text)
    assert found["values"] == {"current_l1": 4.3, "current_l2": 4.4, "voltage_l1": 230.0}
    assert found["flags"] == {"current_l1": ["unsure"], "current_l2": ["unsure", "estimated"]}


def test_a_value_in_doubt_has_no_entity_in_home_assistant(load):
    homeassistant = load("homeassistant")[-1]
    known = dict(homeassistant.entities(Reading(2, None, DOUBT), {}))
    assert list(known) == [0x200700 << 4], "the voltage alone"


def test_a_value_in_doubt_is_nothing_to_domoticz(said, context):
    chosen = context(domoticz_idx="current_l1=1,current=2,voltage_l1=3")
    messages = said("domoticz", "messages", chosen, Reading(2, None, DOUBT))
    assert [json.loads(text)["idx"] for _, text, _ in messages] == [3]
    chosen = context(domoticz_idx="p1=4,kwh=5")
    chosen.memory["active_energy_import"] = 1
    power = Reading(1, None, [("1-0:1.7.0", 1500, 0, "W", UNSURE)])
    assert not said("domoticz", "messages", chosen, power)
    total = Reading(3, None, [("1-0:1.8.0", 77, 0, "Wh", UNSURE)])
    assert not said("domoticz", "messages", chosen, total)
    assert chosen.memory == {"active_energy_import": 1}


# lists that nothing vouches for


def unchecked(flags=16):
    r = Reading(1, None, [("1-0:1.7.0", 1500, 0, "W", 0)])
    r.flags = flags
    return r


@pytest.mark.parametrize("name", ["topics", "ams"])
def test_a_list_without_a_check_says_so_on_a_topic(said, context, kinds, name):
    chosen = context()
    for flags, quality in ((0, []), (16, ["unchecked"]), (0, ["good"])):
        messages = said(name, "messages", chosen, unchecked(flags))
        found = [(p, kind) for t, p, kind in messages if t == "kwhisper/quality/list"]
        assert found == [(text, kinds.mark) for text in quality]


def test_a_list_without_a_check_says_so_in_json(said, context):
    ((_, text, _),) = said("json", "messages", context(), unchecked())
    assert json.loads(text)["list_flags"] == ["unchecked"]


def test_a_list_without_a_check_is_an_alert_to_domoticz(said, context, kinds):
    chosen = context(domoticz_idx="active_power_import=1,quality=7")
    told = []
    for flags in (0, 16):
        for _, text, kind in said("domoticz", "messages", chosen, unchecked(flags)):
            if json.loads(text)["idx"] == 7:
                told.append((json.loads(text), kind))
    assert told == [
        ({"idx": 7, "nvalue": 1, "svalue": "good"}, kinds.mark),
        ({"idx": 7, "nvalue": 3, "svalue": "unchecked"}, kinds.mark),
    ]


def test_a_list_without_a_check_is_a_text_to_mysensors(said, context, kinds):
    chosen = context()
    own = "mygateway1-out/1/21/"
    assert not [t for t, _, _ in said("mysensors", "messages", chosen, unchecked(0)) if own in t]
    messages = said("mysensors", "messages", chosen, unchecked())
    assert [m for m in messages if own in m[0]] == [
        (own + "0/0/36", "Lists", kinds.document),
        (own + "1/0/47", "unchecked", kinds.mark),
    ]
    messages = said("mysensors", "messages", chosen, unchecked(0))
    assert [m for m in messages if own in m[0]] == [(own + "1/0/47", "good", kinds.mark)]


def test_a_list_without_a_check_is_a_problem_to_home_assistant(load, context):
    homeassistant = load("homeassistant")[-1]
    assert homeassistant.QUALITY not in dict(homeassistant.entities(unchecked(0), {}))
    known = dict(homeassistant.entities(unchecked(), {}))
    assert homeassistant.QUALITY in known and -len(homeassistant.DEVICE) > homeassistant.QUALITY
    assert not dict(homeassistant.entities(unchecked(), known)), "once"
    topic, payload = homeassistant.config(homeassistant.QUALITY, known, context())
    entity = json.loads(payload)
    assert topic.startswith(b"homeassistant/binary_sensor/")
    assert entity["dev_cla"] == "problem" and entity["stat_t"] == "~/quality/list"
    assert entity["exp_aft"] == 0, "it is said when it differs, and stands until then"
