"""Lists that do not say everything themselves: which of their kinds it is.

    names apart     descriptors in an array, then the values      descriptors.py
    no names        an order that only profiles.txt knows         orders.py
    no scales       exponents by maker or push setup              scales.py, physics.py

What only some meters need is loaded when their first list comes.
"""

from .element_v import element
from .words import (
    AT,
    BARE,
    BODY,
    FLOATS,
    HELD,
    NAMED,
    OPEN,
    ORDER,
    ROWS,
    SEEN,
    SEEN_WRONG,
    SHORT,
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
        self._scales = None
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
            if self._scales is None:
                from .scales import Scales

                self._scales = Scales()
            self._scales.read(buf, rows, words, scale, title)
        return NAMED

    def fit(self, found, rows, words, scale):
        """Hold the exponents that the meter does not state against what is possible; found is
        what judge() said."""
        if self._physics is None:
            if (found == HELD or found == OPEN) and not words[SEEN] & SEEN_WRONG:
                return
            from .physics import Physics

            self._physics = Physics()
        chosen = self._scales.chosen if words[ORDER] == 0 else self._orders.chosen(words)
        self._physics.fit(found, rows, words, scale, chosen)


def _is_untagged(buf, at):
    """Whether a list begins as EG.D's does, see descriptors."""
    return buf[at] == 2 and buf[at + 2] == 0x16 and buf[at + 4] == 1 and buf[at + 8] == 0
