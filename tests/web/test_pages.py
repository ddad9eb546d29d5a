"""The addresses of docs/api.md over a real socket: what they answer, take, refuse, never say."""

import gzip
import json
import re
import time

import pytest
from system.waiting import until

from kwhisper.web import api, auth
from kwhisper_tools import paths

KWHISPER = paths.FIRMWARE / "kwhisper"
STATIC = KWHISPER / "web" / "static"
SECRETS = {
    "wifi_password": "hemmelig-wifi-1",
    "mqtt_password": "hemmelig-mqtt-2",
    "web_password": "hemmelig-side-3",
    "meter_key": "0123456789abcdef0123456789abcdef",
    "meter_auth_key": "fedcba9876543210fedcba9876543210",
}
SET_UP = {"wifi_ssid": "Hjemme æøå", "mqtt_host": "10.0.0.2", **SECRETS}
OPEN = SET_UP | {"web_password": ""}
PORTAL = (
    "/generate_204",
    "/gen_204",
    "/hotspot-detect.html",
    "/library/test/success.html",
    "/connecttest.txt",
    "/ncsi.txt",
    "/canonical.html",
    "/what/ever?x=1",
    "/data.json",
    "/frame.bin",
)
FILES = sorted(f.name for f in STATIC.iterdir() if f.suffix in (".html", ".css", ".js"))


def saved(device):
    """What stands in the file, without its checksum."""
    return json.loads(device.file.read_bytes().partition(b"\n#")[0])


def values(device):
    return json.loads(device.ask("/settings.json").text)


def test_there_are_static_files():
    assert {"live.html", "setup.html", "kwhisper.css", "kwhisper.js"} <= set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_a_static_file_is_served_as_it_is(start, mode, name):
    answer = start(mode).ask("/" + name)
    kinds = {"html": "text/html", "css": "text/css", "js": "text/javascript"}
    assert answer.code == 200
    assert answer.headers["content-type"].startswith(kinds[name.rpartition(".")[2]])
    if answer.headers.get("content-encoding") == "gzip":
        answer.body = gzip.decompress(answer.body)
    assert answer.body == (STATIC / name).read_bytes()
    kept = "no-store" if name.endswith("html") else "max-age=600"
    assert answer.headers["cache-control"] == kept


@pytest.mark.parametrize("language", sorted(p.name for p in (STATIC / "languages").iterdir()))
def test_a_language_is_a_file_that_browsers_keep(start, mode, language):
    answer = start(mode).ask("/languages/" + language)
    assert answer.code == 200
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["cache-control"] == "max-age=600"
    assert answer.body == (STATIC / "languages" / language).read_bytes()


def test_what_the_build_compressed_is_sent_compressed(start, mode, tmp_path):
    import shutil

    firmware = tmp_path / "firmware"
    shutil.copytree(paths.FIRMWARE, firmware, ignore=shutil.ignore_patterns("esp8266", "*.gz"))
    for name in FILES:
        file = firmware / "kwhisper/web/static" / name
        file.with_name(name + ".gz").write_bytes(gzip.compress(file.read_bytes()))
        file.unlink()
    device = start(mode, firmware=firmware)
    for path in ("/", "/settings", "/kwhisper.js"):
        answer = device.ask(path)
        assert answer.headers["content-encoding"] == "gzip"
        assert len(gzip.decompress(answer.body)) > len(answer.body)
    assert device.ask("/kwhisper.js.gz").code == (302 if mode == "setup" else 404)


def test_the_first_page_is_that_of_the_mode(start, mode):
    device = start(mode)
    pages = {"setup": "setup.html", "run": "live.html"}
    assert device.ask("/").body == (STATIC / pages[mode]).read_bytes()
    assert device.ask("/settings").body == (STATIC / "setup.html").read_bytes()


def test_the_tables_are_served_as_they_are(start, mode):
    device = start(mode)
    storage = KWHISPER / "storage"
    places = {"setting_table.json": storage, "boards.json": KWHISPER, "zones.json": storage}
    for name, folder in places.items():
        answer = device.ask("/" + name)
        assert answer.body == (folder / name).read_bytes()
        assert answer.headers["content-type"].startswith("application/json")
        assert len(json.loads(answer.text)) > 5


