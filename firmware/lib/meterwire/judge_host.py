"""Judgements that CPython does faster with slices and large integers than byte by byte.

The same as registers_v.totals and judge_v.net; tests/decoder/twins.py holds them side by side.
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
)

_MASK = (1 << 64) - 1


def totals(rows, words, memory):
    """Hold each register against its last value in memory; mark what fell. Returns a digest."""
    digest = 0
    fell = set()  # the C of registers in doubt: so are their sums
    for row in range(0, words[ROWS] * ROW, ROW):
        if rows[row + 3] != 8 or rows[row] != 1 or rows[row + ROW_KIND] & 3:
            continue
        c = rows[row + 2]
        if not 0 < c < 5 or rows[row + 4] > 9:
            continue
        at = row + ROW_VALUE
        digest = (digest & 0x3FFFF) * 31 + rows[at] + (rows[at + 1] << 8 | rows[at + 2] << 16)
        name = bytes((rows[row + 1], c, rows[row + 4], rows[row + ROW_EXPONENT]))
        slot = 0
        while slot < SLOTS * SLOT and memory[slot + 1] and memory[slot : slot + 4] != name:
            slot += SLOT
        if slot < SLOTS * SLOT:
            value = rows[at : at + 8]
            if memory[slot + 1] and value[::-1] < memory[slot + 4 : slot + SLOT][::-1]:
                rows[row + ROW_KIND] |= ROW_UNSURE
                fell.add(c)
            if c in fell and rows[row + ROW_KIND] & ROW_DERIVED:
                rows[row + ROW_KIND] |= ROW_UNSURE
            memory[slot : slot + SLOT] = name + value
    return digest


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
        value = int.from_bytes(rows[taken + ROW_VALUE : taken + ROW], "little")
        value -= int.from_bytes(rows[given + ROW_VALUE : given + ROW], "little")
        kinds = rows[taken + ROW_KIND] | rows[given + ROW_KIND]
        rows[row : row + ROW_VALUE] = rows[taken : taken + ROW_VALUE]
        rows[row + 2] = 16 + pair * 10
        rows[row + ROW_KIND] = ROW_DERIVED | kinds
        rows[row + ROW_VALUE : row + ROW] = (value & _MASK).to_bytes(8, "little")
        row += ROW
    words[ROWS] = row // ROW
