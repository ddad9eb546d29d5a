"""Reads the A-XDR data of lists that name their values, in Viper.

    DataNotification   0F invoke-id(4) date-time body          (DLMS Green Book, 9.5)
    date-time          00 | 0C time(12) | 09 0C time(12) | 19 time(12)
    body               Data: a tag of the Blue Book's table, then a count or length or value

`scan` reads in one pass every list whose values follow their OBIS code, however deep the
structures stand: {OBIS, value}, {OBIS, value, {scaler, unit}} and the same without the braces.
That is most of Europe. What it leaves open (OTHER) the module layout takes apart.
"""

import micropython

from .words import (
    BARE,
    BODY,
    BROKEN,
    FIRST_TEXT,
    FLOAT,
    FLOATS,
    HEADER_CLOCK,
    LAST_TEXT,
    LEFT_OUT,
    LOCKED,
    LOOSE,
    MAX_ROWS,
    NAMED,
    NUMBER,
    OTHER,
    PAYLOAD,
    PAYLOAD_END,
    POS,
    ROW,
    ROW_EXPONENT,
    ROW_KIND,
    ROW_UNIT,
    ROW_VALUE,
    ROWS,
    SHORT,
    SPARE,
    STOP,
    SURE,
    TEXT,
    TIME,
    UNSAID,
    WIDE,
)


@micropython.viper
def begin(buf: ptr8, words: ptr32) -> int:
    """Make the words ready for the list at POS; return where its data begins, or BROKEN."""
    word = ROWS
    while word <= LEFT_OUT:
        words[word] = 0
        word += 1
    words[HEADER_CLOCK] = 0
    words[LOOSE] = 0
    words[BARE] = 0
    words[FLOATS] = 0
    words[LOCKED] = 0
    words[SURE] = 1
    pos = words[POS]
    if buf[pos] == 0x0F:
        pos += 5
        tag = buf[pos]
        if tag == 0x09 and buf[pos + 1] == 0x0C:
            pos += 1
            tag = 0x0C
        pos += 1
        if tag == 0x0C or tag == 0x19:
            words[HEADER_CLOCK] = pos
            pos += 12
        elif tag != 0:
            return BROKEN
    words[BODY] = pos
    return pos


