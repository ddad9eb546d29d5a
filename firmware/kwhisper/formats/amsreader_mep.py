"""The topics that the amsreader for NES meters (seed NES-MEP-Reader) has beside amsreader's own.

So a home that changes over need not notice it. Loaded where a MEP port is asked.
"""

from meterwire import UNSURE

from . import DOCUMENT, FACT, VALUE

_ROWS = {
    0x0E0700: b"frequency",
    0x090700: b"appowerVA",
    0x050700: b"reactivepower_Q1",
    0x060700: b"reactivepower_Q2",
    0x070700: b"reactivepower_Q3",
    0x080700: b"reactivepower_Q4",
}
_READY_S = const(60)


def device(context):
    """Whether the meter answers."""
    age = context.status.frame_age()
    ready = age is not None and age < _READY_S
    yield context.below + b"meter/mep_data_ready", b"%d" % ready, FACT


def messages(r, context):
    """What stands on the meter, and the values that amsreader has no topics for."""
    below = context.below + b"meter/"
    yield below + b"mep_data_ready", b"1", FACT
    yield below + b"mep_alivecounter", b"%d" % context.status.frames().get("ok", 0), DOCUMENT
    # A list made up from the newest values has no plate.
    plate = getattr(r, "plate", b"")
    if plate:
        about = (
            (b"manufacturer", plate[:4].strip(b"\0 ")),
            (b"model", plate[4:12].strip(b"\0 ")),
            (b"firmwareversion", version(plate[14:16])),
            (b"hardwareversion", version(plate[12:14])),
        )
        for name, text in about:
            yield below + name, text, DOCUMENT
        if r.meter_id and context.settings["publish_meter_id"]:
            yield below + b"serialnumber", r.meter_id.encode(), DOCUMENT
    for i in range(len(r)):
        name = None if r.entry(i) or r.flag(i) & UNSURE else _ROWS.get(r.key(i))
        if name:
            yield below + name, context.number(r, i), VALUE


def version(raw):
    """Two bytes as x.y.z: four bits, seven, five (guide, BT01)."""
    n = raw[0] << 8 | raw[1]
    return b"%d.%d.%d" % (n >> 12, n >> 5 & 127, n & 31)
