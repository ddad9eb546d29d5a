"""Reads single elements of A-XDR data, in Viper, for lists whose names stand apart or nowhere.

element     tag length value: a tag of the Blue Book's table, then a count, a length or the value
            of the tag's size (DLMS Green Book, 9.5)
same_list   whether the list's texts are those of the list before
"""

import micropython

from .words import (
    AT,
    BODY,
    BROKEN,
    FLOAT,
    FLOATS,
    LEFT_OUT,
    LENGTH,
    MAX_ROWS,
    NUMBER,
    ROW,
    ROW_EXPONENT,
    ROW_KIND,
    ROW_UNIT,
    ROW_VALUE,
    ROWS,
    SHORT,
    SIGNATURE,
    STOP,
    TAG,
    TEXT,
    TIME,
    WIDE,
)


@micropython.viper
def element(buf: ptr8, words: ptr32, pos: int) -> int:
    """Read the element at buf[pos]: its tag, where its value begins and its length into TAG, AT
    and LENGTH (containers: the first of their elements, and how many).

    Returns where the next element of the same list begins, or SHORT or BROKEN.
    """
    end = words[STOP]
    pending = 1
    first = 1
    while pending > 0:
        if pos >= end:
            return SHORT
        pending -= 1
        tag = buf[pos]
        pos += 1
        size = 0
        if tag == 5 or tag == 6 or tag == 0x17 or tag == 0x1B:
            size = 4
        elif tag == 0x10 or tag == 0x12:
            size = 2
        elif tag == 3 or tag == 0x0D or tag == 0x0F or tag == 0x11 or tag == 0x16:
            size = 1
        elif tag == 0x14 or tag == 0x15 or tag == 0x18:
            size = 8
        elif tag == 0x19:
            size = 12
        elif tag == 0x1A:
            size = 5
        elif tag == 1 or tag == 2 or tag == 4 or tag == 9 or tag == 0x0A or tag == 0x0C:
            size = 0x80
        elif tag == 0x13:
            # compact-array: type description, then a length and the untagged values
            size = 0x80
            kind = buf[pos]
            pos += 1
            if kind == 2:
                pos += buf[pos] + 1
            elif kind == 1:
                pos += 3
        elif tag != 0 and tag != 0xFF:
            return BROKEN
        if size == 0x80:
            size = buf[pos]
            pos += 1
            if size == 0x81:
                size = buf[pos]
                pos += 1
            elif size == 0x82:
                size = (buf[pos] << 8) | buf[pos + 1]
                pos += 2
            elif size & 0x80:
                return BROKEN
            if tag == 4:
                size = (size + 7) >> 3
        if first:
            words[TAG] = tag
            words[AT] = pos
            words[LENGTH] = size
            first = 0
        if size > end - pos:
            return SHORT
        if tag == 1 or tag == 2:
            pending += size
        else:
            pos += size
    return pos


@micropython.viper
def put_row(buf: ptr8, rows: ptr8, words: ptr32, codes: ptr8, code: int) -> int:
    """Write a row for the element that element() read, its OBIS code in codes[code:code + 5].

    Returns whether there is one: 0 for a structure, null, or where no row is left (LEFT_OUT).
    """
    tag = words[TAG]
    at = words[AT]
    size = words[LENGTH]
    if tag < 3 or tag == 0x13 or tag == 0xFF or size == 0:
        return 0
    row = words[ROWS] << 4
    if words[ROWS] == words[MAX_ROWS]:
        words[LEFT_OUT] += 1
        return 0
    i = 0
    while i < 5:
        rows[row + i] = codes[code + i]
        i += 1
    rows[row + ROW_EXPONENT] = 0
    rows[row + ROW_UNIT] = 0
    kind = NUMBER
    if tag == 9 or tag == 0x0A or tag == 0x0C or tag > 0x18 or tag == 4:
        kind = TEXT
        if size == 12 and (
            codes[code] == 0 and codes[code + 2] == 1 and codes[code + 3] == 0 or tag == 0x19
        ):
            kind = TIME
        rows[row + ROW_VALUE] = at
        rows[row + ROW_VALUE + 1] = at >> 8
        rows[row + ROW_VALUE + 2] = size
        rows[row + ROW_VALUE + 3] = size >> 8
    else:
        fill = 0
        if tag == 5 or tag == 0x10 or tag == 0x0F or tag == 0x14:
            if buf[at] & 0x80:
                fill = 0xFF
        elif tag == 0x17 or tag == 0x18:
            kind = FLOAT if tag == 0x17 else FLOAT | WIDE
            words[FLOATS] = 1
        i = 0
        while i < 8:
            rows[row + ROW_VALUE + i] = buf[at + size - 1 - i] if i < size else fill
            i += 1
    rows[row + ROW_KIND] = kind
    words[ROWS] += 1
    return 1


@micropython.viper
def fill(buffer, rows, list_words, order_bytes) -> int:
    """Write the rows of a list whose order is known; return how many, or -1 if it is another list.

    order_bytes[0] counts the values, six bytes follow for each: its kind (see profiles.ORDERS),
    A B C D E of its row (A 0xFF: no row).
    """
    words = ptr32(list_words)
    order = ptr8(order_bytes)
    count = order[0]
    words[ROWS] = 0
    if int(element(buffer, list_words, words[BODY])) < 0:
        return 0 - 1
    if words[TAG] != 1 and words[TAG] != 2 or words[LENGTH] != count:
        return 0 - 1
    pos = words[AT]
    at = 1
    while count > 0:
        pos = int(element(buffer, list_words, pos))
        tag = words[TAG]
        size = words[LENGTH]
        kind = order[at]
        good = 0
        if pos < 0:
            good = 0
        elif kind == 0x77:  # w
            if size == 4 and tag < 9 and tag > 4:
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
            if size == 1 and tag > 2:
                good = 1
        else:
            good = 1
        if good == 0:
            words[ROWS] = 0
            return 0 - 1
        if order[at + 1] != 0xFF:
            put_row(buffer, rows, list_words, order_bytes, at + 1)
        at += 6
        count -= 1
    return words[ROWS]


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