@micropython.viper
def scan(pos: int, row: int, code: int, buf: ptr8, rows: ptr8, words: ptr32) -> int:
    """Read the list at buf[pos]; write a row for each named value, from rows[row] on.

    Viper keeps the first three locals in registers: the addresses that all goes by stand first.
    code is where the OBIS code of a value lies.
    """
    pos += int(buf)
    row += int(rows)
    end = words[STOP] + int(buf)
    last = (words[MAX_ROWS] << 4) + int(rows)
    pending = 1  # elements of the open structures that were not read yet
    while pending > 0:
        if pos >= end:
            return SHORT
        tag = ptr8(pos)[0]
        pos += 1
        pending -= 1
        code = 0
        if tag == 1 or tag == 2:
            size = ptr8(pos)[0]
            pos += 1
            if size & 0x80:
                if size != 0x81:
                    return BROKEN
                size = ptr8(pos)[0]
                pos += 1
            pending += size
            if pending > 1000:
                return BROKEN
            if ptr8(pos)[0] == 0x12 and ptr8(pos)[3] == 9 and ptr8(pos)[4] == 6 and size > 2:
                # {class, OBIS, attribute …}: the names stand apart from the values
                return OTHER
            if size - 2 < 2 and ptr8(pos)[0] == 6 and ptr8(pos)[1] == 9 and size > 1:
                if ptr8(pos)[7] != 0xFF:
                    continue
                # Landis+Gyr Embriq writes the OBIS code of currents as 06 09 for 09 06
                code = pos + 2
                pos += 8
                pending -= 1
            else:
                continue
        elif tag == 9 and ptr8(pos)[0] == 6 and pending > 0:
            code = pos + 1
            pos += 7
        if code:
            # a value must follow its OBIS code in the same list
            if pos >= end:
                return SHORT
            tag = ptr8(pos)[0]
            if tag == 2 and ptr8(pos)[1] == 2 and ptr8(pos)[2] > 2:
                # {value, {scaler, unit}} in a structure of their own
                pos += 2
                pending += 1
                tag = ptr8(pos)[0]
            if (
                tag == 1
                or tag == 2
                or row == last
                or ptr8(code)[5] != 0xFF
                or ptr8(code)[2] == 25
                and ptr8(code)[0] == 0
            ):
                # no OBIS code after all, or no room
                if row == last and ptr8(code)[5] == 0xFF and tag != 1 and tag != 2:
                    words[LEFT_OUT] += 1
                elif words[FIRST_TEXT] == 0:
                    words[FIRST_TEXT] = code - int(buf)
                    words[FIRST_TEXT + 1] = 6
                words[LOOSE] += 1
                continue
            pos += 1
            pending -= 1
            ptr8(row)[0] = ptr8(code)[0]
            ptr8(row)[1] = ptr8(code)[1]
            ptr8(row)[2] = ptr8(code)[2]
            ptr8(row)[3] = ptr8(code)[3]
            ptr8(row)[4] = ptr8(code)[4]
            ptr8(row)[ROW_KIND] = NUMBER
            ptr8(row)[ROW_EXPONENT] = 0
            ptr8(row)[ROW_UNIT] = 0
        width = 0
        if tag == 6 or tag == 5 or tag == 0x17:
            width = 4
        elif tag == 0x12 or tag == 0x10:
            width = 2
        elif tag == 0x11 or tag == 0x16 or tag == 0x0F or tag == 3 or tag == 0x0D:
            width = 1
        elif tag == 0x14 or tag == 0x15 or tag == 0x18:
            width = 8
        if width:
            if code:
                # big-endian on the wire, little-endian in the row, the sign drawn out to 8 bytes
                first = pos
                full = row + ROW
                pos += width
                row += ROW_VALUE
                while pos > first:
                    pos -= 1
                    ptr8(row)[0] = ptr8(pos)[0]
                    row += 1
                fill = 0
                if tag == 5 or tag == 0x10 or tag == 0x0F or tag == 0x14:
                    if ptr8(pos)[0] & 0x80:
                        fill = 0xFF
                elif tag == 0x17 or tag == 0x18:
                    kind = FLOAT if tag == 0x17 else FLOAT | WIDE
                    rows[full - int(rows) - ROW + ROW_KIND] = kind
                    words[FLOATS] = 1
                    words[BARE] |= 0x10000
                while row < full:
                    ptr8(row)[0] = fill
                    row += 1
                row -= ROW
            else:
                words[LOOSE] += 1
            pos += width
        elif tag == 9 or tag == 0x0A or tag == 0x0C or tag > 0x18 and tag < 0x1C or tag == 4:
            if tag < 0x19:
                size = ptr8(pos)[0]
                pos += 1
                if size & 0x80:
                    if size == 0x81:
                        size = ptr8(pos)[0]
                        pos += 1
                    elif size == 0x82:
                        size = (ptr8(pos)[0] << 8) | ptr8(pos)[1]
                        pos += 2
                    else:
                        return BROKEN
                if tag == 4:
                    # a bit-string's length counts bits
                    size = (size + 7) >> 3
            elif tag == 0x19:
                size = 12
            else:
                size = 0x1F - tag
            if pos + size > end:
                return SHORT
            if code:
                ptr8(row)[ROW_KIND] = TEXT
                if ptr8(code)[0] == 0 and ptr8(code)[2] == 1 and ptr8(code)[3] == 0 and size == 12:
                    ptr8(row)[ROW_KIND] = TIME
                elif tag == 0x19:
                    ptr8(row)[ROW_KIND] = TIME
                at = pos - int(buf)
                ptr8(row)[ROW_VALUE] = at
                ptr8(row)[ROW_VALUE + 1] = at >> 8
                ptr8(row)[ROW_VALUE + 2] = size
                ptr8(row)[ROW_VALUE + 3] = size >> 8
            elif size:
                if words[FIRST_TEXT] == 0:
                    words[FIRST_TEXT] = pos - int(buf)
                    words[FIRST_TEXT + 1] = size
                words[LAST_TEXT] = pos - int(buf)
                words[LAST_TEXT + 1] = size
            pos += size
        elif tag == 0:
            # null: a phase that is not there
            code = 0
        elif tag != 1 and tag != 2:
            return BROKEN
        if code:
            if (
                ptr8(pos)[0] == 2
                and pending > 0
                and ptr8(pos)[1] == 2
                and ptr8(pos)[2] == 0x0F
                and ptr8(pos)[4] == 0x16
                and pos + 6 <= end
            ):
                ptr8(row)[ROW_EXPONENT] = ptr8(pos)[3]
                ptr8(row)[ROW_UNIT] = ptr8(pos)[5]
                if (ptr8(pos)[3] + 12) & 0xFF > 21:
                    # no scaler of a meter is outside -12 … 9, and its text would not fit
                    row -= ROW
                pos += 6
                pending -= 1
            elif width and ptr8(code)[0] == 1:
                words[BARE] += 1
            row += ROW
    words[POS] = pos - int(buf)
    row -= int(rows)
    words[ROWS] = row >> 4
    if pos > end:
        return SHORT
    return NAMED if row else OTHER


@micropython.viper
def read(buffer, rows, list_words, window: ptr32) -> int:
    """Read the DataNotification (or bare Data) at PAYLOAD; write a row for each named value.

    Returns NAMED, UNSAID, OTHER, SHORT (of a header that is none, too) or BROKEN.
    """
    words = ptr32(list_words)
    words[POS] = window[PAYLOAD]
    words[STOP] = window[PAYLOAD_END]
    pos = int(begin(buffer, list_words))
    if pos < 0:
        return SHORT
    found = int(scan(pos, 0, 0, buffer, rows, list_words))
    # beside every other value stands one more, and which of them is meant nobody knows: a class,
    # an attribute, a scaler of a shape that is none of ours
    loose = words[LOOSE] << 1
    if loose and loose >= words[ROWS] and words[LEFT_OUT] == 0 and found == NAMED:
        return OTHER
    if found == NAMED and (words[BARE] or words[ROWS] + SPARE > words[MAX_ROWS]):
        return UNSAID
    return found
