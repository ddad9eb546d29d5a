"""The application within an ESP32's memory, held on the model.

The official build without PSRAM leaves 112 KiB for the heap when WiFi, the UART and four sockets
have what they need, and 104 KiB with TLS (docs/architecture.md). So the model gets no
more, and of that at most what stands here may be in use: garbage not counted, at rest, and at the
highest of all looks whenever the firmware waits; while nobody looks at the pages, and with them.
"""

import contextlib
import http.client
import json
import socket
import threading
import time
from datetime import UTC, datetime
from http import HTTPStatus

import pytest
from mqtt.rig import free_port
from slow_cases import slow_but
from system import waiting

from kwhisper_tools import paths
from kwhisper_tools.build import tree
from kwhisper_tools.meters import METERS, frame, make

KIB = 1024
HEAP, REST, PEAK = 112 * KIB, 100 * KIB, 110 * KIB
HEAP_TLS, REST_TLS, PEAK_TLS = 104 * KIB, 80 * KIB, 90 * KIB
FIRST_MINUTE = 75  # s; then code that the first lists loaded leaves the heap
CODE = 13 * KIB
LISTS = 1000
PAGES = 200
BROWSERS = 3
LONGEST = 3000  # bytes; the frame buffer has 3072
MOMENT = datetime(2026, 1, 20, 11, tzinfo=UTC)
ANSWERED = (HTTPStatus.OK, HTTPStatus.UNAUTHORIZED)  # settings want the password
# Files as they lie on flash, and what is made anew each time.
PATHS = ("data.json", "", "kwhisper.js", "settings.json")


def fits(device, rest=None, peak=PEAK):
    """What the chip holds lies within the budget, and nothing was out of memory."""
    most = rest or peak
    end = time.monotonic() + FIRST_MINUTE
    while True:
        now, highest = device.probe()
        if now <= most or time.monotonic() > end:
            break
        time.sleep(1)  # something was under way just then
    assert device.starts == 1, "\n".join(device.output)
    assert not [line for line in device.output if "memory" in line.lower() and line[0] != "@"]
    print(f"in use: {now} of {most} at rest, {highest} of {peak} at the peak")
    assert (now <= most, highest <= peak) == (True, True), (now, highest)


def until(condition, seconds, what, device):
    """Wait for what comes in its own time, while the chip runs."""
    waiting.until(condition, seconds, what, lambda: "\n".join(device.output))
    assert device.starts == 1, "\n".join(device.output)


def published(listener):
    """How many messages came that a list gave."""
    states = ("status", "device", "config", "log")
    return sum(not t.endswith(states) for t, _, _ in list(listener.messages))


def say_until_published(device, wire, say, listener):
    """Say lists until one more of them is on MQTT."""
    before = published(listener)
    end = time.monotonic() + waiting.PATIENCE
    while published(listener) == before:
        assert time.monotonic() < end and device.starts == 1, "\n".join(device.output)
        wire.say(say())
        pause = time.monotonic() + 1
        while published(listener) == before and time.monotonic() < pause:
            time.sleep(0.01)


def get(device, path, method="GET", body=None):
    """(status, headers, body) of a request as a phone on the access point makes it."""

    def answered():
        connection = http.client.HTTPConnection("127.0.0.1", device.web_port, timeout=20)
        try:
            headers = {"Host": "192.168.4.1", "Content-Type": "application/json"}
            connection.request(method, "/" + path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    # A busy device may send a browser away for a moment.
    return waiting.until(answered, what=path, said=lambda: "\n".join(device.output))


def answers(device, path="data.json"):
    try:
        return get(device, path)[0] == HTTPStatus.OK
    except OSError:
        return False


def lists_of(name):
    """Says the lists of a simulated meter, each the next one."""
    meter = make(name, start=MOMENT)
    keys = {"meter_key": meter.key, "meter_auth_key": meter.auth_key}
    settings = {setting: key.hex() for setting, key in keys.items() if key}
    return (lambda: meter.next().data), settings


@pytest.fixture
def connected(chip, mosquitto, listen):
    """connected(**settings) -> (device, wire, broker, listener), watched from its start on."""

    def start(**settings):
        broker = mosquitto()
        listener = listen(broker.port)
        where = {"mqtt_host": "127.0.0.1", "mqtt_port": broker.port}
        device, wire = chip(HEAP, **where, **settings)
        device.watch()
        return device, wire, broker, listener

    return start


def test_the_machine_code_fits_what_can_hold_nothing_else():
    assert 0 < tree.make(tree.CHIPS["esp32"]).machine_code() <= CODE


TABLE = paths.FIRMWARE / "kwhisper/storage/setting_table.json"
FORMATS = next(
    [name for name, _ in row["choices"]]
    for row in json.loads(TABLE.read_text())
    if row.get("name") == "payload"
)
SEVERAL = "topics,json,homeassistant"


@pytest.mark.parametrize(
    "payload", slow_but([*FORMATS, SEVERAL], "topics", "json", "homeassistant", SEVERAL)
)
def test_every_format_fits(connected, payload):
    device, wire, _, listener = connected(
        payload=payload, domoticz_idx="active_power_import=1,active_energy_import=2,voltage_l1=4"
    )
    # Lists of all lengths that a meter has, one of them with totals.
    say, _ = lists_of("aidon")
    device.wait_for("mqtt: connected")
    wire.say(frame("aidon"))
    for _ in range(8):
        wire.say(say())
        time.sleep(0.3)
    until(lambda: published(listener) > 3, 30, "values", device)
    several = "," in payload
    fits(device, PEAK if several else REST)
    until(lambda: answers(device), 30, "the page", device)
    for path in PATHS:
        until(lambda path=path: get(device, path)[0] in ANSWERED, 0, path, device)
    fits(device)


def test_topics_and_home_assistant_over_tls_fit(chip, mosquitto, listen, certificates):
    """TLS itself lies outside this heap, and leaves it less room."""
    plain = free_port()
    broker = mosquitto(
        "allow_anonymous true",
        f"cafile {certificates / 'ca.pem'}",
        f"certfile {certificates / 'good.pem'}",
        f"keyfile {certificates / 'server.key'}",
        f"listener {plain} 127.0.0.1",
    )
    until_open(plain)
    listener = listen(plain)
    device, wire = chip(
        HEAP_TLS,
        mqtt_host="localhost",
        mqtt_port=broker.port,
        mqtt_tls=True,
        mqtt_ca=(certificates / "ca.pem").read_text(),
        payload="topics,homeassistant",
    )
    device.watch()
    say, _ = lists_of("aidon")
    for _ in range(8):
        say_until_published(device, wire, say, listener)
    until_told(device, listener)
    fits(device, REST_TLS, PEAK_TLS)
    for path in PATHS:
        until(lambda path=path: get(device, path)[0] in ANSWERED, 0, path, device)
        say_until_published(device, wire, say, listener)
    fits(device, None, PEAK_TLS)


def until_told(device, listener):
    """Wait until Home Assistant's configs are sent: what makes them is let go then."""

    def configs():
        return sum(topic.endswith("config") for topic, _, _ in list(listener.messages))

    def quiet():
        before = configs()
        time.sleep(5)
        return before and configs() == before

    until(quiet, 60, "the last config", device)


def until_open(port):
    """Wait for a port that somebody is about to listen at."""
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)


