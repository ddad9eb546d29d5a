"""Which level the meter's line has between two bursts; imported only when that is not known."""

import asyncio
import time

import machine

# The line is idle when its level stays for ten times what a byte lasts at most.
_IDLE_MS = const(120)
_IDLE_SAMPLES = const(12)
_NEVER_IDLE_MS = const(3000)


async def idles_low(rx, before):
    """Whether the pin `rx` is low between two bursts: the line is inverted. `before`: what is
    taken for true when the line is never idle.
    """
    pin = machine.Pin(rx, machine.Pin.IN)
    level = pin.value()
    begin = since = now = time.ticks_ms()
    samples = 0
    while time.ticks_diff(now, begin) < _NEVER_IDLE_MS:
        await asyncio.sleep_ms(2)
        now = time.ticks_ms()
        samples += 1
        if pin.value() != level:
            level ^= 1
            since = now
            samples = 0
        elif samples >= _IDLE_SAMPLES and time.ticks_diff(now, since) >= _IDLE_MS:
            return not level
    return before
