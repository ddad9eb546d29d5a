"""Reads the data lines of a P1 or IEC 62056-21 text telegram into rows, in Viper.

    telegram  /ident CR LF CR LF { line } !
    line      [A-B:]C.D.E[*F | .F] group { group } [CR] LF        a line of groups only goes on
    group     ( [time] ) | ( digits [. digits] [*unit] ) | ( text )          with the one before

The last number of a line is its value; a time before it (sub-meters, peak demand) gets a row of its
own with the same code. Units come out as the codes of the DLMS Blue Book's unit table, and k and M
are taken into the exponent: 001.250*kW is 1250 with exponent 0 and unit W. Digits are never
rounded. A line that cannot be read is skipped, those around it are kept.
"""

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


@micropython.viper
def lines(buf: ptr8, rows: ptr8, ctx: ptr32) -> int:
    """Read the telegram at ctx[POS]; write a row for each value, text and time; return how many."""
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
    while p < end and buf[p] != 10:
        p += 1
    unit_of_line = 0
    while p < end:
        b = buf[p]
        if b <= 0x20:
            p += 1
            continue
        if b == 0x21:
            break
        groups = p
        bad = 0
        if b != 0x28:
            # the OBIS code
            ab = 0x100
            cde = 0
            n = 0 - 1
            parts = 0
            unit_of_line = 0
            while p < end:
                b = buf[p]
                if b >= 0x30 and b <= 0x39:
                    n = (0 if n < 0 else n * 10) + b - 0x30
                    if n > 255:
                        bad = 1
                elif b == 0x2D and parts == 0 and n >= 0:
                    ab = n << 8
                    n = 0 - 1
                elif b == 0x3A and parts == 0 and n >= 0 and cde == 0:
                    ab |= n
                    n = 0 - 1
                    # a second ":" is a damaged code
                    cde = 1
                elif b == 0x2E or b == 0x2A or b == 0x28:
                    if n < 0:
                        break
                    if parts == 0:
                        cde = n
                    elif parts < 3:
                        cde = (cde << 8) | n
                    parts += 1
                    n = 0 - 1
                    if b == 0x28:
                        break
                elif b != 0x20:
                    break
                p += 1
            groups = p
            if p >= end or buf[p] != 0x28 or parts < 3:
                bad = 1
        if bad or ab < 0 or k + 16 >= last:
            ctx[SKIPPED] += 1
            ab = 0 - 1
            while p < end and buf[p] != 10:
                p += 1
            continue
        c = cde >> 16
        d = (cde >> 8) & 0xFF
        # profiles and logs stay text; so do identifiers and messages, whatever digits they hold
        words = 1 if c == 98 or c == 99 else 0
        plain = 1 if words or c == 96 and (d == 1 or d == 13) or c == 42 and d == 0 else 0
        when = 0
        told = 0
        first = 0
        size = 0
        count = 0
        while p < end and buf[p] == 0x28:
            p += 1
            o = p
            v = 0
            digits = 0
            total = 0
            point = 0 - 1
            minus = 0
            kind = _NUMBER
            while p < end:
                b = buf[p]
                if b >= 0x30 and b <= 0x39:
                    if kind == _NUMBER:
                        total += 1
                        if point >= 0:
                            point += 1
                        if digits or b != 0x30:
                            digits += 1
                        if digits < 10:
                            v = v * 10 + b - 0x30
                elif b == 0x29 or b == 0x2A or b < 0x20:
                    break
                elif b == 0x2E and point < 0:
                    point = 0
                elif b == 0x2D and p == o:
                    minus = 1
                else:
                    kind = _TEXT
                p += 1
            n = p - o
            if total == 0 or plain:
                kind = _TEXT
            if (
                n == 13
                and kind == _TEXT
                and total == 12
                and (buf[p - 1] == 0x53 or buf[p - 1] == 0x57)
            ):
                kind = _TIME
            elif n == 12 and total == 12 and point < 0 and (c == 1 and d == 0 or c == 24):
                kind = _TIME
            scale = 0
            unit = 0
            if b == 0x2A:
                p += 1
                j = p
                u = 0
                while p < end and buf[p] != 0x29 and buf[p] > 0x20:
                    b = buf[p] & 0x1F
                    if p == j and b == 11:
                        scale = 3
                    elif p == j and b == 13 and buf[p + 1] != 0x33:
                        scale = 6
                    elif p == j and b == 7:
                        scale = 9
                    else:
                        u = (u << 5) | b
                    p += 1
                n = p - o
                if u == 23:
                    unit = 27
                elif u == 744:
                    unit = 30
                elif u == 22:
                    unit = 35
                elif u == 1:
                    unit = 33
                elif u == 22578:
                    unit = 29
                elif u == 722504:
                    unit = 32
                elif u == 705:
                    unit = 28
                elif u == 22568:
                    unit = 31
                elif u == 282:
                    unit = 44
                elif u == 435:
                    unit = 13
                elif u == 12:
                    unit = 13
                    scale -= 3
                elif u == 10:
                    unit = 25
                elif u == 19:
                    unit = 7
                else:
                    scale = 0
                    unit = 255
            if p >= end or buf[p] != 0x29:
                bad = 1
                break
            p += 1
            count += 1
            if count == 1:
                first = o
                size = n
            if words:
                size = p - 1 - first
            elif kind == _TIME:
                when = o
                told = n
            elif kind == _NUMBER:
                # the row is written over by a later number of the same line
                rows[k + 5] = _NUMBER
                rows[k + 7] = unit
                if digits > 19:
                    kind = _TEXT
                else:
                    first = 0
                    if minus and digits < 10:
                        v = 0 - v
                    rows[k + 8] = v
                    rows[k + 9] = v >> 8
                    rows[k + 10] = v >> 16
                    rows[k + 11] = v >> 24
                    j = 12
                    while j < 16:
                        rows[k + j] = 0xFF if v < 0 else 0
                        j += 1
                    if digits > 9:
                        # the digits behind the ninth, one multiplication by ten each
                        j = o
                        b = 0
                        while b < 9:
                            u = buf[j]
                            if u >= 0x31 and u <= 0x39 or b and u == 0x30:
                                b += 1
                            j += 1
                        while b < digits:
                            u = buf[j] - 0x30
                            j += 1
                            if u >= 0:
                                b += 1
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
                    rows[k + 6] = scale - (point if point > 0 else 0)
            elif n == 2 and buf[o] == 0x6D and buf[o + 1] == 0x33:
                # DSMR 2 and 3 name the unit in a group of its own, the value follows a line below:
                # the numbers before it are a status
                unit_of_line = 13
                first = o
                size = 0
            if kind == _NUMBER and unit == 0:
                rows[k + 7] = unit_of_line
        if bad or count == 0 or first and size == 0 and when == 0:
            if bad:
                ctx[SKIPPED] += 1
            while p < end and buf[p] != 10:
                p += 1
            continue
        if when and first == 0:
            # the value's time goes before it
            j = 0
            while j < 16:
                rows[k + 16 + j] = rows[k + j]
                j += 1
        j = k
        if when:
            rows[k + 5] = _TIME
            rows[k + 8] = when
            rows[k + 9] = when >> 8
            rows[k + 10] = told
            rows[k + 11] = 0
            k += 16
        elif first:
            rows[k + 5] = _TEXT
            rows[k + 7] = 0
            rows[k + 8] = first
            rows[k + 9] = first >> 8
            rows[k + 10] = size
            rows[k + 11] = size >> 8
        if first == 0 or not when:
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
