"""Reads the data lines of a P1 or IEC 62056-21 text telegram into rows, in Viper.

    telegram  /ident CR LF CR LF { line } !
    line      [A-B:]C.D.E[*F | .F] group { group } [CR] LF        a line of groups only goes on
    group     ( [time] ) | ( digits [. digits] [*unit] ) | ( text )          with the one before
    time      YYMMDDhhmmss [S | W] | YY-MM-DD hh:mm:ss
    open      "(" CR LF { line } ")"      of a log: what the lines within say was said before

The last number of a line is its value; its time (sub-meters, peak demand) gets a row of its own
with the same code, before it. Units come out as the codes of the DLMS Blue Book's unit table, and
k and M are taken into the exponent: 001.250*kW is 1250 with exponent 0 and unit W. Digits are
never rounded. A line that cannot be read is skipped, those around it are kept.
"""

from array import array

import micropython
from micropython import const

from .words import (
    AT,
    LEFT_OUT,
    LOOSE,
    MAX_ROWS,
    METER_TYPE,
    NUMBER,
    POS,
    ROW,
    ROW_EXPONENT,
    ROW_KIND,
    ROW_UNIT,
    ROW_VALUE,
    ROWS,
    STOP,
    TAG,
    TEXT,
    TIME,
)

_LF = b"\n"
_CLOSE = b")"
_CLOSED = b"\n)"

# Units and their codes in the Blue Book's table; a litre is a thousandth of a cubic metre.
_WORDS = "W 27 Wh 30 A 33 V 35 var 29 varh 32 VA 28 m3 13 s 7 Hz 44 VAh 31 J 25 l 13"


