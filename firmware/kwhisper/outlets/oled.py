"""SSD1306 and SH1106, 128 x 64, one byte a column of eight pixels, page by page.

Both in page addressing, as the SH1106 knows no other; its memory is 132 wide, the glass begins at
column 2.
"""

import asyncio

import framebuf

_WIDTH = const(128)
_PAGES = const(8)
_LETTER = const(8)
# off, clock, rows, offset 0, first line 0, charge pump, page addressing, mirrored both ways,
# COM pins, contrast, precharge, VCOM, from memory, not inverted, on
_BEGIN = const(
    b"\xae\xd5\x80\xa8\x3f\xd3\x00\x40\x8d\x14\x20\x02\xa1\xc8\xda\x12\x81\x7f\xd9\xf1\xdb\x40\xa4\xa6\xaf"
)


class Oled:
    """begin() once, then show(lines): the first in letters twice as large."""

    def __init__(self, i2c, address, kind):
        self.i2c = i2c
        self.address = address
        self.left = 2 if kind == "sh1106" else 0
        self.pixels = bytearray(_WIDTH * _PAGES)
        self.frame = framebuf.FrameBuffer(self.pixels, _WIDTH, _PAGES * 8, framebuf.MONO_VLSB)
        self.packet = bytearray(_WIDTH + 1)
        self.packet[0] = 0x40  # data follow

    async def begin(self):
        """Switch it on."""
        for byte in _BEGIN:
            self.i2c.writeto(self.address, bytes((0, byte)))

    async def show(self, lines):
        """Draw the lines and send them."""
        frame = self.frame
        frame.fill(0)
        y = 0
        for n, text in enumerate(lines):
            if n == 0:
                frame.text(text[:8], 0, 0)
                self.enlarge(len(text[:8]) * _LETTER)
                y = 18
            elif text:
                frame.text(text[:16], 0, y)
                y += 11
        view = memoryview(self.pixels)
        for page in range(_PAGES):
            for byte in (0xB0 | page, self.left & 15, 0x10 | self.left >> 4):
                self.i2c.writeto(self.address, bytes((0, byte)))
            self.packet[1:] = view[page * _WIDTH : (page + 1) * _WIDTH]
            self.i2c.writeto(self.address, self.packet)
            await asyncio.sleep_ms(0)

    def enlarge(self, width):
        """The first line of letters twice as large, from the lower right on."""
        frame = self.frame
        for x in range(width - 1, -1, -1):
            for y in range(_LETTER - 1, -1, -1):
                frame.fill_rect(2 * x, 2 * y, 2, 2, frame.pixel(x, y))
