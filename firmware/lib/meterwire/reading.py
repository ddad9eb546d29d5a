"""A Reading: what one list of a meter said.

Its numbers are integers with a power of ten, from the wire to the text that is published; no float
anywhere. It lives in the decoder's buffers and is good until the decoder's next read(); copy()
makes one that stays.
"""

from array import array

from .bytes_v import push, put
from .words import (
    CLOCK,
    FIRST_TEXT,
    FLAGS,
    HEXED,
    KIND,
    LAST_TEXT,
    LEFT_OUT,
    LIST_NAME,
    METER_ID,
    METER_TYPE,
    NUMBER,
    ORDER,
    READING_WORDS,
    ROWS,
    TIME,
)

# flags of an entry
UNSURE = 1
STALE = 2
ESTIMATED = 4
DERIVED = 8
# the names of the flags' bits, the lowest first; the last two are of a list:
# UNCHECKED, it came without any check of the line or the cipher; CUT, it had more values than rows
_FLAGS = "unsure stale estimated derived unchecked cut"

# kinds of list
LIVE = 1  # power only
FULL = 2
TOTALS = 3  # with register totals, at its hour or quarter

# the units of the Blue Book's table (class 3, scaler_unit) that a household meter uses
_UNITS = " 7 s 9 °C 13 m3 14 m3 25 J 27 W 28 VA 29 var 30 Wh 31 VAh 32 varh 33 A 35 V 44 Hz "


