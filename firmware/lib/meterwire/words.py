"""The layout of the decoder's arrays: window words, list words, rows. It is stated here alone.

`window` is the array of words that framing works with: where the unjudged bytes lie in the frame
buffer, the frame just found, counters. `words` is the array that describes one list: where its
rows and texts are, what was seen in it. A *row* is one value of a list in 16 bytes:

    A B C D E   kind   exponent   unit   value(8)
    0 1 2 3 4   5      6          7      8 … 15

    kind       low 2 bits NUMBER, TEXT, TIME or FLOAT; high 4 bits flags (UNSURE …)
    exponent   power of ten, two's complement
    unit       number in the Blue Book's unit table (class 3, scaler_unit)
    value      little-endian two's complement; of texts and times offset(2) length(2) in the buffer

A build puts these numbers in where they are used and ships no words.py (see _twin.py).
"""

try:
    from micropython import const
except ImportError:

    def const(number):
        """A number known at compile time."""
        return number


# ---- window: [BEGIN, END) holds what was not judged yet
BEGIN = const(0)
END = const(1)
NEED = const(2)  # nothing new can be said before END reaches this
SEARCHED = const(3)  # how far the end of a text telegram was looked for
FRAME = const(4)  # the frame found: its first byte,
PAYLOAD = const(5)  # its information,
PAYLOAD_END = const(6)
# HDLC: format byte; M-Bus: CI field; others: 1 if a check held, 0 if there is none
INFO = const(7)
SIZE = const(8)  # what the buffer may grow to; ROOM is what it has
CLEAN = const(9)  # where a frame without a check may begin
BASE = const(10)  # bytes below this hold a message under assembly
MODE = const(11)  # SILENT | CHECKED | SIGNED | ENDING | WHOLE
OK = const(12)  # counters, in the order of decoder._FRAMES
BAD_HCS = const(13)
BAD_FCS = const(14)
BAD_LENGTH = const(15)
BAD_SUM = const(16)
BAD_CRC = const(17)
UNCHECKED_FRAMES = const(18)
NOISE = const(19)  # bytes thrown away
FED = const(20)  # bytes of the data being fed, and how many
LEFT = const(21)  # of them were not taken in yet
HEADERS = const(22)  # ident lines in a row that nothing followed
DOUBLED = const(23)  # damaged frames with 0D 0A in them
ROOM = const(24)  # bytes of the buffer that are there
FRAME_END = const(25)  # where the last frame found ends; its beginning, once others lie there
WINDOW_WORDS = const(26)

# bits of MODE
SILENT = const(1)  # the line fell silent: nothing more comes, judge what is there
CHECKED = const(2)  # this line has link frames with checks: bare APDUs are remains of damaged ones
ENDING = const(8)  # SILENT once all bytes are taken in
WHOLE = const(16)  # the message at BASE was complete and is read: what lies there may go
SIGNED = const(4)  # this line's telegrams carry a CRC: one without is damaged

# what next_frame() found
NOTHING = const(0)  # all bytes were taken in, and more are awaited
HDLC = const(1)
MBUS = const(2)
TELEGRAM = const(3)
CIPHERED = const(4)
BARE_APDU = const(5)
LIST = const(6)  # HDLC, whole, a DataNotification at PAYLOAD: what nearly every frame is
CROWDED = const(7)  # a frame that would fit but for a message whose end was lost
MORE = const(8)  # nothing, but there are bytes to take in, or the line fell silent

# what a framing says when it found nothing
NO_FRAME = const(0)  # the byte begins no frame: noise
WAIT = const(-1)  # it may, NEED tells when more can be said
FLAG = const(-2)  # it begins none, and is no noise either

# ---- list: the words that a Reading keeps
ROWS = const(0)  # rows in use
KIND = const(1)  # kind of list, see reading
FLAGS = const(2)  # of the list, see below
ORDER = const(3)  # which known order the list has (1 …), 0 if it names its values
LIST_NAME = const(4)  # offset and length of a text, offset 0: there is none
METER_ID = const(6)
METER_TYPE = const(8)
CLOCK = const(10)
FIRST_TEXT = const(12)  # of the texts that no OBIS code names
LAST_TEXT = const(14)
LEFT_OUT = const(16)  # values that found no row any more
READING_WORDS = const(17)

