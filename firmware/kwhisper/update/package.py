"""Takes an update, a .kwu file, piece by piece and writes it into the slot that does not run.

bytes      what
4          "kWu1"
4          bytes of the manifest, the highest first
256        signature of the manifest, see signature.py
…          manifest: a line of JSON about the version, then one for each file
…          the files, one behind the other in that order

{"version": "0.7.0", "arch": "xtensawin", "mpy": 11014, "micropython": "1.24", "guard": 2,
 "bytes": 208992, "flash": 442368}
{"path": "kwhisper/app.mpy", "size": 3456, "sha256": "…"}

Nothing is removed or chosen before the signature holds and all else fits. Each file is hashed as
it is read back from flash: what will run is what was signed.
"""

import asyncio
import gc
import json
import os
from binascii import hexlify
from hashlib import sha256

from .. import let_go
from . import Refused, slots

MANIFEST = "/slots/manifest"

_PIECE = const(1024)
_EEXIST = const(17)
_ENOSPC = const(28)  # no chip's module errno has it


async def install(device, more, length, older=False, buffer=None):
    """Take `length` bytes from the coroutine function more(memoryview), which returns how many it
    put there, 0 at the end. Returns the version, which the next start tries. older: one from
    before this one may be taken. buffer: for a piece, if there is one. Refused: nothing has
    changed, but for the slot that did not run.
    """
    if slots.busy:
        raise Refused("another update is being written")
    slots.busy.append(length)
    try:
        from .check import check

        view = memoryview(buffer or bytearray(_PIECE))
        version, wanted = await check(device, more, view, length, older)
        check = None
        let_go("kwhisper.update.check")
        let_go("kwhisper.update.signature")
        try:
            await _write(more, view)
        except (OSError, Refused) as e:
            await _clear()  # others need the place
            raise e
        slots.begin_trial(version, wanted)
        return version
    except OSError as e:
        if e.errno == _ENOSPC:
            raise Refused("the flash is full")
        raise Refused("the flash, or the connection, failed: %s" % e)
    finally:
        slots.busy.clear()
        slots.remove(MANIFEST)
        gc.collect()


async def fill(more, view):
    """Fill the view with what comes."""
    at = 0
    while at < len(view):
        n = await more(view[at:])
        if not n:
            raise Refused("the file ends too early")
        at += n


async def copy(more, size, path, view, digest=None):
    """Put what comes into a file; the meter is read in between."""
    with open(path, "wb") as f:
        while size:
            part = view[: min(size, _PIECE)]
            await fill(more, part)
            f.write(part)
            if digest:
                digest.update(part)
            size -= len(part)
            await asyncio.sleep_ms(0)


async def _clear():
    for _ in slots.clear(slots.NEW):
        await asyncio.sleep_ms(0)


async def _write(more, view):
    new = slots.NEW
    await _clear()
    try:
        # A slot that is there is whole: boot.py may take it at any time.
        os.rename("/slots/" + slots.other(), new)
        await _clear()
    except OSError:
        pass  # it was empty
    os.mkdir(new)
    folder = ""
    with open(MANIFEST) as lines:
        lines.readline()
        for line in lines:
            row = json.loads(line)
            path = row["path"]
            if path.rpartition("/")[0] != folder:
                folder = path.rpartition("/")[0]
                at = 0
                while at >= 0:
                    at = folder.find("/", at + 1)
                    try:
                        os.mkdir(new + "/" + (folder[:at] if at > 0 else folder))
                    except OSError as e:
                        if e.errno != _EEXIST:
                            raise
            path = new + "/" + path
            await copy(more, row["size"], path, view)
            digest = sha256()
            with open(path, "rb") as f:
                n = 1
                while n:
                    n = f.readinto(view)
                    digest.update(view[:n])
                    await asyncio.sleep_ms(0)
            if hexlify(digest.digest()).decode() != row["sha256"]:
                raise Refused("%s is damaged: send the update again" % row["path"])
    # What is asked of it later is its first line: the rest takes seven blocks of flash.
    with open(MANIFEST) as lines, open(new + "/manifest", "w") as f:
        f.write(lines.readline())
