"""Every row of every table: settings, boards, formats, words for faults, OBIS codes, orders of
lists, simulated meters. Whoever adds a row learns here what is wrong with it (CONTRIBUTING.md).
"""

import builtins
import importlib
import inspect
import json
import pkgutil
import re
import sys
from collections import Counter
from datetime import datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from kwhisper_tools import meters, paths
from kwhisper_tools.build import docs
from kwhisper_tools.meters.meter import Meter
from meterwire import Decoder, obis, orders, profiles

builtins.const = lambda value: value
sys.path.insert(0, str(paths.FIRMWARE))

formats = importlib.import_module("kwhisper.formats")
table = importlib.import_module("kwhisper.storage.table")
validation = importlib.import_module("kwhisper.storage.validation")
wiring = importlib.import_module("kwhisper.storage.wiring")
settings = importlib.import_module("kwhisper.storage.settings")

KWHISPER = paths.FIRMWARE / "kwhisper"
WIFI = KWHISPER / "network" / "wifi_status.json"
# The languages are the browser's: it reads them whole.
TABLES = sorted(p for p in KWHISPER.rglob("*.json") if p.parent.name != "languages")
# What a person reads on a page that is English.
PLAIN = re.compile(r"[ -~]+")


def read(path):
    found = json.loads(path.read_text(encoding="utf-8"))
    assert len(found) > 5, f"{path} has lost its rows"
    return found


def setting_rows():
    return [row for row in read(paths.ROOT / table.SETTINGS) if "name" in row]


def unique(values, what):
    values = list(values)
    twice = {value for value in values if values.count(value) > 1}
    assert not twice, f"{what} twice: {twice}"


# ---- all tables that are JSON


def test_there_are_tables():
    assert {"setting_table.json", "boards.json", "wifi_status.json"} <= {p.name for p in TABLES}


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.name)
def test_a_row_is_a_line(path):
    """The chip reads a table line by line: what begins otherwise it does not see."""
    whole = json.loads(path.read_text(encoding="utf-8"))
    assert list(table.rows(str(path))) == whole


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.name)
def test_no_column_stands_twice_in_a_row(path):
    def pairs(found):
        unique((name for name, _ in found), f"{path.name}: a column in {found}")
        return dict(found)

    json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=pairs)


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.name)
def test_the_words_are_plain(path):
    """ASCII, nothing at the ends, no two blanks, nothing empty that a person is to read."""
    for row in read(path):
        for column in ("title", "label", "help", "text"):
            if column in row:
                words = row[column]
                assert PLAIN.fullmatch(words), row
                assert words == " ".join(words.split()), row


# ---- settings

GROUP = {"group", "title", "folded"}
ALL = {"name", "group", "type", "default", "label", "help"}
MORE = {
    "text": {"least", "most", "secret"},
    "host": {"least", "most"},
    "topic": {"least", "most"},
    "lines": {"least", "most", "secret"},
    "pairs": {"least", "most"},
    "decimal": {"least", "most"},  # one number, as text: no float
    "decimals": {"least", "most"},
    "span": {"least", "most"},  # of hours or months, 22-6
    "key": {"secret"},
    "mep_key": {"secret"},
    "int": {"least", "most"},
    "bool": set(),
    "pick": {"choices"},
    "many": {"choices"},
    "board": set(),
    "zone": set(),
    "pins": {"least", "most"},
    "line": {"least", "most"},
    "static": {"least", "most"},
    "station": {"least", "most"},
}
NEEDED = {"name", "group", "type", "default", "label"}
# Named as a secret, and none.
OPEN = {"publish_meter_id", "update_key", "serial_pin", "ds_pin"}


def test_every_row_of_the_settings_has_its_columns():
    groups = [row for row in read(paths.ROOT / table.SETTINGS) if "name" not in row]
    for row in groups:
        assert set(row) <= GROUP and row["title"], row
    for row in setting_rows():
        assert row["type"] in MORE, f"{row['name']}: unknown type {row['type']}"
        more = MORE[row["type"]]
        assert set(row) <= ALL | more | {"seldom", "presets"}, (
            f"{row['name']}: {set(row) - ALL - more}"
        )
        assert set(row) >= NEEDED | (more - {"secret"}), f"{row['name']} lacks a column"


