"""The window on the stream: takes bytes in and finds the next frame in them. In Viper.

The window [BEGIN, END) of the buffer holds what was not judged yet. A candidate whose check fails
gives up its first byte only, so good frames inside a wrong length are all found. Frames without
any check are believed only where the line is known to be clean (CLEAN), never inside the remains
of a damaged one. The framings themselves: link_v (HDLC), mbus_v and unlinked_v (telegrams, bare).
"""

import micropython

from .link_v import hdlc
from .words import (
    BAD_LENGTH,
    BASE,
    BEGIN,
    CHECKED,
    CLEAN,
    CROWDED,
    END,
    ENDING,
    FED,
    FRAME,
    FRAME_END,
    LEFT,
    MODE,
    MORE,
    NEED,
    NO_FRAME,
    NOISE,
    NOTHING,
    ROOM,
    SEARCHED,
    SILENT,
    SIZE,
    WAIT,
    WHOLE,
)


@micropython.viper
def push(target: int, source: int, end: int, to: ptr8, data: ptr8):
    """Copy data[source:end] to to[target:]; also moves bytes down within one buffer."""
    target += int(to)
    source += int(data)
    end += int(data)
    end -= 7
    while source < end:
        ptr8(target)[0] = ptr8(source)[0]
        ptr8(target)[1] = ptr8(source)[1]
        ptr8(target)[2] = ptr8(source)[2]
        ptr8(target)[3] = ptr8(source)[3]
        ptr8(target)[4] = ptr8(source)[4]
        ptr8(target)[5] = ptr8(source)[5]
        ptr8(target)[6] = ptr8(source)[6]
        ptr8(target)[7] = ptr8(source)[7]
        target += 8
        source += 8
    end += 7
    while source < end:
        ptr8(target)[0] = ptr8(source)[0]
        target += 1
        source += 1


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
