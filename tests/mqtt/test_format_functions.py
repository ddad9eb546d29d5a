"""The payload formats as what they are: functions from a Reading to messages."""

import json
import random
import re
from types import SimpleNamespace

import pytest
from decoder import made
from mqtt.reading import Reading, hourly, live

from kwhisper_tools import paths
from meterwire import obis

CLOCK = (2026, 11, 20, 10, 0, 10, 60)
NUMBER = "7359992890941742"
UNSURE = 1
ESTIMATED = 4


@pytest.fixture
def load():
    """load(payload): the modules of its formats."""
    from kwhisper.formats import load

    return load


@pytest.fixture
def context():
    """context(**settings): a Context with the table's defaults and a status that stands still."""
    from kwhisper.formats import Context
    from kwhisper.storage.table import SETTINGS, rows

    status = SimpleNamespace(
        uptime=lambda: 86400,
        frame_age=lambda: 2,
        mem_free=lambda: 40000,
        rssi=-61,
        ip="192.168.1.7",
        board="esp32",
        version="2.0",
        dropped=0,
    )

    def make(page=3072, **settings):
        values = {row["name"]: row["default"] for row in rows(SETTINGS) if "name" in row}
        assert not set(settings) - set(values)
        return Context({**values, **settings}, status, "kwhisper-1", lambda: None, page)

    return make


@pytest.fixture
def said(load):
    """said(format, what, context, *given): its messages as (topic, payload, kind), texts."""

    def run(name, what, context, *given):
        module = load(name)[-1]
        return [
            (bytes(topic).decode(), bytes(payload).decode(), kind)
            for topic, payload, kind in getattr(module, what)(*given, context)
        ]

    return run


@pytest.fixture
def kinds():
    from kwhisper.formats import DOCUMENT, FACT, MARK, REGISTER, VALUE

    return SimpleNamespace(document=DOCUMENT, value=VALUE, register=REGISTER, fact=FACT, mark=MARK)


def entry(code, value, exponent=0, unit="", flags=0):
    return Reading(2, CLOCK, [(code, value, exponent, unit, flags)])


def registers(**totals):
    return SimpleNamespace(named=lambda: totals.items())


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


def test_every_format_of_the_settings_is_a_module(load):
    from kwhisper.storage.table import SETTINGS, rows

    (row,) = [row for row in rows(SETTINGS) if row.get("name") == "payload"]
    names = [choice[0] for choice in row["choices"]]
    assert len(names) >= 8
    verbs = {"messages", "registers", "connected", "device", "unknown", "config"}
    for name in names:
        assert verbs & set(dir(load(name)[-1])), name


def test_they_come_in_the_order_of_the_settings(load):
    found = [m.__name__.rpartition(".")[2] for m in load("json,raw,topics")]
    assert found == ["json_object", "raw_hex", "topics"]


@pytest.mark.parametrize(
    "payload", ["homeassistant", "topics,homeassistant", "json,homeassistant"]
)
def test_home_assistant_reads_the_topics(load, payload):
    assert [m.__name__.rpartition(".")[2] for m in load(payload)].count("topics") == 1


def test_a_format_that_is_none_is_passed_over(load):
    assert [m.__name__.rpartition(".")[2] for m in load("xml,json")] == ["json_object"]


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


def test_a_value_in_doubt_is_nothing_to_mysensors(said, context):
    messages = said("mysensors", "messages", context(), Reading(2, None, DOUBT))
    assert [(t, p) for t, p, _ in messages if "/1/0/" in t] == [
        ("mygateway1-out/1/11/1/0/38", "230.0")
    ]


def test_a_value_in_doubt_is_nothing_to_amsreader(said, context):
    messages = said("ams", "messages", context(), Reading(2, None, DOUBT))
    assert not [topic for topic, _, _ in messages if "current" in topic]
    data = json.loads(messages[-1][1])["data"]
    assert data["U1"] == 230.0 and "I1" not in data and "I2" not in data


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


# topics


