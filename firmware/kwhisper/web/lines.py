"""Where lines of a day or an hour lie in the files of the history and the costs."""

import os

_NEAR = const(600)  # bytes; to look for a line further makes no sense


def asked(query, name):
    """The value of a name in what stands behind the "?", "" if it is not there."""
    for pair in query.split("&"):
        key, _, value = pair.partition("=")
        if key == name:
            return value
    return ""


def files(folder, since):
    """The paths of a folder's files that may hold lines from `since` on. A file's name is how its
    first line begins."""
    names = sorted([name for name in os.listdir(folder) if name.isdigit()])
    for n, name in enumerate(names):
        if n + 1 == len(names) or names[n + 1] > since:
            yield folder + "/" + name


def place(f, since):
    """Where to begin to read a file of sorted lines for those from `since` on."""
    low = 0
    high = f.seek(0, 2)
    while since and high - low > _NEAR:
        middle = (low + high) // 2
        f.seek(middle)
        f.readline()
        at = f.tell()
        if f.readline()[: len(since)] < since:
            low = at
        else:
            high = middle
    return low
