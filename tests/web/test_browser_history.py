"""The history's page in a real browser: what is drawn equals what the files of the device say.

The expected numbers are reckoned here from the files by themselves, with Python's own zones.
"""

import re
import struct
import zlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import pytest
from system.waiting import answers, until
from web.browsing import LOOKS, found_by_axe, ready, sound

OSLO = ZoneInfo("Europe/Oslo")
NOW = datetime(2026, 11, 26, 12, 20, tzinfo=OSLO)


# The contrast of a bar against its card.
SEEN = """(selector) => {
  const light = (color) => {
    const part = (v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4
    const [r, g, b] = color.match(/[\\d.]+/g).map((v) => part(v / 255))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const a = light(getComputedStyle(document.querySelector(selector)).fill)
  const b = light(getComputedStyle(document.querySelector('.card')).backgroundColor)
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}"""


@pytest.fixture
def at(look):
    """at(device, now, path): the page as a browser shows it at that moment."""

    def go(device, now=NOW, path="/history.html", width=360, scheme="light", **more):
        page = look(device, "/device.json", width, scheme, **more)
        page.clock.set_fixed_time(now)
        # A page that only differs in what is behind the "#" would not be loaded anew.
        page.goto(f"http://127.0.0.1:{device.port}{path}")
        ready(page)
        page.faults[:] = [fault for fault in page.faults if "404" not in fault]
        return page

    return go


@pytest.fixture
def year(run):
    """A device that has 400 days."""
    run.fill(400, NOW)
    return run


