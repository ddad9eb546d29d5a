"""What the meter says is what MQTT hears: every list, every value, no more and no less."""

import json
import os
import random
import signal
import threading
import time
import urllib.error
import urllib.request
import zlib
from base64 import b64encode
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from slow_cases import slow_but
from system.waiting import answers, until

PASSWORD = "hemmelig-side"
WIFI = {"wifi_ssid": "Fjellheim", "wifi_password": "kwhisper-demo"}

# C.D.E and the name in the topic, written down a second time so that one checks the other.
NAMES = {
    "1.7.0": "active_power_import",
    "2.7.0": "active_power_export",
    "3.7.0": "reactive_power_import",
    "4.7.0": "reactive_power_export",
    "31.7.0": "current_l1",
    "51.7.0": "current_l2",
    "71.7.0": "current_l3",
    "32.7.0": "voltage_l1",
    "52.7.0": "voltage_l2",
    "72.7.0": "voltage_l3",
    "1.8.0": "active_energy_import",
    "2.8.0": "active_energy_export",
    "3.8.0": "reactive_energy_import",
    "4.8.0": "reactive_energy_export",
}


def expected(truth):
    """{name: Decimal} of what a list says, texts such as the meter's number left out."""
    values = {}
    for code, (text, _) in truth["values"].items():
        name = NAMES.get(code.split(":")[1])
        if name:
            values[name] = Decimal(text)
    return values


def heard(message):
    """The same of a JSON object that arrived; what the device computed itself left out."""
    values = json.loads(message, parse_float=Decimal, parse_int=Decimal)["values"]
    return {name: value for name, value in values.items() if name in NAMES.values()}


def assert_in_a_row(got, said):
    """What was heard is what was said: from some list on, every one, in order, with no other."""
    starts = [n for n in range(len(said)) if said[n : n + len(got)] == got]
    assert starts, f"heard {got}\nof {said}"


# A winter's evening just before the hour: the house imports, and the hourly list is near.
EVENING = datetime(2026, 1, 20, 18, 59, 20, tzinfo=timezone(timedelta(hours=1)))


@pytest.mark.parametrize("meter", slow_but(["aidon", "kaifa", "kamstrup"], "aidon"))
def test_every_list_arrives_as_the_meter_said_it(house, mosquitto, listen, meter):
    speaker, device = house(meter, speed=4, start=EVENING)
    device.settings(**WIFI, mqtt_host="127.0.0.1", mqtt_port=mosquitto.port)
    listener = listen(mosquitto.port)
    device.power_on()
    speaker.start()
    hourly = "kwhisper/active_energy_import"
    until(lambda: listener.of(hourly) and len(listener.of("kwhisper/json")) > 5, 90, "lists")
    device.power_cut()
    got = [heard(text) for text in listener.of("kwhisper/json")]
    assert_in_a_row(got, [expected(truth) for truth, _ in speaker.said])
    assert any("active_energy_import" in values for values in got), "no hourly list"
    assert device.told("lost") is None


def test_each_value_has_its_topic_and_the_status_tells_who_is_there(house, mosquitto, listen):
    speaker, device = house("aidon", speed=3, start=EVENING)
    device.settings(
        **WIFI, mqtt_host="127.0.0.1", mqtt_port=mosquitto.port, mqtt_topic="hus/måler"
    )
    listener = listen(mosquitto.port)
    device.power_on()
    speaker.start()
    until(lambda: listener.of("hus/måler/voltage_l1"), 60, "a full list")
    assert listener.of("hus/måler/status") == ["online"]
    for name in ("active_power_import", "voltage_l1", "current_l1"):
        values = {Decimal(text) for text in listener.of(f"hus/måler/{name}")}
        rows = [expected(truth) for truth, _ in speaker.said]
        assert values <= {row[name] for row in rows if name in row}
    os.kill(device.pid(), signal.SIGKILL)
    until(lambda: listener.of("hus/måler/status")[-1] == "offline", 120, "the last will")


def test_noise_on_the_line_never_becomes_a_value(house, mosquitto, listen):
    speaker, device = house("kaifa", speed=4, noise=0.5, start=EVENING)
    device.settings(**WIFI, mqtt_host="127.0.0.1", mqtt_port=mosquitto.port)
    listener = listen(mosquitto.port)
    device.power_on()
    speaker.start()
    until(lambda: len(listener.of("kwhisper/json")) >= 10, 90, "ten lists")
    device.power_cut()
    whole = [expected(truth) for truth, damaged in speaker.said if not damaged]
    for text in listener.of("kwhisper/json"):
        assert heard(text) in whole


