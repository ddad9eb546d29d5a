"""amsreader's topics and its classic JSON, so that a home need not notice the change.

Its tree lies below <topic>/meter, its JSON on <topic> itself, its own state beside. Energy in kWh
and kvarh, retained in the tree; the rest in W, var, V, A. What amsreader computes (realtime,
prices, temperatures) is not there.
"""

from .. import utc
from ..lists import meter_type
from . import Format

# C.D.E -> topic below /meter, name in the JSON
_ROWS = {
    0x010700: (b"import/active", b"P"),
    0x020700: (b"export/active", b"PO"),
    0x030700: (b"import/reactive", b"Q"),
    0x040700: (b"export/reactive", b"QO"),
    0x0D0700: (b"powerfactor", b"PF"),
    0x010800: (b"import/active/accumulated", b"tPI"),
    0x010801: (b"import/active/accumulated/tariff1", b"tPIT1"),
    0x010802: (b"import/active/accumulated/tariff2", b"tPIT2"),
    0x020800: (b"export/active/accumulated", b"tPO"),
    0x020801: (b"export/active/accumulated/tariff1", b"tPOT1"),
    0x020802: (b"export/active/accumulated/tariff2", b"tPOT2"),
    0x030800: (b"import/reactive/accumulated", b"tQI"),
    0x040800: (b"export/reactive/accumulated", b"tQO"),
}
# C of phase 1 -> the same with the phase's number for #; phases 2 and 3 lie 20 and 40 higher
_PHASES = {
    0x150700: (b"import/l#", b"P#"),
    0x160700: (b"export/l#", b"PO#"),
    0x1F0700: (b"l#/current", b"I#"),
    0x200700: (b"l#/voltage", b"U#"),
    0x210700: (b"l#/powerfactor", b"PF#"),
    0x150800: (b"import/l#/accumulated", b"tPI#"),
    0x160800: (b"export/l#/accumulated", b"tPO#"),
}
_PHASE_STEP = const(0x140000)


class Ams(Format):
    """Tree and JSON from one pass over the list."""

    def told(self):
        """id, uptime, mem and rssi, beside kWhisper's own."""
        status = self.pub.status
        self.pub.send(b"id", self.pub.device.encode())
        for name, value in (
            (b"uptime", status.uptime()),
            (b"mem", status.mem_free()),
            (b"rssi", status.rssi),
        ):
            if value is not None:
                self.pub.send(name, self.pub.text.clear().number(value).view())

    def reading(self, r):
        """The list as topics, then as JSON."""
        pub = self.pub
        now = pub.now()
        time = utc.of_clock(r.clock, pub.settings["time_zone"])[0] if r.clock else None
        page = pub.page.clear()
        page.put(b'{"id":').string(pub.device).put(b',"name":').string(pub.broker.client_id)
        page.put(b',"up":').number(pub.status.uptime())
        page.put(b',"t":').number(time or (now[0] if now else 0))
        if pub.status.rssi is not None:
            page.put(b',"rssi":').number(pub.status.rssi)
        page.put(b',"data":{')
        start = page.n
        self._texts(page, r)
        for i in range(len(r)):
            if r.entry(i) == 0:
                self._value(page, r, i)
        if time and r.kind == 3:
            page.put(b'"rtc":').number(time).put(b",")
        if page.n > start:
            page.cut(page.n - 1)  # the last comma
        page.put(b"}}")
        if time:
            text = pub.text.clear().number(time)
            pub.send(b"meter/dlms/timestamp", text.view())
            if r.kind == 3:
                pub.send(b"meter/clock", text.view())
        if page.full:
            pub.status.dropped += 1
        else:
            pub.send_to(pub.broker.topic, page.view())

    def _texts(self, page, r):
        pub = self.pub
        allowed = pub.settings["publish_meter_id"]
        for name, topic, text in (
            (b"lv", None, r.list_id),
            (b"meterId", b"meter/id", r.meter_id if allowed else None),
            (b"type", b"meter/type", meter_type(r.meter_type, r.meter_id, pub.settings)),
        ):
            if text:
                page.put(b'"').put(name).put(b'":').string(text).put(b",")
                if topic:
                    pub.send(topic, text.encode())

    def _value(self, page, r, i):
        key = r.key(i)
        row = _ROWS.get(key)
        phase = 0
        while row is None and phase < 3:
            row = _PHASES.get(key - phase * _PHASE_STEP)
            phase += 1
        if row is None:
            return
        topic, name = row
        if phase:
            number = b"%d" % phase
            topic, name = topic.replace(b"#", number), name.replace(b"#", number)
        total = key & 0xFF00 == 0x0800
        text = self.pub.text.clear().number(r.value(i), r.exponent(i) - 3 * total)
        page.put(b'"').put(name).put(b'":').put(text.view()).put(b",")
        self.pub.send(b"meter/" + topic, text.view(), total)
