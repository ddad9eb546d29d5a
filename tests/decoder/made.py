"""Small lists and frames for tests, made with the simulated meters' writers, and what is read."""

from kwhisper_tools.meters import axdr, hdlc, telegram
from kwhisper_tools.meters.axdr import I16, U16, U32
from meterwire import Decoder, Reading
from meterwire.reading import flag_names
from meterwire.words import NUMBER

ADDRESS = b"\x41\x08\x83"
# The example list of the HAN-powermeter seed: 1604 W.
SEED_LIST = bytes.fromhex(
    "7EA02A410883130413E6E7000F40000000000101020309060100010700FF060000064402020F00161B6F927E"
)


def named(obis, value, kind=U32):
    """OBIS code and value, one after the other."""
    return axdr.name(obis) + axdr.integer(kind, value)


def triple(obis, value, exponent, unit, kind=U32):
    """{OBIS, value, {scaler, unit}}"""
    return axdr.structure(
        axdr.name(obis), axdr.integer(kind, value), axdr.scaler_unit(exponent, unit)
    )


def text(obis, words):
    """{OBIS, visible-string}"""
    return axdr.structure(axdr.name(obis), axdr.visible(words))


def notification(*elements, when=b"\x00"):
    """A DataNotification with an array of elements."""
    return axdr.data_notification(axdr.array(*elements), when)


def framed(apdu, llc=hdlc.LLC):
    """An APDU in one HDLC frame."""
    return hdlc.frame(llc + apdu, ADDRESS)


def pushed(*elements, when=b"\x00"):
    """One HDLC frame with an array of elements."""
    return framed(notification(*elements, when=when))


def bare(list_name, *pairs, when=b"\x00"):
    """A list without scalers: a structure of a name and OBIS/value pairs, in one HDLC frame."""
    items = [axdr.visible(list_name)]
    count = 1
    body = b"".join(pairs)
    for pair in pairs:
        count += 1 if pair == axdr.NULL else 2
    structure = b"\x02" + bytes((count,)) + items[0] + body
    return framed(axdr.data_notification(structure, when))


def telegraph(*lines, ident="KMP5 made", blank=True):
    """A P1 telegram with its CRC."""
    return telegram.write(ident, list(lines), blank)


def unchecked(*lines, ident="KMP5 made"):
    """A P1 telegram of a meter older than DSMR 4: no CRC."""
    return telegram.write(ident, list(lines))[:-6] + b"\r\n"


def readings(data, decoder=None, flush=True, step=None, **options):
    """All Readings of the data, as copies."""
    decoder = decoder or Decoder(**{"size": 4096, **options})
    found = []
    step = step or max(1, len(data))
    for at in range(0, len(data), step):
        found += [reading.copy() for reading in decoder.feed(data[at : at + step])]
    if flush:
        found += [reading.copy() for reading in decoder.flush()]
    return found


def reading(data, **options) -> Reading:
    """The one Reading of the data."""
    found = readings(data, **options)
    assert len(found) == 1, f"{len(found)} readings"
    return found[0]


def values(found):
    """{OBIS: (decimal text, unit)} of a Reading's numbers."""
    return {
        found.obis(i): (found.decimal(i), found.unit(i))
        for i in range(len(found))
        if found.entry(i) == NUMBER
    }


def texts(found):
    """{OBIS: text} of a Reading's texts and times."""
    return {found.obis(i): found.text(i) for i in range(len(found)) if found.entry(i) != NUMBER}


def flagged(found, name):
    """The OBIS codes of the entries with this flag."""
    bit = next(1 << n for n in range(8) if flag_names(1 << n) == [name])
    return [found.obis(i) for i in range(len(found)) if found.flag(i) & bit]


def causes(decoder):
    """The counters that are not zero."""
    return {cause: n for cause, n in decoder.counters.items() if n}


__all__ = ["I16", "U16", "U32"]
