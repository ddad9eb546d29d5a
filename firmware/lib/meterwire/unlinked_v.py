"""Frames without a link layer: P1 text telegrams, bare APDUs, ciphered or not. In Viper.

    P1      /XXX5 ident CR LF CR LF  lines  ! [CRC] CR LF      (DSMR 5.0.2; CRC-16/ARC of "/".."!")
            or, encrypted, binary 00 82 LL LL ... between the ident and the "!"
    bare    DB 08 title length ...    or    [E6 E7 00] 0F ...      (no link layer at all)

The functions return as stream_v.hdlc() does.
"""

import micropython

from .bytes_v import crc_arc, crc_x25
from .words import (
    BAD_CRC,
    BAD_LENGTH,
    BARE_APDU,
    BASE,
    BEGIN,
    CIPHERED,
    CLEAN,
    DOUBLED,
    END,
    FRAME,
    HEADERS,
    INFO,
    MODE,
    NEED,
    NO_FRAME,
    OK,
    PAYLOAD,
    PAYLOAD_END,
    SEARCHED,
    SIGNED,
    SILENT,
    SIZE,
    TELEGRAM,
    UNCHECKED_FRAMES,
    WAIT,
)

_LF = b"\n"
_BANG = b"!"
_NEXT = b"\n/"
_DOUBLED = b"\r\r\n"


@micropython.viper
def telegram(buffer, words, i: int) -> int:
    """Judge the text telegram whose "/" is buffer[i]: find its ident line and its "!"."""
    window = ptr32(words)
    buf = ptr8(buffer)
    end = window[END]
    silent = window[MODE] & SILENT
    # three letters of the maker, then the ident line
    pos = i + 1
    while pos < i + 4 and pos < end:
        letter = buf[pos] | 0x20
        if letter < 0x61 or letter > 0x7A:
            return NO_FRAME
        pos += 1
    window[NEED] = end + 1
    if pos == end and not silent:
        return WAIT
    if pos < i + 4:
        return NO_FRAME
    pos = int(buffer.find(_LF, i, end))
    if pos < 0 and end - i < 80 and not silent:
        return WAIT
    if pos < 0 or pos >= i + 80:
        if silent and end - i < 80:
            window[HEADERS] += 1
            window[BAD_LENGTH] += 1
        return NO_FRAME
    pos += 1
    while pos < end and (buf[pos] == 13 or buf[pos] == 10):
        pos += 1
    if pos + 4 >= end and not silent:
        return WAIT
    if pos >= end or buf[pos] == 0x2F:
        # the name of the meter and nothing behind it
        window[HEADERS] += 1
        window[BAD_LENGTH] += 1
        return NO_FRAME
    # binary between ident and "!" may hold any byte: step over it
    sealed = 0
    if pos + 4 < end and buf[pos] == 0 and buf[pos + 1] == 0x82:
        pos += 4 + ((buf[pos + 2] << 8) | buf[pos + 3])
        sealed = 1
    if window[SEARCHED] > pos:
        pos = window[SEARCHED]
    bang = 0 - 1
    while pos < end:
        bang = int(buffer.find(_BANG, pos, end))
        if bang < 0 or buf[bang - 1] == 10 or buf[bang - 1] == 13 or sealed:
            break
        pos = bang + 1
        bang = 0 - 1
    if bang >= 0:
        return int(signature(buffer, words, i, bang))
    window[SEARCHED] = pos if pos > end else end
    if not silent:
        need = pos + 1 if pos > end else end + 1
        if need - i <= window[SIZE] - window[BASE]:
            window[NEED] = need
            return WAIT
    window[BAD_LENGTH] += 1
    window[SEARCHED] = 0
    return NO_FRAME


