"""The lamp on the board: a person sees from across the room how it goes.

short blink at each list    reads the meter and MQTT is up
two blinks every 2 s        something is wrong: no WiFi, no broker, or nothing understood
half a second on, half off  set-up: the access point waits for a phone
"""

import asyncio

import machine
from micropython import const

_BLINK_MS = const(40)


class Lamp:
    """The board's lamp, in one of the ways of the setting `led`: on, errors, off."""

    def __init__(self, board, way="on"):
        self._pin = None
        self._on = board.lamp_on
        self._way = way
        self.seen = 0  # lists that arrived
        if board.lamp is not None and way != "off":
            self._pin = machine.Pin(board.lamp, machine.Pin.OUT, value=1 - self._on)

    async def _blink(self, ms):
        self._pin.value(self._on)
        await asyncio.sleep_ms(ms)
        self._pin.value(1 - self._on)

    async def run(self, troubled, setup=False):
        """For ever: `troubled()` tells whether something is wrong; `seen` counts the lists."""
        if self._pin is None:
            return
        last = self.seen
        while True:
            if setup:
                await self._blink(500)
                await asyncio.sleep_ms(500)
            elif troubled():
                await self._blink(_BLINK_MS)
                await asyncio.sleep_ms(200)
                await self._blink(_BLINK_MS)
                await asyncio.sleep_ms(2000)
            elif self.seen != last and self._way == "on":
                last = self.seen
                await self._blink(_BLINK_MS)
            else:
                await asyncio.sleep_ms(250)
