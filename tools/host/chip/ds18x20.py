"""The frozen module ds18x20: sensors of the file `temperatures` of the state folder, which has the
sixteenths of a degree of each ROM code; null for one that answers with a wrong CRC."""

from binascii import hexlify, unhexlify

import state


class DS18X20:
    """What a bus of them does."""

    def __init__(self, onewire):
        self.converted = {}

    def scan(self):
        return [bytearray(unhexlify(code)) for code in sorted(state.read("temperatures", {}))]

    def convert_temp(self):
        self.converted = state.read("temperatures", {})

    def read_scratch(self, rom):
        number = self.converted.get(hexlify(rom).decode())
        if number is None:
            raise Exception("CRC error")
        return bytearray((number & 255, number >> 8 & 255, 75, 70, 127, 255, 12, 16, 0))
