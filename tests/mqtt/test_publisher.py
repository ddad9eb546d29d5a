"""What is published and when, with a client that only takes notes."""

import json

import pytest

SCRIPT = """
import json
import reading
from kwhisper.mqtt import publisher as module
from parts import Device

class Time:
    now = 1 << 29
    def ticks_ms():
        return Time.now & (1 << 30) - 1
    def ticks_diff(a, b):
        return ((a - b + (1 << 29)) & (1 << 30) - 1) - (1 << 29)
module.time = Time

class Decoder:
    counters = {{"ok": 3, "fcs": 1, "unchecked": 2, "noise": 400}}
    def raw(self):
        return b"frame", 0, 5

pid = 0
full = False
def published(topic, payload, retain=False, qos=0, patient=False):
    global pid
    if full:
        return False
    print(json.dumps((bytes(topic).decode(), bytes(payload).decode(), retain, qos)))
    pid += 1 if qos else 0
    return pid if qos else True

settings = {settings!r}
device = Device(settings, Decoder(), {ledger!r}, publish=published)
publisher, ledger, client = device.publisher, device.ledger, device.client
def hour(n, second=10):
    device.reading(reading.hourly(n, (2026, 11, 20, n, 0, second, 60)))
def live(n=1, kind=2):
    r = reading.live(n)
    r.kind = kind
    device.reading(r)
def passes(seconds):
    for _ in range(seconds):
        Time.now += 1000
        device.status._seconds += 1
        publisher.tick()
        publisher.tell()
def mark(text):
    print(json.dumps((text, "", False, 0)))
{what}
"""


@pytest.fixture
def run(micropython, on_micropython, library, tmp_path):
    """run(what happens, **settings): every message as (topic below the device's, payload, retain,
    qos)."""

    def start(what, **settings):
        settings = {"mqtt_host": "10.0.0.1", "payload": "json", **settings}
        ledger = str(tmp_path / "ledger")
        script = SCRIPT.format(settings=settings, ledger=ledger, what=what)
        out = on_micropython([micropython], script, library)
        found = [json.loads(line) for line in out.splitlines()]
        return [(topic.removeprefix("kwhisper/"), *rest) for topic, *rest in found]

    return start


def of(messages, *topics):
    return [(t, p) for t, p, *_ in messages if t in topics]


def sequences(messages):
    """Of the totals by their number, and of marks."""
    return [json.loads(p)["seq"] if t == "totals" else t for t, p in of(messages, *MARKS)]


MARKS = ("totals", "acknowledged", "other", "later", "session", "room")

# the hourly totals

THREE = "client.connected = False\nfor n in (1, 2, 3): hour(n)\nclient.connected = True\n"


def test_a_total_is_sent_when_the_one_before_is_acknowledged(run):
    messages = run(
        THREE
        + """
publisher.connected()
passes(5)
mark("other")
publisher.acknowledged(99)
passes(5)
print(json.dumps(("pending", str(ledger.pending().sequence), False, 0)))
for n in (1, 2, 3):
    mark("acknowledged")
    publisher.acknowledged(n)
passes(5)
print(json.dumps(("behind", str(ledger.behind()), False, 0)))
"""
    )
    assert sequences(messages) == [
        1, "other", "acknowledged", 2, "acknowledged", 3, "acknowledged"
    ]  # fmt: skip
    assert of(messages, "pending", "behind") == [("pending", "1"), ("behind", "False")]
    assert all(not retain and qos == 1 for t, _, retain, qos in messages if t == "totals")


def test_a_total_is_not_marked_before_the_broker_has_it(run):
    messages = run(
        THREE
        + """
publisher.connected()
passes(20)
ledger.save_mark()
again = Device(settings, Decoder(), ledger.path)
print(json.dumps(("pending", str(again.ledger.pending().sequence), False, 0)))
"""
    )
    assert sequences(messages) == [1]
    assert of(messages, "pending") == [("pending", "1")]


def test_a_total_without_answer_is_sent_again(run):
    messages = run(
        THREE + "publisher.connected()\npasses(29)\nmark('later')\npasses(5)\nmark('later')\n"
    )
    assert sequences(messages) == [1, "later", 1, "later"]


def test_a_new_session_sends_the_total_again_at_once(run):
    messages = run(
        THREE
        + """
publisher.connected()
passes(1)
client.connected = False
passes(3)
client.connected = True
mark("session")
publisher.connected()
passes(1)
"""
    )
    assert sequences(messages) == [1, "session", 1]


