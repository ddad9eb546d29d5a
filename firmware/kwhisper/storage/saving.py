"""Writes the settings file: aside, read back, renamed. Imported only when settings are saved."""

import json
import os
from binascii import crc32

from .settings import VERSION, read
from .table import SETTINGS, rows


def save(settings):
    """Write what is not the default. OSError, in words for the user, when the flash refuses: then
    the values are again what they were before change()."""
    data = {"version": VERSION}
    for row in rows(SETTINGS):
        name = row.get("name")
        if name and settings[name] != row["default"]:
            data[name] = settings[name]
    before, settings.before = settings.before, None
    path = settings.path
    try:
        _write(path + ".new", data)
    except (OSError, ValueError, MemoryError) as e:
        settings.values = before or settings.values
        why = str(e) or "read back wrong"
        raise OSError("the settings could not be written: " + why)
    # The one before is the last good copy, should a bit of the new one ever flip.
    try:
        os.stat(path)
        move(path, path + ".last")
    except OSError:
        pass  # the first save
    move(path + ".new", path)


def _write(path, data):
    body = json.dumps(data).encode()
    try:
        with open(path, "wb") as f:
            f.write(body)
            f.write(b"\n#%08x" % crc32(body))
        if hasattr(os, "sync"):
            os.sync()
        if read(path) != (data, True):
            raise ValueError
    except (OSError, ValueError):
        try:
            os.remove(path)
        except OSError:
            pass  # it was never written
        raise


def move(source, target):
    """Rename a file, whatever stands at the target."""
    try:
        os.rename(source, target)
    except OSError:
        # FAT does not rename onto a file, and what stands there may be a folder.
        for path in (target, source):
            try:
                os.remove(path)
                os.rename(source, target)
                return
            except OSError:
                pass  # neither is to be had: it is left where it is, or was never there