# ---- list: the words of those that make it
POS = const(17)  # in: the APDU or telegram; out: the first byte behind it
STOP = const(18)  # in: its end
MAX_ROWS = const(19)  # in: rows that fit; MOST_ROWS is what the table may grow to
HEADER_CLOCK = const(20)  # offset of the header's date-time, 0 if none
BODY = const(21)  # where the data begins
LOOSE = const(22)  # values that no OBIS code names
BARE = const(23)  # electricity values that no scaler follows; with FLOATS more by 0x10000
FLOATS = const(24)  # 1 if there are rows of kind FLOAT
SURE = const(25)  # 1 if the exponents are the meter's or a known profile's
SEEN = const(26)  # bits below
GRADE = const(27)  # how good the meter number found is
TAG = const(28)  # of the element that element() read: its tag,
AT = const(29)  # where its value begins,
LENGTH = const(30)  # its bytes, or elements
NET = const(31)  # four pairs: row of import + 1 and of export + 1, the sum and the phases
CURRENTS = const(39)  # of each phase the row of its current + 1,
VOLTAGES = const(42)  # and of its voltage
AMPERES = const(45)  # of each phase the current in 0.01 A,
VOLTS = const(48)  # the voltage in 0.1 V,
GRAINS = const(51)  # and what the last digit of the current is worth in 0.01 A
POWER = const(54)  # import less export in W, two's complement; then of the phases
REACTIVE = const(58)
STAMP = const(59)  # the last list of totals: its time in seconds of the month,
DIGEST = const(60)  # and what its totals added up to
SIGNATURE = const(61)  # of the list that the profile was chosen for
TARIFFS = const(62)  # a bit for each C of a register that has tariffs and no sum
MOST_ROWS = const(63)
LOCKED = const(64)  # 1 if the last message was encrypted, and there is no key
LIST_WORDS = const(65)

# bits of SEEN
SEEN_POWER = const(1)
SEEN_VOLTAGE = const(2)
SEEN_CURRENT = const(4)
SEEN_ALL = const(7)  # what weigh() needs
SEEN_TOTAL = const(8)
SEEN_NET = const(16)  # the list has net power of its own
SEEN_PHASES = const(32)  # the list tells the phases' powers
SEEN_WRONG = const(64)  # a voltage that cannot be one

# flags of a list, beside the row flags' STALE
UNCHECKED = const(0x10)  # it came without any check of the line or the cipher
CUT = const(0x20)  # it had more values than there are rows: see LEFT_OUT
SPARE = const(8)  # rows kept free of a list for what is derived from it
HEXED = const(0x100)  # within this package: a text telegram, its identifiers hex-coded

# ---- rows
ROW = const(16)
ROW_KIND = const(5)
ROW_EXPONENT = const(6)
ROW_UNIT = const(7)
ROW_VALUE = const(8)

NUMBER = const(0)
TEXT = const(1)
TIME = const(2)
FLOAT = const(3)  # bits of a float32, or float64 with WIDE; floats.settle makes it a number
WIDE = const(0x10)

# flags of a row, in the upper half of its kind
ROW_UNSURE = const(0x10)
ROW_STALE = const(0x20)
ROW_ESTIMATED = const(0x40)
ROW_DERIVED = const(0x80)

# what reading a list ends with
UNSAID = const(2)  # rows were written; some lack their scale, or found no room
NAMED = const(1)  # rows were written, and nothing is left open
OTHER = const(0)  # well formed, but not a list that names its values
SHORT = const(-1)  # the data ends before the list does
BROKEN = const(-2)  # not A-XDR, or more than can be right

# what judge_v.weigh() says
OPEN = const(0)  # too little flows to tell
MISFIT = const(1)  # the currents are too small for the power: that cannot be
HELD = const(2)
EXCESS = const(3)  # they are too large: a phase may give back what another takes

# exponents of a profile, by kind of quantity
SCALE_POWER = const(0)
SCALE_ENERGY = const(1)
SCALE_CURRENT = const(2)
SCALE_VOLTAGE = const(3)
SCALE_FACTOR = const(4)
# and behind them: whether they are sure, another exponent of the currents
SURE_AT = const(5)
OTHER_AT = const(6)

# totals remembered, to see one fall: B C E exponent value(8)
SLOT = const(12)
SLOTS = const(16)
MARKS = const(204)  # behind them: which codes were met, a bit each
MEMORY = const(236)

# ---- what an APDU begins with
NOTIFICATION = const(0x0F)
CIPHERED_APDU = const(0xDB)
BLOCK = const(0xE0)
LLC = const(0xE6)
SLASH = const(0x2F)  # a text telegram

# ---- counters of messages, see decoder._MESSAGES
CAUSE_APDU = const(0)
CAUSE_UNKNOWN = const(1)
CAUSE_NO_KEY = const(2)
CAUSE_KEY = const(3)
CAUSE_TAG = const(4)
CAUSE_COUNTER = const(5)
CAUSE_ROWS = const(6)
