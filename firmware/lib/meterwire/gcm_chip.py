"""AES-128-GCM on MicroPython: the chip's AES block cipher, counter mode and GHASH around it."""

from array import array

from cryptolib import aes

from .ghash_v import mix, table, update

_ECB = 1


class Gcm:
    """One key; start() with the nonce of a message, then tag() and crypt() over it."""

    def __init__(self, key):
        self._aes = aes(bytes(key), _ECB)
        self._counter = bytearray(16)
        self._stream = bytearray(16)
        self._hash = self._multiples = None  # made when the first tag is asked for

    def start(self, nonce):
        """Begin a message with its 12-byte nonce."""
        for i in range(12):
            self._counter[i] = nonce[i]

    def _block(self, n):
        counter = self._counter
        counter[12] = counter[13] = 0
        counter[14] = n >> 8
        counter[15] = n & 0xFF
        self._aes.encrypt(counter, self._stream)
        return self._stream

    def crypt(self, buf, start, stop):
        """Encipher or decipher buf[start:stop] in place."""
        counter, stream = self._counter, self._stream
        encrypt = self._aes.encrypt
        counter[12] = counter[13] = 0
        n = 2
        while start < stop:
            counter[14] = n >> 8
            counter[15] = n & 0xFF
            encrypt(counter, stream)
            start = mix(buf, start, stop, stream)
            n += 1

    def tag(self, buf, start, stop, aad, secret):
        """The 12-byte tag over aad and buf[start:stop]: ciphertext if secret, else plain text."""
        if self._multiples is None:
            self._hash = array("H", bytes(16))
            self._multiples = array("H", bytes(256))
            table(self._multiples, self._aes.encrypt(bytes(16)))
        y = self._hash
        for i in range(8):
            y[i] = 0
        n = stop - start
        if secret:
            update(y, self._multiples, aad, 0, len(aad))
            update(y, self._multiples, buf, start, stop)
        else:
            aad = aad + bytes(buf[start:stop])
            update(y, self._multiples, aad, 0, len(aad))
            n = 0
        sizes = (len(aad) * 8).to_bytes(8, "big") + (n * 8).to_bytes(8, "big")
        update(y, self._multiples, sizes, 0, 16)
        stream = self._block(1)
        out = bytearray(12)
        for i in range(12):
            out[i] = stream[i] ^ (y[i >> 1] >> (0 if i & 1 else 8) & 0xFF)
        return bytes(out)
