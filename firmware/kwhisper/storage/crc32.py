"""CRC-32 where MicroPython has none built in: ISO 3309's, as binascii has it elsewhere."""

from array import array


def crc32(data):
    """The CRC-32 of the bytes."""
    # In two halves, as small integers take no memory; four bits at a time.
    table_high = array("I", bytes(64))
    table_low = array("I", bytes(64))
    for n in range(16):
        high = 0
        low = n
        for _ in range(4):
            odd = low & 1
            low = low >> 1 | (high & 1) << 15
            high >>= 1
            if odd:
                high ^= 0xEDB8
                low ^= 0x8320
        table_high[n] = high
        table_low[n] = low
    high = low = 0xFFFF
    for byte in data:
        for bits in (byte & 15, byte >> 4):
            at = (low ^ bits) & 15
            low = (low >> 4 | (high & 15) << 12) ^ table_low[at]
            high = high >> 4 ^ table_high[at]
    return (high ^ 0xFFFF) << 16 | low ^ 0xFFFF
