"""Every frame a Reading came from, as it was on the line: <topic>/raw, the bytes themselves."""

from . import DOCUMENT


def messages(r, context):
    """The frame of the list."""
    return unknown(context.frame, context)


def unknown(frame, context):
    """So does a list nobody knows."""
    if frame is not None:
        yield context.below + b"raw", frame, DOCUMENT
