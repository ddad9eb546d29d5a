"""The text meters of the P1 port: DSMR 5, its encrypted forms, and Sweden's recommendation.

A row is (OBIS, digits before the point, digits after it, unit as printed); the truth is always
in base units. `_K` marks a unit printed in thousands (kW, kWh, kvar …).
"""

from . import telegram
from .cipher import glo_ciphering
from .clock import tst
from .meter import Meter, code_of, text_of, unit_of

_K = "k"
_ENERGY = (6, 3, _K)
_POWER = (2, 3, _K)
_VOLT = (3, 1, "")
_AMPERE = (3, 0, "")


def _rows(form, *codes):
    return tuple((f"1-0:{code}", *form) for code in codes)


def _phases(form, *codes):
    return _rows(form, *(f"{c}.7.0" for c in codes))


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
        kilo = 3 if prefix == _K else 0
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


class Dsmr5(P1):
    """Iskraemeco AM550 of the Netherlands: DSMR 5.0, every second, with a gas meter."""

    name, maker, model, country = "dsmr5", "Iskraemeco", "AM550 (DSMR 5.0)", "NL"
    identification = "ISK5\\2M550T-1012"
    _TARIFFS = _rows(_ENERGY, "1.8.1", "1.8.2", "2.8.1", "2.8.2")
    _TOTAL = _phases(_POWER, 1, 2)
    _LINES = _phases(_VOLT, 32, 52, 72) + _phases(_AMPERE, 31, 51, 71)
    _PARTS = _phases(_POWER, 21, 41, 61, 22, 42, 62)
    _GAS_MS = 300_000

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._gas = None
        self.meter_id = "E00440070000" + self.number

    def lines_of(self, values, other, stamp):
        lines = [
            self.note(other, "1-3:0.2.8", "50"),
            self.note(other, "0-0:1.0.0", stamp),
            self.note(other, "0-0:96.1.1", self.meter_id.encode().hex().upper()),
        ]
        lines += [self.line(values, *row) for row in self._TARIFFS]
        lines.append(self.note(other, "0-0:96.14.0", f"{self.home.tariff():04}"))
        lines += [self.line(values, *row) for row in self._TOTAL]
        lines += [
            self.note(other, "0-0:96.7.21", "00005"),
            self.note(other, "0-0:96.7.9", "00003"),
            "1-0:99.97.0(1)(0-0:96.7.19)(260117201458W)(0000000236*s)",
        ]
        other["1-0:99.97.0"] = "(1)(0-0:96.7.19)(260117201458W)(0000000236*s)"
        for c in (32, 52, 72):
            lines.append(self.note(other, f"1-0:{c}.32.0", "00001"))
        for c in (32, 52, 72):
            lines.append(self.note(other, f"1-0:{c}.36.0", "00000"))
        lines.append(self.note(other, "0-0:96.13.0", ""))
        lines += [self.line(values, *row) for row in self._LINES + self._PARTS]
        lines += self.gas_lines(values, other)
        return lines

    def gas_lines(self, values, other):
        """The gas meter on channel 1: its register as captured every five minutes."""
        epoch = int(self.start.timestamp()) * 1000
        captured = (epoch + self.ms) // self._GAS_MS * self._GAS_MS - epoch
        if self._gas is None or self._gas[0] != captured:
            self._gas = captured, self.home.gas()
        stamp, _ = tst(self.start, captured)
        litres = self._gas[1]
        values["0-1:24.2.1"] = (text_of(litres, -3), "m3")
        number = "G0043007" + self.number
        return [
            self.note(other, "0-1:24.1.0", "003"),
            self.note(other, "0-1:96.1.0", number.encode().hex().upper()),
            f"0-1:24.2.1({stamp})({telegram.fixed(litres, 5, 3)}*m3)",
        ]


