"""The window on the stream: takes bytes in and finds the next frame in them. In Viper.

The window [BEGIN, END) of the buffer holds what was not judged yet. A candidate whose check fails
gives up its first byte only, so good frames inside a wrong length are all found. Frames without
any check are believed only where the line is known to be clean (CLEAN), never inside the remains
of a damaged one.

    HDLC    7E  A|S|len  len  dest  src  ctrl  HCS HCS  information  FCS FCS  7E   (ISO/IEC 13239,
            format type 3; len is 11 bits from the format field to the FCS; addresses 1-4 bytes,
            the last one odd; S = more segments follow; payloads are not stuffed: go by length)

The framings of other meters are loaded when their first frame comes: mbus_v, and unlinked_v
(telegrams, bare). hdlc() and its likes judge the candidate that begins at buffer[i]: they return
what was found, with FRAME, PAYLOAD, PAYLOAD_END, INFO, BEGIN and CLEAN set, or NO_FRAME, FLAG, or
WAIT with NEED set.
"""

import micropython

from .bytes_v import crc_x25, push
from .words import (
    BAD_FCS,
    BAD_HCS,
    BAD_LENGTH,
    BASE,
    BEGIN,
    CHECKED,
    CLEAN,
    CROWDED,
    DOUBLED,
    END,
    ENDING,
    FED,
    FLAG,
    FRAME,
    FRAME_END,
    HDLC,
    INFO,
    LEFT,
    LIST,
    MODE,
    MORE,
    NEED,
    NO_FRAME,
    NOISE,
    NOTHING,
    OK,
    PAYLOAD,
    PAYLOAD_END,
    ROOM,
    SEARCHED,
    SILENT,
    SIZE,
    WAIT,
    WHOLE,
)

_CRLF = b"\r\n"


@micropython.viper
def pull(buffer, window: ptr32, data):
    """Take the last LEFT bytes of data into the window, as many as fit."""
    left = window[LEFT]
    begin = window[BEGIN]
    end = window[END]
    base = window[BASE]
    if window[ROOM] - end < left and begin > base or begin == end:
        # down to the message under assembly
        push(base, begin, end, buffer, buffer)
        begin -= base
        end -= begin
        if window[CLEAN] == begin + base:
            window[CLEAN] = base
        else:
            # it lay behind the window and means nothing any more
            window[CLEAN] = window[SIZE] + 1
        window[BEGIN] = base
        window[FRAME_END] = window[FRAME]
        window[NEED] = 0
        window[SEARCHED] = window[SEARCHED] - begin if window[SEARCHED] > begin + base else 0
    at = window[FED] - left
    if window[ROOM] - end < left:
        left = window[ROOM] - end
    push(end, at, at + left, buffer, data)
    window[END] = end + left
    window[LEFT] -= left
    if window[MODE] & ENDING and window[LEFT] == 0:
        window[MODE] = window[MODE] & ~ENDING | SILENT


