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
import errno
import gc
import json
import os
from binascii import hexlify
from hashlib import sha256

from . import Refused, signature, slots

_PIECE = const(1024)
_HEAD = const(264)
_MANIFEST_MOST = const(32768)
_SUPPLY_MV = const(3200)
_MANIFEST = const("/slots/manifest")
_KEY = __file__.rpartition("/")[0] + "/project.pem"

busy = []  # an update that is being written


async def install(device, more, length, older=False):
    """Take `length` bytes from the coroutine function more(memoryview), which returns how many it
    put there, 0 at the end. Returns the version, which the next start tries. older: one from
    before this one may be taken. Refused: nothing has changed, but for the slot that did not run.
    """
    if busy:
        raise Refused("another update is being written")
    _may(device)
    busy.append(length)
    try:
        view = memoryview(bytearray(_PIECE))
        head = await _manifest(device, more, view)
        _fits(head, length, older, device.status.version)
        wanted = _wanted(device.status)
        try:
            await _write(more, view)
        except (OSError, Refused) as e:
            await _clear()  # others need the place
            raise e
        slots.begin_trial(head["version"], wanted)
        return head["version"]
    except OSError as e:
        if e.errno == errno.ENOSPC:
            raise Refused("the flash is full")
        raise Refused("the flash, or the connection, failed: %s" % e)
    finally:
        busy.clear()
        slots.remove(_MANIFEST)
        gc.collect()


def _may(device):
    if not slots.running():
        raise Refused("this device has no slots: put the version on with `kwhisper flash`")
    if slots.words(slots.TRIAL):
        raise Refused("an update is on trial: wait until it is confirmed, some minutes at most")
    if device.board.supply:
        from ..power.supply import Supply

        mv = Supply(device.board.supply).mv()
        if mv < _SUPPLY_MV:
            raise Refused("the supply is low: %d mV, %d are needed" % (mv, _SUPPLY_MV))


async def _fill(more, view):
    at = 0
    while at < len(view):
        n = await more(view[at:])
        if not n:
            raise Refused("the file ends too early")
        at += n


async def _copy(more, size, path, view, digest=None):
    # What comes into a file; the meter is read in between.
    with open(path, "wb") as f:
        while size:
            part = view[: min(size, _PIECE)]
            await _fill(more, part)
            f.write(part)
            if digest:
                digest.update(part)
            size -= len(part)
            await asyncio.sleep_ms(0)


async def _manifest(device, more, view):
    """The first line of a manifest that somebody signed whom this device trusts."""
    await _fill(more, view[:_HEAD])
    size = int.from_bytes(view[4:8], "big")
    if view[:4] != b"kWu1" or size > _MANIFEST_MOST:
        raise Refused("this is no update of kWhisper (a .kwu file)")
    signed = bytes(view[8:_HEAD])
    digest = sha256()
    await _copy(more, size, _MANIFEST, view, digest)
    digest = digest.digest()
    if signed == bytes(signature.SIZE):
        raise Refused("it is not signed: `kwhisper sign` does that")
    with open(_KEY) as f:
        trusted = signature.holds(signed, digest, f.read())
    own = device.settings["update_key"]
    if not trusted and not (own and signature.holds(signed, digest, own)):
        raise Refused("it is signed with a key that this device does not trust")
    with open(_MANIFEST) as f:
        return json.loads(f.readline())


def _fits(head, length, older, version):
    if length != head["bytes"]:
        raise Refused("the file has %d bytes and should have %d" % (length, head["bytes"]))
    if head["mpy"] != slots.loads():
        raise Refused("it is for another chip: " + head["arch"])
    if _figures(head["micropython"]) > list(slots.micropython()):
        raise Refused("it needs MicroPython %s: `kwhisper flash` brings it" % head["micropython"])
    try:
        with open("/boot.py") as f:
            guard = int(f.readline().split()[-1])
    except (OSError, ValueError, IndexError):
        guard = 0
    if guard < head["guard"]:
        raise Refused("it needs a newer boot.py: put it on with `kwhisper flash`")
    if not older and _figures(head["version"]) < _figures(version):
        raise Refused("%s is older than %s, which runs" % (head["version"], version))
    flash = os.statvfs("/slots")
    # In the place of what the other slot holds, if that is known.
    free = flash[0] * flash[3] + slots.about(slots.other()).get("flash", 0)
    if free < head["flash"]:
        raise Refused("the flash is full: %d bytes are free, it needs %d" % (free, head["flash"]))


def _figures(version):
    # "0.7.0-beta" as [0, 7, 0]
    return [int(n) for n in version.split("-")[0].split(".")]


def _wanted(status):
    # What this version does now, the new one has to do as well.
    wanted = []
    if status.state == "setup":
        wanted.append("setup")
    age = status.frame_age()
    if age is not None and age < 60:
        wanted.append("lists")
    if status.mqtt == "connected":
        wanted.append("broker")
    return wanted


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
    with open(_MANIFEST) as lines:
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
                        if e.errno != errno.EEXIST:
                            raise
            path = new + "/" + path
            await _copy(more, row["size"], path, view)
            digest = sha256()
            with open(path, "rb") as f:
                n = 1
                while n:
                    n = f.readinto(view)
                    digest.update(view[:n])
                    await asyncio.sleep_ms(0)
            if hexlify(digest.digest()).decode() != row["sha256"]:
                raise Refused("%s is damaged: send the update again" % row["path"])
    os.rename(_MANIFEST, new + "/manifest")
