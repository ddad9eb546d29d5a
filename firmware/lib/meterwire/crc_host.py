"""The CRCs of bytes_v on CPython, by binascii and big integers: as fast as CPython can."""

from binascii import crc_hqx

# binascii knows the CCITT polynomial most significant bit first; X-25 is its mirror image, so
# bytes and register are mirrored on the way in and out
_MIRROR = bytes(int(f"{i:08b}"[::-1], 2) for i in range(256))

# CRC-16/ARC's polynomial x^16 + x^15 + x^2 + 1 is (x + 1)(x^15 + x + 1). Modulo the second,
# x^(15 n) = x^n + 1 for every n that is a power of two: all bits above 15 n are folded down by
# two shifts of one big integer. Modulo the first a number is its parity.
_FOLDS = tuple((15 << k, (1 << (15 << k)) - 1, 1 << k) for k in range(12, -1, -1))


def _mirror(word):
    return _MIRROR[word & 0xFF] << 8 | _MIRROR[word >> 8]


def crc_x25(i, crc, end, buf):
    """CRC-16/X-25 register over buf[i:end], starting from crc, before the final inversion."""
    return _mirror(crc_hqx(buf[i:end].translate(_MIRROR), _mirror(crc)))


def crc_arc(i, crc, end, buf):
    """CRC-16/ARC of buf[i:end], two bytes at least, starting from crc (DSMR P1).

    The telegram is one polynomial in a big integer; its remainder comes from a dozen shifts.
    """
    n = int.from_bytes(buf[i:end].translate(_MIRROR), "big")
    n ^= _mirror(crc) << 8 * (end - i) - 16
    odd = n.bit_count() & 1
    n <<= 16
    size = n.bit_length()
    for width, mask, shift in _FOLDS:
        if width < size:
            while n > mask:
                high = n >> width
                n = n & mask ^ high ^ high << shift
    if n.bit_count() & 1 != odd:
        n ^= 0x8003
    return _mirror(n)
