"""HDLC frames, which have a header check and a frame check. In Viper.

    HDLC    7E  A|S|len  len  dest  src  ctrl  HCS HCS  information  FCS FCS  7E   (ISO/IEC 13239,
            format type 3; len is 11 bits from the format field to the FCS; addresses 1-4 bytes,
            the last one odd; S = more segments follow; payloads are not stuffed: go by length)

hdlc() judges the candidate that begins at buffer[i]: it returns what was found, with FRAME,
PAYLOAD, PAYLOAD_END, INFO, BEGIN and CLEAN set, or NO_FRAME, FLAG, or WAIT with NEED set.
"""

import micropython

from .crc_v import crc_x25
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
    FLAG,
    FRAME,
    HDLC,
    INFO,
    LIST,
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

_CRLF = b"\r\n"


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
