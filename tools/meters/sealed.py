"""Encrypted P1: Luxembourg, Styria, Warsaw. The telegram is sealed as in general-glo-ciphering."""

from . import telegram
from .ciphering import glo_ciphering
from .p1 import AMPERE, ENERGY, P1, POWER, VOLT, phases, rows


class Luxembourg(P1):
    """Sagemcom T210-D of Luxembourg (Smarty): ESMR text, encrypted and authenticated."""

    name, maker, model, country = "esmr-encrypted", "Sagemcom", "T210-D (Smarty)", "LU"
    encrypted = authenticated = True
    lists = ((10_000, 0, "full"),)
    blank = False
    _REGISTERS = rows(ENERGY, "1.8.0", "2.8.0", "3.8.0", "4.8.0")
    _TOTAL = phases(POWER, 1, 2, 3, 4)
    _APPARENT = phases(POWER, 9, 10)
    _LINES = phases(VOLT, 32, 52, 72) + phases(AMPERE, 31, 51, 71)
    _PARTS = phases(POWER, 21, 41, 61, 22, 42, 62, 23, 43, 63, 24, 44, 64)

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

    name, model, country = "graz-encrypted", "T210-D-r (Graz)", "AT"
    lists = ((5_000, 0, "full"),)
    blank = True
    _GROUPS = tuple(
        rows((9, 0, ""), f"{c}.8.0", f"{c}.8.1", f"{c}.8.2", f"{c}.7.0") for c in (1, 2, 3, 4)
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


class Stoen(P1):
    """Elgama GAMA 350 of Stoen in Warsaw: identification in the clear, the lines encrypted.

    No system title, and the invocation counter stays 0: the same nonce for every telegram.
    """

    name, maker, model, country = "stoen-pl", "Elgama", "GAMA 350", "PL"
    encrypted = authenticated = True
    lists = ((10_000, 0, "full"),)
    identification = "EGM5G35"
    _ROWS = (
        rows(ENERGY, "1.8.0", "1.8.1", "1.8.2", "2.8.0", "2.8.1", "2.8.2")
        + phases(POWER, 1, 2, 3, 4)
        + phases(VOLT, 32, 52, 72)
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.meter_id = "300" + self.number

    def lines_of(self, values, other, stamp):
        lines = [
            self.note(other, "0-0:1.0.0", stamp),
            self.note(other, "0-0:96.1.0", self.meter_id.encode().hex().upper()),
        ]
        lines += [self.line(values, *row) for row in self._ROWS]
        return [*lines, self.note(other, "0-0:96.13.0", "")]

    def burst(self, kind):
        text, truth = self.compose()
        begin = text.index(b"\r\n\r\n") + 4
        plain = text[begin : text.rindex(b"!") + 1]
        sealed = glo_ciphering(plain, self.key, self.auth_key, bytes(8), 0, 0x30)
        # glo_ciphering writes DB 08 title; this meter only 00: a title of no bytes.
        data = text[:begin] + b"\x00" + sealed[10:] + b"!"
        data += f"{telegram.crc16_arc(data):04X}\r\n".encode()
        return self.send(data, truth)


METERS = (Luxembourg, Graz, Stoen)
