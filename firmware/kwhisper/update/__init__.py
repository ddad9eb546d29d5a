"""Another version of the firmware, taken over the network: docs/update.md. Nothing of it is loaded
until somebody brings one, or while one is on trial."""

WITHIN_MS = const(1200000)  # the whole of a transfer; each piece has a shorter bound


class Refused(Exception):
    """An update is not taken. args: why, in words for the user."""
