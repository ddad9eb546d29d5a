"""Judges the rows of a list, in Viper: what they are, their units, whether they are believable.

    unique      of a code that comes twice in a list the first stays, or the newest
    identify    the texts that name list and meter, the clock
    quantities  a unit for what has none (IEC 62056-61), powers, currents, voltages; a voltage
                against 80-300 V (0 is a phase that is not there)
    weigh       the sum of U*I against the root of P*P + Q*Q, both as the list states them
    net         net power (import less export) as a derived row
    sums        the sum of its tariffs for a register that the list has no sum of
    totals      each total against the one before: registers do not fall
    occasion    which list of the meter it is, and whether it is an old one sent again

What fails is marked, not mended: a wrong number that looks right is the one thing a meter reader
must not give.
"""

import micropython
from micropython import const

from .words import (
    AMPERES,
    CLOCK,
    CURRENTS,
    DIGEST,
    EXCESS,
    FLAGS,
    GRADE,
    GRAINS,
    HEADER_CLOCK,
    HELD,
    KIND,
    LIST_NAME,
    MARKS,
    MAX_ROWS,
    METER_ID,
    METER_TYPE,
    MISFIT,
    NET,
    OPEN,
    POWER,
    REACTIVE,
    ROW,
    ROW_DERIVED,
    ROW_EXPONENT,
    ROW_KIND,
    ROW_STALE,
    ROW_UNIT,
    ROW_UNSURE,
    ROW_VALUE,
    ROWS,
    SCALE_CURRENT,
    SCALE_ENERGY,
    SCALE_FACTOR,
    SCALE_POWER,
    SCALE_VOLTAGE,
    SEEN,
    SEEN_ALL,
    SEEN_CURRENT,
    SEEN_NET,
    SEEN_PHASES,
    SEEN_POWER,
    SEEN_TOTAL,
    SEEN_VOLTAGE,
    SEEN_WRONG,
    SLOT,
    SLOTS,
    STAMP,
    SURE,
    TARIFFS,
    TEXT,
    TIME,
    VOLTAGES,
    VOLTS,
)

_ZERO = const(0x20000000)  # words have no sign: what POWER and REACTIVE count from
_STRONG = const(0x20000032)  # 50 W; at this power the coarsest register moves within the hour
_LONG = const(2700)  # s


@micropython.viper
def unique(row: int, rows: ptr8, memory: ptr8, words: ptr32, buf: ptr8):
    """Of rows with one code and one kind keep the first, or the one whose time is the newest.

    A time stands in the row before its value, with the same code. row is MARKS, rows begin at 0:
    Viper keeps the first three locals in registers.
    """
    while row < MARKS + 32:
        memory[row] = 0
        memory[row + 1] = 0
        memory[row + 2] = 0
        memory[row + 3] = 0
        row += 4
    row = int(rows)
    to = row
    end = row + (words[ROWS] << 4)
    newer = 0 - 1  # the row whose value is newer than the one met before
    while row < end:
        kind = ptr8(row)[ROW_KIND] & 3
        mark = ptr8(row)[2] ^ (ptr8(row)[3] << 4) ^ (ptr8(row)[4] << 2) ^ (ptr8(row)[1] << 6)
        mark = MARKS * 8 + ((mark ^ (kind << 7) ^ ptr8(row)[0]) & 0xFF)
        bit = 1 << (mark & 7)
        first = end
        if memory[mark >> 3] & bit:
            first = int(rows)
            while first < to:
                i = 4
                while i >= 0 and ptr8(first)[i] == ptr8(row)[i]:
                    i -= 1
                if i < 0 and ptr8(first)[ROW_KIND] & 3 == kind:
                    break
                first += ROW
            if first == to:
                first = end
        memory[mark >> 3] = memory[mark >> 3] | bit
        if first < end:
            # met before
            size = ptr8(row)[ROW_VALUE + 2]
            if kind == TIME and ptr8(first)[ROW_VALUE + 2] == size:
                old = ptr8(first)[ROW_VALUE] | (ptr8(first)[ROW_VALUE + 1] << 8)
                new = ptr8(row)[ROW_VALUE] | (ptr8(row)[ROW_VALUE + 1] << 8)
                i = 0
                while i < size - 1 and buf[old + i] == buf[new + i]:
                    i += 1
                if buf[new + i] > buf[old + i]:
                    newer = row + ROW
            if newer == row or newer == row + ROW:
                i = 0
                while i < ROW:
                    ptr8(first)[i] = ptr8(row)[i]
                    i += 1
        else:
            if to != row:
                i = 0
                while i < ROW:
                    ptr8(to)[i] = ptr8(row)[i]
                    i += 1
            to += ROW
        row += ROW
    to -= int(rows)
    words[ROWS] = to >> 4


