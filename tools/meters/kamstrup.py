"""Kamstrup OMNIPOWER: OBIS/value pairs without scalers; Norway in the clear, Denmark encrypted.

Norway (HAN-NVE description rev. 3): every ten seconds, on the hour plus five seconds the list
with registers. 0.01 A (0.001 A on transformers), 1 V, W, tens of watt-hours.
"""

from . import axdr, hdlc
from .axdr import U16, U32
from .ciphering import glo_ciphering
from .date_time import civil, cosem, iso, standard
from .meter import Meter

_LIST_ID = "Kamstrup_V0001"
_POWERS = tuple((f"1-1:{c}.7.0", U32, 0) for c in (1, 2, 3, 4))
_TOTALS = tuple((f"1-1:{c}.8.0", U32, 1) for c in (1, 2, 3, 4))
_VOLTS = tuple((f"1-1:{c}.7.0", U16, 0) for c in (32, 52, 72))


def _amperes(exponent):
    return tuple((f"1-1:{c}.7.0", U32, exponent) for c in (31, 51, 71))


class Kamstrup(Meter):
    """Kamstrup OMNIPOWER 684, three phases."""

    name, maker, model, country = "kamstrup", "Kamstrup", "6841121BN243101040", "NO"
    interface = "HAN M-Bus"
    parity = "8N1"
    lists = ((10_000, 0, "full"), (3_600_000, 5_000, "hourly"))
    momentary = _POWERS + _amperes(-2) + _VOLTS
    absent = ()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.meter_id = "57065670000" + self.number

    def burst(self, kind):
        values = {}
        now = standard(self.start, self.ms)
        texts = {"1-1:0.0.5": self.meter_id, "1-1:96.1.1": self.model}
        items = [axdr.visible(_LIST_ID)]
        for obis, text in texts.items():
            items += [axdr.name(obis), axdr.visible(text)]
        for row in self.momentary:
            items += self.pair(values, *row)
        if kind == "hourly":
            items += [axdr.name("0-1:1.0.0"), axdr.octets(cosem(now))]
            for row in _TOTALS:
                items += self.pair(values, *row)
        apdu = axdr.data_notification(
            axdr.structure(*items), b"\x0c" + cosem(now), b"\x00\x00\x00\x00"
        )
        data = hdlc.frame(hdlc.LLC + apdu, b"\x2b\x21")
        truth = self.truth(values, _LIST_ID, iso(now), self.meter_id, self.model, texts)
        return self.send(data, truth)

    def pair(self, values, obis, kind, exponent):
        """OBIS and value; two nulls where the meter has no such phase."""
        if obis in self.absent:
            return [axdr.NULL] * 2
        return [axdr.name(obis), self.row(values, obis, kind, exponent)]


class KamstrupOnePhase(Kamstrup):
    """Kamstrup OMNIPOWER 686, one phase: the pairs of L2 and L3 are nulls."""

    name, model = "kamstrup-1ph", "6861111BN242101040"
    house = {"phases": 1}
    absent = ("1-1:51.7.0", "1-1:71.7.0", "1-1:52.7.0", "1-1:72.7.0")


class KamstrupTransformer(Kamstrup):
    """Kamstrup OMNIPOWER 685 on current transformers: currents in 0.001 A."""

    name, model = "kamstrup-ct", "6851121BN243101040"
    house = {"scale": 12}
    momentary = _POWERS + _amperes(-3) + _VOLTS


class KamstrupDenmark(Meter):
    """Kamstrup OMNIPOWER in Denmark: a list of 65, encrypted and authenticated, 491 bytes."""

    name, maker, model, country = "kamstrup-dk", "Kamstrup", "OMNIPOWER 3-phase", "DK"
    interface = "HAN M-Bus"
    parity = "8N1"
    encrypted = authenticated = True
    lists = ((10_000, 0, "full"),)
    before_clock = _TOTALS
    after_number = _POWERS
    after_clock = (
        _VOLTS
        + _amperes(-2)
        + tuple((f"1-1:{c}.7.0", U32, 0) for c in (21, 41, 61))
        + tuple((f"1-1:{c}.7.0", U16, -2) for c in (33, 53, 73, 13))
        + tuple((f"1-1:{c}.7.0", U32, 0) for c in (22, 42, 62))
        + tuple((f"1-1:{c}.8.0", U32, 1) for c in (22, 42, 62, 21, 41, 61))
    )

    def burst(self, kind):
        values = {}
        now = civil(self.start, self.ms)
        clock = cosem(now, status=0x80 if self.summer() else 0)
        number = 20_000_000 + int(self.number)
        items = [axdr.visible(_LIST_ID)]

        def pairs(rows):
            for row in rows:
                items.extend((axdr.name(row[0]), self.row(values, *row)))

        pairs(self.before_clock)
        items += [axdr.name("1-1:0.0.1"), axdr.integer(U32, number)]
        pairs(self.after_number)
        items += [axdr.name("0-1:1.0.0"), axdr.octets(clock)]
        pairs(self.after_clock)
        apdu = axdr.data_notification(axdr.structure(*items), b"\x0c" + clock, b"\x00\x00\x00\x00")
        title = b"KAME\x01" + int(self.number).to_bytes(3, "big")
        sealed = glo_ciphering(apdu, self.key, self.auth_key, title, self.counter, 0x30)
        data = hdlc.frame(hdlc.LLC + sealed, b"\x41\x03")
        other = {"1-1:0.0.1": str(number)}
        truth = self.truth(values, _LIST_ID, iso(now), str(number), None, other)
        return self.send(data, truth)


METERS = (Kamstrup, KamstrupOnePhase, KamstrupTransformer, KamstrupDenmark)
