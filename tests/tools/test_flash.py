"""Flashing: the dry run shows commands that the tools take, and they put a build in place."""

import hashlib
import re
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
from made_up_board import Board
from system.waiting import until
from typer.testing import CliRunner

from kwhisper_tools import cli, paths
from kwhisper_tools.build import kwu, tree
from kwhisper_tools.commands import first_steps, flash, official_image

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
    rewritten(tmp_path / "dist")
    return tmp_path / "dist"


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    """This board needs less of a moment after a reset."""
    monkeypatch.setattr(flash, "time", SimpleNamespace(sleep=lambda s: time.sleep(s / 4)))


@pytest.fixture
def board(tmp_path, micropython):
    made = Board(tmp_path, micropython, paths.ROOT / "tools" / "host" / "chip")
    yield made
    made.close()
    print(made.said.decode())


def image(folder, name, chip="esp32", banner=b"MicroPython v1.26.1 on 2025-09-11", extra=b""):
    """A file with all that tells an official image."""
    number = official_image.CHIPS[chip].chip_id
    head = b"\xe9\4\2\x20" + bytes(8) + (number or 0).to_bytes(2, "little") + bytes(10)
    port = b"ESP module with ESP8266 VfsRom" if number is None else b""
    path = folder / name
    path.write_bytes(head + port + banner + b"; umqtt/simple.py" + extra)
    return path


def flashed(board, dist, **options):
    """Everything that flash does to an ESP32 with mpremote; returns what it tells the user."""
    said = ""
    for step in flash.plan(board.port, "esp32", None, dist, **options):
        said += flash.run(step, say=lambda text: None)
    return " ".join(first_steps.lines(said))


def until_started(board, times):
    started = lambda: len(re.findall(rb"kWhisper starts.*\n", board.said)) >= times  # noqa: E731
    until(started, what=f"start {times}", said=board.said.decode)


def test_a_new_board_starts_kwhisper_and_its_set_up_is_told(board, dist):
    """boot.py guards the start meanwhile: no reset of flash's own may count as a failed start."""
    hints = flashed(board, dist)
    until_started(board, 1)
    assert b"safe mode" not in board.said and b"note: None" in board.said
    secret = (board.flash / "ap_secret").read_bytes()
    name, password, _ = re.findall(r"\[bold\](\S+?)\[/\]", hints)
    assert name == "kWhisper-0001" and len(password) == 10 and "192.168.4.1" in hints
    assert len(secret) >= 16
    built = dist / "xtensawin_6.3"
    for path in (built / "tree").rglob("*"):
        if path.is_file():
            copied = board.flash / "slots" / "a" / path.relative_to(built / "tree")
            # Of the manifest its first line is kept.
            wanted = path.read_bytes()
            if path.name == "manifest":
                wanted = wanted.partition(b"\n")[0] + b"\n"
            assert copied.read_bytes() == wanted
    assert (board.flash / "boot.py").read_bytes() == (built / "files" / "boot.py").read_bytes()
    assert (board.flash / "slot").read_text() == "a"


def test_a_running_board_is_stopped_and_keeps_its_settings(board, dist):
    first = flashed(board, dist)
    until_started(board, 1)
    (board.flash / "settings.json").write_text('{"wifi_ssid": "home"}')
    (board.flash / "slots" / "a" / "kwhisper" / "gone.mpy").write_bytes(b"of an older version")
    # Again and again: a start that flash ended counts for nothing.
    slots = []
    for times in range(2, 4):
        again = flashed(board, dist)
        until_started(board, times)
        slots.append((board.flash / "slot").read_text())
    # The old version stays in its slot until the one after the next needs the place.
    assert slots == ["b", "a"]
    # Stopped on purpose, by the count that boot.py keeps; but never by its own judgement.
    assert board.said.count(b"safe mode") == board.said.count(b"safe mode after 9 failed") == 2
    assert b"went back" not in board.said and "kept" in again
    assert not (board.flash / "slots" / "a" / "kwhisper" / "gone.mpy").exists()
    assert not (board.flash / "slots" / "new").exists()
    assert (board.flash / "settings.json").read_text() == '{"wifi_ssid": "home"}'
    password = re.search(r"password \[bold\](\S+)\[/\]", first)[1]
    assert password in again, "the password of a board stays the same"


def test_a_version_that_does_not_start_gives_way_to_the_one_before(board, dist):
    flashed(board, dist)
    until_started(board, 1)
    app = dist / "xtensawin_6.3" / "tree" / "kwhisper" / "app.py"
    app.write_text("import machine\ndef main(*_):\n    machine.reset()\n")
    rewritten(dist)
    flashed(board, dist)
    until_started(board, 2)
    assert b"went back to slot a" in board.said
    assert (board.flash / "slot").read_text() == "a"


