"""Wired M-Bus frames, which have a sum of their bytes. In Viper.

    M-Bus   68 L L 68  C A CI ...  sum  16         (EN 13757-2; L counts C to the byte before sum,
            Sagemcom writes it modulo 256)

mbus() returns as stream_v.hdlc() does.
"""

import micropython

from .words import (
    BAD_LENGTH,
    BAD_SUM,
    BASE,
    BEGIN,
    CHECKED,
    CLEAN,
    CROWDED,
    END,
    FRAME,
    INFO,
    MBUS,
    MODE,
    NEED,
    NO_FRAME,
    OK,
    PAYLOAD,
    PAYLOAD_END,
    SILENT,
    SIZE,
    WAIT,
)


@micropython.viper
def mbus(buffer, words, i: int) -> int:
    """Judge the M-Bus long frame that begins at buffer[i]."""
    window = ptr32(words)
    buf = ptr8(buffer)
    end = window[END]
    silent = window[MODE] & SILENT
    if end - i < 7:
        if silent:
            return NO_FRAME
        window[NEED] = i + 7
        return WAIT
    length = buf[i + 1]
    if buf[i + 3] != 0x68 or length != buf[i + 2]:
        return NO_FRAME
    if buf[i + 4] | 0x20 != 0x73 or buf[i + 6] & 0xE0:
        return NO_FRAME
    if length < 4:
        # no long frame is that short: the length was cut to a byte
        length += 256
    if length + 6 > window[SIZE] - window[BASE]:
        if length + 6 <= window[SIZE] and window[BASE]:
            window[BEGIN] = i
            return CROWDED
        window[BAD_LENGTH] += 1
        return NO_FRAME
    stop = i + length + 6
    if stop > end:
        if silent:
            window[BAD_LENGTH] += 1
            return NO_FRAME
        window[NEED] = stop
        return WAIT
    total = 0
    pos = i + 4
    while pos < stop - 2:
        total += buf[pos]
        pos += 1
    if total & 0xFF != buf[pos] or buf[pos + 1] != 0x16:
        window[BAD_SUM] += 1
        return NO_FRAME
    window[OK] += 1
    window[FRAME] = i
    window[INFO] = buf[i + 6]
    window[PAYLOAD] = i + 7
    window[PAYLOAD_END] = stop - 2
    window[MODE] |= CHECKED
    window[BEGIN] = stop
    window[CLEAN] = stop
    return MBUS
