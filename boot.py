# boot guard 2
# First code on the chip. It imports nothing of ours, as that may be broken.
#
# Every start counts as failed until the firmware says otherwise by calling settled(), which it
# does after a minute of work and before a restart it wants itself. The count lives in RTC memory,
# which a crash or the watchdog leaves alone and a power cut clears; without it, in a file.
# After three failed starts the other slot is taken. If there is none, or it failed as often, safe
# mode: the set-up, whatever the settings say, of one slot and then the other. If that fails three
# times as well the console stays free, and after a while all begins anew.
#
# Slots: on the ESP8266 the two halves of the ROMFS partition, elsewhere the folders /slots/a and
# /slots/b. /slot names the one to start: "a" or "b". A device without slots runs what lies in /.
#
# An update is on trial: /slot.try says "b12 0.7.0 …", the slot, its failed starts, all its starts,
# its version. /slot goes on naming the old one until the firmware writes it anew and removes
# /slot.try. Counted on flash, so that no power cut clears it: after three failed starts, or nine
# in all, /slot.try becomes /slot.failed, and the old slot runs, with the settings it had.
import os
import sys

import machine

_FAILURES = const(3)
_STARTS = const(9)  # a figure of one digit
_MAGIC = const(b"kW")
_ROMFS_MAGIC = const(b"\xd2\xcd\x31")
_SLOT_B = const(0x28000)
_SAFE_MODE_MS = const(300000)
_TRIAL_MS = const(420000)  # below 2**32 of a timer's ticks; the firmware ends a trial sooner
_TRIAL = const("/slot.try")
_FAILED = const("/slot.failed")

_on_trial = None  # words of /slot.try, of this start


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


class _Settled:
    """settled(): this start was a good one, or its end is wanted. Once: then what is left of this
    file is let go, as it takes a kilobyte. No function would do: main.py keeps what it calls."""

    def __call__(self):
        global _count_read, _count_write, _on_trial
        if _on_trial:
            # It does not count as failed; only the firmware, having looked longer, ends a trial.
            if _words(_TRIAL):
                _write_words(_TRIAL, _on_trial)
        elif _count_read():
            _count_write(0)
        del _count_read, _count_write, _on_trial
        _Settled.__call__ = None  # deleted, it would still hold it


def _words(path):
    # Of a file that the firmware or we wrote; [] if there is none, or rubbish in it.
    try:
        with open(path, "rb") as f:
            words = f.read(80).decode().split()
    except (OSError, UnicodeError):
        return []
    good = words and len(words[0]) == 3 and words[0][0] in "ab" and words[0][1:].isdigit()
    return words if good else []


def _write_words(path, words):
    # Written aside: a power cut leaves the old or the new.
    try:
        with open("/slot.new", "w") as f:
            f.write(" ".join(words))
        os.rename("/slot.new", path)
    except OSError:
        pass  # a full flash: it holds for this start alone


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


def _try(slots):
    """The slot that is on trial and may have another start, or None."""
    global _on_trial
    words = _words(_TRIAL)
    if not words:
        return None
    _count_write(0)  # what it counted was not of this version
    slot, failures, starts = words[0]
    failures, starts = int(failures), int(starts)
    if failures >= _FAILURES or starts >= _STARTS or slot not in (s[0] for s in slots):
        try:
            os.rename("/settings.json.back", "/settings.json")
        except OSError:
            pass  # put back already, or there were none
        try:
            os.rename(_TRIAL, _FAILED)
        except OSError:
            pass  # it is given up all the same, at each start
        return None
    if machine.reset_cause() != getattr(machine, "DEEPSLEEP_RESET", None):
        # Sleeping until the supply has recovered is no failure, and may take hours.
        starts += 1
        failed = slot + str(failures + 1) + str(starts)
        _write_words(_TRIAL, [failed] + words[1:])
    _on_trial = [slot + str(failures) + str(starts)] + words[1:]
    try:
        timer = machine.Timer(0 if sys.platform == "esp32" else -1)
        end = lambda _: machine.reset()  # noqa: E731 (nothing of it stays where no trial is)
        timer.init(period=_TRIAL_MS, mode=machine.Timer.ONE_SHOT, callback=end)
    except (AttributeError, ValueError, OSError):
        pass  # no timer to be had: the firmware's own watchdog must do
    return slot


def _guard():
    """Choose and mount a slot; returns (whether to start, what to tell the journal)."""
    global safe
    slots = _slots()
    on_trial = _try(slots)
    if on_trial:
        _mount(*[s for s in slots if s[0] == on_trial][0])
        return True, None
    failures = _count_read()
    try:
        with open("/slot", "rb") as f:
            chosen = f.read(1).decode()
    except (OSError, UnicodeError):
        chosen = "a"
    told = None
    if failures >= _FAILURES:
        others = [s for s in slots if s[0] != chosen]
        step = failures // _FAILURES + (0 if others else 1)
        safe = step >= 2
        if safe:
            told = "safe mode after " + str(failures) + " failed starts"
        if step > 2:
            _count_write(0)
            return False, told
        if safe and slots:
            chosen = slots[failures % len(slots)][0]
        elif failures == _FAILURES and others:
            _write_words(_FAILED, [chosen + "33"])
            chosen = others[0][0]
            _write_words("/slot", [chosen])
    _count_write(failures + 1)
    if slots:
        named = [s for s in slots if s[0] == chosen]
        _mount(*(named or slots)[0])
    failed = _words(_FAILED)
    if failed and not safe:
        told = "went back to slot " + chosen + " after failed starts of "
        told += failed[1] if len(failed) > 1 else "slot " + failed[0][0]
    return True, told


def _safe_mode():
    import time

    print("kWhisper:", boot_note, "- Ctrl-C gives the console; next try in 5 minutes")
    try:
        time.sleep_ms(_SAFE_MODE_MS)
    except KeyboardInterrupt:
        return
    machine.reset()


settled = _Settled()

if __name__ == "__main__":
    start, safe, boot_note = True, False, None
    try:
        start, boot_note = _guard()
    except Exception as e:
        boot_note = "boot guard: " + repr(e)
    if not start:
        _safe_mode()
    del _guard, _mount, _slots, _safe_mode, _try
    if not _on_trial:
        del _words, _write_words
