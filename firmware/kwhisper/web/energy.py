"""/energy.json, /price.json and POST /reference; imported when one of them is first asked for."""

import json
import struct

from .. import calendar
from ..energy.price import HEAD, HEAD_SIZE, at
from ..formats.entries import decimal
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
                rates = at(account, time)
                yield before + (decimal(rates[i], -5).decode() if rates else "null")
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


def reference(account, body):
    """Take or delete the reference reading."""
    try:
        asked = json.loads(body)
        text, time = asked["text"], asked.get("time", 0)
        registers = asked.get("import"), asked.get("export")
        numbers = (time,) + registers
        sound = isinstance(text, str) and len(text) <= _TEXT
        for number in numbers:
            sound = sound and (number is None or (type(number) is int and number >= 0))
    except (ValueError, TypeError, KeyError, AttributeError, RuntimeError):
        sound = False
    if not sound:
        return said('{"errors":{"text":"must be a text, and whole numbers beside it"}}', 422)
    account.marks.pop("reference", None)
    if text:
        if not account.zero:
            return said('{"errors":{"":"the meter has not told its registers yet"}}', 422)
        mark = account.total[:]
        for i in 0, 1:
            if registers[i] is not None and account.zero[i] is not None:
                mark[1 + i] = registers[i] * 1000 + account.zero[i]
                mark[5] = -1  # what it cost since then nobody knows
        if time:
            mark[0] = time
            mark[5] = -1
        account.marks["reference"] = mark
    account.text = text
    account.save()
    return said('{"saved":true}')
