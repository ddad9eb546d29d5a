"""One JSON object a list, on <topic>/json. Its schema: docs/mqtt.schema.json."""

from . import Format, fields

VERSION = const(1)
_CLOSE = const(64)  # bytes kept free for what comes behind the values


class Json(Format):
    """Numbers keep the meter's decimals: they are written digit by digit, never via a float."""

    def reading(self, r):
        """Write the object and send it."""
        pub = self.pub
        page = pub.page.clear()
        page.put(b'{"v":1,"device":').string(pub.device).put(b',"kind":').number(r.kind)
        for key, text in ((b"list", r.list_id), (b"time", r.time), (b"type", r.meter_type)):
            if text:
                page.put(b',"').put(key).put(b'":').string(text)
        if r.meter_id and pub.settings["publish_meter_id"]:
            page.put(b',"meter_id":').string(r.meter_id)
        page.put(b',"age":').number(pub.status.frame_age() or 0)
        page.put(b',"uptime":').number(pub.status.uptime())
        page.put(b',"skipped":').number(pub.skipped)
        if r.flags:
            page.put(b',"list_flags":')
            _names(page, r.flags)
        page.put(b',"values":{')
        comma = b""
        doubtful = cut = False
        room = len(page.buf) - _CLOSE
        for i in range(len(r)):
            if r.entry(i) == 2 or fields.private(r, i, pub.settings):
                continue
            before = page.n
            page.put(comma).put(b'"').put(fields.name(r, i)).put(b'":')
            if r.entry(i) == 0:
                page.entry(r, i)
            else:
                page.string(r.text(i))
            if page.full or page.n > room:
                cut = True
                page.cut(before).full = False
                break
            doubtful = doubtful or r.flag(i)
            comma = b","
        page.put(b"}")
        if doubtful:
            cut = self._flags(page, r, room) or cut
        page.put(b',"truncated":true}' if cut else b"}")
        pub.send(b"json", page.view())

    def _flags(self, page, r, room):
        page.put(b',"flags":{')
        comma = b""
        for i in range(len(r)):
            if r.flag(i) and not fields.private(r, i, self.pub.settings):
                before = page.n
                page.put(comma).put(b'"').put(fields.name(r, i)).put(b'":')
                _names(page, r.flag(i))
                if page.full or page.n > room:
                    page.cut(before).put(b"}")
                    page.full = False
                    return True
                comma = b","
        page.put(b"}")
        return False


def _names(page, flags):
    before = b'["'
    for text in fields.flag_names(flags):
        page.put(before).put(text.encode())
        before = b'","'
    page.put(b'"]')
