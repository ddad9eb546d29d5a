"""The supply of a board that lives on the meter's port: what starts, sleeps and is saved when."""

import json
import re
import urllib.request
from datetime import UTC, datetime

import pytest
from system.waiting import until

from kwhisper_tools.host import DEEP_SLEEP
from kwhisper_tools.host.store import Store
from kwhisper_tools.meters import make

_MAKE = """
import json, os
from kwhisper import board
from kwhisper.power.supply import Supply
def tell(volts, bus=1):
    with open("/.state/volts", "w") as f:
        json.dump({"1": volts / 2, "0": 1.3}, f)
    with open("/.state/pins", "w") as f:
        json.dump({"5": bus}, f)
def supply():
    return Supply(board.pick("han-selfpowered").supply)
"""


def test_the_bus_is_measured_behind_bridge_and_divider(on_chip):
    output = on_chip(_MAKE + "tell(3.4)\ns = supply()\nprint('mv', s.mv(), s.bus_mv())")
    assert "mv 3400 23767" in output  # 1.3 V * 17.129 + 1.5 V


def test_a_store_that_rises_no_more_counts_as_full(on_chip):
    """3.25 V by an ADC that reads low: six looks, five seconds apart, and none gains 5 mV."""
    output = on_chip(
        _MAKE
        + """
import machine
class Asleep(Exception):
    pass
def sleep(ms):
    raise Asleep()
machine.deepsleep = sleep
def start():
    try:
        supply().await_start(lambda: None)
        print("starts")
    except Asleep:
        print("sleeps")
machine.RTC().memory(b"kW\\x02\\xfd")
tell(3.25)
for _ in range(8):
    start()
print("guard", machine.RTC().memory()[:4] == b"kW\\x02\\xfd")
machine.RTC().memory(b"kW\\x02\\xfd")
for rise in range(12):
    tell(3.22 + rise * 0.006)
    start()
tell(3.15)
for _ in range(9):
    start()
"""
    )
    steps = [line for line in output.splitlines() if line in ("starts", "sleeps")]
    assert steps[:8] == ["sleeps"] * 6 + ["starts", "sleeps"], "then it looks anew"
    assert "guard True" in output, "the boot guard's bytes of RTC memory are its own"
    assert steps[8:20] == ["sleeps"] * 12, "a store that still rises is waited for"
    assert steps[20:] == ["sleeps"] * 9, "one that is low does not start, rising or not"


@pytest.mark.parametrize(
    ("volts", "bus", "starts"),
    [(3.31, 1, True), (3.29, 1, False), (3.27, 0, True), (3.14, 0, False)],
)
def test_what_may_start(chip, volts, bus, starts):
    """Without a bus the supply is USB, whose rail is 3.27 V at the least, or a store that ends."""
    device = chip()
    device.settings(board="han-selfpowered")
    device.tell("volts", {"1": volts / 2})
    device.tell("pins", {"5": bus})
    device.power_on()
    device.wait_for("join the WiFi" if starts else "waiting for")
    assert any("join the WiFi" in line for line in device.output) == starts


def test_a_burst_of_sending_is_not_taken_for_an_empty_store(on_chip):
    """The radio pulls the rail down by 0.13 V for 20 ms; a store that is low stays low."""
    output = on_chip(
        _MAKE
        + """
import time
tell(3.05)
s = supply()
began = time.ticks_ms()
class Rail:
    def read_uv(self):
        sending = time.ticks_diff(time.ticks_ms(), began) < 20
        return 1460000 if sending else 1525000
s._store = Rail()
print("sending", s.mv())
tell(2.93)
print("low", supply().mv())
"""
    )
    assert "sending 3050" in output
    assert "low 2930" in output


