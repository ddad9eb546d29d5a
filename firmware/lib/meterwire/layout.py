"""Lists that do not name their values beside them: descriptors zipped with values, known orders.

    descriptors   { [ {class, OBIS, attribute, index} … ], value, value … }
                  the array is itself the value of the first descriptor, so descriptor i names
                  element i of the structure
    untagged      { …, [ { class(2) OBIS(6) attribute(1), value } … ] }
                  EG.D writes descriptors without their type tags
    orders        { value, value … } in an order that only profiles.ORDERS knows

An order is made into bytes when its list is first seen; from then on the list costs no memory.
"""

from array import array

from . import floats, profiles
from .fast import apdu, judge
from .octets import string

_PER = 8  # bytes of an order's element: kind, A, B, C, D, E and two to spare
_EGD = b"\x02\x02\x16"
# places in what was chosen
_SURE = 5
_OTHER = 6


class Layout:
    """Finds the order of a list and writes its rows.

    What it learns of the meter lies in what it is given, and so outlives it. names: those of the
    orders met, which the Reading shows; ready: these orders, (bytes, how they begin, exponents,
    count of elements) each; chosen: 7 bytes, the profile last chosen.
    """

    def __init__(self, rows, names, ready, chosen):
        self._room = rows * 4
        self._index = None
        self._left = bytearray(16)
        self._ready = ready
        self._chosen = chosen  # five exponents, whether they are sure, the other of currents
        self.names = names
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

    def scales(self, buf, rows, words, scale, title):
        """Choose the exponents of a list that names its values but not their scale."""
        chosen = self._chosen
        at = words[apdu.FIRST]
        if judge.same(rows, words, buf, at, words[apdu.FIRST_LEN] if at else 0):
            words[apdu.SURE] = chosen[_SURE]
            words[apdu.OTHER_CURRENT] = chosen[_OTHER]
            i = 0
            while i < 5:
                scale[i] = chosen[i]
                i += 1
            return
        name = ""
        chosen[_SURE] = chosen[_OTHER] = 0
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
        title = string(title, 0, 3) if title else ""
        words[apdu.SURE] = 0
        for i in range(5):
            scale[i] = 0
        for begins, of_type, exponents, other in profiles.lines(profiles.SCALES):
            if not (name.startswith(begins) or title and title == begins[:3]):
                continue
            if of_type[:1] == "*":
                if not kind.endswith(of_type[1:]):
                    continue
            elif not kind.startswith(of_type):
                continue
            _exponents(exponents, scale)
            words[apdu.SURE] = chosen[_SURE] = 1
            words[apdu.OTHER_CURRENT] = chosen[_OTHER] = int(other) & 0xFF
            break
        for i in range(5):
            chosen[i] = scale[i]

    # ---- which order

    def find(self, kind, buf, rows, words, scale, title):
        """Finish a list that scan() left open: NAMED, OTHER, SHORT or BROKEN.

        kind is what scan() said; a list it did understand lacks its exponents.
        """
        if kind == apdu.NAMED:
            if words[apdu.FLOATS]:
                floats.settle(rows, words[apdu.ROWS])
            if words[apdu.BARE]:
                self.scales(buf, rows, words, scale, title)
            return kind
        if kind == apdu.SHORT:
            return kind
        if self._untagged(buf, rows, words):
            self.scales(buf, rows, words, scale, title)
            return apdu.NAMED
        count = self.walk(buf, words)
        if count <= 0:
            return count
        index = self._index
        n = 0
        for kept in self._ready:
            if kept[3] == count and apdu.fill(buf, index, kept[0], rows, words) >= 0:
                if self._begins(buf, kept[1]):
                    return self._take(n, scale, words)
            n += 1
        if self._described(buf, rows, words):
            floats.settle(rows, words[apdu.ROWS])
            self.scales(buf, rows, words, scale, title)
            return apdu.NAMED
        for name, begins, kinds, codes, exponents in profiles.lines(profiles.ORDERS):
            if len(kinds) != index[2]:
                continue
            order = _made(kinds, codes)
            begins = begins.encode()
            if apdu.fill(buf, index, order, rows, words) >= 0 and self._begins(buf, begins):
                _exponents(exponents, scale)
                self._ready.append((order, begins, bytes(scale), count))
                self.names.append(name)
                return self._take(n, scale, words)
        words[apdu.ROWS] = 0
        return apdu.OTHER

    def _take(self, n, scale, words):
        exponents = self._ready[n][2]
        i = 0
        while i < 5:
            scale[i] = exponents[i]
            i += 1
        words[apdu.SURE] = 1
        words[apdu.ORDER] = n + 1
        words[apdu.FIRST] = words[apdu.LAST] = 0
        return apdu.NAMED

    def _begins(self, buf, text):
        """True if the first element begins so."""
        at = self._index[5]
        i = len(text)
        while i:
            i -= 1
            if buf[at + i] != text[i]:
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
            if tag != 9 or index[(2 + n * 5 + 2) * 4 + 2] != 6 or value >= self.elements:
                return False
            v = value * 4
            used = apdu.put_row(buf, rows, k, buf, at, index[v], index[v + 1], index[v + 2])
            if words[apdu.FIRST] == 0 and index[value * 4] == 9:
                words[apdu.FIRST] = index[value * 4 + 1]
                words[apdu.FIRST_LEN] = index[value * 4 + 2]
            # attribute 2 is a value; the push setup's own name is not
            if used and (buf[at + 2] != 25 or buf[at]) and k < words[apdu.MAX] * 16:
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
        if buf[p + 4] != 1 or buf[p + 8] != 0 or buf[p + 2] != 0x16 or buf[p + 6] != 2:
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
            if rows and k < words[apdu.MAX] * 16 and (buf[at + 2] != 25 or buf[at]):
                if apdu.put_row(buf, rows, k, buf, at, index[0], index[1], index[2]):
                    k += 16
            left -= 1
        words[apdu.ROWS] = k >> 4
        return True


def _exponents(text, scale):
    """The five exponents of a profile's line into bytes."""
    for i, word in enumerate(text.split(" ")):
        scale[i] = int(word) & 0xFF


def _made(kinds, text):
    """An order as bytes: for each element its kind and the code of its row."""
    out = bytearray(_PER * len(kinds) + 1)
    out[0] = len(kinds)
    k = 1
    for i, code in enumerate(profiles.codes(text)):
        out[k] = ord(kinds[i])
        out[k + 1] = 0xFF
        if code:
            out[k + 1 : k + 6] = bytes(code)
        k += _PER
    return out
