"""What a board affords holds what real meters send."""

import importlib

from kwhisper_tools import paths
from meterwire import Decoder


def _readings(data, size, key, auth_key):
    decoder = Decoder(size=size, key=key, auth_key=auth_key)
    count = sum(1 for _ in decoder.feed(data))
    decoder.flush()
    while decoder.read():
        count += 1
    return count


def test_the_longest_telegram_that_was_captured_fits_the_large_boards(captures, monkeypatch):
    monkeypatch.syspath_prepend(str(paths.FIRMWARE))
    board = importlib.import_module("kwhisper.board")
    size = board.pick("esp32").frame
    for name, capture in captures.items():
        if capture["protocol"] == "osgp-mep" or capture["bytes"] > 50_000:
            continue
        keys = [bytes.fromhex(capture[k]) if capture[k] else None for k in ("key", "auth_key")]
        data = bytes.fromhex(capture["hex"])
        assert _readings(data, size, *keys) == _readings(data, 65_535, *keys), name
