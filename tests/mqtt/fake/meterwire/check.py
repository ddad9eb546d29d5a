def crc_x25(i, crc, end, buf):
    while i < end:
        x = (crc ^ buf[i]) & 0xFF
        x ^= (x << 4) & 0xFF
        crc = (crc >> 8) ^ (x << 8) ^ (x << 3) ^ (x >> 4)
        i += 1
    return crc
