"""Judges a list as one of many, in Viper: values met twice, registers, lists sent again.

unique      of a code that comes twice in a list the first stays, or the newest
totals      each total against the one before: registers do not fall
occasion    which list of the meter it is, and whether it is an old one sent again
same_list   whether the list's texts are those of the list before
"""

import micropython
from micropython import const

from .words import (
    CLOCK,
    DIGEST,
    FLAGS,
    MARKS,
    POWER,
    ROW,
    ROW_DERIVED,
    ROW_EXPONENT,
    ROW_KIND,
    ROW_STALE,
    ROW_UNSURE,
    ROW_VALUE,
    ROWS,
    SIGNATURE,
    SLOT,
    SLOTS,
    STAMP,
    TEXT,
    TIME,
)

_STRONG = const(0x20000032)  # 50 W; at this power the coarsest register moves within the hour
_LONG = const(2700)  # s


@micropython.viper
def unique(row: int, rows: ptr8, memory: ptr8, words: ptr32, buf: ptr8):
    """Of rows with one code and one kind keep the first, or the one whose time is the newest.

    A time stands in the row before its value, with the same code. row is MARKS, rows begin at 0:
    Viper keeps the first three locals in registers.
    """
    while row < MARKS + 32:
        memory[row] = 0
        memory[row + 1] = 0
        memory[row + 2] = 0
        memory[row + 3] = 0
        row += 4
    row = int(rows)
    to = row
    end = row + (words[ROWS] << 4)
    newer = 0 - 1  # the row whose value is newer than the one met before
    while row < end:
        kind = ptr8(row)[ROW_KIND] & 3
        mark = ptr8(row)[2] ^ (ptr8(row)[3] << 4) ^ (ptr8(row)[4] << 2) ^ (ptr8(row)[1] << 6)
        mark = MARKS * 8 + ((mark ^ (kind << 7) ^ ptr8(row)[0]) & 0xFF)
        bit = 1 << (mark & 7)
        first = end
        if memory[mark >> 3] & bit:
            first = int(rows)
            while first < to:
                i = 4
                while i >= 0 and ptr8(first)[i] == ptr8(row)[i]:
                    i -= 1
                if i < 0 and ptr8(first)[ROW_KIND] & 3 == kind:
                    break
                first += ROW
            if first == to:
                first = end
        memory[mark >> 3] = memory[mark >> 3] | bit
        if first < end:
            # met before
            size = ptr8(row)[ROW_VALUE + 2]
            if kind == TIME and ptr8(first)[ROW_VALUE + 2] == size:
                old = ptr8(first)[ROW_VALUE] | (ptr8(first)[ROW_VALUE + 1] << 8)
                new = ptr8(row)[ROW_VALUE] | (ptr8(row)[ROW_VALUE + 1] << 8)
                i = 0
                while i < size - 1 and buf[old + i] == buf[new + i]:
                    i += 1
                if buf[new + i] > buf[old + i]:
                    newer = row + ROW
            if newer == row or newer == row + ROW:
                i = 0
                while i < ROW:
                    ptr8(first)[i] = ptr8(row)[i]
                    i += 1
        else:
            if to != row:
                i = 0
                while i < ROW:
                    ptr8(to)[i] = ptr8(row)[i]
                    i += 1
            to += ROW
        row += ROW
    to -= int(rows)
    words[ROWS] = to >> 4


