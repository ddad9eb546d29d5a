"""The live page in a real browser, against the stand-in of a device and against the firmware."""

import gzip
import re
from datetime import UTC, datetime

import pytest
from web.browsing import (
    LOOKS,
    WIDTHS,
    found_by_axe,
    picture,
    ready,
    rows_of,
    sound,
)
from web.stand_in import STATIC, value

from kwhisper_tools import paths

MOST_BYTES = 60 * 1024


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
@pytest.mark.parametrize("filled", [False, True])
def test_the_live_page_fits_and_can_be_read(run, look, width, scheme, filled):
    if filled:
        run.fill()
        run.energy["alarm"] = True
    page = ready(look(run, "/", width, scheme))
    if filled:
        page.get_by_role("heading", name="This hour").wait_for()
    sound(page)
    run.status |= {"frame_age": 600, "problem": "this meter encrypts: enter its key"}
    page.wait_for_selector("#old:not([hidden])")
    sound(page)
    assert found_by_axe(page) == []


def test_all_pages_together_are_small():
    files = [file for file in STATIC.iterdir() if file.suffix in (".js", ".css", ".html")]
    sizes = {file.name: len(gzip.compress(file.read_bytes(), 9)) for file in files}
    assert {"setup.html", "live.html", "history.js", "kwhisper.css"} < set(sizes)
    assert sum(sizes.values()) < MOST_BYTES, sizes


def test_a_page_takes_no_more_connections_than_the_device_serves_at_once():
    """A browser asks for all files of a page at once; a fourth would have to wait."""
    for page in STATIC.glob("*.html"):
        assert len(re.findall(r"(?:src|rel=stylesheet href)=/", page.read_text())) == 3, page.name


def test_values_keep_the_digits_of_the_meter(run, look):
    page = ready(look(run))
    assert page.inner_text("#power") == "1,789" and page.inner_text("#unit") == "W"
    assert page.inner_text("#way") == "Drawn from the grid"
    assert re.search(r"L1\s+230\.40\u00a0V\s+3\.42\u00a0A", page.inner_text("#phases"))
    totals = rows_of(page, "#totals")
    assert totals["Energy import"] == "23,456.789\u00a0kWh"
    assert totals["Energy export"] == "1.200\u00a0kWh 3 hr. ago"
    assert totals["Gas"] == "1,043.217\u00a0m³"
    assert totals["Heat"] == "1,240.860\u00a0GJ" and totals["Cooling"] == "0.005\u00a0GJ"
    assert page.locator("#phases .tag").inner_text() == "unsure"


@pytest.mark.parametrize(
    "drawn, back, net, power, way",
    [
        ("0", "1500", None, "1,500", "Delivered to the grid"),
        ("0", "0", None, "0", "Drawn from the grid"),
        (None, "800", None, "800", "Delivered to the grid"),
        (None, None, "-730", "730", "Delivered to the grid"),
        (None, None, None, "\u2013", "Waiting for the meter"),
    ],
)
def test_the_power_says_which_way_it_flows(run, look, drawn, back, net, power, way):
    for name, watts in (("import", drawn), ("export", back), ("net", net)):
        run.values.pop("active_power_" + name, None)
        if watts is not None:
            run.values["active_power_" + name] = value("Power " + name, watts, "W")
    page = ready(look(run))
    assert page.inner_text("#power") == power
    assert page.inner_text("#way") == way


# ---- gauges, phases, energy


def test_gauges_have_the_scale_of_fuse_and_roof(run, look):
    page = ready(look(run))
    assert not page.locator("#gauge svg").count(), "nobody told the fuse"
    run.device |= {"fuse": 25, "production": 5}
    page = ready(look(run))
    # 3 × 25 A at a mean of 230.4 V
    assert "10 % of the fuse (17.3\u00a0kW)" in page.inner_text("#scale")
    assert "0 % of the roof (5.0\u00a0kW)" in page.inner_text("#scale")
    run.device |= {"network": "it", "production": 0}
    page = ready(look(run))
    assert page.inner_text("#scale") == "18 % of the fuse (10.0\u00a0kW)"


def test_phases_tell_imbalance_and_power_factor(run, look):
    run.values["active_power_import_l1"] = value("Power import L1", "760", "W")
    run.values["active_power_export_l2"] = value("Power export L2", "120", "W")
    page = ready(look(run))
    head = page.locator("#phases th[scope=col]").all_inner_texts()
    assert head == ["Phase", "Voltage", "Current", "Power"]
    rows = rows_of(page, "#phases")
    assert rows["L1"].endswith("760\u00a0W") and rows["L2"].endswith("\u2212120\u00a0W")
    # 3.42, 1.90 and 2.71 A: mean 2.677, farthest 0.777; 1789 W and 212 var
    assert page.inner_text("#balance") == "Imbalance 29 % · Power factor 0.99"
    # A current that flows out of the house loads its phase as well.
    run.values["current_l2"] = run.values["current_l2"].replace('"value":', '"value":-')
    page = ready(look(run))
    assert page.inner_text("#balance").startswith("Imbalance 29 %")


