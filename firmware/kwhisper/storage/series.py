"""Whether totals go on from those before them: the same meter's, and in no doubt. Imported at each
of the ledger's records, and let go."""

from binascii import crc32

from meterwire.reading import STALE, UNSURE

from .record import NEW_SERIES

_BACK = const(8)  # records among which a sound one is looked for
_MOST_W = const(1_000_000)  # no house uses more
_OTHERS_W = const(20_000)  # a register that grew faster is not that of the meter before


def compared(ledger, r, totals, time):
    """The flags of totals beside the sound ones before them."""
    last = sound(ledger)
    if not last:
        return 0
    flags = 0
    passed = max(0, time - last.time)
    if totals[0] == last.totals[0] and must_have_grown(r, passed):
        flags = STALE
    limit = _OTHERS_W if another(ledger, r.meter_id) else _MOST_W
    if breaks_off(totals, last.totals, limit * (passed + 900) // 3600):
        # Another meter; or the register ran backwards, and who can tell why.
        flags |= NEW_SERIES | UNSURE
    return flags


def sound(ledger):
    """The newest Record whose totals are not in doubt, None if it is not among the last."""
    record = ledger.last()
    while record and record.doubted():
        near = record.sequence > ledger.sequence - _BACK
        record = ledger.read(record.sequence - 1) if near else None
    return record


def another(ledger, number):
    """Whether the meter's number is not that of the records before."""
    tag = b"%08x" % crc32(number.encode()) if number else ledger.meter
    if tag == ledger.meter:
        return False
    ledger.meter = tag
    path = ledger.path + "/meter"
    before = b""
    try:
        with open(path, "rb") as f:
            before = f.read()
    except OSError:
        pass  # the first meter
    if before != tag:
        try:
            with open(path, "wb") as f:
                f.write(tag)
        except OSError:
            pass  # it is compared with the one before once more
    return before not in (b"", tag)


def breaks_off(totals, before, limit):
    """Whether import or export fell, or grew by more than `limit` Wh: it is another register."""
    for which in 0, 1:
        new, old = totals[which], before[which]
        if new and old:
            # in units of the finer one
            least = min(new[1], old[1])
            grown = new[0] * 10 ** (new[1] - least) - old[0] * 10 ** (old[1] - least)
            if grown < 0 or grown > limit * 10 ** max(0, -least):
                return True
    return False


def must_have_grown(r, passed):
    """Whether a register must have moved at the power of now: by two of its last digit."""
    i = r.find(1, 7, 0)
    t = r.find(1, 8, 0)
    if i < 0 or t < 0 or r.exponent(i) < 0:
        return False
    used = r.value(i) * 10 ** r.exponent(i) * min(passed, 3600) // 3600
    return used > 2 * 10 ** max(r.exponent(t), 0)
