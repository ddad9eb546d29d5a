"""Reads an APDU's A-XDR data, in Viper: lists that name their values, and the flat index.

    DataNotification   0F invoke-id(4) date-time body          (DLMS Green Book, 9.5)
    date-time          00 | 0C time(12) | 09 0C time(12) | 19 time(12)
    body               Data: a tag of the Blue Book's table, then a count or length or value

`scan` reads in one pass every list whose values follow their OBIS code, however deep the
structures stand: {OBIS, value}, {OBIS, value, {scaler, unit}} and the same without the braces.
That is most of Europe, and needs no index. `walk` makes the index for all others.

A row is 16 bytes: A B C D E kind exponent unit value(8, little-endian, two's complement); texts
and times stand in the value as offset(2) length(2) in the buffer.
"""

import micropython
from micropython import const

# Words of the context array
POS = const(0)  # in: the APDU; out: the first byte behind it
STOP = const(1)  # in: the end of the APDU
MAX = const(2)  # in: rows that fit
CLOCK = const(3)  # out: offset of the header's date-time, 0 if none
ROWS = const(4)  # out: rows written
LOOSE = const(5)  # out: values that no OBIS code names
FIRST = const(6)  # out: offset of the first text that no OBIS code names, 0 if none
FIRST_LEN = const(7)
LAST = const(8)  # the last such text
LAST_LEN = const(9)
BODY = const(10)  # out: where the data begins
BARE = const(11)  # out: electricity values that no scaler follows
SURE = const(12)  # of judge_v: the exponents are known to hold
OTHER_CURRENT = const(32)  # a second exponent for currents, tried when the first does not hold
FLOATS = const(46)  # out: 1 if there are rows of kind FLOAT
ORDER = const(33)  # which known order the list has, 0 if it names its values

# Kinds of row
NUMBER = const(0)
TEXT = const(1)
TIME = const(2)
FLOAT = const(3)  # as it came; floats.settle makes it a number
WIDE = const(0x10)  # beside FLOAT: a float64

# What stands in the place of a row or an index
NAMED = const(1)  # scan: rows were written
OTHER = const(0)  # scan: well formed, but not a list that names its values
SHORT = const(-1)  # the data ends before the list does
BROKEN = const(-2)  # not A-XDR, or more than is believable


