"""The MEP port of NES meters, the client's side: OSGP MEP Client Developer's Guide, v1.1.

    request   LEN(2) code(1) arguments SEQ(4) DIGEST(8)
    response  LEN(2) code(1) [count(2) data] DIGEST(8)       0C: the right SEQ(4) in place of data
    30 table(2) length(2)                  40 table(2) count(2) data
    3F table(2) offset(3) count(2)         4F table(2) offset(3) count(2) data
    LEN counts what follows it. The protocol is big-endian, the tables' data little-endian.

The digest (chapter 2) is the only check there is, and the response's goes on from the request's:
nothing of an answer is used before it held. Tables are those of ANSI C12.19 as the guide's
appendices fill them (BT21 dimensions, BT22 and BT27 which source stands where).
"""

from array import array

from .judge_v import judge
from .reading import UNSURE, Reading, date_time
from .words import CLOCK as CLOCK_AT
from .words import (
    FLAGS,
    HEADER_CLOCK,
    LIST_NAME,
    LIST_WORDS,
    MAX_ROWS,
    MEMORY,
    NUMBER,
    ORDER,
    ROWS,
    SURE,
    TEXT,
)

FULL_READ = 0x30
PARTIAL_READ = 0x3F
FULL_WRITE = 0x40
PARTIAL_WRITE = 0x4F

OK = 0x00
NO_SESSION = 0x0A  # the port wants TLS
NOT_AUTHENTIC = 0x0B
BAD_SEQUENCE = 0x0C
# in the place of a response code
SHORT = -1  # bytes are missing, or LEN cannot be
DIGEST = -2  # the digest does not hold: damaged, another key, or no answer to this request

MANUFACTURER = 0x0001
DIMENSIONS = 0x0015
SUM_SOURCES = 0x0016
REGISTERS = 0x0017
PRESENT_SOURCES = 0x001B
PRESENT = 0x001C
CLOCK = 0x0034
SERIAL = 0x0803

_MOST = 476  # LEN
_CYCLE = 192  # steps of the digest: 24 bytes of key

# RC4 (appendix on security): what the key enciphers to make the key of the stream
_SEAL = b"\x38\x8b\x8f\xbc\x36\xa8\x55\x85\x87\xaf\xc9\x0f\xb2\x3a\x3b\x99"

# Sources: first id, how many, C of the first, its step, D, exponent, unit (Blue Book)
_SOURCES = (
    (0, 2, 1, 1, 8, 0, 30),
    (2, 2, 3, 1, 8, 0, 32),
    (8, 2, 1, 1, 7, 0, 27),
    (10, 2, 3, 1, 7, 0, 29),
    (12, 3, 31, 20, 7, -3, 33),
    (15, 3, 32, 20, 7, -3, 35),
    (18, 1, 33, 0, 7, -3, 255),
    (19, 1, 14, 0, 7, -3, 44),
    (20, 1, 9, 0, 7, 0, 28),
    (21, 2, 53, 20, 7, -3, 255),
    (104, 4, 5, 1, 7, 0, 29),
    (108, 4, 5, 1, 8, 0, 32),
    (185, 3, 21, 20, 7, 0, 27),
    (188, 3, 22, 20, 7, 0, 27),
)
_NONE = 255  # a place whose source is none of these
# Which source stands where in BT23 and BT28 of a meter that was not asked for BT22 and BT27
_SUMS = bytes((0, 1, 2, 3)) + bytes((_NONE,)) * 7 + bytes((108, 109, 110, 111))
_VALUES = bytes(range(8, 23)) + bytes((_NONE,)) * 7 + bytes((104, 105, 106, 107))
_VALUES += bytes(range(185, 191))

_ROWS = 56
# Where the texts lie in the Reading's buffer
_STAMP_AT = 4
_SERIAL_AT = 16
_SERIAL_LEN = 30
_MODEL_AT = 48
_MODEL_LEN = 12


# ---- keys and digest


