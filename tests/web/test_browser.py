"""The pages in a real browser: on phone and desk, by day and by night, with and without scripts.

KWHISPER_PICTURES=docs makes the pictures of the README anew while it runs.
"""

import json
import os
import re
import shutil
from pathlib import Path

import pytest

WIDTHS = (360, 1000)
SCHEMES = ("light", "dark")

# The lowest contrast of any visible text of the page against what is painted behind it.
CONTRAST = """() => {
  const rgb = (c) => c.match(/[\\d.]+/g).map(Number)
  const light = (c) => {
    const part = (v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4
    const [r, g, b] = c.map((v) => part(v / 255))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const c = rgb(getComputedStyle(e).backgroundColor)
      if (c.length < 4 || c[3] > 0) return c
    }
    return [255, 255, 255]
  }
  let worst = [99, '']
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())
    if (!own || !e.offsetParent || /SCRIPT|NOSCRIPT|OPTION/.test(e.tagName)) continue
    const a = light(rgb(getComputedStyle(e).color)), b = light(behind(e))
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    if (ratio < worst[0]) worst = [ratio, e.tagName + ' ' + e.textContent.trim().slice(0, 30)]
  }
  return worst
}"""

# Controls that no assistive technology could name.
NAMELESS = """() => [...document.querySelectorAll('input,select,textarea,button')]
  .filter((e) => e.type !== 'hidden' && !e.textContent.trim() && !e.ariaLabel && !e.labels?.length)
  .map((e) => e.outerHTML)"""


@pytest.fixture(scope="module")
def browser():
    sync = pytest.importorskip("playwright.sync_api", reason="`make venv` brings playwright")
    chromium = shutil.which("chromium")
    if not chromium:
        pytest.skip("chromium is missing: apt-get install chromium")
    with sync.sync_playwright() as p:
        b = p.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield b
        b.close()


@pytest.fixture
def look(browser):
    """look(device, path, width, scheme): the page, watched for errors and foreign addresses."""
    contexts = []
    faults = []

    def go(device, path="/", width=360, scheme="light", **more):
        context = browser.new_context(
            viewport={"width": width, "height": 780}, color_scheme=scheme, **more
        )
        contexts.append(context)
        page = context.new_page()
        own = f"http://127.0.0.1:{device.port}/"
        page.on("pageerror", lambda e: faults.append(str(e)))
        page.on("request", lambda r: r.url.startswith((own, "data:")) or faults.append(r.url))
        page.on("console", lambda m: m.type == "error" and faults.append(m.text))
        page.goto(own + path.lstrip("/"))
        page.faults = faults
        return page

    yield go
    for context in contexts:
        context.close()


