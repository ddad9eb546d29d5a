"""The decoder: bytes of a meter's port in, Readings out.

One buffer holds everything: messages that come in parts are assembled at its beginning, behind
them lies the window in which frames are looked for. A frame is decoded where it lies.
"""

from array import array

from .check import crc_arc
from .cipher import Cipher
from .fast import apdu, find, judge, text
from .layout import Layout
from .reading import HEXED, UNCHECKED, Reading, string

# What befell the frames: the counters of find, then those of this file
_FOUND = ("ok", "hcs", "fcs", "length", "checksum", "crc", "unchecked", "noise")
_JUDGED = ("segment", "apdu", "unknown", "no_key", "key", "tag", "counter")
CAUSES = _FOUND + _JUDGED
_SEGMENT = 0
_APDU = 1
_UNKNOWN = 2

# What every frame touches: a name of this module is found faster than one of another
_next_frame = find.next_frame
_scan = apdu.scan
_judge = judge.judge
_FED = find.FED
_LEFT = find.LEFT
_MODE = find.MODE
_SILENT = find.SILENT
_PAY = find.PAY
_STOP = find.STOP
_BASE = find.BASE
_INFO = find.INFO
_LIST = find.LIST
_LIST_POS = apdu.POS
_LIST_STOP = apdu.STOP
_BARE = apdu.BARE
_NAMED = apdu.NAMED
_FLOATS = apdu.FLOATS
_FLAGS = judge.FLAGS
_DOUBT = judge.DOUBT
_DERIVED = judge.DERIVED
_AMPERE = 33  # of the Blue Book's units

