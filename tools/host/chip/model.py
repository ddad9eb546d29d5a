"""Makes a pretended chip a model of an ESP32's memory; see kwhisper_tools.host.esp32_model.

Loaded by start.py when KWHISPER_MODEL is set, before boot.py. What a chip has in C or frozen is
loaded here, so that it counts to the base. From then on, whenever all tasks of the firmware wait:
a file /.state/watch has the heap looked at, /.state/probe has the console say what was seen.
"""

import gc
import os
import sys
import time
from asyncio import core

import esp32
import ffi
import machine  # noqa: F401 (before uart_pty, which needs it whole)
import micropython
import tls
import uart_pty
import uctypes

_LOOK_MS = 20
_looked = 0
_highest = 0
_wait = core.IOQueue.wait_io_event
_libc = ffi.open("libc.so.6")
_malloc = _libc.func("p", "malloc", "i")
# Whole pages around Bluetooth's memory, and the sizes of the regions in it: see board.py.
_BLUETOOTH = 0x3FFAE000
_BLUETOOTH_BYTES = 0xC000
_BETWEEN = 240, 7288, 16648
_TABLE = 1280 * 7 + 24
_READ_WRITE = 3
_PRIVATE_FIXED_ANONYMOUS = 0x32


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


class _Ssl:
    """The module ssl, which the official image has frozen and this port has not, as far as the
    firmware uses it."""

    PROTOCOL_TLS_CLIENT = tls.PROTOCOL_TLS_CLIENT
    CERT_REQUIRED = tls.CERT_REQUIRED

    class SSLContext:
        def __init__(self, protocol):
            self._context = tls.SSLContext(protocol)
            self.verify_mode = tls.CERT_NONE

        def load_verify_locations(self, cadata):
            self._context.load_verify_locations(cadata)

        def load_cert_chain(self, certificate, key):
            self._context.load_cert_chain(certificate, key)

        def wrap_socket(self, sock, server_hostname=None, do_handshake_on_connect=True):
            self._context.verify_mode = self.verify_mode
            return self._context.wrap_socket(
                sock,
                server_hostname=server_hostname,
                do_handshake_on_connect=do_handshake_on_connect,
            )


def begin():
    """Load what counts to the base and tell how much that is; with KWHISPER_MODEL "base" end."""
    core.IOQueue.wait_io_event = _wait_and_look
    # The driver's ring lies in the system's memory.
    uart_pty.ring = _ring
    mmap = _libc.func("p", "mmap", "piiiii")
    protection, flags = _READ_WRITE, _PRIVATE_FIXED_ANONYMOUS
    if mmap(_BLUETOOTH, _BLUETOOTH_BYTES, protection, flags, -1, 0) == _BLUETOOTH:
        # The last table of names, is no room, as the chip does not need it: see esp32_model.py.
        esp32.regions += [(size, 0, _TABLE, 0) for size in _BETWEEN]
    sys.modules["ssl"] = _Ssl
    sys.path.append("/.real" + os.getenv("KWHISPER_UMQTT"))
    for name in ("machine", "network", "socket", "esp32", "umqtt.simple"):
        __import__(name)
    gc.collect()
    _tell("base", gc.mem_alloc())
    if os.getenv("KWHISPER_MODEL") == "base":
        sys.exit(0)