def picture(page, name, **more):
    folder = os.environ.get("KWHISPER_PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / name), **more)


def sound(page):
    """Nothing sticks out sideways, every control has a name, all text can be read."""
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(NAMELESS) == []
    ratio, where = page.evaluate(CONTRAST)
    assert ratio >= 4.5, where
    assert page.faults == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_the_setup_page_fits_and_can_be_read(chip, look, width, scheme):
    page = look(chip("setup"), "/", width, scheme)
    sound(page)
    page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
    sound(page)
    page.click("text=Save and restart")  # no network chosen: the page comes back with a message
    page.wait_for_selector(".err")
    page.faults.clear()  # the browser notes the code 422 as an error
    sound(page)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_the_live_page_fits_and_can_be_read(chip, look, width, scheme):
    page = look(chip("run"), "/", width, scheme)
    page.wait_for_selector("#totals:not([hidden])")
    sound(page)


def test_long_names_wrap_and_every_count_stands_where_it_belongs(chip, look):
    """Kamstrup's list and type are long words; a list without a checksum was read all the same."""
    page = look(chip("run"))

    def longer(route):
        answer = json.loads(route.fetch().text())
        answer["meter"] = {"type": "6841121BN243101040", "list": "Kamstrup_V0001_" + "x" * 40}
        answer["status"]["frames"] = {"ok": 2, "unchecked": 40, "fcs": 3, "noise": 5120}
        answer["status"]["problem"] = "no answer from " + "broker" * 12
        answer["status"]["mqtt_error"] = "no answer from " + "broker" * 12
        route.fulfill(json=answer)

    page.route("**/data.json", longer)
    page.wait_for_selector("#state:has-text('Kamstrup')")
    picture(page, "long-names.png", full_page=True)
    sound(page)
    rows = dict(row.split("\t") for row in page.inner_text("#state").splitlines() if "\t" in row)
    assert rows["Frames read"] == "42" and rows["Frames not read"] == "fcs 3"
    assert rows["Noise"].replace("\u202f", " ") == "5 120 bytes"


@pytest.mark.parametrize("scripts", [True, False])
def test_a_person_sets_the_device_up(chip, look, scripts):
    device = chip("setup")
    page = look(device, java_script_enabled=scripts)
    typed = page.get_by_label("Name of the other network")
    assert not typed.is_visible()
    page.get_by_text("Another network").click()
    assert typed.is_visible()
    page.get_by_text("Hjemme æøå").click()
    page.get_by_label("WiFi password", exact=True).fill("blåbærsyltetøy")
    page.get_by_label("Broker", exact=True).fill("192.168.1.10")
    page.get_by_label("Publish to topic").fill("hus/måler")
    page.get_by_label("Home Assistant discovery", exact=True).check()
    page.get_by_role("button", name="Save and restart").click()
    page.wait_for_load_state()
    assert "joins Hjemme æøå" in page.inner_text("main")
    assert page.get_by_role("link", name="http://kwhisper.local/").is_visible()
    saved = json.loads(device.file.read_text(encoding="utf-8"))
    assert saved == {
        "version": 1,
        "wifi_ssid": "Hjemme æøå",
        "wifi_password": "blåbærsyltetøy",
        "mqtt_host": "192.168.1.10",
        "mqtt_topic": "hus/måler",
        "payload": "topics,json,homeassistant",
    }


def test_a_mistake_in_a_folded_group_is_shown(chip, look):
    page = look(chip("setup"))
    page.get_by_text("Naboen").click()
    page.locator("summary", has_text="Meter").click()
    page.get_by_label("Encryption key").fill("0011")
    page.get_by_role("button", name="Save and restart").click()
    message = page.get_by_text("must have 32 hex digits, this has 4.")
    message.wait_for()
    assert message.is_visible() and page.get_by_label("Encryption key").is_visible()
    assert page.locator("input[value='=Naboen']").is_checked()


def test_a_password_can_be_shown_while_it_is_typed(chip, look):
    page = look(chip("setup"))
    page.get_by_label("WiFi password", exact=True).fill("blåbær123")
    assert page.locator("#wifi_password").get_attribute("type") == "password"
    page.get_by_role("button", name="Show").first.click()
    assert page.locator("#wifi_password").get_attribute("type") == "text"


def test_live_values_move_and_keep_their_decimals(chip, look):
    page = look(chip("run-demo"))
    power = page.locator("#power")
    seen = set()
    for _ in range(80):
        if len(seen) > 2:
            break
        seen.add(power.inner_text())
        page.wait_for_timeout(250)
    assert len([p for p in seen if re.fullmatch(r"\d\u202f\d{3}", p)]) > 1, seen
    text = page.inner_text("main")
    assert re.search(r"L1\s+230\.40\u00a0V\s+3\.42\u00a0A", text)
    assert "23\u202f456.79\u00a0kWh" in text and "old" in text and "12\u202f873" in text
    sound(page)


def test_a_device_that_is_gone_is_said_to_be(chip, look):
    device = chip("run")
    page = look(device)
    page.wait_for_selector("#totals:not([hidden])")
    device.close()
    page.get_by_text("The device does not answer").wait_for()


def test_pictures_for_the_readme(chip, look):
    page = look(chip("setup-demo"), device_scale_factor=1.5)
    page.get_by_text("Hjemme").click()
    page.get_by_label("WiFi password", exact=True).fill("blåbærsyltetøy")
    picture(page, "setup-page.png", clip={"x": 0, "y": 0, "width": 360, "height": 780})
    page = look(chip("run-demo"), device_scale_factor=1.5)
    page.wait_for_selector("#totals:not([hidden])")
    if os.environ.get("KWHISPER_PICTURES"):
        page.wait_for_timeout(90000)  # a curve worth looking at
    picture(page, "live-page.png", clip={"x": 0, "y": 0, "width": 360, "height": 780})
    assert page.locator("#phases").is_visible()
