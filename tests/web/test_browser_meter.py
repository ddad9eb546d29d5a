"""The pages of the meter and of the device, in a real browser."""

import re

import pytest
from system.waiting import until
from web.browsing import LOOKS, found_by_axe, ready, rows_of, sound
from web.stand_in import STATIC, value

from kwhisper.formats import labels
from meterwire import obis

UPDATE = '{"version":"1.0.0","slot":"a","state":"settled","other":null,"failed":null}'
LOG = "10:00:01 joined Hjemme\n10:00:09 fcs: 7ea00f0102\n"


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
@pytest.mark.parametrize("path", ["/meter.html", "/device.html"])
def test_the_pages_fit_and_can_be_read(run, look, width, scheme, path):
    run.more["/log.txt"] = ("text/plain", LOG)
    run.more["/update.json"] = ("application/json", UPDATE)
    run.status["problem"] = "no answer from " + "broker" * 12
    run.meter = {"type": "6841121BN243101040", "list": "Kamstrup_V0001_" + "x" * 40}
    page = ready(look(run, path, width, scheme))
    sound(page)
    assert found_by_axe(page) == []


def test_every_value_has_its_code_age_and_flags(run, look):
    page = ready(look(run, "/meter.html"))
    rows = rows_of(page, "#cards")
    assert rows["Power import 1-0:1.7.0"] == "1,789\u00a0W 2 sec. ago"
    assert rows["Current L2 1-0:51.7.0"] == "1.90\u00a0A 2 sec. ago"
    assert rows["Voltage L3 1-0:72.7.0"] == "231.0\u00a0V 2 sec. ago unsure"
    assert rows["Energy export 1-0:2.8.0"] == "1.200\u00a0kWh 3 hr. ago old"
    assert rows["Gas 0-1:24.2.1"].startswith("1,043.217\u00a0m³")
    assert rows["1-0:99.98.97"].startswith("\u22121")
    assert len(rows) > len(run.values)


def test_the_page_has_the_codes_of_the_decoders_table(run, look):
    """meter.js and meterwire/obis.py tell the same code for every name."""
    page = ready(look(run, "/meter.html"))
    seen = set()
    for key, name, _ in obis.rows():
        shown = page.evaluate("(name) => obis(name)", name)
        if name in ("clock", "meter_id", "equipment_id", "meter_type", "list_id", "device_name"):
            continue  # no numbers
        if name in seen:
            continue  # a second code of the same name
        seen.add(name)
        assert shown.partition(":")[2] == obis.code(key), name
    assert len(seen) > 80
    assert page.evaluate("obis('meter3_volume')") == "0-3:24.2.1"
    assert page.evaluate("obis('active_energy_import_t2')") == "1-0:1.8.2"
    assert labels.label("voltage_l1") == "Voltage L1"


def test_every_count_stands_where_it_belongs(run, look):
    """A list without a checksum was read all the same."""
    run.status["frames"] = {"ok": 2, "unchecked": 40, "fcs": 3, "no_key": 1, "noise": 5120}
    page = ready(look(run, "/meter.html"))
    rows = rows_of(page, "#cards")
    assert rows["Read"] == "2" and rows["Read, without a checksum"] == "40"
    assert rows["Damaged on the way (frame checksum)"] == "3"
    assert rows["Encryption"] == "Encrypted, and no key is entered"
    assert rows["Noise"] == "5,120 bytes"
    assert page.get_by_role("link", name="The newest frame").is_visible()


def test_every_cause_of_the_decoder_has_words():
    from meterwire import Decoder

    text = (STATIC / "meter.js").read_text()
    causes = set(Decoder(512).counters) - {"ok", "unchecked", "noise"}
    assert len(causes) > 8
    for cause in causes:
        assert re.search(rf"\b{cause}: w\(", text), cause


def test_the_meters_clock_is_compared_when_its_time_is_new(run, look):
    run.fill()
    page = look(run, "/meter.html")
    page.get_by_text("shown when the meter next sends its time").wait_for()
    run.time = page.evaluate("new Date(Date.now() + 125000).toISOString().slice(0, 19) + 'Z'")
    run.values["active_power_import"] = value("Power import", "2345", "W")
    page.get_by_text(re.compile(r"2 min ahead|12\d sec ahead")).wait_for()


def test_a_problem_of_the_device_is_told_on_its_page(run, look):
    run.status |= {"mqtt_error": "the name broker was not found", "dropped": 1234, "restarts": 2}
    page = ready(look(run, "/device.html"))
    rows = rows_of(page, "#status")
    assert rows["Problem"] == "the name broker was not found"
    assert rows["Messages dropped"] == "1,234" and rows["Parts restarted"] == "2"
    run.status |= {"mqtt": "pausing", "reset_cause": "HARD_RESET: settings"}
    rows = rows_of(ready(look(run, "/device.html")), "#status")
    assert rows["Cause of the last start"] == "restart: Settings"
    assert "not connected" in rows["State"]
    assert rows["Signal"] == "\u221258\u00a0dBm" and rows["Running for"] == "26 hr"


