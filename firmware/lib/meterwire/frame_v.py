"""Finds frames in the stream of a meter port: HDLC, wired M-Bus, P1 text, bare APDUs. In Viper.

    HDLC    7E  A|S|len  len  dest  src  ctrl  HCS HCS  information  FCS FCS  7E   (ISO/IEC 13239,
            format type 3; len is 11 bits from the format field to the FCS; addresses 1-4 bytes,
            the last one odd; S = more segments follow; payloads are not stuffed: go by length)
    M-Bus   68 L L 68  C A CI ...  sum  16         (EN 13757-2; L counts C to the byte before sum,
            Sagemcom writes it modulo 256)
    P1      /XXX5 ident CR LF CR LF  lines  ! [CRC] CR LF      (DSMR 5.0.2; CRC-16/ARC of "/".."!")
            or, encrypted, binary 00 82 LL LL ... between the ident and the "!"
    bare    DB 08 title length ...    or    [E6 E7 00] 0F ...      (no link layer at all)

The window [BEG, END) of the buffer holds what was not judged yet. A candidate whose check fails
gives up its first byte only, so good frames inside a wrong length are all found. Frames without
any check are believed only where the line is known to be clean (CLEAN), never inside the remains
of a damaged one.
"""

import micropython
from micropython import const

from .check import crc_arc, crc_x25

# Words of the context array that frames are found with. Public names: the decoder reads them.
BEG = const(0)  # first byte not judged yet
END = const(1)  # end of the data
NEED = const(2)  # nothing new can be said before END reaches this
SCAN = const(3)  # how far the end of a text telegram was looked for
START = const(4)  # the frame found: its first byte,
PAY = const(5)  # its information,
STOP = const(6)  # the end of the information
# HDLC: format byte; M-Bus: CI field; others: 1 if the check held, 0 if there was none
INFO = const(7)
SIZE = const(8)  # of the buffer
CLEAN = const(9)  # where a frame without a check may begin
BASE = const(10)  # bytes below this hold a message under assembly
MODE = const(11)  # bits below
OK = const(12)  # counters, in the order of decoder._FOUND
HCS = const(13)
FCS = const(14)
LENGTH = const(15)
CHECKSUM = const(16)
CRC = const(17)
UNCHECKED = const(18)
NOISE = const(19)  # bytes thrown away
FED = const(20)  # bytes of the data being fed, and how many
LEFT = const(21)  # of them were not taken in yet
WORDS = const(32)

# MODE bits
SILENT = const(1)  # the line fell silent: nothing more comes, judge what is there
CHECKED = const(2)  # this line has link frames with checks: bare APDUs are remains of damaged ones
SIGNED = const(4)  # this line's telegrams carry a CRC: one without is damaged

# What next_frame found
NOTHING = const(0)
HDLC = const(1)
MBUS = const(2)
TEXT = const(3)
CIPHERED = const(4)
BARE = const(5)
LIST = const(6)  # HDLC, whole, with a DataNotification at PAY: what nearly every frame is
CROWDED = const(7)  # a frame that would fit but for a message whose end was lost

_LF = b"\n"
_BANG = b"!"
_NEW = b"\n/"


@micropython.viper
def push(dst: int, src: int, end: int, to: ptr8, data: ptr8):
    """Copy data[src:end] to to[dst:]; also moves bytes down within one buffer."""
    dst += int(to)
    src += int(data)
    end += int(data)
    end -= 7
    while src < end:
        ptr8(dst)[0] = ptr8(src)[0]
        ptr8(dst)[1] = ptr8(src)[1]
        ptr8(dst)[2] = ptr8(src)[2]
        ptr8(dst)[3] = ptr8(src)[3]
        ptr8(dst)[4] = ptr8(src)[4]
        ptr8(dst)[5] = ptr8(src)[5]
        ptr8(dst)[6] = ptr8(src)[6]
        ptr8(dst)[7] = ptr8(src)[7]
        dst += 8
        src += 8
    end += 7
    while src < end:
        ptr8(dst)[0] = ptr8(src)[0]
        dst += 1
        src += 1


@micropython.viper
def pull(window, ctx: ptr32, data):
    """Take the last LEFT bytes of data into the window, as many as fit."""
    n = ctx[LEFT]
    beg = ctx[BEG]
    end = ctx[END]
    base = ctx[BASE]
    if ctx[SIZE] - end < n and beg > base or beg == end:
        # down to the message under assembly
        push(base, beg, end, window, window)
        beg -= base
        end -= beg
        if ctx[CLEAN] == beg + base:
            ctx[CLEAN] = base
        else:
            # it lay behind the window and means nothing any more
            ctx[CLEAN] = ctx[SIZE] + 1
        ctx[BEG] = base
        ctx[NEED] = 0
        ctx[SCAN] = ctx[SCAN] - beg if ctx[SCAN] > beg + base else 0
    at = ctx[FED] - n
    if ctx[SIZE] - end < n:
        n = ctx[SIZE] - end
    push(end, at, at + n, window, data)
    ctx[END] = end + n
    ctx[LEFT] -= n