# What an APDU begins with
_NOTIFICATION = 0x0F
_CIPHERED = 0xDB
_BLOCK = 0xE0
_LLC = 0xE6
_SLASH = 0x2F


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
        self._ctx = array("I", bytes(4 * find.WORDS))
        self._ctx[find.SIZE] = size
        self._words = array("I", bytes(4 * judge.WORDS))
        self._words[apdu.MAX] = rows
        self._memory = bytearray(judge.SLOTS * 12 + 12)
        self._scale = bytearray(5)
        self._own = array("I", bytes(4 * len(_JUDGED)))
        self._cipher = Cipher(key, auth_key)
        self._layout = Layout(rows)
        self.reading = Reading(self._buf, self._rows, self._words, self._layout.names)
        self._data = b""
        # a message under assembly
        self._block = 0  # end of the part that general-block-transfer has brought
        self._next = 0  # the block or segment number expected
        self._sap = False  # M-Bus segments carry service access points
        self._damage = 0
        self._done = False  # the assembled message was handed out and may be overwritten
        self._flags = 0

    # ---- in

    def feed(self, data, n=-1):
        """Take in the first n bytes of data (all, if n < 0); return self, to iterate or read().

        data is not copied before read() asks for it: read until None before the next feed, and
        leave it unchanged until then. A feed that comes too early raises ValueError.
        """
        ctx = self._ctx
        if ctx[_LEFT]:
            raise ValueError("read() until it returns None before feeding more")
        if n < 0:
            n = len(data)
        self._data = data
        ctx[_FED] = ctx[_LEFT] = n
        return self

    def flush(self):
        """The line fell silent: judge what waits for more bytes; read() gives what it held."""
        self._ctx[find.MODE] |= find.SILENT
        self._ctx[find.NEED] = 0
        return self

    def _forget(self):
        """Silence: whatever did not become a frame is gone, and the line is clean again."""
        ctx = self._ctx
        ctx[find.MODE] &= ~find.SILENT
        ctx[find.NOISE] += ctx[find.END] - ctx[find.BEG]
        self._lose()
        ctx[find.BEG] = ctx[find.END] = ctx[find.CLEAN] = 0
        ctx[find.NEED] = ctx[find.SCAN] = 0

    # ---- out

    def read(self):
        """The next Reading, or None when more bytes are needed. Allocates nothing for HDLC lists.

        The Reading is the decoder's own and changes with the next read(): copy() it to keep it.
        """
        ctx = self._ctx
        if self._done:
            self._drop()
        while True:
            kind = _next_frame(self._buf, ctx, self._data)
            if kind == _LIST:
                self._flags = 0
                if self._list(ctx[_PAY], ctx[_STOP]):
                    return self.reading
            elif kind:
                self._flags = 0
                if self._frame(kind):
                    return self.reading
            elif ctx[_LEFT] == 0:
                if ctx[_MODE] & _SILENT:
                    self._forget()
                return None

    def __iter__(self):
        while True:
            reading = self.read()
            if reading is None:
                return
            yield reading

    def _frame(self, kind):
        """Decode the frame found; True if it completed a Reading."""
        ctx = self._ctx
        p = ctx[_PAY]
        stop = ctx[_STOP]
        # what was damaged since the last part may have been a part: numbers alone do not tell the
        # parts of one message from those of the next
        damage = ctx[find.HCS] + ctx[find.FCS] + ctx[find.CHECKSUM] + ctx[find.NOISE]
        if ctx[_BASE] and self._damage != damage:
            self._lose()
        self._damage = damage
        if kind == find.HDLC:
            return self._hdlc_part(p, stop)
        if kind == find.MBUS:
            return self._mbus_part(p, stop)
        if kind == find.TEXT:
            if ctx[_INFO] == 0:
                self._flags = UNCHECKED
            body = self._sealed(p, stop)
            if body:
                return self._unseal(p, body, stop)
            return self._telegram(p, stop)
        if kind == find.CIPHERED:
            return self._bare_cipher(p, stop)
        if kind == find.BARE:
            return self._bare(p)
        self._lose()
        return False

    # ---- messages in parts

    def _drop(self):
        self._done = False
        self._block = 0
        self._next = 0
        self._ctx[_BASE] = 0

    def _lose(self):
        """A message under assembly is given up."""
        if self._ctx[_BASE] and not self._done:
            self._own[_SEGMENT] += 1
        self._drop()

    def _append(self, p, end):
        """Put buf[p:end] behind what is assembled; return the new end of it."""
        base = self._ctx[_BASE]
        find.push(base, p, end, self._buf, self._buf)
        self._ctx[_BASE] = base + end - p
        return base + end - p

    def _hdlc_part(self, p, stop):
        ctx = self._ctx
        buf = self._buf
        more = ctx[_INFO] & 8
        blocks = self._block
        if ctx[_BASE] > blocks and buf[p] == _LLC and buf[p + 2] == 0:
            if buf[p + 3] in (_NOTIFICATION, _CIPHERED, _BLOCK):
                # another message begins: this one's end was lost
                self._lose()
                blocks = 0
            else:
                # some meters repeat the LLC header in every segment
                p += 3
        if not more and ctx[_BASE] == blocks:
            return self._message(p, stop)
        end = self._append(p, stop)
        if more:
            return False
        ctx[_BASE] = blocks
        self._done = blocks == 0
        return self._message(blocks, end)

    def _mbus_part(self, p, stop):
        """CI: the segment's number in the low nibble, 0x10 on the last one (TINETZ)."""
        ctx = self._ctx
        number = ctx[_INFO] & 0x0F
        final = ctx[_INFO] & 0x10
        if number == 0 or number != self._next:
            self._lose()
            if number:
                self._own[_SEGMENT] += 1
                return False
            self._sap = self._buf[p] not in (_NOTIFICATION, _CIPHERED, _BLOCK, _LLC, _SLASH)
        if self._sap:
            p += 2
        if number == 0 and final:
            return self._message(p, stop)
        end = self._append(p, stop)
        self._next = number + 1
        if not final:
            return False
        self._done = True
        return self._message(0, end)

    def _block_part(self, p, end):
        """general-block-transfer (Green Book 9.3.4.9): E0 control number(2) ack(2) length data."""
        buf = self._buf
        number = buf[p + 2] << 8 | buf[p + 3]
        last = buf[p + 1] & 0x80
        n, p = _length(buf, p + 6)
        if p + n > end:
            self._own[_APDU] += 1
            self._lose()
            return False
        if number == 1:
            self._lose()
            self._next = 1
        if number != self._next:
            self._own[_SEGMENT] += 1
            self._drop()
            return False
        self._block = self._append(p, p + n)
        self._next = number + 1
        self._done = False
        if not last:
            return False
        self._done = True
        return self._message(0, self._block)

    # ---- messages

    def _message(self, p, end):
        """Decode the message buf[p:end] after link and assembly; True if the Reading was filled."""
        buf = self._buf
        if buf[p] == _LLC and (buf[p + 1] == 0xE7 or buf[p + 1] == 0xE6):
            p += 3
        if p >= end:
            return False
        tag = buf[p]
        if tag == _NOTIFICATION:
            return self._list(p, end)
        if tag == _BLOCK:
            return self._block_part(p, end)
        if tag == _CIPHERED:
            return self._ciphered(p, end)
        if tag == _SLASH:
            return self._telegram(p, end)
        self._own[_APDU] += 1
        return False

    def _ciphered(self, p, end):
        cipher = self._cipher
        start, stop, why = cipher.open(self._buf, p, end)
        if why:
            self._own[_JUDGED.index(why)] += 1
            return False
        if self._buf[start] == _SLASH:
            return self._inner_telegram(start, stop)
        return self._message(start, stop)

    def _inner_telegram(self, start, stop):
        """A text telegram that came ciphered; the tag must have held, or else its own CRC.

        With the tag the CRC adds nothing: it would only tell that the meter reckons it otherwise.
        """
        bang = self._buf.rfind(b"!", start, stop)
        if bang < 0:
            self._own[_APDU] += 1
            return False
        if not self._cipher.checked:
            given = string(self._buf, bang + 1, stop - bang - 1).strip("\r\n\0 ")
            try:
                held = not given or int(given, 16) == crc_arc(start, 0, bang + 1, self._buf)
            except ValueError:
                held = False
            if not held:
                self._ctx[find.CRC] += 1
                return False
            self._flags = 0 if given else UNCHECKED
        return self._telegram(start, bang + 1)

    def _sealed(self, p, end):
        """Where the ciphered body of the text telegram at p begins, or 0."""
        buf = self._buf
        while buf[p] != 10:
            p += 1
        while p < end and (buf[p] == 13 or buf[p] == 10):
            p += 1
        return p if buf[p] == 0 and buf[p + 1] == 0x82 else 0

    def _unseal(self, p, body, end):
        """A telegram whose ident line is clear and whose lines are ciphered (Poland)."""
        start, stop, why = self._cipher.open(self._buf, body, end)
        if why:
            self._own[_JUDGED.index(why)] += 1
            return False
        # the lines move up to the ident line, over the cipher's header
        find.push(body, start, stop, self._buf, self._buf)
        return self._telegram(p, body + stop - start)

    def _bare_cipher(self, p, stop):
        # no link layer: the tag is the only check there is
        ctx = self._ctx
        self._flags = UNCHECKED
        found = self._ciphered(p, stop)
        if self._cipher.problem in ("key", "tag"):
            # perhaps its length was damaged and the next message lies in it
            ctx[find.BEG] = p + 1
            ctx[find.CLEAN] = ctx[find.SIZE] + 1
        if self._cipher.checked:
            ctx[find.OK] += 1
            self._words[_FLAGS] &= ~UNCHECKED
            return found
        ctx[find.UNCHECKED] += 1
        return found and ctx[_INFO] == 1

    def _bare(self, p):
        """A DataNotification without a link layer: it ends where its data does."""
        ctx = self._ctx
        end = ctx[find.END]
        start = p + 3 if self._buf[p] == _LLC else p
        size = self._layout.measure(self._buf, start, end)
        if size < 0:
            if not ctx[find.MODE] & find.SILENT and end - p < ctx[find.SIZE] - ctx[_BASE]:
                ctx[find.NEED] = end + 1
                return False
            self._own[_APDU] += 1
            ctx[find.CLEAN] = ctx[find.SIZE] + 1
            return False
        ctx[find.UNCHECKED] += 1
        ctx[find.BEG] = ctx[find.CLEAN] = start + size
        self._flags = UNCHECKED
        return self._list(start, start + size)

    # ---- lists

    def _list(self, p, end):
        words = self._words
        words[_LIST_POS] = p
        words[_LIST_STOP] = end
        buf = self._buf
        rows = self._rows
        kind = _scan(buf, rows, words)
        if kind != _NAMED or words[_BARE] or words[_FLOATS]:
            kind = self._layout.find(kind, buf, rows, words, self._scale, self._cipher)
            if kind != _NAMED:
                self._own[_UNKNOWN if kind == apdu.OTHER else _APDU] += 1
                return False
        words[_FLAGS] = self._flags
        if _judge(rows, words, self._scale, self._memory, buf) & _DOUBT:
            self._doubt()
        return True

    def _telegram(self, p, end):
        words = self._words
        words[_LIST_POS] = p
        words[_LIST_STOP] = end
        if not text.lines(self._buf, self._rows, words):
            self._own[_UNKNOWN] += 1
            return False
        words[_FLAGS] = self._flags | HEXED
        _judge(self._rows, words, self._scale, self._memory, self._buf)
        return True

    def _doubt(self):
        """Currents that do not fit the power: try the profile's second exponent for them."""
        words = self._words
        rows = self._rows
        other = words[apdu.OTHER_CURRENT]
        if other == 0:
            return
        words[apdu.OTHER_CURRENT] = 0
        changed = False
        k = words[apdu.ROWS] * 16
        while k:
            k -= 16
            if rows[k + 5] & _DERIVED:
                # net power, which is worked out anew
                words[apdu.ROWS] -= 1
            elif rows[k + 3] == 7 and rows[k + 7] == _AMPERE and rows[k + 6] != other:
                rows[k + 6] = other
                rows[k + 5] = 0
                changed = True
        if changed:
            _judge(rows, words, self._scale, self._memory, self._buf)

    # ---- what happened

    @property
    def counters(self):
        """Frames by what befell them: {"ok": n, cause: n …}; noise counts bytes."""
        found = {}
        for i, cause in enumerate(_FOUND):
            found[cause] = self._ctx[find.OK + i]
        for i, cause in enumerate(_JUDGED):
            found[cause] = self._own[i]
        return found

    @property
    def problem(self):
        """The last trouble with the meter's encryption in words for the user, or None."""
        return self._cipher.trouble()

    def raw(self):
        """(buffer, start, end) of the last frame found; an encrypted one as it was deciphered."""
        return self._buf, self._ctx[find.START], self._ctx[find.BEG]


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
