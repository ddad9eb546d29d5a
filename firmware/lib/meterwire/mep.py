"""The MEP port of NES meters, asked: OSGP MEP Client Developer's Guide, v1.1.

    request   LEN(2) 3F table(2) offset(3) count(2) SEQ(4) DIGEST(8)
    response  LEN(2) code(1) [count(2) data] DIGEST(8)       0C: the right SEQ(4) in place of data

LEN counts what follows it. The protocol is big-endian, the tables' data little-endian.

The digest (chapter 2) is the only check there is, and the response's goes on from the request's:
nothing of an answer is used before it held, and an answer to another question does not hold.
Tables are those of ANSI C12.19 as the guide's chapter 5 fills them: BT21 has the dimensions, BT22
and BT27 say which source stands where. Every other form of frame: mep_frames.py.
"""

from array import array
from struct import pack_into

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

# response codes; what is neither of these is a refusal with a digest
OK = 0x00
NO_SESSION = 0x0A  # the port requires TLS
NOT_AUTHENTIC = 0x0B
BAD_SEQUENCE = 0x0C
# in the place of a response code
SHORT = -1  # bytes are missing, or LEN cannot be
DIGEST = -2  # the digest does not hold: damaged, another key, or no answer to this request

MANUFACTURER = 0x0001
CONSTANTS = 0x000F
MOST_REGISTERS = 0x0014
DIMENSIONS = 0x0015
SUM_SOURCES = 0x0016
REGISTERS = 0x0017
PRESENT_SOURCES = 0x001B
PRESENT = 0x001C
CLOCK = 0x0034
SERIAL = 0x0803
CONFIGURATION = 0x0837

MOST = 476  # LEN
_CYCLE = 192  # steps of the digest: 24 bytes of key

# Sources, seven bytes each: first id, how many, C of the first, its step, D, exponent as a byte,
# and the unit (Blue Book); 26 and more is 0 V and up. A table of tuples takes seven times as much.
_SOURCES = (
    b"\x00\x02\x01\x01\x08\x00\x1e"  # 0 1: Wh
    b"\x02\x02\x03\x01\x08\x00\x20"  # 2 3: varh
    b"\x08\x02\x01\x01\x07\x00\x1b"  # 8 9: W
    b"\x0a\x02\x03\x01\x07\x00\x1d"  # 10 11: var
    b"\x0c\x03\x1f\x14\x07\xfd\x21"  # 12 13 14: mA
    b"\x0f\x03\x20\x14\x07\xfd\x23"  # 15 16 17: mV
    b"\x12\x01\x21\x00\x07\xfd\xff"  # 18: power factor of phase 1
    b"\x13\x01\x0e\x00\x07\xfd\x2c"  # 19: mHz
    b"\x14\x01\x09\x00\x07\x00\x1c"  # 20: VA
    b"\x15\x02\x35\x14\x07\xfd\xff"  # 21 22: power factors of phases 2 and 3
    b"\x68\x04\x05\x01\x07\x00\x1d"  # 104 .. 107: var of the quadrants
    b"\x6c\x04\x05\x01\x08\x00\x20"  # 108 .. 111: varh of the quadrants
    b"\xb9\x03\x15\x14\x07\x00\x1b"  # 185 186 187: W of the phases, taken
    b"\xbc\x03\x16\x14\x07\x00\x1b"  # 188 189 190: and given
    b"\xe8\x01\x5b\x00\x07\xfd\x21"  # 232: mA in the neutral
    b"\xef\x03\x17\x14\x07\x00\x1d"  # 239 240 241: var of the phases, import
    b"\xf2\x03\x18\x14\x07\x00\x1d"  # 242 243 244: and export
)
_NONE = b"\xff"  # a place whose source is none of these
# Which source stands where in BT23 and BT28 of a meter that did not tell BT22 or BT27
_SUMS = b"\x00\x01\x02\x03" + _NONE * 7 + b"\x6c\x6d\x6e\x6f"
_VALUES = bytes(range(8, 23)) + _NONE * 7 + b"\x68\x69\x6a\x6b" + bytes(range(185, 191))

