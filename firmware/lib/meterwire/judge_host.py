"""Judgements that CPython does faster with slices and large integers than byte by byte.

The same as judge_v.totals, judge_v.net and judge_v.sums; tests/decoder/twins.py holds them
side by side.
"""

from .words import (
    MAX_ROWS,
    NET,
    ROW,
    ROW_DERIVED,
    ROW_EXPONENT,
    ROW_KIND,
    ROW_UNSURE,
    ROW_VALUE,
    ROWS,
    SLOT,
    SLOTS,
    TARIFFS,
)

_MASK = (1 << 64) - 1
_READ = int.from_bytes


def _registers(rows, words):
    """The rows of energies: a column of the table is one slice."""
    found = []
    column = rows[3 : words[ROWS] * ROW : ROW]
    n = column.find(8)
    while n >= 0:
        row = n * ROW
        if 0 < rows[row + 2] < 5 and rows[row] == 1 and rows[row + 4] < 10:
            found.append(row)
        n = column.find(8, n + 1)
    return found


def totals(_, rows, memory, words):
    """Hold each register against its last value in memory; mark what fell. Returns a digest."""
    digest = 0
    fell = set()  # the C of registers in doubt: so are their sums
    for row in _registers(rows, words):
        _, b, c, _, e, kind, exponent, _, *value = rows[row : row + ROW]
        if kind & 3:
            continue
        digest = (digest & 0x3FFFF) * 31 + value[0] + (value[1] << 8 | value[2] << 16)
        name = bytes((b, c, e, exponent))
        slot = memory.find(name, 0, SLOTS * SLOT)
        while slot > 0 and slot % SLOT:
            # bytes of two slots that look like it
            slot = memory.find(name, slot + 1, SLOTS * SLOT)
        at = row + ROW_VALUE
        if slot < 0:
            # the first that is free: no register has C 0
            slot = memory[1 : SLOTS * SLOT : SLOT].find(0) * SLOT
            if slot < 0:
                continue
        elif memory[slot + 4 : slot + SLOT] == rows[at : at + 8]:
            if not fell:
                continue
        elif memory[slot + 4 : slot + SLOT][::-1] > rows[at : at + 8][::-1]:
            rows[row + ROW_KIND] |= ROW_UNSURE
            fell.add(c)
        if c in fell and kind & ROW_DERIVED:
            rows[row + ROW_KIND] |= ROW_UNSURE
        memory[slot : slot + SLOT] = name + rows[at : at + 8]
    return digest


def sums(rows, words):
    """Add the sum of its tariffs, as a derived row, to each register that comes without a sum."""
    found = {}
    for row in _registers(rows, words):
        c = rows[row + 2]
        if words[TARIFFS] >> c & 1:
            if c in found:
                found[c].append(row)
            else:
                found[c] = [row]
    for c in sorted(found):
        first = rows[found[c][0] : found[c][0] + ROW]
        total = met = 0
        kinds = ROW_DERIVED
        for row in found[c]:
            kinds |= rows[row + ROW_KIND]
            total += _READ(rows[row + ROW_VALUE : row + ROW], "little")
            met += 1 << rows[row + 4]
            if rows[row + ROW_EXPONENT : row + ROW_VALUE] != first[ROW_EXPONENT:ROW_VALUE]:
                kinds |= 3
        # 1, 2 and on, each once
        if met == (2 << len(found[c])) - 2 > 2 and not kinds & 3 and words[ROWS] < words[MAX_ROWS]:
            first[4] = 0
            first[ROW_KIND] = kinds
            first[ROW_VALUE:] = (total & _MASK).to_bytes(8, "little")
            end = words[ROWS] * ROW
            rows[end : end + ROW] = first
            words[ROWS] += 1


def net(rows, words):
    """Add net power, of the sum and of each phase that has import and export, as derived rows."""
    row = words[ROWS] * ROW
    for pair in range(0, 8, 2):
        taken = words[NET + pair] - 1
        given = words[NET + pair + 1] - 1
        if taken < 0 or given < 0 or row // ROW >= words[MAX_ROWS]:
            continue
        if rows[taken + ROW_EXPONENT] != rows[given + ROW_EXPONENT]:
            continue
        new = rows[taken : taken + ROW]
        value = _READ(new[ROW_VALUE:], "little")
        value -= _READ(rows[given + ROW_VALUE : given + ROW], "little")
        new[2] = 16 + pair * 10
        new[ROW_KIND] |= ROW_DERIVED | rows[given + ROW_KIND]
        new[ROW_VALUE:] = (value & _MASK).to_bytes(8, "little")
        rows[row : row + ROW] = new
        row += ROW
    words[ROWS] = row // ROW
