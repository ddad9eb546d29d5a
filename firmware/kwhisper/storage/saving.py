"""Writes the settings file: aside, read back, renamed. Imported only when settings are saved."""

import json
import os

from .checked import crc32
from .settings import VERSION, read
from .table import SETTINGS, rows


def save(settings):
    """Write what is not the default. OSError, in words for the user, when the flash refuses: then
    the values are again what they were before change()."""
    data = {"version": VERSION}
    for row in rows(SETTINGS):
        name = row.get("name")
        # Not settings[name] of all: a seldom one is looked up in the table.
        if name in settings.values and settings[name] != row["default"]:
            data[name] = settings[name]
    before, settings.before = settings.before, None
    path = settings.path
    new, last = path + ".new", path + ".last"
    away(new)
    aside = False
    try:
        _write(new, data)
        try:
            # The one before is the last good copy, should a bit of the new one ever flip.
            read(path)
            move(path, last)
            aside = True
        except (OSError, ValueError):
            pass  # the first save; or no good copy
        move(new, path)
        settings.source = path
    except (OSError, ValueError, MemoryError) as e:
        settings.values = before or settings.values
        # As if nothing had been: the next start would take it.
        away(new)
        if aside:
            try:
                move(last, path)
            except OSError:
                settings.source = last
        why = str(e) or "read back wrong"
        raise OSError("the settings could not be written: " + why)


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
        away(path)
        raise


def move(source, target):
    """Rename a file or folder, whatever stands at the target; OSError if that fails."""
    try:
        os.rename(source, target)
    except OSError:
        # FAT does not rename onto a file, and what stands there may be a folder.
        os.stat(source)
        away(target)
        os.rename(source, target)


def away(path):
    """Remove a file, or a folder with all that is in it; what cannot be removed stays."""
    try:
        os.remove(path)
        return
    except OSError:
        pass  # not there, or a folder
    try:
        for name in os.listdir(path):
            away(path + "/" + name)
        os.rmdir(path)
    except OSError:
        pass  # it was not there, or the flash refuses
