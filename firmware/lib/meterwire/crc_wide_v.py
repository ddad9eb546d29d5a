"""The checks of bytes_v four bytes at a step, in Viper, where 4 KB of tables do not matter.

On a PC's MicroPython they take the place of those (_source.py, _twin.chip_files); its processors
read words from any address. A chip does without.
"""

from array import array

import micropython


def _tables(polynomial):
    # 256 of what a byte does to the register, then of what it has done one, two, three bytes later
    table = array("H", bytes(2048))
    for i in range(1024):
        crc = i if i < 256 else table[i - 256]
        for _ in range(8):
            crc = (crc >> 1) ^ polynomial if crc & 1 else crc >> 1
        table[i] = crc
    return table


_X25 = _tables(0x8408)
_ARC = _tables(0xA001)


@micropython.viper
def crc_x25(i: int, crc: int, end: int, buf: ptr8) -> int:
    """CRC-16/X-25 register over buf[i:end], starting from crc; as bytes_v.crc_x25."""
    one = ptr16(_X25)
    two = ptr16(int(one) + 512)
    three = ptr16(int(one) + 1024)
    four = ptr16(int(one) + 1536)
    i += int(buf)
    end += int(buf)
    while (end - i) & 3:
        crc = (crc >> 8) ^ one[(crc ^ ptr8(i)[0]) & 0xFF]
        i += 1
    while i < end:
        crc ^= ptr16(i)[0]
        crc = four[crc & 0xFF] ^ three[crc >> 8] ^ two[ptr8(i)[2]] ^ one[ptr8(i)[3]]
        i += 4
    return crc


@micropython.viper
def crc_arc(i: int, crc: int, end: int, buf: ptr8) -> int:
    """CRC-16/ARC of buf[i:end], starting from crc; as bytes_v.crc_arc."""
    one = ptr16(_ARC)
    two = ptr16(int(one) + 512)
    three = ptr16(int(one) + 1024)
    four = ptr16(int(one) + 1536)
    i += int(buf)
    end += int(buf)
    while (end - i) & 3:
        crc = (crc >> 8) ^ one[(crc ^ ptr8(i)[0]) & 0xFF]
        i += 1
    while i < end:
        crc ^= ptr16(i)[0]
        crc = four[crc & 0xFF] ^ three[crc >> 8] ^ two[ptr8(i)[2]] ^ one[ptr8(i)[3]]
        i += 4
    return crc
