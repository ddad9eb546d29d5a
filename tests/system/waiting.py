"""Waiting for what happens in its own time.

A bound only ends a test that has failed, so none is shorter than PATIENCE: a busy machine is slow.
"""

import http.client
import time
import urllib.request

PATIENCE = 120


def until(condition, seconds=PATIENCE, what="it", said=None):
    """Wait for a true result and return it; said() tells more of a failure. A device that does
    not answer at a moment may be starting."""
    end = time.monotonic() + max(seconds, PATIENCE)
    while True:
        try:
            found = result = condition()
        except (OSError, http.client.HTTPException) as error:
            result, found = None, error
        if result:
            return result
        told = said() if said and time.monotonic() > end else ""
        assert time.monotonic() < end, f"{what} did not come, but {found!r}\n{told}"
        time.sleep(0.02)


def answers(device, path="data.json"):
    """Whether the device's page is there."""
    try:
        with urllib.request.urlopen(device.url + path, timeout=20) as reply:
            return reply.status == 200
    except (OSError, http.client.HTTPException):
        return False


def hurry_joins(device):
    """An attempt to join ends a second after it failed: what ended the one before is not waited
    out for ten, as a real driver needs it."""
    file = device.flash / "kwhisper" / "network" / "station.py"
    text, patience = file.read_text(), "_STALE = const(40)"
    assert patience in text
    file.write_text(text.replace(patience, "_STALE = const(4)"))