@pytest.mark.parametrize("name", sorted(METERS))
@pytest.mark.slow
def test_every_meter_fits(connected, name):
    say, settings = lists_of(name)
    device, wire, _, listener = connected(payload="topics,homeassistant", **settings)
    for _ in range(3):
        say_until_published(device, wire, say, listener)
    fits(device, PEAK)
    until(lambda: answers(device), 60, "the page", device)
    fits(device)


def test_the_longest_telegram_fits(connected):
    device, wire, _, listener = connected(payload="topics,homeassistant")
    text = telegram(LONGEST)
    # The line is found with usual ones: a long one fills the search's patience.
    for data in (frame("dsmr5"), text, text, text):
        say_until_published(device, wire, lambda data=data: data, listener)
    until(lambda: answers(device), 30, "the page", device)
    fits(device)


@pytest.mark.parametrize("name", ["aidon", "esmr-encrypted"])
@pytest.mark.slow
def test_a_day_with_its_troubles_fits(connected, name):
    """1,000 lists, a broker that goes and comes back, 200 pages for three browsers."""
    say, settings = lists_of(name)
    device, wire, broker, listener = connected(payload="topics,homeassistant", **settings)
    for _ in range(LISTS * 3 // 4):
        say_until_published(device, wire, say, listener)
    broker.kill()
    for _ in range(LISTS // 20):
        wire.say(say())
        time.sleep(0.2)
    broker.start()
    browse(device)
    listener.messages.clear()
    for _ in range(LISTS // 5):
        say_until_published(device, wire, say, listener)
    fits(device)


def browse(device):
    """PAGES requests, BROWSERS at a time; each gets its answer in the end."""
    found = []

    def browser(number):
        for page in range(number, PAGES, BROWSERS):
            path = PATHS[page // BROWSERS % len(PATHS)]
            end = time.monotonic() + waiting.PATIENCE
            while True:
                try:
                    status, _, body = get(device, path)
                except OSError:
                    status, body = 0, b""
                # A busy device may send a browser away for a moment.
                if status in ANSWERED or time.monotonic() > end:
                    found.append((path, status, len(body)))
                    break
                time.sleep(0.2)

    browsers = [threading.Thread(target=browser, args=(n,)) for n in range(BROWSERS)]
    for thread in browsers:
        thread.start()
    for thread in browsers:
        thread.join(600)
    assert len(found) == PAGES
    assert not [one for one in found if one[1] not in ANSWERED or not one[2]]


def test_the_set_up_fits(chip):
    device, _ = chip(HEAP)
    device.wait_for("then open")
    device.watch()
    for _ in range(3):
        for path in (
            "",
            "setup.js",
            "kwhisper.css",
            "setting_table.json",
            "networks.json?again=1",
        ):
            until(lambda path=path: answers(device, path), 30, path, device)
    assert get(device, "generate_204")[0] == HTTPStatus.FOUND
    fits(device)
    values = {"wifi_ssid": "Fjellheim", "wifi_password": "kwhisper-demo", "mqtt_host": "10.0.0.2"}
    wrong = json.dumps(values | {"mqtt_port": 0})
    status, _, body = get(device, "settings.json", "POST", wrong)
    assert status == HTTPStatus.UNPROCESSABLE_ENTITY and b"mqtt_port" in body
    fits(device)
    assert get(device, "settings.json", "POST", json.dumps(values))[0] == HTTPStatus.OK
    assert '"mqtt_host": "10.0.0.2"' in (device.flash / "settings.json").read_text()


def telegram(size):
    """A DSMR 5 telegram of at least `size` bytes: a real one with a long text message in it."""
    text = frame("dsmr5")
    body = text[: text.rindex(b"!")]
    missing = size - len(text)
    body = body.rstrip(b"\r\n") + b"\r\n0-0:96.13.0(" + b"41" * (missing // 2) + b")\r\n!"
    crc = 0
    for byte in body:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return body + b"%04X\r\n" % crc
