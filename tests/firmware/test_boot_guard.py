"""A start that fails three times leads back to the version before; settings are never touched."""

import json
import time

import pytest
from system.waiting import until

CRASHES = """
import machine
def main(settled, note, safe=False):
    print("slot {slot} starts", "safely" if safe else "", "- note:", note)
    machine.reset()
"""
WORKS = """
import machine
def main(settled, note, safe=False):
    print("slot {slot} starts", "safely" if safe else "", "- note:", note)
    settled()
    print("slot {slot} works")
    while True:
        machine.idle()
"""


def _slot(device, name, app):
    folder = device.flash / "slots" / name / "kwhisper"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "app.py").write_text(app.format(slot=name))


def starting(device):
    return [line for line in device.output if line.startswith("slot") and " starts " in line]


def test_three_failed_starts_lead_to_the_other_slot(chip):
    device = chip()
    device.settings(wifi_ssid="Fjellheim")
    before = (device.flash / "settings.json").read_text()
    _slot(device, "a", WORKS)
    _slot(device, "b", CRASHES)
    (device.flash / "slot").write_text("b")
    device.power_on()
    device.wait_for("slot a works")
    output = starting(device)
    assert [line[:6] for line in output] == ["slot b"] * 3 + ["slot a"]
    assert "went back to slot a" in output[-1]
    assert (device.flash / "slot").read_text() == "a"
    assert (device.flash / "settings.json").read_text() == before


def test_both_slots_failing_end_in_the_set_up_and_then_at_the_console(chip):
    device = chip()
    _slot(device, "a", CRASHES)
    _slot(device, "b", CRASHES)
    device.power_on()
    device.wait_for("safe mode after 9 failed starts - Ctrl-C")
    time.sleep(1)
    starts = [
        line.split(" - ")[0]
        for line in device.output
        if line.startswith("slot") and " starts " in line
    ]
    assert starts[:6] == ["slot a starts "] * 3 + ["slot b starts "] * 3
    assert starts[6:] == [f"slot {s} starts safely" for s in "aba"]
    assert device.alive()


def test_the_set_up_of_safe_mode_ends_it(chip):
    device = chip()
    app = WORKS.replace("    settled()\n", "    if not safe: machine.reset()\n    settled()\n")
    _slot(device, "a", app)
    device.power_on()
    device.wait_for("slot a works")
    starts = starting(device)
    assert len(starts) == 4 and "safely - note: safe mode after 3 failed starts" in starts[3]
    assert device.told("rtc")[4:8] == "00ff"


def test_a_version_without_that_set_up_starts_as_it_can(chip):
    device = chip()
    _slot(device, "a", WORKS.replace(", safe=False", "").replace('"safely" if safe else ""', '""'))
    # The power takes the RTC memory along; so it is written by a program in boot.py's place
    boot = (device.flash / "boot.py").read_text()
    (device.flash / "boot.py").write_text(
        "import machine\nmachine.RTC().memory(b'kW\\3\\xfc')\n" + boot
    )
    device.power_on()
    device.wait_for("slot a works")


def test_a_device_without_slots_ends_in_safe_mode_too(chip):
    device = chip()
    (device.flash / "kwhisper" / "app.py").write_text(CRASHES.format(slot="-"))
    device.power_on()
    device.wait_for("safe mode after 6 failed starts")
    starts = [
        " safely " in line
        for line in device.output
        if line.startswith("slot") and " starts " in line
    ]
    assert starts == [False] * 3 + [True] * 3


def test_restarts_that_are_wanted_do_not_count(chip):
    device = chip()
    (device.flash / "kwhisper" / "app.py").write_text(
        CRASHES.format(slot="-").replace("    machine", "    settled()\n    machine")
    )
    device.power_on()
    until(lambda: device.starts >= 8, what="eight starts")
    assert not any("safe mode" in line for line in device.output)


