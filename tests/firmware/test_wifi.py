"""The station and the access point: what goes wrong is told apart, and never without end."""

import re

import pytest
from system.waiting import until


@pytest.mark.parametrize(
    ("ssid", "password", "told"),
    [
        ("Naboen", "whatever1", "wrong password"),
        ("Fjellheim", "not-this-one", "wrong password"),
        ("Not here", "whatever1", "no such network"),
        ("Fjellheim", "kwhisper-demo", "connected"),
        ("Blåbærstua på Ås", "rømmegrøt", "connected"),
        ("Kafé Åpen", "", "connected"),
    ],
)
def test_joining_tells_what_is_wrong(on_chip, ssid, password, told):
    output = on_chip(
        STATION.format(ssid=ssid, password=password) + "a.run(until(lambda: w.failures or s.ip))\n"
        "print('wifi', s.wifi, 'failures', w.failures)"
    )
    assert "gave up waiting" not in output
    assert f"WiFi: {told}" in output
    assert re.search(
        "wifi up failures 0" if told == "connected" else f"wifi {told}.* failures 1", output
    )


STATION = """
import asyncio as a
from kwhisper.network.station import Station
class s: wifi = ip = rssi = None
class Settings(dict):
    values = ()
settings = Settings({{"wifi_ssid": "{ssid}", "wifi_password": "{password}"}})
settings["host_name"] = "kwhisper"
def note(level, *words): print(*words)
w = Station(settings, s, note)
async def until(done):
    t = a.create_task(w.run())
    for _ in range(400):
        await a.sleep_ms(50)
        if done():
            return
    print("gave up waiting")
"""


def test_a_network_that_vanishes_is_joined_again_when_it_returns(chip):
    """The driver tells what ended the attempt before until it is connected."""
    device = chip()
    script = STATION.format(ssid="Fjellheim", password="kwhisper-demo")
    script += "a.run(until(lambda: False))"
    (device.flash / "main.py").write_text(script)
    device.power_on()
    device.wait_for("WiFi: connected")
    device.tell("air", [])
    device.wait_for("WiFi: connection lost")
    device.wait_for("WiFi: no such network")
    (device.state / "air").unlink()
    until(lambda: sum("WiFi: connected" in line for line in device.output) > 1, what="its return")


def test_the_pause_between_attempts_grows_and_has_an_end(on_chip):
    output = on_chip(
        STATION.format(ssid="Not here", password="whatever1")
        + """
pauses = []
sleep_ms = a.sleep_ms
def counted(ms):
    if ms > 260:
        pauses.append(ms)
        ms = 20
    return sleep_ms(ms // 20 if ms > 50 else ms)  # the steps of an attempt, too
import kwhisper.network.station as m
m._JOIN_MS = 1000
m.asyncio.sleep_ms = counted
a.run(until(lambda: len(pauses) >= 10))
print("pauses", *pauses)
"""
    )
    pauses = [int(x) for x in re.search(r"pauses (.*)", output)[1].split()]
    assert all(750 <= p / n <= 1250 for p, n in zip(pauses, (1, 2, 4, 8, 16, 32), strict=False))
    assert max(pauses) <= 75000
    assert len({p % 1000 for p in pauses}) > 3, "no jitter"


def test_the_scan_names_each_network_once_the_strongest_first(chip):
    device = chip()
    device.tell(
        "air",
        [
            {"ssid": "Far", "key": "xxxxxxxx", "rssi": -80},
            {"ssid": "Mesh", "key": "xxxxxxxx", "rssi": -70},
            {"ssid": "Mesh", "key": "xxxxxxxx", "rssi": -50},
            {"ssid": "", "key": "xxxxxxxx", "rssi": -10},
            {"ssid": "Kafé Åpen", "key": None, "rssi": -60},
        ],
    )
    script = (
        STATION.format(ssid="x", password="")
        + "from kwhisper.network.access_point import scan\nprint('found', a.run(scan()))"
    )
    (device.flash / "main.py").write_text(script)
    device.power_on()
    line = device.wait_for("found")
    assert (
        line
        == "found [('Mesh', -50, True), ('Kaf\\xe9 \\xc5pen', -60, False), ('Far', -80, True)]"
    )