def parse_key(text):
    """The 16 bytes used of a MEP key: 40 or 32 hex digits, or 20 ASCII characters (guide, 2).

    0x, blanks, colons and dashes between hex digits do not count. ValueError if it is none.
    """
    digits = text
    for mark in ("0x", "0X", " ", ":", "-"):
        digits = digits.replace(mark, "")
    if len(digits) in (32, 40):
        try:
            return bytes(int(digits[i : i + 2], 16) for i in range(0, 32, 2))
        except ValueError:
            pass  # no hex, and too long for characters: refused below
    raw = text.encode()
    if len(raw) == 20 and max(raw) < 0x7F:
        return raw[:16]
    raise ValueError("a MEP key has 40 or 32 hex digits, or 20 characters")


def stir(state, key, message):
    """Feed bytes to the digest's state (guide, 2): 8 bytes, then the step; 9 zeros at first."""
    p = state[8]
    for byte in message:
        v = 7 - (p & 7)
        n = ~(state[v] + v) & 0xFF
        if key[p >> 3 & 15] >> (p & 7) & 1:
            turned = 2 * n + (n >> 7)
        else:
            turned = -((n >> 1) + (n << 7))
        state[v] = (state[v + 1 & 7] + byte + turned) & 0xFF
        p += 1
        if p == _CYCLE:
            p = 0
    state[8] = p


def digest(key, request, response=None):
    """The digest, 8 bytes, of a request (code .. SEQ) or of the response to it (code .. data)."""
    state = bytearray(9)
    stir(state, key, request)
    if response is not None:
        stir(state, key, response)
    if state[8]:
        stir(state, key, bytes(_CYCLE - state[8]))
    return bytes(state[:8])


def _rc4(key):
    """The state of an RC4 stream: 256 bytes, then its two indices."""
    s = bytearray(258)
    for i in range(256):
        s[i] = i
    j = 0
    for i in range(256):
        j = j + s[i] + key[i % len(key)] & 0xFF
        s[i], s[j] = s[j], s[i]
    return s


def _cross(s, buf, at, end):
    """Encipher or decipher buf[at:end] in place with the stream s, which goes on."""
    i = s[256]
    j = s[257]
    while at < end:
        i = i + 1 & 0xFF
        j = j + s[i] & 0xFF
        s[i], s[j] = s[j], s[i]
        buf[at] ^= s[s[i] + s[j] & 0xFF]
        at += 1
    s[256] = i
    s[257] = j


def _stream(key, check):
    """The RC4 stream of an exchange whose request has the digest check."""
    seal = bytearray(_SEAL)
    _cross(_rc4(key), seal, 0, 16)
    for i in range(8):
        seal[i] ^= check[i]
    return _rc4(seal)


# ---- frames


def request(code, table, offset, count, sequence, key, data=b"", sealed=False):
    """The frame of a request: FULL_READ, PARTIAL_READ, FULL_WRITE or PARTIAL_WRITE (guide, 2).

    offset is that of the partial forms; sealed enciphers it with RC4. ValueError if too long.
    """
    body = bytearray((code,)) + table.to_bytes(2, "big")
    if code in (PARTIAL_READ, PARTIAL_WRITE):
        body += offset.to_bytes(3, "big")
    body += count.to_bytes(2, "big") + data + sequence.to_bytes(4, "big")
    check = digest(key, body)
    if sealed:
        _cross(_stream(key, check), body, 0, len(body))
    size = len(body) + 8
    if size > _MOST:
        raise ValueError("a request has at most 476 bytes")
    return size.to_bytes(2, "big") + bytes(body) + check


def length(buf, at=0):
    """Bytes of the frame at buf[at:], LEN included; 0 if LEN is not there or cannot be."""
    if len(buf) - at < 2:
        return 0
    size = buf[at] << 8 | buf[at + 1]
    return size + 2 if 0 < size <= _MOST else 0


def opened(frame, key):
    """(code .. SEQ in clear, RC4 stream or None) of a request's frame, None if it is none."""
    if length(frame) != len(frame) or len(frame) < 2 + 7 + 8:
        return None
    body = bytearray(frame[2:-8])
    check = bytes(frame[-8:])
    if digest(key, body) == check:
        return bytes(body), None
    stream = _stream(key, check)
    _cross(stream, body, 0, len(body))
    if digest(key, body) == check:
        return bytes(body), stream
    return None


