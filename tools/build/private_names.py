"""Short private names for the chip.

Every name costs the ESP32's heap about 9 bytes and its letters, and a private one (`_settings`)
is nobody's outside its module: so each module's private names become _a, _b, _c … in what is
compiled, the same few for all modules. That is 6 KB of heap for this file. Names that others gave
(THEIRS) stay, and so does all that is in a string. A traceback's names: dist/…/names.json.
"""

import io
import keyword
import re
import tokenize

# Private names of MicroPython and of the fetched packages.
THEIRS = {"_machine", "_mpy", "_body"}
_PRIVATE = re.compile(r"_[A-Za-z][A-Za-z0-9_]*$")
_DIGITS = "abcdefghijklmnopqrstuvwxyz"


def _short(number: int) -> str:
    text = ""
    while number >= 0:
        text = _DIGITS[number % 26] + text
        number = number // 26 - 1
    return "_" + text


def shorten(source: str) -> tuple[str, dict[str, str]]:
    """(the module with short private names, {short: long})."""
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    # Constants vanish in the compiler, which knows them by the underscore alone.
    constants = set(re.findall(r"^(_\w+) = const\(", source, re.M))
    counts: dict[str, int] = {}
    for token in tokens:
        name = token.string
        if token.type == tokenize.NAME and _PRIVATE.match(name) and name not in THEIRS | constants:
            counts[name] = counts.get(name, 0) + 1
    taken = {token.string for token in tokens if token.type == tokenize.NAME} | set(keyword.kwlist)
    long = {}
    number = 0
    for name in sorted(counts, key=lambda n: (-counts[n], n)):
        while _short(number) in taken:
            number += 1
        long[_short(number)] = name
        number += 1
    new = {name: short for short, name in long.items()}
    lines = source.splitlines(keepends=True)
    # From the end, so that what stands before stays where it is.
    for token in reversed(tokens):
        if token.type == tokenize.NAME and token.string in new:
            row, start = token.start
            text = lines[row - 1]
            lines[row - 1] = text[:start] + new[token.string] + text[start + len(token.string) :]
    return "".join(lines), long
