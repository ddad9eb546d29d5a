"""AES-128-GCM on CPython, by the `cryptography` package."""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


class Gcm:
    """One key; start() with the nonce of a message, then tag() and crypt() over it."""

    def __init__(self, key):
        self._aes = algorithms.AES(bytes(key))
        self._nonce = b""

    def start(self, nonce):
        """Begin a message with its 12-byte nonce."""
        self._nonce = bytes(nonce)

    def crypt(self, buf, start, stop):
        """Encipher or decipher buf[start:stop] in place."""
        counter = modes.CTR(self._nonce + b"\0\0\0\2")
        work = Cipher(self._aes, counter).decryptor()
        buf[start:stop] = work.update(bytes(buf[start:stop])) + work.finalize()

    def tag(self, buf, start, stop, aad, secret):
        """The 12-byte tag over aad and buf[start:stop]: ciphertext if secret, else plain text."""
        data = bytes(buf[start:stop])
        mode = modes.GCM(self._nonce)
        if not secret:
            work = Cipher(self._aes, mode).encryptor()
            work.authenticate_additional_data(aad + data)
            work.finalize()
            return work.tag[:12]
        # the tag is over the ciphertext: encipher what it deciphers to
        counter = modes.CTR(self._nonce + b"\0\0\0\2")
        text = Cipher(self._aes, counter).decryptor().update(data)
        work = Cipher(self._aes, mode).encryptor()
        work.authenticate_additional_data(aad)
        work.update(text)
        work.finalize()
        return work.tag[:12]