def test_a_power_cut_is_no_failed_start(chip):
    device = chip()
    app = WORKS.format(slot="-").replace("    settled()\n", "")
    (device.flash / "kwhisper" / "app.py").write_text(app)
    for n in range(5):
        device.power_on()
        until(lambda n=n: sum("works" in x for x in device.output) > n, what="it works")
        device.power_cut()
    assert sum("works" in line for line in device.output) == 5


def test_what_others_keep_in_rtc_memory_survives_the_guard(chip):
    device = chip()
    (device.flash / "kwhisper" / "app.py").write_text(
        "import machine\n"
        "def main(settled, note):\n"
        "    rtc = machine.RTC()\n"
        "    m = rtc.memory()\n"
        "    print('memory', m[4:])\n"
        "    if m[4:]: print('the end')\n"
        "    rtc.memory(bytes(m[:4]) + b'theirs')\n"
        "    machine.reset()\n"
    )
    device.power_on()
    device.wait_for("the end")
    assert "memory b'theirs'" in device.output


def test_rubbish_in_the_slot_file_starts_what_there_is(chip):
    device = chip()
    _slot(device, "a", WORKS)
    for rubbish in (b"\xff", b"", b"z", json.dumps({}).encode()):
        (device.flash / "slot").write_bytes(rubbish)
        device.output.clear()
        device.power_on()
        device.wait_for("slot a works")
        device.power_cut()


def test_a_flash_that_takes_nothing_still_starts_the_other_slot(chip):
    device = chip()
    _slot(device, "a", CRASHES)
    _slot(device, "b", WORKS)
    (device.flash / "slot.new").mkdir()  # opening it to write is an error, as on a full flash
    device.power_on()
    device.wait_for("slot b works")
    assert not (device.flash / "slot").exists()


def test_an_update_on_trial_is_tried_three_times_and_taken_back(chip):
    device = chip()
    _slot(device, "a", WORKS)
    _slot(device, "b", CRASHES)
    (device.flash / "slot").write_text("a")
    (device.flash / "slot.try").write_text("b00 0.2.0 lists")
    device.power_on()
    device.wait_for("slot a works")
    assert [line[:6] for line in starting(device)] == ["slot b"] * 3 + ["slot a"]
    assert starting(device)[-1].endswith("went back to slot a after failed starts of 0.2.0")
    assert (device.flash / "slot.failed").read_text() == "b33 0.2.0 lists"
    # The failures of the new version are none of the old one's.
    assert device.told("rtc")[4:8] == "00ff"


def test_restarts_that_a_trial_wants_do_not_count_as_failed_but_have_an_end(chip):
    device = chip()
    _slot(device, "a", WORKS)
    _slot(device, "b", CRASHES.replace("    machine.reset", "    settled()\n    machine.reset"))
    (device.flash / "slot").write_text("a")
    (device.flash / "slot.try").write_text("b00 0.2.0")
    device.power_on()
    device.wait_for("slot a works")
    assert [line[:6] for line in starting(device)] == ["slot b"] * 9 + ["slot a"]


def test_sleeping_for_the_supply_is_no_start_of_a_trial(chip):
    device = chip()
    device.hurry = 1000
    _slot(device, "a", WORKS)
    sleeps = "    settled()\n    machine.deepsleep(5000)\n"
    _slot(device, "b", CRASHES.replace("    machine.reset()\n", sleeps))
    (device.flash / "slot").write_text("a")
    (device.flash / "slot.try").write_text("b00 0.2.0")
    device.power_on()
    until(lambda: device.starts >= 13, what="thirteen starts")
    assert not [line for line in starting(device) if line.startswith("slot a")]
    assert (device.flash / "slot.try").read_text()[:2] == "b0"


@pytest.mark.parametrize("rubbish", [b"", b"\xff\xfe", b"b", b"z00 1", b"bxy 1", b"c00", b"b00"])
def test_rubbish_on_trial_starts_the_confirmed_slot(chip, rubbish):
    device = chip()
    _slot(device, "a", WORKS)
    (device.flash / "slot").write_text("a")
    (device.flash / "slot.try").write_bytes(rubbish)
    device.power_on()
    device.wait_for("slot a works")