def test_a_preset_is_a_value_and_its_label():
    rows = [row for row in setting_rows() if "presets" in row]
    assert rows
    for row in rows:
        for value, label in row["presets"]:
            assert label and set(value.split(",")) <= {choice for choice, _ in row["choices"]}


def test_a_setting_stands_behind_the_title_of_its_group():
    group = None
    for row in read(paths.ROOT / table.SETTINGS):
        if "title" in row:
            group = row["group"]
        assert row["group"] == group, row["name"]


def test_settings_have_names_of_their_own():
    unique((row["name"] for row in setting_rows()), "a setting")
    unique((row["label"] for row in setting_rows()), "a label")
    for row in setting_rows():
        assert re.fullmatch(r"[a-z][a-z0-9_]+", row["name"])
        assert row["name"] != "version", "the file's own member"


def test_a_seldom_setting_is_found_by_its_name():
    """table.find() takes the first row that begins with the name, group or setting."""
    seldom = [row for row in setting_rows() if "seldom" in row]
    assert seldom
    for row in seldom:
        assert row["seldom"] is True and not row.get("secret"), row
        assert table.find("/storage/setting_table.json", row["name"]) == row
        assert settings.Settings("nowhere")[row["name"]] == row["default"]


def test_limits_are_limits_and_the_default_is_within():
    for row in setting_rows():
        name = row["name"]
        if "least" in row:
            assert 0 <= row["least"] <= row["most"], name
        if row.get("secret"):
            assert row["default"] == "", f"{name}: a secret that everybody knows"
        assert validation.check(row, row["default"]) == (row["default"], None), name
        kind = {"int": int, "bool": bool}.get(row["type"], str)
        assert type(row["default"]) is kind, f"{name}: a default of another type"


def test_what_sounds_like_a_secret_is_one():
    for row in setting_rows():
        sounds = re.search(r"pass|pwd|psk|_key$|secret|token|_pin$", row["name"])
        assert not sounds or row.get("secret") or row["name"] in OPEN, row["name"]


def test_choices_are_pairs_of_a_word_and_its_label():
    for row in setting_rows():
        choices = row.get("choices", ())
        assert "choices" not in row or len(choices) > 1
        unique((value for value, _ in choices), f"{row['name']}: a choice")
        unique((label for _, label in choices), f"{row['name']}: a label")
        for value, label in choices:
            assert re.fullmatch(r"[A-Za-z0-9_-]+", value), row["name"]
            assert PLAIN.fullmatch(label), row["name"]


def test_all_settings_together_fit_a_request_and_their_file():
    longest = {row["name"]: "x" * row["most"] for row in setting_rows() if "default" in row
               and row["type"] not in ("int", "bool") and "most" in row}  # fmt: skip
    text = json.dumps(longest)
    bounds = (KWHISPER / "web" / "limits.py").read_text()
    assert len(text) < int(re.search(r"^BODY = const\((\d+)\)", bounds, re.M)[1])
    assert len(text) < settings._MOST_BYTES


def sources():
    return {
        path: path.read_text()
        for folder in (KWHISPER, paths.FIRMWARE / "esp8266")
        for path in folder.rglob("*.py")
    }


def test_every_setting_is_read_by_somebody():
    texts = [text for path, text in sources().items() if "esp8266" not in path.parts]
    assert len(texts) > 40
    # A kind of row, not a name, is what the board's row goes by.
    for row in setting_rows():
        assert any(f'"{row["name"]}"' in text for text in texts), f"{row['name']} does nothing"


def test_no_setting_is_asked_for_that_is_not_there():
    names = {row["name"] for row in setting_rows()}
    asked = re.compile(r'\b(?:s|_?settings)(?:\[|\.key\()"(\w+)"')
    found = {name for text in sources().values() for name in asked.findall(text)}
    assert len(found) > 20
    assert found <= names, found - names


# ---- formats


def payload_choices():
    (row,) = [row for row in setting_rows() if row["name"] == "payload"]
    return [value for value, _ in row["choices"]]


CHOICES = sorted(payload_choices())


def module_of(name):
    return formats.load(name)[-1]


def test_the_formats_are_the_choices_of_the_setting():
    choices = payload_choices()
    assert len(choices) > 7
    for name in choices:
        assert formats.load(name), f"{name}: its module cannot be imported"


