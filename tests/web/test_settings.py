"""The settings: what is accepted, what is said of the rest, and a file no power cut destroys."""

import io
import json
import os
from binascii import crc32
from types import SimpleNamespace

import pytest

from kwhisper.storage import checked, saving, settings, validation
from kwhisper.storage.table import BOARDS, SETTINGS, rows
from kwhisper_tools import paths

GOOD = {"wifi_ssid": "Hjemme æøå", "wifi_password": "blåbærsyltetøy", "mqtt_host": "10.0.0.2"}
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"


@pytest.fixture
def file(tmp_path):
    return str(tmp_path / "settings.json")


def faults(changes, before=None):
    s = settings.Settings("nowhere")
    if before:
        assert s.change(before) == {}
    return s.change(changes)


def content(file):
    """What a settings file says, its checksum taken off."""
    return json.loads(open(file, "rb").read().partition(b"\n#")[0])


def table():
    return [row for row in rows(SETTINGS) if "name" in row]


TYPES = {
    "text": str,
    "host": str,
    "topic": str,
    "int": int,
    "bool": bool,
    "pick": str,
    "many": str,
    "key": str,
    "mep_key": str,
    "lines": str,
    "pairs": str,
    "board": str,
    "zone": str,
    "decimal": str,
    "decimals": str,
    "span": str,
    "pins": str,
    "line": str,
    "static": str,
    "station": str,
}


def test_every_row_of_the_table_is_sound():
    groups = [row for row in rows(SETTINGS) if "title" in row]
    known = [row["group"] for row in groups]
    assert len(known) == len(set(known)) > 3 and all(row["title"] for row in groups)
    names = set()
    for row in table():
        name = row["name"]
        assert name not in names and row["label"] and row["group"] in known, name
        names.add(name)
        assert type(row["default"]) is TYPES[row["type"]], name
        if row["default"] != "":
            assert validation.check(row, row["default"]) == (row["default"], None), name
        if row["type"] in ("text", "host", "topic", "int", "lines", "pairs"):
            assert row["least"] <= row["most"], name
        for choice in row.get("choices", ()):
            value, label = choice
            assert value and label and not set(value) & set(",;:"), name
    assert {r["name"] for r in table() if r.get("secret")} == {
        "wifi_password",
        "mqtt_password",
        "meter_key",
        "meter_auth_key",
        "mep_key",
        "mqtt_key",
        "web_password",
        "web_token",
        "net_password",
        "broker2_password",
    }


def test_the_table_is_read_by_whole_parsers_too():
    assert json.load(open(SETTINGS, encoding="utf-8")) == list(rows(SETTINGS))
    assert json.load(open(BOARDS, encoding="utf-8")) == list(rows(BOARDS))


def test_what_is_told_holds_no_secret():
    s = settings.Settings("nowhere")
    assert s.change({**GOOD, "meter_key": "00" * 16, "mqtt_password": "hemmelig"}) == {}
    told = dict(s.public())
    assert list(told) == [row["name"] for row in table()]
    assert told["mqtt_password"] is True and told["web_password"] is False
    assert told["mqtt_host"] == "10.0.0.2" and told["publish_changed"] is False
    assert "hemmelig" not in repr(told) and GOOD["wifi_password"] not in repr(told)


def test_defaults_need_no_file(file):
    s = settings.load(file)
    assert (
        s["mqtt_port"] == 1883 and s["payload"] == "topics,json" and s["publish_changed"] is False
    )
    assert not s.configured and s.problem is None and s.key("meter_key") is None
    with pytest.raises(KeyError):
        s["no_such_setting"]


