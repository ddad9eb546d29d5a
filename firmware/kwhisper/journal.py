"""The log on flash: the newest 4 KB of lines, in two files. Loaded when something is to be saved.

What is not written yet waits in Device.lines, the newest lines of this start.
"""

import os

from .storage.saving import away, move

NEW = "/log"
OLD = "/log.old"
_MOST = const(2048)  # bytes of each


def save(lines):
    """Write the lines behind the others; OSError if the flash refuses."""
    try:
        size = os.stat(NEW)[6]
        if size > _MOST or os.stat(NEW)[0] & 0x4000:
            move(NEW, OLD)
    except OSError:
        pass  # the first lines there are
    try:
        _append(lines)
    except OSError:
        away(OLD)  # a full flash, or a folder where the log should be
        away(NEW)
        _append(lines)


def _append(lines):
    with open(NEW, "ab") as f:
        for line in lines:
            f.write(line.encode())
            f.write(b"\n")


def whole(device):
    """Iterate the log as bytes and text, the oldest first."""
    for path in (OLD, NEW):
        try:
            with open(path, "rb") as f:
                piece = f.read(256)
                while piece:
                    yield piece
                    piece = f.read(256)
        except OSError:
            pass  # not that many lines yet
    for line in device.lines[device.saved :]:
        yield line
        yield "\n"
