"""The first code of the memory model: an ESP8266 whose flash holds a build's ROMFS image.

Runs on the 32-bit unix port, itself out of a ROM image, with the ROM of the device under test
already mapped outside the heap (`rom`, a memoryview: the bootstrap in pretended_esp8266.py).
What the pretended chip needs for itself is counted, and filled up to the bytes that the real one
takes; then boot.py and main.py run from the flash folder as on the chip. A request in
/.state/probe is answered in /.state/probed with what is free then, and with the lowest of all
looks since there is a /.state/watch. A number in /.state/ahead: its clock is so many ms ahead.
"""

import gc
import json
import os
import sys
import time

import micropython
import vfs

# The modules of a chip that are C there and Python here.
_CHIP_MODULES = ("machine", "network", "socket", "state", "uart_pty", "wire")
_PROBE_MS = 10
_STEP = 64


class _Vfs:
    """The module vfs with the ROMFS partition of the FLASH_2M_ROMFS build."""

    VfsRom = vfs.VfsRom
    VfsPosix = vfs.VfsPosix
    mount = vfs.mount
    umount = vfs.umount
    rom = None

    @staticmethod
    def rom_ioctl(operation, *_):
        return 1 if operation == 1 else _Vfs.rom


def _largest():
    """Bytes of the largest block that can be had now."""
    low, high = 0, gc.mem_free() // _STEP
    while low < high:
        middle = (low + high + 1) // 2
        try:
            bytearray(middle * _STEP)
            low = middle
        except MemoryError:
            high = middle - 1
    gc.collect()
    return low * _STEP


def _there(path):
    try:
        os.stat(path)
        return True
    except OSError:
        return False


class _Time:
    """The module time, whose sleep_ms() answers for what is free: the reader sleeps each round."""

    gmtime = time.gmtime
    sleep = time.sleep
    ticks_add = time.ticks_add
    ticks_diff = time.ticks_diff
    looked = 0
    lowest = 1 << 20
    ahead = 0  # of the PC's clock, in ms

    @staticmethod
    def ticks_ms():
        return time.ticks_add(time.ticks_ms(), _Time.ahead)

    @staticmethod
    def sleep_ms(ms):
        time.sleep_ms(ms)
        _look()


def _look():
    now = time.ticks_ms()
    if time.ticks_diff(now, _Time.looked) < _PROBE_MS:
        return
    _Time.looked = now
    if _there("/.state/ahead"):
        with open("/.state/ahead") as f:
            _Time.ahead = int(f.read())
        os.remove("/.state/ahead")
    if _there("/.state/watch"):
        gc.collect()
        _Time.lowest = min(_Time.lowest, gc.mem_free())
    if not _there("/.state/probe"):
        return
    os.remove("/.state/probe")
    gc.collect()
    free = gc.mem_free()
    micropython.qstr_info()
    with open("/.state/probed", "w") as f:
        # One write, so that whoever waits for the file finds it whole.
        f.write(json.dumps({"free": free, "largest": _largest(), "lowest": _Time.lowest}))


def _objects():
    import machine
    import network

    uart = machine.UART(0)
    uart.init(2400)
    pins = [machine.Pin(number, machine.Pin.IN) for number in range(4)]
    return uart, pins, machine.WDT(), network.WLAN(0), network.WLAN(1)


def start(rom, reserved):
    """Run the device. `reserved`:
    what the chip takes for itself, or None to tell only what the stand-ins take."""
    _Vfs.rom = rom
    sys.modules["vfs"] = _Vfs
    sys.modules["time"] = _Time
    for name in _CHIP_MODULES:
        __import__(name)

    # Python objects in the place of the chip's own, which stand in no heap there. Made to be
    # counted; the firmware makes its own.
    objects = reserved is None and _objects()
    gc.collect()
    taken = gc.mem_alloc()
    if reserved is None:
        print(taken)
        # Frozen there: its names are the firmware's own.
        import umqtt.simple  # noqa: F401

        micropython.qstr_info()
        return objects
    # The set-up's tasks wait in asyncio; its LED goes on and off.
    machine = sys.modules["machine"]
    set_pin = machine.Pin.value

    def value(pin, *level):
        _look()
        return set_pin(pin, *level)

    machine.Pin.value = value
    keep = bytearray(max(0, reserved - taken))
    space = {"__name__": "__main__", "keep": keep}
    for name in ("/boot.py", "/main.py"):
        try:
            with open(name) as f:
                code = compile(f.read(), name, "exec")
            exec(code, space)
            del code
        except Exception as e:
            sys.print_exception(e)
