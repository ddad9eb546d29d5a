"""What is published and when: between the Readings and the broker.

A Reading goes to every chosen format if it is due; the hourly totals come out of the ledger in
their order, one at a time, each once the one before is acknowledged; what the device knows about
itself goes to <topic>/device once a minute.
"""

import time
from binascii import crc32, hexlify

from .. import calendar
from ..formats import DOCUMENT, FACT, REGISTER, Context, load

_DEVICE_EVERY_S = const(60)
_ACK_WITHIN_S = const(30)
_SHOW_EVERY_S = const(60)
# With "only changed values" all are said again now and then: a late subscriber sees them all.
_RESTATE_S = const(300)
_FRESH_S = const(60)  # what is older is no live value any more
_PAGE = const(3072)  # bytes of the longest document
_TOTALS = const(3)  # the kind of an hour's list


class Publisher:
    """reading(r) takes each list, unknown(frame) what nobody knows, tick() comes every second; the
    client's listener has topics, connected(), heard() and acknowledged().

    decoder gives the frames to the formats and commands that want them; latest the values to
    publish again; device what the commands want: restart, journal.
    """

    def __init__(self, device, client, ledger, decoder, latest, now):
        self.client = client
        self.decoder = decoder
        self._device = device
        self._settings = settings = device.settings
        self._status = device.status
        self._ledger = ledger
        self._latest = latest
        self.context = context = Context(settings, device.status, client.id, now, _PAGE)
        self._formats = load(settings["payload"])
        self._commands = settings["mqtt_command_topic"].encode() or context.topic + b"/cmd"
        self.topics = [self._commands + b"/+"]
        self.discovery = None
        if "homeassistant" in settings["payload"].split(","):
            from .discovery import Discovery

            self.discovery = Discovery(self)
            self.topics.append(self.discovery.topic)
        self._interval = settings["publish_interval"] * 1000
        # By the kind of list, 1 to 3.
        self._last = [None] * 4  # ticks of the last one published
        self._passed = [0] * 4  # lists passed over since
        self._quarter = None  # hour and minute of the last list of kind 3
        self._known = {}  # CRC of topic -> CRC of what stands there, of what is said on change
        self._restated = 0  # uptime
        self._shown = None  # uptime when a list nobody knows was last published
        self._seconds = 0
        self._flight = None  # (packet id, sequence, ticks) of the total that waits for its PUBACK
        self._problem = None  # what was last published as such
        self.capture = 0  # frames still to be shown, see commands.py

    # Readings

    def reading(self, r):
        """A list was decoded."""
        if self.capture:
            self.capture -= 1
            self.send(b"capture", hexlify(self._frame()), False, 1)
        kind = r.kind
        if not self.client.connected or not self._due(r, kind):
            self._passed[kind] += 1
            return
        self._publish(r, self._frame())
        self._passed[kind] = 0
        if self.discovery:
            self.discovery.reading(r)

    def _frame(self):
        buf, start, end = self.decoder.raw()
        return memoryview(buf)[start:end]

    def _due(self, r, kind):
        """Whether the interval lets this list out; it is then the last one of its kind."""
        if not self._interval:
            return True
        if kind == _TOTALS and r.clock and r.clock[3:5] != self._quarter:
            # The hour's list always goes out; some meters send more of its kind behind it.
            self._quarter = r.clock[3:5]
            return True
        now = time.ticks_ms()
        last = self._last[kind]
        # Half a second of grace: the meter's own interval wavers by that much.
        if last is not None and time.ticks_diff(now, last) < self._interval - 500:
            return False
        self._last[kind] = now
        return True

    def _publish(self, r, frame):
        context = self.context
        context.frame = frame
        context.skipped = self._passed[r.kind]
        if self._settings["publish_changed"]:
            now = self._status.uptime()
            if now - self._restated > _RESTATE_S:
                self._restated = now
                self._known.clear()
        self._say_all("messages", r)
        context.frame = None
        self.client.push()

    def _say(self, messages):
        """Publish what a format yields, but for what is said on change and did not change."""
        changed = self._settings["publish_changed"]
        publish = self.client.publish
        for topic, payload, kind in messages:
            known = None
            if kind >= FACT or (changed and kind != DOCUMENT):
                known = crc32(topic) & 0x3FFFFFFF
                stands = crc32(payload) & 0x3FFFFFFF
                if self._known.get(known) == stands:
                    continue
            if publish(topic, payload, kind in (REGISTER, FACT)) and known is not None:
                self._known[known] = stands

    def publish_now(self, passed_over=False):
        """The newest values at once, if there are any; everything is said again, whatever the
        interval says. Returns whether there were any."""
        self._known.clear()
        self._last = [None] * 4
        if passed_over and not any(self._passed):
            return False
        r = self._latest.recent(_FRESH_S)
        if not r:
            return False
        context = self.context
        self._passed[r.kind] = max(0, max(self._passed) - 1)
        self._publish(r, None)
        self._passed = [0] * 4
        if passed_over:
            # The session is new, so it was due; the next list then keeps its distance.
            self._last = [time.ticks_ms()] * 4
        context.skipped = 0
        return True

    def unknown(self, frame):
        """A list nobody knows is published as it came: to be reported, and to who can read it."""
        if not self.client.connected:
            return
        self._say_all("unknown", frame)
        now = self._status.uptime()
        if self._shown is None or now - self._shown >= _SHOW_EVERY_S:
            self._shown = now
            # Deciphered or not, the meter's number stands in it.
            if self._settings["publish_meter_id"]:
                self.send(b"unknown", hexlify(frame))
            else:
                text = "%d bytes: see /frame.bin on the device's page" % len(frame)
                self.send(b"unknown", text.encode())

    def send(self, name, payload, retain=False, qos=0, patient=False):
        """Publish below the device's topic."""
        return self.client.publish(self.context.below(name), payload, retain, qos, patient)

    def _say_all(self, what, *given):
        """All that the formats have to say; one that fails costs its own messages alone."""
        for form in self._formats:
            if hasattr(form, what):
                try:
                    self._say(getattr(form, what)(*given, self.context))
                except Exception as e:
                    self._status.dropped += 1
                    self._device.note("error", form.__name__, "failed:", repr(e))

    # the client's listener

    def connected(self):
        """A session began."""
        self._flight = None
        self._seconds = _DEVICE_EVERY_S - 2
        context = self.context
        context.said.clear()
        self._say_all("connected")
        if self.discovery:
            self.discovery.announce()
        record = self._ledger.last()
        # Of a meter that tells its registers all the time, the broker may hold later ones.
        if record and record.kind == _TOTALS:
            self._say_all("registers", record)
            if self.discovery:
                self.discovery.registers(record)
        try:
            self.publish_now(True)
        except Exception as e:
            # A list that cannot be published must not end each session as it begins.
            self._status.dropped += 1
            self._device.note("error", "the newest list was dropped:", repr(e))

    def acknowledged(self, pid):
        """The broker has the message of this packet id."""
        if self._flight and self._flight[0] == pid:
            self._ledger.mark(self._flight[1])
            self._flight = None
            self._send_total()

    def heard(self, topic, payload, retained):
        """A message came on one of the topics."""
        if self.discovery and topic == self.discovery.topic:
            if payload == b"online":
                self.discovery.announce()
        elif topic.startswith(self._commands + b"/"):
            name = topic[len(self._commands) + 1 :]
            if name != b"result":  # our own answer
                from .commands import obey

                obey(self, self._device, name, payload, retained)

    def answer(self, name, ok, text):
        """Say what became of the command `name`, on <command topic>/result."""
        page = self.context.page.clear()
        page.put(b'{"command":').string(name)
        page.put(b',"ok":true,"text":' if ok else b',"ok":false,"text":').string(text).put(b"}")
        # QoS 1: on a slow line live values make room for it.
        self.client.publish(self._commands + b"/result", page.view(), False, 1)

    # each second

    def tick(self):
        """Once a second."""
        if not self.client.connected:
            return
        self._seconds += 1
        if self.discovery:
            self.discovery.step()
        flight = self._flight
        if flight and time.ticks_diff(time.ticks_ms(), flight[2]) > _ACK_WITHIN_S * 1000:
            self._flight = None
        self._send_total()
        if self._seconds >= _DEVICE_EVERY_S or self._status.problem != self._problem:
            self._forget_due()
            self.send_device()

    def _forget_due(self):
        # Over days ticks wrap, and a difference would mean nothing.
        now = time.ticks_ms()
        for kind, last in enumerate(self._last):
            if last is not None and time.ticks_diff(now, last) >= self._interval:
                self._last[kind] = None

    def send_device(self):
        """<topic>/device: the device's state as one JSON object."""
        self._seconds = 0
        status = self._status
        self._problem = status.problem
        page = self.context.page.clear().put(b"{")
        frames = {}
        for name, value in status.pairs():
            page.string(name).put(b":")
            if isinstance(value, dict):
                frames = value
                page.put(b"{")
                comma = b""
                for cause in value:
                    if value[cause]:
                        page.put(comma).string(cause).put(b":").number(value[cause])
                        comma = b","
                page.put(b"}")
            elif value is None:
                page.put(b"null")
            elif isinstance(value, int):
                page.number(value)
            else:
                page.string(str(value))
            page.put(b",")
        good = frames.get("ok", 0) + frames.get("unchecked", 0)
        # Noise is counted in bytes between the frames.
        bad = sum(frames.values()) - good - frames.get("noise", 0)
        page.put(b'"frames_ok":').number(good).put(b',"frames_bad":').number(bad).put(b"}")
        if not page.full:
            self.send(b"device", page.view())
        self._say_all("device")

    # totals

    def _send_total(self):
        """The oldest total that the broker does not have, if none is on its way."""
        if self._flight or not self.client.connected:
            return
        record = self._ledger.pending()
        if not record:
            return
        page = self.context.page.clear()
        page.put(b'{"v":1,"device":').string(self.client.id)
        page.put(b',"seq":').number(record.sequence)
        page.put(b',"time":').string(calendar.text(record.time, record.offset))
        now = self.context.now()
        if now:
            page.put(b',"age":').number(max(0, now[0] - record.time))
        page.put(b',"values":')
        comma = b"{"
        for name, total in record.named():
            page.put(comma).string(name).put(b":").number(total[0], total[1])
            comma = b","
        page.put(b"}")
        if record.flags:
            from ..formats.entries import flag_text

            page.put(b',"flags":["')
            page.put(b'","'.join(flag_text(record.flags).split())).put(b'"]')
        page.put(b"}")
        pid = self.send(b"totals", page.view(), False, 1, True)
        if pid:
            self._flight = (pid, record.sequence, time.ticks_ms())
