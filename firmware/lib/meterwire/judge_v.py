"""Judges the rows of a list, in Viper: what they are, their units, whether they are believable.

One pass over the rows finds the texts that name list and meter, gives each value without a unit
the one its OBIS code means (IEC 62056-61) with the exponents of the list's profile, and checks

- a voltage against 80-300 V (0 is a phase that is not there),
- the sum of U*I against the root of P*P + Q*Q, both as the list states them,
- each total against the one before: registers do not fall.

What fails is marked, not mended: a wrong number that looks right is the one thing a meter reader
must not give. Net power (import less export) is added as a derived row.
"""

import micropython
from micropython import const

# Words of the context array
MAX = const(2)  # in: rows that fit
CLOCK = const(3)  # in: offset of the header's date-time, 0 if none
ROWS = const(4)  # in and out: rows
SURE = const(12)  # in: 1 if the profile's exponents are known to hold for this list
SEEN = const(13)  # out: bits below
LIST = const(14)  # out: offset of the list's name, 0 if none; the next word is its length
METER = const(16)  # out: the meter's number
TYPE = const(18)  # out: the meter's type
WHEN = const(20)  # out: the meter's clock among the rows
_GRADE = const(22)  # how good the meter number found is
_NET = const(24)  # four pairs of words: row of import and of export + 1, sum and phases
KIND = const(34)  # out: kind of list, see reading
_PHASE = const(35)  # three pairs of words: row of current and of voltage + 1
FLAGS = const(42)  # of the list, see reading
STAMP = const(43)  # the last list of totals: its time in seconds of the month,
DIGEST = const(44)  # and what its totals added up to, each in its place
_SIGNED = const(45)  # signature() of the list the profile was chosen for
WORDS = const(48)


# SEEN bits
POWER = const(1)
VOLTAGE = const(2)
CURRENT = const(4)
TOTAL = const(8)
DOUBT = const(16)  # something was marked unsure
MISFIT = const(32)  # the currents do not fit the power

# Row flags, in the upper half of the kind
UNSURE = const(0x10)
STALE = const(0x20)
ESTIMATED = const(0x40)
DERIVED = const(0x80)

# Of a list, in FLAGS beside the row flags' lower half
UNCHECKED = const(0x10)  # it came without any check of the line or the cipher
HEXED = const(0x100)  # within this package: a text telegram, its identifiers hex-coded

# Exponents of a profile, by kind of quantity
EXP_POWER = const(0)
EXP_ENERGY = const(1)
EXP_CURRENT = const(2)
EXP_VOLTAGE = const(3)
EXP_FACTOR = const(4)

_STRONG = const(50)  # W; at this power the coarsest register (10 Wh) moves within the hour
_LONG = const(2700)  # s

_SLOT = const(12)  # a remembered total: B, C, E, exponent, value(8)
SLOTS = const(16)