@micropython.viper
def scan(buf: ptr8, rows: ptr8, ctx: ptr32) -> int:
    """Read the DataNotification (or bare Data) at ctx[POS]; write a row for each named value."""
    p = ctx[POS]
    end = ctx[STOP]
    ctx[CLOCK] = 0
    ctx[ROWS] = 0
    ctx[LOOSE] = 0
    ctx[FIRST] = 0
    ctx[LAST] = 0
    ctx[BARE] = 0
    ctx[SURE] = 1
    ctx[OTHER_CURRENT] = 0
    ctx[ORDER] = 0
    ctx[FLOATS] = 0
    if buf[p] == 0x0F:
        p += 5
        t = buf[p]
        if t == 0x09 and buf[p + 1] == 0x0C:
            p += 1
            t = 0x0C
        p += 1
        if t == 0x0C or t == 0x19:
            ctx[CLOCK] = p
            p += 12
        elif t != 0:
            return BROKEN
    ctx[BODY] = p
    k = 0
    last = ctx[MAX] << 4
    left = 1
    while left > 0:
        if p >= end:
            return SHORT
        t = buf[p]
        p += 1
        left -= 1
        o = 0
        if t == 1 or t == 2:
            n = buf[p]
            p += 1
            if n & 0x80:
                if n != 0x81:
                    return BROKEN
                n = buf[p]
                p += 1
            left += n
            if left > 1000:
                return BROKEN
            if n == 4 and buf[p] == 0x12 and buf[p + 4] == 6:
                # {class, OBIS, attribute, index}: the names stand apart from the values
                return OTHER
            if n - 2 < 2 and buf[p] == 6 and buf[p + 1] == 9 and buf[p + 7] == 0xFF and n > 1:
                # Landis+Gyr Embriq writes the OBIS code of currents as 06 09 for 09 06
                o = p + 2
                p += 8
                left -= 1
            else:
                continue
        elif t == 9 and buf[p] == 6 and left > 0:
            o = p + 1
            p += 7
        w = 0
        if o:
            # a value must follow its OBIS code in the same list
            if p >= end:
                return SHORT
            t = buf[p]
            if t == 2 and buf[p + 1] == 2 and buf[p + 2] > 2:
                # {value, {scaler, unit}} in a structure of their own
                p += 2
                left += 1
                t = buf[p]
            if (
                t == 1
                or t == 2
                or k == last
                or buf[o + 5] != 0xFF
                or buf[o + 2] == 25
                and buf[o] == 0
            ):
                # no OBIS code after all, or no room
                if ctx[FIRST] == 0:
                    ctx[FIRST] = o
                    ctx[FIRST_LEN] = 6
                ctx[LOOSE] += 1
                continue
            p += 1
            left -= 1
            rows[k] = buf[o]
            rows[k + 1] = buf[o + 1]
            rows[k + 2] = buf[o + 2]
            rows[k + 3] = buf[o + 3]
            rows[k + 4] = buf[o + 4]
            rows[k + 5] = NUMBER
            rows[k + 6] = 0
            rows[k + 7] = 0
        if t == 6 or t == 5 or t == 0x17:
            w = 4
        elif t == 0x12 or t == 0x10:
            w = 2
        elif t == 0x11 or t == 0x16 or t == 0x0F or t == 3 or t == 0x0D:
            w = 1
        elif t == 0x14 or t == 0x15 or t == 0x18:
            w = 8
        number = w
        if w:
            if o:
                j = k + 8
                n = p + w
                p = n
                f = j + 8
                # big-endian on the wire, little-endian in the row, the sign drawn out to 8 bytes
                while n > p - w:
                    n -= 1
                    rows[j] = buf[n]
                    j += 1
                w = 0
                if t == 5 or t == 0x10 or t == 0x0F or t == 0x14:
                    if buf[n] & 0x80:
                        w = 0xFF
                elif t == 0x17 or t == 0x18:
                    rows[k + 5] = FLOAT if t == 0x17 else FLOAT | WIDE
                    ctx[FLOATS] = 1
                while j < f:
                    rows[j] = w
                    j += 1
            else:
                p += w
                ctx[LOOSE] += 1
        elif t == 9 or t == 0x0A or t == 0x0C or t == 0x19 or t == 0x1A or t == 0x1B or t == 4:
            if t < 0x19:
                n = buf[p]
                p += 1
                if n & 0x80:
                    if n == 0x81:
                        n = buf[p]
                        p += 1
                    elif n == 0x82:
                        n = (buf[p] << 8) | buf[p + 1]
                        p += 2
                    else:
                        return BROKEN
                if t == 4:
                    # a bit-string's length counts bits
                    n = (n + 7) >> 3
            elif t == 0x19:
                n = 12
            else:
                n = 0x1F - t
            if p + n > end:
                return SHORT
            if o:
                rows[k + 5] = TEXT
                if n == 12 and buf[o + 2] == 1 and buf[o + 3] == 0 and buf[o] == 0 or t == 0x19:
                    rows[k + 5] = TIME
                rows[k + 8] = p
                rows[k + 9] = p >> 8
                rows[k + 10] = n
                rows[k + 11] = n >> 8
            elif n:
                if ctx[FIRST] == 0:
                    ctx[FIRST] = p
                    ctx[FIRST_LEN] = n
                ctx[LAST] = p
                ctx[LAST_LEN] = n
            p += n
        elif t == 0:
            # null: a phase that is not there
            o = 0
        elif not (t == 1 or t == 2):
            return BROKEN
        if o:
            if (
                buf[p] == 2
                and left > 0
                and buf[p + 1] == 2
                and buf[p + 2] == 0x0F
                and buf[p + 4] == 0x16
                and p + 6 <= end
            ):
                rows[k + 6] = buf[p + 3]
                rows[k + 7] = buf[p + 5]
                if (buf[p + 3] + 12) & 0xFF > 21:
                    # no scaler of a meter is outside -12 … 9, and its text would not fit
                    k -= 16
                p += 6
                left -= 1
            elif number and buf[o] == 1:
                ctx[BARE] += 1
            k += 16
    ctx[POS] = p
    ctx[ROWS] = k >> 4
    if p > end:
        return SHORT
    return NAMED if k else OTHER


# An element of the index is four halfwords
TAG = const(0)
AT = const(1)  # offset of the value (containers: of the count)
LEN = const(2)  # bytes (containers: elements)
DEPTH = const(3)
_MAX_DEPTH = const(8)