def test_a_copy_that_fails_changes_nothing_that_runs(board, dist):
    flashed(board, dist)
    until_started(board, 1)
    before = {p: p.read_bytes() for p in board.flash.rglob("*") if p.is_file()}
    app = dist / "xtensawin_6.3" / "tree" / "kwhisper" / "app.py"
    app.write_bytes(app.read_bytes() + b"# a bit fell over on the way\n")
    with pytest.raises(SystemExit, match="app.py: damaged on its way"):
        flashed(board, dist)
    same = {p: p.read_bytes() for p in before if p.is_file()}
    assert same == before and (board.flash / "slot").read_text() == "a"


def test_an_update_on_trial_does_not_keep_flash_from_the_console(board, dist):
    flashed(board, dist)
    until_started(board, 1)
    (board.flash / "slots" / "b" / "kwhisper").mkdir(parents=True)
    (board.flash / "slot.try").write_text("b01 0.2.0")
    flashed(board, dist)
    until_started(board, 2)
    assert not (board.flash / "slot.try").exists()
    assert (board.flash / "slot").read_text() == "b"
    assert (board.flash / "slots" / "b" / "manifest").exists()


def rewritten(dist):
    """The tree's manifest anew."""
    top = dist / "xtensawin_6.3" / "tree"
    (top / "manifest").unlink(missing_ok=True)
    files = {p.relative_to(top).as_posix(): p.read_bytes() for p in top.rglob("*") if p.is_file()}
    (top / "manifest").write_bytes(kwu.manifest(files, "xtensawin", "0.1.0"))


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


def test_a_configured_board_is_not_sent_to_the_set_up():
    assert "kept" in first_steps.lines("ready kWhisper-1234 abcdefghij True")[0]
    assert "console" in first_steps.lines("Traceback")[0]


def test_a_phones_camera_reads_the_set_up_wifi_from_the_terminal():
    """What is drawn is taken apart again: every module is where a reader expects it."""
    import segno

    shown = first_steps.qr("kWhisper-1234", "abcdefghij")
    rows = [r.partition("]")[2].removesuffix("[/]") for r in shown.splitlines()]
    lit = {" ": (0, 0), "▄": (0, 1), "▀": (1, 0), "█": (1, 1)}
    modules = []
    for row in rows:
        modules.append([not lit[c][0] for c in row])
        modules.append([not lit[c][1] for c in row])
    expected = segno.make("WIFI:T:WPA;S:kWhisper-1234;P:abcdefghij;;", error="m", micro=False)
    drawn = [[bool(m) for m in row] for row in expected.matrix_iter(border=4)]
    assert modules[: len(drawn)] == drawn
    assert first_steps.joining('a;b"', "c\\d:") == 'WIFI:T:WPA;S:a\\;b\\";P:c\\\\d\\:;;'


def test_esptool_takes_every_command_of_the_plan(dist, tmp_path):
    official = image(tmp_path, "ESP8266_GENERIC-FLASH_2M_ROMFS-20251209-v1.27.0.bin", "esp8266")
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


def test_the_official_images_of_that_very_chip_are_found(tmp_path):
    for name in (
        "ESP32_GENERIC-20241129-v1.24.1.bin",
        "ESP32_GENERIC-20251209-v1.27.0.bin",
        "ESP32_GENERIC-OTA-20261209-v1.29.0.bin",
        "ESP32_GENERIC_C3-20261209-v1.29.0.bin",
    ):
        image(tmp_path, name)
    found = official_image.find(flash.CHIPS["esp32"], [tmp_path])
    assert [f.name for f in found] == [
        "ESP32_GENERIC-20251209-v1.27.0.bin",
        "ESP32_GENERIC-20241129-v1.24.1.bin",
    ]
    assert official_image.find(flash.CHIPS["esp32s3"], [tmp_path]) == []


def test_of_several_images_none_is_picked(tmp_path, monkeypatch):
    monkeypatch.setattr(official_image, "folders", lambda: [tmp_path])
    for name in ("ESP32_GENERIC-20251209-v1.27.0.bin", "ESP32_GENERIC-20990101-v9.bin"):
        image(tmp_path, name)
    with pytest.raises(SystemExit, match="which of these") as e:
        flash.the_image("esp32", None, lambda text: True, None)
    assert "v1.27.0" in str(e.value) and "v9" in str(e.value)


