"""A person with a phone: joins the set-up WiFi, is led to the form, fills it in, has values."""

import json

import pytest
from system.waiting import answers, hurry_joins, until


@pytest.fixture
def unset(house):
    speaker, device = house("aidon", speed=3)
    device.power_on()
    device.wait_for("then open")
    speaker.start()
    return speaker, device


def test_from_the_phones_first_question_to_values_on_mqtt(
    unset, mosquitto, listen, chromium, tmp_path
):
    _, device = unset
    listener = listen(mosquitto.port)
    page = chromium(device)
    # What an Android phone asks first; every name is the device's here.
    page.goto("http://connectivitycheck.gstatic.com/generate_204")
    assert page.url == "http://192.168.4.1/"
    assert page.title() == "kWhisper"
    page.screenshot(path=tmp_path / "setup.png", full_page=True)
    page.get_by_text("Blåbærstua på Ås").first.click()
    page.locator("[name=wifi_password]").fill("rømmegrøt")
    page.locator("[name=mqtt_host]").fill("127.0.0.1")
    page.locator("[name=mqtt_port]").fill(str(mosquitto.port))
    page.locator("[name=mqtt_topic]").fill("hjemme/strøm")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 360, f"{wide} px: it scrolls sideways on a phone"
    page.get_by_role("button", name="Save and restart").click()
    page.get_by_role("heading", name="Saved").wait_for()
    page.screenshot(path=tmp_path / "saved.png", full_page=True)
    device.wait_for("WiFi: connected")
    until(lambda: listener.of("hjemme/strøm/active_power_import"), 60, "values on MQTT")
    file = (device.flash / "settings.json").read_text()
    kept, _ = json.JSONDecoder().raw_decode(file)  # its checksum stands behind
    assert kept["wifi_ssid"] == "Blåbærstua på Ås"
    assert kept["wifi_password"] == "rømmegrøt"


def test_the_live_page_shows_what_the_meter_says(house, chromium, tmp_path):
    speaker, device = house("aidon", speed=3)
    device.settings(wifi_ssid="Fjellheim", wifi_password="kwhisper-demo")
    device.power_on()
    speaker.start()
    until(lambda: speaker.said and "WiFi: connected" in "\n".join(device.output), 60, "WiFi")
    until(lambda: answers(device), what="the page")
    page = chromium(device)
    page.goto("http://kwhisper.local/")
    page.get_by_text("Phases").wait_for(timeout=60000)
    page.screenshot(path=tmp_path / "live.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    outside = page.evaluate("performance.getEntriesByType('resource').map(e => e.name)")
    assert all(name.startswith("http://kwhisper.local/") for name in outside)


def test_after_a_change_of_the_settings_the_values_come_back_by_themselves(house, chromium):
    speaker, device = house("aidon", speed=3)
    known = {"wifi_ssid": "Fjellheim", "wifi_password": "kwhisper-demo"}
    device.settings(**known, web_password="blåbærsyltetøy")
    device.power_on()
    speaker.start()
    device.wait_for("WiFi: connected")
    until(lambda: answers(device, "settings"), 30, "the settings")
    page = chromium(device, "blåbærsyltetøy")
    page.goto("http://kwhisper.local/settings")
    page.locator("summary", has_text="What is published").click()
    page.get_by_label("Seconds between values").fill("30")
    page.get_by_role("button", name="Save and restart").click()
    page.get_by_role("heading", name="Saved").wait_for()
    page.get_by_text("Phases").wait_for(timeout=120000)
    assert page.url == "http://kwhisper.local/"
    assert device.starts == 2


def test_a_wrong_password_brings_the_form_back_with_the_reason(unset, chromium):
    _, device = unset
    hurry_joins(device)
    page = chromium(device)
    page.goto("http://192.168.4.1/")
    page.get_by_text("Naboen").first.click()
    page.locator("[name=wifi_password]").fill("ikke-riktig")
    page.get_by_role("button", name="Save and restart").click()
    page.get_by_role("heading", name="Saved").wait_for()
    device.wait_for("set-up: wrong password")
    until(lambda: sum("then open" in line for line in device.output) == 2, 30, "the form")
    until(lambda: answers(device, ""), 30, "the form's page")
    page.goto("http://192.168.4.1/")
    page.get_by_text("wrong password").wait_for()
    page.get_by_label("Naboen").wait_for()
    assert page.get_by_label("Naboen").is_checked()
    assert "ikke-riktig" not in page.content(), "a secret is never shown again"


def test_the_wifi_is_tested_after_a_wrong_password_as_before(unset, chromium):
    """The driver still tells how the last attempt ended."""
    _, device = unset
    page = chromium(device)
    page.goto("http://192.168.4.1/")

    def tested(password):
        typed = json.dumps({"wifi_ssid": "Blåbærstua på Ås", "wifi_password": password})
        asked = "typed => fetch('/test', {method: 'POST', body: typed}).then(a => a.json())"
        return page.evaluate(asked, typed)["wifi"]

    assert "wrong password" in tested("ikke-riktig")
    assert tested("rømmegrøt") is None
