"""A value in doubt on its whole way: no topic, no entity, but JSON, the page, the problem line."""

import json

import pytest
from conftest import CAPTURES
from decoder import made

# The run mode's parts; what heart() does once a second stands in hear().
SCRIPT = """
import json
from binascii import unhexlify
from kwhisper.meter.reader import Reader
from meterwire import Decoder
from parts import Device
said = []
def published(topic, payload, retain=False, qos=0, patient=False):
    said.append((bytes(topic).decode(), bytes(payload).decode()))
    return True
settings = {"mqtt_host": "10.0.0.1", "payload": "topics,json,homeassistant,ams,mysensors"}
decoder = Decoder(3072, rows=120)
device = Device(settings, decoder, publish=published)
reader = Reader(None, decoder, device.consumers, [], device.status, device.note)
def hear(data):
    said.clear()
    decoder.feed(unhexlify(data))
    reader.drain()
    decoder.flush()
    reader.drain()
    device.status.last_frame = device.status.uptime()
    device.status.problem = reader.problem()
    for _ in range(20):
        device.publisher.tick()
    flags = {name: flag for name, _, _, _, _, flag in device.latest.entries()}
    print(json.dumps((said, flags, device.status.problem)))
"""


@pytest.fixture
def hear(micropython, on_micropython, library):
    """hear(frames): (messages, {name: flags} of the page, problem) after each."""

    def run(*frames):
        script = SCRIPT + "".join(f"hear({frame.hex()!r})\n" for frame in frames)
        out = on_micropython([micropython, "-X", "heapsize=8m"], script, library)
        return [json.loads(line) for line in out.splitlines()]

    return run


def topics_of(messages, name):
    return [t for t, _ in messages if name in t.split("/") and "quality" not in t]


def json_of(messages):
    (text,) = [p for t, p in messages if t == "kwhisper/json"]
    return json.loads(text)


def device_of(messages):
    return json.loads([p for t, p in messages if t == "kwhisper/device"][-1])


def test_a_voltage_that_no_scale_makes_one_is_shown_and_not_published(hear):
    """Denmark's Kamstrup in 0.01 V is right; the same list with three times the value is not."""
    file = CAPTURES / "unsolved" / "dk-kamstrup-n1-centivolt.json"
    if not file.exists():
        pytest.skip(f"no captures in {CAPTURES}: set KWHISPER_CAPTURES to their folder")
    right = bytes.fromhex(json.loads(file.read_text())["hex"])
    apdu = right[right.index(b"\xe6\xe7\x00") + 3 : -3]
    wrong = apdu
    for voltage in (23593, 23343, 23507):
        assert wrong.count(b"\x12" + voltage.to_bytes(2, "big")) == 1
        wrong = wrong.replace(voltage.to_bytes(2, "big"), (voltage // 4).to_bytes(2, "big"))
    sure, unsure, again = hear(right, made.framed(wrong), right)
    for messages, flags, problem in (sure, again):
        assert problem is None and flags["voltage_l1"] == 0
        assert ("kwhisper/voltage_l1", "235.93") in [tuple(m) for m in messages]
        assert not device_of(messages)["problem"]
    messages, flags, problem = unsure
    for name in ("voltage_l1", "voltage_l2", "voltage_l3"):
        assert not topics_of(messages, name) and flags[name] & 1
        assert json_of(messages)["flags"][name] == ["unsure"]
        assert ["kwhisper/quality/" + name, "unsure"] in messages
    assert not [t for t, _ in messages if "mygateway1" in t and t.endswith("/38")]
    assert problem.startswith("values in doubt: ") and "scale" in problem
    assert device_of(messages)["problem"] == problem
    assert topics_of(messages, "active_power_import"), "the rest goes its way"


def test_a_value_without_its_unit_is_shown_and_not_published(hear):
    line = "1-0:{}.7.0(00.007{})"
    right, wrong = (
        made.telegraph(line.format(1, "*kW"), line.format(4, unit)) for unit in ("*kvar", "")
    )
    sure, unsure = hear(right, wrong)
    assert sure[2] is None and topics_of(sure[0], "reactive_power_export")
    messages, flags, problem = unsure
    assert not topics_of(messages, "reactive_power_export")
    assert flags["reactive_power_export"] & 1 and not flags["active_power_import"] & 1
    assert json_of(messages)["flags"] == {"reactive_power_export": ["unsure"]}
    assert problem == device_of(messages)["problem"] and problem.startswith("values in doubt: 1;")


def test_a_sum_of_tariffs_moves_with_every_list(hear):
    """It is no total of the ledger that stands still until the next session."""
    frames = [
        made.telegraph(f"1-0:1.8.1({n:06}.000*kWh)", "1-0:1.8.2(000002.500*kWh)") for n in (1, 3)
    ]
    for (messages, flags, problem), total in zip(hear(*frames), ("3500", "5500"), strict=True):
        assert ["kwhisper/active_energy_import", total] in messages and problem is None
        assert flags["active_energy_import"] == 8
