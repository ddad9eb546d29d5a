"""Cuts the power at an operation of the flash while a version is brought, tried, confirmed or
given up; on MicroPython, whose littlefs is the chip's: cut_worker.py FOLDER FIRST STEP.

FOLDER holds boot.py, key.pem, and the updates earlier.kwu, old.kwu and new.kwu. The flash is a
block device in memory. Its operation number n is torn in one of four ways, and nothing more
happens until the next start, which mounts the flash anew. Prints a JSON object of counts.
"""

import builtins
import hashlib
import io
import json
import os
import sys
from binascii import hexlify

import vfs

folder, first, step = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
sys.path[:0] = sys.argv[4:]

BLOCK, BLOCKS = 4096, 96
NOTHING, HALF, RUBBISH, ALL = range(4)
WAYS = {NOTHING: "nothing", HALF: "half", RUBBISH: "rubbish", ALL: "all"}
SETTINGS = b'{"version": 1, "wifi_ssid": "Fjellheim"}\n#00000000'
MIGRATED = b'{"version": 2, "wifi": [{"ssid": "Fjellheim"}]}\n#00000000'


EIO = -5


class Cut(BaseException):
    """The power is gone. What runs on all the same, to its next `finally`, reaches no flash."""


class Flash:
    """A block device that counts what changes it."""

    def __init__(self, data=None):
        self.data = data or bytearray(b"\xff" * (BLOCK * BLOCKS))
        self.count = 0
        self.cut_at = self.way = None
        self.dead = False

    def readblocks(self, block, buf, offset=0):
        if self.dead:
            return EIO
        at = block * BLOCK + offset
        buf[:] = memoryview(self.data)[at : at + len(buf)]

    def writeblocks(self, block, buf, offset=0):
        return self._change(block * BLOCK + offset, buf)

    def ioctl(self, what, block):
        if what == 4:
            return BLOCKS
        if what == 5:
            return BLOCK
        if what == 6:
            return self._change(block * BLOCK, ERASED)
        return 0

    def _change(self, at, new):
        # Without an allocation: the collector closes what the cut left open, too.
        if self.dead:
            return EIO
        self.count += 1
        size = len(new)
        if self.count == self.cut_at:
            self.dead = True
            if self.way == HALF:
                size //= 2
            elif self.way == NOTHING:
                size = 0
            elif self.way == RUBBISH:
                # Cells that were on their way: neither the old nor the new.
                new = bytes(b ^ 0x5A if i % 3 else b for i, b in enumerate(new))
            self.data[at : at + size] = memoryview(new)[:size]
            raise Cut
        self.data[at : at + size] = new
        return 0


ERASED = b"\xff" * BLOCK


def whole(name):
    with open("/.real" + folder + "/" + name, "rb") as f:
        return f.read()


class Rtc:
    def memory(self, data=None):
        if data is None:
            return Machine.kept
        Machine.kept = data


class Timer:
    ONE_SHOT = 0

    def __init__(self, number):
        pass

    def init(self, **_):
        pass

    def deinit(self):
        pass


class Machine:
    PWRON_RESET, HARD_RESET, DEEPSLEEP_RESET = 1, 2, 4
    RTC, Timer = Rtc, Timer
    kept = b""
    cause = 1

    @staticmethod
    def reset_cause():
        return Machine.cause


class Status:
    version = "0.1.0"
    state = "running"
    mqtt = "off"
    supply_mv = None

    def frame_age(self):
        return 3


class Board:
    supply = None


class Device:
    status = Status()
    board = Board()
    settings = {"update_key": ""}


class Asyncio:
    @staticmethod
    async def sleep_ms(n):
        pass


sys.modules["machine"] = Machine
builtins.const = lambda value: value
vfs.umount("/")
vfs.mount(vfs.VfsPosix(), "/.real")
sys.path[:] = ["/.real" + p for p in sys.path if p[:1] == "/"] + [".frozen"]

from kwhisper.update import check, package, slots  # noqa: E402

package.asyncio = Asyncio
package.let_go = lambda *names: None  # its key stays the one below
check._KEY = "/.real" + folder + "/key.pem"
UPDATE, OLD, EARLIER = whole("new.kwu"), whole("old.kwu"), whole("earlier.kwu")
BOOT = whole("boot.py")
VERSION = {}


def rows_of(update):
    size = int.from_bytes(update[4:8], "big")
    told = update[264 : 264 + size]
    return told, [json.loads(line) for line in told.split(b"\n") if line]


def lay(update, slot):
    told, rows = rows_of(update)
    at = 264 + len(told)
    for row in rows[1:]:
        path = "/slots/" + slot
        parts = row["path"].split("/")
        for part in [""] + parts[:-1]:
            path += "/" + part if part else ""
            try:
                os.mkdir(path)
            except OSError:
                pass
        with open(path + "/" + parts[-1], "wb") as f:
            f.write(update[at : at + row["size"]])
        at += row["size"]
    with open("/slots/" + slot + "/manifest", "wb") as f:
        f.write(told.split(b"\n")[0] + b"\n")