def registers(device):
    """{moment in UTC: (Wh, flags)} of hours, and {date: [(time, series, Wh, cost)]} of days."""
    hours, days = {}, {}
    for file in sorted(Path(device.flash.name, "ledger").glob("0*")):
        data = file.read_bytes()
        for place in range(0, len(data), 52):
            _, time, _, flags, _, drawn = struct.unpack_from("<IIhBBq", data, place)
            hours[datetime.fromtimestamp(time // 900 * 900, UTC)] = drawn, flags
    for file in sorted(Path(device.flash.name, "history").glob("2*")):
        for row in file.read_text().splitlines():
            day, time, _, _, series, drawn, _, cost, *_ = row.partition("*")[0].split(",")
            days.setdefault(date.fromisoformat(day), []).append(
                (int(time), series, int(drawn), cost)
            )
    return hours, days


def bars(page):
    """[(from, kWh or None, whether it is a gap)] of what is shown, by the page's own state."""
    return page.evaluate(
        "buckets.map((b) => [b.from, b.import == null ? null : b.import, !!b.gap, !!b.part])"
    )


def title(page):
    return page.inner_text("#period")


# ---- looks


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
@pytest.mark.parametrize("span", ["day", "month", "year", "years"])
def test_the_page_fits_and_can_be_read(year, at, width, scheme, span):
    page = at(year, NOW, f"/history.html#{span}/2026-11-25", width, scheme)
    page.locator("#list summary").click()
    sound(page)
    page.locator("#plot").focus()
    page.keyboard.press("ArrowRight")
    sound(page)
    assert found_by_axe(page) == []
    if span == "year":
        for way in ("in", "out"):
            assert page.evaluate(SEEN, f"#plot rect.{way}") >= 3, "WCAG 1.4.11"


# ---- numbers


def test_the_hours_of_a_day_are_differences_of_registers(year, at):
    page = at(year, NOW, "/history.html#day/2026-11-24")
    assert title(page) == "Tuesday, November 24, 2026"
    hours, _ = registers(year)
    midnight = datetime(2026, 11, 24, tzinfo=OSLO).astimezone(UTC)
    shown = bars(page)
    assert len(shown) == 24
    known = 0
    for n, (begin, wh, gap, _) in enumerate(shown):
        a, b = (hours.get(midnight + timedelta(hours=n + i)) for i in (0, 1))
        assert begin == (midnight + timedelta(hours=n)).timestamp()
        if a and b:
            assert wh == b[0] - a[0] and not gap
            known += 1
    assert known == 24
    total = hours[midnight + timedelta(days=1)][0] - hours[midnight][0]
    assert f"{total / 1000:.1f}\u00a0kWh" in page.inner_text("#sums")


def test_the_days_of_a_month(year, at):
    page = at(year, NOW, "/history.html#month/2026-10-12")
    assert title(page) == "October 2026"
    _, days = registers(year)
    shown = bars(page)
    assert len(shown) == 31
    for n, (begin, wh, gap, _) in enumerate(shown, 1):
        day = date(2026, 10, n)
        assert begin == datetime(2026, 10, n, tzinfo=OSLO).timestamp()
        assert wh == days[day + timedelta(1)][0][2] - days[day][0][2] and not gap
    assert "NOK" in page.inner_text("#sums")
    cost = float(days[date(2026, 11, 1)][0][3]) - float(days[date(2026, 10, 1)][0][3])
    assert f"NOK\u00a0{cost:,.2f}" in page.inner_text("#sums")


def test_a_gap_is_drawn_with_its_known_sum(year, at):
    """A day was not read at all: so that day and the one before it have only a sum together."""
    _, days = registers(year)
    midnight = {d: datetime(d.year, d.month, d.day, tzinfo=OSLO).timestamp() for d in days}
    # Its first registers came long after midnight.
    lost = next(d for d in days if days[d][0][0] - midnight[d] > 900 and d.month == 11)
    page = at(year, NOW, f"/history.html#month/{lost}")
    shown = bars(page)
    gaps = [n for n, (_, _, gap, _) in enumerate(shown, 1) if gap]
    before = lost - timedelta(1)
    assert {before.day, lost.day} <= set(gaps)
    page.wait_for_selector("#plot .gap", state="attached")
    assert page.locator("#plot .gap").count() >= 2
    after = lost + timedelta(1)
    wh = days[after][0][2] - days[before][0][2]
    assert shown[lost.day - 1][1] == shown[before.day - 1][1] == wh
    page.locator("#plot").focus()
    for _ in range(lost.day):
        page.keyboard.press("ArrowRight")
    words = page.inner_text("#point").replace("\u00a0", " ")
    assert f"{wh / 1000:.2f} kWh" in words and "not read" in words and "together" in words
    # The gap counts once, and what was used in it is known.
    assert "incomplete" not in page.inner_text("#sums")
    first, last = date(lost.year, lost.month, 1), NOW.date()
    whole = days[last][0][2] - days[first][0][2] + year.energy["today_import"]
    assert f"{whole / 1000:,.1f} kWh" in page.inner_text("#sums").replace("\u00a0", " ")


def test_a_swapped_meter_begins_a_new_series(year, at):
    _, days = registers(year)
    swapped = next(d for d, lines in days.items() if len({row[1] for row in lines}) == 2)
    page = at(year, NOW, f"/history.html#month/{swapped}")
    lines = days[swapped]
    old, new = [row for row in lines if row[1] == "1"], [row for row in lines if row[1] == "2"]
    used = old[-1][2] - old[0][2] + days[swapped + timedelta(1)][0][2] - new[0][2]
    assert bars(page)[swapped.day - 1][1] == used
    assert 0 < used < 200_000


def test_months_and_years(year, at):
    page = at(year, NOW, "/history.html#year/2026-05-05")
    assert title(page) == "2026"
    _, days = registers(year)
    shown = bars(page)
    assert len(shown) == 12
    april = days[date(2026, 5, 1)][0][2] - days[date(2026, 4, 1)][0][2]
    assert shown[3][1] == april
    page.get_by_role("button", name="Years").click()
    assert title(page) == "2025 – 2026" and len(bars(page)) == 2
    assert bars(page)[0][3], "the first year was begun in its middle"


def sums(page):
    return page.inner_text("#sums").replace("\u00a0", " ").split("\n")


def shown_money(page):
    return re.search(r"NOK ([\d,.]+)", " ".join(sums(page)))[1].replace(",", "")


def test_the_running_day_is_in_all_sums(year, at):
    """Its use and cost are the device's own where it has counted from midnight on."""
    _, days = registers(year)
    today, january = days[NOW.date()][0], days[date(2026, 1, 1)][0]
    year.energy["month_start"] += 3600  # not the whole month: it is reckoned from days
    for day, path in ((date(2026, 11, 1), "month"), (date(2026, 1, 1), "year")):
        page = at(year, NOW, f"/history.html#{path}/2026-11-26")
        cost = float(today[3]) - float(days[day][0][3]) + year.energy["today_cost"]
        assert shown_money(page) == f"{cost:.2f}", path
        assert "in part" not in sums(page) and "incomplete" not in sums(page)
    page.get_by_role("button", name="Years").click()
    of_2026 = page.evaluate("[buckets[1].cost, buckets[1].import]")
    cost = float(today[3]) - float(january[3]) + year.energy["today_cost"]
    assert of_2026[0] == pytest.approx(cost)
    swapped = next(d for d, lines in days.items() if len({row[1] for row in lines}) == 2)
    lost = days[swapped][-1][2] - days[swapped][-2][2]
    assert of_2026[1] == today[2] - january[2] - lost + year.energy["today_import"]
    assert shown_money(page) == f"{page.evaluate('buckets[0].cost') + cost:.2f}"


def test_a_cost_of_which_a_piece_is_not_known_says_so(year, at):
    """Neither the device nor its hours tell what one hour of today has cost."""
    del year.energy["today_cost"]
    year.energy["month_start"] += 3600
    page = at(year, NOW, "/history.html#month/2026-11-26")
    assert "in part" not in sums(page), "the hours tell it"
    known = float(shown_money(page))
    file = sorted(Path(year.flash.name, "energy").glob("1*"))[-1]
    lines = file.read_text().splitlines(True)
    file.write_text("".join(lines[:-1]))
    lost = float(lines[-1].split(",")[3])
    page = at(year, NOW, "/history.html#month/2026-11-26")
    page.evaluate("localStorage.clear()")
    page.reload()
    ready(page)
    assert float(shown_money(page)) == pytest.approx(known - lost, abs=0.011)
    for name in ("Month", "Year", "Years", "Day"):
        page.get_by_role("button", name=name, exact=True).click()
        assert "in part" in sums(page), name


@pytest.mark.parametrize(
    "day, hours", [("2026-03-29", 23), ("2026-10-25", 25), ("2026-10-24", 24), ("2026-03-30", 24)]
)
def test_days_of_summer_time_have_23_and_25_hours(run, at, day, hours):
    now = datetime.fromisoformat(day + "T09:00:00+01:00") + timedelta(days=3)
    run.lay(20, now)
    page = at(run, now, f"/history.html#day/{day}")
    shown = bars(page)
    assert len(shown) == hours
    assert [b[0] - a[0] for a, b in zip(shown, shown[1:], strict=False)] == [3600] * (hours - 1)
    assert all(wh is not None and not gap for _, wh, gap, _ in shown)
    known, _ = registers(run)
    begin = datetime.fromtimestamp(shown[0][0], UTC)
    assert begin.astimezone(OSLO).hour == 0
    total = known[begin + timedelta(hours=hours)][0] - known[begin][0]
    assert sum(wh for _, wh, _, _ in shown) == total
    page.get_by_role("button", name="Month").click()
    assert bars(page)[int(day[-2:]) - 1][1] == total


# ---- turning pages


def test_pages_are_turned_by_button_key_and_swipe(year, at):
    page = at(year, NOW, has_touch=True)
    assert title(page) == "Thursday, November 26, 2026"
    assert page.get_by_role("button", name="Later").is_disabled()
    page.get_by_role("button", name="Earlier").click()
    assert title(page) == "Wednesday, November 25, 2026"
    page.locator("#plot").focus()
    page.keyboard.press("PageUp")
    assert title(page) == "Tuesday, November 24, 2026"
    page.keyboard.press("PageDown")
    assert title(page) == "Wednesday, November 25, 2026"
    swipe = """([from, to]) => {
      const card = document.getElementById('card')
      const touch = (x) => new Touch({ identifier: 1, target: card, clientX: x, clientY: 300 })
      card.dispatchEvent(new TouchEvent('touchstart', { touches: [touch(from)] }))
      card.dispatchEvent(new TouchEvent('touchend', { changedTouches: [touch(to)] }))
    }"""
    page.evaluate(swipe, [80, 300])
    assert title(page) == "Tuesday, November 24, 2026", "swiped to the right: the day before"
    page.evaluate(swipe, [300, 80])
    assert title(page) == "Wednesday, November 25, 2026"
    page.evaluate(swipe, [100, 110])
    assert title(page) == "Wednesday, November 25, 2026", "a tap is no swipe"


def test_before_the_first_reading_there_is_no_page(run, at):
    run.lay(2, NOW)
    page = at(run)
    for _ in range(2):
        page.get_by_role("button", name="Earlier").click()
    assert title(page) == "Tuesday, November 24, 2026"
    assert page.get_by_role("button", name="Earlier").is_disabled()


def test_a_bar_is_tapped_for_its_values_and_opened(year, at):
    page = at(year, NOW, "/history.html#month/2026-10-12")
    assert page.inner_text("#point") == "Tap a bar for its values."
    box = page.locator("#plot .bar-of").nth(11).bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 80)
    _, days = registers(year)
    wh = days[date(2026, 10, 13)][0][2] - days[date(2026, 10, 12)][0][2]
    words = page.inner_text("#point").replace("\u00a0", " ")
    assert words.startswith("Mon, Oct 12 ") and f"Import {wh / 1000:.2f} kWh" in words
    page.reload()
    assert title(ready(page)) == "October 2026", "a reload stays where one was"
    page.locator("#plot").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Show the hours").click()
    assert title(page) == "Thursday, October 1, 2026"


def test_kinds_are_chosen(year, at):
    page = at(year, NOW, "/history.html#month/2026-10-12")
    page.get_by_role("button", name="Gas").click()
    assert page.locator("#plot .unit").text_content() == "m³"
    page.locator("#plot").focus()
    page.keyboard.press("ArrowRight")
    assert re.search(r"Gas \d+\.\d{3}\u00a0m³", page.inner_text("#point"))
    page.get_by_role("button", name="Cost").click()
    assert page.locator("#plot .unit").text_content() == "NOK"
    page.get_by_role("button", name="Year", exact=True).click()
    assert page.locator("#plot .unit").text_content() == "NOK"
    assert page.get_by_role("button", name="Cost").get_attribute("aria-pressed") == "true"
    # Of a gas meter there are no hours; it is there again with the days.
    page.get_by_role("button", name="Gas").click()
    page.get_by_role("button", name="Day", exact=True).click()
    assert not page.get_by_role("button", name="Gas").count()
    assert page.locator("#plot .unit").text_content() == "kWh"
    page.get_by_role("button", name="Month").click()
    assert page.get_by_role("button", name="Gas").get_attribute("aria-pressed") == "true"


def test_the_same_stands_in_a_table_and_in_a_csv(year, at):
    page = at(year, NOW, "/history.html#month/2026-10-12")
    page.locator("#list summary").click()
    _, days = registers(year)
    rows = page.locator("#list tbody tr")
    assert rows.count() == 31
    wh = days[date(2026, 10, 8)][0][2] - days[date(2026, 10, 7)][0][2]
    assert (
        rows.nth(6).inner_text().replace("\u00a0", " ").startswith(f"Wed, Oct 7\t{wh / 1000:.2f}")
    )
    link = page.get_by_role("link", name="As CSV for a spreadsheet")
    assert link.get_attribute("href") == "/history.csv?from=2026-10-01&to=2026-10-31"
    page.goto(f"http://127.0.0.1:{year.port}/history.html#day/2026-10-25")
    page.reload()
    link = ready(page).get_by_role("link", name="As CSV for a spreadsheet")
    assert link.get_attribute("href") == "/history.csv?from=2026-10-25&to=2026-10-25&by=hour"


# ---- what a device has not


def test_an_empty_history_says_that_it_begins(run, at):
    page = at(run)
    assert page.get_by_text("Nothing is stored yet.").is_visible()
    assert not page.locator("#card").is_visible()
    sound(page)


def test_a_history_that_is_off_says_so(run, at):
    run.device["history"] = False
    page = at(run)
    assert page.get_by_text("No history is kept: it is switched off in the settings.").is_visible()
    assert not [path for path in run.asked if path.startswith("/history/")]


def test_the_first_two_hours_are_shown(run, at):
    run.lay(1, NOW)
    for file in Path(run.flash.name, "history").iterdir():
        file.unlink()
    page = at(run)
    assert len([wh for _, wh, _, _ in bars(page) if wh is not None]) >= 10
    page.get_by_role("button", name="Month").click()
    assert page.locator("#plot svg").count() == 1


def test_a_device_in_trouble_is_tried_again(year, at):
    year.faults["/history/days"] = ["gone"]
    page = at(year)
    page.get_by_text("The device does not answer.").wait_for()
    page.get_by_role("button", name="Try again").click()
    page.wait_for_selector("#card:not([hidden])")
    assert len(bars(page)) == 24


def test_damaged_records_are_left_out(run, at):
    run.lay(3, NOW)
    file = min(Path(run.flash.name, "ledger").glob("0*"))
    data = bytearray(file.read_bytes())
    for place in range(0, len(data), 52):
        time = struct.unpack_from("<I", data, place + 4)[0]
        if datetime.fromtimestamp(time, OSLO).isoformat()[:13] == "2026-11-25T03":
            data[place + 14] ^= 1
            assert zlib.crc32(data[place : place + 52]) != 0x2144DF1C
    file.write_bytes(data)
    page = at(run, NOW, "/history.html#day/2026-11-25")
    gaps = [n for n, (_, _, gap, _) in enumerate(bars(page)) if gap]
    assert gaps[:2] == [2, 3]
    assert not page.locator("#kinds").is_visible(), "there is one kind only"


# ---- only what is new is asked for


def test_only_what_is_new_is_fetched(year, at):
    page = at(year)
    first = [path for path in year.asked if path.startswith("/history/")]
    assert first[0] == "/history/days" and first[1] == "/history/hours"
    before = bars(page)
    year.asked.clear()
    page.reload()
    ready(page)
    again = [path for path in year.asked if path.startswith("/history/")]
    assert again[0] == "/history/days?since=2026-11-26"
    assert re.fullmatch(r"/history/hours\?since=\d+", again[1])
    assert re.fullmatch(r"/history/costs\?since=\d+", again[2])
    assert bars(page) == before


def test_a_device_that_was_erased_is_read_anew(year, at):
    page = at(year)
    for folder in ("ledger", "history", "energy"):
        for file in Path(year.flash.name, folder).iterdir():
            file.unlink()
    year.lay(2, NOW, registers=(999_000, 0), seed=5)
    page.reload()
    ready(page)
    hours, _ = registers(year)
    midnight = datetime(2026, 11, 26, tzinfo=OSLO).astimezone(UTC)
    assert bars(page)[0][1] == hours[midnight + timedelta(hours=1)][0] - hours[midnight][0]
    page.get_by_role("button", name="Years").click()
    assert title(page) == "2026"


def test_numbers_and_dates_have_the_form_of_the_language(year, at):
    page = at(year, NOW, "/history.html#month/2026-10-12", locale="de-DE")
    assert title(page) == "Oktober 2026"
    assert re.search(r"\d,\d\u00a0kWh", page.inner_text("#sums"))
    page = at(year, NOW, "/history.html#day/2026-10-25", locale="nb-NO")
    assert title(page) == "søndag 25. oktober 2026"


# ---- against the whole firmware


class Flash:
    """What registers() asks of a stand-in: where the files are, and the port."""

    def __init__(self, device):
        self.flash = type("Folder", (), {"name": str(device.flash)})
        self.port = device.web_port


def test_the_firmwares_history_is_drawn(tmp_path, at, micropython):
    """The files of a flash, served by the firmware, come out as they were laid."""
    from kwhisper_tools.host import Device, made_up_history

    now = datetime.now(UTC)
    with Device(tmp_path, micropython=[micropython]) as device:
        device.install()
        wanted = {"wifi_ssid": "Fjellheim", "wifi_password": "kwhisper-demo"}
        device.settings(**wanted, time_zone="Europe/Oslo", energy=True, price_energy="1.2")
        made_up_history.lay(
            device.flash, 60, now, (23_456_789, 5_200_345), solar=True, price="1.2"
        )
        expected, days = registers(Flash(device))
        device.power_on()
        device.wait_for("WiFi: connected")
        # The web begins a little later.
        until(lambda: answers(device, "device.json"), what="the page")
        day = now.astimezone(OSLO).date() - timedelta(3)
        page = at(Flash(device), now, f"/history.html#day/{day}")
        begin = datetime(day.year, day.month, day.day, tzinfo=OSLO).astimezone(UTC)
        shown = bars(page)
        assert len(shown) in (23, 24, 25)
        for n, (_, wh, gap, _) in enumerate(shown):
            a, b = (expected[begin + timedelta(hours=n + i)] for i in (0, 1))
            assert wh == b[0] - a[0] and not gap
        page.get_by_role("button", name="Month").click()
        assert bars(page)[day.day - 1][1] == days[day + timedelta(1)][0][2] - days[day][0][2]
        page.get_by_role("button", name="Day", exact=True).click()
        link = page.get_by_role("link", name="As CSV for a spreadsheet").get_attribute("href")
        rows = urlopen(device.url + link[1:], timeout=60).read().decode().split("\r\n")
        used = [int(row.split(",")[1]) for row in rows[1:] if row]
        assert used == [wh for _, wh, _, _ in shown]
