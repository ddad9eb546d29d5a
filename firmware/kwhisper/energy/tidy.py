"""Removes the files of old hours; imported when a new one begins."""

import os

_KEPT = const(3)  # files, of 31 days each


def tidy(path):
    """Remove all but the newest files, the one that begins among them."""
    files = sorted([name for name in os.listdir(path) if name.isdigit()])
    for name in files[:-_KEPT]:
        os.remove(path + "/" + name)
