"""The pages over a real socket, by both Pythons: what they show, take, refuse, and never say."""

import json
import re
import time
from html import unescape
from types import SimpleNamespace

import pytest

from kwhisper import settings
from kwhisper.web import data, live

SECRETS = {
    "wifi_password": "hemmelig-wifi-1",
    "mqtt_password": "hemmelig-mqtt-2",
    "web_password": "hemmelig-side-3",
    "meter_key": "0123456789abcdef0123456789abcdef",
    "meter_auth_key": "fedcba9876543210fedcba9876543210",
}
SET_UP = {"wifi_ssid": "Hjemme æøå", "mqtt_host": "10.0.0.2", **SECRETS}
PORTAL = (
    "/generate_204",
    "/gen_204",
    "/hotspot-detect.html",
    "/library/test/success.html",
    "/connecttest.txt",
    "/ncsi.txt",
    "/canonical.html",
    "/what/ever?x=1",
)


def saved(device):
    return json.loads(device.file.read_text(encoding="utf-8"))


def note_at(name, text):
    """The message at a field of the page, or None."""
    found = re.search(rf"<p class=err id=e_{name}>(.*?)</p>", text)
    return found and unescape(found[1])


def value_of(name, text):
    """What a text field of the page is filled with."""
    field = re.search(rf"<input[^>]* name={name} [^>]*>", text)[0]
    value = re.search(r' value="([^"]*)"', field)
    return unescape(value[1]) if value else ""


def test_setup_offers_the_networks_of_the_scan_once_each(start):
    page = start("setup").ask("/").text
    offered = [unescape(v) for v in re.findall(r'name=wifi_pick value="=([^"]*)"', page)]
    assert offered == ["Hjemme æøå", 'Café <b>"Bla\'"</b> & co', "Naboen"]
    assert "<b>\"Bla'" not in page  # a network's name is text, never markup


def test_a_radio_that_cannot_scan_leaves_the_name_to_be_typed(start):
    page = start("deaf").ask("/").text
    assert 'value="?" checked' in page and "name=wifi_ssid" in page


def test_every_setting_has_a_labelled_field(start):
    from kwhisper import fields

    device = start("setup")
    page = device.ask("/").text
    for row in fields.fields():
        if device.small and row.group == "tls":
            assert row.name not in page
            continue
        assert unescape(row.label) in unescape(page)
        assert f"name={row.name}" in page, row.name
    ids = set(re.findall(r" id=(\w+)", page))
    for label in re.findall(r"<label for=(\w+)", page):
        assert label in ids
    # No address outside: a phone in the set-up network has no internet.
    assert not re.findall(r"(?:src|href)=\"?(?:https?:)?//", page)


def test_a_network_picked_from_the_list_is_saved_and_the_device_restarts(start):
    device = start("setup")
    form = {
        "wifi_pick": "=Hjemme æøå",
        "wifi_password": "blåbærsyltetøy",
        "mqtt_topic": "hus/målar",
    }
    answer = device.ask("/", form)
    assert answer.code == 200
    assert "http://kwhisper.local/" in answer.text and "Hjemme æøå" in answer.text
    assert saved(device)["wifi_ssid"] == "Hjemme æøå"
    assert saved(device)["wifi_password"] == "blåbærsyltetøy"
    assert saved(device)["mqtt_topic"] == "hus/målar"
    for _ in range(100):
        if "restart" in device.log():
            break
        time.sleep(0.1)
    assert "restart" in device.log()


def test_a_typed_network_is_saved(start):
    device = start("setup")
    form = {"wifi_pick": "?", "wifi_ssid": "Skjult ", "mqtt_password": "a+b%&=ø c"}
    assert device.ask("/", form).code == 200
    assert saved(device)["wifi_ssid"] == "Skjult "
    assert saved(device)["mqtt_password"] == "a+b%&=ø c"


def test_a_mistake_is_told_at_its_field_and_all_else_typed_is_kept(start):
    device = start("setup")
    form = {
        "wifi_pick": "=Naboen",
        "wifi_password": "hemmelig-typed",
        "mqtt_host": 'my "broker"',
        "mqtt_topic": "huset",
        "payload": ["json", "domoticz"],
        "publish_changed": "1",
        "time_zone": "EET",
    }
    answer = device.ask("/", form)
    assert answer.code == 422 and not device.file.exists()
    assert "letters" in note_at("mqtt_host", answer.text)
    assert value_of("mqtt_host", answer.text) == 'my "broker"'
    assert value_of("mqtt_topic", answer.text) == "huset"
    assert 'value="=Naboen" checked' in answer.text
    for kept in ("json", "domoticz"):
        assert f"name=payload value={kept} checked" in answer.text
    assert "name=payload value=topics>" in answer.text
    assert "name=publish_changed value=1 checked" in answer.text
    assert "value=EET selected" in answer.text
    # The secret is not sent back; the person is told, or it would be lost unnoticed.
    assert "hemmelig-typed" not in answer.text
    assert "typed again" in note_at("wifi_password", answer.text)


