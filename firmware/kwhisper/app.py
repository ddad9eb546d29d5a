"""kWhisper's main program: what both modes stand on.

    start.py     the first seconds, then forgotten
    setmode.py   set-up: no settings, or the button held at start, or settings that never led to a
                 connection. Access point, captive portal, the form
    runmode.py   run: port ─▶ decoder ─▶ publisher ─▶ broker, and the live page
    lean/        the same on a small chip

These four know every part and hand each what it needs; the parts know nothing of one another. The
two modes load different modules, so that each fits a small chip. A part that fails is counted and
started again; one that keeps failing ends in a restart of the chip with the cause kept.
"""

import gc
import sys
import time

import machine
from micropython import const

CAUSE = "/cause"  # why the last restart was wanted
SETUP = "/setup"  # the next start is a set-up; holds the reason

_FAULTS = const(5)
_FAIL_S = const(2)
_QUICK_MS = const(60000)


class Device:
    """What every mode needs: settings, board, status, journal, and the way to a restart."""

    def __init__(self, guard):
        self._guard = guard
        self.settings = self.board = self.status = self.journal = None
        self.note = print  # until there is a journal
        self.supply = None  # on boards that can measure it
        self.live = None

    def settled(self):
        """This start was a good one, or its end is wanted: told to the boot guard once."""
        if self._guard:
            self._guard.pop()()

    def restart(self, why, setup=None):
        """Start the chip anew because somebody wants it; `setup`: as a set-up, for that reason."""
        self.settled()
        self.fail(why, setup)

    def fail(self, why, setup=None):
        """Start the chip anew because this start came to a bad end: the boot guard counts it."""
        self.note("error", "restart:", why)
        try:
            for path, text in ((CAUSE, why), (SETUP, setup)):
                if text:
                    with open(path, "w") as f:
                        f.write(text)
        except OSError:
            pass  # a full flash: the restart matters more than its cause
        machine.reset()

    async def keep(self, name, part):
        """Run the coroutine function `part`; when it fails, note it and run it again."""
        import asyncio

        faults = 0
        while True:
            began = time.ticks_ms()
            try:
                await part()
                return
            except MemoryError:
                gc.collect()
                why = "out of memory in " + name
            except Exception as e:
                sys.print_exception(e)
                why = name + " failed: " + type(e).__name__
            self.status.restarts += 1
            self.note("error", why)
            quick = time.ticks_diff(time.ticks_ms(), began) < _QUICK_MS
            faults = faults + 1 if quick else 1
            if faults >= _FAULTS:
                self.fail(why)
            await asyncio.sleep(faults)


def forget(name):
    """Let a module go that has done its work; whoever holds a part of it keeps that part."""
    package = __name__.rpartition(".")[0]
    sys.modules.pop(package + "." + name, None)
    sys.modules[package].__dict__.pop(name, None)


def main(guard, boot_note=None):
    """Start the firmware; called by main.py. Returns only to a developer's Ctrl-C.

    guard: a list that holds boot.py's settled() and nothing else does: it is taken out for its
    one call.
    """
    device = Device(guard)
    try:
        from .start import begin

        reason = begin(device, boot_note)
        del begin
        forget("start")
        forget("board")
        gc.collect()
        if reason:
            import asyncio

            from .setmode import setup

            asyncio.run(setup(device, reason))
        else:
            if device.board.small:
                from .lean.words import names

                names()
            # First and from here: its imports go deep, and the stack of a small chip does not.
            import meterwire  # noqa: F401

            if device.board.small:
                from .lean.run import run

                run(device)
            else:
                import asyncio

                from .runmode import run

                asyncio.run(run(device))
        why = "the main task ended"
    except KeyboardInterrupt:
        raise
    except MemoryError:
        gc.collect()
        why = "out of memory"
    except Exception as e:
        sys.print_exception(e)
        why = "main task: " + type(e).__name__
    time.sleep(_FAIL_S)
    device.fail(why)