def test_every_module_of_formats_is_a_format_or_serves_them():
    serve = {"entries", "labels", "entities", "writer", "amsreader_mep"}
    there = {m.name for m in pkgutil.iter_modules([str(KWHISPER / "formats")])}
    assert there - serve == {module_of(name).__name__.rpartition(".")[2] for name in CHOICES}


# What a format may have, and what it is given: see formats/__init__.py.
GIVEN = {"messages": 2, "registers": 2, "connected": 1, "device": 1, "unknown": 2}


@pytest.mark.parametrize("name", CHOICES)
def test_a_format_has_the_functions_that_are_called(name):
    module = module_of(name)
    own = {
        n: f
        for n, f in vars(module).items()
        if inspect.isfunction(f) and f.__module__ == module.__name__ and n[0] != "_"
    }
    if name == "homeassistant":  # called by mqtt/discovery.py
        assert "config" in own and module.entities
        return
    assert "messages" in own, f"{name} publishes nothing"
    assert set(own) <= set(GIVEN), f"{set(own) - set(GIVEN)}: nobody calls it"
    for what, function in own.items():
        assert len(inspect.signature(function).parameters) == GIVEN[what], what
    assert inspect.getdoc(module), "say what it publishes"


@pytest.mark.parametrize("name", sorted(set(CHOICES) - {"homeassistant"}))
def test_a_format_s_messages_have_topic_payload_and_kind(name):
    values = {row["name"]: row["default"] for row in setting_rows()}
    values["domoticz_idx"] = "active_power_import=1,voltage_l1=2"
    status = SimpleNamespace(
        uptime=lambda: 60, frame_age=lambda: 1, mem_free=lambda: 40000, rssi=-60, ip="10.0.0.2",
        board="esp32", version="0", dropped=0,
    )  # fmt: skip
    module = module_of(name)
    page = getattr(module, "PAGE", 0)
    context = formats.Context(values, status, "kwhisper-1", lambda: None, page)
    context.frame = memoryview(b"frame")
    kinds = {formats.DOCUMENT, formats.VALUE, formats.REGISTER, formats.FACT, formats.MARK}
    decoder = Decoder()
    meter = meters.make("aidon", seed=1)
    said = below = 0
    for _ in range(12):
        burst = meter.next()
        number = (burst.truth["meter_id"] or "no number").encode()
        for r in decoder.feed(burst.data):
            for topic, payload, kind in module.messages(r, context):
                assert isinstance(topic, bytes) and topic and not set(topic) & set(b"+#")
                assert isinstance(payload, bytes | bytearray | memoryview)
                assert type(kind) is int and kind in kinds
                assert number not in topic + bytes(payload), "the meter's number, unasked"
                below += topic.startswith(context.below)
                said += 1
    assert said > 3, "it publishes nothing"
    # What has the device's topic before it can have another, and is taken away with the format.
    file = module.__name__.rpartition(".")[2]
    for place, word in (("second_topic", file), ("farewell", file.replace("_", ""))):
        words = importlib.import_module(f"kwhisper.mqtt.{place}")._BELOW.split()
        assert (word in words) == (below > 0), f"_BELOW of mqtt/{place}.py: {word}"


# ---- zones


def test_every_zone_has_the_offset_of_its_winter():
    zones = read(paths.ROOT / table.ZONES)
    unique((row["name"] for row in zones), "a zone")
    for row in zones:
        assert set(row) == {"name", "offset", "summer"}, row
        if "/" not in row["name"]:
            continue
        for month, summer in ((1, 0), (7, 60 * row["summer"])):
            at = datetime(2026, month, 15, tzinfo=ZoneInfo(row["name"]))
            assert at.utcoffset().total_seconds() == 60 * (row["offset"] + summer), row


# ---- what Home Assistant is told

TOLD = {"of", "name", "unit_of_meas", "dev_cla", "stat_cla", "val_tpl"}
# 2024.3 knows no class of reactive energy.
WITHOUT_CLASS = {"varh"}


