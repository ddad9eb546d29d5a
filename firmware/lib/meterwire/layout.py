"""Lists that do not say everything themselves: which of their kinds it is.

    names apart     descriptors in an array, then the values, or in pairs with them
    no names        an order that only profiles.txt knows         orders.py
    no scales       exponents by maker or push setup              scales.py, physics.py

What only some meters need is loaded when their first list comes.

descriptors   { [ {class, OBIS, attribute, index …} … ], value, value … }
              3 to 6 elements each (Blue Book, push setup: object list); where the array is
              itself the value of the first descriptor, descriptor i names element i; a value may
              be { value, { scaler, unit } }, or { scaler, unit } of a code named before
untagged      { …, [ { class(2) OBIS(6) attribute(1), value } … ] }
              EG.D writes descriptors without their type tags
"""

from .element_v import element, put_row, same_list
from .words import (
    AT,
    BARE,
    BODY,
    FIRST_TEXT,
    FLOATS,
    HELD,
    LENGTH,
    NAMED,
    NUMBER,
    OPEN,
    ORDER,
    ROW,
    ROW_EXPONENT,
    ROW_KIND,
    ROW_UNIT,
    ROW_UNSURE,
    ROWS,
    SEEN,
    SEEN_WRONG,
    SHORT,
    SURE,
    SURE_AT,
    TAG,
    UNSAID,
)


class Layout:
    """What is known of one meter's lists that do not say everything themselves.

    names: a list; the names of the orders met are put into it, for the Reading shows them.
    """

    def __init__(self, names):
        self._names = names
        self._orders = None
        # Of lists that name no scale: five exponents, whether they are sure, another of currents
        self.exponents = bytearray(7)
        self._physics = None

    def end(self, buf, words):
        """Where the data at words[BODY] ends, or SHORT or BROKEN."""
        if _is_untagged(buf, words[BODY]):
            return untagged(buf, None, words) or SHORT
        return element(buf, words, words[BODY])

    def read(self, kind, buf, rows, words, scale, title):
        """Finish a list that scan() left open: NAMED, OTHER, SHORT or BROKEN.

        kind is what scan() said: UNSAID of a list that lacks its exponents, OTHER or BROKEN.
        """
        if kind != UNSAID:
            words[ROWS] = 0
            if _is_untagged(buf, words[BODY]):
                apart = untagged(buf, rows, words)
            else:
                kind = element(buf, words, words[BODY])
                if kind < 0:
                    return kind
                apart = described(buf, rows, words)
            if apart:
                words[BARE] = 1
            else:
                if self._orders is None:
                    from .orders import Orders

                    self._orders = Orders(self._names)
                return self._orders.read(buf, rows, words, scale)
        if words[FLOATS]:
            from .floats import settle

            settle(rows, words[ROWS])
            words[BARE] &= 0xFFFF
        if words[BARE]:
            at = words[FIRST_TEXT]
            if not same_list(rows, words, buf, at, words[FIRST_TEXT + 1] if at else 0):
                from .scales import choose

                choose(self.exponents, buf, rows, words, title)
            words[SURE] = self.exponents[SURE_AT]
            for i in range(5):
                scale[i] = self.exponents[i]
        return NAMED

    def fit(self, found, rows, words, scale):
        """Hold the exponents that the meter does not state against what is possible; found is
        what judge() said."""
        if self._physics is None:
            if (found == HELD or found == OPEN) and not words[SEEN] & SEEN_WRONG:
                return
            from .physics import Physics

            self._physics = Physics()
        chosen = self._orders.chosen(words) if words[ORDER] else self.exponents
        self._physics.fit(found, rows, words, scale, chosen)


def _is_untagged(buf, at):
    """Whether a list begins as EG.D's does."""
    return buf[at] == 2 and buf[at + 2] == 0x16 and buf[at + 4] == 1 and buf[at + 8] == 0


def described(buf, rows, words):
    """Descriptors in an array, then the values they name; True if rows were written."""
    element(buf, words, words[BODY])
    pos = words[AT]
    count = words[LENGTH]
    if words[TAG] != 2 or buf[pos] != 1:
        return False
    value = element(buf, words, pos)
    descriptor = words[AT]
    named = words[LENGTH]
    if count == 2 and 0 < buf[value] < 3 and named > 1:
        # the values in a structure or array of their own
        element(buf, words, value)
        value = words[AT]
        count = words[LENGTH] + 1
    words[FIRST_TEXT] = 0
    # the first descriptor may name the array itself
    itself = named == count
    if not itself and named != count - 1:
        return False
    while named:
        named -= 1
        code = descriptor + 7
        # structure of 3 to 6, class-id long-unsigned, OBIS octet-string(6)
        if buf[descriptor] != 2 or not 3 <= buf[descriptor + 1] <= 6:
            return False
        if buf[code - 5] != 0x12 or buf[code - 2] != 9 or buf[code - 1] != 6:
            return False
        descriptor = element(buf, words, descriptor)
        if itself:
            itself = False
            continue
        value = element(buf, words, value)
        if value < 0:
            return False
        if words[FIRST_TEXT] == 0 and words[TAG] == 9:
            words[FIRST_TEXT] = words[AT]
            words[FIRST_TEXT + 1] = words[LENGTH]
        at = words[AT]
        scaler = 0
        if words[TAG] == 2 and words[LENGTH] == 2:
            # {scaler, unit}, attribute 3 of the code; or {value, {scaler, unit}}
            scaler = at if buf[at] == 0x0F else element(buf, words, at) + 2
        # the push setup's own name is no value
        if (buf[code + 2] != 25 or buf[code]) and scaler != at:
            put_row(buf, rows, words, buf, code)
        if scaler > 0 and buf[scaler] == 0x0F and buf[scaler + 2] == 0x16:
            _scale(rows, words, buf, code, scaler)
    return words[ROWS] > 0


def _scale(rows, words, buf, code, scaler):
    """Give the number of this code the scaler and unit at buf[scaler]."""
    row = words[ROWS] * ROW
    while row:
        row -= ROW
        i = 4
        while i >= 0 and rows[row + i] == buf[code + i]:
            i -= 1
        if i < 0 and rows[row + ROW_KIND] & 3 == NUMBER:
            rows[row + ROW_UNIT] = buf[scaler + 3]
            if (buf[scaler + 1] + 12) & 0xFF < 22:
                rows[row + ROW_EXPONENT] = buf[scaler + 1]
            else:
                # no scaler of a meter is outside -12 … 9, and its text would not fit
                rows[row + ROW_KIND] |= ROW_UNSURE


def untagged(buf, rows, words):
    """{ enum, [ { class(2) OBIS(6) attribute(1), value } … ] }: EG.D's list (Czechia).

    Returns where it ends, or 0; rows None: nothing is written.
    """
    pos = words[BODY]
    if buf[pos + 4] != 1 or buf[pos + 8] != 0 or buf[pos + 2] != 0x16 or buf[pos + 6] != 2:
        return 0
    left = buf[pos + 5]
    pos += 6
    while left:
        if buf[pos] != 2 or buf[pos + 1] != 2:
            return 0
        code = pos + 4
        pos = element(buf, words, pos + 11)
        if pos < 0:
            return 0
        if rows and (buf[code + 2] != 25 or buf[code]):
            put_row(buf, rows, words, buf, code)
        left -= 1
    return pos
