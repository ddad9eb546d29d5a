"""The reader: finds the line, publishes in the chosen format, and reads on whatever the broker,
the WiFi and the person do."""

import json
import os
import signal
import socket
import time

import pytest

from kwhisper_tools import paths
from kwhisper_tools.host import WATCHDOG
from kwhisper_tools.meters import METERS

CONNECT, PUBLISH, PING = 0x10, 0x30, 0xC0


def frames(c):
    """How many frames the decoder found sound."""
    return c.data()["status"]["frames"]["ok"]


def reads_on(c):
    """Whether lists are read while whatever is wrong is wrong."""
    before = frames(c)
    c.until(lambda: frames(c) > before + 2, 30, "further lists")


def error(c):
    return c.data()["status"]["mqtt_error"]


def also_slow(*names):
    """Cases of which one like them is run each time."""
    return [pytest.param(*name, marks=pytest.mark.slow) for name in names]


@pytest.mark.parametrize(
    "name", ["aidon", "dsmr2", *also_slow(["kamstrup"], ["dsmr5"], ["iskra-si"])]
)
def test_the_line_is_found_by_itself(chip, broker, listen, name):
    meter = METERS[name]
    inverted = " inverted" if meter.inverted else ""
    c = chip(name, line=f"{meter.baud} {meter.parity}{inverted}", mqtt_port=broker.port)
    listener = listen(broker.port)
    c.speak()
    c.until(
        lambda: any("active_power" in t for t, _, _ in listener.messages), 240, "a value of it"
    )
    # Most meters speak as the first guess is: for them there is nothing to be found.
    remembered = c.device.flash / "line"
    if (meter.baud, meter.parity) != (2400, "8E1"):
        line = remembered.read_bytes().partition(b"\n#")[0].decode()
        assert line == f"{meter.baud} {meter.parity} {int(meter.inverted)}"
    else:
        assert not remembered.exists() and c.device.starts == 1


def test_topics_retain_registers_and_facts_alone(chip, broker, listen):
    c = chip(mqtt_port=broker.port)
    c.speak()
    listener = listen(broker.port)
    listener.wait("kwhisper/active_energy_import")
    c.hush()
    late = listen(broker.port)
    late.wait("kwhisper/active_energy_import")
    kept = {topic.partition("/")[2] for topic, _, retained in late.messages if retained}
    assert {"status", "list_id", "active_energy_import", "active_energy_export"} <= kept
    assert not any("power" in name or "voltage" in name for name in kept)
    assert late.of("kwhisper/status") == ["online"]


def test_json_is_one_object_a_list(chip, broker, listen):
    c = chip(mqtt_port=broker.port, payload="json")
    c.speak()
    said = listen(broker.port).wait("kwhisper/json", 2)
    assert "active_power_import" in json.loads(said[-1])["values"]


def test_home_assistant_hears_of_each_value_once(chip, broker, listen):
    c = chip(mqtt_port=broker.port, payload="homeassistant")
    listener = listen(broker.port)
    c.speak()
    config = "homeassistant/sensor/kwhisper_240ac4000001/active_power_import/config"
    entity = json.loads(listener.wait(config)[0])
    assert entity["~"] == "kwhisper" and entity["unit_of_meas"] == "W"
    listener.wait("kwhisper/active_power_import", 5)
    assert len(listener.of(config)) == 1
    late = listen(broker.port)
    late.wait(config)  # Home Assistant started later
    listener.wait("kwhisper/device")


def test_the_last_will_says_offline(chip, broker, listen):
    c = chip(mqtt_port=broker.port)
    listener = listen(broker.port)
    c.until(lambda: listener.of("kwhisper/status"), 30, "a session")
    c.device.power_cut()
    assert listener.wait("kwhisper/status", 2)[-1] == "offline"


def test_a_broker_that_restarts_is_found_again(chip, broker, listen):
    c = chip(mqtt_port=broker.port)
    c.speak()
    listen(broker.port).wait("kwhisper/active_power_import")
    broker.kill()
    reads_on(c)
    assert error(c)
    broker.start()
    assert listen(broker.port).wait("kwhisper/active_power_import")
    assert error(c) is None and c.device.starts == 1


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("silent", "ETIMEDOUT"),
        ("half", ""),
        ("garbage", "not an MQTT broker"),
        *also_slow(("drop", "not an MQTT broker"), ("short", ""), ("mute", "does not answer")),
    ],
)
def test_a_bad_broker_is_told_of_and_left(chip, faulty, fault, told):
    bad = faulty(fault)
    c = chip(mqtt_port=bad.port)
    c.speak()
    c.until(lambda: bad.connections, 30, "a connection")
    c.until(lambda: any("again in" in line for line in c.device.output), 60, "an error")
    assert told in next(line for line in c.device.output if "again in" in line)
    reads_on(c)
    bad.fault = "good"
    published = len(bad.packets)
    c.until(lambda: PUBLISH in [kind for kind, _ in bad.packets[published:]], 90, "a new session")
    assert c.device.starts == 1


