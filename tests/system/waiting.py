"""Waiting, with a bound, for what a system of several programs does in its own time."""

import time
import urllib.error
import urllib.request


def until(condition, seconds=60, what="it"):
    """Wait for a true result and return it."""
    end = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < end, f"{what} did not come within {seconds} s"
        time.sleep(0.05)
    return result


def answers(device, path="data.json"):
    """Whether the device's page is there."""
    try:
        with urllib.request.urlopen(device.url + path, timeout=2) as reply:
            return reply.status == 200
    except (urllib.error.URLError, OSError):
        return False