def test_topics_give_each_value_its_name_and_kind(said, context, kinds):
    messages = said("topics", "messages", context(), hourly(1, CLOCK))
    found = {topic.removeprefix("kwhisper/"): (payload, kind) for topic, payload, kind in messages}
    assert found["active_power_import"] == ("1001", kinds.value)
    assert found["current_l2"] == ("-1.2", kinds.value)
    assert found["active_energy_import"] == ("12345130", kinds.register)
    assert found["obis/1-1:99.98.97"] == ("7", kinds.value)
    assert found["quality/current_l2"] == ("derived", kinds.mark)
    assert found["time"] == ("2026-11-20T10:00:10+01:00", kinds.document)
    assert found["list_id"] == ("AIDON_V0001", kinds.fact)
    assert found["meter_type"] == ("6525", kinds.fact)
    assert "meter_id" not in found and "skipped" not in found
    allowed = said("topics", "messages", context(publish_meter_id=True), live(1))
    assert ("kwhisper/meter_id", NUMBER, kinds.fact) in allowed


def test_a_value_that_is_right_again_is_good(said, context, kinds):
    chosen = context()
    for flags, quality in ((0, []), (ESTIMATED, ["estimated"]), (0, ["good"])):
        messages = said("topics", "messages", chosen, entry("1-0:1.7.0", 5, 0, "W", flags))
        assert [p for t, p, _ in messages if "quality" in t] == quality
        assert ("kwhisper/active_power_import", "5", kinds.value) in messages


def test_what_a_sub_meter_says_is_named_after_it(said, context, kinds):
    messages = said("topics", "messages", context(), entry("0-2:24.2.1", 12345, -3, "m3"))
    assert ("kwhisper/meter2_volume", "12.345", kinds.register) in messages


def test_a_text_is_published_as_it_is(said, context):
    messages = said("topics", "messages", context(), entry("0-0:96.13.0", "Strøm på tirsdag"))
    assert messages[0][:2] == ("kwhisper/message", "Strøm på tirsdag")


def test_topics_say_how_many_lists_were_not_published(said, context, kinds):
    chosen = context()
    chosen.skipped = 7
    messages = said("topics", "messages", chosen, live(1))
    assert ("kwhisper/skipped", "7", kinds.document) in messages


def test_the_ledgers_totals_are_registers(said, context, kinds):
    record = registers(active_energy_import=(1234, 1), reactive_energy_export=(50, -1))
    assert said("topics", "registers", context(), record) == [
        ("kwhisper/active_energy_import", "12340", kinds.register),
        ("kwhisper/reactive_energy_export", "5.0", kinds.register),
    ]


# json


def test_json_is_one_object_on_one_topic(said, context, kinds):
    chosen = context(publish_meter_id=True)
    chosen.skipped = 3
    ((topic, text, kind),) = said("json", "messages", chosen, live(1, CLOCK))
    assert (topic, kind) == ("kwhisper/json", kinds.document)
    found = json.loads(text)
    values, flags, units = (found.pop(name) for name in ("values", "flags", "units"))
    assert found == {
        "v": 1, "device": "kwhisper-1", "kind": 2, "list": "AIDON_V0001",
        "time": "2026-11-20T10:00:10+01:00", "type": "6525", "meter_id": NUMBER,
        "age": 2, "uptime": 86400, "skipped": 3,
    }  # fmt: skip
    assert values["active_power_import"] == 1001 and values["1-1:99.98.97"] == 7
    assert '"voltage_l2":231.0' in text
    assert flags == {"current_l2": ["derived"]} and units == {"1-1:99.98.97": "V"}


def test_a_text_cannot_break_out_of_json(said, context):
    r = entry("0-0:96.13.0", 'he said "no" \\ and\nleft')
    r.list_id = '","v":2,"x":"'
    ((_, text, _),) = said("json", "messages", context(), r)
    found = json.loads(text)
    assert found["v"] == 1 and found["list"] == '","v":2,"x":"'
    assert found["values"]["message"].startswith('he said "no" \\ and')


def test_json_that_has_no_room_for_its_head_is_counted(said, context):
    chosen = context(page=60)
    assert not said("json", "messages", chosen, live(1, CLOCK))
    assert chosen.status.dropped == 1


def test_the_largest_documents_fit_the_page_that_a_format_asks_for(load, said, context):
    """More named values than any meter has, each with nine digits."""
    # No meter has the tariffs of phases and of reactive energy.
    rare = re.compile(r"_l\d_t\d$|^reactive.*_t\d$")
    rows = [(key, unit) for key, name, unit in obis.rows() if not rare.search(name)]
    assert len(rows) > 70
    entries = [
        (f"1-0:{key >> 16}.{key >> 8 & 255}.{key & 255}", 10**8 + n, 0, unit or "", 0)
        for n, (key, unit) in enumerate(rows)
        if key != 0x010000
    ]
    r = Reading(3, CLOCK, entries)
    for name in ("json", "ams"):
        chosen = context(page=load(name)[-1].PAGE)
        text = said(name, "messages", chosen, r)[-1][1]
        assert "truncated" not in json.loads(text) and chosen.status.dropped == 0, name


