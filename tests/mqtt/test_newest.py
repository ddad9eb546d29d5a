"""Live values while the broker is away: at its return one list of the newest goes out."""

import json
from datetime import UTC, datetime

import pytest

from kwhisper_tools.meters import make

SCRIPT = """
import json
from binascii import unhexlify
from meterwire import Decoder
from parts import Device

def published(topic, payload, retain=False, qos=0, patient=False):
    print(json.dumps((bytes(topic).decode(), bytes(payload).decode())))
    return True
device = Device({settings!r}, Decoder(1536), publish=published)
device.client.connected = False
publisher = device.publisher
def hear(frame):
    device.feed(unhexlify(frame))
def later(seconds):
    device.status._seconds += seconds
def back():
    device.client.connected = True
    publisher.connected()
frames = {frames!r}
{what}
"""


@pytest.fixture
def publisher(micropython, on_micropython, library):
    """publisher(what it does, …): every message it publishes."""
    meter = make("aidon", seed=5, start=datetime(2026, 1, 20, 18, 30, tzinfo=UTC))
    bursts = [meter.next() for _ in range(40)]
    kinds = {"live": [b for b in bursts if not b.truth["list"]]}
    kinds["full"] = [b for b in bursts if b.truth["list"]]

    def run(what, **settings):
        settings = {"mqtt_host": "10.0.0.1", "payload": "topics,json,raw", **settings}
        frames = {k: [b.data.hex() for b in found] for k, found in kinds.items()}
        script = SCRIPT.format(frames=frames, what=what, settings=settings)
        out = on_micropython([micropython], script, library)
        return [json.loads(line) for line in out.splitlines()]

    run.power = {
        k: [int(b.truth["values"]["1-0:1.7.0"][0]) for b in found] for k, found in kinds.items()
    }
    run.voltage = [float(b.truth["values"]["1-0:32.7.0"][0]) for b in kinds["full"]]
    return run


AWAY = """
for i in range(3):
    hear(frames["full"][i])
    later(10)
    hear(frames["live"][i])
back()
"""


def lists(messages):
    return [json.loads(p) for t, p in messages if t == "kwhisper/json"]


def test_the_newest_of_each_value_goes_out_at_the_return_as_one_list(publisher):
    (one,) = lists(publisher(AWAY))
    assert one["values"]["active_power_import"] == publisher.power["live"][2]
    assert one["values"]["voltage_l1"] == publisher.voltage[2]
    assert "time" not in one and one["kind"] == 2
    # Three lists of each kind were read: this one stands for the last, two of its kind were not
    # published.
    assert (one["skipped"], one["age"]) == (2, 0)


def test_a_frame_that_is_no_more_is_not_shown_for_it(publisher):
    assert not [t for t, _ in publisher(AWAY) if t == "kwhisper/raw"]
    after = publisher(AWAY + "hear(frames['live'][3])")
    assert len([t for t, _ in after if t == "kwhisper/raw"]) == 1


def test_what_is_old_is_not_published_as_new(publisher):
    late = AWAY.replace("back()", "later(55)\nback()")
    (one,) = lists(publisher(late))
    assert list(one["values"]) == ["active_power_import"], "the others were read 65 s ago"
    assert one["values"]["active_power_import"] == publisher.power["live"][2]
    assert one["age"] == 55
    assert len(lists(publisher(AWAY.replace("back()", "later(60)\nback()")))) == 1
    assert not lists(publisher(AWAY.replace("back()", "later(61)\nback()")))


def test_what_was_sent_before_is_not_sent_twice(publisher):
    again = "device.client.connected = False\nback()\n"
    assert len(lists(publisher(AWAY + again))) == 1
    sent = AWAY + "hear(frames['full'][3])\nhear(frames['live'][3])\n"
    assert len(lists(publisher(sent + again))) == 3


def test_by_command_the_newest_come_at_once_whatever_the_interval(publisher):
    asked = AWAY + "hear(frames['full'][3])\nhear(frames['full'][4])\npublisher.publish_now()"
    found = lists(publisher(asked, publish_interval=60))
    powers = [m["values"]["active_power_import"] for m in found]
    assert powers == [publisher.power["live"][2], publisher.power["full"][4]]
    assert found[-1]["values"]["voltage_l1"] == publisher.voltage[4]
    assert found[-1]["skipped"] == 1


def test_by_command_the_next_list_is_whole_whatever_the_interval(publisher):
    asked = AWAY + "publisher.publish_now()\n" + "hear(frames['full'][3])\n" * 2
    found = lists(publisher(asked, publish_interval=60))
    assert [m["values"]["active_power_import"] for m in found] == [
        *[publisher.power["live"][2]] * 2,
        publisher.power["full"][3],
    ]


def test_without_values_there_is_nothing_to_publish_at_once(publisher):
    found = publisher("back()\nprint(json.dumps(('any', str(publisher.publish_now()))))")
    assert not lists(found) and found[-1] == ["any", "False"]


def test_the_interval_holds_from_what_was_published_at_the_return(publisher):
    after = AWAY + "hear(frames['full'][3])\nhear(frames['live'][3])"
    assert len(lists(publisher(after, publish_interval=60))) == 1
    assert [m["kind"] for m in lists(publisher(after))] == [2, 2, 1]


def test_with_only_changed_values_all_are_published_at_the_return(publisher):
    """A broker that was away may have been started anew, and knows nothing."""
    before = "device.client.connected = True\nhear(frames['full'][0])\n"
    again = "device.client.connected = False\nhear(frames['full'][0])\nback()\n"
    found = publisher(before + again, publish_changed=True, payload="topics")
    topics = [t for t, _ in found if "voltage_l" in t]
    assert topics == ["kwhisper/voltage_l1", "kwhisper/voltage_l2", "kwhisper/voltage_l3"] * 2


DROPPED = "\nprint(json.dumps(('dropped', str(device.status.dropped))))\n"


def test_without_memory_for_the_newest_the_session_goes_on(publisher):
    full = """
def recent(seconds):
    raise MemoryError
device.latest.recent = recent
"""
    found = publisher(full + AWAY + DROPPED + "hear(frames['full'][3])\n")
    (one,) = lists(found)
    assert one["values"]["active_power_import"] == publisher.power["full"][3]
    assert one["skipped"] == 3 and ["dropped", "1"] in found


@pytest.mark.parametrize("error", ["MemoryError", "ValueError"])
def test_a_format_that_fails_ends_neither_the_session_nor_the_other_formats(publisher, error):
    failing = f"""
class Failing:
    __name__ = "failing"
    def messages(r, context=None):
        raise {error}()
        yield
    connected = messages
publisher.formats.insert(0, Failing)
"""
    found = publisher(failing + AWAY + "hear(frames['live'][3])\n" + DROPPED, payload="json")
    assert [m["kind"] for m in lists(found)] == [2, 1]
    assert found[-1] == ["dropped", "3"], "at the connection, and with each list"