@micropython.viper
def identify(rows: ptr8, words: ptr32):
    """Find the texts that name the list, the meter and its type, and the clock."""
    row = int(rows)
    end = row + (words[ROWS] << 4)
    words[GRADE] = 0
    while row < end:
        kind = ptr8(row)[ROW_KIND] & 3
        if kind == TEXT:
            a = ptr8(row)[0]
            d = ptr8(row)[3]
            e = ptr8(row)[4]
            word = 0
            grade = 0
            if ptr8(row)[2] == 0:
                if d == 2 and e == 129:
                    word = LIST_NAME
                elif d == 0 and (e == 5 or e == 0):
                    word = METER_ID
                    grade = 2 if e else 1
            elif ptr8(row)[2] == 96 and d == 1 and (a == 1 or ptr8(row)[1] == 0):
                if e == 7 or (e == 1 and a == 1):
                    word = METER_TYPE
                elif e < 2:
                    word = METER_ID
                    grade = 2 if e else 4
            elif ptr8(row)[2] == 42 and d == 0 and a == 0:
                word = METER_ID
                grade = 3
            if word == METER_ID:
                if grade < words[GRADE]:
                    word = 0
                else:
                    words[GRADE] = grade
            size = ptr8(row)[ROW_VALUE + 2] | (ptr8(row)[ROW_VALUE + 3] << 8)
            if word and size and (word != METER_TYPE or words[word] == 0):
                words[word] = ptr8(row)[ROW_VALUE] | (ptr8(row)[ROW_VALUE + 1] << 8)
                words[word + 1] = size
        elif kind == TIME and ptr8(row)[2] == 1 and ptr8(row)[3] == 0:
            words[CLOCK] = ptr8(row)[ROW_VALUE] | (ptr8(row)[ROW_VALUE + 1] << 8)
            words[CLOCK + 1] = ptr8(row)[ROW_VALUE + 2]
        row += ROW
    if words[CLOCK] == 0 and words[HEADER_CLOCK]:
        words[CLOCK] = words[HEADER_CLOCK]
        words[CLOCK + 1] = 12


