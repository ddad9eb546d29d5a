"""Reads the data lines of a P1 or IEC 62056-21 text telegram into rows, in Viper.

    telegram  /ident CR LF CR LF { line } !
    line      [A-B:]C.D.E[*F | .F] group { group } [CR] LF        a line of groups only goes on
    group     ( [time] ) | ( digits [. digits] [*unit] ) | ( text )          with the one before

The last number of a line is its value; a time before it (sub-meters, peak demand) gets a row of
its own with the same code. Units come out as the codes of the DLMS Blue Book's unit table, and k
and M are taken into the exponent: 001.250*kW is 1250 with exponent 0 and unit W. Digits are never
rounded. A line that cannot be read is skipped, those around it are kept.
"""

from array import array

import micropython
from micropython import const

# Words of the context array
# (as in apdu_v, whose place this takes)
POS = const(0)  # in: the "/"
STOP = const(1)  # in: the end of the telegram
MAX = const(2)  # in: rows that fit
CLOCK = const(3)  # out: 0, the clock is among the rows
ROWS = const(4)  # out: rows written
SKIPPED = const(5)  # out: lines that could not be read
FIRST = const(6)  # out: 0, every text has its code
LAST = const(8)
SURE = const(12)  # out: 1, every value has its unit
OTHER_CURRENT = const(32)  # out: 0
ORDER = const(33)  # out: 0

_NUMBER = const(0)
_TEXT = const(1)
_TIME = const(2)

_LF = b"\n"
_CLOSE = b")"

# The letters of a unit without their case, five bits each, prefix taken off; its code in the Blue
# Book's table; and a power of ten (a litre is a thousandth of a cubic metre).
_UNITS = array("I", bytes(4 * 3 * 14))
for _i, _row in enumerate(
    (
        ("W", 27, 0),
        ("Wh", 30, 0),
        ("A", 33, 0),
        ("V", 35, 0),
        ("var", 29, 0),
        ("varh", 32, 0),
        ("VA", 28, 0),
        ("m3", 13, 0),
        ("s", 7, 0),
        ("Hz", 44, 0),
        ("VAh", 31, 0),
        ("J", 25, 0),
        ("l", 13, 3),
    )
):
    _letters = 0
    for _c in _row[0]:
        _letters = _letters << 5 | ord(_c) & 0x1F
    _UNITS[_i * 3] = _letters
    _UNITS[_i * 3 + 1] = _row[1]
    _UNITS[_i * 3 + 2] = _row[2]
_NO_UNIT = const(255)


@micropython.viper
def long_number(rows: ptr8, k: int, buf: ptr8, at: int, end: int, minus: int):
    """Write the digits of buf[at:end], too many for a machine word, to the row at byte k."""
    v = 8
    while v < 16:
        rows[k + v] = 0
        v += 1
    while at < end:
        u = buf[at] - 0x30
        at += 1
        if u >= 0 and u < 10:
            v = 8
            while v < 16:
                u += rows[k + v] * 10
                rows[k + v] = u
                u >>= 8
                v += 1
    if minus:
        u = 1
        v = 8
        while v < 16:
            u += rows[k + v] ^ 0xFF
            rows[k + v] = u
            u >>= 8
            v += 1


