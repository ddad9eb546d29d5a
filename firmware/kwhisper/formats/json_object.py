"""One JSON object a list, on <topic>/json. Its schema: docs/mqtt.schema.json."""

from meterwire.reading import flag_names

from ..lists import meter_type
from . import Format, fields

VERSION = b"1"
_CLOSE = const(64)  # bytes kept free for what comes behind the values


class Json(Format):
    """Numbers keep the meter's decimals: they are written digit by digit, never via a float."""

    def reading(self, r):
        """Write the object and send it."""
        pub = self.pub
        page = pub.page.clear()
        self._head(page, r)
        if page.full:
            pub.status.dropped += 1
            return
        cut = _section(page, b"values", r, pub.settings, _value)
        cut = _section(page, b"flags", r, pub.settings, _flags) or cut
        cut = _section(page, b"units", r, pub.settings, _unit) or cut
        page.put(b',"truncated":true}' if cut else b"}")
        pub.send(b"json", page.view())

    def _head(self, page, r):
        pub, status = self.pub, self.pub.status
        page.put(b'{"v":').put(VERSION)
        page.put(b',"device":').string(pub.device).put(b',"kind":').number(r.kind)
        kind = meter_type(r.meter_type, r.meter_id, pub.settings)
        for key, text in ((b"list", r.list_id), (b"time", r.time), (b"type", kind)):
            if text:
                page.put(b',"').put(key).put(b'":').string(text)
        if r.meter_id and pub.settings["publish_meter_id"]:
            page.put(b',"meter_id":').string(r.meter_id)
        page.put(b',"age":').number(status.frame_age() or 0)
        page.put(b',"uptime":').number(status.uptime())
        page.put(b',"skipped":').number(pub.skipped)
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
        if fields.silent(r, i, settings):
            continue
        before = page.n
        if page.n > first:
            page.put(b",")
        page.put(b'"').put(fields.name(r, i)).put(b'":')
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
    if r.entry(i) == 0:
        return page.entry(r, i)
    return page.string(r.text(i))


def _flags(page, r, i):
    flags = r.flag(i)
    if flags:
        _names(page, flags)
    return flags


def _unit(page, r, i):
    # What has a name has its unit in docs/mqtt.md; a bare code needs it told.
    unit = r.entry(i) == 0 and r.unit(i)
    if not unit or fields.name(r, i).find(b":") < 0:
        return False
    return page.string(unit)


def _names(page, flags):
    before = b'["'
    for text in flag_names(flags):
        page.put(before).put(text.encode())
        before = b'","'
    page.put(b'"]')
