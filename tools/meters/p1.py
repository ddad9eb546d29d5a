"""The text meters of the P1 port: what they share, and Sweden's recommendation.

A row is (OBIS, digits before the point, digits after it, KILO or ""); KILO marks a unit printed
in thousands (kW, kWh, kvar …). The truth is always in base units.
"""

from . import telegram
from .date_time import tst
from .meter import Meter, code_of, text_of, unit_of

KILO = "k"
ENERGY = (6, 3, KILO)
POWER = (2, 3, KILO)
VOLT = (3, 1, "")
AMPERE = (3, 0, "")


def rows(form, *codes):
    """Rows of one form for the codes C.D.E."""
    return tuple((f"1-0:{code}", *form) for code in codes)


def phases(form, *codes):
    """Rows of one form for momentary values, by C."""
    return rows(form, *(f"{c}.7.0" for c in codes))


class P1(Meter):
    """A meter that prints telegrams; its lines come from `lines()`."""

    interface = "P1 (RJ12)"
    baud, parity, inverted = 115200, "8N1", True
    lists = ((1_000, 0, "full"),)
    identification = ""
    blank = True
    summer_time = True
    # kvar as this maker prints it.
    var = "kvar"
    # The meter's number where the telegram tells it.
    meter_id = None

    def line(self, values, obis, whole, decimals, prefix):
        """One line "OBIS(value*unit)"."""
        code = code_of(obis)
        unit = unit_of(code)
        kilo = 3 if prefix == KILO else 0
        exponent = kilo - decimals
        raw = self.raw(code, exponent)
        values[obis] = (text_of(raw, exponent), unit)
        printed = telegram.fixed(raw * 10 ** (3 - decimals), whole, decimals)
        return f"{obis}({printed}*{self.printed_unit(prefix, unit)})"

    def printed_unit(self, prefix, unit):
        """The unit as this maker writes it."""
        if unit.startswith("var"):
            return (self.var if prefix else "var") + unit[3:]
        return prefix + unit

    def clock(self):
        """The time tag of this moment and its ISO text."""
        return tst(self.start, self.ms, self.summer_time)

    def compose(self):
        """The plain telegram and its truth."""
        values, other = {}, {}
        stamp, time = self.clock()
        lines = self.lines_of(values, other, stamp)
        text = telegram.write(self.identification, lines, self.blank)
        return text, self.truth(values, None, time, self.meter_id, self.identification, other)

    def lines_of(self, values, other, stamp):
        """The lines between identification and "!"."""
        raise NotImplementedError

    def note(self, other, obis, printed):
        """A line whose value is a text or a bare number."""
        other[obis] = printed
        return f"{obis}({printed})"

    def burst(self, kind):
        text, truth = self.compose()
        return self.send(text, truth)


class Sweden(P1):
    """Sagemcom S211 at Ellevio: the Swedish recommendation, standard time all year."""

    name, maker, model, country = "swedish-p1", "Sagemcom", "S211 (Ellevio)", "SE"
    interface = "H1 (RJ12)"
    lists = ((10_000, 0, "full"),)
    summer_time = False
    _ROWS = (
        rows((8, 3, KILO), "1.8.0", "2.8.0", "3.8.0", "4.8.0")
        + phases((4, 3, KILO), 1, 2, 3, 4, 21, 41, 61, 22, 42, 62, 23, 43, 63, 24, 44, 64)
        + phases((3, 1, ""), 32, 52, 72, 31, 51, 71)
    )

    @property
    def identification(self):
        """ELL5 and the meter's number."""
        return f"ELL5\\2538{self.number}_A"

    def lines_of(self, values, other, stamp):
        lines = [self.note(other, "0-0:1.0.0", stamp)]
        return lines + [self.line(values, *row) for row in self._ROWS]


class SwedenLandisGyr(Sweden):
    """Landis+Gyr E360 at E.ON: the same lines in another order, units kVAr and kVArh."""

    name, maker, model = "swedish-p1-lg", "Landis+Gyr", "E360"
    identification = "LGF5E360"
    var = "kVAr"
    _ROWS = (
        rows((8, 3, KILO), "1.8.0", "2.8.0", "3.8.0", "4.8.0")
        + phases((4, 3, KILO), 1, 2, 3, 4, 21, 22, 41, 42, 61, 62, 23, 24, 43, 44, 63, 64)
        + phases((3, 1, ""), 32, 52, 72, 31, 51, 71)
    )


METERS = (Sweden, SwedenLandisGyr)