def version_of(slot):
    """The version in a slot, all of whose files are what they should be."""
    with open("/slots/" + slot + "/manifest") as f:
        version = json.loads(f.readline())["version"]
        assert not f.read()
    for update in (UPDATE, OLD, EARLIER):
        head, *rows = rows_of(update)[1]
        if head["version"] == version:
            for row in rows:
                with open("/slots/" + slot + "/" + row["path"], "rb") as part:
                    digest = hexlify(hashlib.sha256(part.read()).digest()).decode()
                assert digest == row["sha256"], row["path"]
            return version
    raise AssertionError(version)


def mount(flash):
    try:
        vfs.umount("/")
    except OSError:
        pass
    vfs.mount(vfs.VfsLfs2(flash), "/")


def start(cold=True):
    """What boot.py makes of the flash: the slot that is started."""
    if cold:
        Machine.kept, Machine.cause = b"", Machine.PWRON_RESET
    else:
        Machine.cause = Machine.HARD_RESET
    path = list(sys.path)
    try:
        space = {"__name__": "__main__"}
        exec(BOOT, space)
        assert space["start"] and not space["safe"], space["boot_note"]
        slot = sys.path[0].split("/")[2]
    finally:
        sys.path[:] = path
    slots.__file__ = "/slots/" + slot + "/kwhisper/update/slots.mpy"
    Status.version = version_of(slot)
    return slot, space


def run(coroutine):
    try:
        while True:
            coroutine.send(None)
    except StopIteration as e:
        return e.value


def bring():
    source = io.BytesIO(UPDATE)

    async def more(view):
        return source.readinto(view)

    return run(package.install(Device, more, len(UPDATE)))


def on_trial():
    return bool(slots.words(slots.TRIAL))


def story_confirmed():
    start()
    bring()
    start(False)
    slots.confirm()
    start()


def story_given_up():
    start()
    bring()
    for n in range(5):
        start(False)
        if on_trial() and n == 1:
            # The new version writes the settings in its own manner.
            with open("/settings.json", "wb") as f:
                f.write(MIGRATED)


def read(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError:
        return None


def after(counts, new_is_good):
    """The next start after the cut; what runs is whole, and all goes on from there."""
    slot, space = start()
    version = version_of(slot)
    assert version in ("0.1.0", "0.2.0"), version
    counts[version] = counts.get(version, 0) + 1
    assert read("/settings.json") in (SETTINGS, MIGRATED)
    if on_trial():
        assert version == "0.2.0"
        if new_is_good:
            slots.confirm()
            slot, _ = start()
            assert version_of(slot) == "0.2.0" and not on_trial()
        else:
            for _ in range(3):
                slot, space = start(False)
            assert version_of(slot) == "0.1.0", "a bad one goes back"
            assert "0.2.0" in space["boot_note"], space["boot_note"]
            assert read("/settings.json") == SETTINGS
            assert read(slots.KEPT) is None
    # Whatever it was, another try works.
    if version_of(slot) == "0.1.0":
        slots.busy.clear()
        assert bring() == "0.2.0"
        slot, _ = start()
        assert version_of(slot) == "0.2.0" and on_trial()


def fill_up(left):
    """A flash with so few blocks left that the new version does not fit."""
    with open("/filler", "wb") as f:
        while os.statvfs("/")[3] > left:
            f.write(b"x" * BLOCK)


flash = Flash()
vfs.VfsLfs2.mkfs(flash)
mount(flash)
os.mkdir("/slots")
lay(OLD, "a")
lay(EARLIER, "b")
for name, text in (("/boot.py", BOOT), ("/settings.json", SETTINGS), ("/slot", b"a")):
    with open(name, "wb") as f:
        f.write(text)
vfs.umount("/")
begin = bytes(flash.data)

found = {"cuts": 0, "full": 0}
for left in range(24):
    # Whatever the file says of its size: the flash may be fuller than it seems.
    mount(Flash(bytearray(begin)))
    slots.busy.clear()
    start()
    for _ in slots.clear("/slots/b"):
        pass
    fill_up(left)
    fits, check._fits = check._fits, lambda *_: None
    try:
        bring()
        slot = start()[0]
        assert on_trial() and version_of(slot) == "0.2.0"
    except package.Refused as e:
        assert str(e) == "the flash is full", e
        found["full"] += 1
        slot = start()[0]
        assert slot == "a" and version_of(slot) == "0.1.0" and not on_trial()
        assert "new" not in os.listdir("/slots")
        # With room again it works.
        os.remove("/filler")
        assert bring() == "0.2.0"
        assert version_of(start()[0]) == "0.2.0"
    check._fits = fits
for story, good in ((story_confirmed, True), (story_given_up, False)):
    flash = Flash(bytearray(begin))
    mount(flash)
    story()
    total = flash.count
    found[story.__name__] = total
    assert version_of(start()[0]) == ("0.2.0" if good else "0.1.0")
    for n in range(first, total + 1, step):
        for way in WAYS if step < 5 else (n % 4,):
            flash = Flash(bytearray(begin))
            flash.cut_at, flash.way = n, way
            mount(flash)
            slots.busy.clear()
            try:
                story()
            except BaseException as e:
                if not flash.dead:
                    raise e
            assert flash.dead, "no cut"
            mount(Flash(flash.data))
            try:
                after(found, good)
            except Exception as e:
                print("cut", n, "of", total, "in", story.__name__, WAYS[way])
                raise e
            found["cuts"] += 1
print(json.dumps(found))
