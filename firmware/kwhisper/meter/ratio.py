"""Multiplies what a meter on transformers tells, if it does not do so itself. Imported only where
one of the two ratios is set; the first of the consumers."""

_ELECTRICITY = const(0x100)  # A of its codes is 1; what lies behind the meter is not transformed


class Ratio:
    """reading(r) changes a Reading's numbers."""

    def __init__(self, currents, voltages):
        self.currents = currents
        self.voltages = voltages

    def reading(self, r):
        """Multiply in place: currents, voltages, and what is reckoned from both."""
        for i in range(len(r)):
            if r.entry(i) or r.ab(i) < _ELECTRICITY:
                continue
            unit = r.unit(i)
            if unit == "A":
                r.change(i, r.value(i) * self.currents)
            elif unit == "V":
                r.change(i, r.value(i) * self.voltages)
            elif unit[:1] == "W" or unit[:1] == "V" or unit[:3] == "var":
                r.change(i, r.value(i) * self.currents * self.voltages)
