"""What every stage does with bytes, in Viper: checks, copies, digits.

crc_x25     of HDLC         both work a byte at a time without a table: on the ESP8266 a table
crc_arc     of P1           would cost 512 bytes of RAM
push        copies bytes
put         writes a row's value as decimal text: digits and a point, never a float

The counters stand first among the parameters because Viper keeps the first three locals in
registers; of the checks that alone is a sixth of the time.
"""

import micropython


@micropython.viper
def crc_x25(i: int, crc: int, end: int, buf: ptr8) -> int:
    """CRC-16/X-25 register over buf[i:end] from crc (0xFFFF), before the final inversion.

    ISO/IEC 13239: polynomial 0x8408 reflected. A block followed by its own check gives 0xF0B8.
    """
    i += int(buf)
    end += int(buf)
    while i < end:
        x = (crc ^ ptr8(i)[0]) & 0xFF
        x ^= (x << 4) & 0xFF
        crc = (crc >> 8) ^ (x << 8) ^ (x << 3) ^ (x >> 4)
        i += 1
    return crc


@micropython.viper
def crc_arc(i: int, crc: int, end: int, buf: ptr8) -> int:
    """CRC-16/ARC of buf[i:end], starting from crc (0): polynomial 0xA001 reflected (DSMR P1)."""
    i += int(buf)
    end += int(buf)
    while i < end:
        x = (crc ^ ptr8(i)[0]) & 0xFF
        p = x ^ (x >> 4)
        crc = (crc >> 8) ^ (x << 6) ^ (x << 7)
        # the parity of x decides the three bits that the two shifts leave out
        if (0x6996 >> (p & 15)) & 1:
            crc ^= 0xC001
        i += 1
    return crc


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
def put(rows: ptr8, k: int, out: ptr8, pos: int) -> int:
    """Write the number of the row at byte k to out[pos:]; return the position behind it.

    A row is described in words.py. out needs 40 bytes of room: 20 digits, sign, point and scratch.
    """
    x = 0
    if rows[k + 15] & 0x80:
        x = 0xFF
        out[pos] = 0x2D
        pos += 1
    e = rows[k + 6]
    if e > 127:
        e -= 256
    # the magnitude, as scratch of 8 bytes
    s = pos + 30
    carry = x & 1
    n = 0
    while n < 8:
        carry += rows[k + 8 + n] ^ x
        out[s + n] = carry
        carry >>= 8
        n += 1
    # digits from the last to the first, into pos + 29 downwards
    p = pos + 30
    top = 7
    least = 1 - e if e < 0 else 1
    while True:
        while top >= 0 and out[s + top] == 0:
            top -= 1
        if top < 0 and pos + 30 - p >= least:
            break
        rest = 0
        n = top
        while n >= 0:
            rest = (rest << 8) | out[s + n]
            out[s + n] = rest // 10
            rest = rest % 10
            n -= 1
        p -= 1
        out[p] = 0x30 + rest
        if pos + 30 - p > 28:
            break
    n = pos + 30 - p
    point = n + e if e < 0 else 0 - 1
    if n == 1 and out[p] == 0x30:
        e = 0
    while n > 0:
        if point == 0:
            out[pos] = 0x2E
            pos += 1
        out[pos] = out[p]
        pos += 1
        p += 1
        n -= 1
        point -= 1
    while e > 0:
        out[pos] = 0x30
        pos += 1
        e -= 1
    return pos
