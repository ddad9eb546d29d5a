"""kWhisper's main program: builds the Device, chooses the mode, looks after its parts.

    setup_mode.py   no settings, or the button held at start, or settings that never led to a
                    connection: access point, captive portal, the set-up page
    running.py      meter ─▶ decoder ─▶ formats ─▶ broker, and the pages; run_mode.py builds it

A part that fails is counted and started again; one that the reading of the meter hangs on and
that keeps failing ends in a restart of the chip with the cause kept.
"""

import asyncio
import gc
import os
import sys
import time

import machine
from micropython import const

# A file may stand in for a built-in module: MicroPython looks for one at every import, in every
# folder, which takes longer than most of our own modules. Once is enough.
for module in "array binascii errno hashlib json os select socket struct time".split():
    sys.modules[module] = __import__(module)

from . import VERSION, board, fault_of, let_go  # noqa: E402
from .status import Status  # noqa: E402
from .storage import checked, settings  # noqa: E402

CAUSE = "/cause"  # why the last restart was wanted
SETUP = "/setup"  # the next start is a set-up; holds the reason
# A start or a set-up that hangs for so long ends. What reads the meter has a shorter bound.
HANGS_MS = const(300000)

_FAULTS = const(5)
_FAIL_S = const(2)
_QUICK_S = const(60)
_OPTIONAL_PAUSE_S = const(600)
_COLLECT_EVERY = const(4000)  # bytes
_LINES = const(8)
_KEEP_EVERY_S = const(60)  # a line of every failure would wear out the flash
_LEVELS = const("error warning info debug")  # the further back, the less important


class Device:
    """What every mode needs: settings, board, status, the console, and the way to a restart.

    settled(): called once, it tells the boot guard that this start was a good one.
    level: of the lines on the console, as in the settings.
    """

    def __init__(self, settled, boot_note):
        self._settled = settled
        self.goodbye = None  # a coroutine function: what a wanted restart waits for
        self.lines = []  # the newest of the log
        self.saved = 0  # so many of them are on flash
        self.kept_at = -_KEEP_EVERY_S
        self.syslog = self.failed = None  # where there are those
        self.settings = s = settings.load()
        self.board = b = board.pick(s["board"], s["pins"])
        s.wired = b.ethernet
        self.host = s["host_name"]  # mdns.py takes another one if a device has it already
        self.level = s["log_level"]
        self.status = Status(_cause(), b.name, VERSION)
        self.note("info", VERSION, "on", b.label, "- last reset:", self.status.reset_cause)
        for trouble in (boot_note, s.problem):
            if trouble:
                self.note("warning", trouble)
        s.problem = s.problem or boot_note

    def note(self, level, *words):
        """A line of the log and the console, of `level` ("error" … "debug"); words as for print().

        Secrets never get in: parts hand over their own words, and of exceptions fault_of()'s.
        """
        if _LEVELS.find(level) > _LEVELS.find(self.level):
            return
        line = " ".join(str(word) for word in words)
        print("kWhisper:", line)
        uptime = self.status.uptime()
        lines = self.lines
        lines.append("%d s %s: %s" % (uptime, level, line))
        if self.syslog:
            self.syslog.take(level, line)
        if level == "error" and uptime - self.kept_at > _KEEP_EVERY_S:
            self.kept_at = uptime
            self.keep_log()
        if len(lines) > _LINES:
            lines.pop(0)
            self.saved = max(0, self.saved - 1)

    def keep_log(self):
        """Write the lines that are not on flash yet."""
        try:
            from .journal import keep

            keep(self)
            # Seldom needed: 1.8 KB that others can use.
            del keep
            let_go("kwhisper.journal")
            let_go("kwhisper.storage.saving")
        except (OSError, MemoryError):
            pass  # a full flash or heap

    def settled(self):
        """This start was a good one, or its end is wanted."""
        if self._settled:
            self._settled()
            self._settled = None
            self.keep_log()  # how this start came about

    async def leave(self, why):
        """Restart because somebody wants it: after the answer to him, and a goodbye."""
        await asyncio.sleep(2)
        try:
            if self.goodbye:
                await self.goodbye()
        finally:
            self.restart(why)

    def restart(self, why, setup=None, failed=False):
        """Start the chip anew; `setup`: as a set-up, for that reason. failed: it is not wanted,
        this start came to a bad end: the boot guard counts it."""
        if not failed:
            self.settled()
        try:
            for path, text in ((CAUSE, why), (SETUP, setup)):
                if text:
                    checked.write(path, text.encode())
            self.note("error", "restart:", why)
            self.keep_log()
        except (OSError, MemoryError):
            pass  # a full flash or heap: the restart matters more than its cause
        finally:
            machine.reset()

    async def keep(self, name, part, optional=False):
        """Run the coroutine function `part`; when it fails, note it and run it again.

        One that keeps failing ends in a restart, an optional one is left alone for ten minutes.
        """
        faults = 0
        while True:
            began = self.status.uptime()  # over days ticks wrap
            try:
                await part()
                return
            except MemoryError:
                gc.collect()
                fault = None
            except Exception as e:
                sys.print_exception(e)
                fault = fault_of(e)
            self.status.restarts += 1
            why = name
            try:
                why = name + " failed: " + fault if fault else "out of memory in " + name
                self.note("error", why)
            except MemoryError:
                pass  # a part that is not started again matters more
            quick = self.status.uptime() - began < _QUICK_S
            faults = faults + 1 if quick else 1
            if faults >= _FAULTS:
                if not optional:
                    self.restart(why, None, True)
                try:
                    self.note("warning", name, "is switched off for ten minutes")
                except MemoryError:
                    pass
                await asyncio.sleep(_OPTIONAL_PAUSE_S)
                faults = 0
            await asyncio.sleep(faults)


