"""Every simulated meter through decoder and formats: what is published is what the meter said."""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from kwhisper_tools.meters import METERS, make
from meterwire import obis

KEY = bytes(range(16))
BURSTS = 30

SCRIPT = """
import json
from binascii import unhexlify
from meterwire import Decoder
from parts import Device
lists = []
def published(topic, payload, retain=False, qos=0, patient=False):
    lists[-1].append((bytes(topic).decode(), bytes(payload).decode(), bool(retain)))
    return True
key = unhexlify(KEY) or None
decoder = Decoder(4096, key, key)
settings = {"mqtt_host": "10.0.0.1", "payload": "topics,json,ams,homeassistant"}
device = Device(settings, decoder, publish=published)
for line in FRAMES:
    lists.append([])
    device.feed(unhexlify(line))
    decoder.flush()
    device.drain()
device.publisher.tick()
print(json.dumps(lists))
"""


@pytest.mark.parametrize("name", sorted(METERS))
def test_what_is_published_is_what_the_meter_said(
    name, micropython, on_micropython, root, library
):
    import jsonschema  # takes seconds: only who needs it

    row = METERS[name]
    key = KEY if row.encrypted else None
    extra = {"auth_key": key} if row.encrypted and row.authenticated else {}
    start = datetime(2026, 1, 20, 9, 59, 40, tzinfo=UTC)
    meter = make(name, seed=5, start=start, key=key, **extra)
    bursts = [meter.next() for _ in range(BURSTS)]
    head = f"KEY = {key.hex() if key else ''!r}\nFRAMES = {[b.data.hex() for b in bursts]!r}\n"
    # Room for all the messages at once.
    command = [micropython, "-X", "heapsize=8m"]
    lists = json.loads(on_micropython(command, head + SCRIPT, library))
    schema = json.loads((root / "docs/mqtt.schema.json").read_text())
    one = {"$ref": "#/$defs/json", "$defs": schema["$defs"]}
    validator = jsonschema.Draft202012Validator(one)
    seen = 0
    for burst, messages in zip(bursts, lists, strict=True):
        numbers = {}
        for code, (value, _unit) in burst.truth["values"].items():
            a, b, c, d, e = (int(x) for x in re.split("[-:.]", code))
            number = c << 16 | d << 8 | e
            numbers[obis.name(number, a << 8 | b) or code] = (value, obis.is_total(number))
        for topic, payload, retained in messages:
            if burst.truth["meter_id"]:
                assert burst.truth["meter_id"] not in payload, "the meter's number stays at home"
            assert "#" not in topic and "+" not in topic and " " not in topic
            if topic == "kwhisper/json":
                validator.validate(json.loads(payload))
                values = json.loads(payload, parse_float=Decimal, parse_int=Decimal)["values"]
                for told, (value, _) in numbers.items():
                    assert told in values, (told, payload)
                    if isinstance(values[told], Decimal):
                        assert values[told] == Decimal(value), told
                seen += 1
            short = topic.removeprefix("kwhisper/")
            if short in numbers:
                value, total = numbers[short]
                assert retained is total
                if re.fullmatch(r"-?[\d.]+", value):
                    assert Decimal(payload) == Decimal(value), topic
    assert seen >= BURSTS // 2