def test_a_broker_killed_and_restarted_is_found_again(house, mosquitto, listen):
    speaker, device = house("aidon", speed=3, start=EVENING)
    device.settings(**WIFI, mqtt_host="127.0.0.1", mqtt_port=mosquitto.port)
    listener = listen(mosquitto.port)
    device.power_on()
    speaker.start()
    until(lambda: listener.of("kwhisper/json"), 60, "the first list")
    mosquitto.kill()

    def lists():
        with urllib.request.urlopen(device.url + "data.json", timeout=60) as reply:
            return json.load(reply)["lists"]

    before = lists()
    until(lambda: lists() > before + 2, 30, "lists read while there is no broker")
    back = len(listener.messages)
    mosquitto.start()
    until(lambda: len(listener.of("kwhisper/json", back)) >= 6, 90, "lists after the return")
    assert listener.of("kwhisper/status", back)[-1] == "online"
    got = [heard(text) for text in listener.of("kwhisper/json", back)]
    said = [expected(truth) for truth, _ in speaker.said]
    # First the newest of each value as one list, then every list that follows.
    first, *rest = got
    starts = [n for n in range(1, len(said)) if said[n : n + len(rest)] == rest]
    assert starts, f"heard {rest}\nof {said}"
    newest = {name: value for values in said[: starts[-1]] for name, value in values.items()}
    assert first.items() <= newest.items(), (first, newest)
    # The hour's registers may have been older than a minute by then.
    assert {name for name in newest if "energy" not in name} <= set(first)
    assert device.starts == 1


def _save(device, values):
    body = json.dumps(values).encode()
    coded = b64encode(f"any:{PASSWORD}".encode()).decode()
    headers = {"Authorization": f"Basic {coded}"}
    request = urllib.request.Request(device.url + "settings.json", body, headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            return reply.status
    except (urllib.error.URLError, OSError):
        return None  # the power went


def saved(device):
    """The settings on flash: of the copies that there may be, the first that is whole."""
    for name in ("settings.json", "settings.json.new", "settings.json.last"):
        with suppress(FileNotFoundError):
            data = (device.flash / name).read_bytes()
            body, mark, crc = data.rpartition(b"\n#")
            if mark and crc == b"%08x" % zlib.crc32(body):
                return json.loads(body)
            if not name.endswith(".new"):
                return json.loads(data)  # as this test wrote it by hand
    raise AssertionError("no settings are left")


def test_a_power_cut_while_saving_leaves_the_old_settings_or_the_new(house):
    _, device = house("aidon")
    rng = random.Random(11)
    ca = "-----BEGIN CERTIFICATE-----\n" + "x" * 2500 + "\n-----END CERTIFICATE-----"
    base = {**WIFI, "mqtt_host": "127.0.0.1", "mqtt_port": 1, "mqtt_ca": ca}
    base["web_password"] = PASSWORD
    device.settings(**base, mqtt_topic="old0")
    topic, seen = "old0", set()
    device.power_on()
    until(lambda: answers(device), 30, "the page")
    begin = time.monotonic()
    assert _save(device, {"mqtt_topic": topic}) == 200
    # What is saved in this time on this machine is cut before, within and after.
    longest = 2 * (time.monotonic() - begin)
    device.power_cut()
    for n in range(60):
        device.output.clear()
        device.power_on()
        until(lambda: answers(device), 30, "the page")
        new = f"new{n}"
        saving = threading.Thread(target=_save, args=(device, {"mqtt_topic": new}))
        saving.start()
        time.sleep(rng.uniform(0, longest))
        device.power_cut()
        saving.join(10)
        kept = saved(device)
        assert kept["mqtt_topic"] in (topic, new)
        assert kept.items() >= base.items()
        seen.add(kept["mqtt_topic"] == new)
        topic = kept["mqtt_topic"]
        if n >= 8 and len(seen) == 2:
            break
    assert seen == {True, False}, "the cuts did not fall around the saving"
    device.power_on()
    until(lambda: answers(device), 30, "the page after all that")
