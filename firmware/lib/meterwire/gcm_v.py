"""AES-128-GCM on MicroPython (NIST SP 800-38D): the chip's AES block cipher, counter mode and
GHASH around it, the latter two in Viper.

GHASH goes four bits at a time, in halfwords: they keep every number small, so the plain twin
allocates nothing either. A field element is eight halfwords, most significant first; bit 0 of the
standard is the most significant bit.
"""

from array import array

import micropython

_ECB = 1


def cipher(key):
    """The block cipher of a key of 16 bytes."""
    from cryptolib import aes

    return aes(bytes(key), _ECB)


def multiples(block):
    """What tag() needs of a key beside its block cipher: 256 bytes."""
    made = array("H", bytes(256))
    table(made, block.encrypt(bytes(16)))
    return made


def crypt(block, nonce, buf, start, stop):
    """Encipher or decipher buf[start:stop] in place, by a nonce of 12 bytes."""
    counter = _first(nonce)
    stream = bytearray(16)
    encrypt = block.encrypt
    n = 2
    while start < stop:
        counter[14] = n >> 8
        counter[15] = n & 0xFF
        encrypt(counter, stream)
        start = mix(buf, start, stop, stream)
        n += 1


def tag(block, known, nonce, buf, start, stop, aad, secret):
    """The 12-byte tag over aad and buf[start:stop]: ciphertext if secret, else plain text. known
    is what multiples() made."""
    y = array("H", bytes(16))
    n = stop - start
    if secret:
        update(y, known, aad, 0, len(aad))
        update(y, known, buf, start, stop)
    else:
        aad = aad + bytes(buf[start:stop])
        update(y, known, aad, 0, len(aad))
        n = 0
    sizes = (len(aad) * 8).to_bytes(8, "big") + (n * 8).to_bytes(8, "big")
    update(y, known, sizes, 0, 16)
    out = _first(nonce)
    block.encrypt(out, out)
    for i in range(12):
        out[i] ^= y[i >> 1] >> (0 if i & 1 else 8) & 0xFF
    return bytes(out[:12])


def _first(nonce):
    # the first counter block
    counter = bytearray(16)
    counter[:12] = nonce
    counter[15] = 1
    return counter


@micropython.viper
def table(out: ptr16, h: ptr8):
    """Fill out[0:128] with the sixteen multiples of the hash key h[0:16]."""
    i = 0
    while i < 8:
        out[i] = 0
        out[64 + i] = (h[i * 2] << 8) | h[i * 2 + 1]
        i += 1
    # x * H for x = 8, 4, 2, 1: each the one before, times the variable
    n = 4
    while n:
        low = out[n * 16 + 7] & 1
        i = 7
        while i > 0:
            out[n * 8 + i] = (out[n * 16 + i] >> 1) | ((out[n * 16 + i - 1] & 1) << 15)
            i -= 1
        out[n * 8] = (out[n * 16] >> 1) ^ (0xE100 if low else 0)
        n >>= 1
    # the sums
    n = 2
    while n < 16:
        k = 1
        while k < n:
            i = 0
            while i < 8:
                out[(n + k) * 8 + i] = out[n * 8 + i] ^ out[k * 8 + i]
                i += 1
            k += 1
        n <<= 1


@micropython.viper
def update(y: ptr16, multiples: ptr16, data: ptr8, at: int, end: int):
    """Take data[at:end] into the hash y[0:8], the last block filled up with zeros."""
    while at < end:
        i = 0
        while i < 8:
            x = 0
            if at < end:
                x = data[at] << 8
            if at + 1 < end:
                x |= data[at + 1]
            y[i] = y[i] ^ x
            at += 2
            i += 1
        # z = y * H, from the last nibble to the first
        z0 = z1 = z2 = z3 = z4 = z5 = z6 = z7 = 0
        n = 0
        while n < 32:
            if n:
                low = z7 & 15
                z7 = (z7 >> 4) | ((z6 & 15) << 12)
                z6 = (z6 >> 4) | ((z5 & 15) << 12)
                z5 = (z5 >> 4) | ((z4 & 15) << 12)
                z4 = (z4 >> 4) | ((z3 & 15) << 12)
                z3 = (z3 >> 4) | ((z2 & 15) << 12)
                z2 = (z2 >> 4) | ((z1 & 15) << 12)
                z1 = (z1 >> 4) | ((z0 & 15) << 12)
                z0 >>= 4
                # what was shifted out comes back by the field's polynomial
                if low & 1:
                    z0 ^= 0x1C20
                if low & 2:
                    z0 ^= 0x3840
                if low & 4:
                    z0 ^= 0x7080
                if low & 8:
                    z0 ^= 0xE100
            x = ((y[7 - (n >> 2)] >> ((n & 3) << 2)) & 15) << 3
            z0 ^= multiples[x]
            z1 ^= multiples[x + 1]
            z2 ^= multiples[x + 2]
            z3 ^= multiples[x + 3]
            z4 ^= multiples[x + 4]
            z5 ^= multiples[x + 5]
            z6 ^= multiples[x + 6]
            z7 ^= multiples[x + 7]
            n += 1
        y[0] = z0
        y[1] = z1
        y[2] = z2
        y[3] = z3
        y[4] = z4
        y[5] = z5
        y[6] = z6
        y[7] = z7


@micropython.viper
def mix(buf: ptr8, at: int, end: int, stream: ptr8) -> int:
    """XOR at most 16 bytes of buf[at:end] with stream[0:16]; return where it stopped."""
    if end - at > 16:
        end = at + 16
    i = 0
    while at < end:
        buf[at] = buf[at] ^ stream[i]
        at += 1
        i += 1
    return at
