"""The pages of the meter and of the device, in a real browser."""

import re

import pytest
from web.browsing import SCHEMES, WIDTHS, found_by_axe, ready, rows_of, sound
from web.stand_in import STATIC, value

from kwhisper.formats import entries
from meterwire import obis

UPDATE = '{"version":"1.0.0","slot":"a","state":"settled","other":null,"failed":null}'
LOG = "10:00:01 joined Hjemme\n10:00:09 fcs: 7ea00f0102\n"


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
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
    assert rows["1-0:99.98.97 1-0:99.98.97"].startswith("\u22121")
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
    assert entries.label("voltage_l1") == "Voltage L1"


def test_every_count_stands_where_it_belongs(run, look):
    """A list without a checksum was read all the same."""
    run.status["frames"] = {"ok": 2, "unchecked": 40, "fcs": 3, "no_key": 1, "noise": 5120}
    run.unknown_frame = True
    page = ready(look(run, "/meter.html"))
    rows = rows_of(page, "#cards")
    assert rows["Read"] == "2" and rows["Read, without a checksum"] == "40"
    assert rows["Damaged on the way (frame checksum)"] == "3"
    assert rows["Encryption"] == "Encrypted, and no key is entered"
    assert rows["Noise"] == "5,120 bytes"
    assert page.get_by_role("link", name="The frame that is not known").is_visible()


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
    page.get_by_text("seen with its next time").wait_for()
    run.time = page.evaluate("new Date(Date.now() + 125000).toISOString().slice(0, 19) + 'Z'")
    run.values["active_power_import"] = value("Power import", "2345", "W")
    page.get_by_text(re.compile(r"2 min ahead|12\d sec ahead")).wait_for()


def test_a_problem_of_the_device_is_told_on_its_page(run, look):
    run.status |= {"mqtt_error": "nobody knows the name broker", "dropped": 1234, "restarts": 2}
    page = ready(look(run, "/device.html"))
    rows = rows_of(page, "#status")
    assert rows["Problem"] == "nobody knows the name broker"
    assert rows["Messages dropped"] == "1,234" and rows["Parts restarted"] == "2"
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
