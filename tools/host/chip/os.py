"""The module os with what the chips add to the unix port's."""

from uos import *  # noqa: F403


def dupterm(stream, index=0):
    """Give the console's UART away, or back; here the console is standard output, always."""


def sync():
    """Files are whole as soon as they are closed."""
