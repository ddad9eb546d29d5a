"""The decoder: bytes of a meter's port in, Readings out.

One buffer holds everything: messages that come in parts are assembled at its beginning, behind
them lies the window in which frames are looked for. A frame is decoded where it lies.
"""

from array import array

from .bytes_v import push
from .judge_v import judge
from .list_v import begin
from .list_v import read as read_list
from .reading import Reading
from .stream_v import next_frame
from .words import (
    BAD_CRC,
    BAD_FCS,
    BARE,
    BARE_APDU,
    BASE,
    BEGIN,
    BLOCK,
    CAUSE_APDU,
    CAUSE_KEY,
    CAUSE_NO_KEY,
    CAUSE_ROWS,
    CAUSE_TAG,
    CAUSE_UNKNOWN,
    CIPHERED,
    CIPHERED_APDU,
    CLEAN,
    CUT,
    END,
    ENDING,
    FED,
    FLAGS,
    FRAME,
    FRAME_END,
    HDLC,
    HEADERS,
    HEXED,
    INFO,
    LEFT,
    LEFT_OUT,
    LIST,
    LIST_WORDS,
    LLC,
    LOCKED,
    MAX_ROWS,
    MBUS,
    MEMORY,
    MODE,
    MORE,
    MOST_ROWS,
    NAMED,
    NEED,
    NOISE,
    NOTHING,
    NOTIFICATION,
    OK,
    OTHER,
    PAYLOAD,
    PAYLOAD_END,
    POS,
    ROOM,
    ROW,
    ROW_KIND,
    ROW_UNSURE,
    ROWS,
    SEARCHED,
    SHORT,
    SILENT,
    SIZE,
    SLASH,
    SPARE,
    STOP,
    TELEGRAM,
    UNCHECKED,
    UNCHECKED_FRAMES,
    WHOLE,
    WINDOW_WORDS,
)

# What the buffers begin with; a list that needs more makes them grow
_ROOM = 384
_ROWS = 16
_STEP = 64  # bytes by which a telegram grows, whose end nobody knows
_SEGMENTED = 8  # of an HDLC frame's format byte: more of the message follows
_AHEAD = 24  # the scanners look a few bytes ahead of what they have checked

# What befell the frames: the counters of the window from OK on, then those of this file
_FRAMES = "ok hcs fcs length checksum crc unchecked noise"
_MESSAGES = "apdu unknown no_key key tag counter rows"


