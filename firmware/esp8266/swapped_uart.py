"""The meter's line, at UART0 with its pins swapped: RX at GPIO13, TX (unused) at GPIO15.

The UART belongs to the console otherwise; swapped, the USB bridge of a board does not drive the
line that the meter drives.
"""

import gc
import os
import time

import machine

_RX = const(13)
_TX = const(15)
# Bytes the driver keeps: what a slow meter says in two seconds, or one list. Without asking it
# has 15.
_RING = const(512)
_RING_LARGE = const(1024)
_CONF0 = const(0x60000020)  # UART_CONF0 of UART0 (ESP8266 Technical Reference, registers)
_RXD_INV = const(1 << 19)

# The line is idle when its level stays for ten times what a byte lasts at most.
_IDLE_STEPS = const(60)
_NEVER_IDLE_STEPS = const(800)  # ends before the watchdog bites
_STEP_MS = const(2)


def listen(baud, bits, parity, inverted, large=False):
    """Open the UART and return it. large: the meter's lists are."""
    os.dupterm(None, 1)
    gc.collect()  # the ring lies in the heap
    uart = machine.UART(
        0,
        baud,
        bits=bits,
        # by their numbers
        parity=None if parity == "N" else int(parity == "O"),
        stop=1,
        tx=machine.Pin(_TX),
        rx=machine.Pin(_RX),
        rxbuf=_RING_LARGE if large else _RING,
    )
    if inverted:
        # Every initialisation of the UART clears this bit.
        machine.mem32[_CONF0] |= _RXD_INV
    return uart


def idles_low():
    """Whether the line is low between two bursts, which makes it an inverted one; False when it
    is not idle within two seconds."""
    pin = machine.Pin(_RX, machine.Pin.IN)
    level = pin.value()
    same = 0
    for _ in range(_NEVER_IDLE_STEPS):
        time.sleep_ms(_STEP_MS)
        if pin.value() != level:
            level ^= 1
            same = 0
        same += 1
        if same >= _IDLE_STEPS:
            return not level
    return False
