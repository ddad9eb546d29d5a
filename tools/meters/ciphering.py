"""general-glo-ciphering (Green Book, security suite 0): AES-128-GCM around an APDU."""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .axdr import length

_TAG = 12
_AUTHENTICATED = 0x10

# The example keys that the Green Book prints: nobody can take them for a household's.
KEY = bytes(range(16))
AUTH_KEY = bytes(range(0xD0, 0xE0))


def seal(plain, key, auth_key, title, counter, security):
    """Ciphertext, with the 12-byte tag where the security byte asks for authentication."""
    iv = title + counter.to_bytes(4, "big")
    if security & _AUTHENTICATED:
        sealed = AESGCM(key).encrypt(iv, plain, bytes((security,)) + auth_key)
        return sealed[: len(plain) + _TAG]
    # Without authentication there is no tag: GCM is then CTR from block 2 on.
    encryptor = Cipher(algorithms.AES(key), modes.CTR(iv + b"\x00\x00\x00\x02")).encryptor()
    return encryptor.update(plain) + encryptor.finalize()


def glo_ciphering(plain, key, auth_key, title, counter, security):
    """DB | 8 system title | length | security, invocation counter, ciphertext [, tag]."""
    body = bytes((security,)) + counter.to_bytes(4, "big")
    body += seal(plain, key, auth_key, title, counter, security)
    return b"\xdb" + length(len(title)) + title + length(len(body)) + body
