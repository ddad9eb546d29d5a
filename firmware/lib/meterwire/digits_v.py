"""Writes a row's value as decimal text, in Viper: digits and a point, never a float."""

import micropython


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
