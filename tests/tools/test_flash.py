"""Flashing: the dry run shows commands that the tools take, and they put a build in place."""

import subprocess
import sys

import pytest
from made_up_board import Board
from typer.testing import CliRunner

from kwhisper_tools import cli, paths
from kwhisper_tools.build import tree
from kwhisper_tools.commands import flash


@pytest.fixture
def dist(tmp_path):
    """A build as flash finds it, but small; what a real one holds is test_build's matter."""
    for chip in ("esp8266", "esp32"):
        folder = tmp_path / "dist" / tree.CHIPS[chip].folder
        (folder / "files").mkdir(parents=True)
        for name in ("boot.py", "main.py"):
            (folder / "files" / name).write_bytes((paths.ROOT / name).read_bytes())
        (folder / "tree" / "kwhisper" / "web" / "static").mkdir(parents=True)
        (folder / "tree" / "lib" / "meterwire").mkdir(parents=True)
        (folder / "tree" / "kwhisper" / "__init__.mpy").write_bytes(b"M\x06\x00\x1f\x01\x00" * 9)
        (folder / "tree" / "kwhisper" / "web" / "static" / "x.css.gz").write_bytes(bytes(5000))
        (folder / "kwhisper.romfs").write_bytes(b"\xd2\xcd\x31\x00")
    return tmp_path / "dist"


@pytest.fixture
def board(tmp_path, micropython):
    made = Board(tmp_path, micropython, paths.ROOT / "tools" / "host" / "chip")
    yield made
    made.close()


def image(folder, name, data=b"\xe9" + b"VfsRom" * 9):
    path = folder / name
    path.write_bytes(data)
    return path


def test_an_esp32_gets_the_build_and_keeps_its_settings(board, dist):
    (board.flash / "settings.json").write_text('{"wifi_ssid": "home"}')
    old = board.flash / "slots" / "a" / "kwhisper"
    old.mkdir(parents=True)
    (old / "gone.mpy").write_bytes(b"of an older version")
    for step in flash.plan(board.port, "esp32", None, dist)[:-2]:
        flash.run(step, say=lambda text: None)
    built = dist / "xtensawin_6.3"
    for path in (built / "tree").rglob("*"):
        if path.is_file():
            copied = board.flash / "slots" / "a" / path.relative_to(built / "tree")
            assert copied.read_bytes() == path.read_bytes()
    assert not (old / "gone.mpy").exists()
    assert (board.flash / "boot.py").read_bytes() == (built / "files" / "boot.py").read_bytes()
    assert (board.flash / "slot").read_text() == "a"
    assert (board.flash / "settings.json").read_text() == '{"wifi_ssid": "home"}'


def test_settings_go_when_told_so(board, dist):
    (board.flash / "settings.json").write_text("{}")
    (board.flash / "history").write_text("kept")
    steps = flash.plan(board.port, "esp8266", None, dist, erase_settings=True)
    flash.run(next(s for s in steps if s.why == "forget the settings"), say=lambda text: None)
    assert [p.name for p in board.flash.iterdir()] == ["history"]


def test_the_board_tells_how_to_reach_it(board, dist):
    package = board.flash / "slots" / "a" / "kwhisper"
    package.mkdir(parents=True)
    for name in ("__init__.py", "wifi.py"):
        (package / name).write_bytes((paths.FIRMWARE / "kwhisper" / name).read_bytes())
    steps = flash.plan(board.port, "esp32", None, dist)
    first = " ".join(flash.hints(flash.run(steps[-2], say=lambda text: None)))
    again = " ".join(flash.hints(flash.run(steps[-2], say=lambda text: None)))
    assert "kWhisper-" in first and "192.168.4.1" in first
    assert first == again, "the password of a board stays the same"
    flash.run(steps[-1], say=lambda text: None)
    assert board.resets == 1


def test_a_configured_board_is_not_sent_to_the_set_up():
    assert "kept" in flash.hints("ready kWhisper-1234 abcdefghij True")[0]
    assert "console" in flash.hints("Traceback")[0]


def test_esptool_takes_every_command_of_the_plan(dist, tmp_path):
    official = image(tmp_path, "ESP8266_GENERIC-FLASH_2M_ROMFS-20251209-v1.27.0.bin")
    port = str(tmp_path / "no-such-port")
    steps = flash.plan(port, "esp8266", official, dist, erase_settings=True)
    commands = [s.command for s in steps if s.command[0].endswith("esptool")]
    assert [next(w for w in c if w.startswith(("erase", "write"))) for c in commands] == [
        "erase-flash",
        "write-flash",
        "erase-region",
        "write-flash",
    ]
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        said = done.stdout + done.stderr
        assert done.returncode and "no-such-port" in said and "Usage" not in said, said


