"""A copy of a Reading, in buffers of its own. Loaded when somebody wants one."""

from array import array

from .reading import Reading
from .words import (
    CLOCK,
    FIRST_TEXT,
    LAST_TEXT,
    LIST_NAME,
    METER_ID,
    METER_TYPE,
    NUMBER,
    READING_WORDS,
    ROW,
    ROW_KIND,
    ROW_VALUE,
)


def copied(reading):
    """The same Reading in buffers no larger than what it says needs."""
    rows = bytearray(reading._rows[: len(reading) * ROW])
    words = array("I", reading._words[:READING_WORDS])
    # offset 0 means that there is no text
    buf = bytearray(1)
    moved = {}

    def move(at, n):
        if at not in moved:
            moved[at] = len(buf)
            buf.extend(reading._buf[at : at + n])
        return moved[at]

    for k in range(ROW_VALUE, len(rows), ROW):
        if rows[k + ROW_KIND - ROW_VALUE] & 3 != NUMBER:
            at = move(rows[k] | rows[k + 1] << 8, rows[k + 2] | rows[k + 3] << 8)
            rows[k] = at & 0xFF
            rows[k + 1] = at >> 8
    for k in (LIST_NAME, METER_ID, METER_TYPE, CLOCK, FIRST_TEXT, LAST_TEXT):
        if words[k]:
            words[k] = move(words[k], words[k + 1])
    kept = Reading(buf, rows, words, reading._names)
    kept.zone = reading.zone
    return kept