@pytest.mark.slow
def test_a_broker_that_takes_nothing_ends_the_session(chip, faulty):
    deaf = faulty("deaf")
    # Lists that are long enough to fill what the systems between keep.
    c = chip("fluvius-be", mqtt_port=deaf.port, payload="json", meter="115200-8N1")
    c.wire.say(c.meter.next().data)
    c.until(lambda: deaf.connections, 30, "a connection")
    c.speak()
    c.until(lambda: any("again in" in line for line in c.device.output), 120, "an error")
    reads_on(c)
    assert c.device.starts == 1


def test_a_refused_login_is_not_repeated_at_once(chip, faulty):
    refusing = faulty("good", refusal=5)
    c = chip(mqtt_port=refusing.port, mqtt_user="ola", mqtt_password="wrong")
    c.speak()
    pause = int(c.device.wait_for("again in").split()[-2])
    assert pause >= 15
    assert error(c) == "the broker refused the login: 5"
    refusing.refusal = 0
    reads_on(c)
    c.until(lambda: PUBLISH in [kind for kind, _ in refusing.packets], what="a session")
    assert [kind for kind, _ in refusing.packets].count(CONNECT) == 2


def test_back_off_grows_with_each_failure(chip):
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    c = chip(mqtt_port=port)
    lines = c.device.output
    c.until(lambda: sum("again in" in line for line in list(lines)) >= 4, what="four attempts")
    pauses = [int(line.split()[-2]) for line in lines if "again in" in line]
    assert pauses[:4] == [1, 2, 4, 8]


def test_connecting_waits_for_the_meters_silence(chip, broker, listen):
    """It may connect where this program was held up: the line was silent."""
    listener = listen(broker.port)
    for topic in ("first", "second", "third", "fourth"):
        c = chip(mqtt_port=broker.port, mqtt_topic=topic)
        data = c.meter.next().data
        pieces = 0
        while pieces < 15 and not listener.of(f"{topic}/status"):
            c.wire.say(data[:40])
            time.sleep(0.2)
            pieces += 1
        if pieces == 15:
            break
        c.device.power_cut()
    assert pieces == 15
    assert listener.wait(f"{topic}/status") == ["online"]


def test_tls_of_another_chips_settings_is_never_left_out(chip, faulty):
    broker = faulty("good")
    c = chip(mqtt_port=broker.port, mqtt_tls=True)
    c.speak()
    reads_on(c)
    assert "TLS" in error(c) and not broker.connections


def test_the_button_held_for_five_seconds_opens_the_setup(chip, broker, listen):
    c = chip(mqtt_port=broker.port)
    listener = listen(broker.port)
    listener.wait("kwhisper/status")
    c.device.tell("pins", {"0": 0})
    c.device.wait_for("restart: the button was held")
    c.device.tell("pins", {"0": 1})
    c.device.wait_for("set-up: the button was held")
    assert listener.wait("kwhisper/status", 2)[-1] == "offline"


def test_a_short_press_changes_nothing(chip, broker):
    c = chip(mqtt_port=broker.port)
    c.device.wait_for("MQTT: connected")
    c.device.tell("pins", {"0": 0})
    time.sleep(1)
    c.device.tell("pins", {"0": 1})
    time.sleep(5)  # as long as it would have to be held
    assert c.device.starts == 1 and not any("restart" in line for line in c.device.output)


def test_the_watchdog_ends_a_hang(chip, broker):
    c = chip(mqtt_port=broker.port)
    c.device.wait_for("MQTT: connected")
    # What stops the whole program stops the feeding.
    os.kill(c.device.pid(), signal.SIGSTOP)
    c.until(lambda: c.device.starts == 2, 30, "another start")
    assert c.device.last_reset == WATCHDOG
    c.device.wait_for("MQTT: connected")


