"""Makes a pretended chip a model of an ESP32's memory; see kwhisper_tools.host.esp32.

Loaded by start.py when KWHISPER_MODEL is set, before boot.py. What a chip has in C or frozen is
loaded here, so that it counts to the base. From then on, whenever all tasks of the firmware wait:
a file /.state/watch has the heap looked at, /.state/probe has the console say what was seen.
"""

import gc
import os
import sys
import time
from asyncio import core

import ffi
import machine  # noqa: F401 (before uart, which needs it whole)
import micropython
import tls
import uart
import uctypes

_LOOK_MS = 20
_looked = 0
_highest = 0
_wait = core.IOQueue.wait_io_event
_malloc = ffi.open("libc.so.6").func("p", "malloc", "i")


def _ring(size):
    return uctypes.bytearray_at(_malloc(size), size)


def _asked(name):
    try:
        os.remove("/.state/" + name)
        return True
    except OSError:
        return False


def _there(name):
    try:
        os.stat("/.state/" + name)
        return True
    except OSError:
        return False


def _tell(what, *numbers):
    print("@" + what, *numbers)
    micropython.qstr_info()


def _look():
    global _looked, _highest
    now = time.ticks_ms()
    if time.ticks_diff(now, _looked) < _LOOK_MS:
        return
    _looked = now
    probed = _asked("probe")
    if probed or _there("watch"):
        gc.collect()
        _highest = max(_highest, gc.mem_alloc())
    if probed:
        _tell("memory", gc.mem_alloc(), _highest)


def _wait_and_look(self, *arguments):
    _look()
    return _wait(self, *arguments)


def begin():
    """Load what counts to the base and tell how much that is; with KWHISPER_MODEL "base" end."""
    core.IOQueue.wait_io_event = _wait_and_look
    # The driver's ring lies in the system's memory.
    uart.ring = _ring
    # The official image has ssl frozen, which is little more than this.
    sys.modules["ssl"] = tls
    sys.path.append("/.real" + os.getenv("KWHISPER_UMQTT"))
    for name in ("machine", "network", "socket", "esp", "esp32", "umqtt.simple"):
        __import__(name)
    gc.collect()
    _tell("base", gc.mem_alloc())
    if os.getenv("KWHISPER_MODEL") == "base":
        sys.exit(0)
