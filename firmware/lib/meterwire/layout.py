"""Lists that do not say everything themselves: which of their kinds it is.

    names apart     descriptors in an array, then the values      descriptors.py
    no names        an order that only profiles.txt knows         orders.py
    no scales       exponents by maker or push setup              scales.py, physics.py

What only some meters need is loaded when their first list comes.
"""

from .element_v import element, same_list
from .words import (
    AT,
    BARE,
    BODY,
    FIRST_TEXT,
    FLOATS,
    HELD,
    NAMED,
    OPEN,
    ORDER,
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
        self._descriptors = None
        self._orders = None
        # Of lists that name no scale: five exponents, whether they are sure, another of currents
        self.exponents = bytearray(7)
        self._physics = None

    def end(self, buf, words):
        """Where the data at words[BODY] ends, or SHORT or BROKEN."""
        if _is_untagged(buf, words[BODY]):
            return self._apart()(buf, None, words) or SHORT
        return element(buf, words, words[BODY])

    def _apart(self):
        """What reads lists whose names stand apart from their values."""
        if self._descriptors is None:
            from .descriptors import read

            self._descriptors = read
        return self._descriptors

    def read(self, kind, buf, rows, words, scale, title):
        """Finish a list that scan() left open: NAMED, OTHER, SHORT or BROKEN.

        kind is what scan() said: UNSAID of a list that lacks its exponents, OTHER or BROKEN.
        """
        if kind != UNSAID:
            words[ROWS] = 0
            apart = _is_untagged(buf, words[BODY])
            if not apart:
                kind = element(buf, words, words[BODY])
                if kind < 0:
                    return kind
                apart = words[TAG] == 2 and buf[words[AT]] == 1
            if apart and self._apart()(buf, rows, words):
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
    """Whether a list begins as EG.D's does, see descriptors."""
    return buf[at] == 2 and buf[at + 2] == 0x16 and buf[at + 4] == 1 and buf[at + 8] == 0
