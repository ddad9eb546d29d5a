"""The two checks of the meter ports, in Viper: CRC-16/X-25 (HDLC) and CRC-16/ARC (P1).

Both work a byte at a time without a table: on the ESP8266 a table would cost 512 bytes of RAM and
this file is all the native code that chip has room for (about 500 bytes).

The counters stand first among the parameters because Viper keeps the first three locals in
registers; that alone is a sixth of the time.
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
