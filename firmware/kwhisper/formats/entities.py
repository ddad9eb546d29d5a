"""Which values Home Assistant does not know yet. Apart from homeassistant.py, which is needed only
while configs are sent: this looks at every list."""

from meterwire import UNSURE, obis

from . import entries

QUALITY = -8  # behind the device's own, see homeassistant.py


def entities(r, known):
    """Iterate (key, what is to be known of it) of the values that have no entity yet."""
    hourly = r.kind == 3
    for i in range(len(r)):
        if r.entry(i) or r.flag(i) & UNSURE:
            continue
        which = entries.which(r, i)
        was = known.get(which)
        slow = was[0] if isinstance(was, tuple) else was
        # Met in an hour's list, and then in the lists between: it comes more often.
        if was is None or (slow and not hourly and not obis.is_total(r.key(i))):
            name = entries.name(r, i).decode()
            if ":" in name or name[:5] == "meter":
                # A sub-meter's register may wait for its hour.
                slow = hourly or obis.is_total(r.key(i))
                from .labels import medium

                yield which, (slow, name, r.unit(i), medium(r, i))
            else:
                yield which, hourly
    if r.flags and QUALITY not in known:
        yield QUALITY, True