# Domoticz


def domoticz(said, context, **given):
    return {
        (found := json.loads(text))["idx"]: found["svalue"]
        for topic, text, _ in said("domoticz", "messages", context, *given.values())
        if topic == "domoticz/in"
    }


def test_a_p1_device_waits_for_a_register(said, context):
    chosen = context(domoticz_idx="p1=7, kwh=8")
    assert not domoticz(said, chosen, r=live(1))
    said("domoticz", "registers", chosen, registers(active_energy_import=(1234, 1)))
    assert domoticz(said, chosen, r=live(1)) == {7: "12340;0;0;0;1001;0", 8: "1001;12340"}


def test_what_the_ledger_kept_is_no_newer_than_what_the_meter_said(said, context):
    chosen = context(domoticz_idx="kwh=8")
    domoticz(said, chosen, r=hourly(1, CLOCK))
    said("domoticz", "registers", chosen, registers(active_energy_import=(1, 0)))
    assert domoticz(said, chosen, r=live(1)) == {8: "1001;12345130"}


def test_a_p1_device_has_both_tariffs(said, context):
    r = Reading(
        2,
        CLOCK,
        [
            ("1-0:1.8.1", 1000500, 0, "Wh", 0),
            ("1-0:1.8.2", 2000, 0, "Wh", 0),
            ("1-0:2.8.1", 30, 0, "Wh", 0),
            ("1-0:1.7.0", 15, 2, "W", 0),
            ("1-0:2.7.0", 25, -1, "W", 0),
        ],
    )
    assert domoticz(said, context(domoticz_idx="p1=1"), r=r) == {1: "1000500;2000;30;0;1500;2"}


def test_a_current_device_has_three_phases(said, context):
    chosen = context(domoticz_idx="current=9")
    assert domoticz(said, chosen, r=live(1)) == {9: "4.4;-1.2;6.0"}
    single = entry("1-0:31.7.0", 53, -1, "A")
    assert domoticz(said, chosen, r=single) == {9: "5.3;0;0"}


# MySensors


def test_mysensors_presents_a_child_once_a_session(said, context):
    chosen = context()
    presented = [t for t, _, _ in said("mysensors", "messages", chosen, live(1)) if "/0/0/" in t]
    assert presented == [f"mygateway1-out/1/{n}/0/0/{t}" for n, t in (
        (1, 13), (2, 13), (11, 30), (12, 30), (13, 30)
    )]  # fmt: skip
    again = said("mysensors", "messages", chosen, live(2))
    assert again and not [t for t, _, _ in again if "/0/0/" in t]
    chosen.said.clear()
    assert [t for t, _, _ in said("mysensors", "messages", chosen, live(1)) if "/0/0/" in t]


def test_mysensors_counts_energy_in_kilowatt_hours(said, context):
    messages = said("mysensors", "messages", context(), hourly(1, CLOCK))
    found = {topic: payload for topic, payload, _ in messages}
    assert found["mygateway1-out/1/1/1/0/18"] == "12345.13"
    assert found["mygateway1-out/1/1/1/0/17"] == "1001"
    assert found["mygateway1-out/1/2/1/0/54"] == "121"


def test_a_mysensors_gateway_says_who_it_is(said, context):
    messages = said("mysensors", "connected", context())
    assert [(t, p) for t, p, _ in messages] == [
        ("mygateway1-out/1/255/0/0/17", "2.3.2"),
        ("mygateway1-out/1/255/3/0/11", "kWhisper"),
        ("mygateway1-out/1/255/3/0/12", "2.0"),
    ]


# amsreader