def test_a_total_waits_for_room_in_the_queue(run):
    messages = run(
        THREE
        + "full = True\npublisher.connected()\npasses(3)\nmark('room')\nfull = False\npasses(1)"
    )
    assert sequences(messages) == ["room", 1]


def test_a_total_is_as_its_schema_says(run, root):
    import jsonschema

    messages = run("publisher.connected()\nhour(1)\npasses(1)")
    whole = json.loads((root / "docs/mqtt.schema.json").read_text())
    ((_, text),) = of(messages, "totals")
    one = {"$ref": "#/$defs/totals", "$defs": whole["$defs"]}
    jsonschema.Draft202012Validator(one).validate(json.loads(text))
    assert json.loads(text)["time"] == "2026-11-20T01:00:10+01:00"
    assert json.loads(text)["values"]["active_energy_import"] == 12345130


# the interval


def kinds(messages):
    return [json.loads(p)["kind"] for _, p in of(messages, "json")]


def test_the_interval_holds_for_each_kind_of_list(run):
    messages = run(
        """
for n in range(12):
    live(n, 1 + n % 2)
    passes(5)
""",
        publish_interval=30,
    )
    assert kinds(messages) == [1, 2, 1, 2]
    assert [json.loads(p)["skipped"] for _, p in of(messages, "json")] == [0, 0, 2, 2]


def test_the_meters_own_interval_may_waver(run):
    messages = run(
        "for late in (10000, 9600, 9600, 9400, 9700):\n    Time.now += late\n    live()\n",
        publish_interval=10,
    )
    assert len(kinds(messages)) == 4, "9.4 s is too soon"


def test_the_hours_list_always_goes_out_and_once(run):
    messages = run("live(1, 3)\nhour(1)\nhour(1, 20)\nhour(2)\nhour(2, 20)", publish_interval=600)
    assert kinds(messages) == [3, 3, 3]


def test_an_interval_ends_though_the_ticks_wrap(run):
    """A list after twelve days without one is due."""
    messages = run(
        "publisher.connected()\nlive()\npasses(125)\nTime.now += (1 << 30) - 124000\nlive()\n",
        publish_interval=60,
    )
    assert kinds(messages) == [2, 2]


# what is said when it changed


def test_a_changed_value_that_found_no_room_is_said_again(run):
    messages = run(
        "full = True\nlive(1)\nfull = False\nlive(1)\nlive(1)\n",
        payload="topics",
        publish_changed=True,
    )
    assert len(of(messages, "voltage_l2")) == 1
    assert len(of(messages, "list_id")) == 1


def test_what_is_no_topic_of_a_value_is_said_each_time(run):
    """Domoticz's and MySensors' devices would be taken for dead."""
    messages = run(
        "live(1)\nlive(1)\nlive(1)\n",
        payload="mysensors,domoticz",
        domoticz_idx="voltage_l1=7",
        publish_changed=True,
    )
    assert len(of(messages, "mygateway1-out/1/11/1/0/38")) == 3
    assert len(of(messages, "domoticz/in")) == 3


def test_all_values_are_said_every_five_minutes(run):
    messages = run(
        "for _ in range(80):\n    live(1)\n    passes(10)\n",
        payload="topics",
        publish_changed=True,
    )
    assert len(of(messages, "voltage_l2")) == 3


def test_a_session_presents_its_children_anew(run):
    messages = run(
        "for _ in range(2):\n    publisher.connected()\n    live(1)\n    live(2)\n",
        payload="mysensors",
    )
    assert len(of(messages, "mygateway1-out/1/11/0/0/30")) == 2


def test_home_assistant_is_introduced_anew_in_each_session(run):
    """With a total in the ledger its entity is there at once, once."""
    messages = run(
        THREE
        + """
for n in range(3):
    mark("session")
    publisher.connected()
    passes(12)
    live(n)
    passes(12)
""",
        payload="homeassistant",
    )
    topics = [t.rsplit("/", 2)[-2] if "/sensor/" in t else t for t, *_ in messages]
    assert topics.count("session") == 3
    assert topics.count("active_energy_import") >= 3  # its config, and its value
    configs = [t for t, *_ in messages if t.endswith("/active_energy_import/config")]
    assert len(configs) == 3
    assert all(retain for t, _, retain, _ in messages if t.endswith("/config"))


