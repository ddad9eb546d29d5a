"""Text into a buffer that is given. What does not fit is left out whole, and `full` tells it."""

_SPACE = const(48)  # room that an entry's number may need: digits, sign, point, zeros


class Writer:
    """A buffer that is filled, sent and filled again: nothing here allocates but view()."""

    def __init__(self, buf):
        self.buf = buf
        self._all = memoryview(buf)
        self.clear()

    def clear(self):
        """Begin anew."""
        self.n = 0
        self.full = False
        return self

    def view(self):
        """The bytes written so far; valid until the next clear()."""
        return self._all[: self.n]

    def put(self, data):
        """Bytes as they are."""
        end = self.n + len(data)
        if end > len(self.buf):
            self.full = True
        else:
            self._all[self.n : end] = data
            self.n = end
        return self

    def entry(self, r, i):
        """The number of a Reading's entry with the decimals the meter gave."""
        if self.n + _SPACE > len(self.buf):
            self.full = True
        else:
            self.n = r.put(i, self.buf, self.n)
        return self

    def number(self, n):
        """A whole number."""
        if self.n + _SPACE > len(self.buf):
            self.full = True
            return self
        if n < 0:
            self.buf[self.n] = 45
            self.n += 1
            n = -n
        digits = 1
        rest = n // 10
        while rest:
            rest //= 10
            digits += 1
        self.n = at = self.n + digits
        while digits:
            at -= 1
            digits -= 1
            self.buf[at] = 48 + n % 10
            n //= 10
        return self

    def string(self, text):
        """A JSON string, quotes included. Control characters are left out: meters send some."""
        data = text.encode()
        if self.n + 2 * len(data) + 2 > len(self.buf):
            self.full = True
            return self
        buf = self.buf
        n = self.n
        buf[n] = 34
        n += 1
        for c in data:
            if c in (34, 92):
                buf[n] = 92
                n += 1
            if c >= 32 and c != 127:
                buf[n] = c
                n += 1
        buf[n] = 34
        self.n = n + 1
        return self

    def cut(self, n):
        """Back to an earlier length: what was begun behind it did not fit."""
        self.n = n
        return self
