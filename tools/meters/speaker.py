"""A simulated meter that speaks on a pty, in a thread of its own."""

import threading
from contextlib import suppress

from . import line, mep_meter


class Speaker:
    """Speaks, at its real baud rate, from start() to close(); keeps what it said.

    One with a MEP port answers instead; its noise is a share of damaged answers.
    """

    def __init__(self, meter, speed=1.0, noise=0.0):
        self.meter = meter
        self.wire = line.Pty()
        self.line = f"{meter.baud} {meter.parity}{' inverted' if meter.inverted else ''}"
        self.said = []  # (truth, damaged) of each burst
        self._speed, self._noise = speed, noise
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._speak, name="meter", daemon=True)

    def _speak(self):
        with suppress(OSError):
            if self.meter.interface != "MEP":
                line.play(self.meter, self, self._speed, self._noise, heard=self._heard)
                return
            port = self.meter.port
            if self._noise:
                port.faults.add("damage")
                port.share = self._noise
            mep_meter.serve(port, self.wire, ended=self._ended.is_set)

    def _heard(self, burst, damaged):
        self.said.append((burst.truth, damaged))

    def write(self, data):
        """As the wire, until the meter is taken away."""
        if self._ended.is_set():
            raise OSError("taken away")
        self.wire.write(data)

    def start(self):
        self._thread.start()
        return self

    def close(self):
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(10)
        self.wire.close()