def test_an_empty_name_of_the_network_is_not_taken(start):
    answer = start("setup").ask("/", {"wifi_pick": "?", "wifi_ssid": ""})
    assert answer.code == 422 and "needed" in note_at("wifi_ssid", answer.text)


def test_the_form_comes_back_prefilled_but_without_secrets(start):
    page = start("setup", SET_UP).ask("/").text
    assert value_of("mqtt_host", page) == "10.0.0.2"
    assert 'value="=Hjemme æøå" checked' in page
    for name in SECRETS:
        assert value_of(name, page) == ""
        assert f"name=forget_{name}" in page


def test_saving_the_form_as_it_came_keeps_the_secrets(start):
    device = start("setup", SET_UP)
    before = saved(device)
    form = {"wifi_pick": "=Hjemme æøå", "mqtt_host": "10.0.0.2", "payload": ["topics", "json"]}
    form.update(dict.fromkeys(SECRETS, ""))
    assert device.ask("/", form).code == 200
    assert saved(device) == before


def test_a_tick_deletes_a_saved_secret(start):
    device = start("setup", SET_UP)
    form = {"wifi_ssid": "Hjemme æøå", "mqtt_host": "10.0.0.2", "forget_mqtt_password": "1"}
    assert device.ask("/", form).code == 200
    assert "mqtt_password" not in saved(device) and "wifi_password" in saved(device)


@pytest.mark.parametrize("path", PORTAL)
def test_the_questions_of_phones_lead_to_the_form(start, path):
    device = start("setup")
    answer = device.ask(path, headers={"Host": "connectivitycheck.example"})
    assert answer.code == 302
    assert answer.headers["location"] == f"http://127.0.0.1:{device.port}/"


def test_the_form_is_shown_under_its_own_address_only(start):
    answer = start("setup").ask("/", headers={"Host": "captive.example"})
    assert answer.code == 302 and "form" not in answer.text


def every_answer(device, password):
    for path in ("/", "/settings", "/settings.json", "/data.json", "/frame.bin", "/kw.js"):
        for p in (None, password):
            yield device.ask(path, password=p)
    yield device.ask("/settings", {"mqtt_host": "x y"}, password=password)
    yield device.ask("/settings", {"mqtt_port": "0", **SECRETS}, password=password)
    yield device.ask("/settings.json", '{"mqtt_port": 0}', password=password)
    yield device.ask("/settings.json", '{"mqtt_topic": "a"}', password=password)
    yield device.ask("/settings", {"wifi_ssid": SET_UP["wifi_ssid"]}, password=password)
    yield device.ask("/settings", "form=whole&mqtt_password=%ff%fe&a", password=password)
    yield device.ask("/settings", "%%%=%&=&&form", password=password)


def test_no_secret_is_in_any_answer_or_in_the_log(start):
    device = start("run", SET_UP)
    count = 0
    for answer in every_answer(device, SECRETS["web_password"]):
        said = answer.body + repr(answer.headers).encode()
        for secret in SECRETS.values():
            assert secret.encode() not in said
        count += 1
    assert count > 15
    for secret in SECRETS.values():
        assert secret not in device.log()


def test_settings_ask_for_the_web_password_and_the_values_do_not(start):
    device = start("run", SET_UP)
    for path in ("/settings", "/settings.json", "/frame.bin"):
        refused = device.ask(path)
        assert refused.code == 401 and "Basic" in refused.headers["www-authenticate"]
        assert device.ask(path, password="hemmelig-side-").code == 401
        assert device.ask(path, password=SECRETS["web_password"]).code == 200
    assert device.ask("/settings", {"mqtt_topic": "a"}).code == 401
    assert device.ask("/restart", "").code == 401
    assert device.ask("/settings", headers={"Authorization": "Basic %%%"}).code == 401
    assert device.ask("/settings", headers={"Authorization": "Basic"}).code == 401
    assert device.ask("/data.json").code == 200


def test_the_set_up_asks_no_web_password_as_its_network_has_one(start):
    assert start("setup", SET_UP).ask("/").code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://evil.example", "Host": "evil.example"},  # DNS rebinding
        {"Host": "kwhisper.evil.example"},
        {"Host": ""},
    ],
)
def test_a_page_of_another_site_cannot_change_anything(start, headers):
    device = start("run")
    for path, body in (
        ("/settings", {"wifi_ssid": "x"}),
        ("/settings.json", "{}"),
        ("/restart", ""),
    ):
        assert device.ask(path, body, headers).code == 403
    assert not device.file.exists()


def test_the_own_page_may_by_address_or_by_name(start):
    device = start("run")
    for host in (f"127.0.0.1:{device.port}", "kwhisper.local", "KWHISPER", "kwhisper.fritz.box"):
        answer = device.ask(
            "/settings", {"wifi_ssid": "x"}, {"Host": host, "Origin": "http://" + host.lower()}
        )
        assert answer.code == 200, host


