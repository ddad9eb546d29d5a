"""The decoder: bytes of a meter's port in, Readings out.

One buffer holds everything: messages that come in parts are assembled at its beginning, behind
them lies the window in which frames are looked for. A frame is decoded where it lies.
"""

from array import array

from .check import crc_arc
from .cipher import Cipher
from .fast import apdu, find, judge, text
from .layout import Layout
from .reading import FULL, LIVE, STALE, TOTALS, UNCHECKED, Reading, string

# What befell the frames, in the order of the counters in find and then of this file
CAUSES = ("ok", "hcs", "fcs", "length", "checksum", "crc", "unchecked", "noise")
_OWN = ("segment", "apdu", "unknown", "no_key", "key", "tag", "counter")
_SEGMENT = 0
_APDU = 1
_UNKNOWN = 2

_SAP = 2  # STSAP and DTSAP behind the CI field of wired M-Bus


class Decoder:
    """Decodes the stream of one meter's port, whatever its framing.

    size: bytes of the frame buffer; a frame or an assembled message must fit.
    key, auth_key: 16 bytes each, for meters that encrypt; None without.
    rows: entries of the longest list.

        decoder = Decoder()
        for reading in decoder.feed(data):
            print(reading.time, reading.obis(0), reading.decimal(0), reading.unit(0))
    """

    def __init__(self, size=1024, key=None, auth_key=None, rows=64):
        # the scanners look a few bytes ahead of what they have checked
        self._buf = bytearray(size + 24)
        self._rows = bytearray(rows * 16 + 16)
        self._find = array("I", bytes(4 * find.WORDS))
        self._find[find.SIZE] = size
        self._apdu = array("I", bytes(4 * 40))
        self._apdu[apdu.MAX] = rows
        self._memory = bytearray(judge.SLOTS * 12 + 12)
        self._own = array("I", bytes(4 * len(_OWN)))
        self._cipher = Cipher(key, auth_key)
        self._layout = Layout(rows)
        self._scale = bytearray(5)
        self.reading = Reading(self._buf, self._rows)
        self._data = b""
        self._at = 0
        self._left = 0
        # a message under assembly
        self._block = 0  # end of the part that general-block-transfer has brought
        self._next = 0  # the block or segment number expected
        self._damage = 0
        self._done = False  # the assembled message was handed out and may be overwritten
        self._last_when = None

    # ---- in

    def feed(self, data, n=-1):
        """Take in the first n bytes of data (all, if n < 0); return self, to iterate or read().

        data is not copied before read() asks for it: read until None before the next feed, and
        leave it unchanged until then. A feed that comes too early raises ValueError.
        """
        if self._left:
            raise ValueError("read() until it returns None before feeding more")
        self._data = data
        self._at = 0
        self._left = len(data) if n < 0 else n
        self._find[find.MODE] &= ~find.SILENT
        return self

    def flush(self):
        """The line fell silent: judge what waits for more bytes; read() gives what it held."""
        self._find[find.MODE] |= find.SILENT
        self._find[find.NEED] = 0
        return self

    def _pull(self):
        # more of what was fed, as far as there is room behind the window
        n = self._left
        ctx = self._find
        if n == 0:
            if not ctx[find.MODE] & find.SILENT:
                return False
            # silence: whatever did not become a frame is gone, and the line is clean again
            ctx[find.MODE] &= ~find.SILENT
            ctx[find.NOISE] += ctx[find.END] - ctx[find.BEG]
            self._drop()
            ctx[find.BEG] = ctx[find.END] = ctx[find.CLEAN] = 0
            ctx[find.NEED] = ctx[find.SCAN] = 0
            return False
        end = ctx[find.END]
        room = ctx[find.SIZE] - end
        if room < n:
            end = self._compact()
            room = ctx[find.SIZE] - end
        if room < n:
            n = room
        at = self._at
        find.push(end, at, at + n, self._buf, self._data)
        ctx[find.END] = end + n
        self._at = at + n
        self._left -= n
        return True

    def _compact(self):
        """Move the window down to the assembled message; return its new end."""
        ctx = self._find
        beg = ctx[find.BEG]
        base = ctx[find.BASE]
        shift = beg - base
        if shift:
            end = ctx[find.END]
            find.push(base, beg, end, self._buf, self._buf)
            # CLEAN lies at the window's begin or means nothing
            ctx[find.CLEAN] = base if ctx[find.CLEAN] == beg else ctx[find.SIZE] + 1
            ctx[find.BEG] = base
            ctx[find.END] = end - shift
            ctx[find.NEED] = 0
            scan = ctx[find.SCAN]
            ctx[find.SCAN] = scan - shift if scan > beg else 0
        return ctx[find.END]

    # ---- out

    def read(self):
        """The next Reading, or None when more bytes are needed. Allocates nothing for HDLC lists.

        The Reading is the decoder's own and changes with the next read(): copy() it to keep it.
        """
        ctx = self._find
        if self._done:
            self._drop()
        while True:
            kind = find.next_frame(self._buf, ctx)
            self._flags = 0
            if kind == 0:
                if not self._pull():
                    return None
                continue
            if kind == find.HDLC:
                if ctx[find.INFO] & 8 or ctx[find.BASE]:
                    found = self._hdlc_part()
                else:
                    found = self._message(ctx[find.PAY], ctx[find.STOP])
            elif kind == find.MBUS:
                found = self._mbus_part()
            elif kind == find.TEXT:
                self._flags = 0 if ctx[find.INFO] else UNCHECKED
                found = self._telegram(ctx[find.PAY], ctx[find.STOP])
            elif kind == find.CIPHERED:
                found = self._bare_cipher()
            elif kind == find.BARE:
                found = self._bare()
            else:
                # the frame would fit but for a message whose end was lost
                self._lose()
                found = False
            if found:
                return self.reading

    def __iter__(self):
        while True:
            reading = self.read()
            if reading is None:
                return
            yield reading

    # ---- messages in parts

    def _drop(self):
        self._done = False
        self._block = 0
        self._next = 0
        self._find[find.BASE] = 0

    def _lose(self):
        """A message under assembly is given up."""
        if self._find[find.BASE] and not self._done:
            self._own[_SEGMENT] += 1
        self._drop()

    def _append(self, p, end):
        """Put buf[p:end] behind what is assembled; return the new end of it."""
        ctx = self._find
        base = ctx[find.BASE]
        find.push(base, p, end, self._buf, self._buf)
        ctx[find.BASE] = base + end - p
        return base + end - p

    def _bad_frames(self):
        ctx = self._find
        return ctx[find.HCS] + ctx[find.FCS] + ctx[find.LENGTH] + ctx[find.NOISE]

    def _hdlc_part(self):
        # HDLC numbers no segments of an unnumbered frame: whole only if nothing was damaged between
        ctx = self._find
        buf = self._buf
        p = ctx[find.PAY]
        llc = buf[p] == 0xE6 and buf[p + 2] == 0
        blocks = self._block
        if ctx[find.BASE] > blocks:
            if self._damage != self._bad_frames() or llc and buf[p + 3] in (0x0F, 0xDB, 0xE0):
                self._lose()
            elif llc:
                p += 3
        self._damage = self._bad_frames()
        if not ctx[find.INFO] & 8 and ctx[find.BASE] == blocks:
            return self._message(p, ctx[find.STOP])
        end = self._append(p, ctx[find.STOP])
        if ctx[find.INFO] & 8:
            return False
        ctx[find.BASE] = blocks
        return self._message(blocks, end)

    def _mbus_part(self):
        ctx = self._find
        buf = self._buf
        p = ctx[find.PAY]
        info = ctx[find.INFO]
        number = info & 0x0F
        if number == 0 and not self._starts(p) or number and buf[p] != 0xDB and self._sap:
            p += _SAP
            sap = True
        else:
            sap = number != 0 and self._sap
        if number == 0 or number != self._next or ctx[find.BASE] == 0 and number:
            self._lose()
            if number:
                self._own[_SEGMENT] += 1
                return False
        self._sap = sap
        if number == 0 and info & 0x10:
            return self._message(p, ctx[find.STOP])
        end = self._append(p, ctx[find.STOP])
        self._next = number + 1
        if not info & 0x10:
            return False
        self._done = True
        return self._message(0, end)

    _sap = False
    _flags = 0

    def _starts(self, p):
        """True if an APDU begins at p (so there are no service access points)."""
        return self._buf[p] in (0x0F, 0xDB, 0xE0, 0xE6, 0x2F)

    def _block_part(self, p, end):
        """general-block-transfer (Green Book 9.3.4.9): E0 control number(2) ack(2) length data."""
        ctx = self._find
        buf = self._buf
        number = buf[p + 2] << 8 | buf[p + 3]
        last = buf[p + 1] & 0x80
        p += 6
        n = buf[p]
        p += 1
        if n & 0x80:
            n, p = _length(buf, p - 1)
        if p + n > end:
            self._own[_APDU] += 1
            self._lose()
            return False
        if number == 1 and self._next != 1:
            self._lose()
            self._next = 1
        if number != self._next:
            self._own[_SEGMENT] += 1
            self._drop()
            return False
        end = self._append(p, p + n)
        self._block = end
        self._next = number + 1
        if not last:
            return False
        self._done = True
        return self._message(0, end)

    # ---- messages

    def _message(self, p, end):
        """Decode the message buf[p:end] after link and assembly; True if the Reading was filled."""
        buf = self._buf
        if buf[p] == 0xE6 and (buf[p + 1] == 0xE7 or buf[p + 1] == 0xE6):
            p += 3
        tag = buf[p]
        if p >= end:
            return False
        if tag == 0x0F:
            return self._list(p, end)
        if tag == 0xE0:
            return self._block_part(p, end)
        if tag == 0xDB:
            return self._ciphered(p, end, True)
        if tag == 0x2F:
            return self._telegram(p, end)
        self._own[_APDU] += 1
        return False

    def _ciphered(self, p, end, linked):
        """general-glo-ciphering; linked: a link check held, so the tag may be unknowable."""
        cipher = self._cipher
        start, stop, why = cipher.open(self._buf, p, end)
        if why:
            self._own[_OWN.index(why)] += 1
            return False
        if self._buf[start] == 0x2F:
            return self._inner_telegram(start, stop)
        if self._buf[start] != 0x0F and not cipher.checked:
            # deciphered with the wrong key, and no tag that would have told
            self._own[_OWN.index("key")] += 1
            cipher.problem = "key"
            return False
        if not linked and not cipher.checked:
            self._flags = UNCHECKED
        return self._message(start, stop)

    def _inner_telegram(self, start, stop):
        """A text telegram that came ciphered; the tag must have held, or else its own CRC.

        With the tag the CRC adds nothing: it would only tell that the meter reckons it otherwise.
        """
        ctx = self._find
        bang = self._buf.rfind(b"!", start, stop)
        if bang < 0:
            self._own[_APDU] += 1
            return False
        given = string(self._buf, bang + 1, stop - bang - 1).strip("\r\n\0 ")
        if not self._cipher.checked:
            try:
                if given and int(given, 16) != crc_arc(start, 0, bang + 1, self._buf):
                    ctx[find.CRC] += 1
                    return False
            except ValueError:
                ctx[find.CRC] += 1
                return False
            self._flags = 0 if given else UNCHECKED
        return self._telegram(start, bang + 1)

    def _bare_cipher(self):
        # no link layer: the tag is the only check there is
        ctx = self._find
        found = self._ciphered(ctx[find.PAY], ctx[find.STOP], False)
        if self._cipher.checked:
            ctx[find.OK] += 1
            return found
        ctx[find.UNCHECKED] += 1
        return found and ctx[find.INFO] == 1

    def _bare(self):
        """A DataNotification without a link layer: it ends where its data does."""
        ctx = self._find
        p = ctx[find.PAY]
        end = ctx[find.END]
        start = p + 3 if self._buf[p] == 0xE6 else p
        size = self._layout.measure(self._buf, start, end)
        if size < 0 and not ctx[find.MODE] & find.SILENT:
            if end - p < ctx[find.SIZE] - ctx[find.BASE]:
                ctx[find.NEED] = end + 1
                return False
        if size < 0:
            self._own[_APDU] += 1
            ctx[find.CLEAN] = ctx[find.SIZE] + 1
            return False
        ctx[find.UNCHECKED] += 1
        ctx[find.BEG] = ctx[find.CLEAN] = start + size
        ctx[find.STOP] = start + size
        self._flags = UNCHECKED
        return self._list(start, start + size)

    # ---- lists

    def _list(self, p, end):
        words = self._apdu
        words[apdu.POS] = p
        words[apdu.STOP] = end
        words[apdu.OTHER_CURRENT] = 0
        words[judge.SURE] = 1
        kind = apdu.scan(self._buf, self._rows, words)
        reading = self.reading
        reading._profile = None
        if kind == apdu.NAMED:
            if words[apdu.BARE]:
                self._layout.scales(self._buf, self._rows, words, self._scale, self._cipher)
        elif kind != apdu.SHORT:
            kind = self._layout.order(self._buf, self._rows, words, self._scale, self._cipher)
            reading._profile = self._layout.name
        if kind < 0:
            self._own[_APDU] += 1
            return False
        if kind == apdu.OTHER:
            self._own[_UNKNOWN] += 1
            return False
        return self._judge()

    def _judge(self):
        buf = self._buf
        words = self._apdu
        reading = self.reading
        count = words[apdu.ROWS]
        seen = judge.judge(self._rows, words, self._scale, self._memory)
        other = words[apdu.OTHER_CURRENT]
        if seen & judge.DOUBT and other and self._other_current(count, other):
            seen = judge.judge(self._rows, words, self._scale, self._memory)
        reading._n = words[apdu.ROWS]
        reading._flags = self._flags
        reading._hexed = False
        at = words[judge.LIST]
        n = words[judge.LIST + 1]
        if at == 0 and reading._profile is None:
            # the name of a list that names no list: its first text
            at = words[apdu.FIRST]
            n = words[apdu.FIRST_LEN]
            if at and not 0x20 < buf[at] < 0x7F:
                at = 0
        reading._list = at
        reading._list_len = n
        at = words[judge.METER]
        n = words[judge.METER + 1]
        if at == 0 and words[apdu.LAST] != words[apdu.FIRST] and 0x20 < buf[words[apdu.LAST]] < 0x7F:
            # Austria's flat lists end with the meter's number
            at = words[apdu.LAST]
            n = words[apdu.LAST_LEN]
        reading._meter = at
        reading._meter_len = n
        reading._type = words[judge.TYPE]
        reading._type_len = words[judge.TYPE + 1]
        when = words[judge.WHEN]
        if when:
            reading._when_len = words[judge.WHEN + 1]
        else:
            when = words[apdu.CLOCK]
            reading._when_len = 12
        reading._when = when
        if seen & judge.TOTAL:
            reading._kind = FULL
            if when and self._on_the_quarter(when, reading._when_len):
                reading._kind = TOTALS
                self._watch(reading)
        elif seen & (judge.VOLTAGE | judge.CURRENT):
            reading._kind = FULL
        else:
            reading._kind = LIVE
        return True

    def _other_current(self, count, other):
        """Give the currents the profile's second exponent; True if that changes any."""
        self._apdu[apdu.OTHER_CURRENT] = 0
        self._apdu[apdu.ROWS] = count
        rows = self._rows
        changed = False
        for k in range(0, count * 16, 16):
            if rows[k + 3] == 7 and rows[k + 7] == 33 and rows[k + 6] != other:
                rows[k + 6] = other
                rows[k + 5] = 0
                changed = True
        return changed

    def _on_the_quarter(self, at, n):
        buf = self._buf
        if n == 12 and buf[at + 11] != 0x53 and not 0x30 <= buf[at] <= 0x39:
            return buf[at + 6] % 15 == 0 and buf[at + 7] <= 30
        minute = (buf[at + 8] & 15) * 10 + (buf[at + 9] & 15)
        return minute % 15 == 0 and (buf[at + 10] & 15) * 10 + (buf[at + 11] & 15) <= 30

    def _watch(self, reading):
        """Mark the totals of a quarter or hour stale where the meter repeats its last list."""

    def _telegram(self, p, end):
        words = self._apdu
        words[apdu.POS] = p
        words[apdu.STOP] = end
        words[apdu.CLOCK] = words[apdu.FIRST] = words[apdu.LAST] = 0
        words[judge.SURE] = 1
        if not text.lines(self._buf, self._rows, words):
            self._own[_UNKNOWN] += 1
            return False
        reading = self.reading
        reading._profile = None
        self._judge()
        reading._hexed = True
        # the ident line names the meter's make
        reading._type = p + 1
        n = 0
        while self._buf[p + 1 + n] >= 0x20:
            n += 1
        reading._type_len = n
        return True

    # ---- what happened

    @property
    def counters(self):
        """Frames by what befell them: {"ok": n, cause: n …}; noise counts bytes."""
        found = {}
        for i, cause in enumerate(CAUSES):
            found[cause] = self._find[find.OK + i]
        for i, cause in enumerate(_OWN):
            found[cause] = self._own[i]
        return found

    @property
    def problem(self):
        """The last trouble with the meter's encryption in words for the user, or None."""
        return self._cipher.trouble()

    def raw(self):
        """(buffer, start, end) of the last frame found; an encrypted one as it was deciphered."""
        return self._buf, self._find[find.START], self._find[find.BEG]


def _length(buf, p):
    """A-XDR length at buf[p]: (length, offset behind it)."""
    n = buf[p]
    p += 1
    if n & 0x80:
        count = n & 0x7F
        n = 0
        while count:
            n = n << 8 | buf[p]
            p += 1
            count -= 1
    return n, p
