"""The voltage of the supply, on a pin that somebody wired to it: it is told and nothing more.

A board that lives on the meter's port has supply.py instead, which acts on it.
"""

import asyncio

import machine
from micropython import const

_EVERY_S = const(10)
_SAMPLES = const(16)


class Measure:
    """run() keeps status.supply_mv, from the board's pin `adc` and its `divider`."""

    def __init__(self, board, status):
        self.board = board
        self.status = status

    async def run(self):
        """Until cancelled."""
        adc = machine.ADC(machine.Pin(self.board.adc), atten=machine.ADC.ATTN_11DB)
        while True:
            total = 0
            for _ in range(_SAMPLES):
                total += adc.read_uv()
            self.status.supply_mv = total // _SAMPLES * self.board.divider // 1000000
            await asyncio.sleep(_EVERY_S)
