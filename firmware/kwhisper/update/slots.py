"""The two places of a version, /slots/a and /slots/b: which runs, which is on trial.

/slot                the one that boot.py starts
/slot.try            an update on trial: "b01 0.7.0 lists broker"; the first word is boot.py's,
                     then its version, then what it has to reach as the version before it did
/slot.failed         the same, of one that was taken back
/slots/X/manifest    what a version says of itself: the first line of package.py's
/slots/new           what is being written; renamed when it is whole
/slot.alone          "- lists broker": the next start takes an update with the memory to itself;
                     for "-" an address that it is fetched from
/settings.json.back  the settings as they were before an update, while it is on trial
"""

import gc
import json
import os
from sys import implementation

from ..heap import room

_MPY = const(0x3FFF)  # above are flags of some builds
# Bytes of the heap that must be free for an update, when the code that writes it is loaded: those
# that check it, and what they take. With so many more the pages are served meanwhile.
_NEEDS = const(9000)
_BESIDE_PAGES = const(24000)
EVERYTHING = const(0x3FFFFFFF)

TRIAL = "/slot.try"
FAILED = "/slot.failed"
NEW = "/slots/new"
KEPT = "/settings.json.back"
ALONE = "/slot.alone"

before = []  # what the version that runs did, if it does less now to make room for an update
busy = []  # an update that is being written


def loads():
    """What .mpy files this MicroPython takes, as a number: their format and architecture."""
    return getattr(implementation, "_mpy", 0) & _MPY


def micropython():
    """The version of MicroPython: (1, 26, 1)."""
    return implementation.version[:3]


def running():
    """The letter of the slot that this code runs from, None if it lies elsewhere."""
    place = __file__.split("/")
    return place[2] if place[1] == "slots" else None


def other():
    """The letter of the other one."""
    return "a" if running() == "b" else "b"


def words(path):
    """The words of a small file; [] if there is none."""
    try:
        with open(path) as f:
            return f.read(300).split()
    except (OSError, UnicodeError):
        return []


def put(path, text):
    """Write a small file: a power cut leaves the old or the new."""
    with open("/slot.new", "w") as f:
        f.write(text)
    os.rename("/slot.new", path)


def remove(path):
    """Remove a file that may be there."""
    try:
        os.remove(path)
    except OSError:
        pass  # it is not


def about(slot):
    """What the version in a slot says of itself, {} if it says nothing."""
    try:
        with open("/slots/%s/manifest" % slot) as f:
            return json.loads(f.readline())
    except (OSError, ValueError):
        return {}


def clear(path):
    """Remove a folder and all in it; iterate it, as each step takes its time."""
    try:
        names = os.listdir(path)
    except OSError:
        return
    for name in names:
        below = path + "/" + name
        try:
            os.remove(below)
        except OSError:
            yield from clear(below)
        yield
    os.rmdir(path)


def wanted(status):
    """What this version does now: the new one has to do it as well."""
    if status.state == "update":
        return before
    found = []
    if status.state == "setup":
        found.append("setup")
    age = status.frame_age()
    if age is not None and age < 60:
        found.append("lists")
    if status.mqtt == "connected":
        found.append("broker")
    return found


def beside_pages(status):
    """Whether the pages can be served while an update comes in."""
    gc.collect()
    return status.state != "running" or gc.mem_free() >= _BESIDE_PAGES


def make_room(status, url="-", needs=_NEEDS):
    """None if there is memory for an update; else the words for the user: the device is to start
    anew, with the memory for it alone."""
    # What is being written is not broken off for another one: that is refused.
    if busy or status.state != "running" or room() >= needs:
        return None
    put(ALONE, url + " " + " ".join(wanted(status)))
    return "the device restarts to have the memory for it"


def begin_trial(version, does):
    """What lies in NEW is whole: from the next start on it is tried."""
    os.rename(NEW, "/slots/" + other())
    remove(KEPT)
    try:
        with open("/settings.json", "rb") as old, open(KEPT + ".new", "wb") as f:
            f.write(old.read())
        os.rename(KEPT + ".new", KEPT)
    except OSError:
        pass  # there are none yet
    put(TRIAL, "%s00 %s %s" % (other(), version, " ".join(does)))
    remove(FAILED)


def confirm():
    """What runs is on trial no more."""
    put("/slot", running())
    remove(TRIAL)
    remove(KEPT)
    remove(FAILED)


def give_up():
    """The next start is one of the old version."""
    known = words(TRIAL)
    put(TRIAL, " ".join([known[0][0] + "33"] + known[1:]))
