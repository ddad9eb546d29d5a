"""Reads profiles.txt: what lists leave unsaid, a line a list.

The table is a file of its own, read when a list needs it: on a chip it takes no memory. Adding a
meter is adding a line there and a test; tests/decoder/test_profiles.py reads every line and names
the one that is wrong.
"""

import sys


def rows(kind):
    """The rows of one kind, "scale", "order" or "group", one at a time, as lists of fields
    (text)."""
    try:
        path = __file__[: __file__.rfind("profiles.")]
    except NameError:  # a MicroPython without it, as the ESP8266: sys.path is /rom, /rom/lib …
        path = sys.path[1] + "/meterwire/"
    with open(path + "profiles.txt", encoding="utf-8") as file:
        for line in file:
            if line.startswith(kind):
                # The line is not kept beside its fields, nor copied as a whole.
                fields = line.split("|")
                line = ""
                fields[-1] = fields[-1].strip()
                del fields[0]
                yield fields


def codes(text):
    """The codes of an order, one at a time: (A, B, C, D, E), or None for what is not told."""
    # Word by word: split at once, a long order takes a kilobyte.
    while text:
        word = text.split(" ", 1)[0]
        text = text[len(word) + 1 :]
        if word == "-":
            yield None
        elif len(word) == 1:
            for name, members in rows("group"):
                if name == word:
                    yield from codes(members)
        else:
            a, b = 1, 0
            if ":" in word:
                channel, word = word.split(":")
                a, b = (int(part) for part in channel.split("-"))
            yield (a, b) + tuple(int(part) for part in word.split("."))


def exponents(text, into):
    """The five exponents of a row, as bytes in two's complement, into the first places of
    `into`."""
    for i, word in enumerate(text.split(" ")):
        into[i] = int(word) & 0xFF
