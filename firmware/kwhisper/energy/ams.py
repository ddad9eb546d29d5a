"""The account as amsreader tells it: <topic>/realtime/… in kWh, <topic>/price/… of a kWh, and what
its classic JSON has of it, for formats/amsreader.py."""

from ..formats import DOCUMENT, entries
from .price import at

_PERIODS = const((("hour", "hour"), ("day", "today"), ("month", "month")))
_PRICES = const(36)  # hours ahead, as many as amsreader tells
_AT_A_TIME = const(4)


def messages(account, told, context):
    """Yield the messages: the periods and a few of the prices each time, the rest each quarter."""
    if not account.total:
        return
    below, memory = context.below, context.memory
    for theirs, ours in _PERIODS:
        for way in ("import", "export"):
            topic = "realtime/%s/%s" % (way, theirs)
            yield below + topic.encode(), kilo(told["%s_%s" % (ours, way)]), DOCUMENT
    memory["classic"] = classic(account, told)
    time = account.total[0]
    # A few at a time: they would fill the queue.
    first = n = memory.get("price", 0)
    for n in range(first, first + _AT_A_TIME):
        rates = at(account, time - time % 3600 + n * 3600)
        if not rates:
            n = _PRICES
            break
        for i, way in enumerate((b"import", b"export")):
            yield below + b"price/%s/%d" % (way, n), entries.decimal(rates[i], -5), DOCUMENT
    memory["price"] = n + 1 if n + 1 < _PRICES else 0
    capacity = account.capacity
    if not capacity or memory.get("realtime") == time // 900:
        return
    memory["realtime"] = time // 900
    for n, (_, power, _) in enumerate(account.peaks[1]):
        topic = b"realtime/import/peak/%d" % (n + 1)
        yield below + topic, entries.decimal((power + 5000) // 10000, -2), DOCUMENT
    for n, step in enumerate(capacity[2]):
        topic = b"realtime/import/thresholds/%d" % (n + 1)
        yield below + topic, b"%d" % (step // 1_000_000), DOCUMENT
    for theirs, ours in ((b"threshold", "capacity_limit"), (b"monthmax", "capacity")):
        if ours in told:
            yield below + b"realtime/import/" + theirs, kilo(told[ours]), DOCUMENT


def classic(account, told):
    """What amsreader's classic JSON has of it: this hour, day and month, threshold, peaks."""
    names = (("h", "hour_import"), ("d", "today_import"), ("m", "month_import"))
    names += (("t", "capacity_limit"), ("x", "capacity"))
    names += (("he", "hour_export"), ("de", "today_export"), ("me", "month_export"))
    found = []
    for theirs, ours in names:
        if ours in told:
            found.append('"%s":%s' % (theirs, kilo(told[ours]).decode()))
    peaks = account.peaks[1] if account.capacity else ()
    peaks = [entries.decimal((power + 5000) // 10000, -2).decode() for _, power, _ in peaks]
    found.append('"peaks":[%s]' % ",".join(peaks))
    return (',"realtime":{%s}' % ",".join(found)).encode()


def kilo(text):
    """A text in Wh or W in kWh or kW, to three decimals."""
    whole, _, decimals = text.partition(".")
    return entries.decimal(int(whole + decimals), -3 - len(decimals))
