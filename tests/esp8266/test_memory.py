"""How much of an ESP8266's memory is free while it reads each meter.

The budget of 8 KB, 3 KB of them in one piece, holds with the format topics for all meters but
Luxembourg's, whose long telegram is encrypted. The cipher and what reads such lists take 1 to
2 KB, Home Assistant's entities and the page of JSON 1 to 2 KB: each then leaves what stands here.
That is half a KB and more below what was measured (README) where a meter encrypts, or with the
other formats: telegrams that run together make the buffer larger.
"""

import time

import pytest
from slow_cases import slow_but

from kwhisper_tools.meters import METERS

KB = 1024
SHORT, DAY = 60, 1000
# In steps: without a list for 25 seconds it would look for another line.
MINUTE = (11, 22, 33, 44, 55, 66)
ENCRYPTED = [name for name in METERS if METERS[name].encrypted]
# (free, in one piece)
ROOM = (8 * KB, 3 * KB)
LONG = ("dsmr5", "fluvius-be", "swedish-p1", "swedish-p1-lg")
# Measured 8.3 to 9.8 KB, and 7.5 of Luxembourg's. A machine that is held up may load what tells
# of a silent meter, which leaves 0.2 KB of names.
ROOM_ENCRYPTED = (15 * KB // 2, 3 * KB)
ROOM_LONG_ENCRYPTED = (13 * KB // 2, 2 * KB)
ROOM_FORMATS = (7 * KB, 2 * KB)
ROOM_FORMATS_LONG = (6 * KB, KB // 2)
ROOM_FORMATS_ENCRYPTED = (9 * KB // 2, KB // 2)


def read(chip, broker, listen, name, lists, form="topics"):
    """Let a meter say so many lists; what is free then."""
    meter = METERS[name]
    c = chip(name, mqtt_port=broker.port, payload=form, meter=f"{meter.baud}-{meter.parity}")
    listener = listen(broker.port)
    c.until(lambda: "MQTT: connected" in "\n".join(c.device.output), 30, "the broker")
    for _ in range(lists):
        heard = len(listener.messages)
        c.until(lambda heard=heard: said(c, listener) > heard, 0, "another list")
    # What the boot guard has in memory is let go after a minute.
    for seconds in MINUTE:
        still(listener)
        c.device.be_ahead(seconds)
        heard = len(listener.messages)
        c.until(lambda heard=heard: said(c, listener) > heard, 0, "another list")
    still(listener)
    return c


def still(listener):
    """Wait until all is said: a list that is half read would be taken for noise of a long time."""
    before = -1
    while len(listener.messages) != before:
        before = len(listener.messages)
        time.sleep(1)


def said(c, listener):
    """Let it say a list; how many messages there are when one more came, or soon."""
    heard = len(listener.messages)
    c.wire.say(c.meter.next().data)
    end = time.monotonic() + 2
    while len(listener.messages) == heard and time.monotonic() < end:
        time.sleep(0.005)
    return len(listener.messages)


def enough(c, free, largest):
    for _ in range(50):
        found = c.device.probe()
        if found["free"] >= free and found["largest"] >= largest:
            break
        time.sleep(0.2)  # something was under way just then
    print(c.meter.name, found)
    assert c.device.starts == 1
    assert not [line for line in c.device.output if "memory" in line]
    assert found["free"] >= free and found["largest"] >= largest, found


def room(name):
    """What a meter must leave with topics."""
    if METERS[name].encrypted:
        return ROOM_LONG_ENCRYPTED if name == "esmr-encrypted" else ROOM_ENCRYPTED
    return ROOM


# One of each way through the decoder: triples, an order, text, parts that are encrypted; and a
# long list.
OFTEN = ["aidon", "kaifa", "dsmr5", "kamstrup-dk", "esmr-encrypted"]


@pytest.mark.parametrize("name", slow_but(METERS, *OFTEN, "lg-e450-ch"))
def test_each_meter_leaves_room(chip, broker, listen, name):
    c = read(chip, broker, listen, name, SHORT)
    enough(c, *room(name))


@pytest.mark.slow
@pytest.mark.parametrize("name", OFTEN)
def test_each_meter_leaves_room_after_a_thousand_lists(chip, broker, listen, name):
    c = read(chip, broker, listen, name, DAY)
    enough(c, *room(name))


@pytest.mark.parametrize("form", ["homeassistant", "json"])
@pytest.mark.parametrize("name", slow_but(["aidon", "kaifa", "dsmr5"], "dsmr5"))
def test_the_other_formats_leave_room(chip, broker, listen, name, form):
    c = read(chip, broker, listen, name, SHORT, form)
    enough(c, *(ROOM_FORMATS_LONG if name in LONG else ROOM_FORMATS))


@pytest.mark.parametrize(
    ("name", "form"), [("kamstrup-dk", "json"), ("kaernten-netz", "homeassistant")]
)
def test_a_broker_comes_back_where_least_is_free(chip, broker, listen, name, form):
    c = read(chip, broker, listen, name, SHORT, form)
    c.speak()
    broker.kill()
    c.until(lambda: c.data()["status"]["mqtt_error"], what="an error")
    broker.start()
    listen(broker.port).wait("kwhisper/json" if form == "json" else "kwhisper/active_power_import")
    assert "active_power_import" in c.data()["values"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "form"),
    [(name, form) for name in ENCRYPTED for form in ("homeassistant", "json")],
)
def test_encrypted_meters_leave_room_in_the_other_formats(chip, broker, listen, name, form):
    c = read(chip, broker, listen, name, SHORT, form)
    enough(c, *ROOM_FORMATS_ENCRYPTED)