def test_home_assistant_is_told_of_every_unit_and_of_the_device():
    path = "/formats/homeassistant.json"
    found = read(KWHISPER / path[1:])
    unique((row["of"] for row in found), "a row")
    for row in found:
        assert set(row) <= TOLD and len(row) > 1, row
        assert row.get("stat_cla", "measurement") in ("measurement", "total_increasing"), row
        assert table.find(path, row["of"]) == row
    known = {row["of"] for row in found}
    device = set(module_of("homeassistant").DEVICE)
    assert device <= {row["of"] for row in found if row.get("name")}
    units = {unit for _, _, unit in obis.rows() if unit} - WITHOUT_CLASS
    media = {obis.medium(n) for n in range(64)} - {None, "electricity"}
    assert len(units) > 7 and len(media) > 3
    assert units <= known, units - known
    assert media <= known, media - known


# ---- boards

# Of each chip: its pins, those that only read, those of flash, PSRAM, USB and console; its UARTs.
CHIPS = {
    "ESP32": (range(40), range(34, 40), {1, 3, *range(6, 12)}, range(1, 3)),
    "ESP32S2": (range(47), {46}, {19, 20, *range(26, 33), 43, 44}, range(1, 2)),
    "ESP32S3": (range(49), (), {19, 20, *range(26, 33), 43, 44}, range(1, 3)),
    "ESP32C3": (range(22), (), {*range(11, 18), 18, 19, 20, 21}, range(1, 2)),
    "ESP32C6": (range(31), (), {12, 13, 16, 17, *range(24, 31)}, range(1, 2)),
}
BOARD = {"name", "platform", "machine", "label", "uart", "rx", "tx"}
BOARD_MORE = {"button", "led", "led_on", "supply", "enable", "ethernet"}
SUPPLY = {"store", "store_divider", "power_fail", "bus", "bus_divider"}
# A board that the chip does not tell is chosen by its name; this says which chip it has.
CHOSEN = {
    "han-selfpowered": "ESP32C3",
    "han-usb": "ESP32C3",
    "p1": "ESP32C3",
    "mep": "ESP32C3",
    "han-isolated": "ESP32",
    "wt32-eth01": "ESP32",
    "olimex-poe": "ESP32",
    "lilygo-poe": "ESP32",
    "esp32-w5500": "ESP32",
    "lilygo-lite-s3": "ESP32S3",
    "waveshare-s3-eth": "ESP32S3",
}
# By what network.LAN() is given: the pins and what else it needs; the pins that RMII always has.
ETHERNET = {
    "LAN8720": ({"mdc", "mdio", "power", "reset", "ref_clk"}, {"mdc", "mdio", "ref_clk"}),
    "W5500": ({"spi", "cs", "int", "reset"}, {"spi", "cs", "int"}),
}
RMII = (19, 21, 22, 25, 26, 27)
# A button with a pull-up of its own may be where the chip has none.
PULLED_UP = {"olimex-poe"}


# By ADC1: chips.json, which tests/web/test_settings.py holds against the data sheets.
ADC = {row["chip"]: row["adc"] for row in read(KWHISPER / "storage" / "chips.json")}


def board_rows():
    return read(paths.ROOT / table.BOARDS)


def chip_of(row):
    return CHOSEN.get(row["name"], row["machine"])


def on_chips():
    return [row for row in board_rows() if row["platform"] != "linux"]


def test_every_row_of_the_boards_has_its_columns():
    unique((row["name"] for row in board_rows()), "a board")
    unique((row["label"] for row in board_rows()), "a label")
    for row in board_rows():
        assert set(row) >= BOARD, f"{row['name']} lacks {BOARD - set(row)}"
        assert set(row) <= BOARD | BOARD_MORE, f"{row['name']}: {set(row) - BOARD - BOARD_MORE}"
        assert re.fullmatch(r"[a-z0-9-]+", row["name"]) and row["name"] != "auto"
        assert row["platform"] in ("esp32", "linux", ""), row["name"]
        assert set(row.get("supply") or SUPPLY) == SUPPLY, row["name"]
        assert ("led_on" in row) <= ("led" in row) and row.get("led_on", 1) in (0, 1), row["name"]


