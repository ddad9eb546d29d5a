"""Takes the list of prices that came on <topic>/price/set; imported when one comes.

    {"start": "2026-11-26T00:00:00+01:00", "minutes": 15, "import": [0.10345, …], "export": […]}

Its schema: docs/energy.md. Numbers are read as text: they never are floats. What was known before
`start` stays, so that today and tomorrow may come apart.
"""

import json
import os
import struct

from .. import calendar
from .price import HEAD, HEAD_SIZE, UNKNOWN, at, parsed

_MOST = const(200)  # prices: two days of quarters, one of them with 25 hours
_HIGHEST = const(2_000_000_000)
_LATEST = const(4_000_000_000)  # s since 1970
_WORD = const(40)  # bytes of a number or a time
_SPACE = const(' "\r\n\t')


def take(payload, account, publisher):
    """Check and keep the prices, and answer on the commands' result."""
    answer = {"command": "price", "ok": False}
    try:
        start, minutes, count, exports = parse(payload)
        keep(account.path + "/prices", start, minutes, count, exports, payload)
        if account.total:
            account.rates = at(account, account.total[0])
        when = calendar.text(start, calendar.offset_at(start, account.zone))
        answer["text"] = "%d prices of %d minutes from %s" % (count, minutes, when)
        answer["ok"] = True
    except ValueError as e:  # UnicodeError is one, too
        answer["text"] = str(e)
    except OSError as e:
        answer["text"] = "the prices cannot be written: error %d" % e.errno
    except MemoryError:
        answer["text"] = "no memory is left for so many prices: send one day at a time"
    # QoS 1: on a slow line live values make room for it.
    text = json.dumps(answer).encode()
    publisher.client.publish(publisher.commands + b"/result", text, False, 1)


def parse(data):
    """(start, minutes, how many prices, whether there are some of exports); ValueError tells what
    is wrong. The prices are only looked at."""
    if b"{" not in data:
        raise ValueError("the payload is not a JSON object")
    count = 0
    for _ in numbers(data, b'"import"'):
        count += 1
    if not 0 < count <= _MOST:
        raise ValueError('"import" must be a list of at most %d prices' % _MOST)
    exports = 0
    for _ in numbers(data, b'"export"'):
        exports += 1
    if exports not in (0, count):
        raise ValueError('"export" must have as many prices as "import"')
    minutes = word(data, b'"minutes"') or "60"
    if minutes not in ("15", "30", "60"):
        raise ValueError('"minutes" must be 15, 30 or 60')
    start = word(data, b'"start"')
    minutes = int(minutes)
    try:
        if start.isdigit():
            start = int(start)
        else:
            # 2026-11-26T00:00:00+01:00 or …Z
            date = [int(start[at : at + 2]) for at in (2, 5, 8, 11, 14)]
            away = 0
            if start[-1] != "Z":
                away = int(start[-5:-3]) * 60 + int(start[-2:])
                if start[-3] != ":" or start[-6] not in "+-":
                    raise ValueError
                away = -away if start[-6] == "-" else away
            start = calendar.seconds(2000 + date[0], *date[1:]) - away * 60
        if start % (minutes * 60) or not 0 < start <= _LATEST:
            raise ValueError
    except (ValueError, IndexError):
        raise ValueError('"start" must be like 2026-11-26T00:00:00+01:00, or seconds since 1970')
    return start, minutes, count, exports > 0


def keep(path, start, minutes, count, exports, data):
    """Write the list, behind what is known of the time before it. One price after the other: there
    is no room for them all."""
    old = None
    stays = skip = n = 0
    try:
        old = open(path, "rb")
        first, step, n, both = struct.unpack(HEAD, old.read(HEAD_SIZE))
        before = (start - first) // (minutes * 60)
        if step == minutes and both == exports and 0 < before <= n:
            skip = max(0, before + count - _MOST)
            stays = before - skip
    except (OSError, ValueError):
        pass  # the first list, or none that can be read
    with open(path + ".new", "wb") as f:
        f.write(struct.pack(HEAD, start - stays * minutes * 60, minutes, stays + count, exports))
        for way, name in enumerate((b'"import"', b'"export"')[: 1 + exports]):
            if stays:
                old.seek(HEAD_SIZE + 4 * (way * n + skip))
            for _ in range(stays):
                f.write(old.read(4))
            for price in numbers(data, name):
                f.write(struct.pack("<i", price))
    if old:
        old.close()
    os.rename(path + ".new", path)


def word(data, name):
    """What stands behind a name, without quotes."""
    at = data.find(name)
    if at < 0:
        return ""
    at = data.find(b":", at + len(name)) + 1
    return data[at : at + _WORD].partition(b",")[0].partition(b"}")[0].decode().strip(_SPACE)


def numbers(data, name):
    """Iterate the prices of the list behind a name in 10^-5; there may be no such list."""
    at = data.find(name)
    if at < 0:
        return
    begin = data.find(b"[", at)
    end = data.find(b"]", at)
    if not 0 < begin < end or data[at + len(name) : begin].strip() != b":":
        raise ValueError("%s is not a list" % name.decode())
    while begin < end:
        stop = data.find(b",", begin + 1, end)
        if stop < 0:
            stop = end
        text = data[begin + 1 : min(stop, begin + _WORD)].decode().strip(_SPACE)
        begin = stop
        # null: not known; 1.2e-05: so Python writes what is small
        digits, _, power = text.partition("e-")
        plain = (digits + power).lstrip("-").replace(".", "", 1).isdigit() and len(power) < 3
        if not plain and text != "null":
            raise ValueError("%s is not a price" % text[:20])
        price = UNKNOWN
        if text != "null":
            by = 10 ** int(power or "0")
            price = (2 * parsed(digits) + by) // (2 * by)
            if abs(price) > _HIGHEST:
                raise ValueError("%s is too high" % text[:20])
        yield price