_ROWS = 56
# Where the texts lie in the Reading's buffer
_STAMP_AT = 4
_SERIAL_AT = 16
_SERIAL_LEN = 30
_MODEL_AT = 48
_MODEL_LEN = 12
_PLATE_LEN = 16


# ---- digest


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


def settle(state, key):
    """The digest, 8 bytes, of what the state was fed."""
    state = bytearray(state)
    if state[8]:
        stir(state, key, bytes(_CYCLE - state[8]))
    return bytes(state[:8])


def opened(buf, size, key, state, s):
    """(code, start, stop) of the response buf[:size] to the request that left this state.

    s: the RC4 stream behind the request, None without: a response is then deciphered where it
    lies. buf[start:stop] is the table's data, or with BAD_SEQUENCE the right number.
    """
    if size < 3 or buf[0] << 8 | buf[1] != size - 2:
        return SHORT, 0, 0
    if size == 3 and (buf[2] == NO_SESSION or buf[2] == NOT_AUTHENTIC):
        # the meter could not authenticate the request and does not authenticate its answer
        return buf[2], 0, 0
    end = size - 8
    if end < 3:
        return DIGEST, 0, 0
    if s:
        from .mep_rc4 import cross

        cross(bytearray(s), buf, 2, end)
    state = bytearray(state)
    stir(state, key, memoryview(buf)[2:end])
    if settle(state, key) != bytes(buf[end:size]):
        return DIGEST, 0, 0
    code = buf[2]
    if code == BAD_SEQUENCE and end == 7:
        return code, 3, 7
    if code == BAD_SEQUENCE or code == OK and end > 3 and buf[3] << 8 | buf[4] != end - 5:
        return DIGEST, 0, 0
    return (code, 5, end) if code == OK and end > 5 else (code, 0, 0)


# ---- what the tables say


class MepReading(Reading):
    """A Reading whose clock is BT52's: UTC; and that knows what stands on the meter (BT01)."""

    @property
    def clock(self):
        """(year, month, day, hour, minute, second, 0), or None."""
        at = self._words[CLOCK_AT]
        found = date_time(self._buf, at, self._words[CLOCK_AT + 1]) if at else None
        return found[:6] + (0,) if found else None

    @property
    def plate(self):
        """BT01: manufacturer (4), model (8), hardware (2) and firmware (2), or b""."""
        raw = bytes(self._buf[_MODEL_AT : _MODEL_AT + _PLATE_LEN])
        return raw if len(raw) == _PLATE_LEN and raw[0] else b""

    def copy(self):
        """The same Reading in buffers of its own, without the plate."""
        kept = Reading.copy(self)
        return MepReading(kept._buf, kept._rows, kept._words, kept._names)