@micropython.viper
def quantities(row: int, rows: ptr8, words: ptr32, scale: ptr8) -> int:
    """Give each value its unit; gather powers, currents and voltages. Returns the SEEN bits.

    row is NET, rows begin at 0: Viper keeps the first three locals in registers. scale holds the
    exponents of the list's profile. A value whose unit is not that of its code is
    marked, and so is what a profile's exponents were only guessed for.
    """
    while row < POWER:
        words[row] = 0
        row += 1
    while row <= REACTIVE:
        words[row] = _ZERO
        row += 1
    sure = words[SURE]
    seen = 0
    tariffs = 0
    row = int(rows)
    end = row + (words[ROWS] << 4)
    while row < end:
        c = ptr8(row)[2]
        d = ptr8(row)[3]
        kind = ptr8(row)[ROW_KIND] & 3
        if ptr8(row)[0] != 1 or kind or c > 80 or c == 0 or d != 7 and d != 8:
            if ptr8(row)[0] == 0 and c == 24 and (d == 2 or d == 3) and kind == 0:
                # a sub-meter's register: m3, J or Wh
                unit = ptr8(row)[ROW_UNIT]
                if unit != 13 and unit != 14 and unit != 25 and unit != 30:
                    ptr8(row)[ROW_KIND] = ROW_UNSURE
            elif ptr8(row)[0] == 1 and kind == TEXT and (d == 7 or d == 8):
                # a quantity must be a number
                ptr8(row)[ROW_KIND] = TEXT | ROW_UNSURE
            row += ROW
            continue
        # by IEC 62056-61 each phase repeats the quantities of the sum, 20 further
        quantity = c
        phase = 0
        while quantity > 20:
            quantity -= 20
            phase += 1
        unit = 0 if d == 7 else 3
        kind = SCALE_POWER if d == 7 else SCALE_ENERGY
        if quantity < 3 or quantity == 15 or quantity == 16:
            unit += 27
        elif quantity < 9:
            unit += 29
        elif quantity < 11:
            unit += 28
        elif d == 8:
            unit = 255
        elif quantity == 11:
            unit = 33
            kind = SCALE_CURRENT
        elif quantity == 12:
            unit = 35
            kind = SCALE_VOLTAGE
        elif quantity == 13:
            unit = 255
            kind = SCALE_FACTOR
        else:
            unit = 44 if quantity == 14 else 255
        if ptr8(row)[ROW_UNIT] == 0:
            # the list names no unit: the code does, the profile knows the exponent
            ptr8(row)[ROW_UNIT] = unit
            ptr8(row)[ROW_EXPONENT] = scale[kind]
            if not sure and (quantity == 11 or quantity == 13 or d == 8):
                ptr8(row)[ROW_KIND] = ROW_UNSURE
        elif ptr8(row)[ROW_UNIT] != unit and unit != 255:
            ptr8(row)[ROW_KIND] = ROW_UNSURE
            row += ROW
            continue
        if d == 8:
            if c < 5 and ptr8(row)[4] < 10:
                seen |= SEEN_TOTAL
                # tariffs in the lower half, sums in the upper
                tariffs |= 1 << c if ptr8(row)[4] else 16 << c
        elif ptr8(row)[4] == 0 and (quantity < 3 or quantity == 11 or quantity == 12 or c < 5):
            # the value as a small integer in W, 0.01 A or 0.1 V, its sign apart
            exponent = ptr8(row)[ROW_EXPONENT]
            if exponent > 127:
                exponent -= 256
            if quantity > 10:
                exponent += 2 if quantity == 11 else 1
            flip = 0xFF if ptr8(row)[ROW_VALUE + 7] & 0x80 else 0
            value = ptr8(row)[ROW_VALUE] ^ flip
            value |= (ptr8(row)[ROW_VALUE + 1] ^ flip) << 8
            value |= (ptr8(row)[ROW_VALUE + 2] ^ flip) << 16
            top = ptr8(row)[ROW_VALUE + 3] ^ flip
            if top > 0x3F or ptr8(row)[ROW_VALUE + 4] ^ flip:
                top = 0x3F
            value |= top << 24
            if flip:
                value += 1
            grain = 1
            while exponent < 0:
                value = value // 10
                exponent += 1
            while exponent > 0 and value < 100000000:
                value = value * 10
                grain = grain * 10
                exponent -= 1
            if quantity == 11:
                if c > 30 and c < 72:
                    seen |= SEEN_CURRENT
                    words[CURRENTS + phase - 1] = row - int(rows) + 1
                    words[AMPERES + phase - 1] = value if value < 1000000 else 1000000
                    words[GRAINS + phase - 1] = grain if grain < 1000000 else 1000000
            elif quantity == 12:
                if flip or value > 9 and (value < 800 or value > 3000):
                    ptr8(row)[ROW_KIND] = ROW_UNSURE
                    seen |= SEEN_WRONG
                if c > 30 and c < 73:
                    seen |= SEEN_VOLTAGE
                    words[VOLTAGES + phase - 1] = row - int(rows) + 1
                    words[VOLTS + phase - 1] = value if value < 10000 else 10000
            else:
                if flip:
                    value = 0 - value
                if quantity == 2 or quantity == 4:
                    # export counts against import
                    value = 0 - value
                if value > 100000000 or value < 0 - 100000000:
                    value = 0
                if quantity > 2:
                    words[REACTIVE] += value
                else:
                    words[POWER + phase] += value
                    seen |= SEEN_PHASES | SEEN_POWER if phase else SEEN_POWER
                    # phase 0 is the sum
                    words[NET + phase * 2 + quantity - 1] = row - int(rows) + 1
        elif quantity == 16 and ptr8(row)[4] == 0:
            seen |= SEEN_NET
        row += ROW
    words[SEEN] = seen
    words[TARIFFS] = tariffs & ((tariffs >> 4) ^ 0x1F)
    return seen


@micropython.viper
def weigh(words: ptr32) -> int:
    """Weigh the sum of U*I against the root of P*P + Q*Q: OPEN, MISFIT, EXCESS or HELD.

    They agree within 0.5 and 2, both widened by what the currents' last digit may hide. Where the
    phases' powers are not told, one phase may feed back what another takes: up to 5.
    """
    apparent = 0  # VA
    slack = 0
    sizes = 0
    phase = 0
    while phase < 3:
        value = words[POWER + 1 + phase] - _ZERO
        sizes += value if value > 0 else 0 - value
        if words[CURRENTS + phase] and words[VOLTAGES + phase]:
            value = words[AMPERES + phase]
            volts = words[VOLTS + phase]
            apparent += (value >> 3) * volts // 125 if value > 100000 else value * volts // 1000
            slack += words[GRAINS + phase]
        phase += 1
    # a hundredth of an ampere is worth about 2.3 VA; 20 W more, for the two were not measured at
    # the same instant
    slack = slack * 23 // 10 + 20
    power = words[POWER] - _ZERO
    if power < 0:
        power = 0 - power
    if sizes > power:
        # one phase may give back what another takes: their sizes count, not their sum
        power = sizes
    reactive = words[REACTIVE] - _ZERO
    if reactive < 0:
        reactive = 0 - reactive
    while power > 8191 or reactive > 8191 or apparent > 8191:
        power >>= 1
        reactive >>= 1
        apparent >>= 1
        slack >>= 1
    square = power * power + reactive * reactive
    most = (apparent + slack) * 2
    if most < 16384 and most * most < square:
        return MISFIT
    least = apparent - slack
    if not words[SEEN] & SEEN_PHASES:
        least = least * 2 // 5
    if least > 0 and least * least > square << 2:
        return EXCESS
    # so close to what the last digit may hide any scale would do
    return HELD if apparent > slack * 2 else OPEN


