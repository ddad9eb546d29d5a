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
        self._pin = None
        self._on = board.led_on
        self._each_list = way == "on"
        self._lists = False  # came since the last blink
        if board.led is not None and way != "off":
            self._pin = machine.Pin(board.led, machine.Pin.OUT, value=1 - self._on)

    def reading(self, r):
        """A list was read."""
        self._lists = self._each_list

    async def _blink(self, on_ms, off_ms):
        self._pin.value(self._on)
        await asyncio.sleep_ms(on_ms)
        self._pin.value(1 - self._on)
        await asyncio.sleep_ms(off_ms)

    async def run(self, troubled, setup=False):
        """For ever: `troubled()` tells whether something is wrong."""
        while self._pin:
            if setup:
                await self._blink(500, 500)
            elif troubled():
                await self._blink(_BLINK_MS, 200)
                await self._blink(_BLINK_MS, 2000)
            elif self._lists:
                self._lists = False
                await self._blink(_BLINK_MS, 0)
            else:
                await asyncio.sleep_ms(250)