def test_a_broker_elsewhere_does_not_get_the_saved_password(start):
    device = start("run", {"wifi_ssid": "x", "mqtt_host": "10.0.0.2", "mqtt_password": "hemmelig"})
    answer = device.ask("/settings", {"wifi_ssid": "x", "mqtt_host": "10.6.6.6"})
    assert answer.code == 422 and "typed again" in note_at("mqtt_password", answer.text)
    answer = device.ask("/settings.json", '{"mqtt_host": "10.6.6.6"}')
    assert answer.code == 422 and saved(device)["mqtt_host"] == "10.0.0.2"


def test_half_a_form_changes_nothing(start):
    device = start("run", SET_UP | {"web_password": "", "publish_changed": "1"})
    before = saved(device)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for body in ("", "mqtt_topic=a", "form=who", "form", "=" * 50, "&" * 50):
        assert device.ask("/settings", body, form).code == 400
    assert saved(device) == before


def test_data_json_keeps_the_meters_decimals(start):
    answer = start("run").ask("/data.json")
    assert '"voltage_l1":{"label":"Voltage L1","value":230.40,"unit":"V"' in answer.text
    data = json.loads(answer.text, parse_float=str)
    assert data["values"]["current_l2"]["value"] == "1.90"
    assert data["values"]["active_power_import"]["value"] == 1789
    assert data["values"]["voltage_l3"]["flags"] == ["unsure"]
    assert data["values"]["active_energy_export"]["flags"] == ["stale"]
    assert data["status"]["frames"] == {"ok": 12873, "fcs": 3, "noise": 0}
    assert data["meter"]["list"] == "AIDON_V0001" and "id" not in data["meter"]


def test_two_gas_meters_stay_apart(start):
    values = json.loads(start("run").ask("/data.json").text)["values"]
    assert values["meter1_volume"]["value"] == 1043.217
    assert values["meter2_volume"]["value"] == 12.5
    assert values["meter2_volume"]["label"] == "Volume, meter 2"


def test_more_values_than_there_is_room_for_are_left_out(start):
    values = json.loads(start("run").ask("/data.json").text)["values"]
    assert len(values) == 14 and "1-0:99.98.97" not in values


def test_the_meters_number_is_shown_only_if_allowed(start):
    assert "7359992890941742" not in start("run").ask("/data.json").text
    assert "7359992890941742" in start("run", {"publish_meter_id": "1"}).ask("/data.json").text


def test_the_values_are_not_for_another_sites_page(start):
    device = start("run")
    for host in ("evil.example", "kwhisper.evil.example", ""):
        answer = device.ask("/data.json", headers={"Host": host})
        assert answer.code == 403 and "values" not in answer.text
    for host in ("kwhisper", "KWhisper.local", "192.168.1.7"):
        assert device.ask("/data.json", headers={"Host": host}).code == 200


def test_the_number_that_stands_in_the_meters_type_is_left_out():
    meter = live.Live(lambda: 0)
    meter._keep_text(live.METER_TYPE, "KMP5 KA6U0016000000003")
    meter._keep_text(live.METER_ID, "KA6U0016000000003")
    s = settings.Settings("nowhere")

    def said():
        return "".join(data.pieces(s, SimpleNamespace(pairs=lambda: ()), meter))

    assert '"type": "KMP5"' in said().replace('":"', '": "') and "KA6U0016" not in said()
    assert s.change({"publish_meter_id": "1"}) == {}
    assert "KMP5 KA6U0016000000003" in said()


def test_an_unknown_frame_can_be_downloaded(start):
    answer = start("run").ask("/frame.bin")
    assert answer.body == b"\x7e\xa0\x01unknown\x7e"
    assert "attachment" in answer.headers["content-disposition"]


def test_the_settings_can_be_read_and_written_as_json(start):
    device = start("run", SET_UP | {"web_password": ""})
    told = json.loads(device.ask("/settings.json").text)
    assert told["mqtt_host"] == "10.0.0.2" and told["mqtt_port"] == 1883
    assert told["mqtt_password"] is True and told["mqtt_key"] is False
    answer = device.ask("/settings.json", '{"mqtt_port": "x", "nothing": 1}')
    assert answer.code == 422 and set(json.loads(answer.text)["errors"]) == {
        "mqtt_port",
        "nothing",
    }
    assert device.ask("/settings.json", '{"mqtt_port": 8883, "meter_key": null}').code == 200
    assert saved(device)["mqtt_port"] == 8883 and "meter_key" not in saved(device)
    for body in ("[]", "{", "", "\xff"):
        assert device.ask("/settings.json", body.encode("latin-1")).code == 400


def test_pages_may_not_be_framed_and_load_nothing_from_elsewhere(start):
    for mode in ("setup", "run"):
        headers = start(mode).ask("/").headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"


def test_what_is_not_there_is_not_found(start):
    device = start("run")
    for path in ("/nothing", "/../settings.json", "/static/kw.css", "/generate_204"):
        assert device.ask(path).code == 404