def test_values_survive_the_file_with_every_letter(file):
    s = settings.load(file)
    odd = {"mqtt_user": 'ÆØÅ "quoted" \\ €', "mqtt_ca": PEM, "mqtt_port": "8883", "led": "off"}
    assert s.change({**GOOD, **odd}) == {}
    s.save()
    again = settings.load(file)
    assert again.configured and again.problem is None
    for name, value in {**GOOD, **odd, "mqtt_port": 8883}.items():
        assert again[name] == value
    assert content(file)["version"] == settings.VERSION


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("wifi_ssid", "", "needed"),
        ("wifi_ssid", "ø" * 17, "too long by 2"),
        ("wifi_password", "kort", "at least 8"),
        ("wifi_password", "x" * 65, "too long"),
        ("host_name", "kjøkken", "letters"),
        ("host_name", "-a", "begin"),
        ("mqtt_host", "my broker", "letters"),
        ("mqtt_port", "0", "1 to 65535"),
        ("mqtt_port", "65536", "1 to 65535"),
        ("mqtt_port", "18x", "whole number"),
        ("mqtt_port", float("inf"), "whole number"),
        ("mqtt_port", float("nan"), "whole number"),
        ("mqtt_port", [], "whole number"),
        ("mqtt_port", None.__class__, "whole number"),
        ("mqtt_topic", "a/#", "+ or #"),
        ("mqtt_topic", "/a", "begin"),
        ("mqtt_user", "a\nb", "control"),
        ("mqtt_user", "\ud800", "invalid character"),
        ("mqtt_user", 5, "text"),
        ("mqtt_user", "a\x7f", "control"),
        ("mqtt_user", "a\x7f" + "b", "control"),
        ("payload", "", "at least one"),
        ("pins", "rx=16;tx=17", "look like"),
        ("pins", "rx=16,rx=17", "look like"),
        ("pins", "rx=3", "console"),
        ("pins", "led=49", "not on this chip"),
        ("pins", "rx=16,tx=16", "twice"),
        ("pins", "uart=0", "UART 0"),
        ("pins", "led_on=2", "0 or 1"),
        ("meter_line", "2400", "look like"),
        ("meter_line", "2400 8O2", "look like"),
        ("meter_line", "299 8N1", "300"),
        ("meter_line", "9999999 8N1", "921600"),
        ("meter_line", "2400 8N1 upside", "inverted or normal"),
        ("net_static", "192.168.1.40", "look like"),
        ("net_static", "192.168.1.40/24 192.168.1.1", "look like"),
        ("net_static", "192.168.1.40/31 192.168.1.1 1.1.1.1", "look like"),
        ("net_static", "192.168.1.400/24 192.168.1.1 1.1.1.1", "400 is not an IPv4 address"),
        ("net_station", "a4:2b:b0:c1:d2", "best"),
        ("payload", "topics,xml", "unknown"),
        ("payload", "topics,", "at least one"),
        ("board", "esp99", "unknown board"),
        ("meter", "300-7O2", "unknown"),
        ("meter_key", "00112233445566778899aabbccddeef", "has 31"),
        ("meter_key", "zz112233445566778899aabbccddeeff", "0-9 and a-f"),
        ("domoticz_idx", "power:1", "look like"),
        ("domoticz_idx", "p1=0", "look like"),
        ("domoticz_idx", "p1=1,power=2", "power is an unknown value"),
        ("domoticz_idx", "meter1_power=2", "unknown value"),
        ("net_static", "192.168.1.40/24 10.0.0.1 10.0.0.1", "another network"),
        ("mqtt_ca", PEM.replace("CERTIFICATE", "PRIVATE KEY"), "is a private key"),
        ("mqtt_topic2", "kwhisper", "differ"),
        ("mqtt_ca", "hello", "PEM"),
        ("no_such", "1", "unknown setting"),
        ("wifi_ssid\n", "1", "unknown setting"),
        ("", "1", "unknown setting"),
        (1, "1", "unknown setting"),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(name, value, says):
    assert says in faults({name: value})[str(name)]