def test_pages_may_not_be_framed_and_load_nothing_from_elsewhere(start, mode):
    device = start(mode)
    for path in ("/", "/kwhisper.js", "/settings.json", "/device.json"):
        headers = device.ask(path).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
    for name in FILES:
        # A phone in the set-up network has no internet.
        text = (STATIC / name).read_text()
        assert not re.findall(r"(?:src|href|url)[=(]\"?(?:https?:)?//", text), name


OUTSIDE = (
    "/nothing",
    "/../settings.json",
    "/../../settings.json",
    "/..",
    "/.",
    "/static",
    "/static/kwhisper.css",
    "/..%2f..%2fsettings.json",
    "/languages",
    "/languages/../kwhisper.css",
    "/languages/../../storage/setting_table.json",
    "/storage/setting_table.json",
    "/api.py",
    "/settings.json/",
    "//kwhisper.css",
    "/.json",
    "/a.html",
)


@pytest.mark.parametrize("path", OUTSIDE)
def test_what_is_not_there_is_not_found(start, mode, path):
    answer = start(mode).ask(path)
    assert answer.code == (302 if mode == "setup" else 404), answer.text


def test_only_what_may_be_posted_is_taken(start, mode):
    device = start(mode)
    for path in ("/", "/device.json", "/kwhisper.js", "/nothing", "/data.json", "/settings"):
        assert device.ask(path, b"{}").code in (404, 405), path
    for method in ("PUT", "DELETE", "PATCH", "TRACE"):
        assert device.ask("/settings.json", b"{}", method=method).code in (404, 405)
    assert not device.file.exists()


# set-up


def test_setup_tells_the_networks_of_the_scan(start):
    device = start("setup")
    told = json.loads(device.ask("/networks.json").text)
    assert told == [
        ["Hjemme æøå", -48, True],
        ['Café <b>"Bla\'"</b> & co', -63, False],
        ["Naboen", -81, True],
    ]
    assert json.loads(device.ask("/networks.json?again=1").text) == told
    assert device.log().count("scan") == 2
    assert json.loads(device.ask("/networks.json").text) == told
    assert device.log().count("scan") == 2  # the radio has something else to do


def test_a_radio_that_cannot_scan_leaves_the_name_to_be_typed(start):
    device = start("deaf")
    answer = device.ask("/networks.json")
    assert answer.code == 200 and json.loads(answer.text) == []


def test_only_the_setup_searches_for_networks(start):
    assert start("run").ask("/networks.json").code == 404


@pytest.mark.parametrize("path", PORTAL)
def test_the_questions_of_phones_lead_to_the_page(start, path):
    device = start("setup")
    for host in ("connectivitycheck.example", f"127.0.0.1:{device.port}"):
        answer = device.ask(path, headers={"Host": host})
        assert answer.code == 302
        assert answer.headers["location"] == f"http://127.0.0.1:{device.port}/"
        assert answer.headers["cache-control"] == "no-store"


def test_the_setup_is_shown_under_its_own_address_only(start):
    device = start("setup", OPEN)
    for path in ("/", "/settings.json", "/networks.json", "/device.json", "/settings"):
        answer = device.ask(path, headers={"Host": "captive.example"})
        assert answer.code == 302 and not answer.text
    for host in ("captive.example", ""):
        answer = device.ask("/settings.json", {"mqtt_topic": "a"}, {"Host": host})
        assert answer.code == 403 and "http://127.0.0.1/" in answer.text
    assert "mqtt_topic" not in saved(device)


def test_the_set_up_asks_no_web_password_as_its_network_has_one(start):
    device = start("setup", SET_UP)
    assert device.ask("/settings.json").code == 200
    assert device.ask("/settings.json", {"web_password": None}).code == 200
    assert "web_password" not in saved(device)


# settings


def test_settings_are_saved_and_the_device_restarts(start, mode):
    device = start(mode)
    changes = {
        "wifi_ssid": "Skjult ",
        "wifi_password": "blåbærsyltetøy",
        "mqtt_topic": "hus/målar",
        "mqtt_password": 'a+b%&=ø "c\\',
    }
    answer = device.ask("/settings.json", changes)
    said = json.loads(answer.text)
    password = said.pop("password", None)
    assert (answer.code, said) == (200, {"saved": True, "restart": True})
    assert answer.headers["content-type"].startswith("application/json")
    found = saved(device)
    for name, value in changes.items():
        assert found[name] == value
    # The set-up makes a password of the pages, and says it this once.
    assert found.get("web_password") == password and bool(password) == (mode == "setup")
    assert waited_for(device, "restart: settings")


