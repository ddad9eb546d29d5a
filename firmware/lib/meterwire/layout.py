"""Lists that do not name their values beside them: descriptors zipped with values, known orders.

    descriptors   { [ {class, OBIS, attribute, index} … ], value, value … }   the array is itself the
                  value of the first descriptor, so descriptor i names element i of the structure
    untagged      { …, [ { class(2) OBIS(6) attribute(1), value } … ] }       EG.D writes descriptors
                  without their type tags
    orders        { value, value … } in an order that only profiles.ORDERS knows

An order is made into bytes when its list is first seen; from then on the list costs no memory.
"""

from array import array

from .fast import apdu
from .profiles import ORDERS, SCALES
from .reading import string

_PER = 8  # bytes of an order's element: kind, A, B, C, D, E and two to spare
_KEPT = 6  # orders made ready at the same time
_ROLES = {
    "L": (1, 1, 0, 2, 129),
    "M": (0, 0, 96, 1, 0),
    "T": (0, 0, 96, 1, 7),
    "C": (0, 0, 1, 0, 0),
    "-": (0xFF, 0, 0, 0, 0),
}
_EGD = b"\x02\x02\x16"
_EGD_ITEM = b"\x02\x02\x00"


class Layout:
    """Finds the order of a list and writes its rows."""

    def __init__(self, rows):
        self._room = rows * 4
        self._index = None
        self._left = bytearray(16)
        self._ready = []
        self.name = None  # of the order last found
        self.elements = 0

    # ---- the index

    def walk(self, buf, words):
        """Make the flat index of the list whose data begins at words[BODY]; return its count."""
        if self._index is None:
            # only lists that need it pay for it: descriptors come five to a value
            self._index = array("H", bytes(2 * 4 * self._room))
        words[apdu.POS] = words[apdu.BODY]
        most = words[apdu.MAX]
        words[apdu.MAX] = self._room
        self.elements = apdu.walk(buf, self._index, words, self._left)
        words[apdu.MAX] = most
        return self.elements

    @property
    def index(self):
        """The flat index of the last list: tag, offset, length, depth of each element."""
        return self._index

    def measure(self, buf, p, end):
        """Length of the DataNotification at buf[p:], or SHORT or BROKEN."""
        words = array("I", bytes(64))
        words[apdu.MAX] = self._room
        words[apdu.STOP] = end
        at = p + 5
        if at >= end:
            return apdu.SHORT
        tag = buf[at]
        if tag == 9 and buf[at + 1] == 12:
            at += 1
            tag = 12
        at += 1
        if tag == 0x0C or tag == 0x19:
            at += 12
        elif tag != 0:
            return apdu.BROKEN
        words[apdu.BODY] = at
        if buf[at : at + 3] == _EGD:
            words[apdu.MAX] = 0
            return words[apdu.POS] - p if self._untagged(buf, None, words) else apdu.SHORT
        count = self.walk(buf, words)
        return count if count < 0 else words[apdu.POS] - p

    # ---- which exponents

    def scales(self, buf, rows, words, scale, cipher):
        """Choose the exponents of a list that names its values but not their scale."""
        at = words[apdu.FIRST]
        name = ""
        if at:
            if words[apdu.FIRST_LEN] == 6 and buf[at + 5] == 0xFF:
                name = "%d-%d:%d.%d.%d" % tuple(buf[at : at + 5])
            else:
                name = string(buf, at, words[apdu.FIRST_LEN])
        kind = ""
        k = 0
        end = words[apdu.ROWS] * 16
        while k < end:
            if rows[k + 5] & 3 == apdu.TEXT:
                text = string(buf, rows[k + 8] | rows[k + 9] << 8, rows[k + 10])
                if rows[k + 2] == 96 and rows[k + 3] == 1 and (rows[k + 4] == 7 or rows[k]):
                    kind = text
                elif rows[k + 2] == 42 or rows[k + 2] == 0 and rows[k + 3] == 2:
                    name = text
            k += 16
        title = string(cipher.title, 0, 3) if cipher.title else ""
        words[apdu.SURE] = 0
        for i in range(5):
            scale[i] = 0
        for begins, of_type, exponents, other in SCALES:
            if not (name.startswith(begins) or title and title == begins[:3]):
                continue
            if of_type[:1] == "*":
                if not kind.endswith(of_type[1:]):
                    continue
            elif not kind.startswith(of_type):
                continue
            for i in range(5):
                scale[i] = exponents[i] & 0xFF
            words[apdu.SURE] = 1
            words[apdu.OTHER_CURRENT] = other & 0xFF
            return

    # ---- which order

    def order(self, buf, rows, words, scale, cipher):
        """Write the rows of a list that scan() did not understand: NAMED, OTHER, SHORT or BROKEN."""
        self.name = None
        if self._untagged(buf, rows, words):
            self.scales(buf, rows, words, scale, cipher)
            return apdu.NAMED
        count = self.walk(buf, words)
        if count <= 0:
            return count
        index = self._index
        for kept in self._ready:
            n = apdu.fill(buf, index, kept[1], rows, words)
            if n >= 0 and self._begins(buf, kept[2]):
                self._take(kept, scale, words)
                return apdu.NAMED
        if self._described(buf, rows, words):
            self.scales(buf, rows, words, scale, cipher)
            return apdu.NAMED
        for row in ORDERS:
            if len(row[2]) + 1 != count and "x" not in row[2]:
                continue
            kept = (row[0], _made(row[2], row[3]), row[1], row[4])
            n = apdu.fill(buf, index, kept[1], rows, words)
            if n >= 0 and self._begins(buf, row[1]):
                if len(self._ready) == _KEPT:
                    self._ready.pop(0)
                self._ready.append(kept)
                self._take(kept, scale, words)
                return apdu.NAMED
        words[apdu.ROWS] = 0
        return apdu.OTHER

    def _take(self, kept, scale, words):
        self.name = kept[0]
        for i in range(5):
            scale[i] = kept[3][i] & 0xFF
        words[apdu.SURE] = 1
        words[apdu.OTHER_CURRENT] = scale[2]

    def _begins(self, buf, text):
        """True if the first element is a text that begins so."""
        at = self._index[5]
        for i in range(len(text)):
            if buf[at + i] != ord(text[i]):
                return False
        return True

    def _described(self, buf, rows, words):
        """Descriptors in an array, then the values they name."""
        index = self._index
        if index[0] != 2 or index[4] != 1 or index[2] < 2:
            return False
        names = index[6]
        if index[2] != names or self.elements < 2 + names * 5:
            return False
        words[apdu.FIRST] = 0
        k = 0
        value = 2 + names * 5
        for n in range(1, names):
            # descriptor n: its structure's header is element 2 + n * 5, its OBIS code two further
            at = index[(2 + n * 5 + 2) * 4 + 1]
            tag = index[(2 + n * 5 + 2) * 4]
            if tag != 9 or value >= self.elements:
                return False
            v = value * 4
            used = apdu.put_row(buf, rows, k, buf, at, index[v], index[v + 1], index[v + 2])
            if words[apdu.FIRST] == 0 and index[value * 4] == 9:
                words[apdu.FIRST] = index[value * 4 + 1]
                words[apdu.FIRST_LEN] = index[value * 4 + 2]
            # attribute 2 is a value; the push setup's own name is not
            if used and buf[at + 2] != 25 and k < words[apdu.MAX] * 16:
                k += 16
            depth = index[value * 4 + 3]
            value += 1
            while value < self.elements and index[value * 4 + 3] > depth:
                value += 1
        words[apdu.ROWS] = k >> 4
        return k > 0

    def _untagged(self, buf, rows, words):
        """{ enum, [ { class(2) OBIS(6) attribute(1), value } … ] }: EG.D's list (Czechia)."""
        p = words[apdu.BODY]
        end = words[apdu.STOP]
        if buf[p : p + 3] != _EGD or buf[p + 4] != 1 or buf[p + 6 : p + 9] != _EGD_ITEM:
            return False
        left = buf[p + 5]
        p += 6
        k = 0
        while left:
            if p + 12 > end or buf[p] != 2 or buf[p + 1] != 2:
                return False
            at = p + 4
            words[apdu.BODY] = p + 11
            if self.walk(buf, words) < 1:
                return False
            p = words[apdu.POS]
            index = self._index
            if rows and k < words[apdu.MAX] * 16 and buf[at + 2] != 25:
                if apdu.put_row(buf, rows, k, buf, at, index[0], index[1], index[2]):
                    k += 16
            left -= 1
        words[apdu.ROWS] = k >> 4
        return True


def _made(kinds, codes):
    """An order as bytes: for each element its kind and the code of its row."""
    out = bytearray(_PER * len(kinds) + 1)
    out[0] = len(kinds)
    k = 1
    for kind, code in zip(kinds, codes.split()):
        role = _ROLES.get(code)
        if role is None:
            ab = (1, 0)
            if ":" in code:
                channel, code = code.split(":")
                ab = tuple(int(part) for part in channel.split("-"))
            role = ab + tuple(int(part) for part in code.split("."))
        out[k] = ord(kind)
        for i in range(5):
            out[k + 1 + i] = role[i]
        k += _PER
    return out