def main(settled, boot_note=None, safe=False):
    """Start the firmware; called by main.py. Returns only to a developer's Ctrl-C, and then the
    watchdog, which nothing stops, leaves him what is left of its time.

    safe: starts failed, and it is to be the set-up, whatever the settings say."""
    device = None
    # Garbage is collected long before the heap is full of it: a full heap grows, and what it takes
    # the system's drivers lack.
    gc.threshold(_COLLECT_EVERY)
    try:
        machine.WDT(timeout=HANGS_MS)
        from .panel import held

        # Looked at before anything that could go wrong with what is on flash.
        button = board.pick().button
        pressed = held(button)
        device = Device(settled, boot_note)
        if device.board.button != button:
            pressed = pressed or held(device.board.button)
        reason = _take(SETUP)  # always: one that is left would open the set-up some other time
        if not device.settings.configured:
            reason = "not set up yet"
        if safe:
            reason = boot_note
        if pressed:
            reason = "the button was held"
        names = os.listdir("/")
        if reason:
            from .setup_mode import run
        elif "slot.alone" in names:
            from .update.alone import run
        else:
            from .running import run
        mode = run(device, reason)
        if "slot.try" in names:  # this version is on trial
            from .update.trial import watched

            mode = watched(device, mode)
        asyncio.run(mode)
        why = "the main task ended"
    except KeyboardInterrupt:
        raise
    except MemoryError:
        gc.collect()
        why = "out of memory"
    except Exception as e:
        sys.print_exception(e)
        why = "main task: " + fault_of(e)
    time.sleep(_FAIL_S)
    if device:
        device.restart(why, None, True)
    machine.reset()


def _cause():
    """ "HARD_RESET: settings": what the chip says, then what we wanted, if it was us."""
    code = machine.reset_cause()
    why = "unknown"
    for name in ("PWRON_RESET", "HARD_RESET", "WDT_RESET", "DEEPSLEEP_RESET", "SOFT_RESET"):
        if getattr(machine, name, None) == code:
            why = name
    wanted = _take(CAUSE)
    return why + ": " + wanted if wanted else why


def _take(path):
    """The text of a note to this start, which is torn up at once; "" when there is none."""
    text = checked.read(path)
    try:
        os.remove(path)
    except OSError:
        pass  # there was none
    return text.decode()