def test_the_energy_of_hour_day_and_month(run, look):
    run.fill()
    page = ready(look(run))
    page.get_by_role("heading", name="This hour").wait_for()
    words = page.inner_text("#energy").replace("\u00a0", " ")
    for part in (
        "1.20 kWh",
        "At its end: 2.98 kW on average",
        "NOK 1.09/kWh",
        "4.87 kW",
        "NOK 206.50",
    ):
        assert part in words, part
    rows = rows_of(page, "#energy")
    assert rows["Today"].replace("\u00a0", " ").startswith("21.9 kWh NOK 24.10 0.3 kWh NOK 0.20")
    assert rows["Last month"].replace("\u00a0", " ").startswith("763.0 kWh NOK 772.67")
    assert page.get_by_role("heading", name="Before the heat pump").is_visible()
    assert not page.locator(".alarm").count()


def test_the_page_says_when_the_next_step_of_the_tariff_is_reached(run, look):
    run.fill()
    run.energy |= {"alarm": True, "forecast": 8100}
    page = ready(look(run))
    page.get_by_text("More than 7.35\u00a0kW: the next step of the tariff is reached").wait_for()
    assert page.locator(".card.alarm").count() >= 1


def test_prices_of_today_and_tomorrow_are_drawn_and_told(run, look):
    now = datetime(2026, 11, 26, 12, 20, tzinfo=UTC)
    run.fill(now=now)
    page = look(run, "/device.json")
    page.clock.set_fixed_time(now)
    page.goto(f"http://127.0.0.1:{run.port}/")
    page.wait_for_selector("#energy .plot rect", state="attached")
    assert page.locator("#energy .plot rect").count() == 48
    assert page.locator("#energy .plot rect:not(.part)").count() == 1, "that of now"
    words = "Lowest NOK\u00a00.90 from 00:00, highest NOK\u00a01.60 from 07:00"
    assert page.get_by_text(words).is_visible()
    assert page.locator("#energy .plot svg").get_attribute("aria-label") == words


def test_thermometers_are_shown(run, look):
    run.status["temperatures"] = {"boiler": 48.5, "28ff641e0116039c": 21.0625}
    page = ready(look(run))
    rows = rows_of(page, "#warm")
    assert rows == {"boiler": "48.5\u00a0°C", "28ff641e0116039c": "21.1\u00a0°C"}


def test_without_energy_nothing_is_asked_of_it(run, look):
    page = ready(look(run))
    page.wait_for_selector("#hour", state="attached")
    assert not page.locator("#energy > *").count()
    assert not [path for path in run.asked if "energy" in path]


# ---- the last hour


def test_the_last_hour_is_there_after_a_reload(run, look):
    run.fill()
    page = ready(look(run))
    page.wait_for_selector("#plot .curve", state="attached")
    # 20 values of 10 s are missing
    assert page.locator("#plot .curve").count() == 2
    label = page.locator("#plot svg").get_attribute("aria-label")
    assert label.startswith("Power of the last hour: mean ")
    texts = page.locator("#plot text").all_text_contents()
    assert "kW" in texts and "0" in texts and "4" in texts and "\u22122" in texts
    assert len([text for text in texts if re.fullmatch(r"\d\d:\d\d", text)]) >= 3
    page.reload()
    page.wait_for_selector("#plot .curve", state="attached")
    assert page.locator("#plot .curve").count() == 2


def test_a_point_of_the_curve_is_read_out(run, look):
    run.fill()
    page = ready(look(run))
    page.wait_for_selector("#plot .curve", state="attached")
    assert page.inner_text("#point").startswith("Mean ")
    page.locator("#plot").focus()
    page.keyboard.press("ArrowLeft")
    assert re.fullmatch(r"\d\d:\d\d:\d\d · [\d.\u2212]+\u00a0k?W", page.inner_text("#point"))
    box = page.locator("#plot").bounding_box()
    page.mouse.move(box["x"] + 120, box["y"] + 60)
    assert page.locator("#plot .spot").count() == 1
    page.keyboard.press("Escape")
    assert page.inner_text("#point").startswith("Mean ")


def test_the_curve_grows(run, look):
    run.moving = True
    page = ready(look(run))
    page.wait_for_selector("#plot .curve[d*=L]", state="attached")


# ---- new and old


def test_a_new_list_is_seen_and_the_same_one_is_asked_for_in_a_line(run, look):
    page = ready(look(run))
    while not [path for path in run.asked if "?lists=" in path]:
        page.wait_for_timeout(100)
    run.values["active_power_import"] = value("Power import", "2345", "W")
    page.get_by_text("2,345").wait_for()
    whole = [path for path in run.asked if path == "/data.json"]
    assert len(whole) == 1, "with every other request the page tells which list it has"


