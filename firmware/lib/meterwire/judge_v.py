"""Judges the rows of a list, in Viper: what they are, their units, and whether they are believable.

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
ROWS = const(4)  # in and out: rows
MAX = const(2)  # in: rows that fit
SURE = const(12)  # in: 1 if the profile's exponents are known to hold for this list
SEEN = const(13)  # out: bits below
LIST = const(14)  # out: offset of the list's name, 0 if none; the next word is its length
METER = const(16)  # out: the meter's number
TYPE = const(18)  # out: the meter's type
WHEN = const(20)  # out: the meter's clock among the rows
_GRADE = const(22)  # how good the meter number found is
_NET = const(24)  # four pairs of words: row of import and of export + 1, sum and phases

# SEEN bits
POWER = const(1)
VOLTAGE = const(2)
CURRENT = const(4)
TOTAL = const(8)
DOUBT = const(16)  # something was marked unsure

# Row flags, in the upper half of the kind
UNSURE = const(0x10)
STALE = const(0x20)
ESTIMATED = const(0x40)
DERIVED = const(0x80)

# Exponents of a profile, by kind of quantity
EXP_POWER = const(0)
EXP_ENERGY = const(1)
EXP_CURRENT = const(2)
EXP_VOLTAGE = const(3)
EXP_FACTOR = const(4)

_SLOT = const(12)  # a remembered total: B, C, E, exponent, value(8)
SLOTS = const(16)


@micropython.viper
def judge(rows: ptr8, ctx: ptr32, scale: ptr8, memory: ptr8) -> int:
    """Judge ctx[ROWS] rows in place; return the SEEN bits."""
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
    x = LIST
    while x < _NET + 8:
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
                m = c
                while m > 20:
                    m -= 20
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
                elif e == 0:
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
                        seen |= VOLTAGE
                    elif m == 11:
                        if c < 72:
                            seen |= CURRENT
                    elif m < 5 and v < 10000000:
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
                        elif m < 3:
                            if c < 43:
                                l2 += v
                            else:
                                l3 += v
                            phases = 1
                        if m < 3:
                            seen |= POWER
                    if m == 16:
                        net = 0
                    elif m < 3:
                        # phase 0 is the sum
                        n = 0
                        x = c - m
                        while x > 0:
                            n += 2
                            x -= 20
                        ctx[_NET + n + m - 1] = k + 1
        k += 16
    if seen & (VOLTAGE | CURRENT | POWER) == VOLTAGE | CURRENT | POWER:
        # each phase's current beside its voltage, wherever they stand in the list
        apparent = 0  # the sum of U*I in VA
        c = 31
        while c < 72:
            amps = 0 - 1
            volts = 0 - 1
            k = 0
            while k < end:
                if rows[k + 3] == 7 and rows[k] == 1 and rows[k + 4] == 0:
                    m = rows[k + 2] - c
                    if m == 0 or m == 1:
                        v = rows[k + 8] | (rows[k + 9] << 8) | (rows[k + 10] << 16)
                        if rows[k + 15] & 0x80:
                            v = 0x1000000 - v
                        x = rows[k + 6]
                        if x > 127:
                            x -= 256
                        if m == 0:
                            x += 2
                            # one unit of the last digit, in hundredths of an ampere
                            sign = 1
                            while x > 0 and v < 1000000:
                                v = v * 10
                                sign = sign * 10
                                x -= 1
                            while x < 0:
                                v = v // 10
                                x += 1
                            amps = v if v < 1000000 else 1000000
                            slack += sign
                        else:
                            x += 1
                            while x > 0 and v < 10000:
                                v = v * 10
                                x -= 1
                            while x < 0:
                                v = v // 10
                                x += 1
                            volts = v if v < 10000 else 10000
                k += 16
            if amps >= 0 and volts >= 0:
                apparent += (amps >> 3) * volts // 125 if amps > 100000 else amps * volts // 1000
            c += 20
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
        # 0.5 < sum of U*I / root < 2, both widened by what the currents' last digit may hide. Where
        # the phases' powers are not told, one may feed back what another takes: up to 5 then
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
            seen |= DOUBT
        k = 0
        while k < end:
            m = rows[k + 2]
            if rows[k + 3] == 7 and rows[k] == 1 and (m == 31 or m == 51 or m == 71):
                if low:
                    rows[k + 5] = UNSURE
                elif x > n and not sure:
                    # the check held: the exponent taken on trust was right
                    rows[k + 5] = 0
            k += 16
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
    return seen
