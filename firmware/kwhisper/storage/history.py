"""The last hour's power in memory, and the registers of each midnight for years, on flash.

    /history/2026       lines of text, docs/api.md tells their columns; only ever appended to

Midnights come out of the ledger, which has them first: what a power cut left out is written at the
next start (midnight.py).
"""

import struct

from .. import let_go
from .record import told

EVERY = const(10)  # s
SLOTS = const(360)
NONE = const(-32768)
_MOST = const(32767)
_BACK = const(100)  # records of the ledger that may be missing here: four days, or one of quarters


class History:
    """reading(r) keeps the power, tick() what the ledger has that is new: it comes once a second,
    as reading on and publishing must not wait for it.

    account: tells what was spent() and earned so far, as texts; or None.
    """

    def __init__(self, settings, ledger, latest, account, buffer=bytearray, path="/history"):
        self.settings = settings
        self.ledger = ledger
        self.latest = latest
        self.account = account
        self.path = path
        # mean net power of each ten seconds, two bytes each, in units of `step` W
        self.ring = buffer(2 * SLOTS)
        self.step = 1
        self.slot = self.sum = self.count = 0
        for i in range(SLOTS):
            self.put(i, NONE)
        self.date = ""  # of the last line
        self.time = 0  # of its registers
        self.series = 1
        self.last = None  # the last Record that was looked at
        self.sequence = max(0, ledger.sequence - _BACK)
        from .midnight import load

        load(self)
        del load
        let_go("kwhisper.storage.midnight")

    def reading(self, r):
        """A list: its power."""
        self.close()
        power, export = told(r, 16, 7), told(r, 2, 7)
        if power is None:
            power = told(r, 1, 7)
            if export is not None:
                power = (power or 0) - export
        # A list of import alone that says 0 W leaves open what is exported.
        if power or (power is not None and export is not None):
            self.sum += power
            self.count += 1

    def tick(self):
        """Once a second."""
        if self.ledger.sequence > self.sequence:
            from .midnight import follow

            follow(self)
            del follow
            let_go("kwhisper.storage.midnight")

    # power

    def put(self, i, value):
        struct.pack_into("<h", self.ring, i % SLOTS * 2, value)

    def get(self, i):
        """The mean of the ten seconds with number i, NONE if no list came."""
        return struct.unpack_from("<h", self.ring, i % SLOTS * 2)[0]

    def close(self):
        """If ten seconds are over, their mean goes into the ring, and none for those between."""
        slot = self.latest.uptime() // EVERY
        if slot == self.slot:
            return
        mean = NONE
        if self.count:
            mean = self.sum // (self.count * self.step)
            while abs(mean) > _MOST:
                # It asks for a larger unit.
                self.step *= 2
                mean //= 2
                for i in range(SLOTS):
                    if self.get(i) != NONE:
                        self.put(i, self.get(i) // 2)
        self.put(self.slot, mean)
        for i in range(self.slot + 1, min(slot, self.slot + SLOTS)):
            self.put(i, NONE)
        self.slot = slot
        self.sum = self.count = 0