def _table():
    # A word a unit: its letters without their case, prefix taken off, five bits each; above them
    # its code. Behind them a zero.
    table = array("I", bytes(4 * 14))
    words = _WORDS.split(" ")
    for i in range(0, len(words), 2):
        letters = 0
        for letter in words[i]:
            letters = letters << 5 | ord(letter) & 0x1F
        table[i // 2] = letters | int(words[i + 1]) << 20
    return table


_UNITS = _table()
_NO_UNIT = const(255)
_LITRE = const(12)  # its letter


def unhex(text):
    """P1 identifiers are hex-coded octets: 4530… is E0…"""
    try:
        raw = bytes(int(text[i : i + 2], 16) for i in range(0, len(text), 2))
    except ValueError:
        return text
    for byte in raw:
        if byte < 0x20 or byte > 0x7E:
            return text
    return raw.decode().strip() if raw else text


@micropython.viper
def long_number(rows: ptr8, row: int, buf: ptr8, at: int, end: int, minus: int):
    """Write the digits of buf[at:end], too many for a machine word, to a row."""
    i = row + ROW_VALUE
    full = i + 8
    while i < full:
        rows[i] = 0
        i += 1
    while at < end:
        carry = buf[at] - 0x30
        at += 1
        if carry >= 0 and carry < 10:
            i = row + ROW_VALUE
            while i < full:
                carry += rows[i] * 10
                rows[i] = carry
                carry >>= 8
                i += 1
    if minus:
        carry = 1
        i = row + ROW_VALUE
        while i < full:
            carry += rows[i] ^ 0xFF
            rows[i] = carry
            carry >>= 8
            i += 1


@micropython.viper
def unit(buf: ptr8, words: ptr32, pos: int) -> int:
    """Read the unit behind the "*" at buf[pos]: its code into TAG, its power of ten, a byte, into
    AT. Returns where it ends."""
    units = ptr32(_UNITS)
    pos += 1
    scale = 0
    letters = 0
    while buf[pos] == 0x20:
        pos += 1
    while buf[pos] != 0x29 and buf[pos] > 0x20:
        letter = buf[pos] & 0x1F
        pos += 1
        if letters == 0 and scale == 0:
            # k, M (but not that of m3), G
            if letter == 11:
                scale = 3
                continue
            if letter == 13 and buf[pos] != 0x33:
                # M is a million, m a thousandth
                scale = 6 if buf[pos - 1] == 0x4D else 0 - 3
                continue
            if letter == 7:
                scale = 9
                continue
        letters = ((letters << 5) | letter) & 0x1FFFFFFF
    while buf[pos] == 0x20:
        pos += 1
    i = 0
    while units[i] & 0xFFFFF != letters and units[i]:
        i += 1
    words[TAG] = _NO_UNIT
    words[AT] = 0
    if units[i]:
        words[TAG] = units[i] >> 20
        words[AT] = (scale - 3 if letters == _LITRE else scale) & 0xFF
    return pos


@micropython.viper
def lines(buffer, row_bytes, list_words) -> int:
    """Read the telegram at POS; write a row for each value, text and time. Returns how many."""
    buf = ptr8(buffer)
    rows = ptr8(row_bytes)
    words = ptr32(list_words)
    pos = words[POS]
    end = words[STOP]
    last = words[MAX_ROWS] << 4
    words[METER_TYPE] = pos + 1
    row = 0
    # the code of the line, as A<<8|B and C<<16|D<<8|E; ab < 0 while no line was begun
    ab = 0 - 1
    cde = 0
    unit_of_line = 0
    while pos < end and buf[pos] > 0x1F:
        pos += 1
    words[METER_TYPE + 1] = pos - words[METER_TYPE]
    while pos < end:
        byte = buf[pos]
        if byte <= 0x20:
            pos += 1
            continue
        if byte == 0x21:
            break
        bad = 0
        if byte == 0x28 and (buf[pos + 1] == 13 or buf[pos + 1] == 10):
            # an open group: the lines of a log
            start = int(buffer.find(_CLOSED, pos, end))
            if start >= 0:
                pos = start + 2
                ab = 0 - 1
                continue
        if byte != 0x28:
            # the OBIS code
            ab = 0x100
            cde = 0
            parts = 0
            unit_of_line = 0
            number = 0
            if buf[pos + 3] == 0x3A and buf[pos + 1] == 0x2D and byte - 0x30 < 10 and byte > 0x2F:
                # nearly every line: one digit each for A and B
                start = buf[pos + 2] - 0x30
                ab = ((byte - 0x30) << 8) | start
                if start < 0 or start > 9:
                    ab = 0 - 1
                pos += 4
            start = pos
            # no bound: the "!", or the zeros behind every buffer, are no digits
            while True:
                byte = buf[pos]
                pos += 1
                if byte >= 0x30 and byte <= 0x39:
                    if number < 1000:
                        number = number * 10 + byte - 0x30
                    continue
                if byte == 0x20:
                    continue
                # a mark: it ends a number that must be there and fit a byte
                if pos - 1 == start or number > 255:
                    break
                if byte == 0x2E or byte == 0x28 or byte == 0x2A:
                    if parts < 3:
                        cde = (cde << 8) | number
                    parts += 1
                    if byte == 0x28:
                        break
                elif byte == 0x2D and parts == 0 and ab == 0x100:
                    # below zero until its ":" has come
                    ab = (number << 8) - 0x10000
                elif byte == 0x3A and parts == 0 and ab < 0:
                    ab += 0x10000 + number
                else:
                    break
                number = 0
                start = pos
            pos -= 1
            if byte != 0x28 or parts < 3 or ab < 0:
                bad = 1
        if bad or ab < 0 or row + ROW >= last:
            if bad == 0 and ab >= 0:
                words[LEFT_OUT] += 1
            words[LOOSE] += 1
            ab = 0 - 1
            pos = int(buffer.find(_LF, pos, end))
            if pos < 0:
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
        time = 0
        time_size = 0
        text = 0
        text_size = 0
        groups = 0
        while pos < end and buf[pos] == 0x28:
            pos += 1
            # blanks and a plus say nothing
            while buf[pos] == 0x20 or buf[pos] == 0x2B:
                pos += 1
            start = pos
            number = 0
            long = 0
            point = 0
            byte = buf[pos]
            if byte == 0x2D:
                pos += 1
            # digits and one point; whatever else comes makes it text
            while True:
                byte = buf[pos]
                if byte >= 0x30 and byte <= 0x39:
                    if number > 99999999:
                        long = 1
                    else:
                        number = number * 10 + byte - 0x30
                elif byte == 0x2E and point == 0:
                    point = pos
                else:
                    break
                pos += 1
            stop = pos
            size = pos - start
            if size == 0 and (byte == 13 or byte == 10):
                # an open group
                bad = 1
                stop = int(buffer.find(_CLOSED, pos, end))
                if stop >= 0:
                    pos = stop + 1
                break
            while byte == 0x20 and size:
                pos += 1
                byte = buf[pos]
            # so many digits: none is no number, more than 18 do not fit a row
            figures = size - (1 if point else 0) - (1 if buf[start] == 0x2D else 0)
            kind = NUMBER
            if size == 12 and byte != 0x2A and point == 0:
                # YYMMDDhhmmss, with S or W behind it or, in older meters, without
                if byte == 0x53 or byte == 0x57:
                    kind = TIME
                    pos += 1
                    size = 13
                    byte = buf[pos]
                elif c == 24 or c == 1 and d == 0:
                    kind = TIME
            if byte != 0x29 and byte != 0x2A or figures < 1 or figures > 18 or log or plain:
                kind = TEXT
                if byte != 0x29:
                    # a group ends with its line: an open one must not take the next
                    stop = int(buffer.find(_LF, pos, end))
                    if stop < 0:
                        stop = end
                    pos = int(buffer.find(_CLOSE, pos, stop))
                    if pos < 0:
                        pos = stop
                size = pos - start
                if size == 17 and buf[start + 2] == 0x2D and buf[start + 11] == 0x3A and not log:
                    kind = TIME
            elif point:
                point = stop - point - 1
            scale = 0
            unit_code = 0
            if byte == 0x2A and kind == NUMBER:
                pos = int(unit(buffer, list_words, pos))
                scale = words[AT]
                unit_code = words[TAG]
            if pos >= end or buf[pos] != 0x29:
                bad = 1
                if log:
                    # what is not closed on its line is an open group, too
                    stop = int(buffer.find(_CLOSED, pos, end))
                    if stop >= 0:
                        pos = stop + 1
                break
            pos += 1
            groups += 1
            if groups == 1:
                text = start
                text_size = size
            if log:
                # as printed, with every bracket
                if groups == 1:
                    text = start - 1
                text_size = pos - text
            elif kind == TIME:
                time = start
                time_size = size
            elif kind == NUMBER:
                # the row is written over by a later number of the same line
                text = 0
                if long:
                    long_number(row_bytes, row, buffer, start, stop, buf[start] == 0x2D)
                else:
                    if buf[start] == 0x2D:
                        number = 0 - number
                    at = row + ROW_VALUE
                    rows[at] = number
                    rows[at + 1] = number >> 8
                    rows[at + 2] = number >> 16
                    rows[at + 3] = number >> 24
                    number >>= 31
                    rows[at + 4] = number
                    rows[at + 5] = number
                    rows[at + 6] = number
                    rows[at + 7] = number
                rows[row + ROW_KIND] = NUMBER
                rows[row + ROW_EXPONENT] = scale - point
                if unit_code == 0:
                    # a bare number has the decimals it has: no profile knows them better
                    unit_code = unit_of_line if unit_of_line else _NO_UNIT
                rows[row + ROW_UNIT] = unit_code
            elif size == 2 and buf[start] == 0x6D and buf[start + 1] == 0x33:
                # DSMR 2 and 3 name the unit in a group of its own, the value follows a line below:
                # the numbers before it are a status
                unit_of_line = 13
                text = start
                text_size = 0
        if bad or groups == 0 or text and text_size == 0 and time == 0:
            if bad:
                words[LOOSE] += 1
            pos = int(buffer.find(_LF, pos, end))
            if pos < 0:
                break
            continue
        at = row
        if time:
            if text == 0:
                # the value's time goes before it
                while at < row + ROW:
                    rows[at + ROW] = rows[at]
                    at += 1
                at = row
                row += ROW
            rows[at + ROW_KIND] = TIME
            rows[at + ROW_VALUE] = time
            rows[at + ROW_VALUE + 1] = time >> 8
            rows[at + ROW_VALUE + 2] = time_size
            rows[at + ROW_VALUE + 3] = 0
        elif text:
            rows[row + ROW_KIND] = TEXT
            rows[row + ROW_UNIT] = 0
            rows[row + ROW_VALUE] = text
            rows[row + ROW_VALUE + 1] = text >> 8
            rows[row + ROW_VALUE + 2] = text_size
            rows[row + ROW_VALUE + 3] = text_size >> 8
        row += ROW
        while at < row:
            rows[at] = ab >> 8
            rows[at + 1] = ab
            rows[at + 2] = c
            rows[at + 3] = d
            rows[at + 4] = cde
            at += ROW
    words[ROWS] = row >> 4
    return row >> 4