@micropython.viper
def walk(buf: ptr8, index: ptr16, ctx: ptr32, left: ptr8) -> int:
    """Make the flat index of the Data at ctx[POS]: number of elements, or SHORT or BROKEN.

    index holds ctx[MAX] elements of four halfwords: tag, offset, length, depth; left is scratch of
    2 * 8 bytes that holds what each open container still expects.
    """
    p = ctx[POS]
    end = ctx[STOP]
    most = ctx[MAX] << 2
    k = 0
    depth = 0
    expect = 1
    while True:
        while expect == 0:
            if depth == 0:
                ctx[POS] = p
                return k >> 2
            depth -= 1
            expect = left[depth] | (left[depth + 8] << 8)
        if p >= end:
            return SHORT
        if k >= most:
            return BROKEN
        expect -= 1
        t = buf[p]
        p += 1
        n = 0
        if t == 5 or t == 6 or t == 0x17:
            n = 4
        elif t == 0x10 or t == 0x12:
            n = 2
        elif t == 3 or t == 0x0D or t == 0x0F or t == 0x11 or t == 0x16:
            n = 1
        elif t == 0x14 or t == 0x15 or t == 0x18:
            n = 8
        elif t == 0x19:
            n = 12
        elif t == 0x1A:
            n = 5
        elif t == 0x1B:
            n = 4
        elif t == 1 or t == 2 or t == 4 or t == 9 or t == 0x0A or t == 0x0C or t == 0x13:
            if t == 0x13:
                # compact-array: type description, then a length and the untagged values
                n = buf[p]
                p += 1
                if n == 2:
                    p += buf[p] + 1
                elif n == 1:
                    p += 3
            n = buf[p]
            p += 1
            if n & 0x80:
                if n == 0x81:
                    n = buf[p]
                    p += 1
                elif n == 0x82:
                    n = (buf[p] << 8) | buf[p + 1]
                    p += 2
                else:
                    return BROKEN
            if t == 4:
                n = (n + 7) >> 3
        elif t != 0 and t != 0xFF:
            return BROKEN
        index[k] = t
        index[k + 1] = p
        index[k + 2] = n
        index[k + 3] = depth
        k += 4
        if t == 1 or t == 2:
            if n > end - p:
                return SHORT
            if depth == _MAX_DEPTH - 1:
                return BROKEN
            left[depth] = expect
            left[depth + 8] = expect >> 8
            depth += 1
            expect = n
        else:
            p += n
            if p > end:
                return SHORT


@micropython.viper
def put_row(window, row_bytes, k: int, code: ptr8, c: int, tag: int, at: int, size: int) -> int:
    """Write the row at byte k: the OBIS code code[c:c+5] and the element (tag, offset, length).

    Returns 1, or 0 if the element is no value (a structure, null).
    """
    buf = ptr8(window)
    rows = ptr8(row_bytes)
    i = 0
    while i < 5:
        rows[k + i] = code[c + i]
        i += 1
    rows[k + 5] = NUMBER
    rows[k + 6] = 0
    rows[k + 7] = 0
    if (
        tag == 9
        or tag == 0x0A
        or tag == 0x0C
        or tag == 0x19
        or tag == 0x1A
        or tag == 0x1B
        or tag == 4
    ):
        rows[k + 5] = TEXT
        if size == 12 and (code[c] == 0 and code[c + 2] == 1 and code[c + 3] == 0 or tag == 0x19):
            rows[k + 5] = TIME
        rows[k + 8] = at
        rows[k + 9] = at >> 8
        rows[k + 10] = size
        rows[k + 11] = size >> 8
        return 1 if size else 0
    if tag == 0 or tag == 1 or tag == 2 or tag == 0x13 or tag == 0xFF:
        return 0
    fill = 0
    if tag == 5 or tag == 0x10 or tag == 0x0F or tag == 0x14:
        if buf[at] & 0x80:
            fill = 0xFF
    elif tag == 0x17 or tag == 0x18:
        rows[k + 5] = FLOAT if tag == 0x17 else FLOAT | WIDE
    i = 0
    while i < 8:
        rows[k + 8 + i] = buf[at + size - 1 - i] if i < size else fill
        i += 1
    return 1


@micropython.viper
def fill(window, elements, order_bytes, row_bytes, ctx: ptr32) -> int:
    """Write the rows of a list whose order is known; return how many, or -1 if it is another list.

    elements is the index of the list. order_bytes[0] counts the values, eight bytes follow for
    each: its kind (see profiles.ORDERS), A B C D E of its row (A 0xFF: no row).
    """
    index = ptr16(elements)
    order = ptr8(order_bytes)
    n = order[0]
    k = 0
    if index[0] != 1 and index[0] != 2 or index[2] != n:
        return 0 - 1
    most = ctx[MAX] << 4
    i = 4
    o = 1
    while n > 0:
        tag = index[i]
        size = index[i + 2]
        kind = order[o]
        good = 0
        if kind == 0x77:  # w
            if size == 4 and tag < 9:
                good = 1
        elif kind == 0x68:  # h
            if tag == 0x12 or tag == 0x10:
                good = 1
        elif kind == 0x74:  # t
            if tag == 9 or tag == 0x0A or tag == 0x0C:
                good = 1
        elif kind == 0x71:  # q
            if tag == 5 or tag == 6 or tag == 0x14 or tag == 0x15:
                good = 1
        elif kind == 0x64:  # d
            if size == 12 and (tag == 9 or tag == 0x19):
                good = 1
        elif kind == 0x62:  # b
            if size == 1 and tag != 1 and tag != 2:
                good = 1
        else:
            good = 1
        if good == 0:
            return 0 - 1
        if order[o + 1] != 0xFF and k < most:
            if int(put_row(window, row_bytes, k, order_bytes, o + 1, tag, index[i + 1], size)):
                k += 16
        o += 8
        n -= 1
        # the next element of the same list, over whatever this one contains
        i += 4
        while n > 0 and index[i + 3] > 1:
            i += 4
    ctx[ROWS] = k >> 4
    return k >> 4