def test_amsreaders_tree_and_json_tell_the_same(said, context, kinds):
    messages = said("ams", "messages", context(), hourly(1, CLOCK))
    found = {topic: (payload, kind) for topic, payload, kind in messages}
    assert found["kwhisper/meter/import/active/accumulated"] == ("12345.13", kinds.register)
    assert found["kwhisper/meter/l3/voltage"] == ("229.0", kinds.value)
    classic = json.loads(found["kwhisper"][0])
    assert classic["t"] == classic["data"]["rtc"] == 1795165210
    assert classic["data"]["tPI"] == 12345.13 and classic["data"]["U3"] == 229.0
    assert classic["rssi"] == -61 and classic["up"] == 86400


@pytest.mark.parametrize(
    ("code", "topic", "name"),
    [
        ("1-0:21.7.0", "import/l1", "P1"),
        ("1-0:42.7.0", "export/l2", "PO2"),
        ("1-0:71.7.0", "l3/current", "I3"),
        ("1-0:53.7.0", "l2/powerfactor", "PF2"),
        ("1-0:61.8.0", "import/l3/accumulated", "tPI3"),
        ("1-0:1.8.2", "import/active/accumulated/tariff2", "tPIT2"),
    ],
)
def test_amsreaders_phases(said, context, code, topic, name):
    messages = said("ams", "messages", context(), entry(code, 5000))
    found = {t: p for t, p, _ in messages}
    value = "5.000" if ".8." in code else "5000"
    assert found["kwhisper/meter/" + topic] == value
    assert json.loads(found["kwhisper"])["data"][name] == float(value)


def test_amsreader_tells_thermometers_and_their_mean(said, context):
    """RawMqttHandler: temperature/<address>, temperature; the classic JSON's temp."""
    c = context()
    c.status.temperatures = {"28ff641e0116039c": 21.5, "cellar": -5.0625}
    told = {topic: payload for topic, payload, _ in said("ams", "device", c)}
    assert told["kwhisper/temperature/28ff641e0116039c"] == "21.50"
    assert told["kwhisper/temperature/cellar"] == "-5.06"
    assert told["kwhisper/temperature"] == "8.22"
    told = {topic: payload for topic, payload, _ in said("ams", "messages", c, live(1))}
    assert json.loads(told["kwhisper"])["temp"] == 8.22
    c.status.temperatures.clear()
    assert not [topic for topic, *_ in said("ams", "device", c) if "temperature" in topic]


def test_domoticz_gets_supply_signal_and_thermometers(said, context):
    c = context(domoticz_idx="p1=1,supply=2,rssi=3,temperature_cellar=4,temperature_attic=5")
    c.status.supply_mv = 3296
    c.status.temperatures = {"28ff641e0116039c": 21.5, "cellar": -5.0625}
    told = [json.loads(payload) for _, payload, _ in said("domoticz", "device", c)]
    assert [(m["idx"], m["svalue"]) for m in told] == [(2, "3.296"), (3, "-61"), (4, "-5.0625")]
    c.status.supply_mv = c.status.rssi = None
    c.status.temperatures.clear()
    assert not said("domoticz", "device", c)


def test_mysensors_gets_supply_signal_and_thermometers(said, context):
    c = context(ds_names="attic=28ff0000000000aa, cellar=28ff0000000000bb")
    c.status.supply_mv = 3296
    c.status.temperatures = {"28ff641e0116039c": 21.5, "cellar": -5.0625}
    own = "mygateway1-out/1/"
    told = [(topic, payload) for topic, payload, _ in said("mysensors", "device", c)]
    assert told == [
        (own + "23/0/0/23", "Signal"), (own + "23/1/0/48", "-61"),
        (own + "22/0/0/30", "Supply"), (own + "22/1/0/38", "3.296"),
        (own + "32/0/0/6", "cellar"), (own + "32/1/0/0", "-5.0625"),
    ]  # fmt: skip
    # Presented once a session; a thermometer that fails has no value.
    c.status.temperatures.clear()
    told = [topic for topic, *_ in said("mysensors", "device", c)]
    assert told == [own + "23/1/0/48", own + "22/1/0/38"]


def test_amsreader_tells_of_the_device_once_a_minute(said, context):
    assert [(t, p) for t, p, _ in said("ams", "device", context())] == [
        ("kwhisper/id", "kwhisper-1"),
        ("kwhisper/uptime", "86400"),
        ("kwhisper/mem", "40000"),
        ("kwhisper/rssi", "-61"),
    ]