def test_a_total_in_doubt_has_no_topic_when_a_session_begins(run):
    doubtful = """
r = reading.hourly(1, (2026, 11, 20, 1, 0, 10, 60))
r._entries[-4] = r._entries[-4][:4] + (1,)
client.connected = False
ledger.reading(r)
client.connected = True
publisher.connected()
passes(5)
"""
    messages = run(doubtful, payload="homeassistant")
    assert not [t for t, *_ in messages if "active_energy" in t]
    ((_, text, *_),) = of(messages, "totals")
    assert json.loads(text)["flags"] == ["unsure"]


def expiries(messages, name):
    return [json.loads(p)["exp_aft"] for t, p, *_ in messages if t.endswith(f"/{name}/config")]


def test_what_is_known_only_from_the_newest_values_is_introduced_too(run):
    """As on a board that sleeps: each session begins with the newest, and ends soon."""
    messages = run(
        "client.connected = False\nhour(1)\nlive(2)\nclient.connected = True\n"
        "publisher.connected()\npasses(20)\n",
        payload="homeassistant",
    )
    assert expiries(messages, "voltage_l1") == [60]
    assert expiries(messages, "active_energy_import") == [7800]
    assert expiries(messages, "obis_1_1_99_98_97") == [60]


def test_publishing_the_newest_again_changes_no_expiry(run):
    messages = run(
        "hour(1)\n" + "passes(20)\npublisher.publish_now()\n" * 2, payload="homeassistant"
    )
    assert expiries(messages, "voltage_l1") == [7800], "seen in an hour's list alone"


def test_only_its_start_makes_home_assistant_be_told_again(run):
    messages = run(
        """
live(1)
passes(20)
for word in ("offline", "online"):
    mark(word)
    publisher.heard(b"homeassistant/status", word.encode(), False)
    passes(20)
""",
        payload="homeassistant",
    )
    topics = [t for t, *_ in messages]
    offline, online = topics.index("offline"), topics.index("online")
    assert not [t for t in topics[offline:online] if t.endswith("/config")]
    assert len([t for t in topics[online:] if t.endswith("/config")]) >= 11


def test_configs_wait_for_room_in_the_queue(run):
    messages = run(
        "live(1)\nfull = True\npasses(9)\nmark('room')\nfull = False\npasses(9)\n",
        payload="homeassistant",
    )
    topics = [t for t, *_ in messages]
    after = topics[topics.index("room") :]
    configs = [t.split("/")[-2] for t in after if t.endswith("/config")]
    assert "voltage_l1" in configs and len(configs) == len(set(configs)) >= 11
    assert after.index("voltage_l1") > max(i for i, t in enumerate(after) if t.endswith("/config"))


# the device about itself


def test_the_device_tells_of_itself_once_a_minute(run):
    messages = run("publisher.connected()\npasses(2)\nmark('then')\npasses(119)\nmark('x')\n")
    topics = [t for t, *_ in messages if t in ("device", "then")]
    assert topics == ["device", "then", "device"]


def test_a_problem_is_told_at_once(run):
    messages = run(
        """
publisher.connected()
passes(3)
device.status.problem = "no meter"
passes(2)
device.status.problem = None
passes(2)
"""
    )
    problems = [json.loads(p)["problem"] for _, p in of(messages, "device")]
    assert problems == [None, "no meter", None]


def test_an_unknown_list_is_shown_once_a_minute(run):
    messages = run("for _ in range(70):\n    publisher.unknown(b'abc')\n    passes(1)\n")
    assert len(of(messages, "unknown")) == 2
    assert "3 bytes" in of(messages, "unknown")[0][1]


def test_captured_are_so_many_frames_as_asked_for(run):
    messages = run(
        """
publisher.heard(b"kwhisper/cmd/capture", b"2", False)
for n in range(4):
    live(n)
""",
        publish_meter_id=True,
    )
    assert of(messages, "capture") == [("capture", b"frame".hex())] * 2
    assert json.loads(of(messages, "cmd/result")[0][1])["ok"]


@pytest.mark.parametrize("count", ["0", "21", "-1", "", "1000000", "2.0"])
def test_capturing_is_bounded(run, count):
    messages = run(
        f"publisher.heard(b'kwhisper/cmd/capture', b'{count}', False)\n"
        "for n in range(30): live(n)",
        publish_meter_id=True,
    )
    answer = json.loads(of(messages, "cmd/result")[0][1])
    assert answer["ok"] is False and "from 1 to 20" in answer["text"]
    assert not of(messages, "capture")


