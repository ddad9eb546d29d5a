"""A Reading for the tests, with the face of meterwire's, made from a plain list of values."""

# The Blue Book's numbers of units, as they stand in the rows that Latest keeps.
UNITS = {
    "m3": 13, "J": 25, "W": 27, "VA": 28, "var": 29, "Wh": 30, "varh": 32, "A": 33, "V": 35,
    "Hz": 44,
}  # fmt: skip


class Reading:
    """entries: (OBIS code, mantissa, exponent, unit, flags) or (OBIS code, text, 0, "", 0)."""

    def __init__(self, kind, clock, entries, meter_id="7359992890941742"):
        self.kind = kind
        self.clock = clock
        self.time = clock and text_of(clock)
        self.list_id = "AIDON_V0001"
        self.meter_id = meter_id
        self.meter_type = "6525"
        self.flags = 0
        self._entries = entries

    def __len__(self):
        return len(self._entries)

    def obis(self, i):
        return self._entries[i][0]

    def _numbers(self, i):
        ab, _, cde = self._entries[i][0].partition(":")
        return [int(x) for x in ab.split("-") + cde.split(".")]

    def key(self, i):
        n = self._numbers(i)
        return n[2] << 16 | n[3] << 8 | n[4]

    def ab(self, i):
        n = self._numbers(i)
        return n[0] << 8 | n[1]

    def value(self, i):
        return self._entries[i][1]

    def exponent(self, i):
        return self._entries[i][2]

    def scaled(self, i, exponent):
        e = self._entries[i][2] - exponent
        return self._entries[i][1] * 10**e if e >= 0 else self._entries[i][1] // 10**-e

    def unit(self, i):
        return self._entries[i][3]

    def entry(self, i):
        return 1 if isinstance(self._entries[i][1], str) else 0

    def text(self, i):
        return self._entries[i][1]

    def flag(self, i):
        return self._entries[i][4]

    def decimal(self, i):
        value, exponent = self._entries[i][1], self._entries[i][2]
        if exponent >= 0:
            return str(value * 10**exponent)
        digits = str(abs(value))
        while len(digits) <= -exponent:
            digits = "0" + digits
        return ("-" if value < 0 else "") + digits[:exponent] + "." + digits[exponent:]

    def put(self, i, buf, pos):
        data = self.decimal(i).encode()
        buf[pos : pos + len(data)] = data
        return pos + len(data)

    def _row(self, i):
        _, value, exponent, unit, flags = self._entries[i]
        head = self._numbers(i) + [flags << 4 | self.entry(i), exponent & 255, UNITS.get(unit, 0)]
        return bytes(head) + (value & (1 << 64) - 1).to_bytes(8, "little")

    def keep(self, i, rows, at):
        rows[16 * at : 16 * at + 16] = self._row(i)

    def kept(self, i, rows, at):
        return bytes(rows[16 * at : 16 * at + 5]) == bytes(self._numbers(i))

    def device(self, channel):
        for i in range(len(self)):
            if self.key(i) == 0x180100 and self.ab(i) == channel and self.entry(i) == 0:
                return self.value(i)
        return 0

    def find(self, c, d, e):
        for i in range(len(self)):
            if self.key(i) == c << 16 | d << 8 | e:
                return i
        return -1


def text_of(clock):
    year, month, day, hour, minute, second, offset = clock
    text = f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}"
    if offset is None:
        return text
    size = abs(offset)
    return f"{text}{'-' if offset < 0 else '+'}{size // 60:02d}:{size % 60:02d}"


def live(n, clock=None):
    """List 2 of a three-phase meter; n makes it move."""
    return Reading(
        2,
        clock,
        [
            ("1-0:1.7.0", 1000 + n % 500, 0, "W", 0),
            ("1-0:2.7.0", 0, 0, "W", 0),
            ("1-0:3.7.0", 0, 0, "var", 0),
            ("1-0:4.7.0", 120 + n % 7, 0, "var", 0),
            ("1-0:31.7.0", 43 + n % 9, -1, "A", 0),
            ("1-0:51.7.0", -12, -1, "A", 8),
            ("1-0:71.7.0", 60, -1, "A", 0),
            ("1-0:32.7.0", 2300 + n % 10, -1, "V", 0),
            ("1-0:52.7.0", 2310, -1, "V", 0),
            ("1-0:72.7.0", 2290, -1, "V", 0),
            ("1-1:99.98.97", 7, 0, "V", 0),
            ("0-0:96.1.0", "7359992890941742", 0, "", 0),
            ("0-0:96.1.7", "6525", 0, "", 0),
        ],
    )


def hourly(n, clock):
    """List 3: the same with the registers."""
    r = live(n, clock)
    r.kind = 3
    r._entries += [
        ("1-0:1.8.0", 1234500 + n * 13, 1, "Wh", 0),
        ("1-0:2.8.0", 0, 1, "Wh", 0),
        ("1-0:3.8.0", 77 + n, 1, "varh", 0),
        ("1-0:4.8.0", 5500 + n, 1, "varh", 0),
    ]
    return r