def test_the_journal_is_shown_on_demand(run, look):
    run.more["/log.txt"] = ("text/plain", LOG)
    page = ready(look(run, "/device.html"))
    assert "/log.txt" not in run.asked
    page.get_by_role("button", name="Show").click()
    page.get_by_text("joined Hjemme").wait_for()


def test_a_restart_goes_on_when_the_device_answers_again(run, look):
    run.status["uptime"] = 500
    page = ready(look(run, "/device.html"))
    run.faults["/restart"] = ["gone"]
    page.get_by_role("button", name="Restart").click()
    page.get_by_text("The device does not answer.").wait_for()
    page.get_by_role("button", name="Restart").click()
    page.get_by_role("heading", name="Restarting").wait_for()
    assert run.posts == [("/restart", {})]
    run.status["uptime"] = 0
    page.get_by_role("heading", name="Journal").wait_for()


# ---- backup, update, reset, tried connections


def confirmed(page, answer=True):
    page.on("dialog", lambda d: d.accept() if answer else d.dismiss())


def posted(run, path, count=1):
    """What was posted to an address."""
    return [changes for where, changes in run.posts if where == path][:count]


def wait_for_post(page, run, path):
    while not posted(run, path):
        page.wait_for_timeout(50)
    return posted(run, path)[0]


def test_a_backup_is_saved_with_secrets_only_under_a_passphrase(run, look, tmp_path):
    run.more["/backup"] = ("application/json", '{"kwhisper":1,"settings":{}}')
    page = ready(look(run, "/device.html"))
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a file").click()
    assert download.value.suggested_filename == "kwhisper-backup.json"
    download.value.save_as(tmp_path / "b.json")
    assert (tmp_path / "b.json").read_text() == '{"kwhisper":1,"settings":{}}'
    assert not run.posts
    page.get_by_label("Passphrase (empty, or at least 10 characters)").fill("korrekt hest batteri")
    with page.expect_download():
        page.get_by_role("button", name="Save as a file").click()
    assert posted(run, "/backup") == [{"passphrase": "korrekt hest batteri"}]


def test_a_backup_is_restored(run, look, tmp_path):
    file = tmp_path / "b.json"
    file.write_text('{"kwhisper":1,"settings":{"mqtt_port":1884}}')
    page = ready(look(run, "/device.html"))
    restore = page.get_by_role("button", name="Restore")
    restore.click()
    page.get_by_text("Choose a file first.").wait_for()
    (tmp_path / "photo.json").write_bytes(b"\x89PNG")
    page.get_by_label("File of the backup").set_input_files(tmp_path / "photo.json")
    restore.click()
    page.get_by_text("this is not a kWhisper backup").wait_for()
    assert not posted(run, "/restore")
    page.get_by_label("File of the backup").set_input_files(file)
    run.faults["/restore"] = [(422, '{"errors":{"":"this is not a kWhisper backup"}}')]
    restore.click()
    page.get_by_text("this is not a kWhisper backup").wait_for()
    page.get_by_label("Its passphrase, if it has one").fill("korrekt hest batteri")
    restore.click()
    page.get_by_role("heading", name="Restarting").wait_for()
    backup = {"kwhisper": 1, "settings": {"mqtt_port": 1884}}
    wanted = {"backup": backup, "passphrase": "korrekt hest batteri"}
    assert posted(run, "/restore") == [wanted]


def test_a_new_version_is_uploaded(run, look, tmp_path):
    run.more["/update.json"] = ("application/json", UPDATE)
    file = tmp_path / "kwhisper-1.1.0.kwu"
    file.write_bytes(bytes(range(256)) * 40)
    page = ready(look(run, "/device.html"))
    page.get_by_text("Runs version 1.0.0.").wait_for()
    page.get_by_label("File of the new version (.kwu)").set_input_files(file)
    run.faults["/update"] = [(422, "the signature is not one that this device trusts")]
    page.get_by_role("button", name="Install").click()
    page.get_by_text("the signature is not one that this device trusts").wait_for()
    page.get_by_role("button", name="Install").click()
    page.get_by_role("heading", name="Updating").wait_for()
    assert posted(run, "/update") == [file.read_bytes()]


def test_the_answer_that_comes_after_the_page_has_changed_is_let_go(run, look):
    """The status is asked for every five seconds, and once more when 'Restarting' stands there."""
    page = ready(look(run, "/device.html"))
    page.get_by_role("heading", name="Factory reset").wait_for()
    run.faults["/data.json"] = ["slow"]
    with page.expect_request("**/data.json"):
        pass
    page.get_by_role("button", name="Restart").click()
    page.get_by_role("heading", name="Restarting").wait_for()
    asked = run.asked.count("/data.json")
    run.release()
    until(lambda: run.asked.count("/data.json") > asked)
    assert not page.locator("#notes *").count()
    assert [fault for fault in page.faults if "404" not in fault] == []


def test_a_trial_that_ends_is_told_without_a_reload(run, look):
    run.more["/update.json"] = ("application/json", UPDATE.replace("settled", "trial"))
    page = ready(look(run, "/device.html"))
    page.get_by_text("It is on trial").wait_for()
    run.more["/update.json"] = ("application/json", UPDATE)
    page.get_by_text("It is on trial").wait_for(state="detached")
    page.get_by_text("Runs version 1.0.0.").wait_for()


