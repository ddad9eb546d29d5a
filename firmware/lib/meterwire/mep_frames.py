"""Frames of a MEP port in both directions and of every form, for captured exchanges.

    30 table(2) length(2)                  40 table(2) count(2) data
    3F table(2) offset(3) count(2)         4F table(2) offset(3) count(2) data

A device that asks needs mep.py alone.
"""

from .mep import MOST, OK, opened, settle, stir
from .mep_rc4 import cross, stream

FULL_READ = 0x30
PARTIAL_READ = 0x3F
FULL_WRITE = 0x40
PARTIAL_WRITE = 0x4F


def digest(key, request, response=None):
    """The digest, 8 bytes, of a request (code .. SEQ) or of the response to it (code .. data)."""
    state = _after(key, request)
    if response is not None:
        stir(state, key, response)
    return settle(state, key)


def _after(key, request):
    state = bytearray(9)
    stir(state, key, request)
    return state


def request(code, table, offset, count, sequence, key, data=b"", sealed=False):
    """The frame of a request: FULL_READ, PARTIAL_READ, FULL_WRITE or PARTIAL_WRITE (guide, 2).

    offset is that of the partial forms; sealed enciphers it with RC4. ValueError if too long.
    """
    body = bytearray((code,)) + table.to_bytes(2, "big")
    if code in (PARTIAL_READ, PARTIAL_WRITE):
        body += offset.to_bytes(3, "big")
    body += count.to_bytes(2, "big") + data + sequence.to_bytes(4, "big")
    check = digest(key, body)
    if sealed:
        cross(stream(key, check), body, 0, len(body))
    size = len(body) + 8
    if size > MOST:
        raise ValueError("a request has at most 476 bytes")
    return size.to_bytes(2, "big") + bytes(body) + check


def length(buf, at=0):
    """Bytes of the frame at buf[at:], LEN included; 0 if LEN is not there or cannot be."""
    if len(buf) - at < 2:
        return 0
    size = buf[at] << 8 | buf[at + 1]
    return size + 2 if 0 < size <= MOST else 0


def question(frame, key):
    """(code .. SEQ in clear, RC4 stream behind it or None) of a request's frame, or None."""
    if length(frame) != len(frame) or len(frame) < 2 + 7 + 8:
        return None
    body = bytearray(frame[2:-8])
    check = bytes(frame[-8:])
    if digest(key, body) == check:
        return bytes(body), None
    s = stream(key, check)
    cross(s, body, 0, len(body))
    if digest(key, body) == check:
        return bytes(body), s
    return None


def answer(buf, asked, key):
    """(code, start, stop) of the response in buf to the request frame asked.

    buf[start:stop] is the table's data, or with BAD_SEQUENCE the right number. The digest was
    checked before; where it fails, code is DIGEST, and SHORT where bytes are missing. A response
    enciphered with RC4 is deciphered where it lies: buf must then be a bytearray.
    """
    plain, s = question(asked, key) or (b"", None)
    size = length(buf)
    return opened(buf, size if size <= len(buf) else 0, key, _after(key, plain), s)


def target(plain):
    """(table, offset) that a request in clear names; a full one begins at 0."""
    if plain[0] not in (FULL_READ, PARTIAL_READ, FULL_WRITE, PARTIAL_WRITE):
        return 0, 0
    offset = 0
    if plain[0] in (PARTIAL_READ, PARTIAL_WRITE):
        offset = plain[3] << 16 | plain[4] << 8 | plain[5]
    return plain[1] << 8 | plain[2], offset


def told(mep, asked, buf):
    """(code, Reading or None) of the response buf to the request frame asked: what a read table
    says is kept in the Mep, and is a list of its own."""
    code, start, stop = answer(buf, asked, mep.key)
    found = question(asked, mep.key)
    if code != OK or start == stop or found is None:
        return code, None
    if found[0][0] not in (FULL_READ, PARTIAL_READ):
        return code, None
    table, offset = target(found[0])
    mep.begin()
    mep.table(table, offset, bytes(buf[start:stop]))
    return code, mep.finish()
