"""What is published and when: between the Readings and the broker.

A Reading goes to every chosen format if it is due; the hourly totals come out of the ledger in
their order, one at a time, each once the one before is acknowledged; what the device knows about
itself goes to <topic>/device once a minute.
"""

import json
import time
from binascii import crc32, hexlify

from meterwire import UNSURE

from .. import calendar, fault_of
from ..formats import DOCUMENT, FACT, Context, entries, load

_DEVICE_EVERY_S = const(60)
_ACK_WITHIN_S = const(30)
_SHOW_EVERY_S = const(60)
# With "only changed values" all are said again now and then: a late subscriber sees them all.
_RESTATE_S = const(300)
_FRESH_S = const(60)  # what is older is no live value any more
_TOTALS = const(3)  # the kind of an hour's list


class Publisher:
    """reading(r) takes each list, unknown(frame) what nobody knows, tick() comes every second; the
    client's listener has topics, connected(), heard() and acknowledged().

    decoder gives the frames to the formats and commands that want them; latest the values to
    publish again; device what the commands want: restart, log level; buffer(n) makes buffers.
    """

    def __init__(self, device, client, ledger, decoder, latest, now, buffer=bytearray):
        self.client = client
        self.decoder = decoder
        self.device = device
        self.settings = settings = device.settings
        self.status = device.status
        self.ledger = ledger
        self.latest = latest
        self.formats = load(settings["payload"], device)
        page = 0
        for form in self.formats:
            page = max(page, getattr(form, "PAGE", 0))
        self.context = context = Context(settings, device.status, client.id, now, page, buffer)
        self.commands = settings["mqtt_command_topic"].encode() or context.topic + b"/cmd"
        self.topics = [self.commands + b"/+"] if settings["mqtt_commands"] else []
        self.discovery = None
        if "homeassistant" in settings["payload"].split(","):
            from .discovery import Discovery

            self.discovery = Discovery(self)
            # It has no messages, and is loaded while configs are sent.
            self.formats = [f for f in self.formats if not hasattr(f, "config")]
            self.topics.append(self.discovery.topic)
        # Kinds of messages that are retained, and those with QoS 1.
        self.retained = kinds(settings["mqtt_retain"])
        self.sure = kinds(settings["mqtt_sure"])
        self.interval = settings["publish_interval"] * 1000
        # By the kind of list, 1 to 3.
        self.last = [None] * 4  # ticks of the last one published
        self.passed = [0] * 4  # lists passed over since
        self.quarter = None  # hour and minute of the last list of kind 3
        self.known = {}  # CRC of topic -> CRC of what stands there, of what is said on change
        self.restated = 0  # uptime
        self.shown = None  # uptime when a list nobody knows was last published
        self.seconds = 0
        self.flight = None  # (packet id, sequence, ticks) of the total that waits for its PUBACK
        self.problem = None  # what was last published as such
        self.capture = 0  # frames still to be shown, see commands.py

    # Readings

    def reading(self, r):
        """A list was decoded."""
        kind = r.kind
        buf, start, end = self.decoder.raw()
        frame = memoryview(buf)[start:end]
        if self.capture:
            self.capture -= 1
            self.send(b"capture", hexlify(frame), False, 1)
        if not self.client.connected or not self._due(r, kind):
            self.passed[kind] += 1
            return
        self._publish(r, frame)
        self.passed[kind] = 0
        if self.discovery:
            self.discovery.reading(r)

    def _due(self, r, kind):
        """Whether the interval lets this list out; it is then the last one of its kind."""
        if not self.interval:
            return True
        if kind == _TOTALS and r.clock and r.clock[3:5] != self.quarter:
            # The hour's list always goes out; some meters send more of its kind behind it.
            self.quarter = r.clock[3:5]
            return True
        now = time.ticks_ms()
        last = self.last[kind]
        # Half a second of grace: the meter's own interval wavers by that much.
        if last is not None and time.ticks_diff(now, last) < self.interval - 500:
            return False
        self.last[kind] = now
        return True

    def _publish(self, r, frame):
        context = self.context
        context.frame = frame
        context.skipped = self.passed[r.kind]
        now = self.status.uptime()
        if now - self.restated > _RESTATE_S and self.settings["publish_changed"]:
            self.restated = now
            self.known.clear()
        self._say("messages", r)
        self.client.push()

    def _say(self, what, *given):
        """Publish what each format yields, but for what is said on change and did not change; a
        format that fails costs its own messages alone."""
        changed = self.settings["publish_changed"]
        publish, known = self.client.publish, self.known
        dropped = self.status.dropped
        for form in self.formats:
            if not hasattr(form, what):
                continue
            try:
                for topic, payload, kind in getattr(form, what)(*given, self.context):
                    at = None
                    if kind >= FACT or (changed and kind != DOCUMENT):
                        at, stands = crc32(topic) & 0x3FFFFFFF, crc32(payload) & 0x3FFFFFFF
                        if known.get(at) == stands:
                            continue
                    retain = kind == FACT or kind in self.retained
                    if publish(topic, payload, retain, int(kind in self.sure)) and at is not None:
                        known[at] = stands
            except Exception as e:
                self.status.dropped += 1
                self.device.note("error", form.__name__, "failed:", fault_of(e))
        if self.status.dropped != dropped:
            known.clear()  # what made room may have been what stands there as said

    def publish_now(self, passed_over=False):
        """The newest values at once, if there are any; everything is said again, whatever the
        interval says. Returns whether there were any."""
        self.known.clear()
        self.last = [None] * 4
        r = self.latest.recent(_FRESH_S) if any(self.passed) or not passed_over else None
        if r:
            self.passed[r.kind] = max(0, max(self.passed) - 1)
            self._publish(r, None)
            if self.discovery:
                self.discovery.reading(r, True)
            self.passed = [0] * 4
            if passed_over:
                # The session is new, so it was due; the next list then keeps its distance.
                self.last = [time.ticks_ms()] * 4
        return bool(r)

    def unknown(self, frame):
        """A list nobody knows is published as it came: to be reported, and to who can read it."""
        if not self.client.connected:
            return
        self._say("unknown", frame)
        now = self.status.uptime()
        if self.shown is None or now - self.shown >= _SHOW_EVERY_S:
            self.shown = now
            # Deciphered or not, the meter's number stands in it.
            text = b"%d bytes: see /frame.bin on the device's page" % len(frame)
            self.send(b"unknown", hexlify(frame) if self.settings["publish_meter_id"] else text)

    def send(self, name, payload, retain=False, qos=0, patient=False):
        """Publish below the device's topic."""
        return self.client.publish(self.context.below + name, payload, retain, qos, patient)

    # the client's listener

    def connected(self):
        """A session began."""
        self.flight = None
        self.seconds = _DEVICE_EVERY_S - 2
        self.context.said.clear()
        self.known.clear()  # the broker may have lost it
        self._say("connected")
        record = self.ledger.last()
        # Of a meter that tells its registers all the time, the broker may hold later ones; what
        # is in doubt has no topic.
        if record and (record.kind != _TOTALS or record.flags & UNSURE):
            record = None
        if self.discovery:
            self.discovery.announce(record)
        if record:
            self._say("registers", record)
        try:
            self.publish_now(True)
        except Exception as e:
            # A list that cannot be published must not end each session as it begins.
            self.status.dropped += 1
            self.device.note("error", "the newest list was dropped:", fault_of(e))

    def acknowledged(self, pid):
        """The broker has the message of this packet id."""
        if self.flight and self.flight[0] == pid:
            self.ledger.mark(self.flight[1])
            self.flight = None
            self._send_total()

    def heard(self, topic, payload, retained):
        """A message came on one of the topics."""
        if self.discovery and topic == self.discovery.topic:
            if payload == b"online":
                self.discovery.announce()
        elif topic.startswith(self.commands + b"/"):
            name = topic[len(self.commands) + 1 :]
            # Not our own answer, nor what came unasked.
            if name != b"result" and self.settings["mqtt_commands"]:
                from .commands import obey

                obey(self, name, payload, retained)
        else:
            for form in self.formats:
                if hasattr(form, "heard"):
                    form.heard(topic, payload, self)

    # each second

    def tick(self):
        """Once a second."""
        if not self.client.connected:
            return
        self.seconds += 1
        now = time.ticks_ms()
        if self.flight and time.ticks_diff(now, self.flight[2]) > _ACK_WITHIN_S * 1000:
            self.flight = None
        self._send_total()
        self.tell()
        if self.seconds >= _DEVICE_EVERY_S or self.status.problem != self.problem:
            for kind, last in enumerate(self.last):
                # Over days ticks wrap, and a difference would mean nothing.
                if last is not None and time.ticks_diff(now, last) >= self.interval:
                    self.last[kind] = None
            self.send_device()

    def tell(self):
        """One of Home Assistant's configs, if there are any to be sent; between two ticks, too."""
        if self.discovery and self.client.connected:
            self.discovery.step()

    def telling(self):
        """Whether Home Assistant is being told of its entities."""
        return self.client.connected and self.discovery and self.discovery.queue

    def send_device(self):
        """<topic>/device: the device's state as one JSON object."""
        self.seconds = 0
        about = dict(self.status.pairs())
        self.problem = about["problem"]
        frames = about["frames"]
        good = frames.get("ok", 0) + frames.get("unchecked", 0)
        # Noise is counted in bytes between the frames.
        about["frames_bad"] = sum(frames.values()) - good - frames.get("noise", 0)
        about["frames_ok"] = good
        about["frames"] = counted = {}
        for cause in frames:
            if frames[cause]:
                counted[cause] = frames[cause]
        self.send(b"device", json.dumps(about).encode())
        self._say("device")

    # totals

    def _send_total(self):
        """The oldest total that the broker does not have, if none is on its way."""
        record = None if self.flight or not self.client.connected else self.ledger.pending()
        if not record:
            return
        about = {"v": 1, "device": self.client.id, "seq": record.sequence}
        about["time"] = calendar.text(record.time, record.offset)
        now = self.context.now()
        if now:
            about["age"] = max(0, now[0] - record.time)
        if record.flags:
            about["flags"] = entries.flag_names(record.flags)
        text = json.dumps(about)[:-1] + ', "values": {'
        for name, total in record.named():
            # as the meter told it, and never via a float
            text += '"%s": %s, ' % (name, entries.decimal(*total).decode())
        text = text.rstrip(", ") + "}}"
        pid = self.send(b"totals", text.encode(), False, 1, True)
        if pid:
            self.flight = pid, record.sequence, time.ticks_ms()


def kinds(words):
    """The kinds of messages (formats/__init__.py) that a setting names."""
    return [("documents", "values", "registers").index(word) for word in words.split(",") if word]