@pytest.mark.parametrize(
    "content", [b"", b"{", b"null", b"[1, 2]", b"\xff" * 50, b'{"wifi_ssid": 7}', b"{}\n#00000000"]
)
def test_any_settings_file_starts_the_device(chip, content):
    c = chip()
    c.device.power_cut()
    c.device.output.clear()
    (c.device.flash / "settings.json").write_bytes(content)
    c.device.power_on()
    c.device.wait_for("set-up: nothing is set up yet")


def test_a_crash_at_each_start_ends_in_safe_mode(chip):
    c = chip()
    c.device.power_cut()
    c.device.output.clear()
    main = c.device.flash / "main.py"
    # Whatever the firmware does fails, but not what the set-up does.
    main.write_text("import machine\nif not safe:\n    machine.reset()\n" + main.read_text())
    c.device.power_on()
    c.device.wait_for("set-up: safe mode after 3 failed starts")
    assert c.device.starts == 5  # the first of them was before the power cut
    # The set-up fails as well: the console stays free.
    c.device.power_cut()
    c.device.output.clear()
    main.write_text("import machine\nmachine.reset()\n")
    c.device.power_on()
    c.device.wait_for("safe mode after 6 failed starts - Ctrl-C gives the console")
    assert not any("set-up:" in line for line in c.device.output)


def test_wifi_that_never_was_there_opens_the_setup(chip):
    c = chip(wifi_password="mistyped")
    c.device.wait_for("on an ESP8266")
    status = c.data()["status"]
    assert status["mqtt"] == "off" and status["ip"] is None


def test_a_flash_that_refuses_the_mark_of_a_proved_wifi_does_not_end_the_reading(chip, broker):
    c = chip(mqtt_port=broker.port)
    c.device.wait_for("MQTT: connected")
    c.device.power_cut()
    mark = c.device.flash / "joined"
    mark.unlink(missing_ok=True)
    mark.symlink_to(c.device.flash / "no such folder" / "joined")
    c.device.power_on()
    c.speak()
    c.until(lambda: c.data()["status"]["mqtt"] == "connected", 60, "a session")
    reads_on(c)
    assert c.data()["status"]["restarts"] == 0


def test_after_days_without_wifi_the_broker_is_looked_for_at_once(on_micropython, micropython):
    """Ticks wrap after 12.4 days: beyond half of that a difference is less than nothing."""
    out = on_micropython(
        [micropython],
        """
import sys, time

class Main:
    FORMATS = ("topics",)
    say = print

sys.modules["esp8266.main"] = Main
from esp8266 import broker

DAY = 86400000
days = 0

class Ticks:
    # As on a chip, whatever this machine's integers hold.
    def ticks_ms():
        return int(days * DAY) & 0x3FFFFFFF
    def ticks_diff(a, b):
        return ((a - b + 0x20000000) & 0x3FFFFFFF) - 0x20000000
    def ticks_add(a, b):
        return (a + b) & 0x3FFFFFFF

class Status:
    mqtt = "off"

class Session(broker.Session):
    def __init__(self):
        self.status = Status
        self.up = True
        self.looks = self.failures = 0
        self.sock = self.queue = self.context = None
        self.starved = False
        self.wanted = "host"
        self.due = self.looked = Ticks.ticks_ms()
    def _connect(self):
        print("connects on day", days)
        self.up = True
    def _look(self):
        print("looks on day", days)

class Context:
    page = None

broker.time = Ticks
broker.say = lambda text: None
session = Session()
session.context = Context
session._lost(OSError("cut"))
for step in range(0, 80):
    days = step / 8
    session.step(Ticks.ticks_ms(), True, days >= 7)
    if session.up:
        days += 0.0001
        session.step(Ticks.ticks_ms(), True, True)
        break
""",
        [*paths.library_path()],
    )
    assert out.splitlines() == ["connects on day 7.0", "looks on day 7.0001"]


def test_a_browser_that_says_nothing_delays_nobody(chip, broker):
    c = chip(mqtt_port=broker.port)
    c.device.wait_for("MQTT: connected")
    c.speak()
    idle = [socket.create_connection(("127.0.0.1", c.device.web_port)) for _ in range(3)]
    reads_on(c)
    values = c.data()["values"]
    assert values["active_power_import"]["unit"] == "W"
    for s in idle:
        s.close()


def test_no_secret_is_on_the_page(chip, broker):
    c = chip("kamstrup-dk", mqtt_port=broker.port, mqtt_user="ola", mqtt_password="hemmelig")
    c.speak()
    reads_on(c)
    text = json.dumps(c.data()) + "\n".join(c.device.output)
    for secret in ("hemmelig", "kwhisper-demo", c.meter.key.hex()):
        assert secret not in text
