"""What outlives a reset of the pretended chip, and what the outside tells it: files in /.state."""

import json


def read(name, default=None):
    """The JSON in a file of the state folder; `default` when it is not there."""
    try:
        with open("/.state/" + name) as f:
            return json.load(f)
    except (OSError, ValueError):
        return default


def write(name, value):
    """Put a value where the launcher (kwhisper_tools.host) finds it."""
    with open("/.state/" + name, "w") as f:
        json.dump(value, f)
