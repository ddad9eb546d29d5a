"""The last hour's power in memory, and the registers of each midnight for years, on flash.

    /history/2026       lines of text, docs/api.md tells their columns; only ever appended to

Midnights come out of the ledger, which has them first: what a power cut left out is written at the
next start. A line ends with the CRC-32 of what stands before it; behind a torn one a new line
begins.
"""

import os
from array import array
from binascii import crc32

from meterwire import UNSURE

from .. import calendar
from ..formats.entries import decimal
from .record import NEW_SERIES

EVERY = const(10)  # s
SLOTS = const(360)
NONE = const(-32768)
_MOST = const(32767)
_TAIL = const(400)  # bytes that hold the last line
_SUBMETER_S = const(5400)  # a gas meter tells its register once an hour


class History:
    """reading(r) keeps what is due. Behind the ledger, Latest and the account in `consumers`.

    account: tells what was spent() and earned so far, as texts; or None.
    """

    def __init__(self, settings, ledger, latest, account, path="/history"):
        self.settings = settings
        self.ledger = ledger
        self.latest = latest
        self.account = account
        self.path = path
        # mean net power of each ten seconds, in units of `step` W
        self.ring = array("h", [NONE] * SLOTS)
        self.step = 1
        self.slot = self.sum = self.count = 0
        self.date = ""  # of the last line
        self.series = 1
        self.last = None  # the last Record that was looked at
        self.torn = False
        self.sequence = self.load()

    def reading(self, r):
        """A list: its power, and the ledger's newest if that is new."""
        slot = self.latest.uptime() // EVERY
        if slot != self.slot:
            self.close(slot)
        power = net(r)
        if power is not None:
            self.sum += power
            self.count += 1
        if self.ledger.sequence > self.sequence:
            for record in self.ledger.records(self.sequence):
                if not self.keep(record):
                    break
                self.last = record
                self.sequence = record.sequence

    # power

    def close(self, slot):
        """Ten seconds are over: their mean goes into the ring, and none for those between."""
        ring = self.ring
        mean = NONE
        if self.count:
            mean = self.sum // (self.count * self.step)
            while abs(mean) > _MOST:
                # It asks for a larger unit.
                self.step *= 2
                mean //= 2
                for i, value in enumerate(ring):
                    if value != NONE:
                        ring[i] = value // 2
        ring[self.slot % SLOTS] = mean
        for i in range(self.slot + 1, min(slot, self.slot + SLOTS)):
            ring[i % SLOTS] = NONE
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
            self.write(date, record, self.submeters())
        except OSError:
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
        line += "*%08x\n" % crc32(line.encode())
        with open("%s/%s" % (self.path, date[:4]), "ab") as f:
            if self.torn:
                f.write(b"\n")
            self.torn = True
            f.write(line.encode())
        self.torn = False

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
        """Find the last line; the sequence number behind which the ledger is still to be looked
        at: from the record of that line on."""
        try:
            os.mkdir(self.path)
        except OSError:
            pass  # it is there already
        found = []
        try:
            for name in sorted(os.listdir(self.path)):
                with open(self.path + "/" + name, "rb") as f:
                    f.seek(max(0, f.seek(0, 2) - _TAIL))
                    tail = f.read()
                self.torn = tail[-1:] != b"\n"
                for line in tail.split(b"\n"):
                    if sound(line):
                        found = line.decode().split(",")
        except OSError:
            pass  # of a flash that cannot be read the next line will tell
        after = 0
        if found:
            self.date = found[0]
            self.series = int(found[4])
            written = int(found[1])
            ledger = self.ledger
            for first in ledger.files:
                record = ledger.read(first)
                if record and record.time < written:
                    after = first
            for record in ledger.records(after):
                if record.time >= written:
                    break
                after = record.sequence
        return after


def sound(line):
    """Whether a line of a history's file is as it was written."""
    text, star, mark = line.rpartition(b"*")
    return len(mark) == 8 and mark == b"%08x" % crc32(text)


def net(r):
    """Import less export in W, None where the list does not tell it."""
    power = None
    for c, sign in ((16, 1), (1, 1), (2, -1)):
        i = r.find(c, 7, 0)
        if i >= 0 and not r.entry(i) and not r.flag(i) & UNSURE:
            power = (power or 0) + sign * r.scaled(i, 0)
            if c == 16:
                return power
    # A list of import alone: 0 W may be export.
    return power or (power if i >= 0 else None)
