"""HD44780 behind a PCF8574: four bits of data, and E, RS and the light on the other pins.

P7..P4  D7..D4      P3  light      P2  E      P1  R/W (0)      P0  RS (1: a letter)
"""

import asyncio

_LIGHT = const(8)
_ENABLE = const(4)
_ROWS = const((0x80, 0xC0, 0x94, 0xD4))  # where the rows begin; the third and fourth of 20 x 4


class Lcd:
    """begin() once, then show(lines): as many as there is room for."""

    def __init__(self, i2c, address, kind):
        self.i2c = i2c
        self.address = address
        self.columns, self.rows = (20, 4) if kind[-4:] == "20x4" else (16, 2)

    def nibble(self, byte, letter):
        byte = byte & 0xF0 | _LIGHT | letter
        # The chip takes it at the falling edge; I2C is slower than what it asks for.
        self.i2c.writeto(self.address, bytes((byte, byte | _ENABLE, byte)))

    def put(self, byte, letter=0):
        self.nibble(byte, letter)
        self.nibble(byte << 4, letter)

    async def begin(self):
        """Into four bits, whatever state it is in; two lines, on, no cursor, cleared."""
        for byte in (0x30, 0x30, 0x30, 0x20):
            self.nibble(byte, 0)
            await asyncio.sleep_ms(5)
        for byte in (0x28, 0x0C, 0x06, 0x01):
            self.put(byte)
            await asyncio.sleep_ms(5)

    async def show(self, lines):
        """Write the lines."""
        if self.rows == 2:
            # Power, and what is amiss or the currents.
            lines = lines[0], lines[2] if "--" not in lines[4] and lines[2] else lines[4]
        else:
            lines = lines[0], lines[1], lines[2], lines[3] or lines[4]
        for row in range(self.rows):
            self.put(_ROWS[row])
            for letter in ("%-20s" % lines[row])[: self.columns].encode():
                self.put(letter, 1)
            await asyncio.sleep_ms(0)