def test_a_key_may_be_typed_with_gaps():
    s = settings.Settings("nowhere")
    assert s.change({"meter_key": "0x00 11:22-33 44 55 66 77 88 99 AA BB CC DD EE FF"}) == {}
    assert s.key("meter_key") == bytes.fromhex("00112233445566778899aabbccddeeff")
    digits = "00112233445566778899AABBCCDDEEFF"
    pairs = [digits[i : i + 2] for i in range(0, 32, 2)]
    for typed in (
        digits,
        f"  0X{digits}\r\n",
        f"\u00a00x{digits.lower()}\t",
        ":".join(pairs),
        " ".join("0x" + pair for pair in pairs),
        "\n".join((digits[:16], digits[16:])),
    ):
        assert s.change({"meter_auth_key": typed}) == {}, typed
        assert s.key("meter_auth_key") == s.key("meter_key"), typed


def test_on_an_error_nothing_changes():
    s = settings.Settings("nowhere")
    assert "mqtt_port" in s.change({"mqtt_topic": "huset", "mqtt_port": "x"})
    assert s["mqtt_topic"] == "kwhisper"


def test_a_saved_password_is_not_sent_to_another_network():
    before = {"wifi_ssid": "old", "wifi_password": "password1"}
    assert "wifi_password" in faults({"wifi_ssid": "new"}, before)
    assert faults({"wifi_ssid": "old"}, before) == {}
    assert faults({"wifi_ssid": "new", "wifi_password": "password2"}, before) == {}
    assert faults({"wifi_ssid": "new", "wifi_password": None}, before) == {}


def test_tls_needs_a_ca_and_a_certificate_its_key():
    assert "mqtt_ca" in faults({"mqtt_tls": "1"})
    assert "mqtt_key" in faults({"mqtt_cert": PEM})
    assert faults({"mqtt_tls": "1", "mqtt_ca": PEM, "mqtt_cert": PEM, "mqtt_key": PEM}) == {}


def test_a_norwegian_tariff_has_a_price_for_each_step():
    tariff = {"capacity": "no", "thresholds": "2,5", "capacity_price": "125,206"}
    assert "one price more" in faults(tariff)["capacity_price"]
    assert faults(tariff | {"capacity_price": "125,206,350"}) == {}
    assert faults(tariff | {"capacity": "be", "capacity_price": "4.1"}) == {}


@pytest.mark.parametrize("name", ["payload", "broker2_payload"])
def test_domoticz_needs_to_know_its_devices(name):
    assert "voltage_l1=12" in faults({name: "domoticz"})["domoticz_idx"]
    assert faults({name: "json,domoticz", "domoticz_idx": "p1=3"}) == {}
    every = "kwh=1, voltage_l1=2,meter1_volume=3,meter2_energy=4,meter_id=5,1-0:99.98.97=6"
    assert faults({"domoticz_idx": every + ",supply=7,rssi=8,temperature_attic=9"}) == {}


def test_long_texts_are_read_from_the_file_when_they_are_asked_for(file):
    ca = "\n".join(PEM.replace("MIIB", "MIIB" * n + "\n" + "A" * n) for n in (16, 250, 1, 64))
    s = settings.Settings(file)
    assert s.change(GOOD | {"mqtt_tls": True, "mqtt_ca": ca}) == {}
    s.save()
    for s in (settings.load(file), settings.load(file)):
        s.let_texts_go()
        assert ca not in s.values.values() and s["mqtt_ca"] == ca
        assert list(s.lines("mqtt_ca")) == ca.split("\n")
        assert list(s.lines("mqtt_cert")) == [""]
        assert list(s.lines("wifi_ssid")) == [s["wifi_ssid"]]
        assert dict(s.public())["mqtt_ca"] == ca
        # A change of something else keeps them, also in the file.
        assert s.change({"mqtt_port": 8884}) == {}
        s.save()
        assert settings.load(file)["mqtt_ca"] == ca and content(file)["mqtt_ca"] == ca
        s.let_texts_go()
        assert s.change({"mqtt_tls": False, "mqtt_ca": None}) == {} and s["mqtt_ca"] == ""
        assert s.change({"mqtt_tls": True, "mqtt_ca": ca}) == {}
        s.save()