def test_a_broker_that_is_away_is_told(run, look):
    page = ready(look(run, "/"))
    assert not page.locator("#problem").is_visible()
    run.status |= {"mqtt": "pausing", "mqtt_error": "nobody answers at this address"}
    run.values["active_power_import"] = value("Power import", "1790", "W")
    page.get_by_text("not connected to the broker: nobody answers at this address").wait_for()
    run.status |= {"mqtt": "connected", "mqtt_error": None}
    run.values["active_power_import"] = value("Power import", "1791", "W")
    page.locator("#problem").wait_for(state="hidden")


def test_old_values_say_that_they_are(run, look):
    page = ready(look(run))
    assert page.inner_text("#when") == "Just now"
    run.status["frame_age"] = 400
    page.get_by_text("The meter is silent. These are its last values.").wait_for()
    assert page.inner_text("#when") == "7 min. ago"
    run.status["frame_age"] = 1
    page.wait_for_selector("#old", state="hidden")


def test_a_list_grows_old_while_no_new_one_comes(run, look):
    page = ready(look(run))
    page.clock.install()
    page.reload()
    ready(page)
    run.faults["/data.json"] = [(204, "")] * 99
    page.clock.run_for(100_000)
    page.get_by_text("The meter is silent. These are its last values.").wait_for()


@pytest.mark.parametrize(
    "fault, words",
    [
        ((503, "503 Busy"), "The device is busy."),
        pytest.param("gone", "The device does not answer.", marks=pytest.mark.slow),
    ],
)
def test_a_device_in_trouble_is_said_to_be_and_comes_back(run, look, fault, words):
    page = ready(look(run))
    run.faults["/data.json"] = [fault]
    page.get_by_text(words).wait_for()
    assert re.fullmatch(r"These values are \d+ sec old\.", page.inner_text("#old"))
    page.get_by_text("Just now").wait_for()


def test_a_device_that_is_gone_is_said_to_be(run, look):
    page = ready(look(run))
    run.close()
    page.get_by_text("The device does not answer.").wait_for()


def test_a_device_that_has_gone_into_setup_shows_its_form(run, look):
    page = ready(look(run))
    run.device["mode"] = "setup"
    run.faults["/data.json"] = [(200, "<!doctype html>")]
    page.get_by_role("heading", name="Set up your reader").wait_for()


# ---- against the firmware


@pytest.mark.parametrize("width", WIDTHS)
def test_the_firmwares_values_move_and_keep_their_decimals(start, look, width):
    page = ready(look(start("run-demo"), "/", width))
    power = page.locator("#power")
    seen = set()
    for _ in range(400):
        if len(seen) > 2:
            break
        seen.add(power.inner_text())
        page.wait_for_timeout(250)
    assert len([p for p in seen if re.fullmatch(r"\d,\d{3}", p)]) > 1, seen
    assert re.search(r"L1\s+230\.40\u00a0V\s+3\.42\u00a0A", page.inner_text("#phases"))
    totals = rows_of(page, "#totals")
    assert totals["Energy import"] == "18,446,744,073,709,551.615\u00a0kWh"
    page.faults[:] = [fault for fault in page.faults if "404" not in fault]
    sound(page)


@pytest.mark.parametrize("mode", ["lacking", "faulty"])
def test_a_firmware_that_cannot_answer_is_said_to_be(start, look, mode):
    page = look(start(mode))
    page.get_by_text(
        re.compile(
            "The device is busy|The device cannot answer this|is incomplete|does not answer"
        )
    ).wait_for()
    assert page.locator("#when.off").count() == 1


CLIP = {"x": 0, "y": 0, "width": 360, "height": 780}


def test_pictures_for_the_documentation(setup, run, look):
    setup.networks = [["Hjemme", -48, True], ["Hytta", -63, True], ["Kafé Månen", -74, False]]
    page = ready(look(setup, device_scale_factor=1.5))
    page.get_by_text("Hjemme").click()
    page.get_by_label("WiFi password", exact=True).fill("blåbærsyltetøy")
    picture(page, "setup-page.png", clip=CLIP)
    run.fill()
    run.values["voltage_l3"] = value("Voltage L3", "231.0", "V")
    run.values["active_power_import"] = value("Power import", "0", "W")
    run.values["active_power_export"] = value("Power export", "836", "W")
    page = ready(look(run, device_scale_factor=1.5))
    page.wait_for_selector("#plot .curve", state="attached")
    picture(page, "live-page.png", clip=CLIP)
    page = ready(look(run, "/history.html", 360, "dark", device_scale_factor=1.5))
    page.get_by_role("button", name="Month").click()
    page.wait_for_selector("#plot svg", state="attached")
    picture(page, "history-page.png", clip=CLIP)
    assert (paths.ROOT / "docs" / "pictures").is_dir()
