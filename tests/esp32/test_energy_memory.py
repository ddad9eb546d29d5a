"""History and energy within an ESP32's memory, with 400 days on flash."""

import json
import time
from datetime import UTC, datetime
from http import HTTPStatus

import paho.mqtt.publish as mqtt
from esp32.test_memory import HEAP, fits, get, lists_of, published, until
from system.waiting import PATIENCE

from kwhisper_tools.host.made_up_history import lay
from kwhisper_tools.meters import frame

# Without TLS 32 KB of the system's are free beside the heap: it may grow so much, once all of this
# is wanted at the same time.
LOOKED_AT = 128 * 1024

ASKED = (
    "energy.json",
    "price.json",
    "history/power",
    "history/hours",
    "history/days?since=2026-06-01",
    "history.csv?from=2026-11-01&to=2026-11-30",
)


def start(chip, broker, heap, **settings):
    """A device with energy on, whose meter talks."""
    device, wire = chip(
        heap,
        mqtt_host="127.0.0.1",
        mqtt_port=broker.port,
        energy=True,
        capacity="no",
        price_day="0.4",
        **settings,
    )
    lay(device.flash, 400, datetime(2026, 11, 26, tzinfo=UTC))
    device.wait_for("mqtt: connected")
    device.watch()
    say, _ = lists_of("aidon")
    wire.say(frame("aidon"))
    for _ in range(8):
        wire.say(say())
        time.sleep(0.3)
    return device, wire, say


def test_energy_and_history_fit(chip, mosquitto, listen):
    """All of it on, and announced to Home Assistant, while nobody looks at the pages."""
    broker = mosquitto()
    listener = listen(broker.port)
    device, wire, say = start(chip, broker, HEAP, payload="topics,homeassistant")

    def told():
        return any(topic.endswith("energy/today_import") for topic, *_ in list(listener.messages))

    end = time.monotonic() + PATIENCE
    while not told() and time.monotonic() < end:
        wire.say(say())
        time.sleep(0.5)
    assert told() and published(listener) > 3
    fits(device)


def test_prices_of_two_days_are_taken_while_the_pages_are_looked_at(chip, mosquitto, listen):
    """192 quarters with prices of exports left out, between all routes one after the other."""
    broker = mosquitto()
    listener = listen(broker.port)
    device, wire, say = start(chip, broker, LOOKED_AT, payload="topics")
    until(lambda: published(listener) > 3, 30, "values", device)
    prices = [round(0.12345 + n / 1000, 5) for n in range(192)]
    told = json.dumps({"start": 1795647600, "minutes": 15, "import": prices})

    def answers():
        return [json.loads(m[1]) for m in list(listener.messages) if m[0].endswith("cmd/result")]

    for n, path in enumerate(ASKED):
        code, _, body = get(device, path)
        assert code == HTTPStatus.OK and len(body) > 20, (path, code)
        wire.say(say())
        mqtt.single("kwhisper/price/set", told, hostname="127.0.0.1", port=broker.port)
        until(lambda n=n: len(answers()) > n, 60, "the answer", device)
    assert all(answer["ok"] and "192 prices" in answer["text"] for answer in answers())
    assert json.loads(get(device, "energy.json")[2])["price_import"] > 0
    assert device.starts == 1
    assert not [line for line in device.output if "memory" in line and line[0] != "@"]
