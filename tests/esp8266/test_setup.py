"""The set-up: from a phone's first question to the restart, and what is typed wrong."""

import gzip
import http.client
import json
import random
import socket
import time
from urllib.parse import urlencode

import pytest
from system.waiting import PATIENCE

KB = 1024
GOOD = {
    "wifi_ssid": "Fjellheim",
    "wifi_password": "kwhisper-demo",
    "host_name": "kwhisper",
    "mqtt_host": "10.0.0.2",
    "mqtt_port": "1883",
    "mqtt_user": "",
    "mqtt_password": "",
    "mqtt_topic": "kwhisper",
    "payload": "homeassistant",
    "meter": "auto",
    "meter_key": "",
    "meter_auth_key": "",
}


@pytest.fixture
def setup(chip):
    """setup(less=…, **settings) -> a Chip whose set-up is open."""

    def start(less=0, **settings):
        c = chip(less=less, **{"wifi_ssid": "", **settings})
        c.device.wait_for("then open")
        return c

    return start


# What browsers send besides.
BROWSER = {
    "User-Agent": "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
    "Accept-Language": "nb-NO,nb;q=0.9,no;q=0.8,nn;q=0.7,en-US;q=0.6,en;q=0.5",
    "Accept-Encoding": "gzip, deflate",
    "Cache-Control": "max-age=0",
    "Upgrade-Insecure-Requests": "1",
    "Referer": "http://192.168.4.1/",
    "Connection": "keep-alive",
}


def post(c, form, **headers):
    """(code, headers, body) of what a form leads to."""
    answer = ask(c, "POST", "/", form, **headers)
    return ask(c, "GET", answer[1]["Location"]) if answer[0] == 303 else answer


def ask(c, method, path, form=None, **headers):
    """(code, headers, body) as a phone gets it."""
    connection = http.client.HTTPConnection("127.0.0.1", c.device.web_port, timeout=10)
    try:
        headers = {"Host": "192.168.4.1", **BROWSER, **headers}
        body = None
        if form is not None:
            body = urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def stored(c):
    text = (c.device.flash / "settings.json").read_text()
    return json.loads(text.rpartition("\n#")[0] or text)


def test_the_access_point_is_encrypted_and_its_password_is_printed(setup):
    c = setup()
    point = c.device.told("access_point")
    line = c.device.wait_for("then open")
    assert point["ssid"] in line and point["key"] in line and len(point["key"]) >= 8


def test_whatever_a_phone_asks_for_leads_to_the_page(setup):
    c = setup()
    for path in ("/generate_204", "/hotspot-detect.html", "/connecttest.txt", "/x/y?z=1"):
        code, headers, _ = ask(c, "GET", path, Host="captive.example.com")
        assert (code, headers["Location"]) == (302, "http://192.168.4.1/")
    code, headers, body = ask(c, "GET", "/", Host="captive.example.com")
    assert code == 200 and b"<form" in gzip.decompress(body)


def test_every_name_is_this_device(setup):
    c = setup()
    query = b"\x12\x34\x01\x00\x00\x01" + b"\0" * 6 + b"\x07example\x03com\0\0\x01\0\x01"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(PATIENCE)
        s.sendto(query, ("127.0.0.1", c.device.dns_port))
        assert s.recv(100).endswith(bytes((192, 168, 4, 1)))


def test_the_page_gets_networks_and_values_but_no_secret(setup):
    c = setup(mqtt_password="hemmelig", mqtt_user="ola", meter_key="00" * 16)
    body = ask(c, "GET", "/form.json")[2]
    values = json.loads(body)
    assert values["networks"][0] == "Fjellheim"
    assert values["mqtt_user"] == "ola" and values["mqtt_password"] is True
    assert values["meter_key"] is True and values["wifi_password"] is True
    assert b"hemmelig" not in body and b"0000" not in body


def test_the_page_has_a_field_for_each_setting_it_may_change(setup):
    c = setup()
    page = gzip.decompress(ask(c, "GET", "/")[2]).decode()
    for name in json.loads(ask(c, "GET", "/form.json")[2]):
        assert name == "networks" or f'name="{name}"' in page


def test_a_good_form_is_saved_and_the_device_starts(setup):
    c = setup()
    code, _, body = post(c, GOOD)
    assert code == 200 and b"Saved" in body
    c.device.wait_for("on an ESP8266")
    assert stored(c)["mqtt_host"] == "10.0.0.2" and stored(c)["payload"] == "homeassistant"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"wifi_ssid": ""}, "Network is needed."),
        ({"wifi_password": "short"}, "WiFi password needs at least 8 characters."),
        ({"mqtt_port": "99999"}, "Port must be from 1 to 65535."),
        ({"mqtt_port": "x"}, "Port must be a whole number."),
        ({"mqtt_topic": "a/#"}, "Publish to topic may not contain + or #."),
        ({"meter_key": "12"}, "Encryption key must have 32 hex digits, this has 2."),
        ({"payload": "domoticz"}, "Payload format must be one of topics, homeassistant, json."),
        ({"host_name": "a b"}, "may have only letters"),
    ],
)
def test_what_is_typed_wrong_is_said_in_words_and_nothing_is_saved(setup, wrong, said):
    c = setup()
    code, _, body = post(c, {**GOOD, **wrong})
    assert code == 422 and said in body.decode()
    assert stored(c)["wifi_ssid"] == ""