@micropython.viper
def judge(rows: ptr8, ctx: ptr32, scale: ptr8, memory: ptr8, buf: ptr8) -> int:
    """Judge ctx[ROWS] rows in place; return the SEEN bits.

    scale holds the exponents of the list's profile, memory the totals seen before, buf the frame.
    """
    k = 0
    end = ctx[ROWS] << 4
    sure = ctx[SURE]
    seen = 0
    l1 = 0  # import less export of the phases, where the list tells
    l2 = 0
    l3 = 0
    slack = 0  # what the last digit of the currents is worth in VA
    power = 0  # import less export
    reactive = 0
    phases = 0  # the list tells the phases' powers too
    net = 1
    digest = 0
    strong = 0
    x = LIST
    while x < _NET + 8:
        ctx[x] = 0
        x += 1
    x = _PHASE
    while x < _PHASE + 6:
        ctx[x] = 0
        x += 1
    while k < end:
        a = rows[k]
        c = rows[k + 2]
        d = rows[k + 3]
        e = rows[k + 4]
        kind = rows[k + 5] & 3
        if kind == 1:
            at = rows[k + 8] | (rows[k + 9] << 8)
            n = rows[k + 10] | (rows[k + 11] << 8)
            x = 0
            grade = 0
            if c == 0:
                if d == 2 and e == 129:
                    x = LIST
                elif d == 0 and (e == 5 or e == 0):
                    x = METER
                    grade = 2 if e else 1
            elif c == 96 and d == 1 and (a == 1 or rows[k + 1] == 0):
                if e == 7 or (e == 1 and a == 1):
                    x = TYPE
                elif e < 2:
                    x = METER
                    grade = 2 if e else 4
            elif c == 42 and d == 0 and a == 0:
                x = METER
                grade = 3
            if x == METER:
                if grade < ctx[_GRADE]:
                    x = 0
                else:
                    ctx[_GRADE] = grade
            if x and n:
                ctx[x] = at
                ctx[x + 1] = n
        elif kind == 2:
            if c == 1 and d == 0:
                ctx[WHEN] = rows[k + 8] | (rows[k + 9] << 8)
                ctx[WHEN + 1] = rows[k + 10]
        elif kind == 0 and a == 1:
            m = 0
            if c < 81 and (d == 7 or d == 8):
                m = (c - 1) % 20 + 1
                if rows[k + 7] == 0:
                    # the list names no unit: the code does, the profile knows the exponent
                    n = 0 if d == 7 else 3
                    x = EXP_POWER if d == 7 else EXP_ENERGY
                    if m < 3:
                        n += 27
                    elif m < 9:
                        n += 29
                    elif m < 11:
                        n += 28
                    elif m == 11:
                        n = 33
                        x = EXP_CURRENT
                    elif m == 12:
                        n = 35
                        x = EXP_VOLTAGE
                    elif m == 13:
                        n = 255
                        x = EXP_FACTOR
                    else:
                        n = 44 if m == 14 else 255
                        x = EXP_POWER
                    rows[k + 7] = n
                    rows[k + 6] = scale[x]
                    if not sure and (m == 11 or m == 13 or d == 8):
                        rows[k + 5] = kind | UNSURE
                if d == 8:
                    if m < 5 and e < 10 and c < 5:
                        seen |= TOTAL
                        digest = (digest & 0x3FFFF) * 31 + rows[k + 8]
                        digest += (rows[k + 9] << 8) | (rows[k + 10] << 16)
                        # look this total up among the ones remembered
                        x = 0
                        while x < SLOTS * _SLOT and memory[x + 1]:
                            if memory[x + 1] == c and memory[x + 2] == e:
                                if memory[x] == rows[k + 1] and memory[x + 3] == rows[k + 6]:
                                    break
                            x += _SLOT
                        if x < SLOTS * _SLOT:
                            if memory[x + 1]:
                                n = 7
                                while n > 0 and memory[x + 4 + n] == rows[k + 8 + n]:
                                    n -= 1
                                if rows[k + 8 + n] < memory[x + 4 + n]:
                                    rows[k + 5] = kind | UNSURE
                                    seen |= DOUBT
                            memory[x] = rows[k + 1]
                            memory[x + 1] = c
                            memory[x + 2] = e
                            memory[x + 3] = rows[k + 6]
                            n = 0
                            while n < 8:
                                memory[x + 4 + n] = rows[k + 8 + n]
                                n += 1
                elif e:
                    # a tariff's or a day's: no part of the sums
                    m = 0
                elif m == 11:
                    if c > 30 and c < 72:
                        seen |= CURRENT
                        ctx[_PHASE + (c - 31) // 10] = k + 1
                elif m == 16:
                    net = 0
                elif m == 12 or m < 3 or c < 5:
                    # the value as a small integer, its sign apart
                    sign = rows[k + 15] & 0x80
                    x = 0xFF if sign else 0
                    v = (rows[k + 8] ^ x) | (rows[k + 9] ^ x) << 8 | (rows[k + 10] ^ x) << 16
                    n = rows[k + 11] ^ x
                    if n > 0x3F or rows[k + 12] ^ x:
                        n = 0x3F
                    v |= n << 24
                    if sign:
                        v += 1
                    x = rows[k + 6]
                    if x > 127:
                        x -= 256
                    if m == 12:
                        # tenths of a volt; the power of ten is small or the unit is not V
                        x += 1
                        while x < 0:
                            v = v // 10
                            x += 1
                        while x > 0 and v < 100000:
                            v = v * 10
                            x -= 1
                        if v > 9 and (v < 800 or v > 3000):
                            rows[k + 5] = kind | UNSURE
                            seen |= DOUBT
                        if c > 30 and c < 73:
                            seen |= VOLTAGE
                            ctx[_PHASE + 1 + (c - 32) // 10] = k + 1
                    elif v < 10000000:
                        while x < 0:
                            v = v // 10
                            x += 1
                        while x > 0 and v < 100000000:
                            v = v * 10
                            x -= 1
                        if sign:
                            v = 0 - v
                        if m == 2:
                            # export counts against import
                            v = 0 - v
                        if c < 3:
                            power += v
                        elif c == 3:
                            reactive += v
                        elif c == 4:
                            reactive -= v
                        elif c < 23:
                            l1 += v
                        else:
                            if c < 43:
                                l2 += v
                            else:
                                l3 += v
                            phases = 1
                        if m < 3:
                            seen |= POWER
                    if m < 3:
                        # phase 0 is the sum
                        ctx[_NET + (c - m) // 10 + m - 1] = k + 1
        k += 16
    if power >= _STRONG:
        strong = 1
    if seen & (VOLTAGE | CURRENT | POWER) == VOLTAGE | CURRENT | POWER:
        apparent = 0  # the sum of U*I in VA
        c = _PHASE
        while c < _PHASE + 6:
            if ctx[c] and ctx[c + 1]:
                k = ctx[c] - 1
                v = rows[k + 8] | (rows[k + 9] << 8) | (rows[k + 10] << 16)
                if rows[k + 15] & 0x80:
                    v = 0x1000000 - v
                x = rows[k + 6]
                if x > 127:
                    x -= 256
                # hundredths of an ampere, and what the last digit is worth in them
                x += 2
                n = 1
                while x > 0 and v < 1000000 and n < 1000000:
                    v = v * 10
                    n = n * 10
                    x -= 1
                while x < 0:
                    v = v // 10
                    x += 1
                slack += n
                k = ctx[c + 1] - 1
                n = rows[k + 8] | (rows[k + 9] << 8) | (rows[k + 10] << 16)
                x = rows[k + 6]
                if x > 127:
                    x -= 256
                # tenths of a volt
                x += 1
                while x > 0 and n < 10000:
                    n = n * 10
                    x -= 1
                while x < 0:
                    n = n // 10
                    x += 1
                if n > 10000:
                    n = 10000
                if v > 1000000:
                    v = 1000000
                apparent += (v >> 3) * n // 125 if v > 100000 else v * n // 1000
            c += 2
        # a hundredth of an ampere is worth about 2.3 VA; 20 W more, for the two were not
        # measured at the same instant
        slack = slack * 23 // 10 + 20
        if power < 0:
            power = 0 - power
        if reactive < 0:
            reactive = 0 - reactive
        if phases:
            # one phase may give back what another takes: their sizes count, not their sum
            v = (l1 if l1 > 0 else 0 - l1) + (l2 if l2 > 0 else 0 - l2)
            v += l3 if l3 > 0 else 0 - l3
            if v > power:
                power = v
        x = apparent
        n = slack
        while power > 8191 or reactive > 8191 or x > 8191:
            power >>= 1
            reactive >>= 1
            x >>= 1
            n >>= 1
        v = power * power + reactive * reactive
        # 0.5 < sum of U*I / root < 2, both widened by what the currents' last digit may hide.
        # Where the phases' powers are not told, one may feed back what another takes: up to 5
        m = x * 2 + n * 2
        d = x - n
        low = 0
        if m < 16384 and m * m < v:
            low = 1
        if not phases:
            d = d * 2 // 5
        if d > 0 and d * d > (v << 2):
            low = 1
        if low:
            seen |= DOUBT | MISFIT
        if low or not sure:
            c = _PHASE
            while c < _PHASE + 6:
                k = ctx[c] - 1
                if k >= 0:
                    if low:
                        rows[k + 5] = UNSURE
                    elif x > n:
                        # the check held: the exponent taken on trust was right
                        rows[k + 5] = 0
                c += 2
    k = end
    n = 0
    while n < 8 and net:
        if ctx[_NET + n] and ctx[_NET + n + 1] and k >> 4 < ctx[MAX]:
            a = ctx[_NET + n] - 1
            d = ctx[_NET + n + 1] - 1
            if rows[a + 6] == rows[d + 6] and rows[a + 7] == rows[d + 7]:
                x = 0
                while x < 8:
                    rows[k + x] = rows[a + x]
                    x += 1
                rows[k + 2] = 16 + n * 10
                rows[k + 5] = DERIVED
                # import less export, byte by byte with the borrow
                v = 0
                while x < 16:
                    v += rows[a + x] - rows[d + x]
                    rows[k + x] = v
                    v >>= 8
                    x += 1
                k += 16
        n += 2
    ctx[ROWS] = k >> 4
    ctx[SEEN] = seen
    c = ctx[WHEN]
    if c == 0:
        c = ctx[CLOCK]
        ctx[WHEN] = c
        ctx[WHEN + 1] = 12
    n = 2
    if seen & TOTAL:
        # does the list come at its hour or quarter, by the meter's own clock?
        if c:
            v = buf[c + 6]
            x = buf[c + 7]
            m = buf[c + 3] * 24 + buf[c + 5]
            if ctx[WHEN + 1] == 13 or buf[c] == 0x30 + (buf[c] & 7):
                v = (buf[c + 8] & 15) * 10 + (buf[c + 9] & 15)
                x = (buf[c + 10] & 15) * 10 + (buf[c + 11] & 15)
                m = ((buf[c + 4] & 15) * 10 + (buf[c + 5] & 15)) * 24
                m += (buf[c + 6] & 15) * 10 + (buf[c + 7] & 15)
            if v % 15 == 0 and x <= 30:
                n = 3
                # A list of the hour before sent again has its registers, and often its clock too.
                # Registers that did not move in the better part of an hour of drawing power are
                # old; used for the hour's consumption they would count one hour twice.
                v = (m * 60 + v) * 60 + x
                x = v - ctx[STAMP]
                m = 1 if ctx[DIGEST] == digest + 1 else 0
                if m and strong and (x == 0 or x > _LONG or x < 0 - _LONG):
                    ctx[FLAGS] |= STALE >> 4
                    k = 0
                    while k < end:
                        if rows[k + 3] == 8 and rows[k] == 1 and rows[k + 5] & 3 == 0:
                            rows[k + 5] = rows[k + 5] | STALE
                        k += 16
                if not m or x > _LONG or x < 0:
                    ctx[STAMP] = v
                ctx[DIGEST] = digest + 1
    elif not seen & (VOLTAGE | CURRENT):
        n = 1
    ctx[KIND] = n
    return seen


@micropython.viper
def same(rows: ptr8, ctx: ptr32, buf: ptr8, at: int, size: int) -> int:
    """1 if the list's texts (and buf[at:at+size]) are those of the last call: same profile."""
    k = 0
    end = ctx[ROWS] << 4
    x = size
    while True:
        while size > 0:
            x = ((x << 5) ^ (x >> 20) ^ buf[at]) & 0x1FFFFFF
            at += 1
            size -= 1
        while k < end and rows[k + 5] & 3 != 1:
            k += 16
        if k == end:
            break
        at = rows[k + 8] | (rows[k + 9] << 8)
        size = rows[k + 10]
        k += 16
    if ctx[_SIGNED] == x:
        return 1
    ctx[_SIGNED] = x
    return 0
