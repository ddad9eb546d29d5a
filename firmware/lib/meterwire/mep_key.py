"""The key of a MEP port, as grid companies hand it out."""


def parse_key(text):
    """The 16 bytes used of a MEP key: 40 or 32 hex digits, or 20 ASCII characters (guide, 2).

    0x, blanks, colons and dashes between hex digits do not count. ValueError if it is none.
    """
    digits = text
    for mark in ("0x", "0X", " ", ":", "-"):
        digits = digits.replace(mark, "")
    if len(digits) in (32, 40):
        try:
            return bytes(int(digits[i : i + 2], 16) for i in range(0, 32, 2))
        except ValueError:
            pass  # no hex, and too long for characters: refused below
    raw = text.encode()
    if len(raw) == 20 and max(raw) < 0x7F:
        return raw[:16]
    raise ValueError("a MEP key has 40 or 32 hex digits, or 20 characters")
