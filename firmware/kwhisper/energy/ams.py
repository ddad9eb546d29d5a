"""The account as amsreader tells it: <topic>/realtime/… in kWh, <topic>/price/… of a kWh."""

from ..formats import DOCUMENT, entries

_PERIODS = const((("hour", "hour"), ("day", "today"), ("month", "month")))
_PRICES = const(36)  # hours ahead, as many as amsreader tells


def messages(account, told, context):
    """Yield the messages: the periods each time; peaks, steps and prices once a quarter."""
    below = context.below
    for theirs, ours in _PERIODS:
        for way in ("import", "export"):
            value = told.get("%s_%s" % (ours, way))
            if value:
                topic = "realtime/%s/%s" % (way, theirs)
                yield below + topic.encode(), kilo(value), DOCUMENT
    time = account.total and account.total[0]
    quarter = time and time // 900
    if context.memory.get("realtime") == quarter:
        return
    context.memory["realtime"] = quarter
    capacity = account.capacity
    for n, (_, power, _) in enumerate(capacity.state[1] if capacity else ()):
        topic = b"realtime/import/peak/%d" % (n + 1)
        yield below + topic, entries.decimal((power + 5000) // 10000, -2), DOCUMENT
    for n, step in enumerate(capacity.steps if capacity else ()):
        topic = b"realtime/import/thresholds/%d" % (n + 1)
        yield below + topic, b"%d" % (step // 1_000_000), DOCUMENT
    if "capacity_limit" in told:
        yield below + b"realtime/import/threshold", kilo(told["capacity_limit"]), DOCUMENT
    if "capacity" in told:
        yield below + b"realtime/import/monthmax", kilo(told["capacity"]), DOCUMENT
    hour = time - time % 3600
    for n in range(_PRICES):
        rates = account.at(hour + n * 3600)
        if not rates:
            break
        for i, way in enumerate((b"import", b"export")):
            yield below + b"price/%s/%d" % (way, n), entries.decimal(rates[i], -5), DOCUMENT


def kilo(text):
    """A text in Wh or W in kWh or kW, to three decimals."""
    whole, _, decimals = text.partition(".")
    return entries.decimal(int(whole + decimals), -3 - len(decimals))
