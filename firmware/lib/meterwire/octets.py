"""Octets of a list as text."""


def string(buf, at, n):
    """buf[at:at+n] as text without its padding; as upper-case hex if it is not text."""
    raw = bytes(buf[at : at + n])
    for byte in raw:
        if byte < 0x20 and byte != 0:
            return "".join("%02X" % b for b in raw)
    try:
        return raw.decode().strip("\0 ")
    except UnicodeError:
        return "".join("%02X" % b for b in raw)