@pytest.mark.parametrize(
    "damage",
    [b"", b'{"wifi_ssid": "Hj', b"[]", b"\xff\xfe{}", b"{" * 5000, b" " * 20000, b'{"a":"\xc3"}'],
)
def test_a_damaged_file_is_kept_aside_and_reported(file, damage):
    with open(file, "wb") as f:
        f.write(damage)
    s = settings.load(file)
    assert "damaged" in s.problem and s["mqtt_port"] == 1883
    assert open(file + ".bad", "rb").read() == damage and not os.path.exists(file)
    assert s.change(GOOD) == {}
    s.save()
    assert settings.load(file).configured


def test_a_damaged_file_costs_no_more_than_the_last_change(file):
    s = settings.load(file)
    for topic in ("eldre", "gammel", "ny"):
        s.change({**GOOD, "mqtt_topic": topic})
        s.save()
    whole = open(file, "rb").read()
    for i in range(len(whole)):
        with open(file, "wb") as f:
            f.write(whole[:i] + bytes([whole[i] ^ 4]) + whole[i + 1 :])
        s = settings.load(file)
        assert s.configured and s["mqtt_topic"] == "gammel", i
        assert "damaged" in s.problem and "earlier copy" in s.problem
        s.change({"mqtt_topic": "ny"})


def test_a_file_with_its_checksum_needs_no_validation(file, monkeypatch):
    s = settings.load(file)
    s.change(GOOD)
    s.save()
    body, _, checksum = open(file, "rb").read().rpartition(b"\n#")
    assert int(checksum, 16) == crc32(body)
    monkeypatch.delattr(validation, "check_each")
    assert settings.load(file).configured


def test_a_folder_in_the_place_of_a_file_is_survived(file):
    for name in (file, file + ".new", file + ".bad", file + ".last"):
        os.mkdir(name)
    s = settings.load(file)
    assert not s.configured and s["mqtt_port"] == 1883


def test_one_unusable_value_costs_only_itself(file):
    with open(file, "w") as f:
        json.dump({"version": 1, "wifi_ssid": "Hjemme", "mqtt_port": 70000, "gone": 1}, f)
    s = settings.load(file)
    assert s["wifi_ssid"] == "Hjemme" and s["mqtt_port"] == 1883
    assert "mqtt_port" in s.problem and "gone" not in s.problem


class PowerCut(Exception):
    pass


def cut_after(n, monkeypatch):
    """Lets the n-th write, rename or remove be the last thing that happens."""
    left = [n]

    def step(real):
        def stepped(*a):
            if left[0] == 0:
                raise PowerCut
            left[0] -= 1
            return real(*a)

        return stepped

    real_open = open

    class Torn:
        def __init__(self, path, mode):
            self.f = real_open(path, mode)
            self.write = step(lambda data: (self.f.write(data), self.f.flush()))
            self.read = self.f.read

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.f.close()

    monkeypatch.setattr(saving, "open", Torn, raising=False)
    monkeypatch.setattr(os, "rename", step(os.rename))
    monkeypatch.setattr(os, "remove", step(os.remove))


def test_a_power_cut_at_any_instant_leaves_the_old_or_the_new(file, monkeypatch):
    old = {"mqtt_topic": "gammel", "mqtt_user": ""}
    new = {"mqtt_topic": "ny", "mqtt_user": "æ" * 20}
    seen = set()
    for n in range(200):
        s = settings.load(file)
        s.change(old)
        s.save()
        s.change(new)
        with monkeypatch.context() as m:
            cut_after(n, m)
            try:
                s.save()
                whole = True
            except PowerCut:
                whole = False
        found = settings.load(file)
        assert found.problem is None
        assert found["mqtt_topic"] in ("gammel", "ny")
        assert (found["mqtt_user"] != "") == (found["mqtt_topic"] == "ny")
        seen.add(found["mqtt_topic"])
        if whole:
            break
    assert whole and n > 3 and seen == {"gammel", "ny"}


