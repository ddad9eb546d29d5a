"""The CRCs of the ports, from the fastest source this runtime has."""

import sys

if sys.implementation.name == "cpython":
    from array import array
    from binascii import crc_hqx

    # binascii knows the CCITT polynomial most significant bit first; X-25 is its mirror image, so
    # bytes and register are mirrored on the way in and out
    _MIRROR = bytes(int(f"{i:08b}"[::-1], 2) for i in range(256))

    def _mirror(word):
        return _MIRROR[word & 0xFF] << 8 | _MIRROR[word >> 8]

    def crc_x25(i, crc, end, buf):
        """CRC-16/X-25 register over buf[i:end], starting from crc, before the final inversion."""
        return _mirror(crc_hqx(buf[i:end].translate(_MIRROR), _mirror(crc)))

    _arc = []

    def _make_arc():
        # two bytes at a step: half the loop, for half a megabyte and some milliseconds once
        one = []
        for value in range(256):
            for _ in range(8):
                value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
            one.append(value)
        for x in range(65536):
            low = one[x & 0xFF]
            _arc.append(one[(low ^ x >> 8) & 0xFF] ^ low >> 8)

    def crc_arc(i, crc, end, buf):
        """CRC-16/ARC of buf[i:end], starting from crc (DSMR P1)."""
        if not _arc:
            _make_arc()
        odd = (end - i) & 1
        table = _arc
        pairs = array("H", buf[i : end - odd])
        if sys.byteorder == "big":
            pairs.byteswap()
        for pair in pairs:
            crc = table[crc ^ pair]
        if odd:
            # one byte: as the second of a pair whose first does nothing to the register
            x = (crc ^ buf[end - 1]) & 0xFF
            for _ in range(8):
                x = (x >> 1) ^ 0xA001 if x & 1 else x >> 1
            crc = crc >> 8 ^ x
        return crc

else:
    # no Viper here, native code of another chip, or no executable memory left
    _NO_VIPER = (ImportError, ValueError, MemoryError, SyntaxError)

    try:
        from .crc_v import crc_arc, crc_x25
    except _NO_VIPER:
        from .crc_plain import crc_arc, crc_x25
    try:
        from .crc_wide_v import crc_x25
    except _NO_VIPER:
        # an ESP8266: its crc_x25 is the one without tables
        crc_x25 = crc_x25
