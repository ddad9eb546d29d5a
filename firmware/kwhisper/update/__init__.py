"""Another version of the firmware, taken over the network: docs/update.md. Nothing of it is loaded
until somebody brings one, or while one is on trial."""

import sys


class Refused(Exception):
    """An update is not taken. args: why, in words for the user."""


def let_go(*modules):
    """Take modules of this room out of the memory, as far as they are there."""
    for name in modules:
        if sys.modules.pop(__name__ + "." + name, None):
            del globals()[name]
