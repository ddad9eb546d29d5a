"""An ESP32's memory outside the heap, that kept for Bluetooth."""

from esp32 import HEAP_DATA, idf_heap_info

# MicroPython's ESP32 image keeps memory for Bluetooth: 6 KB for data, 7 KB for variables, 25 KB
# for packets (ESP-IDF, soc.h: from SOC_MEM_BT_DATA_START, SOC_MEM_BT_BSS_START and
# SOC_MEM_BT_EM_START, that to SOC_MEM_BT_EM_BREDR_REAL_END). Nothing else may touch it, no heap
# has it, and the firmware never starts Bluetooth: it holds bytes, and cannot hold objects.
_PIECES = const(((0x3FFAE6E0, 0x3FFAFF10), (0x3FFB8000, 0x3FFB9A20), (0x3FFB0000, 0x3FFB6388)))
# Bytes of the heap's regions between them. An image that kept other pieces would have other ones.
_BETWEEN = const((240, 7288, 16648))
_ZEROS = const(64)


def found():
    """All of it as an Outside, None on a chip that has none."""
    regions = [region[0] for region in idf_heap_info(HEAP_DATA)]
    return Outside(_PIECES) if all(size in regions for size in _BETWEEN) else None


class Outside:
    """Pieces of it: (first byte, end)."""

    def __init__(self, pieces):
        self.pieces = [list(piece) for piece in pieces]

    def left(self):
        """Bytes that are free."""
        return sum([end - start for start, end in self.pieces])

    def has(self, address):
        """Whether it is in this memory, used or not."""
        return any([start <= address < end for start, end in _PIECES])

    def take(self, n):
        """The address of n bytes that are given away for good, None where so many are not left in
        one piece."""
        for piece in self.pieces:
            start = piece[0]
            if start + n <= piece[1]:
                piece[0] = (start + n + 3) & ~3
                return start
        return None

    def again(self, start, n):
        """n bytes that were taken, to be filled anew from the first."""
        return Outside(((start, start + n),))

    def buffer(self, n):
        """A bytearray of n zeros, of this memory while there is room. It is never given back, and
        must not be made longer."""
        start = self.take(n)
        if start is None:
            return bytearray(n)
        import uctypes

        buffer = uctypes.bytearray_at(start, n)
        # What was there before a restart is no longer true.
        for at in range(0, n, _ZEROS):
            buffer[at : at + _ZEROS] = bytes(min(_ZEROS, n - at))
        return buffer