@micropython.viper
def signature(buffer, words, i: int, bang: int) -> int:
    """Judge the telegram buffer[i:bang + 1] by the check behind its "!".

    The check has up to four hex digits; meters older than DSMR 4 send none.
    """
    window = ptr32(words)
    buf = ptr8(buffer)
    end = window[END]
    given = 0
    digits = 0
    pos = bang + 1
    while pos < end and digits < 4:
        digit = buf[pos]
        if digit >= 0x30 and digit <= 0x39:
            digit -= 0x30
        else:
            digit = (digit | 0x20) - 0x57
            if digit < 10 or digit > 15:
                break
        given = (given << 4) | digit
        digits += 1
        pos += 1
    if pos == end and digits < 4 and not window[MODE] & SILENT:
        window[SEARCHED] = bang
        window[NEED] = end + 1
        return WAIT
    window[SEARCHED] = 0
    line_ends = 1 if pos == end or buf[pos] == 13 or buf[pos] == 10 else 0
    if digits == 0:
        # believed only where this meter never sent one, and no other telegram begins within
        if window[MODE] & SIGNED or int(buffer.rfind(_NEXT, i, bang)) >= 0 or not line_ends:
            window[BAD_CRC] += 1
            return NO_FRAME
        window[UNCHECKED_FRAMES] += 1
    else:
        good = 0
        if digits == 4 or line_ends:
            window[MODE] |= SIGNED
            if given == int(crc_arc(i, 0, bang + 1, buffer)):
                good = 1
            elif given == int(crc_x25(i, 0xFFFF, bang + 1, buffer)) ^ 0xFFFF:
                good = 1
        if not good:
            window[BAD_CRC] += 1
            if int(buffer.find(_DOUBLED, i, bang)) >= 0:
                window[DOUBLED] += 1
            return NO_FRAME
        window[OK] += 1
    window[FRAME] = i
    window[PAYLOAD] = i
    window[PAYLOAD_END] = bang + 1
    window[INFO] = 1 if digits else 0
    window[BEGIN] = pos
    window[CLEAN] = pos
    window[HEADERS] = 0
    window[NEED] = 0
    return TELEGRAM


@micropython.viper
def ciphered(buffer, words, i: int) -> int:
    """Judge the general-glo-ciphering APDU that begins at buffer[i]."""
    window = ptr32(words)
    buf = ptr8(buffer)
    end = window[END]
    silent = window[MODE] & SILENT
    if end - i < 14:
        if silent or end - i > 1 and buf[i + 1] != 8:
            return NO_FRAME
        window[NEED] = i + 14
        return WAIT
    if buf[i + 1] != 8:
        return NO_FRAME
    length = buf[i + 10]
    pos = i + 11
    if length == 0x82:
        length = (buf[pos] << 8) | buf[pos + 1]
        pos += 2
    elif length == 0x81:
        length = buf[pos]
        pos += 1
    # security control of suites 0 to 2 with encryption or authentication
    if not buf[pos] & 0x30 or buf[pos] & 0xCC or length < 6 or length > 0x7FFF:
        return NO_FRAME
    stop = pos + length
    if stop - i > window[SIZE] - window[BASE]:
        return NO_FRAME
    if stop > end:
        if silent:
            return NO_FRAME
        window[NEED] = stop
        return WAIT
    window[FRAME] = i
    window[PAYLOAD] = i
    window[PAYLOAD_END] = stop
    window[INFO] = 1 if i == window[CLEAN] else 0
    window[BEGIN] = stop
    window[CLEAN] = stop
    return CIPHERED


@micropython.viper
def bare(buffer, words, i: int) -> int:
    """Judge the DataNotification, perhaps behind an LLC header, that begins at buffer[i]."""
    window = ptr32(words)
    buf = ptr8(buffer)
    end = window[END]
    if end - i < 8:
        if window[MODE] & SILENT:
            return NO_FRAME
        window[NEED] = i + 8
        return WAIT
    if buf[i] != 0x0F and (buf[i + 1] != 0xE7 or buf[i + 3] != 0x0F):
        return NO_FRAME
    window[FRAME] = i
    window[PAYLOAD] = i
    window[PAYLOAD_END] = end
    window[INFO] = 0
    window[BEGIN] = i
    return BARE_APDU


@micropython.viper
def candidate(buffer, words, i: int) -> int:
    """Judge the frame without a link layer that may begin at buffer[i]."""
    buf = ptr8(buffer)
    if buf[i] == 0x2F:
        return int(telegram(buffer, words, i))
    if buf[i] == 0xDB:
        return int(ciphered(buffer, words, i))
    return int(bare(buffer, words, i))
