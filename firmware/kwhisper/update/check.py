"""What is looked at before anything but the manifest is written: may an update be taken at all,
who signed it, is it for this device. package.py lets go of this module before it writes.
"""

import json
import os
from hashlib import sha256

from . import Refused, signature, slots
from .package import MANIFEST, copy, fill

_HEAD = const(264)
_MANIFEST_MOST = const(32768)
_SUPPLY_MV = const(3200)
_FOLDER = const(0x4000)
_KEY = __file__.rpartition("/")[0] + "/project.pem"


async def check(device, more, view, length, older):
    """(the version that is to come, what it has to reach); the manifest lies in MANIFEST."""
    _may(device)
    head = await _manifest(device, more, view)
    _fits(head, length, older, device.status.version)
    return head["version"], slots.wanted(device.status)


def _may(device):
    if not slots.running():
        raise Refused("this device has no slots: install the version with `kwhisper flash`")
    if slots.words(slots.TRIAL):
        raise Refused("an update is on trial: wait until it is confirmed, some minutes at most")
    mv = device.status.supply_mv
    if device.board.supply:
        from ..power.supply import Supply

        mv = Supply(device.board.supply).mv()
    if mv is not None and mv < _SUPPLY_MV:
        raise Refused("the supply is low: %d mV, %d are needed" % (mv, _SUPPLY_MV))


async def _manifest(device, more, view):
    """The first line of a manifest that somebody signed whom this device trusts."""
    await fill(more, view[:_HEAD])
    size = int.from_bytes(view[4:8], "big")
    if view[:4] != b"kWu1" or size > _MANIFEST_MOST:
        raise Refused("this is not a kWhisper update (.kwu file)")
    signed = bytes(view[8:_HEAD])
    digest = sha256()
    await copy(more, size, MANIFEST, view, digest)
    digest = digest.digest()
    if signed == bytes(signature.SIZE):
        raise Refused("it is not signed: `kwhisper sign` does that")
    with open(_KEY) as f:
        trusted = signature.holds(signed, digest, f.read())
    own = device.settings["update_key"]
    if not trusted and not (own and signature.holds(signed, digest, own)):
        raise Refused("it is signed with a key that this device does not trust")
    with open(MANIFEST) as f:
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
        raise Refused("it needs a newer boot.py: install that with `kwhisper flash`")
    if not older and _figures(head["version"]) < _figures(version):
        raise Refused("%s is older than %s, which runs" % (head["version"], version))
    flash = os.statvfs("/slots")
    # littlefs counts each folder's two blocks twice: what is free may be below 0, told unsigned.
    free = flash[0] * ((flash[3] + 2 * _folders("/slots")) & 0xFFFFFFFF)
    # In the place of what the other slot holds, if that is known.
    free += slots.about(slots.other()).get("flash", 0)
    if free < head["flash"]:
        raise Refused("the flash is full: %d bytes are free, it needs %d" % (free, head["flash"]))


def _folders(path):
    n = 0
    for row in os.ilistdir(path):
        if row[1] & _FOLDER:
            n += 1 + _folders(path + "/" + row[0])
    return n


def _figures(version):
    # "0.7.0-beta" as [0, 7, 0]
    return [int(n) for n in version.split("-")[0].split(".")]