def test_the_set_up_makes_no_password_where_there_is_one_or_none_is_wanted(start):
    for values, changes in (
        (SET_UP, {"mqtt_topic": "a"}),
        ({}, {"web_password": "eigen-passord"}),
        ({}, {"web_password": None, "mqtt_topic": "a"}),
    ):
        device = start("setup", values)
        said = json.loads(device.ask("/settings.json", changes).text)
        assert said == {"saved": True, "restart": True}


def test_without_a_password_of_their_own_the_pages_have_that_of_the_set_up(start):
    device = start("run")
    device.password = None
    for path in ("/settings.json", "/frame.bin"):
        assert device.ask(path).code == 401
        assert device.ask(path, password="setup-password").code == 200
    assert device.ask("/restart", b"").code == 401
    assert device.ask("/settings.json", {"mqtt_topic": "a"}).code == 401
    assert device.ask("/data.json").code == 200
    assert "restart" not in device.log()


def test_values_can_be_locked_and_a_token_opens_them_and_nothing_else(start):
    token = "et-langt-tegn-for-skript"
    device = start("run", {**SET_UP, "web_lock": True, "web_token": token})
    bearer = {"Authorization": "Bearer " + token}
    for path in ("/data.json", "/settings.json"):
        assert device.ask(path).code == 401
        assert device.ask(path, password=SECRETS["web_password"]).code == 200
    assert device.ask("/device.json").code == 200, "what a page needs before it knows a password"
    assert device.ask("/data.json", headers=bearer).code == 200
    for path in ("/settings.json", "/frame.bin"):
        assert device.ask(path, headers=bearer).code == 401
    assert device.ask("/settings.json", {"mqtt_topic": "a"}, bearer).code == 401
    wrong = {"Authorization": "Bearer " + token[:-1] + "x"}
    assert device.ask("/data.json", headers=wrong).code == 401
    assert token not in device.log()


def test_no_token_opens_nothing(start):
    device = start("run", {**SET_UP, "web_lock": True})
    for given in ("Bearer ", "Bearer", "Bearer x"):
        assert device.ask("/data.json", headers={"Authorization": given}).code == 401


def waited_for(device, words):
    return until(lambda: words in device.log(), what=words)


def test_restart_is_done_by_post_alone(start):
    device = start("run")
    assert device.ask("/restart").code == 404
    assert "restart" not in device.log()
    answer = device.ask("/restart", b"")
    assert (answer.code, json.loads(answer.text)) == (200, {"restart": True})
    assert waited_for(device, "restart: web")


@pytest.mark.parametrize(
    ("changes", "at", "says"),
    [
        ({"mqtt_host": 'my "broker"'}, "mqtt_host", "letters"),
        ({"wifi_ssid": ""}, "wifi_ssid", "needed"),
        ({"mqtt_port": "x"}, "mqtt_port", "whole number"),
        ({"mqtt_port": [[]]}, "mqtt_port", "whole number"),
        ({"mqtt_port": {"a": 1}}, "mqtt_port", "whole number"),
        ({"mqtt_user": 5}, "mqtt_user", "text"),
        ({"payload": ["topics"]}, "payload", ""),
        ({"nothing": 1}, "nothing", "unknown setting"),
        ({"": 1}, "", "unknown setting"),
    ],
)
def test_a_mistake_is_told_at_its_name_and_nothing_is_saved(start, mode, changes, at, says):
    device = start(mode)
    answer = device.ask("/settings.json", {"mqtt_topic": "huset", **changes})
    assert answer.code == 422 and not device.file.exists()
    errors = json.loads(answer.text)["errors"]
    assert set(errors) == {at} and says in errors[at]
    assert values(device)["mqtt_topic"] == "kwhisper"
    assert "restart" not in device.log()


BODIES = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"1",
    b'"text"',
    b"{1:2}",
    b'{"mqtt_port":1883,2:3}',
    b"{null:1}",
    b"{[]:1}",
    b"{{}:1}",
    b'{"mqtt_topic":"\xff"}',
    b'{"mqtt_topic":"\xc3"}',
    b"\xff\xfe\xfd",
    b"\0",
    b'{"mqtt_port":1.2.3}',
    b'{"mqtt_port":-}',
    b'{"mqtt_topic":"a"} x',
    b"mqtt_topic=a&form=whole",
    b"[" * 6000,
    b"{" * 6000,
    b'{"":' * 2000 + b"1" + b"}" * 2000,
    b'{"mqtt_port":' + b"9" * 6000 + b"}",
    b'{"mqtt_port":' + b"[" * 3000 + b"]" * 3000 + b"}",
    b'{"mqtt_port":1e999}',
    b'{"mqtt_user":"\\ud800"}',
    b'{"mqtt_user":"\\u0000"}',
]


