"""Names for people: of the page, of Home Assistant, of a display. Loaded only for these."""

from meterwire import obis

from . import entries

_DEVICE_TYPE = const(0x180100)
_GAS = const(0x180300)  # says by its code what it is
# words of the names that are said otherwise
_WORDS = const(
    "|active:|average:average of this period|l:L|meter:meter |n:N|peak:peak of this month"
    "|q:quadrant |t:tariff |"
)


def medium(r, i):
    """What the sub-meter of an entry measures: "gas", "heat" …, or None. Of two that measure the
    same the second is "gas 2", with its channel."""
    channel = r.ab(i)
    if not 0 < channel < 16:
        return None
    found = obis.medium(r.device(channel)) or ("gas" if r.key(i) == _GAS else None)
    for k in range(len(r)):
        if found and r.key(k) == _DEVICE_TYPE and r.ab(k) < channel:
            if obis.medium(r.value(k)) == found:
                return "%s %d" % (found, channel)
    return found


def label(name, medium=None):
    """A name for a person: "Voltage L1", "Energy import tariff 1", "Meter 1 volume"; where it is
    known what the sub-meter measures, "Gas", "Heat", "Heat volume"."""
    table = _WORDS
    words = []
    for word in name.split("_"):
        stem = word.rstrip("1234567890")
        at = table.find("|" + stem + ":") + 1
        if at:
            at += len(stem) + 1
            word = table[at : table.find("|", at)] + word[len(stem) :]
        words.append(word)
    if medium:
        words[0] = medium
        if words[1] == "energy" or (words[1] == "volume" and medium[0] in "gw"):
            words[1] = ""
    text = " ".join(" ".join(words).split())
    return text[0].upper() + text[1:]


def shown(latest, kept):
    """What Latest.entries() iterates; kept is a Reading of all its values."""
    now = latest.uptime()
    for i in range(latest.count):
        name = entries.name(kept, i).decode()
        text = name if ":" in name else label(name, medium(kept, i))
        yield name, text, kept.decimal(i), kept.unit(i), now - latest.when[i], kept.flag(i)
