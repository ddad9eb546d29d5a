"""Landis+Gyr E450: in Switzerland and Styria a push that describes itself, in Burgenland bare.

structure{array of {class, OBIS, attribute, index}, value, value, …}: the first descriptor is the
array's own, so the elements of the structure and the descriptors go in pairs. No scalers: W, Wh,
1 V, 0.01 A. It comes in general-block-transfer: several HDLC frames, only the first with LLC.
"""

from datetime import timedelta

from . import axdr, hdlc
from .axdr import U16, U32
from .ciphering import glo_ciphering
from .date_time import civil, cosem, iso
from .meter import Meter

_ADDRESS = b"\xce\xff\x03"
_PUSH_SETUP = "0-8:25.9.0"
_DATA, _REGISTER, _CLOCK, _PUSH = 1, 3, 8, 40


def _descriptor(class_id, obis, attribute=2):
    return axdr.structure(
        axdr.integer(U16, class_id),
        axdr.name(obis),
        axdr.integer(axdr.I8, attribute),
        axdr.integer(U16, 0),
    )


class LandisGyr(Meter):
    """Landis+Gyr E450, three phases, unencrypted."""

    name, maker, model, country = "lg-e450-ch", "Landis+Gyr", "E450", "CH"
    interface = "CII M-Bus (RJ12)"
    lists = ((5_000, 0, "full"),)
    blocks = (0x70, 0x6C, 0x7A)
    # OBIS and text form of what stands before the clock
    names = (("0-0:42.0.0", "LGZ10300000{}"), ("0-0:96.1.1", "19{}"))
    rows = (
        tuple((f"1-1:{c}.8.0", U32, 0) for c in (1, 2, 3, 4))
        + tuple((f"1-0:{c}.7.0", U32, 0) for c in (1, 2))
        + tuple((f"1-0:{c}.7.0", U16, 0) for c in (32, 52, 72))
        + tuple((f"1-0:{c}.7.0", U16, -2) for c in (31, 51, 71))
    )

    def burst(self, kind):
        values = {}
        now = civil(self.start, self.ms)
        # The header is stamped when the push begins, the clock attribute a second later.
        later = now + timedelta(seconds=1)
        body_clock = cosem(later, status=0x80 if self.summer() else 0)
        texts = {obis: form.format(self.number) for obis, form in self.names}
        described = [
            _descriptor(_PUSH, _PUSH_SETUP),
            _descriptor(_PUSH, _PUSH_SETUP, 1),
            *(_descriptor(_DATA, obis) for obis in texts),
            _descriptor(_CLOCK, "0-0:1.0.0"),
            *(_descriptor(_REGISTER, row[0]) for row in self.rows),
        ]
        items = [
            axdr.array(*described),
            axdr.name(_PUSH_SETUP),
            *(axdr.octets(text.encode()) for text in texts.values()),
            axdr.octets(body_clock),
            *(self.row(values, *row) for row in self.rows),
        ]
        invoke = (self.counter & 0xFFFFFF).to_bytes(4, "big")
        apdu = axdr.data_notification(axdr.structure(*items), b"\x0c" + cosem(now), invoke)
        frames = hdlc.block_transfer(self.sealed(apdu), _ADDRESS, self.blocks)
        meter_id = texts[self.names[0][0]]
        truth = self.truth(values, None, iso(later), meter_id, None, texts)
        return self.send(b"".join(frames), truth)

    def sealed(self, apdu):
        """The APDU as it goes out: this meter does not encrypt."""
        return apdu


class LandisGyrStyria(LandisGyr):
    """Landis+Gyr E450 in Austria: the same push, encrypted and authenticated before it is cut."""

    name, model, country = "lg-e450-at", "E450 (Steiermark)", "AT"
    encrypted = authenticated = True
    blocks = (0x77, 0x7A)
    names = (("0-0:96.1.0", "568{}"),)
    rows = (
        tuple((f"1-0:{c}.7.0", U32, 0) for c in (1, 2))
        + tuple((f"1-0:{c}.8.0", U32, 0) for c in (1, 2))
        + tuple((f"1-0:{c}.7.0", U32, 0) for c in (3, 4))
        + tuple((f"1-0:{c}.8.0", U32, 0) for c in (3, 4))
        + tuple((f"1-0:{c}.7.0", U16, -2) for c in (31, 51, 71))
        + tuple((f"1-0:{c}.7.0", U16, 0) for c in (32, 52, 72))
    )

    def sealed(self, apdu):
        title = b"LGZgs" + int(self.number).to_bytes(3, "big")
        return glo_ciphering(apdu, self.key, self.auth_key, title, self.counter, 0x30)


class LandisGyrBurgenland(Meter):
    """Landis+Gyr E450 of Netz Burgenland: 14 bare values in one encrypted frame."""

    name, maker, model, country = "lg-e450-burgenland", "Landis+Gyr", "E450 (Burgenland)", "AT"
    interface = "CII M-Bus (RJ12)"
    encrypted = authenticated = True
    lists = ((5_000, 0, "full"),)
    rows = (
        tuple((f"1-0:{c}.7.0", U16, 0) for c in (32, 52, 72))
        + tuple((f"1-0:{c}.7.0", U16, -2) for c in (31, 51, 71))
        + tuple((f"1-0:{c}.7.0", U32, 0) for c in (1, 2))
        + tuple((f"1-0:{c}.8.0", U32, 0) for c in (1, 2))
    )

    def burst(self, kind):
        values = {}
        now = civil(self.start, self.ms)
        items = [self.row(values, *row) for row in self.rows]
        # Three more numbers stand here whose meaning no public document tells.
        items += [axdr.integer(U16, number) for number in (400, 53, 295)]
        meter_id = "301" + self.number
        items.append(axdr.octets(meter_id.encode()))
        invoke = (self.counter & 0xFFFFFF).to_bytes(4, "big")
        apdu = axdr.data_notification(axdr.structure(*items), b"\x0c" + cosem(now), invoke)
        title = b"LGZgr" + int(self.number).to_bytes(3, "big")
        sealed = glo_ciphering(apdu, self.key, self.auth_key, title, self.counter, 0x30)
        truth = self.truth(values, None, iso(now), meter_id)
        return self.send(hdlc.frame(hdlc.LLC + sealed, _ADDRESS), truth)


METERS = (LandisGyr, LandisGyrStyria, LandisGyrBurgenland)
