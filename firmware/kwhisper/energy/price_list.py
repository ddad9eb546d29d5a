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
_WORD = const(40)  # bytes of a number or a time
_SPACE = const(' "\r\n\t')


def take(payload, account, publisher):
    """Check and keep the prices, and answer on the commands' result."""
    answer = {"command": "price", "ok": False}
    try:
        start, minutes, imports, exports = parse(payload)
        keep(account.path + "/prices", start, minutes, imports, exports)
        if account.total:
            account.rates = at(account, account.total[0])
        when = calendar.text(start, calendar.offset_at(start, account.zone))
        answer["text"] = "%d prices of %d minutes from %s" % (len(imports), minutes, when)
        answer["ok"] = True
    except ValueError as e:  # UnicodeError is one, too
        answer["text"] = str(e)
    except OSError as e:
        answer["text"] = "the prices cannot be written: error %d" % e.errno
    # QoS 1: on a slow line live values make room for it.
    text = json.dumps(answer).encode()
    publisher.client.publish(publisher.commands + b"/result", text, False, 1)


def parse(data):
    """(start, minutes, imports, exports or None); ValueError tells what is wrong."""
    imports, exports = numbers(data, b'"import"'), numbers(data, b'"export"')
    if not imports or len(imports) > _MOST:
        raise ValueError('"import" must be a list of at most %d prices' % _MOST)
    if exports and len(exports) != len(imports):
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
        if start % (minutes * 60):
            raise ValueError
    except (ValueError, IndexError):
        raise ValueError('"start" must be like 2026-11-26T00:00:00+01:00, or seconds since 1970')
    return start, minutes, imports, exports


def keep(path, start, minutes, imports, exports):
    """Write the list, behind what is known of the time before it."""
    first = start
    kept = [[], []]
    try:
        with open(path, "rb") as f:
            old, step, count, both = struct.unpack(HEAD, f.read(HEAD_SIZE))
            before = (start - old) // (minutes * 60)
            if step == minutes and both == bool(exports) and 0 < before <= count:
                skip = max(0, before + len(imports) - _MOST)
                first = old + skip * minutes * 60
                for n in range(1 + both):
                    f.seek(HEAD_SIZE + 4 * (n * count + skip))
                    data = f.read(4 * (before - skip))
                    kept[n] = struct.unpack("<%di" % (before - skip), data)
    except (OSError, ValueError):
        pass  # the first list, or none that can be read
    with open(path + ".new", "wb") as f:
        f.write(struct.pack(HEAD, first, minutes, len(kept[0]) + len(imports), bool(exports)))
        for prices in kept[0], imports, kept[1], exports or ():
            for price in prices:
                f.write(struct.pack("<i", price))
    os.rename(path + ".new", path)


def word(data, name):
    """What stands behind a name, without quotes."""
    at = data.find(name)
    if at < 0:
        return ""
    at = data.find(b":", at + len(name)) + 1
    return data[at : at + _WORD].partition(b",")[0].partition(b"}")[0].decode().strip(_SPACE)


def numbers(data, name):
    """The list of prices behind a name in 10^-5, None if it is not there. Piece by piece: there is
    no room for a second copy of it."""
    at = data.find(name)
    if at < 0:
        return None
    begin = data.find(b"[", at)
    end = data.find(b"]", at)
    if not 0 < begin < end or data[at + len(name) : begin].strip() != b":":
        raise ValueError("%s is no list" % name.decode())
    found = []
    while begin < end:
        stop = data.find(b",", begin + 1, end)
        if stop < 0:
            stop = end
        text = data[begin + 1 : min(stop, begin + _WORD)].decode().strip(_SPACE)
        begin = stop
        # null: not known; 1.2e-05: so Python writes what is small
        digits, _, power = text.partition("e-")
        if not (digits + power).lstrip("-").replace(".", "", 1).isdigit() and text != "null":
            raise ValueError("%s is no price" % text[:20])
        price = UNKNOWN
        if text != "null":
            by = 10 ** int(power or "0")
            price = (2 * parsed(digits) + by) // (2 * by)
            if price > _HIGHEST:
                raise ValueError("%s is too much" % text[:20])
        found.append(price)
    return found
