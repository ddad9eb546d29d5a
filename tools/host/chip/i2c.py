"""machine.I2C with the displays that the file `i2c` of the state folder names: {"60": "oled"} or
{"39": "lcd"}. What they show stands in the file `glass`: an OLED's memory as hex digits, page by
page, and the letters of an LCD, address by address. Which addresses were asked: `i2c_asked`.
"""

from binascii import hexlify

import state

_PAGES, _WIDE = 8, 132


class Oled:
    """The memory of an SH1106: 132 columns; an SSD1306 has the first 128."""

    def __init__(self):
        self.memory = [bytearray(_WIDE) for _ in range(_PAGES)]
        self.page = self.column = 0
        self.on = False

    def write(self, data):
        kind, rest = data[0], data[1:]
        if kind == 0x40:
            for byte in rest:
                if self.column < _WIDE:
                    self.memory[self.page][self.column] = byte
                self.column += 1
            return
        for byte in rest:
            if 0xB0 <= byte < 0xB8:
                self.page = byte & 7
            elif byte < 0x10:
                self.column = self.column & 0xF0 | byte
            elif byte < 0x20:
                self.column = self.column & 15 | (byte & 15) << 4
            elif byte in (0xAE, 0xAF):
                self.on = byte == 0xAF

    def shown(self):
        return [hexlify(page).decode() for page in self.memory] if self.on else []


class Lcd:
    """The memory of a HD44780, written by nibbles at the falling edge of E."""

    def __init__(self):
        self.memory = bytearray(b" " * 128)
        self.at = 0
        self.four_bits = self.on = False
        self.before = 0
        self.high = None

    def write(self, data):
        for byte in data:
            if self.before & 4 and not byte & 4:
                self.nibble(self.before >> 4, self.before & 1)
            self.before = byte

    def nibble(self, bits, letter):
        if not self.four_bits:
            self.four_bits = bits == 2
        elif self.high is None:
            self.high = bits
        else:
            byte = self.high << 4 | bits
            self.high = None
            if letter:
                self.memory[self.at] = byte
                self.at = self.at + 1 & 127
            elif byte & 0x80:
                self.at = byte & 127
            elif byte == 1:
                self.memory[:] = b" " * 128
                self.at = 0
            elif byte & 0xF8 == 8:
                self.on = bool(byte & 4)

    def shown(self):
        return self.memory.decode() if self.on else ""


class I2C:
    """A bus."""

    _made = {}
    _asked = []

    def __init__(self, number, scl=None, sda=None, freq=400000):
        for address, kind in state.read("i2c", {}).items():
            self._made[int(address)] = Oled() if kind == "oled" else Lcd()

    def scan(self):
        for address in range(8, 120):
            self._ask(address)
        return sorted(self._made)

    def _ask(self, address):
        if address not in self._asked:
            self._asked.append(address)
            state.write("i2c_asked", self._asked)

    def writeto(self, address, data, stop=True):
        self._ask(address)
        if address not in self._made:
            raise OSError(19)
        if not data:
            return 1
        glass = self._made[address]
        glass.write(data)
        state.write("glass", glass.shown())
        return 1
