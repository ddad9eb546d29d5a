"""What each payload format says of a Reading."""

import json
import re

import pytest
from mqtt.given import CLOCK, ESTIMATED, NUMBER, domoticz, entry, registers
from mqtt.reading import Reading, hourly, live

from meterwire import obis

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