@pytest.mark.parametrize("body", BODIES, ids=lambda b: repr(b[:20]))
def test_any_body_gets_a_clear_answer(start, mode, body):
    device = start(mode)
    answer = device.ask("/settings.json", body)
    assert answer.code in (400, 422), answer.text
    errors = json.loads(answer.text)["errors"]
    assert errors and all(isinstance(message, str) and message for message in errors.values())
    assert "Traceback" not in device.log() and "error" not in device.log()
    assert not device.file.exists() and device.ask("/settings.json").code == 200


def test_settings_are_told_but_no_secret(start, mode):
    device = start(mode, OPEN)
    told = values(device)
    assert told["mqtt_host"] == "10.0.0.2" and told["mqtt_port"] == 1883
    assert told["mqtt_password"] is True and told["mqtt_key"] is False
    names = [
        row["name"] for row in json.loads(device.ask("/setting_table.json").text) if "name" in row
    ]
    assert list(told) == names
    device.ask("/settings.json", {"mqtt_topic": "huset", "meter_key": None})
    assert saved(device)["mqtt_topic"] == "huset" and "meter_key" not in saved(device)


def test_an_empty_secret_keeps_what_is_saved_and_null_deletes_it(start, mode):
    device = start(mode, SET_UP if mode == "setup" else OPEN)
    before = saved(device)
    assert device.ask("/settings.json", dict.fromkeys(SECRETS, "")).code == 200
    assert saved(device) == before
    assert device.ask("/settings.json", {"mqtt_password": None}).code == 200
    assert "mqtt_password" not in saved(device) and "wifi_password" in saved(device)


def test_a_broker_elsewhere_does_not_get_the_saved_password(start, mode):
    device = start(mode, {"wifi_ssid": "x", "mqtt_host": "10.0.0.2", "mqtt_password": "hemmelig"})
    answer = device.ask("/settings.json", {"mqtt_host": "10.6.6.6"})
    errors = json.loads(answer.text)["errors"]
    assert answer.code == 422 and "typed again" in errors["mqtt_password"]
    assert saved(device)["mqtt_host"] == "10.0.0.2"
    # To nowhere it cannot go, and from there it goes nowhere else either.
    assert device.ask("/settings.json", {"mqtt_host": ""}).code == 200
    answer = device.ask("/settings.json", {"mqtt_host": "10.6.6.6"})
    assert "typed again" in json.loads(answer.text)["errors"]["mqtt_password"]


def test_flash_that_cannot_be_written_is_told(start, mode):
    device = start(mode)
    device.folder = device.folder.rename(device.folder.with_name("moved"))
    answer = device.ask("/settings.json", {"mqtt_topic": "a"})
    assert answer.code == 422 and "could not be written" in json.loads(answer.text)["errors"][""]
    assert "restart" not in device.log() and values(device)["mqtt_topic"] == "kwhisper"


def every_answer(device, password):
    for path in (
        "/",
        "/settings",
        "/settings.json",
        "/data.json",
        "/device.json",
        "/networks.json",
        "/frame.bin",
        "/kwhisper.js",
    ):
        for p in (None, password, "wrong"):
            yield device.ask(path, password=p)
    for body in (
        {"mqtt_host": "x y"},
        {"mqtt_port": "0", **SECRETS},
        {name: value + "\n" for name, value in SECRETS.items()},
        {name: [value] for name, value in SECRETS.items()},
        {SECRETS["mqtt_password"] + "x": 1},
        {"mqtt_topic": "a"},
        "mqtt_password=%ff%fe&a",
    ):
        yield device.ask("/settings.json", body, password=password)


def test_no_secret_is_in_any_answer_or_in_the_log(start, mode):
    device = start(mode, SET_UP)
    count = 0
    for answer in every_answer(device, SECRETS["web_password"]):
        said = (answer.body + repr(answer.headers).encode()).replace(b"hemmelig-mqtt-2x", b"")
        for secret in SECRETS.values():
            assert secret.encode() not in said
        count += 1
    assert count > 15
    for secret in SECRETS.values():
        assert secret not in device.log()


