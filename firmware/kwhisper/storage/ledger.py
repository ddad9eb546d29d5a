"""The registers' totals, hour by hour (or quarter), on flash until the broker has them all.

    /ledger/0000002b    records (record.py), the first one's sequence number is the name
    /ledger/sent        the last sequence number that was acknowledged
    /ledger/meter       CRC-32 of the meter's number

A record's place in its file follows from its sequence number: a damaged one hides none behind it.
Files are only ever appended to, and the oldest is deleted when there are more records than the
days in the settings hold: littlefs copies what follows a change in a file's middle. A file holds
less than a flash block, so a record costs one block written; the mark of what is sent is written
once the broker is up to date, or every 16. A power cut leaves at most a torn last record: the next
one opens a new file.
"""

import os
import struct

from meterwire.reading import DERIVED, UNSURE

from .. import calendar, let_go
from .record import (
    SIZE,
    Record,
    add_crc,
    crc_holds,
    totals_of,
    unpack,
)

_PER_FILE = const(78)
_MARK_EVERY = const(16)
_WINDOW = const(120)  # s behind the full quarter in which its list is expected
_SANE = const(1_400_000_000)  # 2014: no meter of these ports is older
_NEVER = const(3_000_000_000)  # 2065: a chip counts not much further
_JUMP = const(86400)  # s; a meter's clock so far from the device's is not believed

_EVERY_LIST = const(2)
_AT_ITS_HOUR = const(3)
_QUARTER = const(900)
_ENOSPC = const(28)


