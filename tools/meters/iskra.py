"""Iskraemeco AM550: positional structures without OBIS codes and scalers, one per operator.

Elektro Ljubljana: every five seconds 18 values, every quarter of an hour 12 with the registers;
it sums import and export phase by phase. Elektro Celje: 12 values ("UP_3f"). Wiener Netze: nine
values every second, encrypted. Kärnten Netz: time and date apart, encrypted.
"""

from . import axdr, hdlc
from .axdr import U16, U32
from .ciphering import glo_ciphering
from .date_time import civil, cosem, iso
from .meter import Meter

_ADDRESS = b"\xcf\x02\x23"

_MOMENTARY = (
    tuple((f"1-0:{c}.7.0", U32, 0) for c in (1, 2, 3, 4))
    + tuple((f"1-0:{c}.7.0", U16, -1) for c in (32, 52, 72))
    + tuple((f"1-0:{c}.7.0", U16, -2) for c in (31, 51, 71))
    + tuple((f"1-0:{c}.7.0", U32, 0) for c in (21, 41, 61, 22, 42, 62))
)
_REGISTERS = tuple(
    (f"1-0:{code}", U32, 0)
    for code in ("1.8.0", "1.8.1", "1.8.2", "2.8.0", "2.8.1", "2.8.2", "3.8.0", "4.8.0")
)


class Iskra(Meter):
    """Iskraemeco AM550, three phases."""

    name, maker, model, country = "iskra-si", "Iskraemeco", "AM550", "SI"
    interface = "P1 (RJ12)"
    baud, parity, inverted = 38400, "8N1", True
    lists = ((5_000, 0, "full"), (900_000, 0, "quarter"))
    house = {"phase_sums": True}

    def burst(self, kind):
        values = {}
        now = civil(self.start, self.ms)
        deviation = -120 if self.summer() else -60
        clock = cosem(now, deviation, 0x80 if self.summer() else 0, hundredths=0)
        meter_id = "ISK10307890" + self.number
        other = {}
        if kind == "full":
            items = [axdr.octets(meter_id.encode()), axdr.octets(b"16820005")]
            rows = _MOMENTARY
        else:
            tariff = self.home.tariff()
            items = [
                axdr.octets(meter_id.encode()),
                axdr.octets(b"16820006"),
                axdr.enum(1),
                axdr.octets(bytes((0, tariff))),
            ]
            rows = _REGISTERS
            other.update({"0-0:96.3.10": "1", "0-0:96.14.0": str(tariff)})
        items += [self.row(values, *row) for row in rows]
        invoke = (self.counter & 0xFFFFFF).to_bytes(4, "big")
        apdu = axdr.data_notification(axdr.structure(*items), b"\x0c" + clock, invoke)
        truth = self.truth(values, None, iso(now, deviation), meter_id, None, other)
        return self.send(hdlc.frame(hdlc.LLC + apdu, _ADDRESS), truth)


class IskraCelje(Meter):
    """Iskraemeco AM550 at Elektro Celje: voltages before currents before powers."""

    name, maker, model, country = "iskra-si-celje", "Iskraemeco", "AM550 (Celje)", "SI"
    interface = "P1 (RJ12)"
    baud, parity, inverted = 115200, "8N1", True
    lists = ((1_000, 0, "full"),)
    rows = (
        tuple((f"1-0:{c}.7.0", U16, -1) for c in (32, 52, 72))
        + tuple((f"1-0:{c}.7.0", U16, -2) for c in (31, 51, 71))
        + tuple((f"1-0:{c}.7.0", U32, 0) for c in (1, 2, 3, 4))
    )

    def burst(self, kind):
        values = {}
        now = civil(self.start, self.ms)
        deviation = -120 if self.summer() else -60
        clock = cosem(now, deviation, 0x80 if self.summer() else 0, hundredths=0)
        meter_id = "ISK10307890" + self.number
        items = [axdr.octets(meter_id.encode()), axdr.octets(b"UP_3f")]
        items += [self.row(values, *row) for row in self.rows]
        invoke = (self.counter & 0xFFFFFF).to_bytes(4, "big")
        apdu = axdr.data_notification(axdr.structure(*items), b"\x0c" + clock, invoke)
        truth = self.truth(values, None, iso(now, deviation), meter_id)
        return self.send(hdlc.frame(hdlc.LLC + apdu, _ADDRESS), truth)


class WienerNetze(Meter):
    """Iskraemeco AM550 of Wiener Netze, read through the optical port: clock and eight values."""

    name, maker, model, country = "wiener-netze", "Iskraemeco", "AM550 (Wiener Netze)", "AT"
    interface = "optical"
    baud, parity = 9600, "8N1"
    encrypted = True
    lists = ((1_000, 0, "full"),)
    security = 0x20
    rows = tuple((f"1-0:{c}.8.0", U32, 0) for c in (1, 2, 3, 4)) + tuple(
        (f"1-0:{c}.7.0", U32, 0) for c in (1, 2, 3, 4)
    )

    def head(self, clock, now):
        """The elements before the values, and the meter's number if they tell it."""
        return [axdr.octets(clock)], None

    tail = ()

    def burst(self, kind):
        values = {}
        now = civil(self.start, self.ms)
        deviation = -120 if self.summer() else -60
        clock = cosem(now, deviation, 0x80 if self.summer() else 0, hundredths=0)
        items, meter_id = self.head(clock, now)
        items += [self.row(values, *row) for row in self.rows]
        items += self.tail
        invoke = (self.counter & 0xFFFFFF).to_bytes(4, "big")
        apdu = axdr.data_notification(axdr.structure(*items), b"\x0c" + clock, invoke)
        title = b"ISKit" + int(self.number).to_bytes(3, "big")
        sealed = glo_ciphering(apdu, self.key, None, title, self.counter, self.security)
        truth = self.truth(values, None, iso(now, deviation), meter_id)
        return self.send(hdlc.frame(hdlc.LLC + sealed, _ADDRESS), truth)


class Kaernten(WienerNetze):
    """Iskraemeco AM550 of Kärnten Netz: number, time and date apart, then the values."""

    name, model = "kaernten-netz", "AM550 (Kärnten Netz)"
    interface = "P1 (RJ12)"
    baud, inverted = 115200, True
    lists = ((5_000, 0, "full"),)
    rows = WienerNetze.rows[:6]
    tail = (axdr.octets(b""), axdr.octets(b""))

    def head(self, clock, now):
        meter_id = "11212700" + self.number
        return [
            axdr.name("0-6:25.9.0"),
            axdr.octets(meter_id.encode()),
            axdr.octets(bytes((now.hour, now.minute, now.second, 0))),
            axdr.octets(clock[:5]),
        ], meter_id


METERS = (Iskra, IskraCelje, WienerNetze, Kaernten)