def answer(buf, asked, key):
    """(code, start, stop) of the response in buf to the request frame asked.

    buf[start:stop] is the tables' data, or with BAD_SEQUENCE the right number. The digest was
    checked before; where it fails, code is DIGEST, and SHORT where bytes are missing. A response
    enciphered with RC4 is deciphered where it lies: buf must then be a bytearray.
    """
    size = length(buf)
    if not size or len(buf) < size:
        return SHORT, 0, 0
    if size == 3 and buf[2] in (NO_SESSION, NOT_AUTHENTIC):
        # the meter could not authenticate the request and does not authenticate its answer
        return buf[2], 0, 0
    question = opened(asked, key)
    if size < 11 or question is None:
        return DIGEST, 0, 0
    plain, stream = question
    end = size - 8
    if stream:
        _cross(stream, buf, 2, end)
    if digest(key, plain, buf[2:end]) != bytes(buf[end:size]):
        return DIGEST, 0, 0
    code = buf[2]
    if code == BAD_SEQUENCE:
        return (code, 3, 7) if end == 7 else (DIGEST, 0, 0)
    if code != OK or end == 3:
        return code, 0, 0
    if end < 5 or buf[3] << 8 | buf[4] != end - 5:
        return DIGEST, 0, 0
    return OK, 5, end


def target(plain):
    """(table, offset) that a request in clear names; a full one begins at 0."""
    if plain[0] not in (FULL_READ, PARTIAL_READ, FULL_WRITE, PARTIAL_WRITE):
        return 0, 0
    offset = 0
    if plain[0] in (PARTIAL_READ, PARTIAL_WRITE):
        offset = plain[3] << 16 | plain[4] << 8 | plain[5]
    return plain[1] << 8 | plain[2], offset


# ---- what the tables say


class _Said(Reading):
    """A Reading whose clock is BT52's: UTC."""

    @property
    def clock(self):
        """(year, month, day, hour, minute, second, 0), or None."""
        at = self._words[CLOCK_AT]
        found = date_time(self._buf, at, self._words[CLOCK_AT + 1]) if at else None
        return found[:6] + (0,) if found else None

    def copy(self):
        """The same Reading in buffers of its own."""
        kept = Reading.copy(self)
        return _Said(kept._buf, kept._rows, kept._words, kept._names)


