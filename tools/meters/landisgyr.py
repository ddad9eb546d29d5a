"""Landis+Gyr E450 in Switzerland: a push that describes itself, in general-block-transfer.

structure{array of {class, OBIS, attribute, index}, value, value, …}: the first descriptor is the
array's own, so the elements of the structure and the descriptors go in pairs. No scalers: W, Wh,
1 V, 0.01 A. Blocks come in several HDLC frames, only the first with LLC.
"""

from datetime import timedelta

from . import axdr, hdlc
from .axdr import U16, U32
from .clock import civil, cosem, iso
from .meter import Meter

_ADDRESS = b"\xce\xff\x03"
_BLOCKS = (0x70, 0x6C, 0x7A)
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
        texts = {"0-0:42.0.0": "LGZ10300000" + self.number, "0-0:96.1.1": "19" + self.number}
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
        frames = hdlc.block_transfer(apdu, _ADDRESS, _BLOCKS)
        truth = self.truth(values, None, iso(later), texts["0-0:42.0.0"], None, texts)
        return self.send(b"".join(frames), truth)


METERS = (LandisGyr,)
