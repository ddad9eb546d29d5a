"""An update on the model of an ESP32's memory: where too little is free it has the memory to
itself, and what it loaded is given back."""

import gzip
import shutil
import time

import pytest
from esp32.conftest import built as built
from esp32.test_memory import get, lists_of
from esp32.wire import Wire
from system.waiting import until
from update.conftest import PASSWORD

from kwhisper_tools import paths
from kwhisper_tools.build import kwu
from kwhisper_tools.build.tree import languages
from kwhisper_tools.commands import update
from kwhisper_tools.host import esp32_model

HEAP = 124 * 1024
# Of an ESP32 without PSRAM and, as the stand-ins' names make the interpreter's table of names grow
# a step of 9 KB sooner than on the chip, half of that.
SMALL = 128 * 1024
# Names that were read once stay in the interpreter's table.
NAMES = 2500


def tree(built, key):
    """The files of the built tree, whose device trusts this key."""
    files = {
        p.relative_to(built).as_posix(): p.read_bytes() for p in built.rglob("*") if p.is_file()
    }
    files["kwhisper/update/project.pem"] = kwu.public_text(key)
    return files


def pages_are_there(device):
    """What browsers get comes out of the one file that the build made of it, gzipped."""
    top = paths.FIRMWARE / "kwhisper" / "web" / "static"
    files = {p.name: p.read_bytes() for p in sorted(top.iterdir()) if p.is_file()}
    files |= {"languages/" + name: data for name, data in languages().items()}
    assert len(files) > 15
    for name, data in files.items():
        code, headers, body = get(device, name)
        assert code == 200 and headers["Content-Encoding"] == "gzip", (name, code)
        assert gzip.decompress(body) == data, name
    assert get(device, "nothing.js")[0] == 404


@pytest.fixture
def updatable(folder, built, micropython32, keys, monkeypatch, tmp_path):
    """updatable(heap, **settings): (a device that runs, its meter's line, an update for it)."""
    monkeypatch.setattr(kwu, "MICROPYTHON", "1.24")  # the model's is older than the chips'
    files = tree(built, keys[0])
    file = tmp_path / "new.kwu"
    file.write_bytes(kwu.pack(files, "x86", "9.1.0", keys[0]))
    mine = tmp_path / "built"
    shutil.copytree(built, mine)
    (mine / "kwhisper/update/project.pem").write_bytes(files["kwhisper/update/project.pem"])
    made = []

    def start(heap, **settings):
        wire = Wire()
        device = esp32_model.Esp32(folder, micropython32, mine, heap, uart=wire.uart)
        known = {"wifi_ssid": "Fjellheim", "wifi_password": "kwhisper-demo"}
        device.settings(**known, web_password=PASSWORD, **settings)
        made.extend((device, wire))
        device.power_on()
        device.wait_for("WiFi: connected")
        return device, wire, file

    yield start
    for one, wire in zip(made[::2], made[1::2], strict=True):
        one.power_cut()
        wire.close()
        print(*one.output, sep="\n")


def nothing_lacked(device):
    assert not [line for line in device.output if "out of memory" in line.lower()]
    assert "failed" not in "\n".join(device.output)


def test_an_update_fits_into_an_esp32(updatable):
    device, _, file = updatable(HEAP)
    asked = update.Device(f"127.0.0.1:{device.web_port}", PASSWORD)
    update.until(asked, lambda state: True)
    device.watch()
    pages_are_there(device)
    before, _ = device.probe()
    for _ in range(5):
        assert asked.state()["slot"] == "a"
    after, _ = device.probe()
    assert after < before + NAMES, (before, after)
    update.update(asked.host, file, PASSWORD, no_wait=True)
    assert device.wait_for("update: 9.1.0 is on trial")
    assert (device.flash / "slots" / "b" / "manifest").exists()
    nothing_lacked(device)


def test_the_meter_is_read_while_an_update_is_written_to_an_esp32(updatable, mosquitto, listen):
    """Without PSRAM, as the settings come: topics, JSON and a history."""
    broker = mosquitto()
    heard = listen(broker.port, "kwhisper/active_power_import")
    device, wire, file = updatable(SMALL, mqtt_host="127.0.0.1", mqtt_port=broker.port)
    say, _ = lists_of("aidon")
    device.wait_for("mqtt: connected")

    def one_more():
        # A list is said until its value has come.
        before = len(heard.messages)

        def came():
            wire.say(say())
            time.sleep(0.3)
            return len(heard.messages) > before

        until(came, what="a value", said=lambda: "\n".join(device.output))

    for _ in range(5):
        one_more()
    meanwhile = []

    def sent(n):
        if n // 65536 > len(meanwhile):
            one_more()
            meanwhile.append(n)

    device.watch()
    asked = update.Device(f"127.0.0.1:{device.web_port}", PASSWORD)
    code, text = asked.ask("/update", file.read_bytes(), sent)
    assert code == 200, text
    assert len(meanwhile) > 3 and device.starts == 1
    assert device.wait_for("update: 9.1.0 is on trial for lists broker")
    assert not any("with the memory to itself" in line for line in device.output)
    nothing_lacked(device)
