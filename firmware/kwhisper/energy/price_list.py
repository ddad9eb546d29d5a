"""Takes the list of prices that came on <topic>/price/set; imported when one comes.

    {"start": "2026-11-26T00:00:00+01:00", "minutes": 15, "import": [0.10345, …], "export": […]}

Its schema: docs/energy.md. Numbers are read as text: they never are floats. What was known before
`start` stays, so that today and tomorrow may come apart.
"""

import json
import os
import struct

from .. import calendar
from .price import HEAD, HEAD_SIZE, UNKNOWN, parsed

_MOST = const(200)  # prices: two days of quarters, one of them with 25 hours
_HIGHEST = const(2_000_000_000)


def take(payload, account, publisher):
    """Check and keep the prices, and answer on the commands' result."""
    answer = {"command": "price", "ok": True}
    try:
        start, minutes, count = parse(bytes(payload), account)
        about = count, minutes, calendar.text(start, calendar.offset_at(start, account.zone))
        answer["text"] = "%d prices of %d minutes from %s" % about
        if account.total:
            account.rates = account.at(account.total[0])
    except ValueError as e:
        answer["ok"] = False
        answer["text"] = str(e)
    publisher.client.publish(
        publisher.commands + b"/result", json.dumps(answer).encode(), False, 1
    )


def parse(payload, account):
    """Keep what the bytes say; (start, minutes, how many). ValueError tells what is wrong."""
    imports = numbers(payload, b'"import"')
    exports = numbers(payload, b'"export"')
    if not imports:
        raise ValueError('"import" must be a list of prices')
    if exports and len(exports) != len(imports):
        raise ValueError('"export" must have as many prices as "import"')
    minutes = word(payload, b'"minutes"') or b"60"
    if minutes not in (b"15", b"30", b"60"):
        raise ValueError('"minutes" must be 15, 30 or 60')
    minutes = int(minutes)
    start = when(word(payload, b'"start"'))
    if start is None or start % (minutes * 60):
        raise ValueError('"start" must be 2026-11-26T00:00:00+01:00, or seconds since 1970')
    return keep(account.path + "/prices", start, minutes, imports, exports)


def keep(path, start, minutes, imports, exports):
    """Put the list behind what is known of the time before it."""
    first = start
    try:
        with open(path, "rb") as f:
            old, step, count, both = struct.unpack(HEAD, f.read(HEAD_SIZE))
            before = (start - old) // (minutes * 60)
            # A day's prices are kept while they may still be asked for.
            if step == minutes and bool(both) == bool(exports) and 0 < before <= count:
                skip = max(0, before + len(imports) - _MOST)
                first = old + skip * minutes * 60
                kept = []
                for n in range(2 if both else 1):
                    f.seek(HEAD_SIZE + 4 * (n * count + skip))
                    data = f.read(4 * (before - skip))
                    kept.append(list(struct.unpack("<%di" % (before - skip), data)))
                imports = kept[0] + imports
                exports = exports and kept[1] + exports
    except (OSError, ValueError):
        pass  # the first list, or none that can be read
    if len(imports) > _MOST:
        raise ValueError("at most %d prices" % _MOST)
    try:
        with open(path + ".new", "wb") as f:
            f.write(struct.pack(HEAD, first, minutes, len(imports), bool(exports)))
            for price in imports + (exports or []):
                f.write(struct.pack("<i", price))
        os.rename(path + ".new", path)
    except OSError as e:
        raise ValueError("the prices cannot be written: error %d" % e.errno)
    return first, minutes, len(imports)


def word(payload, name):
    """What stands behind a name, without quotes; None if the name is not there."""
    at = payload.find(name)
    if at < 0:
        return None
    at = payload.find(b":", at + len(name)) + 1
    end = at
    quoted = False
    while end < len(payload):
        c = payload[end]
        if c == 34:
            quoted = not quoted
        elif not quoted and c in b",}]\r\n":
            break
        end += 1
    return payload[at:end].strip().strip(b'"')


def numbers(payload, name):
    """The list of prices behind a name in 10^-5, None if it is not there."""
    at = payload.find(name)
    if at < 0:
        return None
    begin = payload.find(b"[", at)
    end = payload.find(b"]", begin)
    if begin < 0 or end < 0 or payload[at + len(name) : begin].strip() != b":":
        raise ValueError("%s is no list" % name.decode())
    found = []
    for text in payload[begin + 1 : end].decode().split(","):
        found.append(number(text.strip().strip('"')))
    return found


def number(text):
    """A decimal, also as 1.2e-05, in 10^-5; null is not known."""
    if text == "null":
        return UNKNOWN
    mantissa, _, power = text.lower().partition("e")
    digits = mantissa.lstrip("-")
    try:
        power = int(power or "0")
    except ValueError:
        digits = ""  # "dear"
    if not digits.replace(".", "", 1).isdigit() or not -40 < power < 10:
        raise ValueError("%s is no price" % text[:20])
    if power:
        # The point moves.
        whole, _, decimals = digits.partition(".")
        digits = "0" * -power + whole + decimals + "0" * power
        point = len(whole) + max(0, -power) + power
        digits = digits[:point] + "." + digits[point:]
    price = parsed(digits)
    if price > _HIGHEST:
        raise ValueError("%s is too much" % text[:20])
    return -price if mantissa[:1] == "-" else price


def when(text):
    """Seconds since 1970 of ISO 8601 with an offset, or of a number; None if it is neither."""
    try:
        text = text.decode()
        if text.isdigit():
            return int(text)
        date, _, time = text.replace(" ", "T").partition("T")
        sign = 0
        away = "0:0"
        if time[-1:] == "Z":
            time = time[:-1]
        else:
            sign = 1 if "+" in time else -1
            time, _, away = time.partition("+" if sign > 0 else "-")
        fields = date.split("-") + time.partition(".")[0].split(":")
        hours, _, minutes = away.partition(":")
        if len(fields) not in (5, 6) or not away[:1].isdigit():
            return None
        if not minutes and len(hours) == 4:
            hours, minutes = hours[:2], hours[2:]
        offset = sign * (int(hours) * 60 + int(minutes or "0"))
        return calendar.seconds(*[int(field) for field in fields]) - offset * 60
    except (AttributeError, ValueError, TypeError):
        return None
