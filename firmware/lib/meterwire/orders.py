"""Lists of bare values, { value, value … }, in an order that only profiles.txt knows.

An order is made into bytes when its list is first seen; from then on the list costs no memory.
"""

from .element_v import element, fill
from .words import (
    AT,
    BARE,
    BODY,
    FIRST_TEXT,
    LAST_TEXT,
    LENGTH,
    NAMED,
    ORDER,
    OTHER,
    ROWS,
    SURE,
)


class Orders:
    """The orders that lists of a meter were found to have.

    names: a list; the names of the orders met are put into it, for the Reading shows them.
    """

    def __init__(self, names):
        self._names = names
        self._known = []  # (bytes, how the first text begins, exponents)

    def read(self, buf, rows, words, scale):
        """Write the rows of a list of bare values, its exponents into scale: NAMED or OTHER."""
        known = self._known
        for n in range(len(known)):
            if _has(known[n], buf, rows, words):
                return _take(n, known[n][2], words, scale)
        from . import profiles

        element(buf, words, words[BODY])
        count = words[LENGTH]
        for name, begins, kinds, codes, exponents in profiles.rows("order"):
            if len(kinds) == count:
                order = bytearray((count,))
                for kind, code in zip(kinds.encode(), profiles.codes(codes)):  # noqa: B905
                    order.append(kind)
                    order.extend(bytes(code or (0xFF, 0, 0, 0, 0)))
                order = (order, begins.encode(), bytearray(7))
                if _has(order, buf, rows, words):
                    profiles.exponents(exponents, order[2])
                    known.append(order)
                    self._names.append(name)
                    return _take(len(known) - 1, order[2], words, scale)
        words[ROWS] = 0
        return OTHER

    def chosen(self, words):
        """The exponents of the list's order."""
        return self._known[words[ORDER] - 1][2]


def _has(order, buf, rows, words):
    """Whether the list has this order, then its rows are written. Its first element must begin
    with the text that the order names."""
    if fill(buf, rows, words, order[0]) < 0:
        return False
    text = order[1]
    i = len(text)
    element(buf, words, words[BODY])
    element(buf, words, words[AT])
    at = words[AT]
    while i:
        i -= 1
        if buf[at + i] != text[i]:
            return False
    return True


def _take(n, exponents, words, scale):
    for i in range(5):
        scale[i] = exponents[i]
    words[SURE] = words[BARE] = 1
    words[ORDER] = n + 1
    words[FIRST_TEXT] = words[LAST_TEXT] = 0
    return NAMED
