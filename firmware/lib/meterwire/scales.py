"""The exponents of lists that name their values but not their scale: by maker or push setup.
Imported when such a list is met; then they are known until another one comes."""

from . import profiles
from .reading import string
from .words import (
    FIRST_TEXT,
    OTHER_AT,
    ROW,
    ROW_KIND,
    ROW_VALUE,
    ROWS,
    SURE_AT,
    TEXT,
)


def choose(chosen, buf, rows, words, title):
    """Choose the exponents of a list, from profiles.txt, into `chosen`: see layout.py."""
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