def test_a_board_s_pins_are_there_and_free():
    assert len(on_chips()) > 5
    for row in on_chips():
        name = row["name"]
        assert chip_of(row) in CHIPS, f"{name}: tell its chip in CHOSEN"
        there, reads_only, taken, uarts = CHIPS[chip_of(row)]
        supply = row.get("supply") or {}
        pins = [row.get(p) for p in ("rx", "tx", "button", "led", "enable")]
        pins = [p for p in pins if p is not None]
        pins += [supply[p] for p in ("store", "bus", "power_fail") if p in supply]
        for pin in (supply[p] for p in ("store", "bus") if p in supply):
            assert wiring._within(pin, ADC[chip_of(row)]), f"{name}: GPIO{pin} measures nothing"
        for divider in (supply[d] for d in ("store_divider", "bus_divider") if supply):
            assert divider >= 1000, f"{name}: a divider is mV a volt"
        wired = dict(row.get("ethernet") or {})
        clocked = wired.pop("ref_clk_mode", None)
        kind, address = wired.pop("phy_type", None), wired.pop("phy_addr", 0)
        if "ethernet" in row:
            assert kind in ETHERNET, f"{name}: an Ethernet chip is {set(ETHERNET)}"
            known, needed = ETHERNET[kind]
            assert needed <= set(wired) <= known, f"{name}: {wired}"
            assert clocked in ("IN", "OUT") if kind == "LAN8720" else clocked is None, name
            assert address in range(32) and len(wired.get("spi", "123")) == 3, name
            pins += wired.pop("spi", RMII)
            pins += wired.values()
        unique(pins, f"{name}: a pin")
        for pin in pins:
            assert pin in there, f"{name}: there is no GPIO{pin}"
            assert pin not in taken, f"{name}: GPIO{pin} is the flash's or the console's"
        button = None if name in PULLED_UP else row.get("button")
        for pin in (row["tx"], row.get("led"), button, row.get("enable")):
            assert pin not in reads_only, f"{name}: GPIO{pin} only reads, without a pull-up"
        assert row["uart"] in uarts, f"{name}: UART {row['uart']} is the console's or not there"


def test_each_chip_is_given_its_own_board(monkeypatch):
    """The first row that fits is taken: one that fits too much hides those behind it."""
    board = importlib.import_module("kwhisper.board")
    for row in board_rows():
        if row["platform"]:
            words = f"Generic {row['machine']} module with {row['machine']}"
            chip = SimpleNamespace(
                platform=row["platform"], implementation=SimpleNamespace(_machine=words)
            )
            monkeypatch.setattr(board, "sys", chip)
            found = board.pick("auto").name
            assert found == row["name"], (
                f"{row['name']} is hidden by {found}: let it be chosen by name (platform and "
                'machine "")'
            )
        assert board.pick(row["name"]).name == row["name"]


def test_the_docs_tell_each_board_s_pins():
    text = (paths.ROOT / "docs" / "hardware.md").read_text()
    lines = re.findall(r"^\| ([^|]+) \| (GPIO\d+) \| ([^|]+) \| ([^|]+) \|$", text, re.M)
    told = {name: tuple(cell.strip() for cell in cells) for name, *cells in lines}
    assert len(told) > 5
    for row in on_chips():
        name = row["label"] if row["label"] in told else row["name"]
        assert name in told, f"docs/hardware.md has no row for {row['label']}"
        pins = [row.get(p) for p in ("rx", "button", "led")]
        assert told.pop(name) == tuple("none" if p is None else f"GPIO{p}" for p in pins), name
    assert not told, f"docs/hardware.md tells of boards that are not there: {set(told)}"


def test_the_docs_tell_each_socket_s_pins():
    text = (paths.ROOT / "docs" / "hardware.md").read_text()
    lines = re.findall(r"^\| ([^|]+) \| ((?:LAN|W)\d+)([^|]*) \| ([^|]+) \|$", text, re.M)
    told = {name.split(",")[0]: (chip, at, pins) for name, chip, at, pins in lines}
    assert len(told) > 4
    for row in on_chips():
        wired = dict(row.get("ethernet") or {})
        if not wired:
            continue
        label = row["label"].split(",")[0]
        assert label in told, f"docs/hardware.md has no Ethernet row for {label}"
        chip, at, pins = told.pop(label)
        assert wired.pop("phy_type") == chip, row["name"]
        address = wired.pop("phy_addr")
        assert chip != "LAN8720" or f"address {address}" in at, row["name"]
        wired.pop("ref_clk_mode", None)
        for pin in (*wired.pop("spi", ()), *wired.values()):
            assert re.search(rf"\b{pin}\b", pins), f"{row['name']}: GPIO{pin}"
    assert not told, f"docs/hardware.md tells of sockets that are not there: {set(told)}"


# ---- words for faults


