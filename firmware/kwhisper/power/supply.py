"""The supply of a board that lives on the meter's port: its store must not be drained.

Imported only where the board's row names the supply's pins. The rules and where their figures come
from: docs/power.md; on a port too weak for WiFi all the time sleep_cycle.py does the rest.
"""

import struct
import time

import machine

_START_MV = const(3300)  # below it a start would only drain the store: sleep, look again
_NO_BUS_MV = const(3150)  # without a bus: above it the supply is USB, or a store still full
_FAREWELL_MV = const(3050)  # without a bus: time to say goodbye
_WIFI_MV = const(2950)  # below it the radio's peaks would pull the chip down
_HYSTERESIS_MV = const(350)
_RISEN_MV = const(3200)  # a store that rises no more counts as full above this
_RISE_MV = const(5)
_RISE_LOOKS = const(6)
_SLEEP_MS = const(5000)
_SAMPLES = const(8)
_PEAK_MV = const(150)  # what sending, 20 ms long, takes off the rail
_LOOKS = const(4)
_LOOK_MS = const(8)
_BRIDGE_MV = const(1500)
_GUARD_BYTES = const(4)  # of RTC memory, at its beginning: boot.py's


class Supply:
    """`pins` is the board's "supply": see boards.json."""

    def __init__(self, pins):
        self._store = _adc(pins["store"])
        self._store_divider = pins["store_divider"]
        self._bus = _adc(pins["bus"])
        self._bus_divider = pins["bus_divider"]
        # Never a pull-up: the receiver sinks 5 µA only.
        self._fail = machine.Pin(pins["power_fail"], machine.Pin.IN, machine.Pin.PULL_DOWN)
        self._wifi = True
        self._gone = self.bus_gone()

    def mv(self):
        """Millivolts of the store; near a threshold looked at again, as sending pulls it down."""
        mv = _mean(self._store, self._store_divider)
        for _ in range(_LOOKS - 1):
            if mv >= _FAREWELL_MV + _PEAK_MV:
                break
            time.sleep_ms(_LOOK_MS)
            mv = max(mv, _mean(self._store, self._store_divider))
        return mv

    def bus_mv(self):
        """Millivolts of the meter's bus."""
        mv = _mean(self._bus, self._bus_divider)
        return mv + _BRIDGE_MV if mv > _BRIDGE_MV else 0

    def bus_gone(self):
        """Whether the meter's bus carries no power: the store or USB feeds the board."""
        return not self._fail.value()

    def await_start(self, settled):
        """Sleep deeply, which ends in a new start, until the store is full enough to run."""
        mv = self.mv()
        least = _NO_BUS_MV if self._gone else _START_MV
        if mv < least and (self._gone or not _rises_no_more(mv)):
            print("kWhisper: supply", mv, "mV, waiting for", least)
            settled()
            machine.deepsleep(_SLEEP_MS)

    def allows_wifi(self):
        """Whether the store carries the radio just now."""
        self._wifi = self.mv() >= _WIFI_MV + (0 if self._wifi else _HYSTERESIS_MV)
        return self._wifi

    async def tick(self, device, ledger, client):
        """Once a second: tell the voltages, and save what is to be saved while there is power."""
        status = device.status
        status.supply_mv = mv = self.mv()
        status.bus_mv = self.bus_mv()
        gone = self.bus_gone()
        if gone:
            status.problem = "the meter's port gives no power: is it open, and the cable in?"
            if not self._gone:
                # The records are on flash already; what the broker has of them may not be.
                ledger.save_mark()
            if mv < _FAREWELL_MV:
                await client.goodbye()
        self._gone = gone
        if mv < (_FAREWELL_MV if gone else _WIFI_MV):
            ledger.save_mark()
            device.note("warning", "supply", mv, "mV: sleeping")
            device.settled()
            machine.deepsleep(_SLEEP_MS)


def _adc(pin):
    return machine.ADC(machine.Pin(pin), atten=machine.ADC.ATTN_11DB)


def _mean(adc, divider):
    total = 0
    for _ in range(_SAMPLES):
        total += adc.read_uv()
    return total // _SAMPLES * divider // 1000000


def _rises_no_more(mv):
    """Whether the store, though low by our measure, has gained nothing for six sleeps.

    An ADC that reads low on a rail that is low would wait for ever. What the last starts saw is
    kept in RTC memory, behind the boot guard's bytes; a power cut clears it.
    """
    rtc = machine.RTC()
    kept = bytes(rtc.memory())
    kept += bytes(max(0, _GUARD_BYTES + 4 - len(kept)))
    since, looks = struct.unpack_from("<HH", kept, _GUARD_BYTES)
    if not since or mv - since >= _RISE_MV:
        since, looks = mv, 0
    else:
        looks += 1
    full = looks >= _RISE_LOOKS and mv >= _RISEN_MV
    # Behind it sleep_cycle.py keeps its own.
    kept_by_others = kept[_GUARD_BYTES + 4 :]
    mine = struct.pack("<HH", 0 if full else since, looks)
    rtc.memory(kept[:_GUARD_BYTES] + mine + kept_by_others)
    return full
