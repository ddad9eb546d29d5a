# First code on the chip: the boot guard. It imports nothing of ours, as that may be broken.
#
# Every start counts as failed until the firmware says otherwise by calling settled(), which it
# does after a minute of work and before a restart it wants itself. The count lives in RTC memory,
# which a crash or the watchdog leaves alone and a power cut clears; without it, in a file.
# After three failed starts the other slot is taken, and if there is none (or it failed too) safe
# mode: the console stays free, and after a while one more try.
#
# Slots: on the ESP8266 the two halves of the ROMFS partition, elsewhere the folders /slots/a and
# /slots/b. /slot names the one to start: "a" or "b". A device without slots runs what lies in /.
import os
import sys

import machine

_FAILURES = 3
_MAGIC = b"kW"
_ROMFS_MAGIC = b"\xd2\xcd\x31"
_SLOT_B = 0x28000
_SAFE_MODE_MS = 300000


def _count_read():
    # After a power cut the RTC memory of some chips holds anything at all: magic and complement.
    try:
        m = machine.RTC().memory()
        if len(m) >= 4 and bytes(m[:2]) == _MAGIC and m[2] ^ m[3] == 255:
            return m[2]
        return 0
    except (AttributeError, ValueError, OSError):
        pass  # no RTC memory here
    if machine.reset_cause() == getattr(machine, "PWRON_RESET", None):
        return 0
    try:
        with open("/starts") as f:
            return int(f.read(3))
    except (OSError, ValueError):
        return 0


def _count_write(n):
    try:
        rtc = machine.RTC()
        # What other parts keep behind our four bytes stays as it is.
        rtc.memory(_MAGIC + bytes((n, n ^ 255)) + bytes(rtc.memory())[4:])
    except (AttributeError, ValueError, OSError):
        try:
            with open("/starts", "w") as f:
                f.write(str(n))
        except OSError:
            pass  # a full or broken flash must not keep the device from starting


def settled():
    """This start was a good one, or its end is wanted. Once: what it needs is let go, as on a
    small chip it takes half a kilobyte."""
    global _count_read, _count_write
    if _count_read():
        _count_write(0)
    del _count_read, _count_write


def _slots():
    # [(name, how to mount it)]: only those that hold something.
    found = []
    try:
        import vfs

        rom = memoryview(vfs.rom_ioctl(2, 0))
        for name, start in (("a", 0), ("b", _SLOT_B)):
            if bytes(rom[start : start + 3]) == _ROMFS_MAGIC:
                found.append((name, rom[start:]))
    except (ImportError, AttributeError, OSError, TypeError):
        for name in "ab":
            try:
                os.stat("/slots/" + name + "/kwhisper")
                found.append((name, None))
            except OSError:
                pass  # an empty slot
    return found


def _mount(slot, rom):
    if rom is None:
        top = "/slots/" + slot
    else:
        import vfs

        top = "/rom"
        try:
            vfs.umount(top)  # the firmware mounted the first image by itself
        except OSError:
            pass  # or found none there
        vfs.mount(vfs.VfsRom(rom), top)
    sys.path[:] = [top, top + "/lib"] + [p for p in sys.path if p not in (top, top + "/lib")]


def _guard():
    """Choose and mount a slot; returns (whether to start, what to tell the journal)."""
    failures = _count_read()
    slots = _slots()
    try:
        with open("/slot", "rb") as f:
            chosen = f.read(1).decode()
    except (OSError, UnicodeError):
        chosen = "a"
    told = None
    if failures >= _FAILURES:
        others = [s for s in slots if s[0] != chosen]
        # From the third failure of the second slot on, the count stands above twice the limit.
        if failures >= 2 * _FAILURES or not others:
            _count_write(0)
            return False, "safe mode after " + str(failures) + " failed starts"
        if failures == _FAILURES:
            chosen = others[0][0]
            told = "went back to slot " + chosen + " after failed starts"
            try:
                with open("/slot.new", "w") as f:
                    f.write(chosen)
                os.rename("/slot.new", "/slot")
            except OSError:
                pass  # a full flash: it is chosen for this start alone
    _count_write(failures + 1)
    if slots:
        named = [s for s in slots if s[0] == chosen]
        _mount(*(named or slots)[0])
    return True, told


def _safe_mode():
    import time

    print("kWhisper:", boot_note, "- Ctrl-C gives the console; next try in 5 minutes")
    try:
        time.sleep_ms(_SAFE_MODE_MS)
    except KeyboardInterrupt:
        return
    machine.reset()


if __name__ == "__main__":
    start, boot_note = True, None
    try:
        start, boot_note = _guard()
    except Exception as e:
        boot_note = "boot guard: " + repr(e)
    if not start:
        _safe_mode()
    del _guard, _mount, _slots, _safe_mode