def test_a_password_that_is_saved_stays_when_its_field_is_empty(setup, chip):
    c = chip(mqtt_user="ola", mqtt_password="hemmelig", mqtt_host="10.0.0.2")
    c.device.remember("next", b"a test")
    c.device.power_cut()
    c.device.power_on()
    c.device.wait_for("set-up: a test")
    form = {**GOOD, "wifi_password": "", "mqtt_user": "ola"}
    assert post(c, form)[0] == 200
    assert stored(c)["mqtt_password"] == "hemmelig"
    assert stored(c)["wifi_password"] == "kwhisper-demo"


def test_a_network_without_a_password(setup):
    c = setup()
    assert post(c, {**GOOD, "wifi_ssid": "Kafé Åpen", "open": "1"})[0] == 200
    assert stored(c)["wifi_ssid"] == "Kafé Åpen" and "wifi_password" not in stored(c)


def test_a_foreign_page_may_not_send_a_form(setup):
    c = setup()
    assert post(c, GOOD, Origin="http://evil.example")[0] == 403
    assert post(c, GOOD, Origin="http://192.168.4.1")[0] == 200


def test_too_much_is_refused_and_survived(setup):
    c = setup()
    assert post(c, {**GOOD, "mqtt_user": "x" * 5000})[0] == 413
    with socket.create_connection(("127.0.0.1", c.device.web_port)) as s:
        s.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * 40000 + b"\r\n\r\n")
        # A header that nobody asks for is read over, and who comes next has an answer, too.
        s.settimeout(PATIENCE)
        assert b" 200 " in s.makefile("rb").readline()
    assert ask(c, "GET", "/form.json")[0] == 200
    with socket.create_connection(("127.0.0.1", c.device.web_port)) as s:
        s.sendall(b"GET /" + b"x" * 40000)
    assert ask(c, "GET", "/form.json")[0] == 200
    idle = [socket.create_connection(("127.0.0.1", c.device.web_port)) for _ in range(2)]

    def saved():
        try:
            return post(c, GOOD)[0] == 200
        except OSError:
            return False  # both places are taken, for eight seconds

    c.until(saved, 40, "a place")
    for s in idle:
        s.close()


def test_a_power_cut_while_saving_leaves_old_or_new(setup):
    chance = random.Random(8266)
    c = setup()
    for _ in range(8):
        assert ask(c, "POST", "/", GOOD)[0] == 303
        with socket.create_connection(("127.0.0.1", c.device.web_port)) as s:
            s.sendall(b"GET /saved HTTP/1.0\r\nHost: 192.168.4.1\r\n\r\n")
            time.sleep(chance.uniform(0, 0.3))
            c.device.power_cut()
        found = stored(c) if (c.device.flash / "settings.json").exists() else {}
        assert found.get("wifi_ssid", "") in ("", "Fjellheim")
        if found.get("wifi_ssid"):
            assert found["mqtt_host"] == "10.0.0.2"
        (c.device.flash / "settings.json").write_text('{"version": 1}')
        c.device.output.clear()
        c.device.power_on()
        c.device.wait_for("then open")


@pytest.mark.parametrize("less", [0, KB // 2])
def test_the_setup_leaves_7_and_a_half_kb(setup, less):
    """At rest; and at its peaks all of it works with half a KB less."""
    c = setup(less)
    for _ in range(10):
        assert ask(c, "GET", "/")[0] == 200
        assert ask(c, "GET", "/form.json")[0] == 200
        assert ask(c, "GET", "/generate_204")[0] == 302
    if not less:
        c.until(lambda: c.device.probe()["free"] >= 15 * KB // 2, what="7.5 KB")
    assert post(c, {**GOOD, "mqtt_port": "0"})[0] == 422
    assert post(c, GOOD)[0] == 200
    c.device.wait_for("restart: settings")
    assert not [line for line in c.device.output if "memory" in line]


TIGHT = """
import json
from esp8266 import portal_mode

class Settings:
    def change(self, changes):
        return {}

    def save(self):
        raise MemoryError

portal_mode.stored.load = lambda file: Settings()
setup = portal_mode._Setup()
setup.changes = typed = json.dumps({"payload": "topics"})
try:
    setup.save()
except MemoryError:
    print(setup.changes == typed)
"""


def test_what_was_typed_waits_until_there_is_memory_to_save_it(
    micropython, on_micropython, library
):
    assert on_micropython([micropython], TIGHT, library) == "True\n"
