"""The pages in other languages, in a real browser: the browser's, kept, fitting a phone."""

import json

import pytest
from web.browsing import OPEN_ALL, PAGES, field, found_by_axe, ready, sound
from web.stand_in import STATIC
from web.test_languages import NAMES, read

LOCALES = {"nb": "nb-NO", "sv": "sv-SE", "da": "da-DK", "fi": "fi-FI", "de": "de-AT"}
LOCALES |= {"nl": "nl-BE", "fr": "fr-BE"}


def tidy(page):
    page.faults[:] = [f for f in page.faults if "404" not in f and "422" not in f]


# The two with the longest words every time, the others with the slow tests.
OFTEN = ("de", "fi")
MARKED = [pytest.param(n, marks=() if n in OFTEN else pytest.mark.slow) for n in NAMES]


@pytest.mark.parametrize("language", MARKED)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_a_phone_in_every_language(run, look, path, language):
    run.fill()
    page = ready(look(run, path, locale=LOCALES[language]))
    page.wait_for_timeout(200)
    page.evaluate(OPEN_ALL)
    tidy(page)
    sound(page)
    words = read(language)
    assert page.evaluate("document.documentElement.lang") == language
    assert words["History"] in page.inner_text("nav") and words["Settings"] in page.inner_text(
        "nav"
    )
    # No link of the bar at the bottom is cut off.
    for link in page.locator("nav a").all():
        box = link.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 360
        assert link.evaluate("(e) => e.scrollWidth <= e.clientWidth + 1")


@pytest.mark.parametrize("language", MARKED)
def test_the_setup_can_be_used_in_every_language(setup, look, language):
    words = read(language)
    page = ready_in(look(setup, "/", locale=LOCALES[language]), words)
    page.evaluate(OPEN_ALL)
    sound(page)
    assert page.get_by_role("heading", name=words["Set up your reader"]).is_visible()
    page.get_by_text("Hjemme æøå").click()
    page.get_by_label(words["wifi_password"], exact=True).fill("blåbær123")
    page.get_by_label(words["mqtt_host"], exact=True).fill("192.168.1.10")
    page.get_by_role("button", name=words["Save and restart"]).click()
    page.get_by_role("heading", name=words["Saved"]).wait_for()
    sound(page)
    assert setup.posts[0][1]["wifi_ssid"] == "Hjemme æøå"


def ready_in(page, words):
    """As ready(), which reads English."""
    page.wait_for_selector("#form:not([hidden])")
    page.get_by_text(words["{n} networks"].replace("{n}", "3")).wait_for()
    return page


def test_axe_finds_nothing_in_another_language(run, look):
    run.fill()
    for path in PAGES:
        page = ready(look(run, path, locale="fr-FR"))
        assert found_by_axe(page) == [], path


def test_what_the_device_says_of_a_field_is_translated(run, look):
    words = read("nb")
    run.errors = {"mqtt_port": "must be from 1 to 65535", "mqtt_topic": "is something new"}
    page = ready(look(run, "/settings", locale="nb-NO"))
    page.get_by_role("button", name=words["Save and restart"]).wait_for()
    page.get_by_label("Port", exact=True).fill("0")
    page.get_by_role("button", name=words["Save and restart"]).click()
    page.get_by_text(words["Nothing is saved yet."]).wait_for()
    assert (
        field(page, "mqtt_port").locator(".err").inner_text() == "Dette må være fra 1 til 65535."
    )
    assert "is something new" in field(page, "mqtt_topic").locator(".err").inner_text()


def test_a_language_is_chosen_and_kept(run, look):
    page = ready(look(run, "/"))
    assert page.inner_text("#way") == "Drawn from the grid"
    page.get_by_label("Language").select_option("sv")
    page.get_by_text("Tas från nätet").wait_for()
    page.goto(f"http://127.0.0.1:{run.port}/device.html")
    page.get_by_role("heading", name="Starta om").wait_for()
    page.get_by_label("Språk").select_option("en")
    page.get_by_role("heading", name="Restart").wait_for()


@pytest.mark.parametrize(
    "locale, lang, way",
    [
        ("nn-NO", "nb", "Hentes fra nettet"),
        ("no", "nb", "Hentes fra nettet"),
        ("pl-PL", "en", "Drawn from the grid"),
        ("en-GB", "en", "Drawn from the grid"),
    ],
)
def test_the_browsers_language_is_taken_or_english(run, look, locale, lang, way):
    page = ready(look(run, "/", locale=locale))
    assert page.inner_text("#way") == way
    assert page.evaluate("document.documentElement.lang") == lang


def test_a_language_that_does_not_come_is_english(run, look):
    run.faults["/languages/de.json"] = ["gone"]
    page = ready(look(run, "/", locale="de-DE"))
    assert page.inner_text("#way") == "Drawn from the grid"
    assert page.inner_text("#power") == "1.789", "numbers are German all the same"
    assert page.evaluate("document.documentElement.lang") == "en"


def test_a_browser_that_keeps_nothing_works(run, look):
    context_less = "Object.defineProperty(window, 'localStorage', { get() { throw new Error() } })"
    page = look(run, "/device.json")
    page.add_init_script(context_less)
    run.fill()
    for path in PAGES:
        page.goto(f"http://127.0.0.1:{run.port}{path}")
        ready(page)
    tidy(page)
    assert page.faults == []


def test_numbers_have_the_form_of_the_country(run, look):
    shown = {}
    for locale in ("de-DE", "de-CH", "fr-FR", "en-US", "nb-NO"):
        page = ready(look(run, "/", locale=locale))
        total = page.locator("#totals td").first.inner_text()
        shown[locale] = total.replace("\u00a0", " ").replace("\u2019", "'")
    thin = "\u202f"
    assert shown == {
        "de-DE": "23.456,789 kWh",
        "de-CH": "23'456.789 kWh",
        "fr-FR": f"23{thin}456,789 kWh",
        "en-US": "23,456.789 kWh",
        "nb-NO": f"23{thin}456,789 kWh",
    }


def test_the_form_marks_what_is_changed_in_the_language(run, look):
    page = ready(look(run, "/settings", locale="de-DE"))
    page.get_by_label("Port", exact=True).fill("1884")
    mark = "getComputedStyle(document.querySelector('.changed label'), ':after').content"
    assert json.loads(page.evaluate(mark)) == "geändert"
    assert page.get_by_text("1 Änderung, noch nicht gespeichert").is_visible()


def test_the_firmware_serves_the_languages(start, look):
    page = look(start("setup"), "/", locale="fi-FI")
    page.get_by_role("heading", name="Ota lukija käyttöön").wait_for()
    page = ready(look(start("run"), "/", locale="da-DK"))
    assert page.inner_text("#way") == "Hentes fra nettet"
    assert (STATIC / "languages" / "da.json").is_file()
