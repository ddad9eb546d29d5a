"""The decoder: bytes of a meter's port in, Readings out.

One buffer holds everything: messages that come in parts are assembled at its beginning, behind
them lies the window in which frames are looked for. A frame is decoded where it lies.
"""

from array import array

from .assembly import BLOCK, CIPHERED, LLC, NOTIFICATION, SLASH, Assembly
from .fast import apdu, find, judge

# What befell the frames: the counters of find, then those of this file
_FOUND = ("ok", "hcs", "fcs", "length", "checksum", "crc", "unchecked", "noise")
_JUDGED = ("apdu", "unknown", "no_key", "key", "tag", "counter")
_APDU = 0
_UNKNOWN = 1

# The modules that rest() lets go
PARTS = ("meterwire.layout", "meterwire.telegram", "meterwire.gcm_chip")

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
_MISFIT = judge.MISFIT
_DERIVED = judge.DERIVED
_AMPERE = 33  # of the Blue Book's units
_UNCHECKED = judge.UNCHECKED
_HEXED = judge.HEXED


class Decoder:
    """Decodes the stream of one meter's port, whatever its framing.

    size: bytes of the frame buffer; a frame or an assembled message must fit.
    key, auth_key: 16 bytes each, for meters that encrypt; None without.
    rows: entries of the longest list.
    kept: False on a chip without room for what is only used while a list is looked at: then read()
    gives True instead of the Reading, look() makes it, and rest() lets go what read() needed.

        decoder = Decoder()
        for reading in decoder.feed(data):
            print(reading.time, reading.obis(0), reading.decimal(0), reading.unit(0))
    """

    def __init__(self, size=1024, key=None, auth_key=None, rows=64, kept=True, unknown=None):
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
        self._names = []
        self.reading = self.look() if kept else True
        self._parts = Assembly(self._buf, self._ctx)
        self._data = b""
        self._flags = 0
        # loaded when a list needs them, and with a key: few meters need them all
        self._layout = None
        self._text = None
        self._cipher = None
        # what a Layout knows of the meter: its orders, the profile last chosen
        self._orders = []
        self._chosen = bytearray(7)
        self._sealed = False  # the last message was encrypted, and there is no key
        # called as on_unknown(buffer, start, stop) when a list is not known, before its bytes go
        self.on_unknown = unknown
        if key or auth_key:
            from .cipher import Cipher

            self._cipher = Cipher(key, auth_key)

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
        self._parts.lose()
        ctx[find.BEG] = ctx[find.END] = ctx[find.CLEAN] = 0
        ctx[find.NEED] = ctx[find.SCAN] = 0

    # ---- out

    def read(self):
        """The next Reading, or None when more bytes are needed. Allocates nothing for HDLC lists.

        The Reading is the decoder's own and changes with the next read(): copy() it to keep it.
        """
        ctx = self._ctx
        if self._parts.whole:
            self._parts.drop()
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

    def look(self):
        """The Reading of the last list, good until the next read()."""
        from .reading import Reading

        return Reading(self._buf, self._rows, self._words, self._names)

    def rest(self):
        """Let go of what only some meters' lists need; it is made anew for the next such list.

        Returns whether there was something: its modules (PARTS) can be forgotten then.
        """
        found = self._layout or self._text
        self._layout = self._text = None
        if self._cipher and self._cipher.rest():
            found = True
        return bool(found)

    def __iter__(self):
        while True:
            reading = self.read()
            if reading is None:
                return
            yield reading

    def _frame(self, kind):
        """Decode the frame found; True if it completed a Reading."""
        ctx = self._ctx
        parts = self._parts
        p = ctx[_PAY]
        stop = ctx[_STOP]
        if parts.whole:
            # what it gave was no Reading
            parts.drop()
        parts.watch()
        if kind == find.HDLC:
            return parts.hdlc(p, stop) and self._message(parts.start, parts.stop)
        if kind == find.MBUS:
            return parts.mbus(p, stop) and self._message(parts.start, parts.stop)
        if kind == find.TEXT:
            return self._telegram(p, stop)
        if kind == find.CIPHERED:
            return self._bare_cipher(p, stop)
        if kind == find.BARE:
            return self._bare(p)
        parts.lose()
        return False

    # ---- messages

    def _message(self, p, end):
        """Decode the message buf[p:end] after link and assembly; True if it filled the Reading."""
        buf = self._buf
        if buf[p] == LLC and (buf[p + 1] == 0xE7 or buf[p + 1] == 0xE6):
            p += 3
        if p >= end:
            return False
        tag = buf[p]
        if tag == NOTIFICATION:
            return self._list(p, end)
        if tag == BLOCK:
            parts = self._parts
            return parts.block(p, end) and self._message(parts.start, parts.stop)
        if tag == CIPHERED:
            return self._ciphered(p, end)
        if tag == SLASH:
            return self._telegram(p, end)
        self._own[_APDU] += 1
        return False

    def _open(self, p, end):
        """Decipher the message at buf[p:end] in place: (start, stop), or (0, 0) and counted."""
        if self._cipher is None:
            self._sealed = True
            why = "no_key"
        else:
            start, stop, why = self._cipher.decipher(self._buf, p, end)
            if why is None:
                return start, stop
        self._own[_JUDGED.index(why)] += 1
        return 0, 0

    def _ciphered(self, p, end):
        start, stop = self._open(p, end)
        if stop == 0:
            return False
        if self._buf[start] != SLASH:
            return self._message(start, stop)
        telegram = self._telegrams()
        # With the tag a CRC adds nothing: it would only tell that the meter reckons it otherwise
        bang = telegram.inner_end(self._buf, start, stop)
        if bang == 0:
            self._own[_APDU] += 1
            return False
        if not self._cipher.checked:
            held = telegram.inner_check(self._buf, start, bang, stop)
            if held is False:
                self._ctx[find.CRC] += 1
                return False
            self._flags = 0 if held else _UNCHECKED
        return self._telegram(start, bang)

    def _bare_cipher(self, p, stop):
        # no link layer: the tag is the only check there is
        ctx = self._ctx
        self._flags = _UNCHECKED
        found = self._ciphered(p, stop)
        cipher = self._cipher
        if cipher and cipher.problem in ("key", "tag"):
            # perhaps its length was damaged and the next message lies in it
            ctx[find.BEG] = p + 1
            ctx[find.CLEAN] = ctx[find.SIZE] + 1
        if cipher and cipher.checked:
            ctx[find.OK] += 1
            self._words[_FLAGS] &= ~_UNCHECKED
            return found
        if found:
            ctx[find.UNCHECKED] += 1
        return found and ctx[_INFO] == 1

    def _bare(self, p):
        """A DataNotification without a link layer: it ends where its data does."""
        ctx = self._ctx
        end = ctx[find.END]
        start = p + 3 if self._buf[p] == LLC else p
        size = self._layouts().measure(self._buf, start, end)
        if size < 0:
            if not ctx[find.MODE] & find.SILENT and end - p < ctx[find.SIZE] - ctx[_BASE]:
                ctx[find.NEED] = end + 1
                return False
            self._own[_APDU] += 1
            ctx[find.CLEAN] = ctx[find.SIZE] + 1
            return False
        ctx[find.UNCHECKED] += 1
        ctx[find.BEG] = ctx[find.CLEAN] = start + size
        self._flags = _UNCHECKED
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
            title = self._cipher.title if self._cipher else b""
            kind = self._layouts().find(kind, buf, rows, words, self._scale, title)
            if kind != _NAMED:
                self._own[_UNKNOWN if kind == apdu.OTHER else _APDU] += 1
                if kind == apdu.OTHER:
                    self._tell_unknown(p, end)
                return False
        self._sealed = False
        words[_FLAGS] = self._flags
        if _judge(rows, words, self._scale, self._memory, buf) & _MISFIT:
            self._misfit()
        return True

    def _tell_unknown(self, p, end):
        """Hand the frame of an unknown list to whoever keeps it; of one in parts, the message."""
        ctx = self._ctx
        if self.on_unknown:
            if ctx[_BASE] == 0 and ctx[find.START] <= p < ctx[find.BEG]:
                p = ctx[find.START]
                end = ctx[find.BEG]
            self.on_unknown(self._buf, p, end)

    def _layouts(self):
        if self._layout is None:
            from .layout import Layout

            most = self._words[apdu.MAX]
            self._layout = Layout(most, self._names, self._orders, self._chosen)
        return self._layout

    def _telegrams(self):
        if self._text is None:
            from .telegram import Telegram

            self._text = Telegram()
        return self._text

    def _telegram(self, p, end):
        """Decode the text telegram buf[p:end], its check done; True if the Reading was filled."""
        telegram = self._telegrams()
        ctx = self._ctx
        if p == ctx[find.START] and ctx[_INFO] == 0:
            self._flags = _UNCHECKED
        body = telegram.sealed(self._buf, p, end)
        if body:
            start, stop = self._open(body, end)
            if stop == 0:
                return False
            end = telegram.unseal(self._buf, body, start, stop)
        words = self._words
        words[_LIST_POS] = p
        words[_LIST_STOP] = end
        if not telegram.lines(self._buf, self._rows, words):
            self._own[_UNKNOWN] += 1
            self._tell_unknown(p, end)
            return False
        self._sealed = False
        words[_FLAGS] = self._flags | _HEXED
        _judge(self._rows, words, self._scale, self._memory, self._buf)
        return True

    def _misfit(self):
        """Currents that do not fit the power: try the profile's second exponent for them."""
        other = self._words[apdu.OTHER_CURRENT]
        first = self._scale[judge.EXP_CURRENT]
        if other and other != first and self._rescale(other) & _MISFIT:
            # neither fits: what the document says, marked unsure
            self._rescale(first)

    def _rescale(self, exponent):
        """Judge the list anew with its currents in this power of ten."""
        words = self._words
        rows = self._rows
        end = k = words[apdu.ROWS] * 16
        while k:
            k -= 16
            if rows[k + 5] & _DERIVED:
                # net power, which is worked out anew
                end = k
            elif rows[k + 3] == 7 and rows[k + 7] == _AMPERE:
                rows[k + 6] = exponent
                rows[k + 5] = 0
        words[apdu.ROWS] = end >> 4
        # the same totals once more, and yet no list sent again
        stamp = words[judge.STAMP]
        words[judge.DIGEST] = 0
        seen = _judge(rows, words, self._scale, self._memory, self._buf)
        words[judge.STAMP] = stamp
        return seen

    # ---- what happened

    @property
    def counters(self):
        """Frames by what befell them: {"ok": n, cause: n …}; noise counts bytes."""
        return self._counted()

    def _counted(self):
        found = {}
        for i, cause in enumerate(_FOUND):
            found[cause] = self._ctx[find.OK + i]
        found["segment"] = self._parts.lost
        for i, cause in enumerate(_JUDGED):
            found[cause] = self._own[i]
        return found

    @property
    def sound(self):
        """How many frames had a check of the line that held, understood or not."""
        return self._ctx[find.OK]

    @property
    def problem(self):
        """The last trouble with the meter's encryption in words for the user, or None."""
        return self._problem() if self._sealed or self._cipher else None

    def _problem(self):
        if self._sealed:
            return "this meter encrypts: enter its key"
        return self._cipher.trouble() if self._cipher else None

    def raw(self):
        """(buffer, start, end) of the last frame found; an encrypted one as it was deciphered."""
        return self._buf, self._ctx[find.START], self._ctx[find.BEG]