@micropython.viper
def next_frame(window, words, data) -> int:
    """Look for the next frame in window[BEG:END]; say what was found (NOTHING: feed more).

    A frame found stands in START, PAY, STOP, INFO; BEG has moved behind it. words is the context;
    of data, what is LEFT is taken in first, as far as there is room.
    """
    ctx = ptr32(words)
    if ctx[LEFT]:
        pull(window, words, data)
    end = ctx[END]
    if end < ctx[NEED]:
        return NOTHING
    buf = ptr8(window)
    i = ctx[BEG]
    mode = ctx[MODE]
    silent = mode & SILENT
    base = ctx[BASE]
    need = 0
    while i < end:
        b = buf[i]
        left = end - i
        if b == 0x7E:
            if left < 3:
                need = i + 3
                if silent:
                    i += 1
                    continue
                break
            n = ((buf[i + 1] & 7) << 8) | buf[i + 2]
            if buf[i + 1] == 0x7E or buf[i + 1] & 0xF0 != 0xA0 or n < 7:
                i += 1
                continue
            # both addresses, each ending with an odd byte
            j = i + 3
            k = 0
            while k < 2 and j < end and j < i + 11:
                k += buf[j] & 1
                j += 1
            if j >= i + 11 and k < 2:
                i += 1
                continue
            if k < 2 or j + 3 > end:
                need = j + 3
                if silent:
                    ctx[LENGTH] += 1
                    ctx[NOISE] += 1
                    i += 1
                    continue
                break
            j += 1
            # the header's check; a frame without information has only its FCS there
            c = int(crc_x25(i + 1, 0xFFFF, j + 2, window))
            if c != 0xF0B8:
                ctx[HCS] += 1
                ctx[NOISE] += 1
                i += 1
                continue
            if n + 2 > ctx[SIZE] - base:
                if n + 2 <= ctx[SIZE] and base:
                    ctx[BEG] = i
                    return CROWDED
                ctx[LENGTH] += 1
                ctx[NOISE] += 1
                i += 1
                continue
            k = i + 1 + n
            if k > end:
                need = k
                if silent:
                    ctx[LENGTH] += 1
                    ctx[NOISE] += 1
                    i += 1
                    continue
                break
            if int(crc_x25(j + 2, c, k, window)) != 0xF0B8:
                ctx[FCS] += 1
                ctx[NOISE] += 1
                i += 1
                continue
            ctx[OK] += 1
            ctx[START] = i
            ctx[INFO] = buf[i + 1]
            ctx[MODE] = mode | CHECKED
            # the closing flag stays: it may open the next frame
            ctx[BEG] = k
            ctx[CLEAN] = k
            ctx[NEED] = 0
            j += 2
            if j > k:
                j = k
            ctx[PAY] = j
            ctx[STOP] = k - 2 if j < k else k
            if base == 0 and buf[i + 1] & 8 == 0 and buf[j] == 0xE6 and buf[j + 1] == 0xE7:
                if buf[j + 3] == 0x0F:
                    ctx[PAY] = j + 3
                    return LIST
            return HDLC
        if b == 0x68:
            if left < 7:
                need = i + 7
                if not silent:
                    break
            elif (
                buf[i + 3] == 0x68
                and buf[i + 1] == buf[i + 2]
                and buf[i + 4] | 0x20 == 0x73
                and buf[i + 6] & 0xE0 == 0
            ):
                n = buf[i + 1]
                if n < 4:
                    # no long frame is that short: the length was cut to a byte
                    n += 256
                k = i + n + 6
                if n + 6 > ctx[SIZE] - base:
                    if n + 6 <= ctx[SIZE] and base:
                        ctx[BEG] = i
                        return CROWDED
                    ctx[LENGTH] += 1
                elif k > end:
                    need = k
                    if not silent:
                        break
                    ctx[LENGTH] += 1
                else:
                    c = 0
                    j = i + 4
                    while j < k - 2:
                        c += buf[j]
                        j += 1
                    if c & 0xFF == buf[j] and buf[j + 1] == 0x16:
                        ctx[OK] += 1
                        ctx[START] = i
                        ctx[INFO] = buf[i + 6]
                        ctx[PAY] = i + 7
                        ctx[STOP] = k - 2
                        ctx[MODE] = mode | CHECKED
                        ctx[BEG] = k
                        ctx[CLEAN] = k
                        ctx[NEED] = 0
                        return MBUS
                    ctx[CHECKSUM] += 1
        elif b == 0x2F:
            # three letters of the maker, then the ident line
            j = 1
            while j < 4 and j < left:
                k = buf[i + j] | 0x20
                if k < 0x61 or k > 0x7A:
                    break
                j += 1
            if j == left and not silent:
                need = end + 1
                break
            if j == 4:
                j = int(window.find(_LF, i, end))
                if j < 0:
                    if left < 80 and not silent:
                        need = end + 1
                        break
                elif j < i + 80:
                    j += 1
                    while j < end and (buf[j] == 13 or buf[j] == 10):
                        j += 1
                    if j + 4 >= end and not silent:
                        need = end + 1
                        break
                    # binary between ident and "!" may hold any byte: step over it
                    k = j
                    sealed = 0
                    if j + 4 < end and buf[j] == 0 and buf[j + 1] == 0x82:
                        k = j + 4 + ((buf[j + 2] << 8) | buf[j + 3])
                        sealed = 1
                    if ctx[SCAN] > k:
                        k = ctx[SCAN]
                    j = -1
                    while k < end:
                        j = int(window.find(_BANG, k, end))
                        if j < 0 or buf[j - 1] == 10 or buf[j - 1] == 13 or sealed:
                            break
                        k = j + 1
                        j = -1
                    if j < 0:
                        ctx[SCAN] = k if k > end else end
                        if not silent:
                            need = end + 1
                            if k + 1 > need:
                                need = k + 1
                            if need - i <= ctx[SIZE] - base:
                                break
                            need = 0
                        ctx[LENGTH] += 1
                    else:
                        # the check: up to four hex digits, none from meters older than DSMR 4
                        c = 0
                        n = 0
                        k = j + 1
                        while k < end and n < 4:
                            b = buf[k]
                            if b >= 0x30 and b <= 0x39:
                                b -= 0x30
                            else:
                                b = (b | 0x20) - 0x57
                                if b < 10 or b > 15:
                                    break
                            c = (c << 4) | b
                            n += 1
                            k += 1
                        if k == end and n < 4 and not silent:
                            ctx[SCAN] = j
                            need = end + 1
                            break
                        b = 0
                        if n == 0:
                            # believed only where this meter never sent one and the line ends here
                            p = int(window.rfind(_NEW, i, j))
                            if not mode & SIGNED and p < 0:
                                if k == end or buf[k] == 13 or buf[k] == 10:
                                    b = 2
                        elif n == 4 or k == end or buf[k] == 13 or buf[k] == 10:
                            mode |= SIGNED
                            if c == int(crc_arc(i, 0, j + 1, window)):
                                b = 1
                            elif c == int(crc_x25(i, 0xFFFF, j + 1, window)) ^ 0xFFFF:
                                b = 1
                        if b:
                            if b == 1:
                                ctx[OK] += 1
                            else:
                                ctx[UNCHECKED] += 1
                            ctx[START] = i
                            ctx[PAY] = i
                            ctx[STOP] = j + 1
                            ctx[INFO] = b & 1
                            ctx[MODE] = mode
                            ctx[BEG] = k
                            ctx[CLEAN] = k
                            ctx[NEED] = 0
                            ctx[SCAN] = 0
                            return TEXT
                        ctx[CRC] += 1
                    ctx[SCAN] = 0
        elif b == 0xDB:
            if left < 14:
                if not silent and left < 2 or (left > 1 and buf[i + 1] == 8 and not silent):
                    need = i + 14
                    break
            elif buf[i + 1] == 8 and not mode & CHECKED:
                n = buf[i + 10]
                k = i + 11
                if n == 0x82:
                    n = (buf[k] << 8) | buf[k + 1]
                    k += 2
                elif n == 0x81:
                    n = buf[k]
                    k += 1
                # security control of suites 0 to 2 with encryption or authentication
                if buf[k] & 0x30 and not buf[k] & 0xCC and n > 5 and n < 0x8000:
                    k += n
                    if k - i <= ctx[SIZE] - base:
                        if k > end and not silent:
                            need = k
                            break
                        if k <= end:
                            ctx[START] = i
                            ctx[PAY] = i
                            ctx[STOP] = k
                            ctx[INFO] = 1 if i == ctx[CLEAN] else 0
                            ctx[BEG] = k
                            ctx[CLEAN] = k
                            ctx[NEED] = 0
                            return CIPHERED
        elif i == ctx[CLEAN] and not mode & CHECKED:
            if b == 0x0F or b == 0xE6:
                if left < 8 and not silent:
                    need = i + 8
                    break
                if left >= 8 and (b == 0x0F or (buf[i + 1] == 0xE7 and buf[i + 3] == 0x0F)):
                    ctx[START] = i
                    ctx[PAY] = i
                    ctx[STOP] = end
                    ctx[INFO] = 0
                    ctx[BEG] = i
                    return BARE
        # not the beginning of anything
        if i == ctx[CLEAN] and (b == 13 or b == 10):
            ctx[CLEAN] = i + 1
        else:
            ctx[NOISE] += 1
        i += 1
        need = 0
    ctx[BEG] = i
    if need - i > ctx[SIZE] - base:
        # so much never fits: waiting for it would be for ever
        if base == 0:
            ctx[LENGTH] += 1
            ctx[NOISE] += 1
            ctx[BEG] = i + 1
            ctx[SCAN] = 0
        ctx[NEED] = 0
        return CROWDED
    ctx[NEED] = need
    return NOTHING