class Reading:
    """One list: who sent it, when, and its entries 0 .. len() - 1, in the meter's order."""

    def __init__(self, buf, rows, words, names):
        self._buf = buf
        self._rows = rows
        self._words = words
        self._names = names
        # standard time of the setting's zone, minutes east of UTC: P1's S and W mean that zone
        self.zone = 60

    def __len__(self):
        return self._words[ROWS]

    def copy(self):
        """The same Reading in buffers of its own, no larger than what it says needs."""
        from .copying import copied

        return copied(self)

    # ---- the list

    @property
    def kind(self):
        """1: power only; 2: a full list; 3: one with register totals, at its hour or quarter."""
        return self._words[KIND]

    @property
    def flags(self):
        """Bits that hold for the whole list: STALE (an hour's total sent again),
        UNCHECKED (0x10), CUT (0x20)."""
        return self._words[FLAGS] & 0xFF

    @property
    def left_out(self):
        """How many values of the list found no row any more."""
        return self._words[LEFT_OUT]

    @property
    def list_id(self):
        """The list's name as the meter gives it ("AIDON_V0001"), or the profile's, or None."""
        words = self._words
        named = self._word(LIST_NAME)
        if named:
            return named
        if words[ORDER]:
            return self._names[words[ORDER] - 1]
        # the name of a list that names no list: its first text
        return self._printable(FIRST_TEXT)

    @property
    def meter_id(self):
        """The meter's number as text, or None."""
        words = self._words
        text = self._word(METER_ID)
        if text:
            if words[FLAGS] & HEXED:
                from .telegram_v import unhex

                text = unhex(text)
            return text
        if words[LAST_TEXT] != words[FIRST_TEXT]:
            # Austria's flat lists end with the meter's number
            return self._printable(LAST_TEXT)
        i = self.find(0, 0, 1)
        # Kamstrup's long list numbers its meter with an integer
        return self.decimal(i) if i >= 0 and self.entry(i) == NUMBER else None

    @property
    def meter_type(self):
        """The meter's type as text (P1: its ident line), or None."""
        return self._word(METER_TYPE)

    @property
    def clock(self):
        """(year, month, day, hour, minute, second, offset) of the meter's clock, or None.

        Local time; offset is minutes east of UTC, or None where the meter leaves it open.
        """
        words = self._words
        at = words[CLOCK]
        return date_time(self._buf, at, words[CLOCK + 1], self._zone()) if at else None

    def _zone(self):
        """The zone of P1's S and W: the telegram's own where its ident line tells the country."""
        at = self._words[METER_TYPE] if self._words else 0
        if at and bytes(self._buf[at : at + 3]) == b"ESO":
            return 120  # Lithuania's grid company
        return self.zone

    @property
    def time(self):
        """The meter's clock as ISO 8601 text, with the offset if the meter gives one, or None."""
        return iso(self.clock)

    def _word(self, n):
        at = self._words[n]
        return string(self._buf, at, self._words[n + 1]) if at else None

    def _printable(self, n):
        at = self._words[n]
        return self._word(n) if at and 0x20 < self._buf[at] < 0x7F else None

    # ---- the entries

    def entry(self, i):
        """0: a number, 1: a text, 2: a time."""
        return self._rows[i * 16 + 5] & 3

    def key(self, i):
        """The entry's code as C << 16 | D << 8 | E."""
        k = i * 16
        rows = self._rows
        return rows[k + 2] << 16 | rows[k + 3] << 8 | rows[k + 4]

    def ab(self, i):
        """Medium and channel of the entry's code: A << 8 | B."""
        return self._rows[i * 16] << 8 | self._rows[i * 16 + 1]

    def obis(self, i):
        """The entry's code as text: "1-0:1.7.0", B as the meter sent it."""
        a, b, c, d, e = self._rows[i * 16 : i * 16 + 5]
        return "%d-%d:%d.%d.%d" % (a, b, c, d, e)

    def value(self, i):
        """The number's mantissa: the value is value(i) * 10 ** exponent(i) of unit(i)."""
        k = i * 16
        return _signed(self._rows, k + 8)

    def exponent(self, i):
        """The number's power of ten."""
        e = self._rows[i * 16 + 6]
        return e - 256 if e > 127 else e

    def scaled(self, i, exponent):
        """The number in units of 10 ** exponent, what is beyond cut off."""
        e = self.exponent(i) - exponent
        value = self.value(i)
        return value * 10**e if e >= 0 else value // 10**-e

    def unit(self, i):
        """W, var, VA, V, A, Wh, varh, VAh, Hz, m3 …, or "" for a bare number."""
        return unit_name(self._rows[i * 16 + 7])

    def flag(self, i):
        """UNSURE | STALE | ESTIMATED | DERIVED of the entry."""
        return self._rows[i * 16 + 5] >> 4

    def doubt(self, i):
        """Flag the entry UNSURE."""
        self._rows[i * 16 + 5] |= UNSURE << 4

    def change(self, i, value):
        """Give number i another mantissa."""
        for k in range(i * 16 + 8, i * 16 + 16):
            self._rows[k] = value & 255
            value >>= 8

    def put(self, i, buf, pos):
        """Write number i as decimal text to buf[pos:] (40 bytes of room); return the end."""
        return put(self._rows, i * 16, buf, pos)

    def decimal(self, i):
        """Number i as decimal text, with the decimals the meter gave."""
        out = bytearray(40)
        return bytes(out[: put(self._rows, i * 16, out, 0)]).decode()

    def keep(self, i, rows, at):
        """Copy number i to place `at` of `rows`, 16 bytes each, see shelf(). Allocates nothing."""
        push(at * 16, i * 16, i * 16 + 16, rows, self._rows)

    def kept(self, i, rows, at):
        """Whether what keep() put at that place is of the same code as entry i."""
        mine = self._rows
        i *= 16
        at *= 16
        n = 5
        while n and rows[at + n - 1] == mine[i + n - 1]:
            n -= 1
        return n == 0

    def text(self, i):
        """The text of entry i; octets that are no text as hex."""
        k = i * 16
        rows = self._rows
        at = rows[k + 8] | rows[k + 9] << 8
        n = rows[k + 10] | rows[k + 11] << 8
        if rows[k + 5] & 3 == TIME:
            return iso(date_time(self._buf, at, n, self._zone())) or ""
        return string(self._buf, at, n)

    def device(self, channel):
        """The device type (24.1.0) that the list tells of a sub-meter, see obis.medium(), or 0."""
        i = 0
        while i < len(self):
            if self.key(i) == 0x180100 and self.ab(i) == channel and self.entry(i) == NUMBER:
                return self.value(i)
            i += 1
        return 0

    def find(self, c, d, e):
        """Index of the first entry with the code C.D.E, or -1."""
        rows = self._rows
        k = 0
        end = len(self) * 16
        while k < end:
            if rows[k + 2] == c and rows[k + 3] == d and rows[k + 4] == e:
                return k // 16
            k += 16
        return -1


