"""The exponents of lists that name their values but not their scale: by maker or push setup."""

from . import profiles
from .reading import string
from .registers_v import same_list
from .words import (
    FIRST_TEXT,
    OTHER_AT,
    ROW,
    ROW_KIND,
    ROW_VALUE,
    ROWS,
    SURE,
    SURE_AT,
    TEXT,
)


class Scales:
    """The exponents of one meter's lists: from profiles.txt, or as physics decided."""

    def __init__(self):
        self.chosen = bytearray(7)  # five exponents, whether they are sure, another of currents

    def read(self, buf, rows, words, scale, title):
        """Choose the exponents of a list that names its values but not their scale."""
        at = words[FIRST_TEXT]
        if not same_list(rows, words, buf, at, words[FIRST_TEXT + 1] if at else 0):
            self._choose(buf, rows, words, title)
        words[SURE] = self.chosen[SURE_AT]
        for i in range(5):
            scale[i] = self.chosen[i]

    def _choose(self, buf, rows, words, title):
        names = [""]
        at = words[FIRST_TEXT]
        if at:
            if words[FIRST_TEXT + 1] == 6 and buf[at + 5] == 0xFF:
                names[0] = "%d-%d:%d.%d.%d" % tuple(buf[at : at + 5])
            else:
                names[0] = string(buf, at, words[FIRST_TEXT + 1])
        kind = ""
        for k in range(0, words[ROWS] * ROW, ROW):
            if rows[k + ROW_KIND] & 3 == TEXT:
                at = k + ROW_VALUE
                text = string(buf, rows[at] | rows[at + 1] << 8, rows[at + 2])
                if rows[k + 2] == 96 and rows[k + 3] == 1 and (rows[k + 4] == 7 or rows[k]):
                    kind = text
                elif rows[k + 2] == 42 or rows[k + 2] == 0 and rows[k + 3] == 2:
                    names.append(text)
        if title:
            names.append(string(title, 0, 3))
        chosen = self.chosen
        for i in range(7):
            chosen[i] = 0
        # a push setup's code says more than a maker's name: it is the first of the names
        for name in names:
            for begins, of_type, exponents, other in profiles.rows("scale"):
                if not name.startswith(begins):
                    continue
                if of_type[:1] == "*":
                    if not kind.endswith(of_type[1:]):
                        continue
                elif not kind.startswith(of_type):
                    continue
                profiles.exponents(exponents, chosen)
                chosen[SURE_AT] = 1
                chosen[OTHER_AT] = int(other or 0) & 0xFF
                return
