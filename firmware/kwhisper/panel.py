"""The LED and the button on the board.

short blink at each list    reads the meter and MQTT is up
two blinks every 2 s        something is wrong: no WiFi, no broker, or nothing understood
half a second on, half off  set-up: the access point waits for a phone
flickers                    set-up, and the button is held: a factory reset comes after ten seconds

The button, held, opens the set-up.
"""

import asyncio
import time

import machine

_BLINK_MS = const(40)
_LOOKS = const(10)
_LOOK_MS = const(50)


class Led:
    """The board's LED, in one of the ways of the setting `led`: on, errors, off. A consumer of
    Readings."""

    def __init__(self, board, way="on"):
        self.pin = None
        self.on = board.led_on
        self.way = way
        self.lists = False  # came since the last blink
        if board.led is not None and way != "off":
            self.pin = machine.Pin(board.led, machine.Pin.OUT, value=1 - self.on)

    def reading(self, r):
        """A list was read."""
        self.lists = self.way == "on"

    async def run(self, troubled, setup=False):
        """For ever: `troubled()` tells whether something is wrong; in the set-up, whether the
        button is held."""
        while self.pin:
            # ms on, off …
            times = (_BLINK_MS, 0)
            if setup:
                times = (60, 60) if troubled() else (500, 500)
            elif troubled():
                times = (_BLINK_MS, 200, _BLINK_MS, 2000)
            elif self.lists:
                self.lists = False
            else:
                times = ()
                await asyncio.sleep_ms(250)
            for i, ms in enumerate(times):
                self.pin.value(self.on ^ i & 1)
                await asyncio.sleep_ms(ms)


def held(pin):
    """Whether the button at `pin` is held for half a second, no less; None: there is none."""
    button = Button(pin)
    for _ in range(_LOOKS):
        if not button.pressed_for(1):
            return False
        time.sleep_ms(_LOOK_MS)
    return True


class Button:
    """The button at `pin`, which it pulls low; None: the board has none."""

    def __init__(self, pin):
        self.pin = None
        if pin is not None:
            self.pin = machine.Pin(pin, machine.Pin.IN, machine.Pin.PULL_UP)
        self.count = 0

    def pressed_for(self, looks):
        """Whether it has been pressed for so many looks in a row, this one counted."""
        pressed = self.pin and not self.pin.value()
        self.count = self.count + 1 if pressed else 0
        return self.count >= looks
