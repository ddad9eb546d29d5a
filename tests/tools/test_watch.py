"""kwhisper watch: a board's console, and the code of its set-up's WiFi."""

import pytest

from kwhisper_tools import paths
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