# who may


def test_settings_ask_for_the_web_password_and_the_values_do_not(start):
    device = start("run", SET_UP)
    for path in ("/settings.json", "/frame.bin"):
        refused = device.ask(path)
        assert refused.code == 401 and "Basic" in refused.headers["www-authenticate"]
        assert device.ask(path, password=SECRETS["web_password"]).code == 200
    assert device.ask("/settings.json", {"mqtt_topic": "a"}).code == 401
    assert device.ask("/restart", b"").code == 401
    for nothing in ("Basic", "Bearer x", "", "Basic"):
        answer = device.ask("/settings.json", headers={"Authorization": nothing})
        assert answer.code == 401
    for path in ("/data.json", "/device.json", "/", "/settings", "/kwhisper.js"):
        assert device.ask(path).code == 200
    assert "restart" not in device.log() and "mqtt_topic" not in saved(device)


def test_wrong_passwords_wait_longer_and_longer(start):
    device = start("run", SET_UP)
    right = SECRETS["web_password"]
    for wrong in ("hemmelig-side-", right + "x", "", "%%%"):
        assert device.ask("/settings.json", password=wrong).code == 401
    assert device.ask("/settings.json", password=right).code == 200  # and all is forgotten
    for n in range(4):
        assert device.ask("/settings.json", password=str(n)).code == 401
    waits = []
    while len(waits) < 2:
        answer = device.ask("/settings.json", password="wrong")
        assert answer.code == 429
        waits.append(int(re.search(r"wait (\d+) s", answer.text)[1]))
        # Not even the right one is looked at meanwhile.
        assert device.ask("/settings.json", password=right).code == 429
        time.sleep(waits[-1] + 1)
    assert waits[0] <= 2 < waits[1] <= 4
    assert "warning web: wrong password, 5 times" in device.log()
    assert device.ask("/settings.json").code == 401
    answer = device.ask("/settings.json", password=right)
    while answer.code == 429:
        time.sleep(1)
        answer = device.ask("/settings.json", password=right)
    assert answer.code == 200
    assert right not in device.log()


def test_a_header_that_is_no_password_is_a_wrong_one(start):
    device = start("run", SET_UP)
    for given in ("Basic %%%", "Basic YWJj", "basic ", "BASIC /////w=="):
        answer = device.ask("/settings.json", headers={"Authorization": given})
        assert answer.code == 401, given


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://evil.example", "Host": "evil.example"},  # DNS rebinding
        {"Origin": "https://kwhisper", "Host": "kwhisper"},
        {"Host": "kwhisper.evil.example"},
        {"Host": "[]x"},
        {"Host": ""},
    ],
)
def test_a_page_of_another_site_cannot_change_anything(start, mode, headers):
    device = start(mode)
    for path, body in (("/settings.json", {"wifi_ssid": "x"}), ("/settings.json", "{}")):
        assert device.ask(path, body, headers).code == 403
    if mode == "run":
        assert device.ask("/restart", b"", headers).code == 403
    assert not device.file.exists() and "restart" not in device.log()


def test_the_own_page_may_by_address_or_by_name(start, mode):
    device = start(mode)
    for host in (f"127.0.0.1:{device.port}", "kwhisper.local", "KWHISPER", "kwhisper.fritz.box"):
        headers = {"Host": host, "Origin": "http://" + host.lower()}
        assert device.ask("/settings.json", {"wifi_ssid": "x"}, headers).code == 200, host


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("192.168.4.1", True),
        ("192.168.4.1:80", True),
        ("localhost:8080", True),
        ("kwhisper", True),
        ("KWhisper.Local:80", True),
        ("kwhisper.home.arpa", True),
        ("[fe80::1]", False),
        ("[fe80::1]:80", False),
        ("", False),
        (":80", False),
        ("[]", False),
        ("[]x", False),
        ("[fe80::1]x", False),
        ("192.168.4.1:80x", False),
        ("192.168.4.1.evil.example", False),
        ("kwhisper.example", False),
        ("kwhisper.local.example", False),
        ("kwhisper.local .lan", False),
        ("kwhisperlocal", False),
        ("xkwhisper.local", False),
        ("evil.example", False),
    ],
)
def test_whose_name_a_host_is(host, own):
    assert api.own_host(host, "kwhisper") is own


def test_a_name_may_hold_dots_and_capitals():
    for host in ("meter.Example.net", "meter.example.net.local"):
        assert api.own_host(host, "Meter.example.net")
    assert not api.own_host("meter", "meter.example.net")