class Mep:
    """One meter on its MEP port: numbers the requests, keeps what the tables said.

    key: 16 bytes (mep_key.parse_key). sealed: the port requires RC4. buffer(n) makes the large
    buffer: a device may have a place for it. Tables that hold values fill
    the list that begin() began:

        line.write(mep.ask(DIMENSIONS, 0, 10))
        n = line.readinto(buf)
        if mep.take(buf, n) == OK: …
        mep.begin()
        line.write(mep.ask(REGISTERS, 0, 17)) …
        reading = mep.finish()
    """

    def __init__(self, key, sealed=False, buffer=bytearray):
        if len(key) != 16:
            raise ValueError("the key must be 16 bytes")
        self.key = key
        self.sealed = sealed
        self.sequence = 0  # of the last request; the meter tells the right one when asked wrongly
        self.asked = 0, 0  # the table and the offset in it
        self.state = bytearray(9)  # the digest's, behind the request
        self.stream = None  # the RC4 stream, behind the request
        self.kept = {}  # BT21, BT22, BT27, BT15 as the meter gave them
        self.unit = 0  # of energies, as ET55 says
        self._buf = bytearray(_MODEL_AT + _PLATE_LEN)
        self._rows = buffer(_ROWS * 16 + 16)
        self._words = array("I", bytes(4 * LIST_WORDS))
        self._words[MAX_ROWS] = _ROWS
        self._memory = bytearray(MEMORY)
        self._tables = 0  # those in the list: 1 for BT28, 2 for BT23
        self._dated = 0  # and those that had this clock already
        self._row = 0  # where the next row of the list goes
        self._doubt = False  # whether what stands where was only assumed
        self.reading = MepReading(self._buf, self._rows, self._words, ["NES_MEP"])

    def ask(self, table, offset, count):
        """The frame that reads count bytes of a table from offset on, with the next number."""
        self.sequence = self.sequence + 1 & 0xFFFFFFFF
        self.asked = table, offset
        frame = bytearray(22)
        pack_into(">HBHBHHI", frame, 0, 20, 0x3F, table, 0, offset, count, self.sequence)
        self.state = bytearray(9)
        stir(self.state, self.key, memoryview(frame)[2:14])
        frame[14:] = check = settle(self.state, self.key)
        if self.sealed:
            from .mep_rc4 import cross, stream

            self.stream = stream(self.key, check)
            cross(self.stream, frame, 2, 14)
        return frame

    def take(self, buf, size):
        """The response code of buf[:size], SHORT or DIGEST; what a table says is kept.

        After BAD_SEQUENCE ask again: the number is right then.
        """
        code, start, stop = opened(buf, size, self.key, self.state, self.stream)
        if code == BAD_SEQUENCE:
            self.sequence = int.from_bytes(buf[3:7], "big")
        elif code == OK and stop:
            self.table(self.asked[0], self.asked[1], bytes(buf[start:stop]))
        return code

    def table(self, number, offset, data):
        """Keep what bytes of a table at offset say."""
        if number == REGISTERS or number == PRESENT:
            self._list(number, offset, data)
        elif number == CONFIGURATION:
            at = self.unit_at() - offset
            if self.unit_at() and 0 <= at < len(data):
                self.unit = data[at]
        elif offset:
            pass
        elif number == MANUFACTURER and len(data) >= _PLATE_LEN:
            self._buf[_MODEL_AT : _MODEL_AT + _PLATE_LEN] = data[:_PLATE_LEN]
        elif number == SERIAL:
            data = (data[:_SERIAL_LEN] + bytes(_SERIAL_LEN))[:_SERIAL_LEN]
            self._buf[_SERIAL_AT : _SERIAL_AT + _SERIAL_LEN] = data
        elif number == CLOCK and len(data) > 5:
            year = 2000 + data[0]
            stamp = bytes((year >> 8, year & 255, data[1], data[2], 0xFF))
            stamp += data[3:6] + b"\x00\x80\x00\x00"
            self._buf[_STAMP_AT : _STAMP_AT + 12] = stamp
            self._words[HEADER_CLOCK] = _STAMP_AT
            self._dated = 0
        else:
            self.kept[number] = data

    def layout(self, number):
        """(where the values of BT23 or BT28 begin, their sources, is this known), or None.

        Without BT21 the layout of BT28 is anyone's guess: None. BT23 is then taken to begin with
        four sums, and they are marked UNSURE; so is what stands where BT22 or BT27 was not told.
        """
        sizes = self.kept.get(DIMENSIONS, b"")
        known = len(sizes) > 9
        if number == REGISTERS:
            if not known:
                return 0, _SUMS[:4], False
            sources = self.kept.get(SUM_SOURCES)
            # BT21: bit 2 is a count of demand resets before the sums
            return sizes[0] >> 2 & 1, (sources or _SUMS)[: sizes[3]], bool(sources)
        if not known:
            return None
        demands = sizes[8]
        sources = self.kept.get(PRESENT_SOURCES)
        # BT21: bit 6 is a time remaining of 3 bytes beside each present demand
        at = (7 if sizes[0] & 0x40 else 4) * demands
        return at, (sources[demands:] if sources else _VALUES)[: sizes[9]], bool(sources)

    def ratios(self):
        """(CT, VT, whether they can be) that present values are to be multiplied with (BT15).

        Energies contain them already. A meter without transformers has 1 and 1.
        """
        data = self.kept.get(CONSTANTS, b"")
        if len(data) < 17 or not data[8] & 1:
            return 1, 1, True
        ct = int.from_bytes(data[9:13], "little")
        vt = int.from_bytes(data[13:17], "little")
        if 0 < ct < 20000 and 0 < vt < 20000:
            return ct, vt, True
        return 1, 1, False

    def unit_at(self):
        """Where ET55 has the unit of energies (guide, ET55: A + 39), 0 if that is not known."""
        sizes = self.kept.get(MOST_REGISTERS, b"")
        plate = self.reading.plate
        if len(sizes) < 8 or not plate or not sizes[7]:
            return 0
        # of generation 4, whose codes on the display are a letter longer, all lies a byte further
        return (186 if plate[14] >> 4 > 3 else 185) + 4 * (sizes[7] - 1)

    def energy_unit(self):
        """What a step of energies is worth in Wh or varh: 1, 10 or 100; 0 if that is not known.

        Only meters with transformers, of firmware 3.70 or later, have another one than 1.
        """
        if self.unit:
            return self.unit if self.unit in (1, 10, 100) else 0
        ct, vt, _ = self.ratios()
        plate = self.reading.plate
        return int(ct * vt == 1 or plate != b"" and plate[14:] < b"\x38\xc0")

    def begin(self):
        """Begin a list; what the tables say from now on is added to it."""
        rows = self._rows
        k = 0
        for at, size, e in ((_SERIAL_AT, _SERIAL_LEN, 0), (_MODEL_AT, _MODEL_LEN, 7)):
            if self._buf[at]:
                rows[k : k + 16] = bytes((0, 0, 96, 1, e, TEXT, 0, 0, at, 0, size)) + bytes(5)
                k += 16
        self._row = k
        self._tables = 0
        self._doubt = False

    def _list(self, number, offset, data):
        """Make rows of the sums or the present values."""
        found = self.layout(number)
        if found is None:
            return
        at, sources, known = found
        self._tables |= 1 if number == PRESENT else 2
        step = 1
        ct, vt, sound = self.ratios()
        if number == REGISTERS:
            ct = vt = 1
            sound = step = self.energy_unit()
        rows = self._rows
        k = self._row
        at -= offset
        for source in sources:
            row = row_of(source)
            if row and 0 <= at <= len(data) - 4 and k < _ROWS * 16:
                c, d, exponent, unit = row
                doubt = NUMBER if known and sound else UNSURE << 4
                factor = (step or 1) if d == 8 else 1
                if unit < 34:  # W, VA, var and A: what is left are V, Hz and bare numbers
                    factor *= ct
                if unit < 33 or unit == 35:
                    factor *= vt
                value = int.from_bytes(data[at : at + 4], "little")
                if value >> 31:
                    value -= 1 << 32
                self._doubt |= bool(doubt)
                rows[k : k + 8] = bytes((1, 0, c, d, 0, doubt, exponent, unit))
                rows[k + 8 : k + 16] = (value * factor & (1 << 64) - 1).to_bytes(8, "little")
                k += 16
            at += 4
        self._row = k

    def finish(self):
        """Judge the list; the Reading, or None when no table filled it. It is good until begin()
        is called again."""
        words = self._words
        k = self._row
        if not k or self._rows[k - 11] & 3 == TEXT:
            return None
        if self._dated & self._tables:
            # read before with this clock: the clock is old by now
            words[HEADER_CLOCK] = 0
        self._dated |= self._tables
        words[ROWS] = k >> 4
        words[SURE] = words[ORDER] = 1
        words[FLAGS] = 0
        for word in range(LIST_NAME, CLOCK_AT + 2):
            words[word] = 0
        judge(self._rows, words, bytes(5), self._memory, self._buf)
        while self._doubt and k < words[ROWS] * 16:
            # what was derived from doubtful rows
            self._rows[k + 5] |= UNSURE << 4
            k += 16
        return self.reading


def row_of(source):
    """(C, D, exponent as a byte, unit) of a source, or None."""
    for k in range(0, len(_SOURCES), 7):
        first = _SOURCES[k]
        if first <= source < first + _SOURCES[k + 1]:
            c = _SOURCES[k + 2] + (source - first) * _SOURCES[k + 3]
            return c, _SOURCES[k + 4], _SOURCES[k + 5], _SOURCES[k + 6]
    return None
