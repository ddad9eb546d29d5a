"""The supply of a pretended board: a store that the meter's port fills and the chip empties.

    with Store(device, watts=0.033, volts=3.4):     # the port of a Kamstrup meter
        device.power_on()                           # its ADC sees the store, its pin the bus

The currents are those of hardware/han-selfpowered/sim/energy.py. A join of the WiFi takes the
pretended radio less time than a real one: its charge is taken at once.
"""

import threading
import time

FARADS, FULL, TRIP = 1.65, 3.45, 2.71
CPU, CONNECTED, ASLEEP = 0.025, 0.035, 0.0002
JOIN = 3.5 * 0.109  # ampere seconds
_STEP = 0.05
_DIVIDER = 2.0
_BUS_DIVIDER, _BRIDGE = 17.129, 1.5


class Store:
    """`volts` now, `least` so far; `watts` and `bus` (volts; 0 on USB) may be changed."""

    def __init__(self, device, watts, volts, bus=24.0):
        self.device = device
        self.watts, self.volts, self.bus = watts, volts, bus
        self.least = volts
        self.tripped = False  # the supervisor took the chip's enable away
        self.pins = {"9": 1}
        self._joins = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._tell()
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join(5)

    def _amperes(self):
        if self.device.asleep:
            self._joins = 0
            return ASLEEP, 0
        radio = self.device.told("radio", {"on": False, "joins": 0})
        joined, self._joins = max(0, radio["joins"] - self._joins), radio["joins"]
        return CONNECTED if radio["on"] else CPU, joined * JOIN

    def _queued(self):
        """Seconds that the chip's program has waited for a processor; 0 where nobody counts."""
        try:
            with open(f"/proc/{self.device.pid()}/schedstat") as f:
                return int(f.read().split()[1]) / 1e9
        except OSError:
            return 0

    def _run(self):
        before, queued = time.monotonic(), self._queued()
        while not self._ended.wait(_STEP):
            now = time.monotonic()
            held_up, queued = max(0, self._queued() - queued), self._queued()
            # A chip shares its processor with nobody: a wait for one has not passed for it.
            seconds, before = max(0, now - before - held_up), now
            amperes, charge = self._amperes()
            if self.device.asleep:
                seconds *= self.device.hurry
            fed = self.watts / max(self.volts, 0.3)
            self.volts += ((fed - amperes) * seconds - charge) / FARADS
            self.volts = min(FULL, max(0, self.volts))
            self.least = min(self.least, self.volts)
            if self.volts < TRIP and not self.tripped:
                self.tripped = True
                self._ended.set()
                self.device.power_cut()
            self._tell()

    def _tell(self):
        bus = max(0, self.bus - _BRIDGE) / _BUS_DIVIDER
        self.device.tell("volts", {"1": self.volts / _DIVIDER, "0": bus})
        self.device.tell("pins", {"5": int(self.bus > 10), **self.pins})
