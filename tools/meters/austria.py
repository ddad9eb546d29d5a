"""The Austrian customer port (CII): encrypted lists in segmented M-Bus frames.

Netz NÖ's brochure gives the flat list of 35: clock, eleven times OBIS, value, {scaler, unit},
meter number. Encrypted with the household's key alone: security 0x20 or 0x21, no tag.
"""

from . import axdr, mbus
from .aidon import element
from .axdr import I16, U16, U32
from .ciphering import glo_ciphering
from .date_time import civil, cosem, iso
from .meter import Meter, code_of, unit_of

# The pause between two frames of one list on the line.
_GAP = 0.16


class Austrian(Meter):
    """A meter with the flat list of 35 in encrypted M-Bus frames."""

    interface = "CII M-Bus (RJ12)"
    encrypted = True
    lists = ((5_000, 0, "full"),)
    title = b"SAG"
    segment = 245
    security = 0x20
    clock_status = 0x02
    power_factor = I16

    @property
    def rows(self):
        """OBIS, type and exponent of the eleven values, in this meter's order."""
        return (
            *((f"1-0:{c}.8.0", U32, 0) for c in (1, 2)),
            *((f"1-0:{c}.7.0", U32, 0) for c in (1, 2)),
            *((f"1-0:{c}.7.0", U16, -1) for c in (32, 52, 72)),
            *((f"1-0:{c}.7.0", U16, -2) for c in (31, 51, 71)),
            ("1-0:13.7.0", self.power_factor, -3),
        )

    def invoke(self):
        """long-invoke-id-and-priority: this meter counts its lists in it."""
        return (self.counter & 0xFFFFFF).to_bytes(4, "big")

    def plain(self):
        """The APDU before encryption, and its truth."""
        now = civil(self.start, self.ms)
        deviation = -120 if self.summer() else -60
        status = self.clock_status | (0x80 if deviation == -120 else 0)
        clock = cosem(now, deviation, status, hundredths=0)
        values = {}
        items = [axdr.octets(clock)]
        for obis, kind, exponent in self.rows:
            written = self.row(values, obis, kind, exponent)
            unit = unit_of(code_of(obis))
            items += [axdr.name(obis), written, axdr.scaler_unit(exponent, unit)]
        meter_id = "1812200" + self.number
        items.append(axdr.octets(meter_id.encode()))
        apdu = axdr.data_notification(axdr.structure(*items), b"\x0c" + clock, self.invoke())
        return apdu, self.truth(values, None, iso(now, deviation), meter_id)

    def burst(self, kind):
        apdu, truth = self.plain()
        title = self.title.ljust(3) + b"\x67\x50" + int(self.number).to_bytes(3, "big")
        sealed = glo_ciphering(apdu, self.key, self.auth_key, title, self.counter, self.security)
        frames = mbus.segments(sealed, self.segment)
        pauses, offset = [], 0
        for frame in frames[:-1]:
            offset += len(frame)
            pauses.append((offset, _GAP))
        return self.send(b"".join(frames), truth, pauses)


class Sagemcom(Austrian):
    """Sagemcom T210-D for Netz NÖ: a first frame of 257 bytes, whose length is written 01."""

    name, maker, model, country = "sagemcom-at", "Sagemcom", "T210-D", "AT"
    title = b"SAG"
    segment = 252


class KaifaAustria(Austrian):
    """Kaifa MA309M for Netz NÖ (EVN): the flat list of 35, two M-Bus frames of at most 250."""

    name, maker, model, country = "kaifa-at", "Kaifa", "MA309M", "AT"
    title = b"KFM"
    segment = 245
    power_factor = U16
    clock_status = 0


class KaifaTinetz(Austrian):
    """Kaifa MA309M for TINETZ and Vorarlberg: 16 elements, most of them full triples."""

    name, maker, model, country = "kaifa-at-tinetz", "Kaifa", "MA309M (TINETZ)", "AT"
    title = b"KFM"
    segment = 245
    security = 0x21
    rows = (
        tuple((f"1-0:{c}.7.0", U16, -1) for c in (32, 52, 72))
        + tuple((f"1-0:{c}.7.0", U16, -2) for c in (31, 51, 71))
        + tuple((f"1-0:{c}.7.0", U32, 0) for c in (1, 2))
        + tuple((f"1-0:{c}.8.0", U32, 0) for c in (1, 2, 3, 4))
    )

    def plain(self):
        values = {}
        now = civil(self.start, self.ms)
        deviation = -120 if self.summer() else -60
        clock = cosem(now, deviation, 0x80 if deviation == -120 else 0, hundredths=0)
        texts = {
            "0-0:96.1.0": "1KFM02000" + self.number,
            "0-0:42.0.0": "KFM12002000" + self.number,
        }
        items = [axdr.name("0-0:1.0.0"), axdr.octets(clock)]
        items += [
            axdr.structure(axdr.name(obis), axdr.octets(text.encode()))
            for obis, text in texts.items()
        ]
        for obis, kind, exponent in self.rows:
            written = self.row(values, obis, kind, exponent)
            items.append(element(obis, written, exponent, unit_of(code_of(obis))))
        apdu = axdr.data_notification(axdr.structure(*items), b"\x0c" + clock, self.invoke())
        truth = self.truth(values, None, iso(now, deviation), texts["0-0:96.1.0"], None, texts)
        return apdu, truth


METERS = (Sagemcom, KaifaAustria, KaifaTinetz)
