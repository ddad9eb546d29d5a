"""What every format asks about an entry of a Reading: its name, its flags, if it is private."""

from meterwire import obis

# C, D, E of entries that tell whose meter it is: device id, logical device name; 0.0.x: numbers
_WHO = (0x600100, 0x2A0000)
_FLAGS = ((1, "unsure"), (2, "stale"), (4, "estimated"), (8, "derived"))


def name(r, i):
    """The entry's name: "voltage_l1"; the OBIS code itself if the table has none.

    Sub-meters behind the meter (A-B is 0-1 … 0-4) get their channel: "gas_volume_2".
    """
    known = obis.name(r.key(i))
    if not known:
        return r.obis(i)
    ab = r.ab(i)
    return "%s_%d" % (known, ab) if 1 < ab < 16 else known


def which(r, i):
    """A number for the entry: C, D, E and the channel. Fits in a small int."""
    ab = r.ab(i)
    return r.key(i) << 4 | (ab if ab < 16 else 0)


def topic(r, i):
    """The same as bytes, for a topic."""
    text = name(r, i).encode()
    return text if text.find(b":") < 0 else b"obis/" + text


def private(r, i, settings):
    """Whether the entry names the meter and the user has not allowed that."""
    if settings["publish_meter_id"]:
        return False
    return r.key(i) < 256 or r.key(i) in _WHO or (r.entry(i) == 1 and r.text(i) == r.meter_id)


def flag_text(flags):
    """b"derived", b"unsure stale" …, b"good" when there is none."""
    return " ".join(text for bit, text in _FLAGS if flags & bit).encode() or b"good"


def flag_names(flags):
    """The same as an iterable of str."""
    return [text for bit, text in _FLAGS if flags & bit]
