"""How the device starts: supply, button, watchdog, and what it says about its last end."""

import json

import pytest
from slow_cases import slow_but
from system.waiting import hurry_joins, until


def test_a_store_below_the_start_threshold_is_not_drained(chip):
    device = chip()
    device.settings(board="han-selfpowered")
    device.tell("volts", {"1": 1.60})  # half of the supply: 3.20 V
    device.power_on()
    device.wait_for("supply 3200 mV, waiting for 3300")
    assert not any("join the WiFi" in line for line in device.output)
    device.tell("volts", {"1": 1.75})
    device.wait_for("join the WiFi")
    assert device.last_reset == 4, "it woke from deep sleep"
    assert not any("failed start" in line for line in device.output)


def test_waiting_for_the_supply_never_counts_as_a_failed_start(chip):
    device = chip()
    device.settings(board="han-selfpowered")
    device.tell("volts", {"1": 1.59})
    # Five seconds of deep sleep each; here they pass at once.
    device.hurry = 1000
    device.power_on()
    until(lambda: device.starts >= 8, what="eight starts")
    assert not any("safe mode" in line for line in device.output)


@pytest.mark.parametrize(("volts", "radio"), [(1.48, True), (1.46, False)])
def test_the_radio_stays_off_on_a_low_store(on_chip, volts, radio):
    output = on_chip(
        f"""
import json
with open("/.state/volts", "w") as f:
    json.dump({{"1": {volts}}}, f)
from kwhisper.board import pick
from kwhisper.power.supply import Supply
s = Supply(pick("han-selfpowered").supply)
print("allowed", s.allows_wifi())
with open("/.state/volts", "w") as f:
    json.dump({{"1": 1.48}}, f)
print("later", s.allows_wifi())
with open("/.state/volts", "w") as f:
    json.dump({{"1": 1.66}}, f)
print("at last", s.allows_wifi())
"""
    )
    assert f"allowed {radio}" in output
    assert f"later {radio}" in output, "a store that just recovered is not loaded at once"
    assert "at last True" in output


def test_the_button_held_at_start_opens_the_set_up(chip):
    device = chip()
    device.settings(wifi_ssid="Fjellheim", wifi_password="kwhisper-demo")
    device.tell("pins", {"0": 0})
    device.power_on()
    device.wait_for("set-up: the button was held")
    device.wait_for("then open")


def test_the_button_held_while_it_runs_opens_the_set_up_too(chip):
    device = chip()
    device.settings(wifi_ssid="Fjellheim", wifi_password="kwhisper-demo")
    device.power_on()
    device.wait_for("WiFi: connected")
    device.tell("pins", {"0": 0})
    device.wait_for("restart: the button was held")
    device.tell("pins", {"0": 1})
    device.wait_for("set-up: the button was held")


def test_a_finger_that_stays_opens_the_set_up_once(chip):
    device = chip()
    device.settings(wifi_ssid="Fjellheim", wifi_password="kwhisper-demo")
    device.power_on()
    device.wait_for("WiFi: connected")
    device.tell("pins", {"0": 0})
    device.wait_for("set-up: the button was held")
    device.tell("pins", {"0": 1})
    device.power_cut()
    device.output.clear()
    device.power_on()
    device.wait_for("WiFi: connected")


def test_a_button_is_held_only_if_it_is_down_for_half_a_second_without_a_break(on_chip):
    output = on_chip(
        """
from kwhisper import panel as module
class Pin:
    IN = PULL_UP = 0
    levels = []
    def __init__(self, *_): pass
    def value(self): return self.levels.pop(0) if self.levels else 0
module.machine.Pin = Pin
slept = []
class time:
    def sleep_ms(ms): slept.append(ms)
module.time = time
print("held", module.held(0), sum(slept) >= 500)
Pin.levels = [0] * 7 + [1]
print("let go", module.held(0))
Pin.levels = [1]
print("up", module.held(0), "none", module.held(None))
b = module.Button(0)
Pin.levels = [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
print("while it runs", [b.pressed_for(5) for _ in range(11)])
print("no button", any([module.Button(None).pressed_for(5) for _ in range(20)]))
"""
    )
    assert "held True True" in output
    assert "let go False" in output
    assert "up False none False" in output
    assert f"while it runs {[False] * 9 + [True] * 2}" in output
    assert "no button False" in output


