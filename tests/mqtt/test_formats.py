"""Every payload format on a real broker, read by a real client."""

import json
import re

import pytest
from mqtt.reading import Reading
from mqtt.rig import until

HOUR = {"every_ms": 100, "hourly": 5}


@pytest.fixture
def schema(root):
    import jsonschema  # takes seconds: only who needs it

    whole = json.loads((root / "docs/mqtt.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(whole)

    def check(which, text):
        one = {"$ref": f"#/$defs/{which}", "$defs": whole["$defs"]}
        jsonschema.Draft202012Validator(one).validate(json.loads(text))

    return check


@pytest.fixture
def play(mosquitto, device, listener, tmp_path):
    """play(payload, **settings) starts device and broker; returns the listener."""

    def start(payload, plan=None, **settings):
        broker = mosquitto()
        heard = listener(broker.port)
        plan = dict(HOUR, ledger=str(tmp_path / "ledger"), **(plan or {}))
        heard.device = device(broker.port, dict(settings, payload=payload), **plan)
        heard.broker = broker
        heard.ledger = plan["ledger"]
        return heard

    return start


def test_topics_are_one_value_each_in_base_units(play):
    heard = play("topics")
    heard.wait("kwhisper/active_energy_import")
    assert re.fullmatch("1[0-9]{3}", heard.of("kwhisper/active_power_import")[0])
    assert heard.of("kwhisper/current_l2")[0] == "-1.2"
    assert heard.of("kwhisper/voltage_l2")[0] == "231.0"
    assert heard.of("kwhisper/obis/1-1:99.98.97")[0] == "7"
    assert heard.of("kwhisper/list_id") == ["AIDON_V0001"]
    assert heard.of("kwhisper/meter_type") == ["6525"]
    assert heard.of("kwhisper/quality/current_l2") == ["derived"]
    assert heard.wait("kwhisper/time")[0] == "2026-11-20T01:00:10+01:00"


def test_only_totals_are_retained(play, listener):
    heard = play("topics,json")
    heard.wait("kwhisper/reactive_energy_export")
    late = listener(heard.broker.port)
    late.wait("kwhisper/json")
    kept = {t for t, _, retained in late.messages if retained}
    sides = [
        f"{kind}_energy_{way}" for kind in ("active", "reactive") for way in ("import", "export")
    ]
    about = ("status", "list_id", "meter_type")
    assert kept == {"kwhisper/" + s for s in (*about, *sides)}


def test_the_meters_number_stays_in_the_house(play):
    number = "7359992890941742"
    heard = play("topics,json,ams,homeassistant,mysensors,domoticz", domoticz_idx="p1=1")
    heard.wait("kwhisper/active_energy_import", 2)
    assert not any(number in p.decode() for _, p, _ in heard.messages)
    heard = play("topics,json,ams", publish_meter_id=True)
    assert heard.wait("kwhisper/meter_id")[0] == number
    assert heard.wait("kwhisper/meter/id")[0] == number
    assert json.loads(heard.wait("kwhisper/json")[0])["meter_id"] == number


@pytest.mark.parametrize("e", range(10))
def test_what_names_the_meter_is_silent_unless_allowed(e):
    """96.1.2 is the EAN of a Belgian connection; 96.1.4 and 96.1.7 name nobody."""
    from kwhisper.formats import entries

    r = Reading(2, None, [(f"0-0:96.1.{e}", "541448820000000001", 0, "", 0)])
    assert entries.private(r, 0, {"publish_meter_id": False}) == (e != 4)
    assert entries.private(r, 0, {"publish_meter_id": True}) == (e in (0, 7))


def test_only_changed_values_and_totals_once_an_hour(play):
    heard = play("topics", publish_changed=True)
    heard.wait("kwhisper/active_power_import", 12)
    assert len(heard.of("kwhisper/voltage_l2")) == 1
    assert len(heard.of("kwhisper/voltage_l1")) > 5
    assert len(heard.of("kwhisper/active_energy_export")) == 1


def test_json_is_as_its_schema_says_and_keeps_every_decimal(play, schema):
    heard = play("json")
    heard.wait("kwhisper/totals")
    heard.wait("kwhisper/device")
    heard.say("kwhisper/cmd/publish")
    heard.wait("kwhisper/cmd/result")
    for topic in ("json", "totals", "device"):
        for text in heard.of("kwhisper/" + topic):
            schema(topic, text)
    schema("result", heard.of("kwhisper/cmd/result")[0])
    told = json.loads(heard.of("kwhisper/device")[0])
    assert (told["frames_ok"], told["frames_bad"]) == (5, 1), "noise is bytes, and was no frame"
    first = heard.of("kwhisper/json")[0]
    assert '"voltage_l2":231.0,' in first and '"current_l3":6.0,' in first
    assert json.loads(first)["flags"] == {"current_l2": ["derived"]}
    assert json.loads(first)["units"] == {"1-1:99.98.97": "V"}


def test_json_too_long_for_the_chip_says_so_and_stays_json(
    micropython, on_micropython, library, schema
):
    script = """
import reading
from kwhisper.formats import Context, json_object
class status:
    dropped = 0
    dropped = 0
    frame_age = staticmethod(lambda: 1)
    uptime = staticmethod(lambda: 1)
settings = {"publish_meter_id": False, "mqtt_topic": "kwhisper"}
r = reading.hourly(3, (2026, 11, 20, 1, 0, 10, 60))
for size in range(160, 900, 7):
    context = Context(settings, status, "x", None, size)
    for topic, payload, kind in json_object.messages(r, context):
        print(bytes(payload).decode())
"""
    lines = on_micropython([micropython], script, library).splitlines()
    for line in lines:
        schema("json", line)
    assert '"truncated":true' in lines[0] and "truncated" not in lines[-1]
    assert len(json.loads(lines[0])["values"]) < len(json.loads(lines[-1])["values"])


def test_a_value_that_is_right_again_is_told_though_all_is_said_anew(
    micropython, on_micropython, library
):
    script = """
import reading
from kwhisper.mqtt.publisher import Publisher
from kwhisper.storage.settings import Settings
class status:
    now = 1
    dropped = 0
    uptime = staticmethod(lambda: status.now)
class client:
    id = "x"
    connected = True
    push = staticmethod(lambda: None)
    def publish(topic, payload, retain=False, qos=0, patient=False):
        print(bytes(topic).decode(), bytes(payload).decode())
        return True
    publish = staticmethod(publish)
class decoder:
    raw = staticmethod(lambda: (b"", 0, 0))
class device:
    settings = Settings("/x")
    status = status
assert not device.settings.change({"payload": "topics", "publish_changed": True})
p = Publisher(device, client, None, decoder, None, None)
for status.now, flags in ((1, 4), (250, 4), (400, 0)):
    p.reading(reading.Reading(1, None, [("1-0:51.7.0", 60, -1, "A", flags)]))
"""
    lines = on_micropython([micropython], script, library).splitlines()
    assert [line for line in lines if "current_l2" in line] == [
        "kwhisper/quality/current_l2 estimated",
        "kwhisper/current_l2 6.0",
        "kwhisper/quality/current_l2 good",
        "kwhisper/current_l2 6.0",
    ]


def test_at_most_every_so_many_seconds_the_latest(play):
    heard = play("json", {"every_ms": 100, "hourly": 0}, publish_interval=2)
    heard.wait("kwhisper/json", 3)
    lists = [json.loads(x) for x in heard.of("kwhisper/json")]
    assert all(x["skipped"] > 1 for x in lists[1:])
    powers = [x["values"]["active_power_import"] for x in lists]
    # power rises by one a list: what arrives is the last one, neither the first nor the mean
    assert [b - a for a, b in zip(powers, powers[1:], strict=False)] == [
        x["skipped"] + 1 for x in lists[1:]
    ]


def test_topics_say_too_how_many_lists_were_passed_over(play):
    heard = play("topics", {"every_ms": 100, "hourly": 0}, publish_interval=2)
    heard.wait("kwhisper/skipped", 3)
    powers = [int(x) for x in heard.of("kwhisper/active_power_import")]
    skipped = [int(x) for x in heard.of("kwhisper/skipped")]
    # Those of the last lists: nothing may have been passed over before the first.
    steps = [b - a - 1 for a, b in zip(powers, powers[1:], strict=False)]
    assert skipped[-2:] == steps[-2:] and min(skipped[-2:]) > 1


def test_domoticz_devices_get_what_their_types_take(play):
    heard = play("domoticz", domoticz_idx="p1=7,kwh=8,current=9,voltage_l1=10")
    until(lambda: any('"idx":8' in x for x in heard.of("domoticz/in")), 20, "a kWh device")
    heard.wait("domoticz/in", 20)
    found = {}
    for text in heard.of("domoticz/in"):
        message = json.loads(text)
        assert list(message) == ["idx", "nvalue", "svalue"] and message["nvalue"] == 0
        found[message["idx"]] = message["svalue"]
    assert re.fullmatch(r"1234\d{4};0;0;0;1\d{3};0", found[7])
    assert re.fullmatch(r"1\d{3};1234\d{4}", found[8])
    assert re.fullmatch(r"\d\.\d;-1\.2;6\.0", found[9])
    assert re.fullmatch(r"23\d\.\d", found[10])


def test_ams_is_what_amsreader_says(play):
    heard = play("ams")
    heard.wait("kwhisper/meter/export/reactive/accumulated")
    heard.wait("kwhisper/rssi")
    classic = [json.loads(x) for x in heard.of("kwhisper")]
    live = next(x for x in classic if "tPI" not in x["data"])
    hour = next(x for x in classic if "tPI" in x["data"])
    assert {"id", "name", "up", "t", "rssi", "data"} == set(live)
    assert {"lv", "type", "P", "PO", "Q", "QO", "I1", "I2", "I3", "U1", "U2", "U3"} == set(
        live["data"]
    )
    assert {"tPI", "tPO", "tQI", "tQO", "rtc"} == set(hour["data"]) - set(live["data"])
    assert 12345 < hour["data"]["tPI"] < 12350
    assert hour["data"]["rtc"] == 1795132810
    tree = {t.removeprefix("kwhisper/meter/") for t, _, _ in heard.messages if "/meter/" in t}
    assert {"import/active", "l1/current", "l3/voltage", "import/active/accumulated"} <= tree
    assert heard.of("kwhisper/meter/import/active/accumulated")[0] == "12345.65"


def test_a_list_nobody_knows_is_shown(play):
    heard = play("raw", {"unknown": 1, "every_ms": 60000}, publish_meter_id=True)
    heard.wait("kwhisper/raw", 2)
    assert heard.of("kwhisper/raw")[0] == "7ea012017e"
    assert heard.of("kwhisper/unknown") == ["7ea012017e"], "one a minute is enough"


def test_the_frame_of_such_a_list_holds_the_meters_number_and_stays_in_the_house(play):
    heard = play("topics", {"unknown": 1, "every_ms": 60000})
    assert heard.wait("kwhisper/unknown") == ["5 bytes: see /frame.bin on the device's page"]
    assert not any(b"7ea012017e" in p or b"~\xa0" in p for _, p, _ in heard.messages)


def test_raw_bytes(play):
    heard = play("rawbytes")
    until(lambda: any(t == "kwhisper/raw" for t, _, _ in heard.messages), 20, "a frame")
    assert next(p for t, p, _ in heard.messages if t == "kwhisper/raw") == b"~\xa0\x12\x01~"


def test_a_capture_is_refused_with_the_setting_that_allows_it(play):
    heard = play("topics")
    heard.wait("kwhisper/voltage_l3")
    heard.say("kwhisper/cmd/capture", "2")
    answer = json.loads(heard.wait("kwhisper/cmd/result", 1)[-1])
    assert answer["ok"] is False and "switch on Publish the meter's number" in answer["text"]


def test_each_command_answers(play):
    heard = play("topics", publish_meter_id=True)
    heard.wait("kwhisper/voltage_l3")
    for command, payload, ok, text in (
        ("publish", "", True, "next list"),
        ("log", "debug", True, "debug"),
        ("log", "loud", False, "show, or one of error, warning, info, debug"),
        ("capture", "2", True, "kwhisper/capture"),
        ("capture", "many", False, "from 1 to 20"),
        ("discovery", "", False, "homeassistant is not on"),
        ("dance", "", False, "unknown command; there are: capture, discovery, log, meter"),
        ("restart", "", True, "restarting"),
    ):
        before = len(heard.of("kwhisper/cmd/result"))
        heard.say("kwhisper/cmd/" + command, payload)
        answer = json.loads(heard.wait("kwhisper/cmd/result", before + 1)[-1])
        assert answer["command"] == command and answer["ok"] is ok and text in answer["text"]
    assert len(heard.wait("kwhisper/capture", 2)) == 2
    said = heard.device.lines
    until(lambda: {"restart": True} in said and {"level": "debug"} in said, what="what they do")


def test_a_retained_command_is_refused(play, mosquitto, device, listener):
    """A retained restart would be obeyed at every start, for ever."""
    broker = mosquitto()
    heard = listener(broker.port)
    heard.say("kwhisper/cmd/restart", "now", retain=True)
    d = device(broker.port)
    answer = json.loads(heard.wait("kwhisper/cmd/result")[0])
    assert not answer["ok"] and "retain" in answer["text"]
    assert {"restart": True} not in d.lines


def test_totals_stand_at_the_broker_from_the_first_second(play, device, listener, mosquitto):
    heard = play("topics")
    heard.wait("kwhisper/active_energy_import", 2)
    heard.device.kill()
    last = heard.of("kwhisper/active_energy_import")[-1]
    fresh = mosquitto()  # it has forgotten everything
    again = listener(fresh.port)
    device(fresh.port, {"payload": "topics"}, every_ms=60000, ledger=heard.ledger)
    assert again.wait("kwhisper/active_energy_import")[0] == last
