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
def scan(buf: ptr8, pos: int, row: int, rows: ptr8, words: ptr32) -> int:
    """Read the list at buf[pos]; write a row for each named value, from rows[row] on.

    Viper keeps the first three locals in registers, so that these stand first.
    """
    end = words[STOP]
    last = words[MAX_ROWS] << 4
    pending = 1  # elements of the open structures that were not read yet
    while pending > 0:
        if pos >= end:
            return SHORT
        tag = buf[pos]
        pos += 1
        pending -= 1
        code = 0  # where the OBIS code of the value lies
        if tag == 1 or tag == 2:
            size = buf[pos]
            pos += 1
            if size & 0x80:
                if size != 0x81:
                    return BROKEN
                size = buf[pos]
                pos += 1
            pending += size
            if pending > 1000:
                return BROKEN
            if buf[pos] == 0x12 and buf[pos + 3] == 9 and buf[pos + 4] == 6 and size > 2:
                # {class, OBIS, attribute …}: the names stand apart from the values
                return OTHER
            if size - 2 < 2 and buf[pos] == 6 and buf[pos + 1] == 9 and size > 1:
                if buf[pos + 7] != 0xFF:
                    continue
                # Landis+Gyr Embriq writes the OBIS code of currents as 06 09 for 09 06
                code = pos + 2
                pos += 8
                pending -= 1
            else:
                continue
        elif tag == 9 and buf[pos] == 6 and pending > 0:
            code = pos + 1
            pos += 7
        if code:
            # a value must follow its OBIS code in the same list
            if pos >= end:
                return SHORT
            tag = buf[pos]
            if tag == 2 and buf[pos + 1] == 2 and buf[pos + 2] > 2:
                # {value, {scaler, unit}} in a structure of their own
                pos += 2
                pending += 1
                tag = buf[pos]
            if (
                tag == 1
                or tag == 2
                or row == last
                or buf[code + 5] != 0xFF
                or buf[code + 2] == 25
                and buf[code] == 0
            ):
                # no OBIS code after all, or no room
                if row == last and buf[code + 5] == 0xFF and tag != 1 and tag != 2:
                    words[LEFT_OUT] += 1
                elif words[FIRST_TEXT] == 0:
                    words[FIRST_TEXT] = code
                    words[FIRST_TEXT + 1] = 6
                words[LOOSE] += 1
                continue
            pos += 1
            pending -= 1
            rows[row] = buf[code]
            rows[row + 1] = buf[code + 1]
            rows[row + 2] = buf[code + 2]
            rows[row + 3] = buf[code + 3]
            rows[row + 4] = buf[code + 4]
            rows[row + ROW_KIND] = NUMBER
            rows[row + ROW_EXPONENT] = 0
            rows[row + ROW_UNIT] = 0
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
                to = row + ROW_VALUE
                source = pos + width
                full = to + 8
                # big-endian on the wire, little-endian in the row, the sign drawn out to 8 bytes
                while source > pos:
                    source -= 1
                    rows[to] = buf[source]
                    to += 1
                fill = 0
                if tag == 5 or tag == 0x10 or tag == 0x0F or tag == 0x14:
                    if buf[source] & 0x80:
                        fill = 0xFF
                elif tag == 0x17 or tag == 0x18:
                    rows[row + ROW_KIND] = FLOAT if tag == 0x17 else FLOAT | WIDE
                    words[FLOATS] = 1
                    words[BARE] |= 0x10000
                while to < full:
                    rows[to] = fill
                    to += 1
            else:
                words[LOOSE] += 1
            pos += width
        elif tag == 9 or tag == 0x0A or tag == 0x0C or tag > 0x18 and tag < 0x1C or tag == 4:
            if tag < 0x19:
                size = buf[pos]
                pos += 1
                if size & 0x80:
                    if size == 0x81:
                        size = buf[pos]
                        pos += 1
                    elif size == 0x82:
                        size = (buf[pos] << 8) | buf[pos + 1]
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
                rows[row + ROW_KIND] = TEXT
                if buf[code] == 0 and buf[code + 2] == 1 and buf[code + 3] == 0 and size == 12:
                    rows[row + ROW_KIND] = TIME
                elif tag == 0x19:
                    rows[row + ROW_KIND] = TIME
                rows[row + ROW_VALUE] = pos
                rows[row + ROW_VALUE + 1] = pos >> 8
                rows[row + ROW_VALUE + 2] = size
                rows[row + ROW_VALUE + 3] = size >> 8
            elif size:
                if words[FIRST_TEXT] == 0:
                    words[FIRST_TEXT] = pos
                    words[FIRST_TEXT + 1] = size
                words[LAST_TEXT] = pos
                words[LAST_TEXT + 1] = size
            pos += size
        elif tag == 0:
            # null: a phase that is not there
            code = 0
        elif tag != 1 and tag != 2:
            return BROKEN
        if code:
            if (
                buf[pos] == 2
                and pending > 0
                and buf[pos + 1] == 2
                and buf[pos + 2] == 0x0F
                and buf[pos + 4] == 0x16
                and pos + 6 <= end
            ):
                rows[row + ROW_EXPONENT] = buf[pos + 3]
                rows[row + ROW_UNIT] = buf[pos + 5]
                if (buf[pos + 3] + 12) & 0xFF > 21:
                    # no scaler of a meter is outside -12 … 9, and its text would not fit
                    row -= ROW
                pos += 6
                pending -= 1
            elif width and buf[code] == 1:
                words[BARE] += 1
            row += ROW
    words[POS] = pos
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
    found = int(scan(buffer, pos, 0, rows, list_words))
    # beside every other value stands one more, and which of them is meant nobody knows: a class,
    # an attribute, a scaler of a shape that is none of ours
    loose = words[LOOSE] << 1
    if loose and loose >= words[ROWS] and words[LEFT_OUT] == 0 and found == NAMED:
        return OTHER
    if found == NAMED and (words[BARE] or words[ROWS] + SPARE > words[MAX_ROWS]):
        return UNSAID
    return found
