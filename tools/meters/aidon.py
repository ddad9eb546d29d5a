"""Aidon's HAN lists: an array of {OBIS, value, {scaler, unit}}; Norway, Sweden; and Embriq's.

Norway (interface description 1.1A): list 1 every 2.5 s, list 2 every 10 s, list 3 made on the
hour and sent ten seconds later. Sweden (RJ12 description): 27 values every ten seconds.
"""

from . import axdr, hdlc
from .axdr import I16, U16, U32
from .date_time import cosem, iso, standard
from .meter import Meter, code_of, text_of, unit_of

_ADDRESS = b"\x41\x08\x83"
_POWERS = tuple((f"1-0:{c}.7.0", U32, 0) for c in (1, 2, 3, 4))
_TOTALS = tuple((f"1-0:{c}.8.0", U32, 1) for c in (1, 2, 3, 4))


def _amperes(*phases, exponent=-1):
    return tuple((f"1-0:{c}.7.0", I16, exponent) for c in phases)


def _volts(*phases):
    return tuple((f"1-0:{c}.7.0", U16, -1) for c in phases)


def element(obis, written, exponent, unit):
    """{OBIS, value, {scaler, unit}}"""
    return axdr.structure(axdr.name(obis), written, axdr.scaler_unit(exponent, unit))


def text_element(obis, text):
    """{OBIS, visible-string}"""
    return axdr.structure(axdr.name(obis), axdr.visible(text))


class Aidon(Meter):
    """Aidon 6534, three phases with neutral."""

    name, maker, model, country = "aidon", "Aidon", "6534", "NO"
    interface = "HAN M-Bus"
    lists = ((2_500, 0, "live"), (10_000, 0, "full"), (3_600_000, 10_000, "hourly"))
    list_id = "AIDON_V0001"
    momentary = _POWERS + _amperes(31, 51, 71) + _volts(32, 52, 72)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.meter_id = "73599928900" + self.number

    def burst(self, kind):
        values, other, time = {}, {}, None
        items = []
        if kind != "live":
            texts = (
                ("1-1:0.2.129", self.list_id),
                ("0-0:96.1.0", self.meter_id),
                ("0-0:96.1.7", self.model),
            )
            other.update(texts)
            items += [text_element(obis, text) for obis, text in texts]
        rows = self.momentary[:1] if kind == "live" else self.momentary
        items += [self.element(values, *row) for row in rows]
        if kind == "hourly":
            hour = standard(self.start, self.ms - 10_000)
            # This meter numbers Sunday 0 and leaves the deviation 0 though its clock is local.
            clock = cosem(hour, deviation=0, weekday=hour.isoweekday() % 7)
            items.append(axdr.structure(axdr.name("0-0:1.0.0"), axdr.octets(clock)))
            items += [self.total(values, *row) for row in _TOTALS]
            time = iso(hour)
        apdu = axdr.data_notification(axdr.array(*items))
        data = hdlc.frame(hdlc.LLC + apdu, _ADDRESS)
        known = (None, None, None)
        if kind != "live":
            known = (self.list_id, self.meter_id, self.model)
        return self.send(data, self.truth(values, known[0], time, known[1], known[2], other))

    def element(self, values, obis, kind, exponent):
        """One momentary value; the current carries the sign of its phase's power."""
        code = code_of(obis)
        raw = self.raw(code, exponent)
        if kind == I16 and self.signed_current and self.home.exports(int(code[0]) // 2 - 1):
            raw = -raw
        values[obis] = (text_of(raw, exponent), unit_of(code))
        return element(obis, axdr.integer(kind, raw), exponent, unit_of(code))

    signed_current = True

    def total(self, values, obis, kind, exponent):
        """One register as it stood on the hour, in tens of watt-hours."""
        code = code_of(obis)
        raw = self.hour_registers[code] // 10 ** (exponent + 3)
        values[obis] = (text_of(raw, exponent), unit_of(code))
        return element(obis, axdr.integer(kind, raw), exponent, unit_of(code))


class AidonOnePhase(Aidon):
    """Aidon 6515, one phase."""

    name, model = "aidon-1ph", "6515"
    house = {"phases": 1}
    momentary = _POWERS + _amperes(31) + _volts(32)


class AidonThreeWire(Aidon):
    """Aidon 6525 on an IT grid: line voltages, no current of L2."""

    name, model = "aidon-3w", "6525"
    house = {"wiring": "it"}
    momentary = _POWERS + _amperes(31, 71) + _volts(32, 52, 72)
    signed_current = False


class Embriq(Aidon):
    """Landis+Gyr E350 with Embriq's module: Aidon's lists, currents in 0.01 A.

    The OBIS codes of its currents carry their tag and length the wrong way round: 06 09.
    """

    name, maker, model = "embriq", "Landis+Gyr", "ZFF110"
    list_id = "EMBRIQ_V1_1"
    momentary = _POWERS + _amperes(31, 51, 71, exponent=-2) + _volts(32, 52, 72)
    signed_current = False

    def element(self, values, obis, kind, exponent):
        written = super().element(values, obis, kind, exponent)
        if kind != I16:
            return written
        return written.replace(b"\x09\x06" + axdr.obis(obis), b"\x06\x09" + axdr.obis(obis), 1)


class AidonSweden(Meter):
    """Aidon 6534 with the Swedish H1 port: 27 values with scalers as HDLC on the P1 connector."""

    name, maker, model, country = "aidon-se-p1hdlc", "Aidon", "6534 H1", "SE"
    interface = "H1 (RJ12)"
    baud, parity, inverted = 115200, "8N1", True
    lists = ((10_000, 0, "full"),)
    rows = (
        _POWERS
        + _amperes(31, 51, 71)
        + _volts(32, 52, 72)
        + tuple((f"1-0:{c + of}.7.0", U32, 0) for c in (20, 40, 60) for of in (1, 2, 3, 4))
        + tuple((f"1-0:{c}.8.0", U32, 0) for c in (1, 2, 3, 4))
    )

    def burst(self, kind):
        values = {}
        now = standard(self.start, self.ms)
        clock = cosem(now, status=0xFF)
        items = [axdr.structure(axdr.name("0-0:1.0.0"), axdr.octets(clock))]
        for obis, kind_of, exponent in self.rows:
            written = self.row(values, obis, kind_of, exponent)
            items.append(element(obis, written, exponent, unit_of(code_of(obis))))
        apdu = axdr.data_notification(axdr.array(*items))
        return self.send(hdlc.frame(hdlc.LLC + apdu, _ADDRESS), self.truth(values, time=iso(now)))


METERS = (Aidon, AidonOnePhase, AidonThreeWire, Embriq, AidonSweden)
