"""The history's lines, one a local day: written at its midnight, found again at a start.

A line ends with the CRC-32 of what stands before it, and begins with a line feed: a torn one
spoils none. Imported at each of the ledger's records, and let go.
"""

import os
from binascii import crc32

from meterwire import UNSURE

from .. import calendar
from ..formats.entries import decimal
from .checked import sound
from .record import NEW_SERIES

_TAIL = const(400)  # bytes that hold the last line
_AT_ONCE = const(24)  # records: more would delay the meter
_SUBMETER_S = const(5400)  # a gas meter tells its register once an hour


def load(history):
    """Find the last line: from its record on the ledger is still to be looked at."""
    path = history.path
    try:
        os.mkdir(path)
    except OSError:
        pass  # it is there already
    try:
        for name in sorted(os.listdir(path)):
            with open(path + "/" + name, "rb") as f:
                f.seek(max(0, f.seek(0, 2) - _TAIL))
                for line in f.read().split(b"\n"):
                    if sound(line):
                        history.date, time, _, _, series = line.decode().split(",")[:5]
                        history.time, history.series = int(time), int(series)
    except OSError:
        pass  # of a flash that cannot be read the next line will tell


def follow(history):
    """Look at the ledger's new records; after a start there are many, and it comes again."""
    for n, record in enumerate(history.ledger.records(history.sequence)):
        if not record.doubted():
            # What load() found is kept; the record of a new series has its very time.
            if record.time > history.time and not keep(history, record):
                break
            history.last = record
        history.sequence = record.sequence
        if n == _AT_ONCE:
            break


def keep(history, record):
    """Write the lines that this record asks for; whether that could be done."""
    offset = calendar.offset_at(record.time, history.settings["time_zone"])
    date = "%04d-%02d-%02d" % calendar.fields(record.time + offset * 60)[:3]
    new = record.flags & NEW_SERIES and history.last
    if not new and date == history.date:
        return True
    try:
        if new:
            write(history, history.date, history.last, "")
            history.series += 1
            new = False
        write(history, date, record, submeters(history.latest))
    except OSError:
        if record.flags & NEW_SERIES and history.last and not new:
            history.series -= 1
        return False  # the next record tries again; the ledger says what is wrong
    history.date = date
    return True


def write(history, date, record, more):
    """Append a line."""
    offset = calendar.offset_at(record.time, history.settings["time_zone"])
    flags = record.flags & ~NEW_SERIES
    line = "%s,%d,%d,%d,%d" % (date, record.time, offset, flags, history.series)
    for total in record.totals[:2]:
        line += "," + (decimal(*total).decode() if total else "")
    for money in history.account.spent() if history.account else ("", ""):
        line += "," + money
    line += more
    line += "*%08x" % crc32(line.encode())
    with open("%s/%s" % (history.path, date[:4]), "ab") as f:
        f.write(b"\n" + line.encode())


def submeters(latest):
    """ ",1:3:2345.678:m3" for each meter behind this one."""
    text = ""
    r = latest.recent(_SUBMETER_S)
    for i in range(len(r) if r else 0):
        channel = r.ab(i)
        if 0 < channel < 16 and r.key(i) >> 8 == 0x1802 and not r.flag(i) & UNSURE:
            kind = r.device(channel)
            text += ",%d:%d:%s:%s" % (channel, kind, r.decimal(i), r.unit(i))
    return text
