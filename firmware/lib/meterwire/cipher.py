"""general-glo-ciphering: security suites 0 and 1, AES-128-GCM (Green Book 9.2.3, 9.2.7).

    DB  n title(n)  length  SC  counter(4)  ciphertext  [tag(12)]
    00              length  SC  ...                             (within a P1 telegram in Poland)
    SC  0x20 encrypted, 0x10 authenticated, low nibble the suite
    IV  title(8) counter(4);   what is authenticated: SC, authentication key (and, if it is not
        encrypted, the text itself)

The text is deciphered where it lies. The tag is checked before anything of it is used; that takes
the authentication key. Without that key an encrypted message has to make sense after deciphering.
An authentication key of all zeros is what people enter where they were given none: a tag that does
not hold with it counts as unknowable, as without a key.
"""

import sys
from array import array

from .assembly import behind_length, length

_TAG = 12
_ENCRYPTED = 0x20
_AUTHENTICATED = 0x10
# So many messages in a row whose counters rise again from a lower value: the meter started anew
_RESTART = 3
# places of the counters
_LAST = 0
_PENDING = 1


def _gcm(key):
    if sys.implementation.name == "cpython":
        from .gcm_host import Gcm as HostGcm

        return HostGcm(key)
    from .gcm_chip import Gcm

    return Gcm(key)


class Cipher:
    """Opens the ciphered messages of one meter with its keys."""

    def __init__(self, key=None, auth_key=None):
        for name, value in (("key", key), ("authentication key", auth_key)):
            if value is not None and len(value) != 16:
                raise ValueError("the %s must be 16 bytes (32 hex digits)" % name)
        self._key = key
        self._gcm = _gcm(key) if key else None
        self._auth_key = auth_key
        # The system title of the last message in 8 bytes, zero if it had none, and its counter.
        self.title = bytearray(12)
        # the last message's counter, and the last lower one: too large for a chip's small numbers
        self._counters = array("q", (-1, -1))
        self._lower = 0
        self.checked = False  # the last message's tag was there and held
        self.problem = None

    def rest(self):
        """Let go of what is made of the key; returns whether there was something."""
        found = self._gcm is not None
        self._gcm = None
        return found

    def trouble(self):
        """The last problem in words for the user, or None."""
        if self.problem == "key":
            return "the key does not fit this meter"
        if self.problem == "tag":
            return "the authentication tag failed: check the authentication key"
        if self.problem == "counter":
            return "the meter's invocation counter went back: repeated messages are not used"
        return None

    def decipher(self, buf, p, end):
        """Decipher the message at buf[p:end] in place.

        Returns (start, stop, None) of the text, or (0, 0, cause): apdu, key, tag, counter, and
        no_key where only an authentication key was given.
        """
        self.checked = False
        titled = buf[p] == 0xDB
        nonce = self.title
        n = 0
        if titled:
            n = buf[p + 1]
            if n != 8:
                return 0, 0, "apdu"
            p += 2
        else:
            p += 1
        for i in range(8):
            # the Polish meters name no title: theirs is all zero
            nonce[i] = buf[p + i] if n else 0
        p += n
        size = length(buf, p)
        p = behind_length(buf, p)
        control = buf[p]
        if p + size > end or size < 5 or control & 0x0F > 1:
            return 0, 0, "apdu"
        stop = p + size
        if self._key is None:
            return 0, 0, "no_key"
        if self._gcm is None:
            self._gcm = _gcm(self._key)
        nonce[8:12] = buf[p + 1 : p + 5]
        counter = int.from_bytes(buf[p + 1 : p + 5], "big")
        start = p + 5
        tag = None
        if control & _AUTHENTICATED:
            stop -= _TAG
            tag = bytes(buf[stop : stop + _TAG])
        if stop <= start:
            return 0, 0, "apdu"
        gcm = self._gcm
        gcm.start(nonce)
        if tag and self._auth_key:
            aad = bytes([control]) + self._auth_key
            secret = control & _ENCRYPTED
            self.checked = gcm.tag(buf, start, stop, aad, secret) == tag
        if control & _ENCRYPTED:
            gcm.crypt(buf, start, stop)
        # a notification or a telegram; without a title, the lines of one
        sense = buf[start] in (0x0F, 0x2F) if titled else 0x30 <= buf[start] <= 0x39
        why = None
        if not self.checked and not sense:
            why = "key"
        elif tag and not self.checked and self._auth_key and any(self._auth_key):
            why = "tag"
        elif not self._fresh(counter):
            why = "counter"
        self.problem = why
        if why is None:
            return start, stop, None
        if control & _ENCRYPTED:
            # as it was: there may be a good message among these bytes
            gcm.crypt(buf, start, stop)
        return 0, 0, why

    def _fresh(self, counter):
        """True if the counter says the message is new (Green Book 9.2.7.3)."""
        counters = self._counters
        if counter > counters[_LAST] or counter == 0 == counters[_LAST]:
            # the second: meters that never count send 0 for ever
            counters[_LAST] = counter
            self._lower = 0
            return True
        self._lower = self._lower + 1 if counter > counters[_PENDING] else 1
        counters[_PENDING] = counter
        if self._lower >= _RESTART:
            counters[_LAST] = counter
            self._lower = 0
            return True
        return False
