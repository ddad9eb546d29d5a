"""Runs on the pretended chip: whatever lies in our files, all that reads one at a start does.

damage_run.main(number, seed) makes the files, then damages one of them so many times: a flipped
bit as a rule, else bytes of any kind, a cut, a folder in its place, nothing. After each the parts
of both modes are built that read files; what escapes them would end a start.
"""

import json
import os
import random
import sys

import boot_again
import energy_run

from kwhisper import app, journal
from kwhisper.meter.uart import Uart
from kwhisper.network.access_point import access_point
from kwhisper.network.station import Station
from kwhisper.status import Status
from kwhisper.storage import checked, settings
from kwhisper.storage.saving import away

CODE = "dev kwhisper lib boot main microdot umqtt energy_run reading damage_run boot_again".split()
SMALL = "settings ap_secret line joined log cause setup slot starts".split()
HOUR = 3600
BEGAN = 1_767_222_000


def files(top=""):
    """The paths of all files but code."""
    found = []
    for name in sorted(os.listdir(top or "/")):
        path = top + "/" + name
        if name[0] != "." and (top or name.partition(".")[0] not in CODE):
            if os.stat(path)[0] & 0x4000:
                found += files(path)
            else:
                found.append(path)
    return found


def used():
    """Let the parts write what they write in a month of use."""
    s = settings.load()
    for topic in ("huset", "hytta"):
        changed = s.change(
            {
                "wifi_ssid": "Fjellheim",
                "wifi_password": "kwhisper-demo",
                "mqtt_host": "10.0.0.2",
                "mqtt_topic": topic,
                "meter_key": "00112233445566778899aabbccddeeff",
                "energy": True,
                "capacity": "no",
                "history": True,
            }
        )
        assert not changed, changed
        s.save()
    access_point()
    checked.write(app.CAUSE, b"settings")
    checked.write(app.SETUP, b"the button was held")
    checked.write("/line", b"2400 8E1 0")
    checked.write("/joined", bytes(32))
    journal.save([f"{n} s info: a line of the log" for n in range(120)])
    journal.save(["the newest"])
    with open("/slot", "w") as f:
        f.write("a")
    house = energy_run.House("", every(s))
    wh = 1000
    for n in range(150):
        wh += 700
        at = BEGAN + n * HOUR + 5
        house.event(at, "h", [str(wh), "0", "700", "0"])
        house.event(at + 30, "p", ["-", "-", "700", "0"])
    house.ledger.mark(140)
    house.ledger.save_mark()
    return s


def every(s):
    """All settings as a dict."""
    return {name: s[name] for name, _ in s.public()}


def start():
    """Everything that a start of either mode does with files, then a save of the settings."""
    boot_again.guard()
    device = app.Device(None, None)
    app._take(app.SETUP)
    s = device.settings
    access_point()
    status = Status("x", "board", "0")
    Uart(device.board, s["meter"])
    Station(s, status, print).proved()
    house = energy_run.House("", every(s))
    wh = 10_000_000
    house.event(BEGAN + 400 * HOUR, "h", [str(wh), "0", "700", "0"])
    house.event(BEGAN + 400 * HOUR + 9, "p", ["-", "-", "700", "0"])
    record = house.ledger.pending()
    if record:
        house.ledger.mark(record.sequence)
    house.ledger.save_mark()
    for _ in house.account.pairs():
        pass
    for _ in journal.whole(device):
        pass
    device.lines.append("a line")
    device.keep_log()
    if not s.configured:
        assert s.problem, "the settings are gone and nobody is told"
    assert not s.change({"wifi_ssid": "Hytta", "wifi_password": "et-annet-ord", "mqtt_host": ""})
    s.save()
    again = settings.load()
    assert again["wifi_ssid"] == "Hytta" and again.problem is None


def contents(paths):
    found = {}
    for path in paths:
        with open(path, "rb") as f:
            found[path] = f.read()
    return found


def lay(kept):
    for name in ("ledger", "history", "energy"):
        away("/" + name)
        os.mkdir("/" + name)
    for name in os.listdir("/"):
        if name.partition(".")[0] in SMALL:
            away("/" + name)
    for path, data in kept.items():
        with open(path, "wb") as f:
            f.write(data)


def damage(path, data):
    """Damage the file; what was done, in words."""
    what = random.randrange(20)
    data = bytearray(data)
    at = random.randrange(max(1, len(data)))
    if what == 0:
        away(path)
        os.mkdir(path)
        if random.randrange(2):
            os.mkdir(path + "/within")
        return "a folder"
    if what == 1:
        data = bytearray(random.randrange(256) for _ in range(random.randrange(300)))
    elif what == 2:
        data = data[:at]
    elif what == 3:
        data = bytearray(b"\xff" * 20) + data
    elif data:
        data[at] ^= 1 << random.randrange(8)
    with open(path, "wb") as f:
        f.write(data)
    return f"damage {what} at {at}"


def main(number, seed):
    random.seed(seed)
    used()
    kept = contents(files())
    paths = sorted(kept)
    print("files", json.dumps(paths))
    bricks = 0
    for n in range(number):
        lay(kept)
        # Every file in turn, the settings more often.
        path = paths[n % len(paths)] if n % 4 else "/settings.json"
        done = damage(path, kept[path])
        try:
            start()
        except Exception as e:
            bricks += 1
            if bricks < 6:
                print("brick:", path, done)
                sys.print_exception(e)
    print("bricks", bricks, "of", number)