def test_amsreader_tells_the_supply_s_voltage_where_it_is_measured(said, context, load):
    chosen = context()
    chosen.status.supply_mv = 3087
    assert ("kwhisper/vcc", "3.087") in [(t, p) for t, p, _ in said("ams", "device", chosen)]
    pages = [bytes(p) for _, p, _ in load("ams")[-1].messages(live(1), chosen)]
    assert json.loads(pages[-1])["vcc"] == 3.087


# raw


def test_raw_frames(load, context):
    chosen = context()
    for name, expected in (("raw", b"7ea07e"), ("rawbytes", b"\x7e\xa0\x7e")):
        module = load(name)[-1]
        chosen.frame = memoryview(b"\x7e\xa0\x7e")
        for messages in (module.messages(live(1), chosen), module.unknown(chosen.frame, chosen)):
            ((topic, payload, _),) = messages
            assert (bytes(topic), bytes(payload)) == (b"kwhisper/raw", expected)
        chosen.frame = None  # of a list that is published again
        assert not list(module.messages(live(1), chosen))


# Home Assistant


def test_every_value_of_the_table_makes_an_entity(load, context):
    homeassistant = load("homeassistant")[-1]
    units = {"W": "power", "Wh": "energy", "V": "voltage", "A": "current", "Hz": "frequency",
             "var": "reactive_power", "VA": "apparent_power"}  # fmt: skip
    chosen = context()
    seen = set()
    for key, name, unit in obis.rows():
        topic, payload = homeassistant.config(key << 4, {key << 4: False}, chosen)
        found = json.loads(bytes(payload))
        assert bytes(topic).decode() == f"homeassistant/sensor/kwhisper_1/{name}/config"
        assert found["stat_t"] == "~/" + name and found["~"] == "kwhisper"
        assert found.get("unit_of_meas") == ("m³" if unit == "m3" else unit)
        if unit in units:
            assert found["dev_cla"] == units[unit]
        rises = "total_increasing" if obis.is_total(key) else None
        if rises or unit in units:
            assert found["stat_cla"] == (rises or "measurement"), name
        assert re.fullmatch("[A-Z][A-Za-z0-9 ]+", found["name"]), name
        assert found["name"] not in seen or name == "volume", name
        seen.add(found["name"])
    assert len(seen) > 60


def sub_meter(channel, kind, *lines):
    """The lines of a telegram that a sub-meter on this channel adds."""
    return (f"0-{channel}:24.1.0({kind:03})", *(f"0-{channel}:{line}" for line in lines))


GAS = "24.2.1(260120120000W)(00123.456*m3)"
HEAT = "24.2.1(260120120000W)(240.860*GJ)"
OLD_GAS = "24.3.0(260120120000)(00)(60)(1)(0-1:24.2.1)(m3)\r\n(00123.456)"  # DSMR 2
TARIFFS = ("1-0:1.8.1(000001.500*kWh)", "1-0:1.8.2(000002.000*kWh)")


@pytest.fixture
def announced(load, context):
    """announced(telegram lines): {name: config} of what Home Assistant is told of them."""
    homeassistant = load("homeassistant")[-1]

    def configs(*lines):
        r = made.reading(made.telegraph(*lines))
        known = dict(homeassistant.entities(r, {}))
        found = [json.loads(homeassistant.config(w, known, context())[1]) for w in known]
        return {c["stat_t"][2:]: c for c in found}

    return configs


@pytest.mark.parametrize(
    ("kind", "line", "name", "label", "device_class", "unit"),
    [
        (3, GAS, "meter1_volume", "Gas", "gas", "m³"),
        (3, GAS.replace("24.2.1", "24.2.3"), "meter1_volume_uncorrected", "Gas uncorrected",
         "gas", "m³"),
        (7, GAS, "meter1_volume", "Water", "water", "m³"),
        (4, HEAT, "meter1_energy", "Heat", "energy", "GJ"),
        (12, "24.2.1(260120120000W)(1234.5*kWh)", "meter1_energy", "Heat", "energy", "Wh"),
        (4, GAS, "meter1_volume", "Heat volume", None, "m³"),
        (10, HEAT, "meter1_energy", "Cooling", "energy", "GJ"),
        (2, "24.2.1(260120120000W)(1234.5*kWh)", "meter1_energy", "Electricity", "energy", "Wh"),
        (99, GAS, "meter1_volume", "Meter 1 volume", None, "m³"),
        (3, OLD_GAS, "meter1_volume", "Gas", "gas", "m³"),
        (0, OLD_GAS, "meter1_volume", "Gas", "gas", "m³"),
    ],
)  # fmt: skip
def test_a_sub_meters_unit_and_type_decide_what_it_is(
    kind, line, name, label, device_class, unit, announced
):
    found = announced(*sub_meter(1, kind, line))[name]
    assert (found["name"], found.get("dev_cla"), found["unit_of_meas"]) == (
        label, device_class, unit
    )  # fmt: skip
    assert found["stat_cla"] == "total_increasing"
    assert found["obj_id"] == "kwhisper_" + name
    assert ("val_tpl" in found) == (unit == "GJ")


