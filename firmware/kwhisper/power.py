"""The supply of a board that lives on the meter's port: its store must not be drained.

The thresholds come from the board's energy simulation, docs/power.md. Boards on USB have no
supply pin in the table, and nothing here does anything.
"""

import machine
from micropython import const

_START_MV = const(3300)  # below it a start would only drain the store: sleep, try again
_WIFI_MV = const(2950)  # below it the radio's peaks would pull the chip down
_HYSTERESIS_MV = const(350)
_SLEEP_MS = const(5000)
_SAMPLES = const(8)


class Supply:
    """The board's supply voltage; `mv()` is None on a board that cannot measure it."""

    def __init__(self, board):
        self._divider = board.divider
        self._adc = None
        self._wifi = True
        self._fail = None
        if board.power_fail is not None:
            # never a pull-up: the receiver sinks 5 µA only
            self._fail = machine.Pin(board.power_fail, machine.Pin.IN, machine.Pin.PULL_DOWN)
        if board.supply is not None:
            self._adc = machine.ADC(machine.Pin(board.supply), atten=machine.ADC.ATTN_11DB)

    def mv(self):
        """Millivolts of the store, the mean of a few samples."""
        if self._adc is None:
            return None
        total = 0
        for _ in range(_SAMPLES):
            total += self._adc.read_uv()
        return total // _SAMPLES * self._divider // 1000000

    def bus_gone(self):
        """Whether the meter's bus carries no power: the store or USB feeds the board."""
        return self._fail is not None and not self._fail.value()

    def await_start(self, settled):
        """Sleep deeply, which ends in a new start, until the store is full enough to run.

        Without a bus the supply is USB, whose rail may stay below the threshold for ever.
        """
        mv = self.mv()
        if mv is not None and mv < _START_MV and not self.bus_gone():
            settled()
            print("kWhisper: supply", mv, "mV, waiting for", _START_MV)
            machine.deepsleep(_SLEEP_MS)

    def allows_wifi(self):
        """Whether the radio may be on just now."""
        mv = self.mv()
        if mv is not None:
            self._wifi = mv >= _WIFI_MV + (0 if self._wifi else _HYSTERESIS_MV)
        return self._wifi
