"""What a meter's registers said at one time, and how that lies on flash.

record (52 bytes): sequence, time (s since 1970), offset (minutes), flags, kind,
                   4 totals (mantissa), 4 exponents (-128: the meter has no such register),
                   CRC-32 of all that
"""

import struct
from binascii import crc32

from meterwire.reading import UNSURE

SIZE = const(52)
# A flag beside the decoder's: another meter, or a register that fell. To the record before it
# there is no difference.
NEW_SERIES = const(64)
_FORMAT = const("<IIhBB4q4b")
_ABSENT = const(-128)
_RESIDUE = const(0x2144DF1C)  # the CRC-32 of anything with its CRC-32 behind it


class Record:
    """What the registers said at one time: sequence, time, offset, flags, kind, totals.

    kind: 3, or 2 if the meter tells its registers in every list.
    totals: (mantissa, exponent) in Wh or varh, or None, of 1.8.0, 2.8.0, 3.8.0 and 4.8.0.
    """

    def __init__(self, sequence, time, offset, flags, kind, totals):
        self.sequence = sequence
        self.time = time
        self.offset = offset
        self.flags = flags
        self.kind = kind
        self.totals = totals

    def doubted(self):
        """Whether the totals are in doubt: nothing is reckoned with them. A new series is known to
        be one."""
        return self.flags & (UNSURE | NEW_SERIES) == UNSURE

    def named(self):
        """Iterate (name, (mantissa, exponent)) of the registers there are."""
        for i, total in enumerate(self.totals):
            if total:
                way = "export" if i & 1 else "import"
                yield ("reactive" if i > 1 else "active") + "_energy_" + way, total

    def codes(self):
        """Iterate their OBIS codes, C << 16 | D << 8 | E."""
        for i, total in enumerate(self.totals):
            if total:
                yield (i + 1) << 16 | 0x0800

    def pack(self, buf):
        """Into its bytes on flash."""
        numbers = [self.sequence, self.time, self.offset, self.flags, self.kind]
        exponents = []
        for total in self.totals:
            value, exponent = total or (0, _ABSENT)
            numbers.append(value)
            exponents.append(exponent)
        struct.pack_into(_FORMAT, buf, 0, *numbers + exponents)
        add_crc(buf)


def unpack(buf):
    """The Record in the bytes, None if they are damaged or no record."""
    if not crc_holds(buf):
        return None
    f = struct.unpack_from(_FORMAT, buf, 0)
    if not f[0]:
        return None
    totals = []
    for i in range(5, 9):
        totals.append(None if f[i + 4] == _ABSENT else (f[i], f[i + 4]))
    return Record(*f[:5], totals)


def add_crc(buf):
    """Put the CRC of what is before it into the last four bytes."""
    struct.pack_into("<I", buf, len(buf) - 4, crc32(memoryview(buf)[:-4]))


def crc_holds(buf):
    """Whether the bytes are as they were when they got their CRC."""
    return crc32(buf) == _RESIDUE


def totals_of(r):
    """(the four totals, their flags)."""
    totals = [None, None, None, None]
    flags = 0
    for which in range(4):
        i = r.find(which + 1, 8, 0)
        if i >= 0 and r.entry(i) == 0:
            totals[which] = r.value(i), r.exponent(i)
            flags |= r.flag(i)
    return totals, flags


def told(r, c, d):
    """The value of C.D.0 in W, None if the list does not tell it for sure."""
    i = r.find(c, d, 0)
    if i >= 0 and r.entry(i) and i + 1 < len(r) and r.key(i + 1) == r.key(i):
        i += 1  # its time stands before it
    return r.scaled(i, 0) if i >= 0 and not r.entry(i) and not r.flag(i) & UNSURE else None
