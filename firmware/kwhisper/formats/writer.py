"""Text into a buffer that is given. What does not fit is left out whole, and `full` tells it."""

_SPACE = const(48)  # room a number may need: 20 digits, sign, point, exponent's zeros


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

    def number(self, mantissa, exponent=0):
        """mantissa * 10**exponent with its decimals: (1230, -1) is 123.0, (5, 1) is 50."""
        if self.n + _SPACE > len(self.buf) or not -20 < exponent < 20:
            self.full = True
            return self
        buf = self.buf
        if mantissa < 0:
            buf[self.n] = 45
            self.n += 1
            mantissa = -mantissa
        start = end = self.n
        decimals = -exponent
        # Digits come out last first; they are turned round afterwards.
        while mantissa or end == start or decimals >= 0:
            if decimals == 0 and end > start:
                buf[end] = 46
                end += 1
            decimals -= 1
            buf[end] = 48 + mantissa % 10
            mantissa //= 10
            end += 1
        self.n = end
        end -= 1
        while start < end:
            buf[start], buf[end] = buf[end], buf[start]
            start += 1
            end -= 1
        if exponent > 0 and (self.n - start != 1 or buf[start] != 48):
            for _ in range(exponent):
                buf[self.n] = 48
                self.n += 1
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
