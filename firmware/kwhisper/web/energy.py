"""/energy.json, /price.json and POST /reference; imported when one of them is first asked for."""

import json
import struct

from .. import calendar
from ..energy.price import HEAD, HEAD_SIZE
from .api import answer as said
from .api import static

_DAY = const(86400)
_TEXT = const(60)  # letters


async def answer(api, c):
    """The answer to one of them; 404 if energy is off."""
    account = api.account
    if not account:
        return static("")
    if c.method == "POST":
        return reference(account, await c.body())
    return said(document(account) if c.path == "/energy.json" else prices(account))


def document(account):
    """What the account tells, as one object."""
    start = "{"
    for name, value in account.pairs():
        yield '%s"%s":%s' % (start, name, value)
        start = ","
    yield "{}" if start == "{" else "}"


def prices(account):
    """The prices from local midnight on, as long as they are known, at least today's."""
    total = account.total
    yield '{"currency":%s' % json.dumps(account.currency)
    if total:
        start = midnight(total[0], account.zone)
        span, minutes = known(account.path + "/prices", start)
        yield ',"start":%d,"minutes":%d' % (start, minutes)
        for i, way in enumerate(("import", "export")):
            before = ',"%s":[' % way
            for time in range(start, start + span, minutes * 60):
                rates = account.at(time)
                yield before + (decimal(rates[i]) if rates else "null")
                before = ","
            yield "]"
    yield "}"


def midnight(time, zone):
    """When the local day of that time began."""
    offset = calendar.offset_at(time, zone) * 60
    begin = (time + offset) // _DAY * _DAY
    # The clocks may have been turned since.
    return begin - calendar.offset_at(begin - offset, zone) * 60


def known(path, start):
    """(seconds that the list tells from `start` on, at least a day; minutes of its steps)."""
    try:
        with open(path, "rb") as f:
            first, minutes, count, _ = struct.unpack(HEAD, f.read(HEAD_SIZE))
        return max(_DAY, first + count * minutes * 60 - start), minutes
    except (OSError, ValueError):
        return _DAY, 60


def decimal(price):
    """10^-5 as text."""
    from ..formats.entries import decimal

    return decimal(price, -5).decode()


def reference(account, body):
    """Take or delete the reference reading."""
    try:
        asked = json.loads(body)
        text = asked["text"]
        time = asked.get("time")
        registers = asked.get("import"), asked.get("export")
    except (ValueError, TypeError, KeyError, AttributeError, RuntimeError):
        return said('{"errors":{"":"must be a JSON object with text"}}', 400)
    if not isinstance(text, str) or len(text) > _TEXT:
        return said('{"errors":{"text":"must be a text of at most %d letters"}}' % _TEXT, 422)
    for name, value in (("time", time), ("import", registers[0]), ("export", registers[1])):
        if value is not None and (type(value) is not int or value < 0):
            return said('{"errors":{"%s":"must be a whole number"}}' % name, 422)
    if not text:
        account.marks.pop("reference", None)
    elif not account.total or not account.zero:
        return said('{"errors":{"":"the meter has not told its registers yet"}}', 422)
    else:
        mark = account.total[:]
        for i in 0, 1:
            if registers[i] is not None and account.zero[i] is not None:
                # What was known then is no mark of ours, so nobody knows what it cost since.
                mark[1 + i] = registers[i] * 1000 + account.zero[i]
                mark[5] = -1
        if time is not None and time < mark[0]:
            mark[0] = time
            mark[5] = -1
        account.marks["reference"] = mark
    account.text = text
    account.save()
    return said('{"saved":true}')
