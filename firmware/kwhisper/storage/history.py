"""The last hour's power in memory, and the registers of each midnight for years, on flash.

    /history/2026       lines of text, docs/api.md tells their columns; only ever appended to

Midnights come out of the ledger, which has them first: what a power cut left out is written at the
next start. A line ends with the CRC-32 of what stands before it, and begins with a line feed: a
torn one spoils none.
"""

import os
import struct
from binascii import crc32

from .. import calendar
from ..formats.entries import decimal
from .record import NEW_SERIES, told

EVERY = const(10)  # s
SLOTS = const(360)
NONE = const(-32768)
_MOST = const(32767)
_TAIL = const(400)  # bytes that hold the last line
_BACK = const(100)  # records of the ledger that may be missing here: four days, or one of quarters
_SUBMETER_S = const(5400)  # a gas meter tells its register once an hour


class History:
    """reading(r) keeps what is due. Behind the ledger, Latest and the account in `consumers`.

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
        self.load()

    def reading(self, r):
        """A list: its power, and the ledger's newest if that is new."""
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
        if self.ledger.sequence > self.sequence:
            for record in self.ledger.records(self.sequence):
                # What load() found is kept; the record of a new series has its very time.
                if record.time > self.time and not self.keep(record):
                    break
                self.last = record
                self.sequence = record.sequence

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

    # days

    def keep(self, record):
        """Write the lines that this record asks for; whether that could be done."""
        offset = calendar.offset_at(record.time, self.settings["time_zone"])
        date = "%04d-%02d-%02d" % calendar.fields(record.time + offset * 60)[:3]
        new = record.flags & NEW_SERIES and self.last
        if not new and date == self.date:
            return True
        try:
            if new:
                self.write(self.date, self.last, "")
                self.series += 1
                new = False
            self.write(date, record, self.submeters())
        except OSError:
            if record.flags & NEW_SERIES and self.last and not new:
                self.series -= 1
            return False  # the next record tries again; the ledger says what is wrong
        self.date = date
        return True

    def write(self, date, record, more):
        offset = calendar.offset_at(record.time, self.settings["time_zone"])
        flags = record.flags & ~NEW_SERIES
        line = "%s,%d,%d,%d,%d" % (date, record.time, offset, flags, self.series)
        for total in record.totals[:2]:
            line += "," + (decimal(*total).decode() if total else "")
        for money in self.account.spent() if self.account else ("", ""):
            line += "," + money
        line += more
        line += "*%08x" % crc32(line.encode())
        with open("%s/%s" % (self.path, date[:4]), "ab") as f:
            f.write(b"\n" + line.encode())

    def submeters(self):
        """ ",1:3:2345.678:m3" for each meter behind this one."""
        text = ""
        r = self.latest.recent(_SUBMETER_S)
        for i in range(len(r) if r else 0):
            channel = r.ab(i)
            if 0 < channel < 16 and r.key(i) >> 8 == 0x1802:
                kind = r.device(channel)
                text += ",%d:%d:%s:%s" % (channel, kind, r.decimal(i), r.unit(i))
        return text

    def load(self):
        """Find the last line: from its record on the ledger is still to be looked at."""
        try:
            os.mkdir(self.path)
        except OSError:
            pass  # it is there already
        try:
            for name in sorted(os.listdir(self.path)):
                with open(self.path + "/" + name, "rb") as f:
                    f.seek(max(0, f.seek(0, 2) - _TAIL))
                    for line in f.read().split(b"\n"):
                        if sound(line):
                            self.date, time, _, _, series = line.decode().split(",")[:5]
                            self.time, self.series = int(time), int(series)
        except OSError:
            pass  # of a flash that cannot be read the next line will tell


def sound(line):
    """Whether a line of a history's file is as it was written."""
    text, star, mark = line.rpartition(b"*")
    return len(mark) == 8 and mark == b"%08x" % crc32(text)
