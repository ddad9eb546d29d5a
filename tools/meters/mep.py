"""An NES meter on its MEP port, which speaks only when asked (OSGP MEP Client Developer's Guide).

    request  = length | code, arguments | sequence number (4) | digest (8)
    response = length | code [, count, data] | digest (8)

The length counts what follows it. Table data are little-endian, everything else big-endian.
"""

from datetime import timedelta

from .clock import to_utc
from .household import Household
from .meter import DEFAULT_START

KEY = bytes([1] * 16)

_FULL_READ, _PARTIAL_READ = 0x30, 0x3F
_OK, _UNRECOGNISED, _NOT_POSSIBLE = 0x00, 0x01, 0x04
_BAD_DIGEST, _BAD_SEQUENCE = 0x0B, 0x0C
_MOST = 476

# Source ids of the summations and of the present values this meter has, in its tables' order.
_SUMMATIONS = (0, 1, 2, 3)
_PRESENT = (8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22)
_DEMANDS = 1


class Digest:
    """The keyed digest that a request and its response share."""

    def __init__(self, key):
        self._key = key
        self._state = [0] * 8
        self._step = 0

    def feed(self, message):
        """Take bytes of the message."""
        for byte in message:
            place, bit = divmod(self._step, 8)
            v = 7 - bit
            n = ~(self._state[v] + v) & 0xFF
            if self._key[place % 16] >> bit & 1:
                turned = 2 * n + (n >> 7)
            else:
                turned = -((n >> 1) + 128 * n)
            self._state[v] = (self._state[(v + 1) % 8] + byte + turned) & 0xFF
            self._step = (self._step + 1) % 192
        return self

    def value(self):
        """The eight digest bytes; what is fed afterwards goes on from before the padding."""
        padded = Digest(self._key)
        padded._state, padded._step = self._state[:], self._step
        while padded._step:
            padded.feed(b"\x00")
        return bytes(padded._state)


def sign(key, request, response=None):
    """The digest of a request, or of the response to it."""
    digest = Digest(key).feed(request)
    return (digest.feed(response) if response is not None else digest).value()


class Nes:
    """A three-phase NES meter; `answer()` turns a request frame into the response frame."""

    baud, parity = 9600, "8N1"

    def __init__(self, seed=1, start=None, key=KEY):
        self.start = to_utc(start or DEFAULT_START)
        self.key = key
        self.home = Household(seed, self.start)
        self.sequence = 0x77635B90 + seed
        self.number = f"{seed % 100000:05}"

    def answer(self, frame):
        """The response to one whole request frame, b"" to what is no frame."""
        if len(frame) < 15 or int.from_bytes(frame[:2], "big") != len(frame) - 2:
            return b""
        request, digest = frame[2:-8], frame[-8:]
        if sign(self.key, request) != digest:
            return self._frame(request, bytes((_BAD_DIGEST,)))
        number = int.from_bytes(request[-4:], "big")
        if not 1 <= number - self.sequence <= 8:
            told = bytes((_BAD_SEQUENCE,)) + self.sequence.to_bytes(4, "big")
            return self._frame(request, told)
        self.sequence = number
        return self._frame(request, self._read(request[:-4]))

    def _frame(self, request, response):
        body = response + sign(self.key, request, response)
        return len(body).to_bytes(2, "big") + body

    def _read(self, request):
        code, table = request[0], int.from_bytes(request[1:3], "big")
        if code not in (_FULL_READ, _PARTIAL_READ):
            return bytes((_UNRECOGNISED,))
        data = self.table(table)
        if data is None:
            return bytes((_NOT_POSSIBLE,))
        if code == _PARTIAL_READ:
            offset = int.from_bytes(request[3:6], "big")
            count = int.from_bytes(request[6:8], "big")
            if offset + count > len(data):
                return bytes((_NOT_POSSIBLE,))
            data = data[offset : offset + count]
        if len(data) > _MOST - 11:
            return bytes((_NOT_POSSIBLE,))
        return bytes((_OK,)) + len(data).to_bytes(2, "big") + data

    def table(self, number):
        """The bytes of a table, None if the meter has no such table."""
        tables = {
            0x0001: self._manufacturer,
            0x0015: self._dimensions,
            0x0016: lambda: bytes(_SUMMATIONS),
            0x0017: self._registers,
            0x001B: lambda: bytes((8,) * _DEMANDS + _PRESENT),
            0x001C: self._present,
            0x0034: self._clock,
            0x0803: lambda: f"NES00000{self.number}".ljust(30).encode(),
        }
        return tables[number]() if number in tables else None

    def truth(self):
        """What a right client reads now, in base units: source id to (integer, exponent)."""
        said = {source: (self._source(source), 0) for source in (*_SUMMATIONS, 8, 9, 10, 11, 20)}
        for source in (12, 13, 14, 15, 16, 17, 18, 19, 21, 22):
            said[source] = (self._source(source), -3)
        return said

    def _source(self, source):
        energy = {0: "1.8.0", 1: "2.8.0", 2: "3.8.0", 3: "4.8.0"}
        whole = {8: "1.7.0", 9: "2.7.0", 10: "3.7.0", 11: "4.7.0"}
        thousandths = {12: "31.7.0", 13: "51.7.0", 14: "71.7.0", 15: "32.7.0", 16: "52.7.0"}
        thousandths |= {17: "72.7.0", 18: "33.7.0", 19: "14.7.0", 21: "53.7.0", 22: "73.7.0"}
        if source == 20:
            return (self.home.read("9.7.0") + self.home.read("10.7.0")) // 1000
        if source in thousandths:
            return self.home.read(thousandths[source])
        return self.home.read((energy | whole)[source]) // 1000

    def _integers(self, sources):
        return b"".join(self._source(source).to_bytes(4, "little") for source in sources)

    def _manufacturer(self):
        return b"NES " + b"83334-3I" + b"\x01\x00" + b"\x31\x55"

    def _dimensions(self):
        counts = (1, len(_SUMMATIONS), 0, 0, 0, 4, _DEMANDS, len(_PRESENT))
        return bytes((0x04, 0, *counts))

    def _registers(self):
        # Flag 0x04 of the dimensions: a demand-reset count stands before the summations.
        return b"\x00" + self._integers(_SUMMATIONS)

    def _present(self):
        return self._integers((8,) * _DEMANDS + _PRESENT)

    def _clock(self):
        now = self.start + timedelta(milliseconds=self.home.ms)
        fields = (now.year - 2000, now.month, now.day, now.hour, now.minute, now.second, 0)
        return bytes(fields)
