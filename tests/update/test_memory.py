"""An update on the model of an ESP32's memory: where too little is free it has the memory to
itself, and what it loaded is given back."""

import shutil

from esp32.conftest import built as built
from esp32.wire import Wire
from update.conftest import PASSWORD

from kwhisper_tools.build import kwu
from kwhisper_tools.commands import update
from kwhisper_tools.host import esp32

HEAP = 124 * 1024
# Names that were read once stay in the interpreter's table.
NAMES = 2500


def tree(built, key):
    """The files of the built tree, whose device trusts this key."""
    files = {
        p.relative_to(built).as_posix(): p.read_bytes() for p in built.rglob("*") if p.is_file()
    }
    files["kwhisper/update/project.pem"] = kwu.public_text(key)
    return files


def test_an_update_fits_into_an_esp32(folder, built, micropython32, keys, monkeypatch, tmp_path):
    monkeypatch.setattr(kwu, "MICROPYTHON", "1.24")  # the model's is older than the chips'
    files = tree(built, keys[0])
    file = tmp_path / "new.kwu"
    file.write_bytes(kwu.pack(files, "x86", "9.1.0", keys[0]))
    mine = tmp_path / "built"
    shutil.copytree(built, mine)
    (mine / "kwhisper/update/project.pem").write_bytes(files["kwhisper/update/project.pem"])
    wire = Wire()
    device = esp32.Esp32(folder, micropython32, mine, HEAP, uart=wire.uart)
    device.settings(wifi_ssid="Fjellheim", wifi_password="kwhisper-demo", web_password=PASSWORD)
    try:
        device.power_on()
        device.wait_for("WiFi: connected")
        asked = update.Device(f"127.0.0.1:{device.web_port}", PASSWORD)
        update.until(asked, lambda state: True)
        device.watch()
        before, _ = device.probe()
        for _ in range(5):
            assert asked.state()["slot"] == "a"
        after, _ = device.probe()
        assert after < before + NAMES, (before, after)
        update.update(asked.host, file, PASSWORD, no_wait=True)
        assert device.wait_for("update: 9.1.0 is on trial")
        assert (device.flash / "slots" / "b" / "manifest").exists()
        lacking = [line for line in device.output if "out of memory" in line.lower()]
        assert not lacking and "failed" not in "\n".join(device.output)
        print(before, after, device.starts)
    finally:
        device.power_cut()
        wire.close()
        print(*device.output, sep="\n")