def test_an_image_must_be_what_the_sum_beside_it_says(tmp_path):
    path = image(tmp_path, "ESP32_GENERIC-20251209-v1.27.0.bin")
    beside = tmp_path / (path.name + ".sha256")
    assert official_image.problem(path, "esp32") is None
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    beside.write_text(f"{digest}  {path.name}\n")
    assert official_image.problem(path, "esp32") is None
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    assert "damaged" in official_image.problem(path, "esp32")
    beside.write_text("")
    assert "damaged" in official_image.problem(path, "esp32")


def test_downloads_are_looked_for_where_the_desktop_says(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "user-dirs.dirs").write_text('XDG_DOWNLOAD_DIR="$HOME/Nedlastinger"\n')
    assert official_image.Path.home() / "Nedlastinger" in official_image.folders()


@pytest.mark.parametrize("chip", flash.CHIPS)
def test_every_image_is_taken_for_its_own_chip_alone(tmp_path, chip):
    official = image(tmp_path, "a.bin", chip)
    for other in flash.CHIPS:
        why = official_image.problem(official, other)
        assert (why is None) == (other == chip)
        if why:
            assert chip in why and flash.CHIPS[other].wanted in why


def test_a_wrong_image_is_refused_before_anything_is_erased(tmp_path):
    def why(chip="esp32", data=None, **options):
        path = image(tmp_path, "a.bin", chip, **options)
        if data is not None:
            path.write_bytes(data)
        return official_image.problem(path, chip)

    assert "not an image" in why(data=b"PK\x03\x04")
    assert "not an image" in why(data=b"")
    assert "not MicroPython" in why(banner=b"ESPHome")
    assert "1.24" in why(banner=b"MicroPython v1.24.1 on 2024-11-29") and why() is None
    assert why(banner=b"MicroPython v2.0.0 on 2027-11-29") is None
    bare = image(tmp_path, "b.bin").read_bytes().replace(b"umqtt/simple", b"")
    assert "umqtt.simple" in why(data=bare) and "ESP32_GENERIC" in why(data=bare)
    flat = image(tmp_path, "b.bin", "esp8266").read_bytes().replace(b"VfsRom", b"")
    assert "ROMFS" in why("esp8266", data=flat)


def test_without_an_image_the_file_to_get_is_named_exactly(tmp_path, monkeypatch, capsys):
    from rich.console import Console

    monkeypatch.setattr(official_image, "folders", lambda: [tmp_path])
    asked = []

    def ask(text):
        asked.append(text)
        return False

    with pytest.raises(SystemExit):
        flash.the_image("esp32c6", None, ask, Console())
    said = capsys.readouterr().out
    assert "ESP32_GENERIC_C6-20250911-v1.26.1.bin" in said and str(tmp_path)[:20] in said
    there = image(tmp_path, "ESP32_GENERIC_C6-20251209-v1.27.0.bin", "esp32c6")
    assert flash.the_image("esp32c6", None, lambda text: True, Console()) == there
    image(tmp_path, there.name, "esp32c3")
    with pytest.raises(SystemExit, match="is for an esp32c3"):
        flash.the_image("esp32c6", None, lambda text: True, Console())


def test_a_port_that_the_user_may_not_use_says_what_to_do(monkeypatch, tmp_path):
    port = tmp_path / "ttyUSB0"
    port.touch()
    flash.may_use(str(port))
    flash.may_use("COM3")
    monkeypatch.setattr(flash.os, "access", lambda path, mode: False)
    with pytest.raises(SystemExit, match=f"usermod -aG {port.group()} "):
        flash.may_use(str(port))


def test_the_port_with_a_board_is_found(monkeypatch):
    from serial.tools import list_ports

    own = SimpleNamespace(device="/dev/ttyS0", description="n/a", vid=None)
    usb = [
        SimpleNamespace(device=f"/dev/ttyUSB{i}", description="CP2102N", vid=0x10C4)
        for i in range(2)
    ]
    monkeypatch.setattr(list_ports, "comports", lambda: [own, usb[0]])
    assert flash.the_port() == "/dev/ttyUSB0"
    monkeypatch.setattr(list_ports, "comports", lambda: [own])
    with pytest.raises(SystemExit, match="no board on USB"):
        flash.the_port()
    monkeypatch.setattr(list_ports, "comports", lambda: usb)
    with pytest.raises(SystemExit, match="ttyUSB1"):
        flash.the_port()


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


def test_a_dry_run_without_an_image_shows_how_micropython_gets_there(monkeypatch):
    monkeypatch.setattr(official_image, "find", lambda *_: [])
    said = CliRunner().invoke(cli.make(["flash"]), ["flash", "--dry-run", "--chip", "esp32"])
    assert said.exit_code == 0, said.output
    assert (
        "write-flash 0x1000 ESP32_GENERIC-" in said.output
        and "from micropython.org" in said.output
    )