def test_each_status_of_the_wifi_has_its_words_once():
    found = read(WIFI)
    unique((row["status"] for row in found), "a status")
    text = (paths.ROOT / "docs" / "troubleshooting.md").read_text()
    for row in found:
        assert set(row) == {"status", "text"}
        assert 0 < row["status"] < 1000, "from 1000 on they are MicroPython's own"
        assert re.split(r": ", row["text"])[0] in text, f"docs/troubleshooting.md: {row['text']}"


def faults():
    return read(KWHISPER / "mqtt" / "faults.json")


def test_each_fault_of_the_broker_is_found_by_its_name():
    unique((row["fault"] for row in faults()), "a fault")
    for row in faults():
        assert set(row) - {"refused"} == {"fault", "text"}, row
        assert table.find("/mqtt/faults.json", row["fault"]) == row
        assert row["text"].count("%") == row["text"].count("%s") <= 1, row


def test_every_fault_that_ends_a_session_has_its_words_and_none_is_idle():
    known = {row["fault"]: row["text"].count("%s") for row in faults()}
    texts = "".join(path.read_text() for path in (KWHISPER / "mqtt").glob("*.py"))
    ended = re.findall(r'Ended\("([^"]+)"(, |\))', texts)
    assert len(ended) > 5
    for fault, then in ended:
        assert fault in known, fault
        assert known[fault] == (then == ", "), f"{fault}: %s, and what it is about"
    for fault in known:
        assert isinstance(fault, int) or f'"{fault}"' in texts, f"{fault}: nobody says it"


# ---- OBIS codes

UNITS = {None, "W", "var", "VA", "V", "A", "Wh", "varh", "Hz", "m3"}
SAME_NAME = {"volume"}  # of gas and of water


def test_every_obis_code_has_a_name_of_its_own():
    found = list(obis.rows())
    assert len(found) > 100
    unique((key for key, _, _ in found), "a code")
    unique((name for _, name, _ in found if name not in SAME_NAME), "a name")
    for key, name, unit in found:
        assert re.fullmatch(r"[a-z][a-z0-9_]+", name), name
        assert unit in UNITS, f"{name}: unknown unit {unit}"
        assert (obis.name(key), obis.unit(key)) == (name, unit), obis.code(key)


# ---- lists that do not say everything themselves

KINDS = set("tdhwqbx")


def profile_lines():
    path = paths.FIRMWARE / "lib" / "meterwire" / "profiles.txt"
    lines = path.read_text(encoding="utf-8").split("\n")
    found = [(n, line) for n, line in enumerate(lines, 1) if line.strip() and line[0] != "#"]
    assert len(found) > 20
    return found


@pytest.mark.parametrize(("number", "line"), profile_lines())
def test_a_profile_s_line_is_sound(number, line):
    kind, *fields = line.split("|")
    assert line == line.strip(" "), "blanks at its ends"
    assert len(fields) == {"scale": 4, "order": 5, "group": 2}[kind], "so many fields"
    if kind == "group":
        name, codes = fields
        assert re.fullmatch("[A-Z]", name), "a group is one capital"
    elif kind == "scale":
        assert fields[3] == "" or -9 <= int(fields[3]) <= 9
        exponents = fields[2]
        codes = ""
    else:
        _, _, kinds, codes, exponents = fields
        assert set(kinds) <= KINDS, f"kinds are {KINDS}"
        assert len(kinds) == len(list(profiles.codes(codes))), "as many kinds as codes"
    if kind != "group":
        assert len(exponents.split(" ")) == 5, "power, energy, current, voltage, power factor"
        assert all(-9 <= int(e) <= 9 for e in exponents.split(" "))
    for code in profiles.codes(codes) if codes else ():
        if code:
            a, b, c, d, e = code
            assert max(code) < 256 and a < 16
            assert obis.name(c << 16 | d << 8 | e), f"{c}.{d}.{e} has no name in obis.py"
    if kind == "order":
        codes = [code for code in profiles.codes(codes) if code]
        unique(codes, "a code")
        for a, _, c, d, e in codes:
            # judge_v.quantities(); the frequency would be given the exponent of powers.
            told = a == 1 and c <= 80 and d in (7, 8) and c % 20 != 14
            unit = obis.unit(c << 16 | d << 8 | e)
            assert told or not unit or c == 24, f"{c}.{d}.{e}: nothing tells its unit and exponent"