@micropython.viper
def lines(window, row_bytes, words) -> int:
    """Read the telegram at words[POS]; write a row for each value, text and time: how many."""
    buf = ptr8(window)
    rows = ptr8(row_bytes)
    ctx = ptr32(words)
    units = ptr32(_UNITS)
    p = ctx[POS]
    end = ctx[STOP]
    last = ctx[MAX] << 4
    ctx[SKIPPED] = 0
    ctx[CLOCK] = 0
    ctx[FIRST] = 0
    ctx[LAST] = 0
    ctx[SURE] = 1
    ctx[OTHER_CURRENT] = 0
    ctx[ORDER] = 0
    k = 0
    # the code of the line, as A<<8|B and C<<16|D<<8|E; ab < 0 while no line was begun
    ab = 0 - 1
    cde = 0
    unit_of_line = 0
    p = int(window.find(_LF, p, end))
    if p < 0:
        p = end
    while p < end:
        b = buf[p]
        if b <= 0x20:
            p += 1
            continue
        if b == 0x21:
            break
        bad = 0
        if b != 0x28:
            # the OBIS code
            ab = 0x100
            cde = 0
            parts = 0
            unit_of_line = 0
            n = 0
            if buf[p + 3] == 0x3A and buf[p + 1] == 0x2D and b - 0x30 < 10 and b > 0x2F:
                # nearly every line: one digit each for A and B
                o = buf[p + 2] - 0x30
                ab = ((b - 0x30) << 8) | o
                if o < 0 or o > 9:
                    ab = 0 - 1
                p += 4
            o = p
            # no bound: the "!", or the zeros behind every buffer, are no digits
            while True:
                b = buf[p]
                p += 1
                if b >= 0x30 and b <= 0x39:
                    if n < 1000:
                        n = n * 10 + b - 0x30
                    continue
                if b == 0x20:
                    continue
                # a mark: it ends a number that must be there and fit a byte
                if p - 1 == o or n > 255:
                    break
                if b == 0x2E or b == 0x28 or b == 0x2A:
                    if parts < 3:
                        cde = (cde << 8) | n
                    parts += 1
                    if b == 0x28:
                        break
                elif b == 0x2D and parts == 0 and ab == 0x100:
                    # below zero until its ":" has come
                    ab = (n << 8) - 0x10000
                elif b == 0x3A and parts == 0 and ab < 0:
                    ab += 0x10000 + n
                else:
                    break
                n = 0
                o = p
            p -= 1
            if b != 0x28 or parts < 3 or ab < 0:
                bad = 1
        if bad or ab < 0 or k + 16 >= last:
            ctx[SKIPPED] += 1
            ab = 0 - 1
            p = int(window.find(_LF, p, end))
            if p < 0:
                break
            continue
        c = cde >> 16
        d = (cde >> 8) & 0xFF
        # profiles and logs stay text; so do identifiers and messages, whatever digits they hold
        log = 0
        plain = 0
        if c > 41:
            if c == 98 or c == 99:
                log = 1
            elif c == 96 and (d == 1 or d == 13) or c == 42 and d == 0:
                plain = 1
        when = 0
        told = 0
        first = 0
        size = 0
        count = 0
        while p < end and buf[p] == 0x28:
            p += 1
            o = p
            v = 0
            long = 0
            point = 0
            b = buf[p]
            if b == 0x2D:
                p += 1
            # digits and one point; whatever else comes makes it text
            while True:
                b = buf[p]
                if b >= 0x30 and b <= 0x39:
                    if v > 99999999:
                        long = 1
                    else:
                        v = v * 10 + b - 0x30
                elif b == 0x2E and point == 0:
                    point = p
                else:
                    break
                p += 1
            n = p - o
            # so many digits: none is no number, more than 18 do not fit a row
            figures = n - (1 if point else 0) - (1 if buf[o] == 0x2D else 0)
            kind = _NUMBER
            if n == 12 and b != 0x2A and point == 0:
                # YYMMDDhhmmss, with S or W behind it or, in older meters, without
                if b == 0x53 or b == 0x57:
                    kind = _TIME
                    p += 1
                    n = 13
                    b = buf[p]
                elif c == 24 or c == 1 and d == 0:
                    kind = _TIME
            if b != 0x29 and b != 0x2A or figures < 1 or figures > 18 or log or plain:
                kind = _TEXT
                if b != 0x29:
                    # a group ends with its line: an open one must not take the next
                    j = int(window.find(_LF, p, end))
                    if j < 0:
                        j = end
                    p = int(window.find(_CLOSE, p, j))
                    if p < 0:
                        p = j
                n = p - o
            elif point:
                point = p - point - 1
            scale = 0
            unit = 0
            if b == 0x2A and kind == _NUMBER:
                j = p
                p += 1
                u = 0
                while p < end and buf[p] != 0x29 and buf[p] > 0x20:
                    b = buf[p] & 0x1F
                    p += 1
                    if u == 0 and scale == 0:
                        # k, M (but not that of m3), G
                        if b == 11:
                            scale = 3
                            continue
                        if b == 13 and buf[p] != 0x33:
                            # M is a million, m a thousandth
                            scale = 6 if buf[p - 1] == 0x4D else 0 - 3
                            continue
                        if b == 7:
                            scale = 9
                            continue
                    u = (u << 5) | b
                b = 0
                while units[b] != u and units[b]:
                    b += 3
                if units[b]:
                    unit = units[b + 1]
                    scale -= units[b + 2]
                else:
                    scale = 0
                    unit = _NO_UNIT
            else:
                j = p
            if p >= end or buf[p] != 0x29:
                bad = 1
                break
            p += 1
            count += 1
            if count == 1:
                first = o
                size = n
            if log:
                # as printed, with every bracket
                if count == 1:
                    first = o - 1
                size = p - first
            elif kind == _TIME:
                when = o
                told = n
            elif kind == _NUMBER:
                # the row is written over by a later number of the same line
                first = 0
                if long:
                    long_number(row_bytes, k, window, o, j, buf[o] == 0x2D)
                else:
                    if buf[o] == 0x2D:
                        v = 0 - v
                    rows[k + 8] = v
                    rows[k + 9] = v >> 8
                    rows[k + 10] = v >> 16
                    rows[k + 11] = v >> 24
                    v >>= 31
                    rows[k + 12] = v
                    rows[k + 13] = v
                    rows[k + 14] = v
                    rows[k + 15] = v
                rows[k + 5] = _NUMBER
                rows[k + 6] = scale - point
                if unit == 0:
                    # a bare number has the decimals it has: no profile knows them better
                    unit = unit_of_line if unit_of_line else _NO_UNIT
                rows[k + 7] = unit
            elif n == 2 and buf[o] == 0x6D and buf[o + 1] == 0x33:
                # DSMR 2 and 3 name the unit in a group of its own, the value follows a line below:
                # the numbers before it are a status
                unit_of_line = 13
                first = o
                size = 0
        if bad or count == 0 or first and size == 0 and when == 0:
            if bad:
                ctx[SKIPPED] += 1
            p = int(window.find(_LF, p, end))
            if p < 0:
                break
            continue
        j = k
        if when:
            if first == 0:
                # the value's time goes before it
                while j < k + 16:
                    rows[j + 16] = rows[j]
                    j += 1
                j = k
                k += 16
            rows[j + 5] = _TIME
            rows[j + 8] = when
            rows[j + 9] = when >> 8
            rows[j + 10] = told
            rows[j + 11] = 0
        elif first:
            rows[k + 5] = _TEXT
            rows[k + 7] = 0
            rows[k + 8] = first
            rows[k + 9] = first >> 8
            rows[k + 10] = size
            rows[k + 11] = size >> 8
        k += 16
        while j < k:
            rows[j] = ab >> 8
            rows[j + 1] = ab
            rows[j + 2] = c
            rows[j + 3] = d
            rows[j + 4] = cde
            j += 16
    ctx[ROWS] = k >> 4
    return k >> 4