@pytest.mark.parametrize("a", [b"", b"a", b"ab", b"abc", "blåbær".encode()])
def test_passwords_agree_when_they_are_the_same(a):
    for b in (b"", b"a", b"b", b"ab", b"abc", b"abcabc", "blåbær".encode()):
        assert auth.same(a, b) is (a == b)


# values


def test_device_json_tells_what_a_page_needs_before_a_password(start, mode):
    for saved_, protected in (({}, False), (SET_UP, True)):
        answer = start(mode, saved_).ask("/device.json")
        assert json.loads(answer.text) == {
            "mode": mode,
            "problem": None,
            "name": "kwhisper",
            "ip": "127.0.0.1",
            "version": "1.2.3",
            "board": "host",
            "password_set": protected,
            "zone": "CET",
            "history": False,
            "energy": False,
            "fuse": 0,
            "production": 0,
            "network": "tn",
        }


def test_device_json_tells_that_the_settings_were_damaged(start, mode):
    device = start(mode, damaged=b'{"wifi_ssid": "Hj')
    assert "damaged" in json.loads(device.ask("/device.json").text)["problem"]


def test_data_json_keeps_the_meters_decimals(start):
    answer = start("run").ask("/data.json")
    assert '"voltage_l1":{"label":"Voltage L1","value":230.40,"unit":"V"' in answer.text
    data = json.loads(answer.text, parse_float=str)
    assert data["name"] == "kwhisper" and data["time"] == "2026-11-20T10:00:10+01:00"
    assert data["values"]["current_l2"]["value"] == "1.90"
    assert data["values"]["active_power_import"]["value"] == 1789
    assert data["values"]["active_energy_import"]["value"] == 2**64 - 1
    assert data["values"]["1-0:99.98.97"]["value"] == "-0.01"
    assert data["values"]["voltage_l3"]["flags"] == ["unsure"]
    assert data["values"]["active_energy_export"]["flags"] == ["stale"]
    assert "flags" not in data["values"]["voltage_l1"]
    assert data["status"]["frames"] == {"ok": 12873, "fcs": 3, "noise": 0}
    assert data["meter"] == {"list": "AIDON_V0001", "type": "6525"}
    assert data["lists"] == 7 and data["unknown_frame"] is True and data["left_out"] == 0


def test_a_page_that_has_the_newest_list_is_told_so_in_a_line(start):
    device = start("run")
    answer = device.ask("/data.json?lists=7")
    assert (answer.code, answer.body) == (204, b"")
    for query in ("lists=6", "lists=", "lists=07", "x", ""):
        assert json.loads(device.ask("/data.json?" + query).text)["lists"] == 7


def test_the_meters_number_is_shown_only_if_allowed(start):
    assert "7359992890941742" not in start("run").ask("/data.json").text
    told = json.loads(start("run", {"publish_meter_id": "1"}).ask("/data.json").text)
    assert told["meter"]["id"] == "7359992890941742"


def test_the_number_that_stands_in_the_meters_type_is_left_out(start):
    assert json.loads(start("kmp5").ask("/data.json").text)["meter"]["type"] == "KMP5"
    told = json.loads(start("kmp5", {"publish_meter_id": "1"}).ask("/data.json").text)
    assert told["meter"]["type"] == "KMP5 7359992890941742"


def test_the_values_are_not_for_another_sites_page(start):
    device = start("run")
    for host in ("evil.example", "kwhisper.evil.example", ""):
        for path in ("/data.json", "/device.json"):
            answer = device.ask(path, headers={"Host": host})
            assert answer.code == 403 and "value" not in answer.text
    for host in ("kwhisper", "KWhisper.local", "192.168.1.7"):
        assert device.ask("/data.json", headers={"Host": host}).code == 200


def test_an_unknown_frame_can_be_downloaded(start):
    answer = start("run").ask("/frame.bin")
    assert answer.body == b"\x7e\xa0\x01unknown\x7e"
    assert answer.headers["content-type"] == "application/octet-stream"  # so a browser saves it
    assert start("run-demo").ask("/frame.bin").code == 404


def test_the_newest_frame_can_be_downloaded_if_all_were_understood(start):
    answer = start("run-demo-decoded").ask("/frame.bin")
    assert (answer.code, answer.body) == (200, b"\x7e\xa0\x01known\x7e")