class Decoder:
    """Decodes the stream of one meter's port, whatever its framing.

    size: bytes that the frame buffer may grow to; a frame or an assembled message must fit.
    key, auth_key: 16 bytes each, for meters that encrypt; None without.
    rows: entries that the table may grow to; what is beyond is counted and the Reading flagged
        CUT. Both are small at first and grow when a frame or list needs it.
    unknown: called as unknown(buffer, start, end) with the frame of a list that is not known,
        before its bytes go.
    buffer: buffer(n) makes both buffers, at once as large as they may get: a device may have a
        place for them.

        decoder = Decoder()
        for reading in decoder.feed(data):
            print(reading.time, reading.obis(0), reading.decimal(0), reading.unit(0))
    """

    def __init__(self, size=4096, key=None, auth_key=None, rows=250, unknown=None, buffer=None):
        self._window = window = array("I", bytes(4 * WINDOW_WORDS))
        window[SIZE] = size
        window[ROOM] = size if buffer else min(size, _ROOM)
        make = buffer or bytearray
        self._buf = make(window[ROOM] + _AHEAD)
        self._words = words = array("I", bytes(4 * LIST_WORDS))
        words[MOST_ROWS] = rows
        words[MAX_ROWS] = rows if buffer else min(rows, _ROWS)
        self._rows = make(words[MAX_ROWS] * ROW + ROW)
        self._memory = bytearray(MEMORY)
        self._scale = bytearray(5)
        self._counts = array("I", bytes(4 * 7))
        self._names = []  # of the orders that lists were found to have
        self.reading = Reading(self._buf, self._rows, self._words, self._names)
        self._parts = None  # of messages; made when the first one comes
        self._data = b""
        self._flags = 0
        self._layout = None  # made when a list needs it, like
        self._lines = None  # the reader of text telegrams
        self._unknown = unknown
        self._cipher = None
        if key or auth_key:
            from .cipher import Cipher

            self._cipher = Cipher(key, auth_key)

    # ---- in

    def feed(self, data, n=-1):
        """Take in the first n bytes of data (all, unless 0 <= n < len(data)); return self,
        to iterate or read().

        data is not copied before read() asks for it: read until None before the next feed, and
        leave it unchanged until then. A feed that comes too early raises ValueError.
        """
        window = self._window
        if window[LEFT]:
            raise ValueError("read() until it returns None before feeding more")
        if data in b"":  # on CPython a TypeError if these are no bytes: nothing has changed yet
            return self
        if not 0 <= n <= len(data):
            n = len(data)
        self._data = data
        window[FED] = window[LEFT] = n
        return self

    def flush(self):
        """The line fell silent: judge what waits for more bytes; read() gives what it held."""
        window = self._window
        window[MODE] |= ENDING if window[LEFT] else SILENT
        window[NEED] = 0
        return self

    def _forget(self):
        """Silence: whatever did not become a frame is gone, and the line is clean again."""
        window = self._window
        window[MODE] &= ~SILENT
        window[NOISE] += window[END] - window[BEGIN]
        if self._parts:
            self._parts.lose()
        for word in (BEGIN, END, NEED, SEARCHED, CLEAN):
            window[word] = 0

    # ---- out

    def read(self):
        """The next Reading, or None when more bytes are needed. Allocates nothing for HDLC lists.

        The Reading is the decoder's own and changes with the next read(): copy() it to keep it.
        """
        window = self._window
        while True:
            kind = next_frame(self._buf, window, self._data)
            if kind == LIST:
                if self._list(0):
                    return self.reading
            elif kind == NOTHING:
                return None
            elif kind == MORE:
                if window[LEFT] == 0:
                    self._forget()
                    return None
                self._make_room()
            else:
                self._flags = 0
                if self._frame(kind):
                    return self.reading

    def __iter__(self):
        while True:
            reading = self.read()
            if reading is None:
                return
            yield reading

    def _make_room(self):
        """Let the buffer grow if the frame that waits needs it; without memory, give it up."""
        window = self._window
        room = window[ROOM]
        begin = window[BEGIN]
        lacks = window[NEED] - begin + window[BASE] - room
        if lacks <= 0:
            return
        buf = self._buf
        if buf[begin] == SLASH:
            # a telegram whose end was lost, if the next one's name lies behind it
            behind = buf.rfind(buf[begin : begin + 5], begin + 1, window[END])
            if behind > 0:
                window[BAD_CRC] += 1
                window[NOISE] += behind - begin
                window[BEGIN] = behind
                window[NEED] = window[SEARCHED] = 0
                return
        try:
            window[ROOM] += _grow(buf, max(lacks, _STEP), window[SIZE] - room, 1)
        except MemoryError:
            window[SIZE] = room
            window[NEED] = 0

    def _make_rows(self):
        """Let the table grow if the list, or what is derived from it, found no room; True: it is
        to be read again."""
        words = self._words
        rows = words[MAX_ROWS]
        lacks = words[ROWS] + words[LEFT_OUT] + SPARE - rows
        if lacks <= 0 or rows == words[MOST_ROWS]:
            return False
        try:
            words[MAX_ROWS] += _grow(self._rows, lacks, words[MOST_ROWS] - rows, ROW)
        except MemoryError:
            words[MOST_ROWS] = rows
        return True

    def _frame(self, kind):
        """Decode the frame found; True if it completed a Reading."""
        window = self._window
        parts = self._parts
        start = window[PAYLOAD]
        end = window[PAYLOAD_END]
        if kind == HDLC or kind == MBUS:
            if parts is None and kind == HDLC and not window[INFO] & _SEGMENTED:
                # whole, as most meters send it
                return self._message(start, end)
            parts = self._assembly()
        if parts:
            if window[MODE] & WHOLE:
                # the message before was read, or was none
                parts.drop()
            parts.watch()
        if kind == HDLC:
            return parts.hdlc(start, end) and self._message(parts.start, parts.end)
        if kind == MBUS:
            return parts.mbus(start, end) and self._message(parts.start, parts.end)
        if kind == TELEGRAM:
            if window[INFO] == 0:
                self._flags = UNCHECKED
            return self._telegram(start, end)
        if kind == CIPHERED:
            return self._bare_ciphered(start, end)
        if kind == BARE_APDU:
            return self._bare(start)
        # crowded, perhaps by a message whose end was lost
        if parts:
            parts.lose()
        return False

    def _assembly(self):
        if self._parts is None:
            from .assembly import Assembly

            self._parts = Assembly(self._buf, self._window)
            self._parts.watch()
        return self._parts

    # ---- messages

    def _message(self, start, end):
        """Decode the message buf[start:end] after link and assembly; True if it filled the
        Reading."""
        buf = self._buf
        if buf[start] == LLC and (buf[start + 1] == 0xE7 or buf[start + 1] == 0xE6):
            start += 3
        if start >= end:
            return False
        tag = buf[start]
        if tag == NOTIFICATION:
            return self._data_of(start, end, self._flags)
        if tag == BLOCK:
            parts = self._assembly()
            return parts.block(start, end) and self._message(parts.start, parts.end)
        if tag == CIPHERED_APDU:
            return self._ciphered(start, end)
        if tag == SLASH:
            return self._telegram(start, end)
        self._counts[CAUSE_APDU] += 1
        return False

    def _open(self, start, end):
        """Decipher the message at buf[start:end] in place: (start, end), or (0, 0), counted."""
        if self._cipher is None:
            self._words[LOCKED] = 1
            cause = CAUSE_NO_KEY
        else:
            start, end, cause = self._cipher.decipher(self._buf, start, end)
            if cause is None:
                return start, end
        self._counts[cause] += 1
        return 0, 0

    def _ciphered(self, start, end):
        start, end = self._open(start, end)
        if end == 0:
            return False
        buf = self._buf
        if buf[start] != SLASH:
            return self._message(start, end)
        bang = buf.rfind(b"!", start, end) + 1
        if bang == 0:
            self._counts[CAUSE_APDU] += 1
            return False
        # with the tag a CRC adds nothing: it would only tell that the meter reckons it otherwise
        if not self._cipher.checked:
            held = self._cipher.inner_check(buf, start, bang, end)
            if held is False:
                self._window[BAD_CRC] += 1
                return False
            self._flags = 0 if held else UNCHECKED
        return self._telegram(start, bang)

    def _bare_ciphered(self, start, end):
        # no link layer: the tag is the only check there is
        window = self._window
        self._flags = UNCHECKED
        found = self._ciphered(start, end)
        cipher = self._cipher
        if cipher and cipher.problem in (CAUSE_KEY, CAUSE_TAG):
            # perhaps its length was damaged and the next message lies in it
            window[BEGIN] = start + 1
            window[CLEAN] = window[SIZE] + 1
        if cipher and cipher.checked:
            window[OK] += 1
            self._words[FLAGS] &= ~UNCHECKED
            return found
        if found:
            window[UNCHECKED_FRAMES] += 1
        return found and window[INFO] == 1

    def _bare(self, start):
        """A DataNotification without a link layer: it ends where its data does."""
        window = self._window
        words = self._words
        at = start + 3 if self._buf[start] == LLC else start
        words[POS] = at
        words[STOP] = window[END]
        end = begin(self._buf, words)
        if end >= 0:
            end = self._layouts().end(self._buf, words)
        if end < 0:
            room = window[SIZE] - window[BASE]
            if not window[MODE] & SILENT and window[END] - start < room:
                window[NEED] = window[END] + 1
                return False
            self._counts[CAUSE_APDU] += 1
            window[CLEAN] = window[SIZE] + 1
            return False
        window[UNCHECKED_FRAMES] += 1
        window[BEGIN] = window[FRAME_END] = window[CLEAN] = end
        return self._data_of(at, end, UNCHECKED)

    # ---- lists

    def _data_of(self, start, end, flags):
        """Decode the list buf[start:end]; True if it filled the Reading."""
        self._window[PAYLOAD] = start
        self._window[PAYLOAD_END] = end
        return self._list(flags)

    def _list(self, flags):
        """Decode the list at PAYLOAD; True if it filled the Reading."""
        words = self._words
        rows = self._rows
        kind = read_list(self._buf, rows, words, self._window)
        if kind != NAMED:
            return self._complete(kind, flags)
        if flags:
            words[FLAGS] |= flags
        judge(rows, words, self._scale, self._memory, self._buf)
        return True

    def _complete(self, kind, flags):
        """Finish a list that does not say everything itself, or had no room."""
        words = self._words
        rows = self._rows
        while kind != SHORT:
            if kind < NAMED or words[BARE]:
                title = self._cipher.system_title if self._cipher else b""
                layout = self._layouts()
                kind = layout.read(kind, self._buf, rows, words, self._scale, title)
            if not self._make_rows():
                break
            kind = read_list(self._buf, rows, words, self._window)
        if kind < NAMED:
            self._counts[CAUSE_UNKNOWN if kind == OTHER else CAUSE_APDU] += 1
            if kind == OTHER:
                self._tell_unknown()
            return False
        words[FLAGS] |= self._cut(flags)
        found = judge(rows, words, self._scale, self._memory, self._buf)
        if words[BARE]:
            self._layout.fit(found, rows, words, self._scale)
        return True

    def _cut(self, flags):
        """The list's flags, CUT among them where values found no row."""
        words = self._words
        if words[LEFT_OUT]:
            self._counts[CAUSE_ROWS] += words[LEFT_OUT]
            flags |= CUT
        return flags

    def _tell_unknown(self):
        """Hand the frame of an unknown list to whoever keeps it; of one in parts, the message."""
        window = self._window
        start = window[PAYLOAD]
        end = window[PAYLOAD_END]
        if self._unknown:
            if window[BASE] == 0 and window[FRAME] <= start < window[BEGIN]:
                start = window[FRAME]
                end = window[BEGIN]
            self._unknown(self._buf, start, end)

    def _layouts(self):
        if self._layout is None:
            from .layout import Layout

            self._layout = Layout(self._names)
        return self._layout

    def _telegram(self, start, end):
        """Decode the text telegram buf[start:end], its check done; True if the Reading was
        filled."""
        if self._lines is None:
            # loaded when the first one comes: most meters speak DLMS
            from .telegram_v import lines

            self._lines = lines
        buf = self._buf
        body = buf.find(b"\n", start, end) + 1
        while body and (buf[body] == 13 or buf[body] == 10):
            body += 1
        if body and buf[body] == 0 and buf[body + 1] == 0x82:
            # its lines are ciphered (Poland): move them up to the ident line, over the header
            at, stop = self._open(body, end)
            if stop == 0:
                return False
            push(body, at, stop, buf, buf)
            end = body + stop - at
        words = self._words
        found = 0
        while found == 0 or self._make_rows():
            words[POS] = start
            words[STOP] = end
            begin(buf, words)
            found = self._lines(buf, self._rows, words)
            if found == 0:
                self._counts[CAUSE_UNKNOWN] += 1
                self._window[PAYLOAD] = start
                self._window[PAYLOAD_END] = end
                self._tell_unknown()
                return False
        words[FLAGS] |= self._cut(self._flags | HEXED)
        judge(self._rows, words, self._scale, self._memory, buf)
        return True

    # ---- what happened

    @property
    def counters(self):
        """Frames by what befell them: {"ok": n, cause: n …}; noise counts bytes, rows values."""
        found = {"segment": self._parts.lost if self._parts else 0}
        for i, cause in enumerate(_FRAMES.split(" ")):
            found[cause] = self._window[OK + i]
        for i, cause in enumerate(_MESSAGES.split(" ")):
            found[cause] = self._counts[i]
        return found

    @property
    def sound(self):
        """How many frames had a check of the line that held, understood or not."""
        return self._window[OK]

    @property
    def problem(self):
        """What keeps the meter from being read, in words for its owner, or None."""
        window = self._window
        cause = self._cipher.problem if self._cipher else None
        doubtful = 0
        for k in range(ROW_KIND, self._words[ROWS] * ROW, ROW):
            if self._rows[k] & ROW_UNSURE:
                doubtful += 1
        silent = window[OK] == 0 and window[NOISE] + window[BAD_CRC] + window[BAD_FCS]
        locked = self._words[LOCKED]
        if not (silent or locked or cause or doubtful):
            if not (window[HEADERS] or self._counts[CAUSE_ROWS]):
                return None
        from .problems import problem

        return problem(window, self._counts, locked, cause, doubtful)

    def raw(self):
        """(buffer, start, end) of the last frame found; an encrypted one as it was deciphered.
        Empty once other bytes lie there."""
        return self._buf, self._window[FRAME], self._window[FRAME_END]


def _grow(buffer, count, most, size):
    """Make room in the buffer for so many more things of that size, but no more than most; return
    how many."""
    count = min(count, most)
    buffer.extend(bytes(count * size))
    return count
