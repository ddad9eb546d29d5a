"""Kaifa's HAN lists: Norway's positional structures, Sweden's OBIS/value pairs.

Norway ("KFM_001"): bare values whose place decides; mA, 0.1 V, W, Wh. The header's date-time has
a needless octet-string tag (09 0C).
"""

from . import axdr, hdlc
from .axdr import U32, U64
from .date_time import cosem, iso, standard
from .meter import Meter, code_of, unit_of

_LIST_ID = "KFM_001"
_POWERS = tuple((f"1-0:{c}.7.0", U32, 0) for c in (1, 2, 3, 4))
_AMPERES = tuple((f"1-0:{c}.7.0", U32, -3) for c in (31, 51, 71))
_VOLTS = tuple((f"1-0:{c}.7.0", U32, -1) for c in (32, 52, 72))
_TOTALS = tuple((f"1-0:{c}.8.0", U32, 0) for c in (1, 2, 3, 4))


class Kaifa(Meter):
    """Kaifa MA304H4, three phases with neutral."""

    name, maker, model, country = "kaifa", "Kaifa", "MA304H4", "NO"
    interface = "HAN M-Bus"
    lists = ((2_000, 0, "live"), (10_000, 0, "full"), (3_600_000, 10_000, "hourly"))
    address = b"\x01\x02\x01"
    momentary = _POWERS + _AMPERES + _VOLTS
    totals = _TOTALS
    absent = ()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.meter_id = "69706314000" + self.number

    def burst(self, kind):
        values = {}
        now = standard(self.start, self.ms)
        clock = cosem(now)
        known = (None, None, None)
        if kind == "live":
            items = [self.row(values, *_POWERS[0])]
        else:
            known = (_LIST_ID, self.meter_id, self.model)
            items = [axdr.octets(text.encode()) for text in known]
            items += [self.place(values, *row) for row in self.momentary]
        if kind == "hourly":
            items.append(axdr.octets(clock))
            items += [self.row(values, *row) for row in self.totals]
        apdu = axdr.data_notification(axdr.structure(*items), axdr.octets(clock))
        data = hdlc.frame(hdlc.LLC + apdu, self.address, 0x10)
        truth = self.truth(values, known[0], iso(now), known[1], known[2])
        return self.send(data, truth)

    def place(self, values, obis, kind, exponent):
        """One value at its place; what this meter does not measure stands as 0."""
        if obis in self.absent:
            values[obis] = ("0.0", unit_of(code_of(obis)))
            return axdr.integer(kind, 0)
        return self.row(values, obis, kind, exponent)


class KaifaOnePhase(Kaifa):
    """Kaifa MA105H2E, one phase."""

    name, model = "kaifa-1ph", "MA105H2E"
    house = {"phases": 1}
    momentary = _POWERS + _AMPERES[:1] + _VOLTS[:1]


class KaifaThreeWire(Kaifa):
    """Kaifa MA304H3E on an IT grid: the voltage of L2 stands as 0."""

    name, model = "kaifa-3w", "MA304H3E"
    house = {"wiring": "it"}
    absent = ("1-0:52.7.0",)


class KaifaTransformer(Kaifa):
    """Kaifa MA304T4 on current transformers: registers of eight bytes."""

    name, model = "kaifa-t4", "MA304T4"
    house = {"scale": 25}
    totals = tuple((obis, U64, exponent) for obis, _, exponent in _TOTALS)


class KaifaSweden(Meter):
    """Kaifa MA304H4 in Sweden: 36 elements, 18 OBIS/value pairs, without scalers."""

    name, maker, model, country = "kaifa-se", "Kaifa", "MA304H4", "SE"
    interface = "HAN M-Bus"
    lists = ((10_000, 0, "full"),)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.meter_id = "73401570000" + self.number

    def burst(self, kind):
        values, items = {}, []
        now = standard(self.start, self.ms)
        texts = {
            "1-0:0.2.129": _LIST_ID,
            "0-0:96.1.0": self.meter_id,
            "0-0:96.1.7": self.model,
        }
        for obis, text in texts.items():
            items += [axdr.name(obis), axdr.octets(text.encode())]
        for row in _POWERS + _AMPERES + _VOLTS:
            items += [axdr.name(row[0]), self.row(values, *row)]
        items += [axdr.name("0-0:1.0.0"), axdr.octets(cosem(now, -60))]
        for row in _TOTALS:
            items += [axdr.name(row[0]), self.row(values, *row)]
        apdu = axdr.data_notification(axdr.structure(*items))
        truth = self.truth(values, _LIST_ID, iso(now, -60), self.meter_id, self.model, texts)
        data = hdlc.frame(hdlc.LLC + apdu, b"\x01\x00\x01", 0x10)
        return self.send(data, truth)


METERS = (Kaifa, KaifaOnePhase, KaifaThreeWire, KaifaTransformer, KaifaSweden)
