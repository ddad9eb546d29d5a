"""RSA-2048, PKCS#1 v1.5 with SHA-256: verified with the interpreter's own large integers.

A key is the PEM text of a SubjectPublicKeyInfo with the exponent 65537, as `kwhisper sign` and
openssl write it: its DER has 294 bytes, of which the modulus is all that differs.
"""

from binascii import a2b_base64, unhexlify

SIZE = const(256)  # bytes of a modulus, and of a signature
_EXPONENT = const(65537)
_DER = const(294)
_AHEAD = const(33)
# rsaEncryption, and the heads of the sequence and its first integer
_HEAD = const(b"30820122300d06092a864886f70d01010105000382010f003082010a0282010100")
_SHA256 = const(b"3031300d060960864801650304020105000420")  # DigestInfo, the digest behind it


def modulus(pem):
    """The number out of a public key's text; ValueError if it is none of this kind."""
    body = "".join(line for line in pem.split("\n") if line[:5] != "-----")
    der = a2b_base64(body)
    if len(der) != _DER or der[:_AHEAD] != unhexlify(_HEAD) or der[-5:] != b"\2\3\1\0\1":
        raise ValueError
    return int.from_bytes(der[_AHEAD : _AHEAD + SIZE], "big")


def holds(signature, digest, pem):
    """Whether the owner of this key signed what has this SHA-256."""
    try:
        n = modulus(pem)
    except ValueError:
        return False
    s = int.from_bytes(signature, "big")
    if len(signature) != SIZE or s >= n:
        return False
    tail = b"\0" + unhexlify(_SHA256) + digest
    # The whole of it is compared, never parsed.
    wanted = b"\0\1" + b"\xff" * (SIZE - 2 - len(tail)) + tail
    return pow(s, _EXPONENT, n) == int.from_bytes(wanted, "big")