def test_the_esp8266_image_goes_to_the_first_slot_after_the_console_is_free(dist, tmp_path):
    steps = flash.plan("PORT", "esp8266", None, dist)
    words = [" ".join(s.command) for s in steps]
    erased = next(i for i, w in enumerate(words) if "erase-region 0xb0000 0x50000" in w)
    copied = next(i for i, w in enumerate(words) if "boot.py" in w)
    written = next(i for i, w in enumerate(words) if "write-flash 0xb0000" in w)
    assert erased < copied < written


def test_boot_takes_the_sign_that_frees_the_console(monkeypatch):
    class Rtc:
        held = b""

        def memory(self, *value):
            Rtc.held = value[0] if value else Rtc.held
            return Rtc.held

    class Machine:
        RTC = Rtc

        @staticmethod
        def reset():
            pass

    names = {"__name__": "boot"}
    source = (paths.ROOT / "boot.py").read_text()
    monkeypatch.setitem(sys.modules, "machine", Machine)
    exec(source, names)
    exec(flash._FREE_CONSOLE, {})
    names["_slots"] = lambda: [("a", None), ("b", None)]
    start, _ = names["_guard"]()
    assert start is False


def test_the_newest_official_image_of_that_very_chip_is_found(tmp_path):
    for name in (
        "ESP32_GENERIC-20241129-v1.24.1.bin",
        "ESP32_GENERIC-20251209-v1.27.0.bin",
        "ESP32_GENERIC-OTA-20261209-v1.29.0.bin",
        "ESP32_GENERIC_C3-20261209-v1.29.0.bin",
    ):
        image(tmp_path, name)
    found = flash.find_image(flash.CHIPS["esp32"], [tmp_path])
    assert found.name == "ESP32_GENERIC-20251209-v1.27.0.bin"
    assert flash.find_image(flash.CHIPS["esp32s3"], [tmp_path]) is None


def test_a_wrong_image_is_refused(tmp_path):
    with pytest.raises(SystemExit, match="not an image"):
        flash.check_image(image(tmp_path, "a.bin", b"PK\x03\x04"), flash.CHIPS["esp32"])
    with pytest.raises(SystemExit, match="ROMFS"):
        flash.check_image(image(tmp_path, "b.bin", b"\xe9" * 9), flash.CHIPS["esp8266"])


def test_each_chip_goes_to_its_own_offset(dist, tmp_path):
    official = image(tmp_path, "any.bin")
    offsets = {}
    for chip in flash.CHIPS:
        if flash.CHIPS[chip].build != "esp32c3":
            steps = flash.plan("PORT", chip, official, dist)
            offsets[chip] = next(s.command for s in steps if s.why == "write MicroPython")[-2]
    assert offsets == {"esp8266": "0x0", "esp32": "0x1000", "esp32s2": "0x1000", "esp32s3": "0x0"}


@pytest.mark.parametrize(
    "said, chip",
    [
        ("Connected to ESP32-C3 on /dev/ttyACM0:\nChip type: ESP32-C3 (QFN32)", "esp32c3"),
        ("Chip type:          ESP8266EX\nMAC: 00", "esp8266"),
        ("Connected to ESP32 on COM3:", "esp32"),
    ],
)
def test_the_chip_is_read_from_esptools_words(said, chip):
    assert flash.parse_chip(said) == chip


def test_an_unknown_chip_is_named():
    with pytest.raises(SystemExit, match="esp32h2"):
        flash.parse_chip("Chip type: ESP32-H2")


def test_dry_run_prints_the_commands_and_touches_no_port(tmp_path, monkeypatch):
    monkeypatch.setattr(flash, "DIST", tmp_path)
    monkeypatch.chdir(tmp_path)
    arguments = ["flash", "/dev/none", "--dry-run", "--chip", "esp8266"]
    done = CliRunner().invoke(cli.make(arguments), arguments)
    assert done.exit_code == 0, done.output
    assert "esptool --chip esp8266" in done.output and "mpremote connect" in done.output


def test_what_is_said_of_a_step_has_no_markup(capsys):
    flash.run(flash.Step("say [it]", [sys.executable, "-c", ""]))
    assert capsys.readouterr().out == "say [it]\n"
