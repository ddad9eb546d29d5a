"""The set-up and the settings in a real browser: phone and desk, day and night, all faults.

Most tests run against a stand-in of the device (stand_in.py), which can be slow, busy or gone;
those that are given `start` (conftest.py) run against the firmware.
"""

import json
import re

import pytest
from web.browsing import (
    LOOKS,
    OPEN_ALL,
    PAGES,
    ROWS,
    WIDTHS,
    errors_are_shown,
    field,
    found_by_axe,
    ready,
    save,
    saved,
    sound,
)

# ---- the looks


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_setup_page_fits_and_can_be_read(setup, look, width, scheme):
    setup.device["problem"] = "wrong password"
    setup.settings |= {"wifi_ssid": "Naboen", "wifi_password": True, "meter_key": True}
    page = ready(look(setup, "/", width, scheme))
    assert page.title() == "kWhisper"
    assert page.get_by_role("heading", name="Set up your reader").is_visible()
    assert "Could not run with Naboen:" in page.inner_text("#notes")
    sound(page)
    page.evaluate(OPEN_ALL)
    page.get_by_label("Broker", exact=True).fill("192.168.1.10")
    sound(page)
    setup.errors = {row["name"]: "must be something else than this" for row in ROWS}
    save(page)
    errors_are_shown(page)
    assert page.locator(".err:visible").count() == len(ROWS)
    sound(page)
    setup.errors = {}
    save(page)
    saved(page)
    sound(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_settings_fit_and_can_be_read(run, look, width):
    page = ready(look(run, "/settings", width))
    assert page.get_by_role("heading", name="Settings").is_visible()
    page.evaluate(OPEN_ALL)
    sound(page)


def test_nothing_is_found_by_axe_in_the_forms(setup, run, look):
    assert found_by_axe(ready(look(run, "/settings"))) == []
    page = ready(look(setup))
    page.evaluate(OPEN_ALL)
    assert found_by_axe(page) == []
    setup.errors = {row["name"]: "must be something else" for row in ROWS}
    save(page)
    errors_are_shown(page)
    assert found_by_axe(page) == []


@pytest.mark.parametrize("path", PAGES)
def test_without_scripts_the_pages_say_what_they_need(run, look, path):
    page = look(run, path, java_script_enabled=False)
    words = page.locator("noscript .note")
    assert words.is_visible() and "This page needs JavaScript" in words.inner_text()
    assert not page.locator("form, #now, #card").first.is_visible()


def test_the_settings_are_searched(run, look):
    page = ready(look(run, "/settings"))
    assert not field(page, "mqtt_ca").is_visible()
    page.get_by_label("Search the settings").fill("certif")
    shown = [row["name"] for row in ROWS if field(page, row["name"]).is_visible()]
    assert "mqtt_ca" in shown and "mqtt_host" not in shown
    for row in ROWS:
        words = " ".join([row["name"], row["label"], row.get("help", "")]).lower()
        assert ("certif" in words) == (row["name"] in shown)
    assert not page.locator(".changed").count()
    page.get_by_label("Search the settings").fill("no such thing")
    assert page.get_by_text("No setting matches.").is_visible()
    page.get_by_label("Search the settings").fill("")
    assert field(page, "mqtt_host").is_visible() and not field(page, "mqtt_ca").is_visible()


# ---- the form


def test_every_row_of_the_table_has_its_control_and_its_words(setup, look):
    page = ready(look(setup))
    page.evaluate(OPEN_ALL)
    assert len(ROWS) > 25
    for row in ROWS:
        box = field(page, row["name"])
        words = box.inner_text()
        assert row["label"] in words
        assert row.get("help", "") in words
        for name, text in row.get("choices", []):
            if row["type"] == "many":
                assert text in words
            else:
                assert box.locator(f"option[value='{name}']").inner_text() == text
        if row["type"] == "int":
            assert f"{row['least']} to {row['most']}." in words
    assert "At least 8 characters." in field(page, "web_password").inner_text()


def test_what_is_typed_is_sent_and_nothing_else(run, look):
    page = ready(look(run, "/settings"))
    page.evaluate(OPEN_ALL)
    typed = {
        "wifi_ssid": "Hytta på fjellet",  # text
        "host_name": "måler",  # host: the device judges
        "mqtt_port": 8883,  # int
        "publish_interval": "ti",  # int, but none: sent as it is, the device says so
        "mqtt_topic": "hus/måler",
        "publish_changed": True,
        "meter": "2400-8E1",
        "payload": "json,homeassistant",
        "meter_key": "00112233445566778899aabbccddeeff",
        "mqtt_ca": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "mqtt_key": "-----BEGIN KEY-----\nMIIB\n-----END KEY-----",
        "domoticz_idx": "active_power_import=12",
        "mqtt_password": " blåbær ",
        "board": "esp32c6",
        "mep_key": "0123456789abcdef0123456789abcdef01234567",
        "price_energy": "0.475",
        "thresholds": "2, 5",
        "night_hours": "23-7",
        "time_zone": "Europe/Vilnius",
        "meter_line": "4800 8E1",
        "net_static": "192.168.1.40/24 192.168.1.1 192.168.1.1",
        "net_station": "best",
        "pins": "rx=16",
    }
    names = {row["name"] for row in ROWS}
    typed = {name: what for name, what in typed.items() if name in names}
    for row in ROWS:
        name = row["name"]
        if name not in typed:
            continue
        control = page.locator(f"[name={name}]")
        if row["type"] == "bool":
            control.check()
        elif row["type"] in ("pick", "board", "zone"):
            control.select_option(typed[name])
        elif row["type"] == "many":
            page.locator("[name=payload][value=topics]").uncheck()
            page.locator("[name=payload][value=homeassistant]").check()
        else:
            control.fill(str(typed[name]))
    assert {row["type"] for row in ROWS if row["name"] in typed} == {row["type"] for row in ROWS}
    assert page.get_by_text(f"{len(typed)} changes, not saved yet").is_visible()
    save(page)
    saved(page)
    assert run.posts == [("/settings.json", typed)]
    assert page.faults == []


def test_a_new_device_takes_the_zone_of_the_browser(setup, run, look):
    page = ready(look(setup, zone="Europe/Helsinki"))
    page.evaluate(OPEN_ALL)
    assert page.get_by_label("Time zone").input_value() == "Europe/Helsinki"
    page.get_by_text("Another network").click()
    page.get_by_label("Name of the other network").fill("Mökki")
    save(page)
    saved(page)
    assert setup.posts == [
        ("/settings.json", {"wifi_ssid": "Mökki", "time_zone": "Europe/Helsinki"})
    ]
    page = ready(look(run, "/settings", zone="Europe/Helsinki"))
    page.evaluate(OPEN_ALL)
    assert page.get_by_label("Time zone").input_value() == "CET", "it was set up with that"


def test_what_is_changed_back_is_not_sent(run, look):
    page = ready(look(run, "/settings"))
    page.get_by_label("Broker", exact=True).fill("a")
    page.get_by_label("Port", exact=True).fill("1884")
    assert page.locator(".changed").count() == 2
    page.get_by_label("Broker", exact=True).fill("")
    assert page.locator(".changed").count() == 1
    assert page.get_by_text("1 change, not saved yet").is_visible()
    page.get_by_label("Port", exact=True).fill("1883")
    save(page)
    page.get_by_text("Nothing is changed, so there is nothing to save.").wait_for()
    assert run.posts == []


def test_a_form_that_lacks_something_is_sent_for_the_device_to_judge(setup, look):
    setup.errors = {"host_name": "is needed"}
    setup.settings |= {"wifi_ssid": "Naboen", "wifi_password": True, "host_name": ""}
    page = ready(look(setup))
    posted = []
    page.on("request", lambda r: r.method == "POST" and posted.append(r.post_data_json))
    save(page)
    errors_are_shown(page)
    assert posted == [{"host_name": ""}]
    assert "This is needed." in field(page, "host_name").inner_text()


def test_the_setup_is_not_saved_without_a_network(setup, look):
    """The device would come back and nobody would know why."""
    page = ready(look(setup))
    said = field(page, "wifi_ssid").locator(".err")
    save(page)
    errors_are_shown(page)
    assert said.inner_text() == "This is needed: choose a network."
    sound(page)
    page.get_by_text("Naboen").click()
    assert not said.is_visible() and not page.locator("#errors").count()
    save(page)
    errors_are_shown(page)
    locked = field(page, "wifi_password").locator(".err")
    assert locked.inner_text() == "This is needed: this network asks for a password."
    assert setup.posts == []
    page.get_by_text("Café").click()
    assert not locked.is_visible(), "it has no lock"
    page.get_by_text("Naboen").click()
    page.get_by_label("WiFi password", exact=True).fill("blåbær123")
    save(page)
    saved(page)
    wanted = {"wifi_ssid": "Naboen", "wifi_password": "blåbær123"}
    assert setup.posts == [("/settings.json", wanted)]


@pytest.mark.parametrize("known", [False, True])
def test_a_board_with_a_cable_needs_no_network(setup, look, known):
    if known:
        setup.device["board"] = "wt32-eth01"
    page = ready(look(setup))
    page.evaluate(OPEN_ALL)
    if not known:
        page.select_option("#board", "olimex-poe")
    save(page)
    saved(page)
    assert setup.posts == [("/settings.json", {} if known else {"board": "olimex-poe"})]


def test_what_is_corrected_is_no_longer_red(run, look):
    page = ready(look(run, "/settings"))
    page.evaluate(OPEN_ALL)
    long = "active_power_import=12,voltage_l1=13,active_power_export=14,current_l1=15"
    run.errors = {
        "mqtt_port": f"must not be {long}",
        "host_name": f"must not be {long}",
    }
    page.get_by_label("Port", exact=True).fill("1884")
    save(page)
    errors_are_shown(page)
    sound(page)
    assert page.locator("#errors li").count() == 2
    page.get_by_label("Port", exact=True).fill("1885")
    assert not page.locator("#e_mqtt_port").is_visible()
    assert page.locator("#errors li").count() == 1
    assert page.locator("#e_host_name").is_visible()
    page.get_by_label("Name of this device").fill("maaler")
    assert not page.locator("#errors").count() and not page.locator(".bad").count()


def test_nothing_is_unsaved_before_something_is_touched(setup, look):
    page = ready(look(setup, zone="Europe/Helsinki"))
    assert page.inner_text("#unsaved") == ""
    page.get_by_label("Broker", exact=True).fill("a")
    assert page.inner_text("#unsaved") == "1 change, not saved yet"


def test_secrets_are_kept_deleted_and_replaced(run, look):
    run.settings |= {"mqtt_password": True, "meter_key": True, "mqtt_key": True}
    page = ready(look(run, "/settings"))
    page.evaluate(OPEN_ALL)
    for name in ("wifi_password", "mqtt_password", "meter_key", "mqtt_key"):
        control = page.locator(f"[name={name}]")
        assert control.input_value() == ""
        assert control.get_attribute("placeholder") == "saved; empty keeps it"
    assert not page.locator("[name=delete_web_password]").count()
    page.locator("[name=delete_mqtt_password]").check()
    assert page.locator("#mqtt_password").is_disabled()
    page.locator("[name=delete_mqtt_key]").check()
    page.locator("[name=delete_mqtt_key]").uncheck()
    page.locator("#meter_key").fill("00" * 16)
    save(page)
    saved(page)
    assert run.posts == [("/settings.json", {"mqtt_password": None, "meter_key": "00" * 16})]


def test_a_password_can_be_shown_while_it_is_typed(setup, look):
    page = ready(look(setup))
    page.get_by_label("WiFi password", exact=True).fill("blåbær123")
    assert page.locator("#wifi_password").get_attribute("type") == "password"
    eye = field(page, "wifi_password").get_by_role("button")
    eye.click()
    assert page.locator("#wifi_password").get_attribute("type") == "text"
    eye.click()
    assert page.locator("#wifi_password").get_attribute("type") == "password"
    assert page.locator("#wifi_password").input_value() == "blåbær123"


def test_a_board_of_which_nobody_knows_the_list_can_be_typed(run, look):
    run.faults["/boards.json"] = [(404, "nothing")]
    page = ready(look(run, "/settings"))
    page.evaluate(OPEN_ALL)
    page.locator("input[name=board]").fill("esp32s2")
    save(page)
    saved(page)
    assert run.posts == [("/settings.json", {"board": "esp32s2"})]


def test_open_settings_are_pointed_out(run, look):
    page = ready(look(run, "/settings"))
    assert page.get_by_text(
        "The password of these pages is that of the set-up network."
    ).is_visible()
    page.get_by_role("link", name="Choose one of your own").click()
    assert page.locator("#web_password").evaluate("(e) => e === document.activeElement")
    run.settings["web_password"] = True
    page = ready(look(run, "/settings"))
    assert not page.get_by_text("that of the set-up network").count()


# ---- the networks


def test_the_networks_are_offered_as_they_are_heard(setup, look):
    page = ready(look(setup))
    lines = page.locator(".nets label")
    assert lines.all_inner_texts() == [
        "Hjemme æøå",
        'Café <b>"Bla\'"</b> & co\nopen',
        "Naboen",
        "Another network",
    ]
    strong, weak = lines.nth(0).locator(".signal4"), lines.nth(2).locator(".signal1")
    assert strong.get_attribute("aria-label") == "signal strong"
    assert weak.get_attribute("aria-label") == "signal weak"
    assert lines.nth(0).get_by_label("secured").count() == 1
    assert lines.nth(1).get_by_label("secured").count() == 0
    assert not page.locator(".nets :checked").count()
    lines.nth(1).click()
    save(page)
    saved(page)
    assert setup.posts == [("/settings.json", {"wifi_ssid": 'Café <b>"Bla\'"</b> & co'})]


def test_another_network_is_typed(setup, look):
    page = ready(look(setup))
    typed = page.get_by_label("Name of the other network")
    assert not typed.is_visible()
    page.get_by_text("Another network").click()
    typed.fill("skjult nett")
    page.get_by_text("Naboen").click()
    assert not typed.is_visible()
    page.get_by_text("Another network").click()
    assert typed.input_value() == "skjult nett"
    save(page)
    saved(page)
    assert setup.posts == [("/settings.json", {"wifi_ssid": "skjult nett"})]


def test_a_new_search_keeps_what_was_chosen(setup, look):
    page = ready(look(setup))
    page.get_by_text("Hjemme æøå").click()
    setup.networks = [["Ny", -50, True], ["Hjemme æøå", -40, True]]
    page.get_by_role("button", name="Search again").click()
    page.get_by_text("2 networks").wait_for()
    assert "/networks.json?again=1" in setup.asked
    assert page.locator("input[value='Hjemme æøå']").is_checked()
    setup.networks = [["Ny", -50, True]]
    page.get_by_role("button", name="Search again").click()
    page.get_by_text("1 network", exact=True).wait_for()
    assert page.get_by_label("Name of the other network").input_value() == "Hjemme æøå"


@pytest.mark.parametrize("heard", [[], "gone"])
def test_without_a_network_its_name_can_be_typed(setup, look, heard):
    if heard == "gone":
        setup.faults["/networks.json"] = ["gone"]
    else:
        setup.networks = heard
    page = look(setup)
    page.get_by_text(re.compile("No network was found|The search failed")).wait_for()
    page.get_by_label("Name of the other network").fill("Hjemme")
    save(page)
    saved(page)
    assert setup.posts == [("/settings.json", {"wifi_ssid": "Hjemme"})]


def test_the_network_that_is_saved_is_chosen(setup, look):
    setup.settings["wifi_ssid"] = "Naboen"
    page = ready(look(setup))
    assert page.locator("input[value=Naboen]").is_checked()
    assert not page.locator(".changed").count()


def test_typing_goes_on_while_the_networks_are_searched(setup, look):
    setup.faults["/networks.json"] = ["slow"]
    page = look(setup)
    page.get_by_text("Searching for networks").wait_for()
    page.get_by_label("Name of the other network").fill("Hjemme æøå")
    page.get_by_label("WiFi password", exact=True).fill("blåbær123")
    setup.release()
    ready(page)
    assert page.locator("input[value='Hjemme æøå']").is_checked()
    assert page.get_by_label("WiFi password", exact=True).input_value() == "blåbær123"


# ---- errors


def test_errors_stand_at_their_fields_and_at_the_top(setup, look):
    page = ready(look(setup))
    page.get_by_text("Naboen").click()
    page.get_by_label("WiFi password", exact=True).fill("blåbær123")
    page.get_by_label("MQTT password", exact=True).fill("hemmelig")
    setup.errors = {
        "mqtt_port": "must be from 1 to 65535",
        "meter_key": "must have 32 hex digits, this has 4",
        "payload": "needs at least one choice",
        "": "the settings could not be written",
    }
    save(page)
    errors_are_shown(page)
    assert page.get_by_text("the settings could not be written").is_visible()
    key = page.get_by_label("Encryption key")
    assert page.get_by_text("This must have 32 hex digits, this has 4.").is_visible()
    assert key.get_attribute("aria-invalid") == "true"
    assert "e_meter_key" in key.get_attribute("aria-describedby")
    assert page.locator("#mqtt_port").evaluate("(e) => e === document.activeElement")
    assert page.locator("#errors a").all_inner_texts() == [
        "Port",
        "Payload format",
        "Encryption key",
    ]
    page.get_by_role("link", name="Encryption key").click()
    assert key.evaluate("(e) => e === document.activeElement")
    assert page.locator("input[value=Naboen]").is_checked()
    assert page.locator("#mqtt_password").input_value() == "hemmelig"
    setup.errors = {"mqtt_port": "must be from 1 to 65535"}
    save(page)
    page.wait_for_selector("#e_meter_key", state="hidden")
    assert key.get_attribute("aria-invalid") is None
    setup.errors = {}
    save(page)
    saved(page)


@pytest.mark.parametrize(
    "fault, words",
    [
        ("gone", "The device does not answer."),
        ((401, "Password?"), "The password of these pages is needed."),
        ((403, "Open this page by the device's own address: http://192.168.1.40/"), "own address"),
        ((429, "Too many wrong passwords. Try again in 8 s."), "Try again in 8 s."),
        ((503, "503 Busy"), "The device is busy."),
        ((500, "<b>500</b>"), "The device cannot answer this (HTTP 500)."),
        ((200, '{"mode":"ru'), "The answer of the device is incomplete."),
    ],
)
@pytest.mark.parametrize("path", ["/device.json", "/settings.json"])
def test_a_page_that_cannot_be_filled_says_why_and_tries_again(run, look, path, fault, words):
    run.faults[path] = [fault] * (3 if fault[0] == 503 else 1)
    page = look(run, "/settings")
    assert words in page.locator("#failed").inner_text()
    assert not page.locator("form").is_visible()
    page.get_by_role("button", name="Try again").click()
    ready(page)
    assert not page.locator("#failed").count()
    assert page.locator("#f_wifi_ssid").count() == 1


@pytest.mark.parametrize(
    "fault, words",
    [
        ("gone", "The device does not answer."),
        ((401, "Password?"), "The password of these pages is needed."),
        ((503, "503 Busy"), "The device is busy."),
    ],
)
def test_a_save_that_fails_loses_nothing(run, look, fault, words):
    page = ready(look(run, "/settings"))
    page.get_by_label("Broker", exact=True).fill("192.168.1.10")
    run.faults["/settings.json"] = [fault]
    save(page)
    message = page.locator("#unsent")
    message.get_by_text(words).wait_for()
    assert "Everything you typed is still here: save again." in message.inner_text()
    assert page.get_by_label("Broker", exact=True).input_value() == "192.168.1.10"
    assert page.get_by_text("1 change, not saved yet").is_visible()
    save(page)
    saved(page)
    assert run.posts == [("/settings.json", {"mqtt_host": "192.168.1.10"})]


def test_a_slow_answer_is_waited_for_but_not_for_ever(run, look, browser):
    page = ready(look(run, "/settings"))
    page.get_by_label("Broker", exact=True).fill("192.168.1.10")
    page.clock.install()
    run.faults["/settings.json"] = ["slow"]
    save(page)
    page.get_by_text("Saving").wait_for()
    page.clock.fast_forward(19000)
    assert page.get_by_text("Saving").is_visible()
    page.clock.fast_forward(2000)
    page.get_by_text("The device takes too long to answer.").wait_for()
    assert page.get_by_label("Broker", exact=True).input_value() == "192.168.1.10"


def test_a_form_is_saved_only_once(run, look):
    page = ready(look(run, "/settings"))
    page.get_by_label("Broker", exact=True).fill("192.168.1.10")
    run.faults["/settings.json"] = ["slow"]
    save(page)
    page.get_by_text("Saving").wait_for()
    for _ in range(3):
        page.locator("#send").dispatch_event("click")
        page.keyboard.press("Enter")
    run.release()
    saved(page)
    assert len(run.posts) == 1


def test_leaving_with_changes_is_asked_about(run, look):
    page = ready(look(run, "/settings"))
    asked = []
    page.on("dialog", lambda d: (asked.append(d.type), d.dismiss()))
    page.get_by_label("Broker", exact=True).press_sequentially("a")
    page.get_by_role("button", name="Restart only").click()
    page.evaluate("location.assign('/')")
    while len(asked) < 2:
        page.wait_for_timeout(50)
    assert asked == ["confirm", "beforeunload"]
    assert page.url.endswith("/settings") and run.posts == []


# ---- what follows


def test_after_the_setup_a_person_knows_how_it_goes_on(setup, look):
    page = ready(look(setup))
    page.get_by_text("Hjemme æøå").click()
    page.get_by_label("WiFi password", exact=True).fill("blåbær123")
    page.get_by_label("Name of this device").fill("maaler")
    page.get_by_label("Broker", exact=True).fill("192.168.1.10")
    page.get_by_label("Publish to topic").fill("hus/strøm")
    save(page)
    saved(page)
    words = page.inner_text("main")
    assert "kWhisper restarts now and joins Hjemme æøå." in words
    assert "Connect your phone to Hjemme æøå again." in words
    assert page.get_by_role("link", name="http://maaler.local/").is_visible()
    assert "Values appear on the broker 192.168.1.10 below hus/strøm/." in words
    assert "the set-up network comes back" in words
    assert page.get_by_role("heading", name="Saved").evaluate(
        "(e) => e === document.activeElement"
    )


def test_after_a_change_the_values_come_back_by_themselves(run, look):
    run.status["uptime"] = 500
    page = ready(look(run, "/settings"))
    page.get_by_label("Publish to topic").fill("hus")
    save(page)
    saved(page)
    words = page.inner_text("main")
    assert "In half a minute it is back at http://kwhisper.local/" in words
    assert "No broker is set" in words and "joins" not in words
    asked = len(run.asked)
    run.faults["/data.json"] = ["gone", (503, "503 Busy")]
    while len(run.asked) < asked + 3:  # gone, busy, and not yet started anew
        page.wait_for_timeout(100)
    assert page.get_by_role("heading", name="Saved").is_visible()
    run.status["uptime"] = 0
    page.wait_for_url("**/")
    ready(page)


def test_restart_only(run, look):
    page = ready(look(run, "/settings"))
    run.faults["/restart"] = ["gone"]
    page.get_by_role("button", name="Restart only").click()
    page.get_by_role("button", name="Try again").click()
    page.get_by_role("heading", name="Restarting").wait_for()
    assert run.posts == [("/restart", {})]


def test_the_form_works_by_the_keyboard_alone(setup, look):
    page = ready(look(setup))
    keys = page.keyboard

    def to(name):
        for _ in range(60):
            if page.evaluate("document.activeElement?.name") == name:
                return
            keys.press("Tab")
        raise AssertionError(f"{name} is not reached")

    to("wifi_pick")
    keys.press("Space")
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    assert page.locator("input[value=Naboen]").is_checked()
    to("wifi_password")
    keys.type("blåbær123")
    to("payload")
    keys.press("Space")
    for _ in range(30):
        keys.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "SUMMARY":
            break
    keys.press("Enter")
    to("meter")
    keys.press("ArrowDown")
    to("meter_key")
    keys.press("Enter")
    saved(page)
    changes = {"wifi_ssid": "Naboen", "wifi_password": "blåbær123", "payload": "json"}
    assert setup.posts == [("/settings.json", {**changes, "meter": "2400-8E1"})]


# ---- against the firmware


def kept(device):
    """The settings that the device has saved; behind the object stands its checksum."""
    return json.JSONDecoder().raw_decode(device.file.read_text(encoding="utf-8"))[0]


def test_a_person_sets_the_firmware_up(start, look):
    device = start("setup")
    page = ready(look(device))
    assert not page.locator("#notes > *").count()
    page.get_by_text("Hjemme æøå").click()
    page.get_by_label("WiFi password", exact=True).fill("blåbærsyltetøy")
    page.get_by_label("Broker", exact=True).fill("192.168.1.10")
    page.get_by_label("Publish to topic").fill("hus/måler")
    page.locator("[name=payload][value=homeassistant]").check()
    save(page)
    saved(page)
    assert "joins Hjemme æøå" in page.inner_text("main")
    assert page.faults == []
    # A password of the pages was made, and is shown this once.
    password = page.locator(".note b").inner_text()
    assert len(password) >= 8
    assert kept(device) == {
        "version": 1,
        "web_password": password,
        "wifi_ssid": "Hjemme æøå",
        "wifi_password": "blåbærsyltetøy",
        "mqtt_host": "192.168.1.10",
        "mqtt_topic": "hus/måler",
        "payload": "topics,json,homeassistant",
    }


def test_the_firmware_judges_what_is_typed(start, look):
    device = start("setup", {"wifi_ssid": "Naboen", "wifi_password": "blåbær123"})
    page = ready(look(device))
    assert page.locator("input[value=Naboen]").is_checked()
    page.evaluate(OPEN_ALL)
    page.get_by_text("Hjemme æøå").click()
    page.get_by_label("Name of this device").fill("")
    page.get_by_label("Port", exact=True).fill("ti")
    page.get_by_label("Encryption key").fill("0011")
    for name in ("topics", "json"):
        page.locator(f"[name=payload][value={name}]").uncheck()
    page.get_by_label("CA certificate").fill("no PEM")
    save(page)
    errors_are_shown(page)
    wrong = {
        "host_name": "This is needed.",
        "mqtt_port": "This must be a whole number.",
        "payload": "This needs at least one choice.",
        "meter_key": "This must have 32 hex digits, this has 4.",
        "mqtt_ca": "This must be PEM text",
    }
    assert page.locator(".field.bad").count() == len(wrong)
    for name, message in wrong.items():
        assert message in page.locator(f"#e_{name}").inner_text()
    page.reload()
    ready(page).get_by_text("Hjemme æøå").click()
    save(page)
    errors_are_shown(page)
    assert "must be typed again for another network" in page.locator("#errors").inner_text()
    page.get_by_label("WiFi password", exact=True).fill("syltetøy")
    save(page)
    saved(page)
    assert kept(device)["wifi_password"] == "syltetøy"


def test_a_damaged_file_is_told_in_the_setup(start, look):
    page = ready(look(start("setup", damaged=b"{half")))
    assert "the settings file was damaged" in page.inner_text("#notes").lower()


@pytest.mark.parametrize("mode", ["run", "run-narrow"])
def test_the_firmwares_settings_are_changed_in_run_mode(start, look, mode):
    before = {"wifi_ssid": "Hytta", "mqtt_user": "a", "web_password": "blåbær123"}
    device = start(mode, before | {"mqtt_password": "gammel"})
    known = {"username": "any", "password": "blåbær123"}
    page = ready(look(device, "/settings", http_credentials=known))
    assert page.get_by_label("Network", exact=True).input_value() == "Hytta"
    page.get_by_label("User", exact=True).fill("måler")
    page.locator("[name=delete_mqtt_password]").check()
    save(page)
    saved(page)
    assert kept(device) == before | {"version": 1, "mqtt_user": "måler"}
    assert page.faults == []


def test_the_password_of_the_firmwares_pages(start, look):
    device = start("run", {"wifi_ssid": "Hytta", "web_password": "blåbær123"})
    page = look(device, "/settings")  # the browser's own dialog is open
    page.get_by_text("Your browser asks for the password of these pages.").wait_for()
    wrong = {"username": "any", "password": "wrong"}
    page = look(device, "/settings", http_credentials=wrong)
    page.get_by_text("The password of these pages is needed.").wait_for()
    assert not page.locator("form").is_visible()
    known = {"username": "any", "password": "blåbær123"}
    page = ready(look(device, "/settings", http_credentials=known))
    page.get_by_label("Broker", exact=True).fill("192.168.1.10")
    save(page)
    saved(page)
    assert kept(device)["mqtt_host"] == "192.168.1.10"


def test_the_set_up_asks_first_which_system_gets_the_values(setup, look):
    """The formats follow from the answer; who does not answer keeps what is ticked."""
    page = look(setup)
    ready(page)
    assert (
        page.locator("#groups h2").first.text_content()
        == "Which system should receive the values?"
    )
    ticked = "[name=payload]:checked"
    assert page.locator(ticked).evaluate_all("t => t.map((e) => e.value)") == ["topics", "json"]
    page.select_option("#system", label="Home Assistant")
    assert page.locator(ticked).evaluate_all("t => t.map((e) => e.value)") == ["homeassistant"]
    page.select_option("#system", label="As chosen below")
    assert page.locator(ticked).evaluate_all("t => t.map((e) => e.value)") == ["topics", "json"]