def test_the_hour_is_waited_for_by_the_devices_clock_where_lists_carry_none(on_chip):
    """Aidon's list every 10 s carries none; a sleep of 10 min would pass over the hour's."""
    meter = make("aidon", seed=1, start=datetime(2026, 1, 20, 18, 30, tzinfo=UTC))
    frames = [meter.next() for _ in range(12)]
    assert not any(burst.truth["time"] for burst in frames)
    output = on_chip(
        f"""
from meterwire import Decoder
from kwhisper.power.sleep_cycle import SleepCycle
class Made:
    pass
device, ledger, supply = Made(), Made(), Made()
device.settings = {{
    "publish_interval": 600, "mqtt_host": "h", "mqtt_port": 1, "mqtt_topic": "t", "ha_prefix": "p"
}}
supply.bus_gone = lambda: False
def told(*hours):
    cycle = SleepCycle(device, None, None, ledger, supply)
    for into in hours:
        ledger.now = lambda: into and (1790000000 // 3600 * 3600 + into, 60)
        for r in d.feed(frames.pop(0)):
            cycle.reading(r)
    return cycle._pause() // 1000
d = Decoder(1536)
frames = {[burst.data for burst in frames]!r}
print("far", told(600), "near", told(3300), "kept", told(3300, None), "unknown", told(None))
"""
    )
    told = next(line for line in output.splitlines() if line.startswith("far"))
    far, near, kept, unknown = (int(word) for word in told.split()[1::2])
    assert 580 < far <= 597 and 280 < near <= 297 and 280 < kept <= 297 and 580 < unknown <= 597


def test_what_is_to_be_saved_is_saved_before_it_sleeps(on_chip):
    output = on_chip(
        _MAKE
        + """
import asyncio, machine
class Asleep(Exception): pass
def sleep(ms): raise Asleep()
machine.deepsleep = sleep
did = []
class Device:
    class status:
        problem = supply_mv = bus_mv = None
    def note(self, *words): did.append("note")
    def settled(self): did.append("settled")
class Ledger:
    def save_mark(self): did.append("mark")
class Client:
    async def goodbye(self): did.append("goodbye")
def tick(volts, bus):
    did.clear()
    tell(volts, bus)
    try:
        asyncio.run(s.tick(Device, Ledger(), Client()))
    except Asleep:
        did.append("asleep")
    return "-".join(did) or "-"
Device.note = Device().note
Device.settled = Device().settled
tell(3.4)
s = supply()
print("all is well", tick(3.4, 1), Device.status.supply_mv, Device.status.bus_mv)
print("low", tick(2.94, 1), Device.status.problem)
print("bus gone", tick(3.4, 0), "still", tick(3.2, 0), "end", tick(3.04, 0))
print("said", Device.status.problem)
"""
    )
    assert "all is well - 3400 23767" in output
    assert "low mark-note-settled-asleep None" in output
    assert "bus gone mark still - end goodbye-mark-note-settled-asleep" in output
    assert "said the meter's port gives no power" in output


CYCLE = """
import asyncio, machine
from kwhisper.power import sleep_cycle as module
class Slept(Exception): pass
def deepsleep(ms): raise Slept(ms)
module.machine.deepsleep = deepsleep
class Device:
    settings = {
        "publish_interval": 60, "mqtt_host": "h", "mqtt_port": 1, "mqtt_topic": "t",
        "ha_prefix": "p",
    }
    def settled(self): print("settled")
class Discovery:
    queue = ()
    restate = 0
class Publisher:
    discovery = None
    def send_device(self): print("device")
class Client:
    connected = False
    waits = 0
    def idle(self):
        self.waits -= 1
        return self.waits < 0
    async def goodbye(self, gone=True): print("goodbye", gone)
class Ledger:
    def now(self): return None
    def pending(self): return None
    def save_mark(self): print("mark")
class Supply:
    gone = False
    def bus_gone(self): return self.gone
class R:
    def __init__(self, kind, clock=None):
        self.kind = kind
        self.clock = clock
class Time:
    now = 0
    def ticks_ms(self): return self.now
    def ticks_diff(self, a, b): return a - b
module.time = time = Time()
sleep_ms = asyncio.sleep_ms
def hurried(ms):
    time.now += ms
    for at in list(plan):
        if time.now >= at:
            plan.pop(at)()
    return sleep_ms(0)
module.asyncio.sleep_ms = hurried
plan = {}
publisher, client, supply = Publisher(), Client(), Supply()
cycle = module.SleepCycle(Device(), publisher, client, Ledger(), supply)
def connect(): client.connected = True
def slept():
    try:
        asyncio.run(asyncio.wait_for(cycle.run(), 20))
    except Slept as e:
        return "slept at %d for %d" % (time.now, e.args[0])
"""


