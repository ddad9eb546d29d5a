"""The registers' totals, hour by hour (or quarter), on flash until the broker has them all.

    /ledger/0000002b    records (record.py), the first one's sequence number is the name
    /ledger/sent        the last sequence number that was acknowledged

A record's place in its file follows from its sequence number: a damaged one hides none behind it.
Files are only ever appended to, and the oldest is deleted when there are more records than the
days in the settings hold: littlefs copies what follows a change in a file's middle. A file holds
less than a flash block, so a record costs one block written; the mark of what is sent is written
once the broker is up to date, or every 16. A power cut leaves at most a torn last record: the next
one opens a new file.
"""

import os
import struct

from meterwire.reading import DERIVED, STALE, UNSURE

from .. import calendar
from .record import SIZE, Record, add_crc, crc_holds, less, must_have_grown, totals_of, unpack

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
        self._path = path
        self._days = settings["history_days"]
        self._zone = settings["time_zone"]
        self._buf = bytearray(SIZE)
        self._files = []  # first sequence number of each, ascending
        self._count = 0  # records in the last file
        self._newest = bytearray(SIZE)  # the last record
        self._sequence = 0  # its number, 0: there is none
        self._sent = self._marked = 0
        self._open()
        last = self.last()
        # The meter tells its registers in every list: they are kept by the quarter.
        self._always = bool(last and last.kind == _EVERY_LIST)

    def last(self):
        """The newest Record, None if there is none."""
        return unpack(self._newest) if self._sequence else None

    def reading(self, r):
        """Keep the totals of a Reading that is the first of its hour or quarter.

        Returns whether a record was made.
        """
        if not self._days or r.kind == 1:
            return False
        time, derived = 0, 0
        if r.clock:
            time, offset = calendar.of_clock(r.clock, self._zone)
        now = self.now()
        if not _SANE < time < _NEVER or (now and abs(time - now[0]) > _JUMP):
            # A meter without a clock, or with one that nobody has set, or that jumped.
            if not now:
                return False
            time, offset = now
            derived = DERIVED
        if r.kind != _AT_ITS_HOUR and time % _QUARTER > _WINDOW:
            return False
        totals, flags = totals_of(r)
        if not totals[0] and not totals[1]:
            return False
        flags |= derived
        if r.kind != _AT_ITS_HOUR:
            self._always = True
        last = self.last()
        if last:
            if time // _QUARTER == last.time // _QUARTER:
                return False
            if time < last.time:
                # Some meters send an hour's list again, with the old clock.
                if totals == last.totals:
                    return False
                flags |= UNSURE
            elif less(totals[0], last.totals[0]):
                flags |= UNSURE
            elif totals[0] == last.totals[0] and must_have_grown(r, time - last.time):
                flags |= STALE
        sequence = max(self._sequence, self._sent) + 1
        kind = _EVERY_LIST if self._always else _AT_ITS_HOUR
        return self._append(Record(sequence, time, offset, flags, kind, totals))

    def behind(self):
        """Whether there are Records that are not marked."""
        return self._sent < self._sequence

    def pending(self):
        """The oldest Record that is not marked, None if all are."""
        while self.behind():
            if self._sent + 1 == self._sequence:
                return self.last()
            record = self._read(self._sent + 1)
            if record:
                return record
            self._sent += 1
            self._lose(1, "damaged on flash")
        return None

    def mark(self, sequence):
        """All up to this sequence number has arrived."""
        self._sent = max(self._sent, sequence)
        if not self.behind() or self._sent - self._marked >= _MARK_EVERY:
            self.save_mark()

    def save_mark(self):
        """Write down what has arrived: the power may end."""
        if self._sent == self._marked:
            return
        data = bytearray(8)
        struct.pack_into("<I", data, 0, self._sent)
        add_crc(data)
        path = self._path + "/sent"
        try:
            with open(path + ".new", "wb") as f:
                f.write(data)
            os.rename(path + ".new", path)
            self._marked = self._sent
        except OSError:
            pass  # told again after a restart; the sequence number shows consumers that

    def _lose(self, n, why):
        self.lost += n
        self.problem = "%d totals were lost: %s" % (self.lost, why)

    # files

    def _name(self, first):
        return "%s/%08x" % (self._path, first)

    def _open(self):
        try:
            os.mkdir(self._path)
        except OSError:
            pass  # it is there already
        try:
            for name in os.listdir(self._path):
                try:
                    first = int(name, 16)
                except ValueError:
                    continue  # somebody else's
                if first > 0 and name == "%08x" % first:
                    self._files.append(first)
            self._files.sort()
            with open(self._path + "/sent", "rb") as f:
                data = f.read(9)
            if len(data) == 8 and crc_holds(data):
                self._sent = self._marked = struct.unpack("<I", data)[0]
        except OSError:
            pass  # nothing was sent yet; of a flash that cannot be read the next record will tell
        for first in reversed(self._files):
            if self._scan(first):
                break

    def _scan(self, first):
        """Find the last sound record of a file; whether there is one."""
        places = 0
        found = False
        n = SIZE
        try:
            with open(self._name(first), "rb") as f:
                while True:
                    n = f.readinto(self._buf)
                    if n != SIZE:
                        break
                    record = unpack(self._buf)
                    if record and record.sequence == first + places:
                        found = True
                        self._is_newest(record)
                    places += 1
        except OSError as e:
            self.problem = "totals on flash cannot be read: error %d" % e.errno
        # Behind a torn record nothing may be appended: the next one opens a new file.
        whole = not n and first == self._files[-1] and self._sequence == first + places - 1
        self._count = places if whole else _PER_FILE
        return found

    def _append(self, record):
        self.problem = None
        try:
            try:
                self._write(record)
            except OSError as e:
                # On a full flash the oldest records make room.
                if e.errno != _ENOSPC:
                    raise
                self._drop()
                self._write(record)
        except OSError as e:
            self._count = _PER_FILE
            self._lose(1, "the flash cannot be written, error %d" % e.errno)
            return False
        self._is_newest(record)
        return True

    def _is_newest(self, record):
        # in its bytes: objects that are new each time would come to lie anywhere
        self._newest[:] = self._buf
        self._sequence = record.sequence

    def _write(self, record):
        if not self._files or self._count >= _PER_FILE:
            self._make_room(record.sequence)
            mode = "wb"
            if not self._files or self._files[-1] != record.sequence:
                self._files.append(record.sequence)
            self._count = 0
        else:
            mode = "ab"
        record.pack(self._buf)
        with open(self._name(self._files[-1]), mode) as f:
            f.write(self._buf)
        self._count += 1

    def _make_room(self, sequence):
        # By number, never by time: a clock that is wrong deletes nothing.
        most = self._days * (96 if self._always else 24)
        while len(self._files) > 1 and sequence - self._files[1] >= most:
            self._drop()

    def _drop(self):
        if len(self._files) < 2:
            return
        os.remove(self._name(self._files.pop(0)))
        unsent = self._files[0] - 1 - self._sent
        if unsent > 0:
            self._sent += unsent
            self._lose(unsent, "the broker was away too long, or the flash is full")

    def _read(self, sequence):
        first = 0
        for f in self._files:
            if f <= sequence:
                first = f
        if not first:
            return None
        try:
            with open(self._name(first), "rb") as f:
                f.seek((sequence - first) * SIZE)
                if f.readinto(self._buf) != SIZE:
                    return None
        except OSError:
            return None
        record = unpack(self._buf)
        return record if record and record.sequence == sequence else None