class Ledger:
    """reading(r) keeps a Reading's totals if they are due; pending() and mark() hand them out.

    now: a callable that gives (seconds since 1970, offset) by the device's clock, or None.
    lost: how many records could not be kept, or were deleted or damaged before they were sent;
    problem: what of that happened lately, in words for the user, or None.
    """

    def __init__(self, settings, now, path="/ledger"):
        self.now = now
        self.lost = 0
        self.problem = None
        self.path = path
        self.settings = settings
        self.buf = bytearray(SIZE)
        self.files = []  # first sequence number of each, ascending
        self.count = 0  # records in the last file
        # The last record, in its bytes: objects that are new each time would come to lie anywhere.
        self.newest = bytearray(SIZE)
        self.sequence = 0  # its number, 0: there is none
        self.sent = self.marked = 0
        self.meter = b""
        self.held = None  # a Record in doubt: until its window is over a sound one may come
        try:
            os.mkdir(self.path)
        except OSError:
            pass  # it is there already
        try:
            for name in os.listdir(self.path):
                try:
                    first = int(name, 16)
                except ValueError:
                    continue  # somebody else's
                if first > 0 and name == "%08x" % first:
                    self.files.append(first)
            self.files.sort()
            with open(self.path + "/sent", "rb") as f:
                data = f.read(9)
            if len(data) == 8 and crc_holds(data):
                self.sent = self.marked = struct.unpack("<I", data)[0]
        except OSError:
            pass  # nothing was sent yet; of a flash that cannot be read the next record will tell
        if self.files:
            # What was dropped can no longer be sent.
            self.sent = max(self.sent, self.files[0] - 1)
        for first in reversed(self.files):
            if self.scan(first):
                break
        last = self.last()
        # The meter tells its registers in every list: they are kept by the quarter.
        self.always = bool(last and last.kind == _EVERY_LIST)

    def last(self):
        """The newest Record, None if there is none, or none is kept any more."""
        kept = self.sequence and self.settings["history_days"]
        return unpack(self.newest) if kept else None

    def reading(self, r):
        """Keep the totals of a Reading that is the first of its hour or quarter.

        Returns whether a record was made.
        """
        if not self.settings["history_days"] or r.kind == 1:
            return False
        time, derived = 0, 0
        if r.clock:
            time, offset = calendar.of_clock(r.clock, self.settings["time_zone"])
        now = self.now()
        if not _SANE < time < _NEVER or (now and abs(time - now[0]) > _JUMP):
            # A meter without a clock, or with one that nobody has set, or that jumped.
            if not now:
                return False
            time, offset = now
            derived = DERIVED
        late = time % _QUARTER > _WINDOW
        held = self.held
        if held and (late or time // _QUARTER != held.time // _QUARTER):
            self.held = None
            self.append(held)  # no sound one came
        if r.kind != _AT_ITS_HOUR and late:
            return False
        totals, flags = totals_of(r)
        if not totals[0] and not totals[1]:
            return False
        doubt = flags & UNSURE
        flags |= derived
        if r.kind != _AT_ITS_HOUR:
            self.always = True
        last = self.last()
        if last:
            if time // _QUARTER == last.time // _QUARTER:
                return False
            if time < last.time:
                # Some meters send an hour's list again, with the old clock.
                if totals == last.totals:
                    return False
                flags |= UNSURE
            elif not doubt:
                try:
                    from . import series

                    flags |= series.compared(self, r, totals, time)
                    del series
                except MemoryError:
                    flags |= UNSURE  # kept all the same
                let_go("kwhisper.storage.series")
        sequence = max(self.sequence, self.sent) + 1
        kind = _EVERY_LIST if self.always else _AT_ITS_HOUR
        record = Record(sequence, time, offset, flags, kind, totals)
        self.held = record if doubt and self.always and not late else None
        return not self.held and self.append(record)

    def records(self, after):
        """Iterate the sound Records behind a sequence number, the oldest first."""
        buf = bytearray(SIZE)
        files = self.files[:]
        for n, first in enumerate(files):
            if n + 1 < len(files) and files[n + 1] <= after + 1:
                continue
            try:
                with open(self.file(first), "rb") as f:
                    f.seek(max(0, after + 1 - first) * SIZE)
                    while f.readinto(buf) == SIZE:
                        record = unpack(buf)
                        if record and after < record.sequence:
                            yield record
            except OSError:
                pass  # it made room meanwhile

    def behind(self):
        """Whether there are Records that are not marked."""
        return self.sent < self.sequence

    def pending(self):
        """The oldest Record that is not marked, None if all are."""
        while self.behind():
            if self.sent + 1 == self.sequence:
                return self.last()
            record = self.read(self.sent + 1)
            if record:
                return record
            self.sent += 1
            self.lose(1, "damaged on flash")
        return None

    def mark(self, sequence):
        """All up to this sequence number has arrived."""
        self.sent = max(self.sent, sequence)
        if not self.behind() or self.sent - self.marked >= _MARK_EVERY:
            self.save_mark()

    def save_mark(self):
        """Write down what has arrived: the power may end."""
        if self.sent == self.marked:
            return
        data = bytearray(8)
        struct.pack_into("<I", data, 0, self.sent)
        add_crc(data)
        path = self.path + "/sent"
        try:
            with open(path + ".new", "wb") as f:
                f.write(data)
            os.rename(path + ".new", path)
            self.marked = self.sent
        except OSError:
            pass  # told again after a restart; the sequence number shows consumers that

    def lose(self, n, why):
        self.lost += n
        self.problem = "%d totals were lost: %s" % (self.lost, why)

    # files

    def file(self, first):
        return "%s/%08x" % (self.path, first)

    def scan(self, first):
        """Find the last sound record of a file; whether there is one."""
        places = 0
        found = False
        n = SIZE
        try:
            with open(self.file(first), "rb") as f:
                while True:
                    n = f.readinto(self.buf)
                    if n != SIZE:
                        break
                    record = unpack(self.buf)
                    if record and record.sequence == first + places:
                        found = True
                        self.newest[:] = self.buf
                        self.sequence = record.sequence
                    places += 1
        except OSError as e:
            self.problem = "totals on flash cannot be read: error %d" % e.errno
        # Behind a torn record nothing may be appended: the next one opens a new file.
        whole = not n and first == self.files[-1] and self.sequence == first + places - 1
        self.count = places if whole else _PER_FILE
        return found

    def append(self, record):
        self.problem = None
        try:
            try:
                self.write(record)
            except OSError as e:
                # On a full flash the oldest records make room.
                if e.errno != _ENOSPC:
                    raise
                self.drop()
                self.write(record)
        except OSError as e:
            self.count = _PER_FILE
            self.lose(1, "the flash cannot be written, error %d" % e.errno)
            return False
        self.newest[:] = self.buf
        self.sequence = record.sequence
        return True

    def write(self, record):
        if not self.files or self.count >= _PER_FILE:
            # By number, never by time: a clock that is wrong deletes nothing.
            most = self.settings["history_days"] * (96 if self.always else 24)
            while len(self.files) > 1 and record.sequence - self.files[1] >= most:
                self.drop()
            mode = "wb"
            if not self.files or self.files[-1] != record.sequence:
                self.files.append(record.sequence)
            self.count = 0
        else:
            mode = "ab"
        record.pack(self.buf)
        with open(self.file(self.files[-1]), mode) as f:
            f.write(self.buf)
        self.count += 1

    def drop(self):
        if len(self.files) < 2:
            return
        os.remove(self.file(self.files.pop(0)))
        unsent = self.files[0] - 1 - self.sent
        if unsent > 0:
            self.sent += unsent
            if self.settings["mqtt_host"]:
                self.lose(unsent, "the broker was away too long, or the flash is full")

    def read(self, sequence):
        first = 0
        for f in self.files:
            if f <= sequence:
                first = f
        if not first:
            return None
        try:
            with open(self.file(first), "rb") as f:
                f.seek((sequence - first) * SIZE)
                if f.readinto(self.buf) != SIZE:
                    return None
        except OSError:
            return None
        record = unpack(self.buf)
        return record if record and record.sequence == sequence else None
