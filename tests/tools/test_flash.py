"""Flashing: the dry run shows commands that the tools take, and they put a build in place."""

import re
import subprocess
import sys
import time

import pytest
from made_up_board import Board
from typer.testing import CliRunner

from kwhisper_tools import cli, paths
from kwhisper_tools.build import tree
from kwhisper_tools.commands import flash

# What stands for the application: works until somebody at the console stops it.
_APP = """
import time
def main(settled, note):
    print("kWhisper starts, note:", note)
    while True:
        time.sleep_ms(10)
"""


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
        (folder / "tree" / "kwhisper" / "__init__.py").write_text("")
        (folder / "tree" / "kwhisper" / "app.py").write_text(_APP)
        (folder / "tree" / "kwhisper" / "web" / "static" / "x.css.gz").write_bytes(bytes(5000))
        (folder / "kwhisper.romfs").write_bytes(b"\xd2\xcd\x31\x00")
    return tmp_path / "dist"


@pytest.fixture
def board(tmp_path, micropython):
    made = Board(tmp_path, micropython, paths.ROOT / "tools" / "host" / "chip")
    yield made
    made.close()
    print(made.said.decode())


def image(folder, name, data=b"\xe9" + b"VfsRom umqtt/simple.mpy"):
    path = folder / name
    path.write_bytes(data)
    return path


def flashed(board, dist, **options):
    """Everything that flash does to an ESP32 with mpremote; returns what it tells the user."""
    said = ""
    for step in flash.plan(board.port, "esp32", None, dist, **options):
        said += flash.run(step, say=lambda text: None)
    return " ".join(flash.hints(said))


def until_started(board, times):
    end = time.monotonic() + 20
    while board.said.count(b"kWhisper starts") < times:
        assert time.monotonic() < end, board.said.decode()
        time.sleep(0.05)


def test_a_new_board_starts_kwhisper_and_its_set_up_is_told(board, dist):
    """boot.py guards the start meanwhile: no reset of flash's own may count as a failed start."""
    hints = flashed(board, dist)
    until_started(board, 1)
    assert b"safe mode" not in board.said and b"note: None" in board.said
    secret = (board.flash / "ap_secret").read_bytes()
    name, password, _ = re.findall(r"\[bold\](\S+?)\[/\]", hints)
    assert name == "kWhisper-0001" and len(password) == 10 and "192.168.4.1" in hints
    assert len(secret) == 16
    built = dist / "xtensawin_6.3"
    for path in (built / "tree").rglob("*"):
        if path.is_file():
            copied = board.flash / "slots" / "a" / path.relative_to(built / "tree")
            assert copied.read_bytes() == path.read_bytes()
    assert (board.flash / "boot.py").read_bytes() == (built / "files" / "boot.py").read_bytes()
    assert (board.flash / "slot").read_text() == "a"


def test_a_running_board_is_stopped_and_keeps_its_settings(board, dist):
    first = flashed(board, dist)
    until_started(board, 1)
    (board.flash / "settings.json").write_text('{"wifi_ssid": "home"}')
    (board.flash / "slots" / "a" / "kwhisper" / "gone.mpy").write_bytes(b"of an older version")
    # Again and again: a start that flash ended counts for nothing.
    for times in range(2, 6):
        again = flashed(board, dist)
        until_started(board, times)
    # Stopped on purpose, by the count that boot.py keeps; but never by its own judgement.
    assert board.said.count(b"safe mode") == board.said.count(b"safe mode after 6 failed") == 4
    assert b"slot b" not in board.said and "kept" in again
    assert not (board.flash / "slots" / "a" / "kwhisper" / "gone.mpy").exists()
    assert (board.flash / "settings.json").read_text() == '{"wifi_ssid": "home"}'
    password = re.search(r"password \[bold\](\S+)\[/\]", first)[1]
    assert password in again, "the password of a board stays the same"


def test_settings_go_when_told_so(board, dist):
    (board.flash / "settings.json").write_text("{}")
    (board.flash / "history").write_text("kept")
    flashed(board, dist, erase_settings=True)
    there = {p.name for p in board.flash.iterdir()}
    assert "settings.json" not in there and "history" in there


def test_a_micropython_without_umqtt_is_told(tmp_path, micropython, dist):
    made = Board(tmp_path, micropython, paths.ROOT / "tools" / "host" / "chip", umqtt=False)
    try:
        with pytest.raises(flash.NoUmqtt):
            flashed(made, dist)
        assert not (made.flash / "slots").exists()
    finally:
        made.close()


def test_an_image_without_umqtt_is_refused(tmp_path):
    bare = image(tmp_path, "own.bin", b"\xe9VfsRom")
    with pytest.raises(SystemExit, match="umqtt.simple.*ESP32_GENERIC"):
        flash.check_image(bare, flash.CHIPS["esp32"])


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
    assert sum("mpremote" in w for w in words) == 1 and "resume" in words[copied]


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