class Luxembourg(P1):
    """Sagemcom T210-D of Luxembourg (Smarty): ESMR text, encrypted and authenticated."""

    name, maker, model, country = "esmr-encrypted", "Sagemcom", "T210-D (Smarty)", "LU"
    encrypted = authenticated = True
    lists = ((10_000, 0, "full"),)
    blank = False
    _REGISTERS = _rows(_ENERGY, "1.8.0", "2.8.0", "3.8.0", "4.8.0")
    _TOTAL = _phases(_POWER, 1, 2, 3, 4)
    _APPARENT = _phases(_POWER, 9, 10)
    _LINES = _phases(_VOLT, 32, 52, 72) + _phases(_AMPERE, 31, 51, 71)
    _PARTS = _phases(_POWER, 21, 41, 61, 22, 42, 62, 23, 43, 63, 24, 44, 64)

    @property
    def identification(self):
        """The Smarty's identification carries its number."""
        return f"Lux5\\2536{self.number}_M"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.meter_id = "SAG10307900" + self.number

    def lines_of(self, values, other, stamp):
        lines = [
            self.note(other, "1-3:0.2.8", "42"),
            self.note(other, "0-0:1.0.0", stamp),
            self.note(other, "0-0:42.0.0", self.meter_id.encode().hex().upper()),
        ]
        lines += [self.line(values, *row) for row in self._REGISTERS + self._TOTAL]
        lines.append("0-0:17.0.0(069.0*kVA)")
        other["0-0:17.0.0"] = "069.0*kVA"
        lines += [self.line(values, *row) for row in self._APPARENT]
        lines.append("1-1:31.4.0(100*A)(-063*A)")
        other["1-1:31.4.0"] = "(100*A)(-063*A)"
        for obis, printed in (
            ("0-0:96.3.10", "1"),
            ("0-1:96.3.10", "0"),
            ("0-0:96.7.21", "00099"),
            ("1-0:32.32.0", "00040"),
            ("1-0:52.32.0", "00003"),
            ("1-0:72.32.0", "00002"),
            ("1-0:32.36.0", "00000"),
            ("1-0:52.36.0", "00000"),
            ("1-0:72.36.0", "00000"),
            ("0-0:96.13.0", ""),
            ("0-0:96.13.2", ""),
            ("0-0:96.13.3", ""),
        ):
            lines.append(self.note(other, obis, printed))
        return lines + [self.line(values, *row) for row in self._LINES + self._PARTS]

    def burst(self, kind):
        text, truth = self.compose()
        title = b"SAG\x67\x50" + int(self.number).to_bytes(3, "big")
        data = glo_ciphering(text, self.key, self.auth_key, title, self.counter, 0x30)
        return self.send(data, truth)


class Graz(Luxembourg):
    """Sagemcom T210-D-r of Energienetze Steiermark: whole watts and watt-hours, encrypted."""

    name, model, country = "graz-encrypted", "T210-D-r (Energienetze Steiermark)", "AT"
    lists = ((5_000, 0, "full"),)
    blank = True
    _GROUPS = tuple(
        _rows((9, 0, ""), f"{c}.8.0", f"{c}.8.1", f"{c}.8.2", f"{c}.7.0") for c in (1, 2, 3, 4)
    )

    @property
    def identification(self):
        """EST5 and the meter's number."""
        return f"EST5\\2537{self.number}_A"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.meter_id = None

    def lines_of(self, values, other, stamp):
        lines = [
            self.note(other, "1-3:0.2.8", "50"),
            self.note(other, "0-0:1.0.0", stamp),
        ]
        for group in self._GROUPS:
            lines += [self.line(values, *row) for row in group]
        return lines


class Sweden(P1):
    """Sagemcom S211 at Ellevio: the Swedish recommendation, standard time all year."""

    name, maker, model, country = "swedish-p1", "Sagemcom", "S211 (Ellevio)", "SE"
    interface = "H1 (RJ12)"
    lists = ((10_000, 0, "full"),)
    summer_time = False
    _ROWS = (
        _rows((8, 3, _K), "1.8.0", "2.8.0", "3.8.0", "4.8.0")
        + _phases((4, 3, _K), 1, 2, 3, 4, 21, 41, 61, 22, 42, 62, 23, 43, 63, 24, 44, 64)
        + _phases((3, 1, ""), 32, 52, 72, 31, 51, 71)
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
        _rows((8, 3, _K), "1.8.0", "2.8.0", "3.8.0", "4.8.0")
        + _phases((4, 3, _K), 1, 2, 3, 4, 21, 22, 41, 42, 61, 62, 23, 24, 43, 44, 63, 64)
        + _phases((3, 1, ""), 32, 52, 72, 31, 51, 71)
    )


METERS = (Dsmr5, Luxembourg, Graz, Sweden, SwedenLandisGyr)
