"""/price.json; imported when it is asked for."""

import json
import struct

from .. import calendar
from ..energy.price import HEAD, HEAD_SIZE, at
from ..formats.entries import decimal
from .api import answer as said
from .api import static

_DAY = const(86400)


async def answer(api, c):
    """The prices; 404 if energy is off."""
    return said(prices(api.account)) if api.account else static("")


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