def test_sub_meters_side_by_side(announced):
    lines = sub_meter(1, 3, GAS) + sub_meter(2, 7, GAS) + sub_meter(3, 4, HEAT, "24.4.0(1)")
    found = announced(*lines, *sub_meter(4, 3, GAS))
    names = {name: c["name"] for name, c in found.items() if c.get("stat_cla")}
    assert names == {
        "meter1_volume": "Gas",
        "meter2_volume": "Water",
        "meter3_energy": "Heat",
        "meter4_volume": "Gas 4",
    }
    assert found["meter3_valve"]["name"] == "Heat valve"
    assert found["meter4_volume"]["dev_cla"] == "gas"


def test_a_sub_meter_replaced_by_one_of_another_kind_gets_its_own_name(load, said, context):
    homeassistant = load("homeassistant")[-1]
    known = {}
    for kind, line, topic in ((3, GAS, "meter1_volume"), (4, HEAT, "meter1_energy")):
        r = made.reading(made.telegraph(*sub_meter(1, kind, line)))
        fresh = dict(homeassistant.entities(r, known))
        known.update(fresh)
        assert topic in [value[1] for value in fresh.values()]
        messages = said("topics", "messages", context(), r)
        assert f"kwhisper/{topic}" in [t for t, _, _ in messages]


def test_the_page_calls_a_sub_meter_what_it_measures():
    from kwhisper.latest import Latest

    latest = Latest(lambda: 0)
    latest.reading(made.reading(made.telegraph(*sub_meter(1, 3, GAS), *sub_meter(2, 4, HEAT))))
    told = {name: (label, text, unit) for name, label, text, unit, _, _ in latest.entries()}
    assert told["meter1_volume"] == ("Gas", "123.456", "m3")
    assert told["meter2_energy"] == ("Heat", "240860000000", "J")


def test_topics_and_json_of_a_heat_meter_say_its_unit(said, context, kinds):
    r = made.reading(made.telegraph(*sub_meter(2, 4, HEAT)))
    messages = said("topics", "messages", context(), r)
    assert ("kwhisper/meter2_energy", "240860000000", kinds.register) in messages
    found = json.loads(said("json", "messages", context(), r)[0][1])
    assert found["values"]["meter2_energy"] == 240860000000
    assert found["units"]["meter2_energy"] == "J"


def test_a_sub_meter_without_a_unit_is_in_doubt(announced, said, context):
    lines = sub_meter(1, 3, "24.2.1(260120120000W)(00123.456)")
    assert "meter1_volume" not in announced(*lines)
    r = made.reading(made.telegraph(*lines))
    topics = [t for t, _, _ in said("topics", "messages", context(), r)]
    assert "kwhisper/meter1_volume" not in topics and "kwhisper/quality/meter1_volume" in topics


def test_the_sum_of_tariffs_is_said_everywhere_and_as_derived(announced, said, context, kinds):
    r = made.reading(made.telegraph(*TARIFFS, "1-0:1.7.0(00.500*kW)"))
    messages = said("topics", "messages", context(), r)
    assert ("kwhisper/active_energy_import", "3500", kinds.register) in messages
    assert ("kwhisper/quality/active_energy_import", "derived", kinds.mark) in messages
    found = json.loads(said("json", "messages", context(), r)[0][1])
    assert found["values"]["active_energy_import"] == 3500
    assert found["flags"]["active_energy_import"] == ["derived"]
    assert announced(*TARIFFS)["active_energy_import"]["dev_cla"] == "energy"
    assert json.loads(said("ams", "messages", context(), r)[-1][1])["data"]["tPI"] == 3.5
    assert domoticz(said, context(domoticz_idx="p1=1,kwh=2"), r=r) == {
        1: "1500;2000;0;0;500;0",
        2: "500;3500",
    }
    mysensors = said("mysensors", "messages", context(), r)
    assert ("mygateway1-out/1/1/1/0/18", "3.500") in [(t, p) for t, p, _ in mysensors]


