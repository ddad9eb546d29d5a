"""Live values while the broker is away: the newest list goes out at its return, and no other."""

import json
from datetime import UTC, datetime

import pytest

from kwhisper_tools import paths
from kwhisper_tools.meters import make

SCRIPT = """
import gc, json
from binascii import unhexlify
from meterwire import Decoder
from kwhisper import board, broker, publish, settings, status

s = settings.Settings("/x")
assert not s.change({settings!r})
st = status.Status()
b = broker.Broker(s, st, board.pick({board!r}))
d = Decoder(1536)
p = publish.Publisher(s, st, b, None, d)
def told(topic, payload, retain=False, qos=0, patient=False):
    print(json.dumps((bytes(topic).decode(), bytes(payload).decode())))
    return True
b.publish = told
def hear(frame):
    d.feed(unhexlify(frame))
    while True:
        r = d.read()
        if r is None:
            break
        st.last_frame = st.uptime()
        p.on_reading(r)
def later(seconds):
    st._seconds += seconds
frames = {frames!r}
{what}
"""


@pytest.fixture
def publisher(micropython, on_micropython):
    """publisher(what it does, …): every message it publishes."""
    meter = make("aidon", seed=5, start=datetime(2026, 1, 20, 18, 30, tzinfo=UTC))
    bursts = [meter.next() for _ in range(40)]
    kinds = {"live": [b for b in bursts if not b.truth["list"]]}
    kinds["full"] = [b for b in bursts if b.truth["list"]]

    def run(what, board="host", **settings):
        settings = {"mqtt_host": "10.0.0.1", "payload": "topics,json,raw", **settings}
        frames = {k: [b.data.hex() for b in found] for k, found in kinds.items()}
        script = SCRIPT.format(board=board, frames=frames, what=what, settings=settings)
        out = on_micropython([micropython], script, paths.library_path())
        return [json.loads(line) for line in out.splitlines()]

    run.power = {
        k: [int(b.truth["values"]["1-0:1.7.0"][0]) for b in found] for k, found in kinds.items()
    }
    return run


AWAY = """
for i in range(3):
    hear(frames["full"][i])
    later(10)
    hear(frames["live"][i])
b.connected = True
p.on_connect()
"""


def lists(messages):
    return [json.loads(p) for t, p in messages if t == "kwhisper/json"]


def test_the_newest_list_of_each_kind_goes_out_at_the_return(publisher):
    full, live = lists(publisher(AWAY))
    assert full["values"]["active_power_import"] == publisher.power["full"][2]
    assert live["values"]["active_power_import"] == publisher.power["live"][2]
    assert (full["kind"], full["skipped"], full["age"]) == (2, 2, 10)
    assert (live["kind"], live["skipped"], live["age"]) == (1, 2, 0)


def test_a_frame_that_is_no_more_is_not_shown_for_it(publisher):
    assert not [t for t, _ in publisher(AWAY) if t == "kwhisper/raw"]
    after = publisher(AWAY + "hear(frames['live'][3])")
    assert len([t for t, _ in after if t == "kwhisper/raw"]) == 1


def test_what_is_old_is_not_told_for_new(publisher):
    late = AWAY.replace("b.connected", "later(55)\nb.connected")
    assert [m["kind"] for m in lists(publisher(late))] == [1]
    assert not lists(publisher(AWAY.replace("b.connected", "later(61)\nb.connected")))


def test_what_was_sent_before_is_not_sent_twice(publisher):
    again = "b.connected = False\nb.connected = True\np.on_connect()\n"
    assert len(lists(publisher(AWAY + again))) == 2


def test_by_command_the_newest_come_at_once_whatever_the_interval(publisher):
    asked = AWAY + "hear(frames['full'][3])\nhear(frames['full'][4])\np.publish_now()"
    found = [m for m in lists(publisher(asked, publish_interval=60)) if m["kind"] == 2]
    told = [m["values"]["active_power_import"] for m in found]
    assert told == [publisher.power["full"][i] for i in (2, 4)]
    assert found[-1]["skipped"] == 1


def test_the_interval_holds_from_what_was_told_at_the_return(publisher):
    after = AWAY + "hear(frames['full'][3])\nhear(frames['live'][3])"
    assert [m["kind"] for m in lists(publisher(after, publish_interval=60))] == [2, 1]
    assert [m["kind"] for m in lists(publisher(after))] == [2, 1, 2, 1]


def test_without_memory_to_keep_a_list_it_is_published_all_the_same(publisher):
    full = """
class Full:
    def __init__(self, r):
        self.r = r
    def __getattr__(self, name):
        return getattr(self.r, name)
    def __len__(self):
        return len(self.r)
    def copy(self):
        raise MemoryError
keep = p.newest.keep
p.newest.keep = lambda r: keep(Full(r))
hear(frames["full"][3])
p.publish_now()
"""
    found = lists(publisher(AWAY + full))
    assert [m["kind"] for m in found] == [2, 1, 2], "the last one once, and what was kept is gone"


@pytest.mark.parametrize("error", ["MemoryError", "ValueError"])
def test_a_list_that_cannot_be_told_does_not_end_the_session(publisher, error):
    failing = f"""
class Failing:
    def __init__(self, f):
        self.f = f
    def __getattr__(self, name):
        return getattr(self.f, name)
    def reading(self, r):
        if r.kind == 2:
            raise {error}()
        self.f.reading(r)
p._formats = [Failing(f) for f in p.prepare()]
"""
    dropped = "\nprint(json.dumps(('dropped', str(st.dropped))))\n"
    told = publisher(failing + AWAY + dropped, payload="json")
    assert [m["kind"] for m in lists(told)] == [1], "the others go out"
    assert told[-1] == ["dropped", "1"]


def test_the_small_chip_waits_for_the_next_list(publisher):
    assert not lists(publisher(AWAY, "nodemcu", payload="json"))
    (first,) = lists(publisher(AWAY + "hear(frames['full'][3])", "nodemcu", payload="json"))
    assert first["values"]["active_power_import"] == publisher.power["full"][3]
    assert first["skipped"] == 3
