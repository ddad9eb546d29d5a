"""A board with Ethernet: the cable in the radio's place, which is then never started."""

import importlib
import json
import urllib.request

import pytest
from system.waiting import answers, until

from kwhisper_tools import paths

BOARDS = json.loads((paths.FIRMWARE / "kwhisper/boards.json").read_text())
WIRED = {row["name"]: row["ethernet"] for row in BOARDS if "ethernet" in row}
PHY = {"LAN8720": 1, "W5500": 102}
IN, OUT = 0, 1  # of the pretended Pin


def status(device):
    with urllib.request.urlopen(device.url + "data.json", timeout=10) as reply:
        return json.loads(reply.read())["status"]


@pytest.mark.parametrize("name", WIRED)
def test_a_board_is_on_the_network_by_its_cable_alone(chip, name):
    device = chip()
    device.settings(board=name)
    device.power_on()
    device.wait_for("Ethernet: connected, address 127.0.0.1", 60)
    made, row = device.told("lan"), dict(WIRED[name])
    assert made.pop("phy_type") == PHY[row.pop("phy_type")]
    if "ref_clk_mode" in row:
        row["ref_clk_mode"] = {"IN": IN, "OUT": OUT}[row["ref_clk_mode"]]
    assert made == row, "each column is what network.LAN() is given"
    assert device.told("wlan") is None, "the radio's driver was started"


def test_there_are_boards_of_both_kinds():
    assert {pins["phy_type"] for pins in WIRED.values()} == set(PHY)


def cabled(chip, **settings):
    """A device whose cable is in, and whose page answers."""
    device = chip()
    device.settings(board="wt32-eth01", **settings)
    device.power_on()
    device.wait_for("Ethernet: connected", 60)
    until(lambda: answers(device), 60, "its page")
    return device


def test_the_status_says_cable_and_a_cable_that_returns_is_used(chip):
    device = cabled(chip, host_name="kwhisper")
    told = status(device)
    assert (told["wifi"], told["ip"], told["rssi"]) == ("cable", "127.0.0.1", None)
    device.tell("cable", "out")
    device.wait_for("Ethernet: connection lost", 60)
    (device.state / "cable").unlink()
    until(lambda: sum("Ethernet: connected" in x for x in device.output) == 2, 60, "its return")
    assert device.starts == 1 and device.told("wlan") is None


def test_a_broker_is_asked_for_by_name_over_the_cable(chip):
    """The cable's name server is asked; the radio's driver would keep 32 KB for ever."""
    device = cabled(chip, mqtt_host="broker.lan")
    until(lambda: status(device)["mqtt_error"], what="that nobody knows the broker")
    assert device.told("wlan") is None, "the radio's driver was started"


def test_a_wifi_in_the_settings_is_what_is_used(chip):
    device = chip()
    device.settings(board="wt32-eth01", wifi_ssid="Fjellheim", wifi_password="kwhisper-demo")
    device.power_on()
    device.wait_for("WiFi: connected", 60)
    assert device.told("lan") is None, "the driver's memory is not to be had twice"


def test_a_board_that_is_another_one_comes_back_as_a_set_up(chip):
    device = chip()
    device.settings(board="wt32-eth01")
    device.tell("cable", "no chip")
    device.power_on()
    device.wait_for("set-up: the Ethernet chip does not answer: is it this board?", 120)
    device.wait_for("join the WiFi kWhisper-", 60)


def test_one_that_was_connected_once_does_not_open_the_set_up(chip):
    device = chip()
    device.settings(board="wt32-eth01")
    device.power_on()
    device.wait_for("Ethernet: connected", 60)
    until(lambda: (device.flash / "joined").exists(), 30, "the mark")
    device.power_cut()
    device.tell("cable", "no chip")
    device.output.clear()
    device.power_on()
    device.wait_for("Ethernet failed: OSError", 60)
    until(lambda: device.starts > 1 or sum("failed" in x for x in device.output) > 3, 60, "tries")
    assert not [x for x in device.output if "set-up" in x]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ("out", "no connection: is the cable in?"),
        ("no address", "the router gives no address over the cable"),
    ],
)
def test_what_is_wrong_with_a_cable_is_told_apart(chip, found, said):
    device = chip()
    script = f"""
import asyncio as a
import kwhisper.network.cable as m
from kwhisper.storage.settings import load
from kwhisper.status import Status
pins = {WIRED["wt32-eth01"]!r}
c = m.Cable(load(), Status("", "", ""), lambda level, *words: print(*words), pins)
sleep_ms = a.sleep_ms
m.asyncio.sleep_ms = lambda ms: sleep_ms(min(ms, 5))
async def main():
    t = a.create_task(c.run())
    while c.failures < 3:
        await sleep_ms(10)
    print("failures", c.failures, "proved", c.proved())
a.run(main())
"""
    (device.flash / "main.py").write_text(script)
    device.tell("cable", found)
    device.power_on()
    device.wait_for("failures 3 proved False", 60)
    told = [x for x in device.output if x.startswith("Ethernet:")]
    assert len(told) == 3 and all(said in x for x in told), told


def test_a_static_address_is_the_cable_s_too(chip):
    device = chip()
    device.settings(board="olimex-poe", net_static="127.0.0.1/8 127.0.0.1 127.0.0.1")
    device.tell("cable", "no address")
    device.power_on()
    device.wait_for("Ethernet: connected, address 127.0.0.1", 60)


def test_the_network_may_be_empty_where_there_is_a_cable():
    validation = importlib.import_module("kwhisper.storage.validation")
    settings = importlib.import_module("kwhisper.storage.settings")
    old = settings.Settings("nowhere").values
    both = {"wifi_ssid": "", "board": "olimex-poe"}
    assert validation.check_all(old, both)[1] == {}
    assert validation.check_all({**old, "board": "olimex-poe"}, {"wifi_ssid": ""})[1] == {}
    for board in ("auto", "esp32", "nothing"):
        errors = validation.check_all(old, {"wifi_ssid": "", "board": board})[1]
        assert errors["wifi_ssid"] == "is needed", board
