"""general-glo-ciphering: security suites 0 and 1, AES-128-GCM (Green Book 9.2.3, 9.2.7).

    DB  n system-title(n)  length  SC  invocation-counter(4)  ciphertext  [tag(12)]
    00                     length  SC  ...                      (within a P1 telegram in Poland)
    SC  0x20 encrypted, 0x10 authenticated, low nibble the suite
    IV  system-title(8) invocation-counter(4);   what is authenticated: SC, authentication key
        (and, if it is not encrypted, the text itself)

The text is deciphered where it lies. The tag is checked before anything of it is used; that takes
the authentication key. Without that key an encrypted message has to make sense after deciphering.
An authentication key of all zeros is what people enter where they were given none: a tag that does
not hold with it counts as unknowable, as without a key.
"""

from array import array

from .bytes_v import crc_arc
from .gcm_v import cipher, crypt, multiples, tag
from .words import CAUSE_APDU, CAUSE_COUNTER, CAUSE_KEY, CAUSE_NO_KEY, CAUSE_TAG, CIPHERED_APDU

_TAG = 12
_ENCRYPTED = 0x20
_AUTHENTICATED = 0x10
# So many messages in a row whose counters rise again from a lower value: the meter started anew
_RESTART = 3
# places of the counters
_LAST = 0
_PENDING = 1


class Cipher:
    """Opens the ciphered messages of one meter with its keys, 16 bytes each."""

    def __init__(self, key=None, auth_key=None):
        for value in (key, auth_key):
            if value is not None and len(value) != 16:
                raise ValueError("a key must be 16 bytes (32 hex digits)")
        self._block = cipher(key) if key else None
        self._multiples = None  # made when the first tag is asked for
        self._auth_key = auth_key
        self._initialization_vector = bytearray(12)
        # the last message's counter, and the last lower one: too large for a chip's small numbers
        self._counters = array("q", (-1, -1))
        self._lower = 0
        self.checked = False  # the last message's tag was there and held
        self.problem = None  # CAUSE_KEY, CAUSE_TAG, CAUSE_COUNTER or None

    @property
    def system_title(self):
        """The system title of the last message in the first 8 bytes, zero if it had none."""
        return self._initialization_vector

    def decipher(self, buf, p, end):
        """Decipher the message at buf[p:end] in place.

        Returns (start, stop, None) of the text, or (0, 0, cause): CAUSE_APDU, CAUSE_KEY,
        CAUSE_TAG, CAUSE_COUNTER, and CAUSE_NO_KEY where only an authentication key was given.
        """
        self.checked = False
        titled = buf[p] == CIPHERED_APDU
        initialization_vector = self._initialization_vector
        n = 0
        if titled:
            n = buf[p + 1]
            if n != 8:
                return 0, 0, CAUSE_APDU
            p += 1
        p += 1
        for i in range(8):
            # the Polish meters name no title: theirs is all zero
            initialization_vector[i] = buf[p + i] if n else 0
        p += n
        # as assembly.length(), which not every meter that encrypts has to load
        size = buf[p]
        p += 1
        if size & 0x80:
            n = size & 0x7F
            size = 0 if n < 5 else 0x7FFFFFF
            while 0 < n < 5:
                size = size << 8 | buf[p]
                p += 1
                n -= 1
        security_control = buf[p]
        stop = p + size
        if stop > end or size < 6 or security_control & 0x0F > 1:
            return 0, 0, CAUSE_APDU
        block = self._block
        if block is None:
            return 0, 0, CAUSE_NO_KEY
        initialization_vector[8:12] = buf[p + 1 : p + 5]
        invocation_counter = int.from_bytes(buf[p + 1 : p + 5], "big")
        start = p + 5
        given = None
        if security_control & _AUTHENTICATED:
            stop -= _TAG
            given = bytes(buf[stop : stop + _TAG])
            if stop <= start:
                return 0, 0, CAUSE_APDU
        secret = security_control & _ENCRYPTED
        auth_key = self._auth_key
        nonce = initialization_vector
        if given and auth_key:
            if self._multiples is None:
                self._multiples = multiples(block)
            aad = bytes([security_control]) + auth_key
            made = tag(block, self._multiples, nonce, buf, start, stop, aad, secret)
            self.checked = made == given
        if secret:
            crypt(block, nonce, buf, start, stop)
        # a notification or a telegram; without a title, the lines of one
        sense = buf[start] in (0x0F, 0x2F) if titled else 0x30 <= buf[start] <= 0x39
        cause = None
        if not self.checked and not sense:
            cause = CAUSE_KEY
        elif given and not self.checked and auth_key and any(auth_key):
            cause = CAUSE_TAG
        elif not self._fresh(invocation_counter):
            cause = CAUSE_COUNTER
        self.problem = cause
        if cause is None:
            return start, stop, None
        if secret:
            # as it was: there may be a good message among these bytes
            crypt(block, nonce, buf, start, stop)
        return 0, 0, cause

    def _fresh(self, counter):
        """True if the invocation counter says the message is new (Green Book 9.2.7.3)."""
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

    def inner_check(self, buf, start, end, stop):
        """Whether the CRC behind a deciphered telegram's "!", at buf[end:stop], holds; None where
        there is none."""
        given = bytes(buf[end:stop]).strip(b"\r\n\0 ")
        if not given:
            return None
        try:
            return int(given.decode(), 16) == crc_arc(start, 0, end, buf)
        except ValueError:
            return False