def test_no_profile_hides_another():
    unique((line.split("|")[1] for _, line in profile_lines() if line[:5] == "group"), "a group")
    unique(
        (tuple(line.split("|")[2:4]) for _, line in profile_lines() if line[:5] == "order"),
        "the same beginning and kinds",
    )
    scales = [line.split("|")[1:3] for _, line in profile_lines() if line[:5] == "scale"]
    for i, (name, kind) in enumerate(scales):
        for earlier, known in scales[:i]:
            hidden = name.startswith(earlier) and (known == "" or known == kind)
            assert not hidden, f"scale {name}|{kind} stands behind {earlier}|{known}"


def test_no_order_hides_another():
    lines = [line.split("|")[1:4] for _, line in profile_lines() if line[:5] == "order"]
    for i, (name, begins, kinds) in enumerate(lines):
        for earlier, of_type, known in lines[:i]:
            same = len(known) == len(kinds) and all(
                k in ("x", kind) or k + kind == "qw" for k, kind in zip(known, kinds, strict=True)
            )
            hidden = same and begins.startswith(of_type)
            assert not hidden, f"{name}|{begins}|{kinds} stands behind {earlier}|{of_type}|{known}"


def test_only_groups_stand_for_codes_and_all_of_them():
    lines = profile_lines()
    groups = {line.split("|")[1] for _, line in lines if line[:5] == "group"}
    used = {w for _, line in lines if line[:5] == "order" for w in line.split("|")[4].split(" ")}
    used = {word for word in used if len(word) == 1 and word != "-"}
    assert used == groups


# ---- simulated meters


def test_every_simulated_meter_is_in_the_list():
    for module in pkgutil.iter_modules(meters.__path__):
        if module.name != "__main__":
            importlib.import_module(f"kwhisper_tools.meters.{module.name}")
    left = [Meter]
    made = []
    while left:
        kind = left.pop()
        left += kind.__subclasses__()
        if "name" in vars(kind) and kind.name:
            made.append(kind)
    unique((kind.name for kind in made), "a meter's name")
    lost = {kind.name for kind in made} - set(meters.METERS)
    assert not lost, f"{lost}: not in METERS of its module, or its module not in METERS"
    assert len(made) > 30


# Of so many lines of these names there is no simulated meter: a new order has one.
NOT_SIMULATED = {
    "AM550 one-phase": 2,
    "AM550 tariffs": 1,
    "AM550 total": 1,
    "IE.5-TD1": 1,
    "E450 Burgenland": 1,
}


def test_every_order_is_read_of_a_simulated_meter(monkeypatch):
    read, has = set(), orders._has

    def spy(order, *args):
        found = has(order, *args)
        if found:
            read.add((bytes(order[0]), order[1]))
        return found

    monkeypatch.setattr(orders, "_has", spy)
    for name in meters.METERS:
        meter = meters.make(name)
        meter.next()
        for _, _, kind in meter.lists:
            decoder = Decoder(size=2048, key=meter.key, auth_key=meter.auth_key)
            decoder.feed(meter.burst(kind).data).flush()
            list(decoder)
    left = Counter()
    for name, begins, kinds, codes, _ in profiles.rows("order"):
        order = bytes((len(kinds),))
        for kind, code in zip(kinds.encode(), profiles.codes(codes), strict=True):
            order += bytes((kind, *(code or (0xFF, 0, 0, 0, 0))))
        if (order, begins.encode()) not in read:
            left[name] += 1
    new = left - Counter(NOT_SIMULATED)
    assert not new, f"{new}: no simulated meter sends it, or another line takes it"
    assert left == NOT_SIMULATED, "simulated by now"


@pytest.mark.parametrize("name", sorted(meters.METERS))
def test_a_simulated_meter_says_what_it_is(name):
    meter = meters.METERS[name]
    assert re.fullmatch(r"[a-z0-9-]+", name)
    assert meter.maker and meter.model and meter.interface
    assert meter.country in docs._COUNTRIES, "name the country in tools/build/docs.py"
    assert re.fullmatch("[78][NEO]1", meter.parity) and meter.baud >= 300
    assert meter.lists
    assert not meter.authenticated or meter.encrypted
    assert meters.make(name).next().truth["values"]