class Mep:
    """One meter on its MEP port: numbers the requests, keeps what the tables said.

    key: 16 bytes (parse_key). sealed: the port wants RC4.

        line.write(mep.ask(DIMENSIONS, 0, 10))
        code, reading = mep.take(bytearray(line.read()))
    """

    def __init__(self, key, sealed=False):
        if len(key) != 16:
            raise ValueError("the key must be 16 bytes")
        self._key = key
        self._sealed = sealed
        self.sequence = 0  # of the last request; the meter tells the right one when asked wrongly
        self.asked = b""
        self._buf = bytearray(64)
        self._rows = bytearray(_ROWS * 16 + 16)
        self._words = array("I", bytes(4 * LIST_WORDS))
        self._words[MAX_ROWS] = _ROWS
        self._memory = bytearray(MEMORY)
        self._kept = {}  # BT21, BT22, BT27 as the meter gave them
        self._dated = []  # the tables that had this clock already
        self.reading = _Said(self._buf, self._rows, self._words, ["NES_MEP"])

    def ask(self, table, offset, count):
        """The frame that reads count bytes of a table at offset, with the next number."""
        self.sequence = self.sequence + 1 & 0xFFFFFFFF
        self.asked = request(
            PARTIAL_READ, table, offset, count, self.sequence, self._key, sealed=self._sealed
        )
        return self.asked

    def take(self, buf):
        """(code, reading) of the response to the last request; see answer() for the codes.

        reading is None but for the registers (BT23) and the present values (BT28). After
        BAD_SEQUENCE ask again: the number is right then.
        """
        code, start, stop = answer(buf, self.asked, self._key)
        if code == BAD_SEQUENCE:
            self.sequence = int.from_bytes(buf[start:stop], "big")
        if code != OK or start == stop:
            return code, None
        plain = opened(self.asked, self._key)[0]
        if plain[0] not in (FULL_READ, PARTIAL_READ):
            return code, None
        table, offset = target(plain)
        return code, self.reading if self.table(table, offset, bytes(buf[start:stop])) else None

    def table(self, number, offset, data):
        """Keep what bytes of a table at offset say; True if they filled the Reading."""
        if number in (REGISTERS, PRESENT):
            return self._list(number, offset, data)
        if offset:
            return False
        if number in (DIMENSIONS, SUM_SOURCES, PRESENT_SOURCES):
            self._kept[number] = data
        elif number == MANUFACTURER and len(data) >= _MODEL_LEN:
            self._buf[_MODEL_AT : _MODEL_AT + _MODEL_LEN] = data[:_MODEL_LEN]
        elif number == SERIAL:
            data = (data[:_SERIAL_LEN] + bytes(_SERIAL_LEN))[:_SERIAL_LEN]
            self._buf[_SERIAL_AT : _SERIAL_AT + _SERIAL_LEN] = data
        elif number == CLOCK and len(data) > 5:
            year = 2000 + data[0]
            stamp = bytes((year >> 8, year & 255, data[1], data[2], 0xFF))
            stamp += data[3:6] + b"\x00\x80\x00\x00"
            self._buf[_STAMP_AT : _STAMP_AT + 12] = stamp
            self._words[HEADER_CLOCK] = _STAMP_AT
            self._dated = []
        return False

    def layout(self, number):
        """(where the values of BT23 or BT28 begin, their sources, is this known), or None.

        Without BT21 the layout of BT28 is anyone's guess: None. BT23 is then taken to begin with
        four sums, and they are marked UNSURE.
        """
        sizes = self._kept.get(DIMENSIONS, b"")
        sure = len(sizes) > 9
        if number == REGISTERS:
            if not sure:
                return 0, _SUMS[:4], False
            sources = self._kept.get(SUM_SOURCES, _SUMS)
            # BT21: bit 2 is a count of demand resets before the sums
            return sizes[0] >> 2 & 1, sources[: sizes[3]], True
        if not sure:
            return None
        demands = sizes[8]
        sources = self._kept.get(PRESENT_SOURCES)
        sources = _VALUES if sources is None else sources[demands:]
        # BT21: bit 6 is a time remaining of 3 bytes beside each present demand
        return (7 if sizes[0] & 0x40 else 4) * demands, sources[: sizes[9]], True

    def _list(self, number, offset, data):
        """Make rows of the sums or the present values, and judge them."""
        found = self.layout(number)
        if found is None:
            return False
        at, sources, sure = found
        words = self._words
        if number in self._dated:
            # read before with this clock: the clock is old by now
            words[HEADER_CLOCK] = 0
        self._dated.append(number)
        rows = self._rows
        k = 0
        for text, size, e in ((_SERIAL_AT, _SERIAL_LEN, 0), (_MODEL_AT, _MODEL_LEN, 7)):
            if self._buf[text]:
                rows[k : k + 16] = bytes((0, 0, 96, 1, e, TEXT, 0, 0, text, 0, size)) + bytes(5)
                k += 16
        texts = k
        at -= offset
        for source in sources:
            row = _row(source)
            if row and at >= 0 and at + 4 <= len(data) and k < _ROWS * 16:
                c, d, exponent, unit = row
                doubt = NUMBER if sure else UNSURE << 4
                sign = b"\xff" if data[at + 3] & 0x80 else b"\x00"
                rows[k : k + 8] = bytes((1, 0, c, d, 0, doubt, exponent & 0xFF, unit))
                rows[k + 8 : k + 16] = data[at : at + 4] + sign * 4
                k += 16
            at += 4
        if k == texts:
            return False
        words[ROWS] = k >> 4
        words[SURE] = words[ORDER] = 1
        words[FLAGS] = 0
        for word in range(LIST_NAME, CLOCK_AT + 2):
            words[word] = 0
        judge(rows, words, bytes(5), self._memory, self._buf)
        while not sure and k < words[ROWS] * 16:
            # what was derived from doubtful rows
            rows[k + 5] |= UNSURE << 4
            k += 16
        return True


def _row(source):
    """(C, D, exponent, unit) of a source, or None."""
    for first, n, c, step, d, exponent, unit in _SOURCES:
        if first <= source < first + n:
            return c + (source - first) * step, d, exponent, unit
    return None
