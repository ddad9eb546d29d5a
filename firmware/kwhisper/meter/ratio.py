"""Multiplies what a meter on transformers tells, if it does not do so itself. Imported only where
one of the two ratios is set; the first of the consumers."""

_ELECTRICITY = const(0x100)  # A of its codes is 1; what lies behind the meter is not transformed
# powers and registers: W, VA, var, Wh, VAh, varh
_FIRST = const(27)
_LAST = const(32)
_AMPERE = const(33)
_VOLT = const(35)


class Ratio:
    """reading(r) changes a Reading's rows."""

    def __init__(self, currents, voltages):
        self.currents = currents
        self.voltages = voltages

    def reading(self, r):
        """Multiply in place."""
        rows = r._rows
        for i in range(len(r)):
            unit = rows[16 * i + 7]
            by = 1
            if _FIRST <= unit <= _LAST:
                by = self.currents * self.voltages
            elif unit == _AMPERE:
                by = self.currents
            elif unit == _VOLT:
                by = self.voltages
            if by != 1 and not r.entry(i) and r.ab(i) >= _ELECTRICITY:
                value = r.value(i) * by
                for k in range(16 * i + 8, 16 * i + 16):
                    rows[k] = value & 255
                    value >>= 8