def test_a_version_that_was_taken_back_is_told(run, look):
    run.more["/update.json"] = ("application/json", UPDATE.replace("null}", '"1.1.0"}'))
    page = ready(look(run, "/device.html"))
    page.get_by_text("Version 1.1.0 did not work; the one before runs again.").wait_for()


@pytest.mark.parametrize("sure", [True, False])
def test_a_reset_asks_first_and_may_keep_the_history(run, look, sure):
    page = ready(look(run, "/device.html"))
    confirmed(page, sure)
    page.get_by_label("Keep the history").uncheck()
    page.get_by_role("button", name="Delete all settings").click()
    if sure:
        assert wait_for_post(page, run, "/reset") == {"totals": False}
    else:
        page.wait_for_timeout(200)
        assert not run.posts


def test_another_meter_is_made_known(run, look):
    page = ready(look(run, "/device.html"))
    confirmed(page)
    page.get_by_role("button", name="The meter was replaced").click()
    assert wait_for_post(page, run, "/meter") == {"new": True}


def test_a_reference_reading_begins(run, look):
    run.fill()
    page = ready(look(run, "/device.html"))
    page.get_by_label("Name", exact=True).fill("After the heat pump")
    page.get_by_role("button", name="Count from now on").click()
    assert wait_for_post(page, run, "/reference") == {"text": "After the heat pump"}


@pytest.mark.parametrize(
    "told, words",
    [
        ('{"broker":null}', "It works."),
        ('{"broker":"user name or password is wrong"}', "user name or password is wrong"),
        ("{}", "No broker is set: the values are on its own page only."),
    ],
)
def test_the_broker_is_tried_before_it_is_saved(run, look, told, words):
    page = ready(look(run, "/settings"))
    assert not page.get_by_role("button", name="Test the WiFi").count()
    page.get_by_label("Broker", exact=True).fill("192.168.1.10")
    run.faults["/test"] = [(200, told)]
    page.get_by_role("button", name="Test the broker").click()
    page.get_by_text(words).wait_for()
    assert page.get_by_text("1 change, not saved yet").is_visible()


def test_the_wifi_is_tried_in_the_setup(setup, look):
    page = ready(look(setup))
    page.get_by_text("Hjemme æøå").click()
    setup.faults["/test"] = [
        (200, '{"wifi":"wrong password: enter it again"}'),
        (422, '{"errors":{"wifi_password":"needs at least 8 characters"}}'),
        (200, '{"wifi":null}'),
    ]
    page.get_by_role("button", name="Test the WiFi").click()
    page.get_by_text("wrong password: enter it again").wait_for()
    page.get_by_role("button", name="Test the WiFi").click()
    page.get_by_text("WiFi password needs at least 8 characters").wait_for()
    assert page.locator("span.err[role=status]").count() == 1
    page.get_by_role("button", name="Test the WiFi").click()
    page.locator("span.fine[role=status]", has_text="It works.").wait_for()
    page.faults[:] = [fault for fault in page.faults if "422" not in fault]
    sound(page)


def test_in_the_setup_a_device_can_be_updated_and_reset(setup, look):
    """It is safe mode, too: what starts no more is mended here."""
    setup.device["problem"] = "safe mode after 3 failed starts"
    setup.more["/update.json"] = ("application/json", UPDATE)
    page = ready(look(setup))
    page.get_by_role("link", name="Update, journal, factory reset").click()
    page.get_by_role("button", name="Install").wait_for()
    assert page.get_by_text("safe mode after 3 failed starts").is_visible()
    assert not page.locator("nav").count()
    assert not page.get_by_role("button", name="Restart").count()
    assert "/data.json" not in setup.asked
    confirmed(page)
    page.get_by_role("button", name="Delete all settings").click()
    assert wait_for_post(page, setup, "/reset") == {"totals": True}
    page.get_by_text("kWhisper restarts now.").wait_for()
    sound(page)


@pytest.mark.parametrize("path", ["/", "/meter.html", "/device.html"])
def test_locked_values_are_asked_for_once_and_not_again_and_again(run, look, path):
    run.faults["/data.json"] = [(401, "Password?")] * 3
    page = look(run, path)
    page.get_by_text("The password of these pages is needed.").first.wait_for()
    page.wait_for_timeout(1500)
    assert len([where for where in run.asked if where.startswith("/data.json")]) == 1
    run.faults.clear()
    page.get_by_role("button", name="Try again").click()
    ready(page)
    page.wait_for_selector("#failed", state="detached")


@pytest.mark.parametrize(
    "path, title",
    [
        ("/", "kwhisper"),
        ("/history.html", "History – kWhisper"),
        ("/settings", "Settings – kWhisper"),
    ],
)
def test_each_page_has_its_title(run, look, path, title):
    page = ready(look(run, path))
    assert page.title() == title
    assert page.locator("nav [aria-current=page]").count() == 1
