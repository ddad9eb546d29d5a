"""The LED on the board: a person sees from across the room how it goes.

short blink at each list    reads the meter and MQTT is up
two blinks every 2 s        something is wrong: no WiFi, no broker, or nothing understood
half a second on, half off  set-up: the access point waits for a phone
"""

import asyncio

import machine

_BLINK_MS = const(40)


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
        """For ever: `troubled()` tells whether something is wrong."""
        while self.pin:
            # ms on, off …
            times = (_BLINK_MS, 0)
            if setup:
                times = (500, 500)
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