@micropython.viper
def totals(row: int, rows: ptr8, memory: ptr8, words: ptr32) -> int:
    """Hold each register against its last value in memory; mark what fell. Returns a digest.

    row is 0: the first three locals are in registers.
    """
    row += int(rows)
    end = row + (words[ROWS] << 4)
    digest = 0
    fell = 0  # a bit for each C: a sum of what is in doubt is so, too
    while row < end:
        c = ptr8(row)[2]
        if ptr8(row)[3] == 8 and c < 5 and c > 0 and ptr8(row)[0] == 1 and ptr8(row)[4] < 10:
            if ptr8(row)[ROW_KIND] & 3 == 0:
                digest = (digest & 0x3FFFF) * 31 + ptr8(row)[ROW_VALUE]
                digest += (ptr8(row)[ROW_VALUE + 1] << 8) | (ptr8(row)[ROW_VALUE + 2] << 16)
                slot = 0
                while slot < SLOTS * SLOT and memory[slot + 1]:
                    if memory[slot + 1] == c and memory[slot + 2] == ptr8(row)[4]:
                        if memory[slot] == ptr8(row)[1]:
                            if memory[slot + 3] == ptr8(row)[ROW_EXPONENT]:
                                break
                    slot += SLOT
                if slot < SLOTS * SLOT:
                    to = int(memory) + slot + 4
                    at = row + ROW_VALUE
                    i = 7
                    if memory[slot + 1]:
                        while i > 0 and ptr8(to)[i] == ptr8(at)[i]:
                            i -= 1
                        if ptr8(at)[i] < ptr8(to)[i]:
                            ptr8(row)[ROW_KIND] |= ROW_UNSURE
                            fell |= 1 << c
                    if ptr8(row)[ROW_KIND] & ROW_DERIVED and fell >> c & 1:
                        ptr8(row)[ROW_KIND] |= ROW_UNSURE
                    memory[slot] = ptr8(row)[1]
                    memory[slot + 1] = c
                    memory[slot + 2] = ptr8(row)[4]
                    memory[slot + 3] = ptr8(row)[ROW_EXPONENT]
                    i = 0
                    while i < 8:
                        ptr8(to)[i] = ptr8(at)[i]
                        i += 1
        row += ROW
    return digest


@micropython.viper
def occasion(rows: ptr8, words: ptr32, buf: ptr8, digest: int) -> int:
    """The kind of a list with totals: 3 at its hour or quarter by the meter's own clock, else 2.

    A list of the hour before sent again has its registers, and often its clock too. Registers that
    did not move in the better part of an hour of drawing power are old; used for the hour's
    consumption they would count one hour twice.
    """
    at = words[CLOCK]
    if at == 0:
        return 2
    minute = buf[at + 6]
    second = buf[at + 7]
    hours = buf[at + 3] * 24 + buf[at + 5]
    if words[CLOCK + 1] == 13 or buf[at] == 0x30 + (buf[at] & 7):
        minute = (buf[at + 8] & 15) * 10 + (buf[at + 9] & 15)
        second = (buf[at + 10] & 15) * 10 + (buf[at + 11] & 15)
        hours = ((buf[at + 4] & 15) * 10 + (buf[at + 5] & 15)) * 24
        hours += (buf[at + 6] & 15) * 10 + (buf[at + 7] & 15)
    if minute % 15 or second > 30:
        return 2
    stamp = (hours * 60 + minute) * 60 + second
    since = stamp - words[STAMP]
    same = 1 if words[DIGEST] == digest + 1 else 0
    if same and words[POWER] >= _STRONG:
        if since == 0 or since > _LONG or since < 0 - _LONG:
            words[FLAGS] |= ROW_STALE >> 4
            row = 0
            end = words[ROWS] << 4
            while row < end:
                if rows[row + 3] == 8 and rows[row] == 1 and rows[row + ROW_KIND] & 3 == 0:
                    rows[row + ROW_KIND] |= ROW_STALE
                row += ROW
    if not same or since > _LONG or since < 0:
        words[STAMP] = stamp
    words[DIGEST] = digest + 1
    return 3


@micropython.viper
def same_list(rows: ptr8, words: ptr32, buf: ptr8, at: int, size: int) -> int:
    """1 if the list's texts (and buf[at:at + size]) are those of the last call: same profile."""
    row = 0
    end = words[ROWS] << 4
    total = size
    while True:
        while size > 0:
            total = ((total << 5) ^ (total >> 20) ^ buf[at]) & 0x1FFFFFF
            at += 1
            size -= 1
        while row < end and rows[row + ROW_KIND] & 3 != TEXT:
            row += ROW
        if row == end:
            break
        at = rows[row + ROW_VALUE] | (rows[row + ROW_VALUE + 1] << 8)
        size = rows[row + ROW_VALUE + 2]
        row += ROW
    if words[SIGNATURE] == total:
        return 1
    words[SIGNATURE] = total
    return 0