@micropython.viper
def hdlc(buffer, words, i: int) -> int:
    """Judge the HDLC frame whose opening flag is buffer[i]."""
    window = ptr32(words)
    buf = ptr8(buffer)
    end = window[END]
    if end - i < 3:
        if window[MODE] & SILENT:
            return FLAG
        window[NEED] = i + 3
        return WAIT
    length = ((buf[i + 1] & 7) << 8) | buf[i + 2]
    if buf[i + 1] & 0xF0 != 0xA0 or length < 7:
        # a closing flag, or an opening one sent twice
        return FLAG
    # both addresses, each ending with an odd byte
    pos = i + 3
    addresses = 0
    while addresses < 2 and pos < end and pos < i + 11:
        addresses += buf[pos] & 1
        pos += 1
    if pos >= i + 11 and addresses < 2:
        return FLAG
    stop = i + 1 + length
    need = 0
    crc = 0
    if addresses < 2 or pos + 3 > end:
        need = pos + 3
    else:
        # control, then the header's check; a frame without information has only its FCS there
        pos += 3
        crc = int(crc_x25(i + 1, 0xFFFF, pos, buffer))
        if crc != 0xF0B8:
            window[BAD_HCS] += 1
            return NO_FRAME
        if length + 2 > window[SIZE] - window[BASE]:
            if length + 2 <= window[SIZE] and window[BASE]:
                window[BEGIN] = i
                return CROWDED
            window[BAD_LENGTH] += 1
            return NO_FRAME
        if stop > end:
            need = stop
    if need:
        if window[MODE] & SILENT:
            window[BAD_LENGTH] += 1
            return NO_FRAME
        window[NEED] = need
        return WAIT
    if int(crc_x25(pos, crc, stop, buffer)) != 0xF0B8:
        window[BAD_FCS] += 1
        if int(buffer.find(_CRLF, i, stop)) >= 0:
            window[DOUBLED] += 1
        return NO_FRAME
    window[OK] += 1
    window[FRAME] = i
    window[INFO] = buf[i + 1]
    window[MODE] |= CHECKED
    # the closing flag stays: it may open the next frame
    window[BEGIN] = stop
    window[CLEAN] = stop
    if pos > stop:
        pos = stop
    window[PAYLOAD] = pos
    window[PAYLOAD_END] = stop - 2 if pos < stop else stop
    if window[BASE] == 0 and buf[i + 1] & 8 == 0 and buf[pos] == 0xE6 and buf[pos + 1] == 0xE7:
        if buf[pos + 3] == 0x0F:
            window[PAYLOAD] = pos + 3
            return LIST
    return HDLC


_mbus = None
_unlinked = None


def seldom(buffer, words, i, byte):
    """Judge a candidate that is no HDLC frame; what knows it is loaded when the first comes."""
    global _mbus, _unlinked
    if byte == 0x68:
        if _mbus is None:
            from .mbus_v import mbus

            _mbus = mbus
        return _mbus(buffer, words, i)
    if _unlinked is None:
        if byte == 0x2F and i + 3 < words[END] and not buffer[i + 1 : i + 4].isalpha():
            # within noise: a telegram begins with three letters
            return NO_FRAME
        from .unlinked_v import candidate

        _unlinked = candidate
    return _unlinked(buffer, words, i)


@micropython.viper
def next_frame(buffer, words, data) -> int:
    """Look for the next frame in the window; say what was found, see words.

    Of data, what is LEFT is taken in first, as far as there is room. A frame found stands in
    FRAME, PAYLOAD, PAYLOAD_END and INFO; BEGIN has moved behind it.
    """
    window = ptr32(words)
    if window[MODE] & WHOLE:
        window[BASE] = 0
    if window[LEFT]:
        pull(buffer, words, data)
    end = window[END]
    nothing = MORE if window[LEFT] or window[MODE] & SILENT else NOTHING
    if end < window[NEED]:
        return nothing
    buf = ptr8(buffer)
    i = window[BEGIN]
    window[NEED] = 0
    while i < end:
        byte = buf[i]
        found = NO_FRAME
        if byte == 0x7E:
            found = int(hdlc(buffer, words, i))
        elif byte == 0x68:
            # 68 L L 68, as far as it is there
            if buf[i + 3] == 0x68 and buf[i + 1] == buf[i + 2] or end - i < 7:
                found = int(seldom(buffer, words, i, byte))
        elif byte == 0x2F:
            found = int(seldom(buffer, words, i, byte))
        elif byte == 0xDB or (byte == 0x0F or byte == 0xE6) and i == window[CLEAN]:
            if not window[MODE] & CHECKED:
                found = int(seldom(buffer, words, i, byte))
        if found > 0:
            window[FRAME_END] = window[BEGIN]
            return found
        if found == WAIT:
            window[BEGIN] = i
            if window[NEED] - i <= window[SIZE] - window[BASE]:
                return nothing
            # so much never fits: waiting for it would be for ever
            if window[BASE] == 0:
                window[BAD_LENGTH] += 1
                window[NOISE] += 1
                window[BEGIN] = i + 1
                window[SEARCHED] = 0
            window[NEED] = 0
            return CROWDED
        if found == NO_FRAME:
            if i == window[CLEAN] and (byte == 13 or byte == 10):
                window[CLEAN] = i + 1
            else:
                window[NOISE] += 1
        i += 1
    window[BEGIN] = i
    return nothing