def string(buf, at, n):
    """buf[at:at+n] as text without its padding; as upper-case hex if it is not text."""
    raw = bytes(buf[at : at + n])
    for byte in raw:
        if byte < 0x20 and byte != 0:
            return "".join("%02X" % b for b in raw)
    try:
        return raw.decode().strip("\0 ")
    except UnicodeError:
        return "".join("%02X" % b for b in raw)


def flag_names(flags):
    """The names of the bits that are set: ["unsure", "derived"] …"""
    return [name for bit, name in enumerate(_FLAGS.split(" ")) if flags >> bit & 1]


def unit_name(number):
    """A unit of the Blue Book's table by its number, "" for those a household meter has not."""
    at = _UNITS.find(" %d " % number)
    return _UNITS[at + 1 :].split(" ", 2)[1] if at >= 0 else ""


def shelf(rows, count):
    """A Reading of the `count` numbers that keep() put into `rows`; it has no list, no time."""
    words = array("I", bytes(4 * READING_WORDS))
    words[ROWS] = count
    words[KIND] = FULL
    return Reading(b"", rows, words, ())


def _signed(rows, k):
    value = 0
    n = 7
    while n >= 0:
        value = value << 8 | rows[k + n]
        n -= 1
    return value - (1 << 64) if rows[k + 7] & 0x80 else value


def date_time(buf, at, n, zone=60):
    """The clock at buf[at:]: 12 bytes of COSEM date-time, or P1's YYMMDDhhmmss with S, W or none,
    or YY-MM-DD hh:mm:ss.

    COSEM (Blue Book 4.1.6.1) states a deviation: minutes from local time to UTC, so UTC+1 is -60;
    meters that have the sign the other way round are taken at its size, for no meter of these
    ports stands west of Greenwich. 0x8000 (and 0, see below) is "not specified". P1's S and W are
    central European summer and winter time (DSMR 5.0.2, TST).
    """
    if n > 12 or n == 12 and 0x30 <= buf[at] <= 0x39 and 0x30 <= buf[at + 11] <= 0x39:
        step = 3 if n == 17 else 2
        part = [(buf[k] & 15) * 10 + (buf[k + 1] & 15) for k in range(at, at + step * 6, step)]
        offset = None
        if n == 13:
            offset = zone + 60 if buf[at + 12] == 0x53 else zone
        part[0] += 2000
    elif n == 12:
        part = [buf[at] << 8 | buf[at + 1], buf[at + 2], buf[at + 3]]
        part += [buf[at + 5], buf[at + 6], buf[at + 7]]
        if part[5] == 0xFF:
            part[5] = 0
        offset = buf[at + 9] << 8 | buf[at + 10]
        if offset == 0x8000 or offset == 0:
            # Aidon writes 0 beside local time; no meter of these ports stands on Greenwich time
            offset = None
        elif offset > 0x8000:
            offset = 0x10000 - offset
    else:
        return None
    y, month, day, hour, minute, second = part
    if y > 2200 or not 0 < month < 13 or not 0 < day < 32 or hour > 24:
        return None
    if minute > 59 or second > 60 or offset is not None and offset > 840:
        return None
    return (y, month, day, hour, minute, second, offset)


def iso(clock):
    """A clock tuple as ISO 8601 text, or None."""
    if not clock:
        return None
    text = "%04d-%02d-%02dT%02d:%02d:%02d" % clock[:6]
    if clock[6] is None:
        return text
    return text + "+%02d:%02d" % divmod(clock[6], 60)
