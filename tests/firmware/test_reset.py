"""The factory reset: by the page and by the button; what it removes and what stays."""

import json

import pytest
from firmware.test_log import PASSWORD, ask
from slow_cases import slow_but
from system.waiting import until


@pytest.fixture
def used(chip):
    """A device that has learned and counted something."""
    device = chip()
    device.settings(wifi_ssid="Fjellheim", wifi_password="kwhisper-demo", web_password=PASSWORD)
    for name in ("ledger", "history", "energy"):
        (device.flash / name).mkdir()
        (device.flash / name / "00000001").write_bytes(b"counted")
    for name in ("settings.json.last", "settings.json.bad", "settings.json.back", "log.old"):
        (device.flash / name).write_bytes(b"learned kwhisper-demo")
    (device.flash / "slots").mkdir()
    return device


def everything(device):
    """The bytes of all files but the code."""
    files = (f for f in device.flash.rglob("*") if f.is_file())
    own = ("kwhisper", "lib", "boot.py", "main.py")
    return b"".join(
        f.read_bytes() for f in files if f.relative_to(device.flash).parts[0] not in own
    )


@pytest.mark.parametrize("keep", [True, False])
def test_the_page_resets_and_keeps_the_totals_if_asked_to(used, keep):
    used.power_on()
    used.wait_for("WiFi: connected")
    secret = ask(used, "/log.txt") and (used.flash / "joined").exists()
    assert secret
    assert ask(used, "/reset", {"totals": "yes"})[0] == 400
    assert ask(used, "/reset", {"totals": keep}, None)[0] == 401
    assert ask(used, "/reset", {"totals": keep}) == (200, b'{"restart":true}')
    used.wait_for("set-up: not set up yet")
    names = {f.name for f in used.flash.iterdir()}
    assert not names & {"settings.json", "settings.json.last", "settings.json.bad", "joined"}
    for name in ("ledger", "history", "energy"):
        assert (used.flash / name / "00000001").exists() == keep
    assert "slots" in names and "boot.py" in names
    for word in (b"kwhisper-demo", PASSWORD.encode(), b"Fjellheim"):
        assert word not in everything(used)


def test_the_button_held_on_in_the_set_up_resets(used):
    used.power_on()
    used.wait_for("WiFi: connected")
    used.tell("pins", {"0": 0})
    used.wait_for("set-up: the button was held")
    before = json.loads((used.flash / "settings.json").read_bytes().partition(b"\n#")[0])
    assert before["wifi_ssid"] == "Fjellheim", "five seconds are the set-up alone"
    used.wait_for("restart: factory reset")
    used.tell("pins", {"0": 1})
    until(lambda: sum("set-up:" in line for line in used.output) == 2, what="the set-up again")
    assert not (used.flash / "settings.json").exists()
    assert not (used.flash / "ledger").exists()


def test_the_access_points_password_outlives_the_reset(on_chip):
    output = on_chip(
        """
from kwhisper.network.access_point import access_point
from kwhisper.storage.factory import wipe
before = access_point()
wipe(False)
print("same", access_point() == before)
"""
    )
    assert "same True" in output


@pytest.mark.parametrize("words", slow_but(["cellar", "cellar keep"], "cellar keep"))
def test_a_command_resets_if_it_names_the_device(used, mosquitto, listen, words):
    broker = mosquitto()
    used.settings(
        wifi_ssid="Fjellheim",
        wifi_password="kwhisper-demo",
        mqtt_host="127.0.0.1",
        mqtt_port=broker.port,
        mqtt_client_id="cellar",
    )
    client = listen(broker.port, "kwhisper/#")
    used.power_on()
    client.wait("kwhisper/device")
    for wrong in ("", "attic", "cellar and all"):
        client.say("kwhisper/cmd/reset", wrong)
    answers = client.wait("kwhisper/cmd/result", 3)
    assert not any(json.loads(text)["ok"] for text in answers), answers
    assert (used.flash / "settings.json").exists()
    client.say("kwhisper/cmd/reset", words)
    used.wait_for("set-up: not set up yet")
    assert not (used.flash / "settings.json").exists()
    assert (used.flash / "ledger" / "00000001").exists() == words.endswith("keep")
