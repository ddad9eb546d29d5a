"""P1 in the clear: DSMR 5 and 2 of the Netherlands, eMUCS of Belgium."""

from . import telegram
from .date_time import tst
from .meter import text_of
from .p1 import AMPERE, ENERGY, KILO, P1, POWER, VOLT, phases, rows


class Dsmr5(P1):
    """Iskraemeco AM550 of the Netherlands: DSMR 5.0, every second, with a gas meter."""

    name, maker, model, country = "dsmr5", "Iskraemeco", "AM550 (DSMR 5.0)", "NL"
    identification = "ISK5\\2M550T-1012"
    _TARIFFS = rows(ENERGY, "1.8.1", "1.8.2", "2.8.1", "2.8.2")
    _TOTAL = phases(POWER, 1, 2)
    _LINES = phases(VOLT, 32, 52, 72) + phases(AMPERE, 31, 51, 71)
    _PARTS = phases(POWER, 21, 41, 61, 22, 42, 62)
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


class Fluvius(Dsmr5):
    """Sagemcom of Fluvius: eMUCS, every second, with demand, gas uncorrected and water."""

    name, maker, model, country = "fluvius-be", "Sagemcom", "T211 (Fluvius)", "BE"
    _LINES = phases(VOLT, 32, 52, 72) + phases((3, 2, ""), 31, 51, 71)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.meter_id = "1SAG1300000" + self.number
        self.identification = f"FLU5\\2537{self.number}_A"

    def lines_of(self, values, other, stamp):
        lines = [
            self.note(other, "0-0:96.1.4", "50217"),
            self.note(other, "0-0:96.1.1", self.meter_id.encode().hex().upper()),
            self.note(other, "0-0:1.0.0", stamp),
        ]
        lines += [self.line(values, *row) for row in self._TARIFFS]
        for obis, value, printed in (
            ("1-0:1.4.0", "2351", "(02.351*kW)"),
            ("1-0:1.6.0", "2589", "(260109134558W)(02.589*kW)"),
        ):
            values[obis] = (value, "W")
            lines.append(obis + printed)
        log = "(2)(1-0:1.6.0)(1-0:1.6.0)(260101000000W)(251223192538W)(03.695*kW)"
        other["0-0:98.1.0"] = log + "(251201000000W)(251105122139W)(05.980*kW)"
        lines.append("0-0:98.1.0" + other["0-0:98.1.0"])
        lines.append(self.note(other, "0-0:96.14.0", f"{self.home.tariff():04}"))
        rows = self._TOTAL + self._PARTS + self._LINES
        lines += [self.line(values, *row) for row in rows]
        lines.append(self.note(other, "0-0:96.3.10", "1"))
        for obis, value, unit, printed in (
            ("0-0:17.0.0", "999900", "W", "999.9*kW"),
            ("1-0:31.4.0", "999", "A", "999*A"),
        ):
            values[obis] = (value, unit)
            lines.append(f"{obis}({printed})")
        lines.append(self.note(other, "0-0:96.13.0", ""))
        return lines + self.gas_lines(values, other)

    def gas_lines(self, values, other):
        """Gas on channel 1 (24.2.3, not temperature corrected), water on channel 2."""
        gas = super().gas_lines(values, other)
        values["0-1:24.2.3"] = values.pop("0-1:24.2.1")
        printed = gas[-1].replace("24.2.1", "24.2.3")
        stamp = printed.split("(")[1]
        values["0-2:24.2.1"] = ("872.234", "m3")
        return [
            self.note(other, "0-1:24.1.0", "003"),
            gas[1].replace("96.1.0", "96.1.1"),
            self.note(other, "0-1:24.4.0", "1"),
            printed,
            self.note(other, "0-2:24.1.0", "007"),
            f"0-2:24.2.1({stamp}(00872.234*m3)",
        ]


class Dsmr2(P1):
    """Kamstrup of the Netherlands before DSMR 4: no CRC, no clock, gas on two lines."""

    name, maker, model, country = "dsmr2", "Kamstrup", "KMP5 (DSMR 2.2)", "NL"
    baud, parity = 9600, "7E1"
    lists = ((10_000, 0, "full"),)
    _TARIFFS = rows((5, 3, KILO), "1.8.1", "1.8.2", "2.8.1", "2.8.2")
    _TOTAL = phases((4, 2, KILO), 1, 2)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.meter_id = "KA6U00160000" + self.number
        self.identification = f"KMP5 {self.meter_id}"

    def compose(self):
        text, truth = super().compose()
        truth["time"] = None
        return text[:-6] + b"\r\n", truth

    def lines_of(self, values, other, stamp):
        lines = [self.note(other, "0-0:96.1.1", self.meter_id.encode().hex().upper())]
        lines += [self.line(values, *row) for row in self._TARIFFS]
        lines.append(self.note(other, "0-0:96.14.0", f"{self.home.tariff():04}"))
        lines += [self.line(values, *row) for row in self._TOTAL]
        litres = self.home.gas()
        values["0-1:24.3.0"] = (text_of(litres, -3), "m3")
        number = f"28101541{self.number}"
        return [
            *lines,
            self.note(other, "0-0:96.13.1", ""),
            self.note(other, "0-0:96.13.0", ""),
            self.note(other, "0-1:24.1.0", "3"),
            self.note(other, "0-1:96.1.0", number.encode().hex().upper()),
            f"0-1:24.3.0({stamp[:8]}0000)(00)(60)(1)(0-1:24.2.1)(m3)",
            f"({telegram.fixed(litres, 5, 3)})",
        ]


METERS = (Dsmr5, Fluvius, Dsmr2)
