"""The part of asyncio that the firmware uses, for a chip where asyncio's 2 KB are too many.

Coroutines take turns: each runs until it sleeps. There are no streams, no events, no
cancellation; what waits for a socket looks at it now and then. In a small chip's image this
module stands where the sources say `import asyncio` (tools/bundles.py).
"""

import sys
import time

_REST_MS = const(10)

_tasks = []  # coroutine, ticks of its next turn, and so on


class _Pause:
    """Awaited, it hands its milliseconds to run() and is done at the next turn. One serves all, as
    what is awaited is given up at once: so a pause costs no memory."""

    def __init__(self):
        self._ms = None
        self._over = StopIteration()

    def __call__(self, ms):
        self._ms = ms
        return self

    def __iter__(self):
        return self

    def __next__(self):
        ms = self._ms
        if ms is None:
            self._over.__traceback__ = None
            raise self._over
        self._ms = None
        return ms


sleep_ms = _Pause()


def sleep(seconds):
    """Pause a coroutine for whole seconds."""
    return sleep_ms(seconds * 1000)


def create_task(coroutine):
    """Let a coroutine take turns with the others."""
    _tasks.append(coroutine)
    _tasks.append(time.ticks_ms())


def run(main):
    """Run `main` to its end, and the others meanwhile. A task that fails is told and dropped."""
    create_task(main)
    while True:
        at = 0
        rest = _REST_MS
        while at < len(_tasks):
            left = time.ticks_diff(_tasks[at + 1], time.ticks_ms())
            if left > 0:
                rest = min(rest, left)
                at += 2
                continue
            task = _tasks[at]
            try:
                wait = task.send(None)
                _tasks[at + 1] = time.ticks_add(time.ticks_ms(), wait)
                rest = min(rest, wait)
                at += 2
                continue
            except StopIteration:
                if task is main:
                    _tasks.clear()
                    return
            except Exception as e:
                if task is main:
                    _tasks.clear()
                    raise
                sys.print_exception(e)
            del _tasks[at : at + 2]
        # The chip's own tasks, WiFi above all, run while this sleeps.
        time.sleep_ms(rest)
