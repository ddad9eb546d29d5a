"""Every language has all words, and none that nothing says.

English stands in the pages themselves. The key of a text is its English; of a setting its name, of
its help the name and "?", of a choice the name, "=" and the choice; of a group "group." and its
name. What the device says in English is a key with {n} for a number.
"""

import json
import re

import pytest
from web.stand_in import STATIC, TABLE

from kwhisper.formats.labels import label
from kwhisper_tools import paths
from meterwire import obis

FOLDER = STATIC / "languages"
NAMES = ("nb", "sv", "da", "fi", "de", "nl", "fr")
ENGLISH = (STATIC / "kwhisper.js").read_text(encoding="utf-8")

# t(…), w(…), parts(…) and both forms of counted(…): the text, in either kind of quotes.
_CALL = re.compile(r"""\b(?:t|w|parts)\(\s*(?:'((?:[^'\\]|\\.)*)'|"([^"]*)")""")
_MARKED = re.compile(r"<(\w+)[^>]* data-t[^>]*>([^<]+)<")
# Choices that are names or numbers, the same in all languages.
_SAME = re.compile(
    r"[\d-]+ baud|^\d+ [78][NEO][12]$|^NES|Domoticz|MySensors|Home Assistant|^TN,|^IT "
)


def read(language):
    return json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))


def said_by_pages():
    found = set()
    for file in STATIC.glob("*.js"):
        if file.name == "report.js":
            continue
        for one, two in _CALL.findall(file.read_text(encoding="utf-8")):
            found.add((one or two).replace("\\'", "'"))
    for file in STATIC.glob("*.html"):
        found.update(text for _, text in _MARKED.findall(file.read_text(encoding="utf-8")))
    return found


def settings():
    """{key: English} of the table."""
    found = {}
    for row in json.loads(TABLE.read_text(encoding="utf-8")):
        if "title" in row:
            found["group." + row["group"]] = row["title"]
            continue
        found[row["name"]] = row["label"]
        if row.get("help"):
            found[row["name"] + "?"] = row["help"]
        for choice, text in row.get("choices", []) + row.get("presets", []):
            if not _SAME.search(text):
                found[f"{row['name']}={choice}"] = text
    return found


def numbered(text):
    """As from_device() of kwhisper.js makes a key."""
    names = iter(("{n}", "{m}"))
    return re.sub(r"\d+", lambda _: next(names), text)


def labels():
    """The names of all values."""
    found = {numbered(label(name)) for _, name, _ in obis.rows()}
    for medium in ("gas", "water", "heat", "cooling", "electricity"):
        for name in ("volume", "energy"):
            found.add(numbered(label("meter1_" + name, medium)))
            found.add(numbered(label("meter2_" + name, medium + " 2")))
    for name in ("volume", "energy", "volume_uncorrected", "valve"):
        found.add(numbered(label("meter1_" + name)))
    # texts and clocks are no values of the page
    return found - {"Clock", "Meter id", "Equipment id", "Meter type", "List id", "Device name"}


def said_by_device():
    """The sentences that the firmware's sources hold, numbers as {n}."""
    text = ""
    for file in (paths.FIRMWARE / "kwhisper").rglob("*"):
        if file.suffix in (".py", ".json") and "static" not in file.parts:
            text += re.sub(r'"\s*\n\s*"', "", file.read_text(encoding="utf-8"))
    # validation.py puts these together
    text += "must be typed again for another network; must be typed again for another broker"
    for file in (paths.FIRMWARE / "lib" / "meterwire").glob("*.py"):
        text += re.sub(r'"\s*\n\s*"', "", file.read_text(encoding="utf-8"))
    return text


@pytest.mark.parametrize("language", NAMES)
def test_a_language_has_all_words(language):
    words = read(language)
    wanted = said_by_pages() | set(settings()) | labels()
    assert len(wanted) > 400
    assert sorted(wanted - set(words)) == []


@pytest.mark.parametrize("language", NAMES)
def test_a_language_has_no_word_that_nothing_says(language):
    known = said_by_pages() | set(settings()) | labels()
    device = said_by_device()

    def is_said(key):
        text = re.escape(key)
        for name in (r"\{n\}", r"\{m\}"):
            text = text.replace(name, r"(?:%d|\d+)", 1)
        return re.search(text, device)

    assert [key for key in read(language) if key not in known and not is_said(key)] == []


def test_all_languages_have_the_same_words():
    first = set(read(NAMES[0]))
    for language in NAMES[1:]:
        assert set(read(language)) == first, language


@pytest.mark.parametrize("language", NAMES)
def test_no_help_was_left_in_english(language):
    words = read(language)
    helps = {key: text for key, text in settings().items() if key.endswith("?")}
    assert len(helps) > 50
    assert [key for key, text in helps.items() if words.get(key) == text] == []


@pytest.mark.parametrize("language", NAMES)
def test_translations_are_texts_with_the_same_names_in_braces(language):
    names = re.compile(r"\{\w+\}")
    for key, text in read(language).items():
        assert text == text.strip() and text, key
        english = settings().get(key, key)
        assert sorted(names.findall(text)) == sorted(names.findall(english)), key


def test_every_language_can_be_chosen_and_has_a_file():
    listed = re.search(r"const LANGUAGES = \{(.*?)\}", ENGLISH, re.DOTALL)[1]
    assert set(re.findall(r"(\w+): '", listed)) == {"en", *NAMES}
    assert {file.stem for file in FOLDER.iterdir()} == set(NAMES)


def test_the_pattern_finds_what_pages_say():
    found = said_by_pages()
    for text in ("Drawn from the grid", "{n} networks", "Save and restart", "History", "Gas"):
        assert text in found, text
    assert all(len(text) > 1 for text in found)