def test_no_frame_is_captured_while_the_meters_number_is_private(run):
    messages = run("publisher.heard(b'kwhisper/cmd/capture', b'2', False)\nlive(1)\n")
    answer = json.loads(of(messages, "cmd/result")[0][1])
    assert answer["ok"] is False and "meter's number" in answer["text"]
    assert not of(messages, "capture")


def test_of_a_format_that_fails_its_exception_s_type_is_told_alone(run):
    messages = run(
        """
class Broken:
    __name__ = "broken"
    faults = [ValueError("0123456789abcdef"), OSError(28), OSError("0123456789abcdef")]
    def messages(self, r, context):
        raise self.faults.pop(0)
noted = []
device.note = lambda level, *words: noted.append(" ".join(words))
publisher.formats.insert(0, Broken())
for n in range(3):
    live(n)
publisher.send(b"noted", json.dumps(noted).encode())
"""
    )
    noted = json.loads(of(messages, "noted")[0][1])
    assert noted == [
        "broken failed: ValueError",
        "broken failed: OSError 28",
        "broken failed: OSError",
    ]
    assert len(of(messages, "json")) == 3, "the others go on"


def test_a_format_whose_file_is_lost_is_told_and_the_others_publish(run):
    messages = run(
        """
noted = []
device.note = lambda level, *words: noted.append([level, " ".join(words)])
device.settings.values["payload"] = "json,lost"
publisher = module.Publisher(
    device, client, ledger, device.decoder, device.latest, device.publisher.context.now
)
publisher.send(b"noted", json.dumps(noted).encode())
publisher.send(b"problem", device.settings.problem.encode())
publisher.reading(reading.live(1))
"""
    )
    problem = "the payload format lost cannot be loaded"
    assert json.loads(of(messages, "noted")[0][1]) == [["error", problem]]
    assert of(messages, "problem") == [("problem", problem)]
    assert of(messages, "json")


def test_commands_can_be_switched_off(run):
    # A broker, or who took its place, may send what nobody subscribed to.
    for on in (True, False):
        messages = run(
            """
device.level = "info"
publisher.send(b"topics", str(publisher.topics).encode())
publisher.heard(b"kwhisper/cmd/log", b"debug", False)
publisher.send(b"level", device.level.encode())
""",
            mqtt_commands=on,
        )
        assert ("kwhisper/cmd/+" in of(messages, "topics")[0][1]) is on
        assert of(messages, "level") == [("level", "debug" if on else "info")]
        assert bool(of(messages, "cmd/result")) is on


def test_the_newest_lines_of_the_log_are_sent_on_demand(run):
    messages = run(
        """
device.lines = ["1 s info: one", "2 s warning: two"]
publisher.heard(b"kwhisper/cmd/log", b"show", False)
"""
    )
    assert of(messages, "log") == [("log", "1 s info: one\n2 s warning: two")]


def test_another_meter_is_told_by_a_command(run):
    messages = run(
        """
class Plausible:
    def new_meter(self):
        publisher.send(b"told", b"new")
device.plausible = Plausible()
publisher.heard(b"kwhisper/cmd/meter", b"old", False)
publisher.heard(b"kwhisper/cmd/meter", b"new", False)
"""
    )
    assert [json.loads(text)["ok"] for _, text in of(messages, "cmd/result")] == [False, True]
    assert of(messages, "told") == [("told", "new")]


def test_its_own_answer_and_other_topics_are_no_commands(run):
    messages = run(
        """
publisher.heard(b"kwhisper/cmd/result", b"x", False)
publisher.heard(b"kwhisper/cmdx/restart", b"x", False)
publisher.heard(b"other/cmd/restart", b"x", False)
publisher.heard(b"homeassistant/status", b"online", False)
"""
    )
    assert messages == []


def test_commands_are_heard_on_a_topic_of_ones_own(run):
    messages = run(
        """
print(json.dumps((publisher.topics[0].decode(), "", False, 0)))
publisher.heard(b"home/meter/log", b"debug", False)
""",
        mqtt_command_topic="home/meter",
    )
    assert messages[0][0] == "home/meter/+"
    assert json.loads(of(messages, "home/meter/result")[0][1])["text"] == "log level debug"


def test_a_command_that_is_no_text_is_answered_in_json(run):
    messages = run(
        r"""
publisher.heard(b'kwhisper/cmd/a"\x00\xff', b"", False)
publisher.heard(b"kwhisper/cmd/log", b"\xff\xfe", False)
"""
    )
    answers = [json.loads(p) for _, p in of(messages, "cmd/result")]
    assert [a["ok"] for a in answers] == [False, False]
    assert answers[1]["text"] == "the payload is not text"
