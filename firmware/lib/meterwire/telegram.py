"""Text telegrams: in the clear, ciphered as a whole, or with their lines ciphered.

Loaded when the first one comes: a meter that speaks DLMS in the clear does not pay for it.
"""

import sys

from .check import crc_arc
from .fast import find

if sys.implementation.name == "cpython":
    from ._twin import load

    text = load("text_v")
else:
    try:
        from . import text_v as text
    except (ImportError, ValueError, MemoryError, SyntaxError):
        from . import text_plain as text


class Telegram:
    """What is to be known of the telegram in `buf`, bounded by what is given."""

    def __init__(self):
        self.lines = text.lines

    def sealed(self, buf, p, end):
        """Where the ciphered body of the one at p begins, or 0 (Poland: 00 82 length)."""
        p = buf.find(b"\n", p, end)
        if p < 0:
            return 0
        while p < end and (buf[p] == 13 or buf[p] == 10):
            p += 1
        return p if buf[p] == 0 and buf[p + 1] == 0x82 else 0

    def unseal(self, buf, body, start, stop):
        """Move deciphered lines up to the ident line, over the cipher's header; return their
        end."""
        find.push(body, start, stop, buf, buf)
        return body + stop - start

    def inner_end(self, buf, start, stop):
        """The end of the telegram in deciphered text, behind its "!", or 0."""
        bang = buf.rfind(b"!", start, stop)
        return bang + 1 if bang > 0 else 0

    def inner_check(self, buf, start, end, stop):
        """The CRC behind a deciphered telegram's "!": True, False, or None where there is none."""
        given = bytes(buf[end:stop]).strip(b"\r\n\0 ")
        if not given:
            return None
        try:
            return int(given.decode(), 16) == crc_arc(start, 0, end, buf)
        except ValueError:
            return False
