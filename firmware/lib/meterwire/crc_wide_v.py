"""The checks of crc_v four bytes at a step, in Viper, where 4 KB of tables do not matter.

On a PC's MicroPython they take the place of crc_v's (_source.py, _twin.chip_files); its processors
read words from any address. A chip does without.
"""

from array import array

import micropython


def _tables(polynomial):
    # table n: what a byte does to the register once n - 1 more have followed it
    tables = tuple(map(array, "HHHH", (bytes(512),) * 4))
    for value in range(256):
        crc = value
        for table in tables:
            for _ in range(8):
                crc = (crc >> 1) ^ polynomial if crc & 1 else crc >> 1
            table[value] = crc
    return tables


_X25_1, _X25_2, _X25_3, _X25_4 = _tables(0x8408)
_ARC_1, _ARC_2, _ARC_3, _ARC_4 = _tables(0xA001)


@micropython.viper
def crc_x25(i: int, crc: int, end: int, buf: ptr8) -> int:
    """CRC-16/X-25 register over buf[i:end], starting from crc; as crc_v.crc_x25."""
    one = ptr16(_X25_1)
    two = ptr16(_X25_2)
    three = ptr16(_X25_3)
    four = ptr16(_X25_4)
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
    """CRC-16/ARC of buf[i:end], starting from crc; as crc_v.crc_arc."""
    one = ptr16(_ARC_1)
    two = ptr16(_ARC_2)
    three = ptr16(_ARC_3)
    four = ptr16(_ARC_4)
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
