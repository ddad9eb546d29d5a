"""Scales that the meter does not state, decided by what is possible.

A voltage is between 80 and 300 V: that alone decides between V, 0.1 V and 0.01 V. Currents in A,
0.1 A, 0.01 A or 0.001 A must agree with the power (judge_v.weigh): a scale that no document states
is used when three lists in a row agree on it, and what is in doubt is marked until then.
"""

from .judge_v import doubt, quantities, weigh
from .words import (
    HELD,
    MISFIT,
    NET,
    OPEN,
    OTHER_AT,
    ROW,
    ROW_EXPONENT,
    ROW_KIND,
    ROW_UNIT,
    ROW_UNSURE,
    ROWS,
    SCALE_CURRENT,
    SCALE_VOLTAGE,
    SEEN,
    SEEN_ALL,
    SEEN_PHASES,
    SURE,
    VOLTAGES,
    VOLTS,
)

_VOTES = 3  # lists in a row that must agree on a scale of the currents that no document states
_AMPERE = 33
_VOLT = 35


class Physics:
    """What is possible, held against the exponents of one meter's lists."""

    def __init__(self):
        self._vote = 0  # the scale that the currents seem to have, and how often
        self._votes = 0

    def fit(self, found, rows, words, scale, chosen):
        """Correct the exponents of voltages and currents, or mark what stays in doubt.

        found is what judge() said, scale what it was judged by; what was found goes into chosen.
        """
        if wrong_volts(words):
            for exponent in (0, 0xFF, 0xFE):
                found = _weigh(rows, words, scale, _VOLT, exponent)
                if not wrong_volts(words):
                    scale[SCALE_VOLTAGE] = chosen[SCALE_VOLTAGE] = exponent
                    break
            else:
                found = _weigh(rows, words, scale, _VOLT, scale[SCALE_VOLTAGE])
        if found == HELD or found == OPEN:
            if found == HELD:
                self._votes = 0
            doubt(rows, words, 0 if found == HELD or words[SURE] else ROW_UNSURE)
            return
        # too small is impossible; too large only where each phase's power is told
        sure = found == MISFIT or words[SEEN] & SEEN_PHASES
        known = scale[SCALE_CURRENT]
        exponent = self._other(found, rows, words, scale, known, chosen[OTHER_AT])
        documented = exponent and exponent == chosen[OTHER_AT]
        if exponent == known or not sure and words[SURE] and not documented:
            self._votes = 0
            _weigh(rows, words, scale, _AMPERE, known)
            doubt(rows, words, ROW_UNSURE)
            return
        self._votes = self._votes + 1 if exponent == self._vote else 1
        self._vote = exponent
        if documented:
            self._votes = _VOTES
        proved = self._votes >= _VOTES and (sure or documented)
        if proved:
            scale[SCALE_CURRENT] = chosen[SCALE_CURRENT] = exponent
        doubt(rows, words, 0 if proved else ROW_UNSURE)

    def _other(self, found, rows, words, scale, known, other):
        """The exponent, a byte, with which the currents fit the power; `known` if none does."""
        step = 1 if found == MISFIT else -1
        if other and self._fits(other, rows, words, scale):
            return other
        exponent = known + step & 0xFF
        while exponent == 0 or exponent > 0xFC:
            if self._fits(exponent, rows, words, scale):
                return exponent
            exponent = exponent + step & 0xFF
        return known

    def _fits(self, exponent, rows, words, scale):
        """Whether the currents fit the power well with this exponent: within 0.5 and 2."""
        words[SEEN] |= SEEN_PHASES
        return _weigh(rows, words, scale, _AMPERE, exponent) == HELD


def wrong_volts(words):
    """Whether a phase's voltage cannot be one: it is not within 80 and 300 V, nor 0."""
    for phase in range(3):
        if words[VOLTAGES + phase] and words[VOLTS + phase] > 9:
            if not 800 <= words[VOLTS + phase] <= 3000:
                return True
    return False


def _weigh(rows, words, scale, unit, exponent):
    """Weigh the list anew with all that is in this unit in another power of ten."""
    phases = words[SEEN] & SEEN_PHASES
    for k in range(0, words[ROWS] * ROW, ROW):
        if rows[k + 3] == 7 and rows[k + ROW_UNIT] == unit:
            rows[k + ROW_EXPONENT] = exponent
            rows[k + ROW_KIND] = 0
    quantities(NET, rows, words, scale)
    words[SEEN] |= phases
    return weigh(words) if words[SEEN] & SEEN_ALL == SEEN_ALL else OPEN
