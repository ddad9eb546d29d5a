"""Iskraemeco AM550 in Slovenia (Elektro Ljubljana): positional structures, strings first.

Every five seconds 18 values, every quarter of an hour 12 with the registers. No OBIS codes, no
scalers: W, var, 0.1 V, 0.01 A, Wh. It sums import and export phase by phase.
"""

from . import axdr, hdlc
from .axdr import U16, U32
from .clock import civil, cosem, iso
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
            other["0-0:96.14.0"] = str(tariff)
        items += [self.row(values, *row) for row in rows]
        invoke = (self.counter & 0xFFFFFF).to_bytes(4, "big")
        apdu = axdr.data_notification(axdr.structure(*items), b"\x0c" + clock, invoke)
        truth = self.truth(values, None, iso(now, deviation), meter_id, None, other)
        return self.send(hdlc.frame(hdlc.LLC + apdu, _ADDRESS), truth)


METERS = (Iskra,)