@micropython.viper
def doubt(rows: ptr8, words: ptr32, flag: int):
    """Mark the currents of the phases with a flag, or with 0 as sound."""
    phase = CURRENTS
    while phase < CURRENTS + 3:
        row = words[phase] - 1
        if row >= 0:
            rows[row + ROW_KIND] = flag
        phase += 1


@micropython.viper
def net(rows: ptr8, words: ptr32):
    """Add net power, of the sum and of each phase that has import and export, as derived rows."""
    row = words[ROWS] << 4
    pair = 0
    while pair < 8:
        taken = words[NET + pair] - 1
        given = words[NET + pair + 1] - 1
        if taken >= 0 and given >= 0 and row >> 4 < words[MAX_ROWS]:
            if rows[taken + ROW_EXPONENT] == rows[given + ROW_EXPONENT]:
                i = 0
                while i < ROW_VALUE:
                    rows[row + i] = rows[taken + i]
                    i += 1
                rows[row + 2] = 16 + pair * 10
                rows[row + ROW_KIND] = (
                    ROW_DERIVED | rows[taken + ROW_KIND] | rows[given + ROW_KIND]
                )
                # import less export, byte by byte with the borrow
                value = 0
                while i < ROW:
                    value += rows[taken + i] - rows[given + i]
                    rows[row + i] = value
                    value >>= 8
                    i += 1
                row += ROW
        pair += 2
    words[ROWS] = row >> 4


@micropython.viper
def sums(rows: ptr8, words: ptr32):
    """Add the sum of its tariffs, as a derived row, to each register that comes without a sum.

    All tariffs must be there: 1, 2 and on without a gap, two at least, of one scale.
    """
    c = 1
    while c < 5:
        met = 0  # a bit for each E; bit 0, that there is a sum, or none to be made
        row = 0
        end = words[ROWS] << 4
        if not words[TARIFFS] >> c & 1:
            row = end
        while row < end:
            e = rows[row + 4]
            if rows[row + 2] == c and rows[row + 3] == 8 and rows[row] == 1 and e < 10:
                i = 0
                value = 0
                while i < ROW:
                    if i < ROW_VALUE:
                        if met == 0:
                            rows[end + i] = rows[row + i]
                    else:
                        if met:
                            value += rows[end + i]
                        value += rows[row + i]
                        rows[end + i] = value
                        value >>= 8
                    i += 1
                i = ROW_KIND
                rows[end + i] = rows[end + i] | rows[row + i]
                if rows[row + i] & 3 or met >> e & 1:
                    met |= 1
                while i < ROW_UNIT:
                    i += 1
                    if rows[end + i] != rows[row + i]:
                        met |= 1
                met |= 1 << e
            row += ROW
        if met > 5 and met & (met + 2) == 0 and end >> 4 < words[MAX_ROWS]:
            rows[end + 4] = 0
            rows[end + ROW_KIND] = rows[end + ROW_KIND] | ROW_DERIVED
            words[ROWS] = (end >> 4) + 1
        c += 1


