"""What every format asks about an entry of a Reading: its name, its flags, if it is private. What
a person is told of it: labels.py."""

from meterwire import obis
from meterwire.reading import flag_names

# meter_id, meter_type and list_id, which every Reading has as attributes
_OF_THE_READING = const((0x600100, 0x600107, 0x000281))

# which() -> name as bytes: a list has the same entries every time
_names = {}
MOST = 128  # of them; the ESP8266 keeps fewer


def which(r, i):
    """A small number for the entry: C, D, E and, of a sub-meter (A-B from 0-1 up), the channel,
    and if it counts energy."""
    ab = r.ab(i)
    energy = ab and ab < 16 and r.unit(i) in ("J", "Wh")
    return energy << 28 | r.key(i) << 4 | (ab if ab < 16 else 0)


def name(r, i):
    """The entry's name: b"voltage_l1", b"meter1_volume"; its OBIS code if the table has none."""
    number = which(r, i)
    found = _names.get(number)
    if found is None:
        found = (obis.name(r.key(i), r.ab(i), r.unit(i)) or r.obis(i)).encode()
        if len(_names) >= MOST:
            _names.clear()
        _names[number] = found
    return found


def topic(r, i):
    """The same for a topic."""
    found = name(r, i)
    return found if found.find(b":") < 0 else b"obis/" + found


def names_meter(key):
    """Whether the entry of this C, D, E tells whose meter it is: 0.0.x, 42.0.0, and 96.1.x
    (Belgium's EAN is 96.1.2) but for the telegram's version (4) and the meter's type (7)."""
    if key >> 8 == 0x6001:
        return key & 255 not in (4, 7)
    return key < 256 or key == 0x2A0000


def private(r, i, settings):
    """Whether the entry is not published: a time; what the Reading says itself; or it names the
    meter and the user has not allowed that."""
    key = r.key(i)
    if r.entry(i) == 2 or key in _OF_THE_READING:
        return True
    return names_meter(key) and not settings["publish_meter_id"]


def about(r, settings):
    """(name, text or None) of what a list says of itself and its meter, as far as it may."""
    number = r.meter_id
    kind = r.meter_type
    if not settings["publish_meter_id"]:
        # Some write the number into the type.
        kind = kind.replace(number, "").strip() if kind and number else kind
        number = None
    return (b"list_id", r.list_id), (b"meter_type", kind), (b"meter_id", number)


def decimal(mantissa, exponent):
    """mantissa * 10 ** exponent as bytes with its decimals: (1230, -1) is 123.0, (5, 1) is 50."""
    if exponent >= 0:
        return b"%d" % (mantissa * 10**exponent)
    text = "%0*d" % (1 - exponent, abs(mantissa))
    sign = "-" if mantissa < 0 else ""
    return (sign + text[:exponent] + "." + text[exponent:]).encode()


def flag_text(flags):
    """b"derived", b"unsure stale" …, b"good" when there is none."""
    return " ".join(flag_names(flags)).encode() or b"good"