def test_a_code_without_a_name_makes_an_entity_that_is_off(load, context):
    homeassistant = load("homeassistant")[-1]
    known = dict(homeassistant.entities(entry("1-1:99.98.97", 7, 0, "V"), {}))
    ((which, of_it),) = known.items()
    topic, payload = homeassistant.config(which, {which: of_it}, context())
    found = json.loads(bytes(payload))
    assert found["en"] is False and found["stat_t"] == "~/obis/1-1:99.98.97"
    assert found["unit_of_meas"] == "V" and "dev_cla" not in found
    assert bytes(topic).endswith(b"/obis_1_1_99_98_97/config")


def test_how_long_a_value_may_be_silent(load, context):
    homeassistant = load("homeassistant")[-1]
    which = 0x010700 << 4

    def expires(hourly, **settings):
        _, payload = homeassistant.config(which, {which: hourly}, context(**settings))
        return json.loads(bytes(payload))["exp_aft"]

    assert expires(False) == 60 and expires(True) == 7800
    assert expires(False, publish_interval=60) == 360
    assert expires(False, publish_changed=True) == 900


def test_an_hours_value_is_known_again_when_it_comes_more_often(load):
    entities = load("homeassistant")[-1].entities
    power, total = 0x010700 << 4, 0x010800 << 4
    known = dict(entities(hourly(1, CLOCK), {}))
    assert known[power] is True and known[total] is True
    again = dict(entities(live(1), known))
    assert again[power] is False and total not in again
    known.update(again)
    assert not dict(entities(live(1), known)) and not dict(entities(hourly(2, CLOCK), known))


def test_the_devices_own_entities_read_its_state(load, context):
    homeassistant = load("homeassistant")[-1]
    names = []
    for which in range(-len(homeassistant.DEVICE), 0):
        topic, payload = homeassistant.config(which, {}, context(host_name="strøm-1"))
        found = json.loads(bytes(payload))
        names.append(bytes(topic).decode().split("/")[3])
        assert found["val_tpl"] == "{{ value_json." + names[-1] + " }}"
        assert found["stat_t"] == "~/device" and found["dev"]["name"] == "strøm-1"
    assert {"rssi", "uptime", "frames_bad"} <= set(names)


# the numbers and texts they are made of


def test_decimal_and_writer_write_the_same_numbers():
    from kwhisper.formats.entries import decimal
    from kwhisper.formats.writer import Writer

    chance = random.Random(1)
    writer = Writer(bytearray(100))
    for _ in range(2000):
        mantissa = chance.randrange(-(10 ** chance.randrange(1, 15)), 10**14)
        exponent = chance.randrange(-6, 7)
        text = decimal(mantissa, exponent)
        assert text == bytes(writer.clear().number(mantissa, exponent).view())
        assert round(float(text) * 10**6) == round(mantissa * 10.0**exponent * 10**6) or (
            float(text) == pytest.approx(mantissa * 10.0**exponent)
        )
    assert (
        decimal(1230, -1) == b"123.0" and decimal(-5, -3) == b"-0.005" and decimal(5, 1) == b"50"
    )
    assert decimal(0, 3) == b"0" and decimal(0, -2) == b"0.00"


def test_labels_are_for_people():
    from kwhisper.formats.labels import label

    assert label("voltage_l1") == "Voltage L1"
    assert label("active_energy_import_t1") == "Energy import tariff 1"
    assert label("reactive_power_import_l2") == "Reactive power import L2"
    assert label("meter1_volume") == "Meter 1 volume"
    assert label("meter2_volume", "gas 2") == "Gas 2"
    assert label("active_energy_import_l1_t1") == "Energy import L1 tariff 1"
    assert label("current_n") == "Current N" and label("frequency") == "Frequency"
    assert label("reactive_energy_q1") == "Reactive energy quadrant 1"
    assert label("active_power_average") == "Power average of this period"
    assert label("active_power_peak") == "Power peak of this month"
    assert label("voltage_sags_l3") == "Voltage sags L3"
    assert label("power_factor") == "Power factor"
