"""The module machine of a pretended chip. KWHISPER_CHIP ("esp8266", else ESP32) sets its manners.

reset() and deepsleep() leave a note for the launcher and end the process on the spot, as a chip's
reset does: no `finally` runs, no file is closed. RTC memory outlives that, but no power cut.
"""

import binascii
import os
import time

import state

PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5

_chip = os.getenv("KWHISPER_CHIP") or "esp32"
_RTC_BYTES = 492 if _chip == "esp8266" else 2048
mem32 = {}


def _end(why, after_ms=0):
    state.write("reset", {"cause": why, "after_ms": after_ms})
    # Leaving this interpreter runs its `finally` clauses, so the system ends the process.
    os.system("kill -9 $PPID")
    while True:
        time.sleep(1)


def reset():
    _end(HARD_RESET)


def deepsleep(ms=0):
    _end(DEEPSLEEP_RESET, ms)


def reset_cause():
    return int(os.getenv("KWHISPER_RESET_CAUSE") or PWRON_RESET)


def unique_id():
    return binascii.unhexlify(os.getenv("KWHISPER_ID") or "240ac4000001")


def idle():
    time.sleep_ms(1)


class Pin:
    """An input's level comes from the file `pins` of the state folder, {"0": 0}; else it is high.
    Without a pull it is the meter's line: at rest, or up and down while the meter speaks."""

    IN = 0
    OUT = 1
    OPEN_DRAIN = 2
    PULL_UP = 1
    PULL_DOWN = 2

    def __init__(self, number, mode=IN, pull=None, value=None):
        self.number = number
        self.mode = mode
        self._pull = pull
        self._value = value or 0

    def value(self, level=None):
        if level is not None:
            self._value = level
            return None
        if self.mode == Pin.OUT:
            return self._value
        pins = state.read("pins", {})
        if str(self.number) in pins:
            return pins[str(self.number)]
        return self._line() if self._pull is None else 1

    def _line(self):
        if moves():
            self._value ^= 1
            return self._value
        return 0 if (os.getenv("KWHISPER_LINE") or "").endswith("inverted") else 1

    def __call__(self, level=None):
        return self.value(level)


class SPI:
    """The bus of an Ethernet chip: it only knows its pins."""

    def __init__(self, number, *, sck, mosi, miso):
        self.pins = [sck.number, mosi.number, miso.number]


class ADC:
    """Volts from the file `volts` of the state folder, {"3": 1.65}; else 2.5 V."""

    ATTN_11DB = 3

    def __init__(self, pin, **_):
        self._pin = pin.number if isinstance(pin, Pin) else pin

    def read_uv(self):
        return int(state.read("volts", {}).get(str(self._pin), 2.5) * 1000000)


class RTC:
    """Its memory alone."""

    def __init__(self, number=0):
        pass

    def memory(self, data=None):
        if data is None:
            return binascii.unhexlify(state.read("rtc", ""))
        if len(data) > _RTC_BYTES:
            raise ValueError("buffer too long")
        state.write("rtc", binascii.hexlify(data).decode())
        return None

    def datetime(self, value=None):
        t = time.gmtime()
        return (t[0], t[1], t[2], t[6], t[3], t[4], t[5], 0)


class Timer:
    """Once, and only to restart the chip: the launcher does it, however the program hangs."""

    ONE_SHOT = 0
    PERIODIC = 1

    def __init__(self, number=-1):
        pass

    def init(self, *, mode=PERIODIC, period=-1, **_):
        if mode == Timer.ONE_SHOT:
            state.write("timer", period)

    def deinit(self):
        state.write("timer", 0)


class WDT:
    """A watchdog that the launcher keeps: it resets a process that has not fed for its time."""

    def __init__(self, id=0, timeout=5000):
        if _chip == "esp8266" and timeout != 5000:
            raise ValueError("timeout")
        self._timeout = timeout
        self.feed()

    def feed(self):
        state.write("watchdog", self._timeout)


from i2c import I2C  # noqa: E402, F401 (after the names they need)
from uart_pty import UART, moves  # noqa: E402, F401
