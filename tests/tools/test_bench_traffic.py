"""`kwhisper bench line` and `bench fleet`: that loss is seen, and that there is none."""

import time

import pytest

from kwhisper_tools.bench import brokers, cpu, fleet, recorder, saturation

pytestmark = pytest.mark.slow  # seconds of a meter at its own pace, a fleet


@pytest.fixture(scope="module")
def stream(micropython):
    if not cpu.can():
        pytest.skip("the CPU time of other processes can be read on Linux only")
    for _ in range(3):
        found = saturation.run("dsmr5", 3)
        if not found.lost:
            break  # on a busy machine the ring may run over
    return found


def test_no_byte_of_a_full_line_is_lost(stream):
    assert stream.telegrams > 30
    assert stream.sent >= 3 * saturation.BAUD / 10
    assert stream.sound == stream.telegrams
    assert (stream.noise, stream.damaged, stream.overrun) == (0, 0, 0)
    assert not stream.lost


def test_the_reading_is_the_smaller_part_of_what_the_firmware_does(stream):
    assert 0 < stream.reading_share < stream.process_share
    assert stream.idle_share < stream.process_share


def test_every_kind_of_loss_is_called_loss(stream):
    kept = dict(vars(stream))
    for name, value in (("sound", stream.sound - 1), ("noise", 1), ("damaged", 1), ("overrun", 1)):
        assert saturation.Outcome(**{**kept, name: value}).lost, name


def test_an_encrypted_meter_is_refused_with_the_reason():
    with pytest.raises(saturation.Failed, match="encrypts"):
        saturation.run("kamstrup-dk", 1)


@pytest.fixture(scope="module")
def mosquitto():
    if not brokers.mosquitto():
        pytest.skip("no mosquitto: apt-get install mosquitto")
    with brokers.broker() as (host, port, _, _):
        yield host, port


@pytest.fixture(scope="module")
def bursts(micropython, mosquitto):
    return recorder.record(*mosquitto, "aidon", "topics,json")


def test_what_the_fleet_says_is_what_the_firmware_publishes(bursts):
    longest = max(bursts, key=len)
    said = {below: (payload, retain) for below, payload, retain in longest}
    assert float(said["voltage_l1"][0]) > 200
    assert said["json"][0].startswith(b'{"v":')
    assert min(len(b) for b in bursts) < len(longest)  # live lists are among them


def test_a_small_fleet_loses_nothing_and_latency_is_told(bursts, mosquitto, monkeypatch):
    monkeypatch.setattr(recorder, "record", lambda *_: bursts)
    outcome = fleet.run(20, 3, 0.5, "aidon", "topics,json", mosquitto)
    assert outcome.sent > 20 * 4
    assert (outcome.received, outcome.lost, outcome.broken) == (outcome.sent, 0, 0)
    assert 0 < outcome.p50_ms <= outcome.p95_ms <= outcome.p99_ms <= outcome.max_ms


def test_messages_that_do_not_arrive_are_counted_as_lost(bursts, mosquitto, monkeypatch):
    # retained by this broker from another run: must not make good for what is lost
    kept = [[("kept", b"1", True), *burst] for burst in bursts]
    monkeypatch.setattr(recorder, "record", lambda *_: kept)
    say = fleet._Fleet._say

    def swallow(self, number, burst):
        say(self, number, burst[:-1] if number == 3 else burst)
        self.sent += number == 3

    monkeypatch.setattr(fleet._Fleet, "_say", swallow)
    outcome = fleet.run(5, 2, 0.5, "aidon", "topics,json", mosquitto)
    assert 1 <= outcome.lost <= 4


def test_nothing_stays_at_the_broker_behind_a_fleet(bursts, mosquitto, monkeypatch):
    import paho.mqtt.client as mqtt

    kept = [[("kept", b"1", True), *burst] for burst in bursts]
    monkeypatch.setattr(recorder, "record", lambda *_: kept)
    fleet.run(3, 1, 0.5, "aidon", "topics,json", mosquitto)
    heard = []
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.on_connect = lambda c, *_: c.subscribe([(fleet.TREE + "/#", 0), ("end", 0)])
    client.on_subscribe = lambda c, *_: c.publish("end", b"")
    client.on_message = lambda _c, _u, m: heard.append((m.topic, m.retain))
    client.connect(*mosquitto)
    until = time.monotonic() + 120
    while ("end", False) not in heard and time.monotonic() < until:
        client.loop(0.1)
    client.disconnect()
    assert heard == [("end", False)]


def test_no_broker_is_told_in_words():
    with (
        pytest.raises(brokers.NoBroker, match="no broker at 127.0.0.1:1"),
        brokers.broker(("127.0.0.1", 1)),
    ):
        pass


def test_percentiles():
    values = [float(n) for n in range(1, 101)]
    assert fleet.percentile(values, 0.5) == 51.0
    assert fleet.percentile(values, 0.99) == 100.0
    assert fleet.percentile([], 0.5) == 0.0
