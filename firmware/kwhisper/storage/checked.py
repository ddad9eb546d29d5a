"""Small files whose every byte is checked: the data, and behind it "\n#" and its CRC-32.

Whatever else lies there is as good as nothing: a flipped bit, a folder, bytes of any kind.
"""

import os

try:
    from binascii import crc32
except ImportError:  # MicroPython's ESP8266 build is without it
    from .crc32 import crc32

_MOST = const(200)
_FOLDER = const(0x4000)


def read(path, most=_MOST):
    """The bytes that write() put there, at most so many; b"" if there are none, or they are
    damaged."""
    try:
        with open(path, "rb") as f:
            body, checksum = f.read(most).rsplit(b"\n#", 1)
        if int(checksum, 16) == crc32(body):
            return body
    except (OSError, ValueError):
        pass  # no such file, or none of ours
    return b""


def write(path, body):
    """Write aside and rename; whether that went well."""
    new = path + ".new"
    for last in (False, True):
        try:
            with open(new, "wb") as f:
                f.write(body + b"\n#%08x" % crc32(body))
            os.rename(new, path)
            return True
        except OSError:
            if last:
                break
            from .saving import away

            away(new)
            try:
                # What is in the way may be a folder; a file is the last good one.
                if os.stat(path)[0] & _FOLDER:
                    away(path)
            except OSError:
                pass  # it is not there
    return False


def sound(line):
    """Whether a line of a history's file, which ends with its CRC-32, is as it was written."""
    return line[-9:] == b"*%08x" % crc32(line[:-9])
