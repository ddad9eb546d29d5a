"""Reads profiles.txt: what lists leave unsaid, a line a list.

The table is a file of its own, read when a list needs it: on a chip it takes no memory. Adding a
meter is adding a line there and a test; tests/decoder/test_profiles.py reads every line and names
the one that is wrong.
"""

_GROUPS = {
    "L": "1-1:0.2.129",
    "M": "0-0:96.1.0",
    "T": "0-0:96.1.7",
    "C": "0-0:1.0.0",
    "P": "1.7.0 2.7.0 3.7.0 4.7.0",
    "I": "31.7.0 51.7.0 71.7.0",
    "U": "32.7.0 52.7.0 72.7.0",
    "E": "1.8.0 2.8.0 3.8.0 4.8.0",
    "N": "21.7.0 41.7.0 61.7.0",
    "X": "22.7.0 42.7.0 62.7.0",
}


def rows(kind):
    """The rows of one kind, "scale" or "order", one at a time, as lists of fields (text)."""
    with open(__file__[: __file__.rfind("profiles.")] + "profiles.txt") as file:
        for line in file:
            fields = line.strip().split("|")
            if fields[0] == kind:
                yield fields[1:]


def codes(text):
    """The codes of an order, one at a time: (A, B, C, D, E), or None for what is not told."""
    for word in text.split(" "):
        if word == "-":
            yield None
        elif word in _GROUPS:
            yield from codes(_GROUPS[word])
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
