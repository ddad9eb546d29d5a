"""One JSON object a list, on <topic>/json. Its schema: docs/mqtt.schema.json.

Numbers keep the meter's decimals: they are written digit by digit, never via a float.
"""

import json

from meterwire.reading import flag_names

from . import DOCUMENT, entries

PAGE = 3072
_CLOSE = const(64)  # bytes kept free for what comes behind the values


def messages(r, context):
    """The object."""
    page = context.page.clear()
    _head(page, r, context)
    if page.full:
        context.status.dropped += 1
        return
    cut = False
    for title, write in ((b"values", _value), (b"flags", _flags), (b"units", _unit)):
        cut = _section(page, title, r, context.settings, write) or cut
    page.put(b',"truncated":true}' if cut else b"}")
    yield context.below + b"json", page.view(), DOCUMENT


def _head(page, r, context):
    status = context.status
    page.put(b'{"v":1,"device":').string(context.device).put(b',"kind":').number(r.kind)
    (_, name), (_, kind), (_, number) = entries.about(r, context.settings)
    for key, text in (("list", name), ("time", r.time), ("type", kind), ("meter_id", number)):
        if text:
            page.put(b",").string(key).put(b":").string(text)
    page.put(b',"age":').number(status.frame_age() or 0)
    page.put(b',"uptime":').number(status.uptime())
    page.put(b',"skipped":').number(context.skipped)
    if r.flags:
        page.put(b',"list_flags":')
        _names(page, r.flags)


def _section(page, title, r, settings, write):
    """An object with what write() has to say about each entry; whether some did not fit."""
    room = len(page.buf) - _CLOSE
    start = page.n
    page.put(b',"').put(title).put(b'":{')
    first = page.n
    cut = False
    for i in range(len(r)):
        if entries.private(r, i, settings):
            continue
        before = page.n
        if page.n > first:
            page.put(b",")
        page.put(b'"').put(entries.name(r, i)).put(b'":')
        if not write(page, r, i):
            page.cut(before)
        elif page.full or page.n > room:
            page.cut(before).full = False
            cut = True
            break
    if page.n == first and title != b"values":
        page.cut(start)
    else:
        page.put(b"}")
    return cut


def _value(page, r, i):
    return page.entry(r, i) if r.entry(i) == 0 else page.string(r.text(i))


def _flags(page, r, i):
    flags = r.flag(i)
    if flags:
        _names(page, flags)
    return flags


def _unit(page, r, i):
    # What has a name has its unit in docs/mqtt.md; a bare code and a sub-meter need it here.
    unit = r.entry(i) == 0 and r.unit(i)
    if not unit or (r.ab(i) > 255 and entries.name(r, i).find(b":") < 0):
        return False
    return page.string(unit)


def _names(page, flags):
    page.put(json.dumps(flag_names(flags)).encode())