def test_the_led_says_how_it_goes(on_chip):
    output = on_chip(
        """
import asyncio
from kwhisper import panel as module
class Board:
    led, led_on = 2, 0
class Pin:
    OUT = 0
    def __init__(self, number, mode, value): blinks.append(("off", value))
    def value(self, level): blinks.append(("on" if level == 0 else "off", level))
module.machine.Pin = Pin
sleep_ms = asyncio.sleep_ms
class Enough(Exception): pass
def hurried(ms):
    blinks.append(ms)
    if len(blinks) > 12:
        raise Enough
    return sleep_ms(0)
module.asyncio.sleep_ms = hurried
def shown(way, troubled=False, setup=False, lists=0):
    blinks.clear()
    led = module.Led(Board, way)
    for _ in range(lists):
        led.reading(None)
    try:
        asyncio.run(led.run(lambda: troubled, setup))
    except Enough:
        pass
    return [b if isinstance(b, int) else b[0] for b in blinks]
blinks = []
print("list", shown("on", lists=3)[:7])
print("errors only", shown("errors", lists=3)[:4])
print("trouble", shown("errors", True)[:9])
print("set-up", shown("on", False, True)[:6])
print("off", shown("off", True))
Board.led = None
print("none", shown("on", True))
"""
    )
    assert "list ['off', 'on', 40, 'off', 0, 250, 250]" in output
    assert "errors only ['off', 250, 250, 250]" in output
    assert "trouble ['off', 'on', 40, 'off', 200, 'on', 40, 'off', 2000]" in output
    assert "set-up ['off', 'on', 500, 'off', 500, 'on']" in output
    assert "off []" in output and "none []" in output


def test_only_boards_that_live_on_their_port_are_measured(on_chip):
    output = on_chip(
        """
from kwhisper.board import pick
from kwhisper.storage.table import BOARDS, rows
for row in rows(BOARDS):
    b = pick(row["name"])
    print("board", b.name == row["name"], b.label == row["label"], b.supply is None)
"""
    )
    lines = [line for line in output.splitlines() if line.startswith("board")]
    assert len(lines) >= 7
    assert lines.count("board True True False") == 2  # those of a HAN port and of a MEP port
    assert lines.count("board True True True") == len(lines) - 2


def test_the_watchdog_ends_a_program_that_hangs(chip):
    device = chip()
    (device.flash / "main.py").write_text(
        """
import machine, time
print("cause", machine.reset_cause())
if machine.reset_cause() != machine.WDT_RESET:
    w = machine.WDT(timeout=500)
    time.sleep(0.1)
    w.feed()
    while True:
        pass
"""
    )
    device.power_on()
    device.wait_for("cause 3")


def test_the_watchdog_ends_a_start_that_hangs(chip):
    device = chip()
    device.settings(wifi_ssid="Fjellheim", wifi_password="kwhisper-demo")
    app = device.flash / "kwhisper" / "app.py"
    text = app.read_text()
    assert "HANGS_MS = const(300000)" in text
    app.write_text(text.replace("const(300000)", "const(10000)"))
    (device.flash / "kwhisper" / "run_mode.py").write_text("while True:\n    pass\n")
    device.power_on()
    device.wait_for("last reset: WDT_RESET")


def test_settings_that_were_damaged_are_said_so_and_set_up_is_open(chip):
    device = chip()
    (device.flash / "settings.json").write_text('{"wifi_ssid": "Fjell')
    device.power_on()
    device.wait_for("damaged")
    device.wait_for("then open")


@pytest.mark.parametrize(
    "module", slow_but(["app.py", "status.py", "setup_mode.py"], "setup_mode.py")
)
def test_a_fault_in_the_first_seconds_ends_in_a_restart_and_then_in_safe_mode(chip, module):
    device = chip()
    (device.flash / "kwhisper" / module).write_text("raise ValueError('broken')")
    device.power_on()
    # Safe mode is the set-up; where that fails too, a free console.
    device.wait_for("safe mode after 6 failed starts - Ctrl-C")
    assert device.starts == 7


def test_safe_mode_is_a_set_up_whatever_the_settings_say(chip):
    device = chip()
    device.settings(wifi_ssid="Fjellheim", wifi_password="kwhisper-demo")
    (device.flash / "kwhisper" / "run_mode.py").write_text("raise ValueError('broken')")
    device.power_on()
    device.wait_for("set-up: safe mode after 3 failed starts")
    device.wait_for("then open")
    assert device.starts == 4


def test_no_secret_is_on_the_console(chip):
    device = chip()
    secrets = {
        "wifi_password": "hemmelig-wifi",
        "mqtt_password": "hemmelig-mqtt",
        "web_password": "hemmelig-web",
        "meter_key": "00112233445566778899aabbccddeeff",
    }
    device.settings(
        **secrets, wifi_ssid="Fjellheim", mqtt_host="127.0.0.1", mqtt_port=1, mqtt_user="u",
        log_level="debug",
    )  # fmt: skip
    hurry_joins(device)
    device.power_on()
    device.wait_for("set-up: wrong password")
    text = "\n".join(device.output).lower()
    for value in secrets.values():
        assert value not in text
    assert json.dumps(secrets)[:5] not in text
