"""kwhisper watch: a board's console, and the code of its set-up's WiFi."""

import pytest
from typer.testing import CliRunner

from kwhisper_tools import cli, paths
from kwhisper_tools.commands import first_steps, watch


def test_lines_come_whole_however_the_port_cuts_them():
    pieces = [b"kWhis", b"per: one\r\n", b"", b"two\nthr", b"x" * 500, b"\xffend\n"]
    ended = lambda: not pieces  # noqa: E731
    assert list(watch.lines(lambda: pieces.pop(0), ended)) == [
        "kWhisper: one",
        "two",
        "thr" + "x" * 500,
        "\ufffdend",
    ]


@pytest.mark.parametrize("place", ["kwhisper/setup_mode.py", "esp8266/portal_mode.py"])
def test_both_chips_lines_about_their_wifi_are_known(place):
    """What each of them prints, with its words taken out of the source."""
    text = (paths.FIRMWARE / place).read_text()
    start = text.index("join the WiFi")
    words = text[start : text.index("\n", start)].replace('"', "").replace("key", "kz9em5997b")
    line = words.replace(", ", " ").replace("name", "kWhisper-0001").rstrip(")")
    for word in ("kWhisper-0001", "kz9em5997b"):
        line = line.replace("%s", word, 1)
    assert watch.code(line) == first_steps.qr("kWhisper-0001", "kz9em5997b"), line


def test_other_lines_are_only_shown():
    assert watch.code("kWhisper: WiFi: connected, address 192.168.1.7") is None


def run(*arguments):
    return CliRunner().invoke(cli.make(["watch"]), ["watch", *arguments])


def test_without_a_board_it_is_watch_that_says_so(monkeypatch):
    monkeypatch.setattr("serial.tools.list_ports.comports", list)
    done = run()
    assert done.exit_code == 1 and done.output.startswith("watch: no board")


def test_a_file_is_no_port(tmp_path):
    (tmp_path / "notes").write_text("kWhisper")
    for place in (tmp_path, tmp_path / "notes"):
        done = run(str(place))
        assert done.exit_code == 1 and "is no serial port" in done.output


def test_a_port_that_is_not_there_is_waited_for_and_told_of_once(monkeypatch):
    tries = []

    def again(seconds):
        tries.append(seconds)
        if len(tries) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(watch.time, "sleep", again)
    done = run("/dev/ttyNobody")
    assert done.exit_code == 0 and len(tries) == 3
    assert done.output.count("ttyNobody") and done.output.count("waiting for it") == 1