def test_what_was_heard_is_published_and_then_it_sleeps(on_chip):
    output = on_chip(
        CYCLE
        + """
print("at first", cycle.ready())
plan[2000] = lambda: cycle.reading(R(1))
plan[3000] = lambda: print("power alone", cycle.ready())
plan[4000] = lambda: cycle.reading(R(2, (2026, 1, 1, 12, 30, 0, 60)))
plan[4100] = lambda: print("phases too", cycle.ready())
plan[7000] = connect
client.waits = 5
print(slept())
"""
    )
    assert "at first False" in output and "power alone False" in output
    assert "phases too True" in output
    tail = output.split("phases too True\n")[1].splitlines()
    assert tail[:4] == ["device", "goodbye False", "mark", "settled"]
    # Three lists of ten seconds further than a minute from the last one, less the lead.
    at, pause = re.search(r"slept at (\d+) for (\d+)", output).groups()
    assert 7900 <= int(at) <= 8500 and int(at) + int(pause) == 4000 + 60000 - 3000


def test_a_broker_that_is_away_does_not_keep_it_awake(on_chip):
    output = on_chip(
        CYCLE
        + """
plan[2000] = lambda: cycle.reading(R(2))
print(slept())
"""
    )
    at = int(re.search(r"slept at (\d+)", output)[1])
    assert 10000 <= at <= 10500, "eight seconds after the radio was allowed"


def test_a_meter_that_says_nothing_does_not_keep_it_awake(on_chip):
    output = on_chip(CYCLE + "print(slept())")
    assert re.search(r"slept at 45\d00 for 60000", output)


def test_at_the_full_hour_its_totals_are_waited_for(on_chip):
    output = on_chip(
        CYCLE
        + """
plan[1000] = lambda: cycle.reading(R(2, (2026, 1, 1, 12, 0, 1, 60)))
plan[2000] = lambda: print("early", cycle.ready())
plan[5000] = lambda: cycle.reading(R(3, (2026, 1, 1, 12, 0, 5, 60)))
plan[5100] = lambda: print("with the totals", cycle.ready())
connect()
slept()
cycle._start()
cycle.reading(R(2, (2026, 1, 1, 13, 0, 1, 60)))
time.now += 16000
print("they did not come", cycle.ready())
"""
    )
    assert "early False" in output and "with the totals True" in output
    assert "they did not come True" in output


def test_configurations_are_waited_for_once_a_broker(on_chip):
    output = on_chip(
        CYCLE
        + """
machine.RTC().memory(b"kW\\x02\\xfdabcd")
publisher.discovery = Discovery()
def restated(): publisher.discovery.restate = 0
def done():
    publisher.discovery.queue = ()
    publisher.discovery.restate = 1

def again(*kinds):
    global cycle
    cycle = module.SleepCycle(Device(), publisher, client, Ledger(), supply)
    for kind in kinds:
        cycle.reading(R(kind))
    publisher.discovery.queue = [1]
    began = time.now
    plan[began + 10000] = done
    plan[began + 12000] = restated
    connect()
    slept()
    plan.clear()
    return (time.now - began) // 1000
print("first", again(2), "second", again(2), "another kind", again(2, 3))
Device.settings = dict(Device.settings, mqtt_topic="other")
print("another broker", again(2), "others' bytes", machine.RTC().memory()[:8])
"""
    )
    first, second, kind = map(
        int, re.search(r"first (\d+) second (\d+) .* (\d+)", output).groups()
    )
    assert 12 <= first <= 13 and second < 2 and 12 <= kind <= 13
    assert re.search(r"another broker 1[23] others' bytes b'kW\\x02\\xfdabcd'", output)


def test_on_usb_nothing_sleeps(on_chip):
    output = on_chip(
        CYCLE
        + """
supply.gone = True
connect()
plan[1000] = lambda: cycle.reading(R(2))
def plugged(): supply.gone = False
plan[300000] = plugged
print("ready", cycle.ready(), slept())
"""
    )
    assert int(re.search(r"ready True slept at (\d+)", output)[1]) >= 300000