def test_flash_that_does_not_keep_what_is_written_is_noticed(file, monkeypatch):
    s = settings.load(file)
    s.change({"mqtt_topic": "gammel"})
    s.save()
    s.change({"mqtt_topic": "ny", "mqtt_user": "ny"})

    class Lossy(io.FileIO):
        def write(self, data):
            return super().write(data[:-3])

    monkeypatch.setattr(saving, "open", Lossy, raising=False)
    with pytest.raises(OSError, match="could not be written"):
        s.save()
    assert (s["mqtt_topic"], s["mqtt_user"]) == ("gammel", ""), "what is not saved does not hold"
    assert settings.load(file)["mqtt_topic"] == "gammel" and os.listdir(os.path.dirname(file)) == [
        "settings.json"
    ]


def test_a_refused_rename_leaves_the_old_settings_for_the_next_start_too(file, monkeypatch):
    s = settings.load(file)
    s.change({"mqtt_topic": "gammel", "mqtt_ca": PEM})
    s.save()
    s.let_texts_go()
    s.change({"mqtt_topic": "ny"})
    rename = os.rename

    def refusing(source, target):
        if source.endswith(".new"):
            raise OSError(28, "full")
        rename(source, target)

    monkeypatch.setattr(os, "rename", refusing)
    with pytest.raises(OSError, match="could not be written"):
        s.save()
    assert s["mqtt_topic"] == "gammel" and s["mqtt_ca"] == PEM
    assert settings.load(file)["mqtt_topic"] == "gammel"
    assert os.listdir(os.path.dirname(file)) == ["settings.json"]


def test_a_full_flash_takes_no_small_file_away(tmp_path, monkeypatch):
    path = str(tmp_path / "joined")
    assert checked.write(path, b"old")
    with monkeypatch.context() as m:
        m.setattr(checked, "open", full, raising=False)
        assert not checked.write(path, b"new")
    assert checked.read(path) == b"old"
    os.remove(path)
    for way in (path, path + ".new"):
        (tmp_path / way / "inside").mkdir(parents=True)
    assert checked.write(path, b"new") and checked.read(path) == b"new"
    assert os.listdir(tmp_path) == ["joined"]


def full(path, mode):
    """open() on a flash that has no block left: reading goes on."""
    if "w" in mode:
        raise OSError(28, "full")
    return open(path, mode)


ON_CHIP = """
from kwhisper.storage import settings
s = settings.load("{file}")
assert s.change({good!r}) == {{}}
assert "mqtt_port" in s.change({{"mqtt_port": "99999"}})
s.save()
again = settings.load("{file}")
assert again["wifi_ssid"] == "Hjemme æøå" and again.problem is None
assert "invalid character" in s.change({{"mqtt_user": chr(0xD800)}})["mqtt_user"]
open("{file}", "w").write('{{"wifi_ssid": "Hj')
assert "damaged" in settings.load("{file}").problem
print(again["wifi_ssid"])
"""


