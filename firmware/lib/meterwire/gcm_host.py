"""AES-128-GCM on CPython, by the `cryptography` package: the functions of gcm_v."""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def cipher(key):
    """The block cipher of a key of 16 bytes."""
    return algorithms.AES(bytes(key))


def multiples(block):
    """Nothing: `cryptography` keeps its own."""


def crypt(block, nonce, buf, start, stop):
    """Encipher or decipher buf[start:stop] in place, by a nonce of 12 bytes."""
    work = Cipher(block, modes.CTR(bytes(nonce) + b"\0\0\0\2")).decryptor()
    buf[start:stop] = work.update(bytes(buf[start:stop])) + work.finalize()


def tag(block, _, nonce, buf, start, stop, aad, secret):
    """The 12-byte tag over aad and buf[start:stop]: ciphertext if secret, else plain text."""
    text = b""
    if secret:
        # the tag is over the ciphertext: encipher what it deciphers to
        text = bytearray(buf[start:stop])
        crypt(block, nonce, text, 0, len(text))
    else:
        aad = aad + bytes(buf[start:stop])
    work = Cipher(block, modes.GCM(bytes(nonce))).encryptor()
    work.authenticate_additional_data(aad)
    work.update(bytes(text))
    work.finalize()
    return work.tag[:12]