@micropython.viper
def totals(row: int, rows: ptr8, memory: ptr8, words: ptr32) -> int:
    """Hold each register against its last value in memory; mark what fell. Returns a digest.

    row is 0: the first three locals are in registers.
    """
    row += int(rows)
    end = row + (words[ROWS] << 4)
    digest = 0
    fell = 0  # a bit for each C: a sum of what is in doubt is so, too
    while row < end:
        c = ptr8(row)[2]
        if ptr8(row)[3] == 8 and c < 5 and c > 0 and ptr8(row)[0] == 1 and ptr8(row)[4] < 10:
            if ptr8(row)[ROW_KIND] & 3 == 0:
                digest = (digest & 0x3FFFF) * 31 + ptr8(row)[ROW_VALUE]
                digest += (ptr8(row)[ROW_VALUE + 1] << 8) | (ptr8(row)[ROW_VALUE + 2] << 16)
                slot = 0
                while slot < SLOTS * SLOT and memory[slot + 1]:
                    if memory[slot + 1] == c and memory[slot + 2] == ptr8(row)[4]:
                        if memory[slot] == ptr8(row)[1]:
                            if memory[slot + 3] == ptr8(row)[ROW_EXPONENT]:
                                break
                    slot += SLOT
                if slot < SLOTS * SLOT:
                    to = int(memory) + slot + 4
                    at = row + ROW_VALUE
                    i = 7
                    if memory[slot + 1]:
                        while i > 0 and ptr8(to)[i] == ptr8(at)[i]:
                            i -= 1
                        if ptr8(at)[i] < ptr8(to)[i]:
                            ptr8(row)[ROW_KIND] |= ROW_UNSURE
                            fell |= 1 << c
                    if ptr8(row)[ROW_KIND] & ROW_DERIVED and fell >> c & 1:
                        ptr8(row)[ROW_KIND] |= ROW_UNSURE
                    memory[slot] = ptr8(row)[1]
                    memory[slot + 1] = c
                    memory[slot + 2] = ptr8(row)[4]
                    memory[slot + 3] = ptr8(row)[ROW_EXPONENT]
                    i = 0
                    while i < 8:
                        ptr8(to)[i] = ptr8(at)[i]
                        i += 1
        row += ROW
    return digest


@micropython.viper
def occasion(rows: ptr8, words: ptr32, buf: ptr8, digest: int) -> int:
    """The kind of a list with totals: 3 at its hour or quarter by the meter's own clock, else 2.

    A list of the hour before sent again has its registers, and often its clock too. Registers that
    did not move in the better part of an hour of drawing power are old; used for the hour's
    consumption they would count one hour twice.
    """
    at = words[CLOCK]
    if at == 0:
        return 2
    minute = buf[at + 6]
    second = buf[at + 7]
    hours = buf[at + 3] * 24 + buf[at + 5]
    if words[CLOCK + 1] > 12 or buf[at] == 0x30 + (buf[at] & 7):
        # YYMMDDhhmmss, or YY-MM-DD hh:mm:ss
        step = 3 if words[CLOCK + 1] == 17 else 2
        at += step * 2
        hours = ((buf[at] & 15) * 10 + (buf[at + 1] & 15)) * 24
        at += step
        hours += (buf[at] & 15) * 10 + (buf[at + 1] & 15)
        at += step
        minute = (buf[at] & 15) * 10 + (buf[at + 1] & 15)
        at += step
        second = (buf[at] & 15) * 10 + (buf[at + 1] & 15)
    if minute % 15 or second > 30:
        return 2
    stamp = (hours * 60 + minute) * 60 + second
    since = stamp - words[STAMP]
    same = 1 if words[DIGEST] == digest + 1 else 0
    if same and words[POWER] >= _STRONG:
        if since == 0 or since > _LONG or since < 0 - _LONG:
            words[FLAGS] |= ROW_STALE >> 4
            row = 0
            end = words[ROWS] << 4
            while row < end:
                if rows[row + 3] == 8 and rows[row] == 1 and rows[row + ROW_KIND] & 3 == 0:
                    rows[row + ROW_KIND] |= ROW_STALE
                row += ROW
    if not same or since > _LONG or since < 0:
        words[STAMP] = stamp
    words[DIGEST] = digest + 1
    return 3


@micropython.viper
def judge(rows, words, scale, memory, buf) -> int:
    """Judge the rows of a list in place; returns what weigh() said.

    scale holds the exponents of the list's profile, memory the totals seen before, buf the frame.
    """
    word = ptr32(words)
    unique(MARKS, rows, memory, words, buf)
    identify(rows, words)
    seen = int(quantities(NET, rows, words, scale))
    found = OPEN
    if seen & SEEN_ALL == SEEN_ALL:
        found = int(weigh(words))
        if found == MISFIT or found == EXCESS:
            doubt(rows, words, ROW_UNSURE)
        elif found == HELD and not word[SURE]:
            # the exponent taken on trust was right
            doubt(rows, words, 0)
    if seen & SEEN_POWER and not seen & SEEN_NET:
        net(rows, words)
    kind = 2
    if seen & SEEN_TOTAL:
        if word[TARIFFS]:
            sums(rows, words)
        kind = int(occasion(rows, words, buf, int(totals(0, rows, memory, words))))
    elif not seen & (SEEN_VOLTAGE | SEEN_CURRENT):
        kind = 1
    word[KIND] = kind
    return found
