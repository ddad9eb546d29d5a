"""RC4 as MEP ports use it (guide, 2 and appendix B). Loaded only where one wants it."""

# What the key enciphers to make the key of the stream
_SEAL = b"\x38\x8b\x8f\xbc\x36\xa8\x55\x85\x87\xaf\xc9\x0f\xb2\x3a\x3b\x99"


def _rc4(key):
    """The state of an RC4 stream: 256 bytes, then its two indices."""
    s = bytearray(range(256)) + bytes(2)
    j = 0
    for i in range(256):
        j = j + s[i] + key[i % len(key)] & 0xFF
        s[i], s[j] = s[j], s[i]
    return s


def cross(s, buf, at, end):
    """Encipher or decipher buf[at:end] in place with the stream s, which goes on."""
    i = s[256]
    j = s[257]
    while at < end:
        i = i + 1 & 0xFF
        j = j + s[i] & 0xFF
        s[i], s[j] = s[j], s[i]
        buf[at] ^= s[s[i] + s[j] & 0xFF]
        at += 1
    s[256] = i
    s[257] = j


def stream(key, check):
    """The RC4 stream of an exchange whose request has the digest check."""
    seal = bytearray(_SEAL)
    cross(_rc4(key), seal, 0, 16)
    for i in range(8):
        seal[i] ^= check[i]
    return _rc4(seal)