def test_the_access_point_is_secured_and_its_password_is_the_devices_own(chip):
    told = []
    for identity in ("240ac4000001", "240ac4000002", "240ac4000001"):
        device = chip(identity=identity)
        device.power_on()
        device.wait_for("with the password")
        told.append(device.told("access_point"))
        device.power_cut()
        device.output.clear()
        device.power_on()
        device.wait_for("with the password")
        assert device.told("access_point") == told[-1], "it must stay the same"
        device.power_cut()
    assert [t["ssid"] for t in told] == ["kWhisper-0001", "kWhisper-0002", "kWhisper-0001"]
    assert all(re.fullmatch("[a-z2-9]{10}", t["key"]) for t in told)
    # The chip's number is on the air: two devices of the same number still differ.
    assert len({t["key"] for t in told}) == 3


def test_another_password_for_the_same_network_is_not_proved(on_chip):
    output = on_chip(
        STATION.format(ssid="Fjellheim", password="kwhisper-demo")
        + """
print("before", w.proved())
a.run(until(lambda: s.ip))
print("joined", w.proved())
settings["wifi_password"] = "mistyped1"
print("mistyped", Station(settings, s, note).proved())
settings["wifi_password"] = "kwhisper-demo"
print("mended", Station(settings, s, note).proved())
"""
    )
    assert "before False" in output and "joined True" in output
    assert "mistyped False" in output and "mended True" in output


def test_a_full_flash_or_a_torn_secret_does_not_keep_the_access_point_away(on_chip):
    output = on_chip(
        """
from kwhisper.network import access_point as module
from kwhisper.storage import checked
import builtins
def full(path, mode="r"):
    if "w" in mode:
        raise OSError(28)
    return builtins.open(path, mode)
checked.open = full
first = module.access_point()
print("full", len(first[1]), module.access_point()[1] != first[1])
del checked.open
with open("/ap_secret", "wb") as f:
    f.write(b"torn")
kept = module.access_point()
print("kept", module.access_point() == kept, len(checked.read("/ap_secret")))
with open("/ap_secret", "wb") as f:
    f.write(b"torn")
print("copy", module.access_point() == kept)
"""
    )
    assert "full 10 True" in output
    assert "kept True 16" in output and "copy True" in output


def test_what_is_set_of_the_network_in_detail_reaches_the_radio(on_chip):
    output = on_chip(
        """
from kwhisper.network import tuning
class Radio:
    def config(self, **k): print("config", k)
    def ifconfig(self, a): print("ifconfig", a)
    def scan(self):
        return [(b"Hjemme", b"\\1" * 6, 1, -80, 3, 0), (b"Hjemme", b"\\2" * 6, 6, -50, 3, 0),
                (b"Nabo", b"\\3" * 6, 6, -30, 3, 0)]
class network:
    def country(code): print("country", code)
tuning.network = network
s = {"wifi_ssid": "Hjemme", "wifi_password": "p", "net_ssid": "", "net_password": "q",
     "net_station": "", "net_power": 0, "net_country": "", "net_static": ""}
tuning.prepare(Radio(), s, 0)
print("plain", tuning.choose(Radio(), s, 1))
s["net_station"] = "best"
print("best", tuning.choose(Radio(), s, 0))
s["net_station"] = "a4:2b:b0:C1:d2:e3"
print("fixed", tuning.choose(Radio(), s, 0))
s.update({"net_ssid": "Hytta", "net_power": 8, "net_country": "no",
          "net_static": "192.168.1.40/22 192.168.1.1 1.1.1.1"})
print("second", tuning.choose(Radio(), s, 1), tuning.choose(Radio(), s, 2)[0])
tuning.prepare(Radio(), s, 0)
"""
    )
    assert output.index("plain ('Hjemme', 'p', None)") < output.index("config")
    assert f"best ('Hjemme', 'p', {bytes([2] * 6)!r})" in output
    assert "fixed ('Hjemme', 'p', b'\\xa4+\\xb0\\xc1\\xd2\\xe3')" in output
    assert "second ('Hytta', 'q', None) Hjemme" in output
    assert "country NO" in output and "config {'txpower': 8}" in output
    assert "ifconfig ('192.168.1.40', '255.255.252.0', '192.168.1.1', '1.1.1.1')" in output