def _running(chip, **more):
    device = chip()
    device.settings(
        board="han-selfpowered", wifi_ssid="Fjellheim", wifi_password="kwhisper-demo", **more
    )
    device.tell("volts", {"1": 1.72, "0": 1.3})
    device.tell("pins", {"5": 1, "9": 1})
    device.power_on()
    device.wait_for("WiFi: connected")
    return device


def test_a_low_store_ends_in_deep_sleep_until_it_is_full_again(chip):
    device = _running(chip)
    device.tell("volts", {"1": 1.47, "0": 1.3})
    device.wait_for("supply 2940 mV: sleeping")
    device.wait_for("waiting for 3300")
    assert device.last_reset == 4
    device.tell("volts", {"1": 1.66, "0": 1.3})
    seen = len(device.output)
    while not any("WiFi: connected" in line for line in list(device.output)[seen:]):
        device.wait_for("WiFi: connected")
        if not device.alive():
            pytest.fail("it did not come back")
    assert not any("failed start" in line for line in device.output)


def test_a_port_without_power_is_told_and_the_store_kept_for_its_return(chip):
    device = _running(chip)
    device.tell("pins", {"5": 0, "9": 1})
    _until_page_says(device, "the meter's port gives no power")
    device.tell("volts", {"1": 1.52, "0": 0.0})
    device.wait_for("supply 3040 mV: sleeping")
    device.wait_for("waiting for 3150")
    device.tell("pins", {"5": 1, "9": 1})
    device.wait_for("waiting for 3300")


def _until_page_says(device, text):
    def page():
        with urllib.request.urlopen(device.url + "data.json", timeout=20) as answer:
            data = answer.read().decode()
        return json.loads(data) if text in data else None

    return until(page, what=text)


def test_the_page_shows_store_and_bus(chip):
    device = _running(chip)
    data = _until_page_says(device, "bus_mv")
    text = json.dumps(data)
    assert '"supply_mv": 3440' in text and '"bus_mv": 23767' in text


def test_an_outage_of_the_port_is_slept_through_and_the_store_never_runs_empty(chip):
    """The store alone carries WiFi from 3.25 V to 3.05 V; with the bus the reader comes back."""
    device = chip()
    device.settings(board="han-selfpowered", wifi_ssid="Fjellheim", wifi_password="kwhisper-demo")
    device.hurry = 5
    with Store(device, watts=0.19, volts=3.44) as store:
        device.power_on()
        device.wait_for("WiFi: connected")
        store.watts = store.bus = 0
        device.wait_for("mV: sleeping")
        device.wait_for("waiting for 3150")
        assert 2.95 < store.least < 3.08 and not store.tripped
        store.watts, store.bus = 0.5, 24.0
        seen = len(device.output)
        until(lambda: any("WiFi: connected" in x for x in list(device.output)[seen:]), 60, "WiFi")
        assert device.last_reset == DEEP_SLEEP and store.volts > 3.0


def test_a_network_that_is_gone_never_empties_the_store_of_a_weak_port(chip):
    """Kamstrup's 33 mW: every attempt to join costs ten times what comes in meanwhile."""
    device = chip()
    device.settings(board="han-selfpowered", wifi_ssid="Fjellheim", wifi_password="kwhisper-demo")
    device.hurry = 20
    with Store(device, watts=0.033, volts=3.44) as store:
        device.power_on()
        device.wait_for("WiFi: connected")
        device.tell("air", [])
        for _ in range(2):
            starts = device.starts
            slept = lambda since=starts: device.starts > since + 1 or store.tripped  # noqa: E731
            until(slept, 500, "a sleep")
        assert not store.tripped and store.least > 2.8
    assert device.last_reset == DEEP_SLEEP
    assert any("waiting for 3300" in line for line in device.output)


def test_the_supply_is_told_where_somebody_wired_a_pin_to_it(chip):
    device = chip()
    device.settings(
        wifi_ssid="Fjellheim", wifi_password="kwhisper-demo", pins="adc=36,divider=2000"
    )
    device.tell("volts", {"36": 2.45})
    device.power_on()
    device.wait_for("WiFi: connected")

    def told():
        with urllib.request.urlopen(device.url + "data.json", timeout=60) as reply:
            return json.load(reply)["status"]["supply_mv"]

    until(lambda: told() == 4900)