@pytest.mark.parametrize("runtime", ["micropython", "micropython32"])
def test_the_chip_keeps_them_too(runtime, file, request, on_micropython):
    command = request.getfixturevalue(runtime)
    script = ON_CHIP.format(file=file, good=GOOD)
    said = on_micropython(
        command if isinstance(command, list) else [command], script, paths.library_path()
    )
    assert said.strip() == "Hjemme æøå"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"mqtt_tls": ""}, "without TLS"),
        ({"mqtt_ca": PEM.replace("MIIB", "MIIC")}, "another CA"),
        ({"mqtt_tls": None}, "without TLS"),
        ({"mqtt_host": "10.0.0.9"}, "another broker"),
        ({"mqtt_port": 1884}, "another broker"),
    ],
)
def test_a_saved_broker_password_goes_to_no_other_place(change, says):
    before = {**GOOD, "mqtt_tls": "1", "mqtt_ca": PEM, "mqtt_password": "hemmelig"}
    assert says in faults(change, before)["mqtt_password"]
    assert says in faults({**change, "mqtt_password": ""}, before)["mqtt_password"]
    assert faults({**change, "mqtt_password": "hemmelig"}, before) == {}
    assert faults({"mqtt_topic": "a"}, before) == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pins", "rx=34,tx=17,uart=2,button=0,led=2,led_on=1"),
        ("pins", "rx=34,tx=17,uart=2,button=0,led=2,led_on=1,adc=35,divider=2000"),
        ("meter_line", "4800 8E1"),
        ("meter_line", "115200 8N1 inverted"),
        ("net_static", "192.168.1.40/24 192.168.1.1 192.168.1.1"),
        ("net_station", "best"),
        ("net_station", "a4:2b:b0:C1:d2:e3"),
    ],
)
def test_what_is_wired_and_routed_otherwise_may_be_said(name, value):
    s = settings.Settings("nowhere")
    assert s.change({name: value}) == {} and s[name] == value


def test_a_chips_pins_are_those_of_the_boards_table(monkeypatch):
    """chips.json against the list of tests/test_tables.py, pin by pin."""
    from test_tables import CHIPS

    from kwhisper import board
    from kwhisper.storage import wiring

    for chip, (there, reads, taken, uarts) in CHIPS.items():
        monkeypatch.setattr(board, "pick", lambda chip=chip: SimpleNamespace(machine=chip))
        for pin in range(60):
            good = pin in there and pin not in taken
            assert (wiring.pins_fault(f"rx={pin}") is None) == good, (chip, pin)
            good = good and pin not in reads
            for name in ("tx", "led", "button"):
                assert (wiring.pins_fault(f"{name}={pin}") is None) == good, (chip, name, pin)
        for uart in range(4):
            assert (wiring.pins_fault(f"uart={uart}") is None) == (uart in uarts), (chip, uart)


@pytest.mark.parametrize(
    ("chip", "measures"),
    [
        ("ESP32", range(32, 40)),
        ("ESP32S2", range(1, 11)),
        ("ESP32S3", range(1, 11)),
        ("ESP32C3", range(5)),
        ("ESP32C6", range(7)),
    ],
)
def test_the_supply_is_measured_where_wifi_leaves_the_adc(monkeypatch, chip, measures):
    """By ADC1: Espressif's data sheets; ADC2 is the radio's."""
    from kwhisper import board
    from kwhisper.storage import wiring

    monkeypatch.setattr(board, "pick", lambda: SimpleNamespace(machine=chip))
    for pin in range(60):
        assert (wiring.pins_fault(f"adc={pin}") is None) == (pin in measures), pin
    pin = measures[0]
    assert "twice" in wiring.pins_fault(f"adc={pin},rx={pin}")
    assert wiring.pins_fault(f"adc={pin},divider=2000") is None
    for wrong in ("50", "1000000"):
        assert "divider" in wiring.pins_fault(f"adc={pin},divider={wrong}")


def test_settings_travel_what_is_told_can_be_given_back(file):
    s = settings.load(file)
    assert s.change({**GOOD, "mqtt_password": "hemmelig", "mqtt_port": 8883}) == {}
    s.save()
    told = json.loads(json.dumps(dict(s.public())))
    assert told["wifi_password"] is True and told["web_password"] is False
    before = dict(s.values)
    assert s.change(told) == {}
    assert {name: s[name] for name in told} == {name: before.get(name, s[name]) for name in told}
    # True is no password that was typed: another broker still asks for it.
    assert "mqtt_password" in s.change({**told, "mqtt_host": "10.0.0.9"})
