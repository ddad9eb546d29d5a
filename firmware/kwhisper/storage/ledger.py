"""The registers' totals, hour by hour (or quarter), on flash until the broker has them all.

    /ledger/0000002b    records (totals.py), the first one's sequence number is the name
    /ledger/sent        the last sequence number that was acknowledged

Files are only ever appended to, and deleted when all in them is too old: littlefs copies what
follows a change in a file's middle. A file holds less than a flash block, so a record costs one
block written; the mark of what is sent is written once the broker is up to date, or every 16.
A power cut leaves at most a torn last record: its CRC tells, and the next record opens a new file.
"""

import os
import struct

from meterwire.reading import DERIVED, STALE, UNSURE

from . import totals, utc
from .totals import SIZE, Record, unpack

_PER_FILE = const(81)
_MARK_EVERY = const(16)
_WINDOW = const(120)  # s behind the full quarter in which its list is expected
_DAY = const(86400)
_SANE = const(1_400_000_000)  # 2014: no meter of these ports is older
_SANE_YEAR = const(2015)
_NEVER = const(4_000_000_000)

_EVERY_LIST = const(2)
_AT_ITS_HOUR = const(3)
_QUARTER = const(900)


class Ledger:
    """take(r) keeps a Reading's totals if they are due; pending() and mark() hand them out."""

    def __init__(self, settings, path="/ledger"):
        self._path = path
        self._days = settings["history_days"]
        self._zone = settings["time_zone"]
        self._buf = bytearray(SIZE)
        self._files = []  # first sequence number of each, ascending
        self._count = 0  # records in the last file
        self._always = False  # the meter tells its registers in every list
        self._newest = bytearray(SIZE)  # the last record
        self._sequence = 0  # its number, 0: there is none
        self._sent = self._marked = 0
        self.problem = None  # for the journal
        self.lost = 0  # records that could not be kept, or were too old before they were sent
        try:
            self._open()
        except (OSError, ValueError) as e:
            # A flash that cannot be read: what comes from now on is kept beside what is there.
            self.problem = "the ledger could not be read: " + str(e)

    def last(self):
        """The newest Record, None if there is none."""
        return unpack(self._newest) if self._sequence else None

    def take(self, r, now=None):
        """Keep the totals of a Reading that is the first of its hour or quarter.

        now: a callable for meters that do not tell the time: (seconds, offset) by the device's
        clock, or None.
        Returns whether a record was made.
        """
        if not self._days or r.kind == 1:
            return False
        clock = r.clock
        # Most lists are none of those: told by a glance, for a small chip loads the rest then.
        if r.kind != _AT_ITS_HOUR and clock and clock[0] >= _SANE_YEAR:
            if clock[4] % 15 * 60 + clock[5] > _WINDOW:
                return False
        return self._keep(r, now)

    def _keep(self, r, now):
        registers, flags = totals.of(r)
        if not registers[0] and not registers[1]:
            return False
        time = 0
        if r.clock:
            time, offset = utc.of_clock(r.clock, self._zone)
        if not _SANE < time < _NEVER:
            # A meter without a clock, or with one that nobody has set.
            time, offset = (now and now()) or (0, 0)
            flags |= DERIVED
        if not time:
            return False
        last = self.last()
        if r.kind != _AT_ITS_HOUR:
            self._always = True
            if time % _QUARTER > _WINDOW:
                return False
        if last:
            if time // _QUARTER == last.time // _QUARTER:
                return False
            if time < last.time:
                # Some meters send an hour's list again, with the old clock.
                if registers == last.totals:
                    return False
                flags |= UNSURE
            elif totals.less(registers[0], last.totals[0]):
                flags |= UNSURE
            elif registers[0] == last.totals[0] and totals.must_have_grown(r, time - last.time):
                flags |= STALE
        sequence = max(self._sequence, self._sent) + 1
        kind = _EVERY_LIST if self._always else _AT_ITS_HOUR
        return self._append(Record(sequence, time, offset, flags, kind, registers))

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
            self.lost += 1
        return None

    def mark(self, sequence):
        """All up to this sequence number has arrived."""
        self._sent = max(self._sent, sequence)
        if not self.behind() or self._sent - self._marked >= _MARK_EVERY:
            self._write_mark()

    def save_mark(self):
        """Write down what has arrived: the power may end."""
        if self._sent != self._marked:
            self._write_mark()

    # files

    def _name(self, first):
        return "%s/%08x" % (self._path, first)

    def _open(self):
        try:
            os.mkdir(self._path)
        except OSError:
            pass  # it is there already
        try:
            names = os.listdir(self._path)
        except OSError:
            return  # a flash that cannot even be listed: taking a record will say so
        for name in sorted(names):
            try:
                first = int(name, 16)
            except ValueError:
                continue  # somebody else's
            if first and name == "%08x" % first:
                self._files.append(first)
        for first in reversed(self._files):
            if self._scan(first):
                break
        self._read_mark()

    def _scan(self, first):
        """Find the last whole record of a file; whether there is one."""
        records = 0
        n = SIZE  # a file that cannot be read is as a torn one
        try:
            with open(self._name(first), "rb") as f:
                while True:
                    n = f.readinto(self._buf)
                    record = unpack(self._buf) if n == SIZE else None
                    if not record:
                        break
                    records += 1
                    self._is_newest(record)
        except OSError as e:
            self.problem = "a file of the ledger could not be read: " + str(e)
            n = SIZE
        # Behind a torn record nothing may be appended: the next one opens a new file.
        whole = not n and first == self._files[-1]
        self._count = records if whole else _PER_FILE
        return records

    def _append(self, record):
        try:
            self._write(record)
        except OSError:
            # The flash is full: the oldest records make room.
            self._drop()
            try:
                self._write(record)
            except OSError:
                self.lost += 1
                self._count = _PER_FILE
                return False
        self._is_newest(record)
        return True

    def _is_newest(self, record):
        # in its bytes: objects that are new each time would come to lie anywhere
        self._newest[:] = self._buf
        self._sequence = record.sequence

    def _write(self, record):
        if not self._files or self._count >= _PER_FILE:
            self._drop_old(record.time)
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

    def _drop_old(self, now):
        while len(self._files) > 1:
            newest = self._read(self._files[1] - 1)
            old = newest and newest.time < now - self._days * _DAY
            if not old and len(self._files) < self._days * 96 // _PER_FILE + 2:
                return
            self._drop()

    def _drop(self):
        if len(self._files) < 2:
            return
        os.remove(self._name(self._files.pop(0)))
        if self._sent < self._files[0] - 1:
            self.lost += self._files[0] - 1 - self._sent
            self._sent = self._files[0] - 1

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

    def _read_mark(self):
        for name in ("/sent", "/sent.new"):
            try:
                with open(self._path + name, "rb") as f:
                    data = f.read(6)
            except OSError:
                continue
            if len(data) == 6 and totals.sealed(bytearray(data), 6):
                self._sent = max(self._sent, struct.unpack("<I", data)[0])
        self._marked = self._sent

    def _write_mark(self):
        data = bytearray(6)
        struct.pack_into("<I", data, 0, self._sent)
        totals.seal(data, 6)
        path = self._path + "/sent"
        try:
            with open(path + ".new", "wb") as f:
                f.write(data)
            try:
                os.rename(path + ".new", path)
            except OSError:
                # FAT does not rename onto a file; _read_mark() looks at both.
                os.remove(path)
                os.rename(path + ".new", path)
            self._marked = self._sent
        except OSError:
            pass  # told again after a restart; the sequence number shows consumers that
