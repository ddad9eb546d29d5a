"""What is published and when: between the readings and the broker.

A reading goes to every chosen format (outputs/) if it is due; the hourly totals come out of the
ledger in their order, one at a time, each once the one before is acknowledged; what the device
knows about itself goes to <topic>/device once a minute.
"""

import time
from binascii import hexlify

from . import utc
from .commands import Commands
from .forget import forget
from .totals import NAMES

_DEVICE_EVERY = const(60)  # seconds
_ACK_WITHIN = const(30)
_SHOW_EVERY = const(60)
_KINDS = const(4)
_PAGE = const(3072)  # bytes
_SMALL_PAGE = const(800)


class Publisher:
    """Made by app.py, which then calls on_reading(r) for each list and tick() every second.

    decoder gives raw frames to the formats and commands that want them. `commands` holds the
    callbacks app.py may set (restart, set_log_level).

    The formats, and the buffers they write into, are there from prepare() to rest(): a small chip
    has no room to keep them while nothing is to be said. What they know stays in kept().
    """

    def __init__(self, settings, status, broker, ledger=None, decoder=None):
        self.settings = settings
        self.status = status
        self.broker = broker
        self.ledger = ledger
        self.decoder = decoder
        self.device = broker.client_id
        self.skipped = 0  # lists of this kind passed over since the last one published
        self.small = broker.board.small
        self._topic = self.text = self._page = self._formats = None
        self._kept = {}  # format -> what it knows
        self.work = False  # whether a format wants its step() each second
        self._interval = settings["publish_interval"] * 1000
        # By the kind of list, 1 to 3.
        self._due = [None] * _KINDS  # ticks of the last one published
        self.passed = [0] * _KINDS  # lists passed over since
        self._quarter = None  # hour and minute of the last list of kind 3
        self._shown = None  # uptime when a list nobody knows was last told
        self._seconds = 0
        self._flight = None  # (packet id, sequence, ticks) of the total that waits for its PUBACK
        self.commands = Commands(self)
        self.prepare()
        self.newest = None
        if not self.small:
            from .newest import Newest

            self.newest = Newest(self)
        broker.on_connect = self.on_connect
        broker.on_command = self.commands.heard
        broker.on_ack = self._acknowledged
        broker.topics.append(self.commands.topic + b"/+")
        self.rest()

    def prepare(self):
        """The formats."""
        if self._formats is None:
            from .outputs import load
            from .outputs.text import Writer

            self._topic = Writer(160, self.broker.topic + b"/")
            self.text = Writer(128 if self.small else 1100)
            most = self.broker.board.payloads
            self._formats = load(self.settings["payload"], self, most)
        return self._formats

    def rest(self):
        """Nothing more is to be said just now."""
        if self.small:
            self._topic = self.text = self._page = self._formats = None
            forget("kwhisper.outputs")
            forget("meterwire.reading")

    def kept(self, name):
        """The dict of one format."""
        return self._kept.setdefault(name, {})

    @property
    def page(self):
        """A Writer for one document."""
        if self._page is None:
            from .outputs.text import Writer

            self._page = Writer(_SMALL_PAGE if self.small else _PAGE)
        return self._page

    # the ways out, for the formats

    def send(self, name, payload, retain=False, qos=0, patient=False):
        """Publish below the device's topic."""
        if self._topic is None:
            self.prepare()
        topic = self._topic.clear().put(name)
        if topic.full:
            self.status.dropped += 1
            return False
        return self.broker.publish(topic.view(), payload, retain, qos, patient)

    def send_to(self, topic, payload, retain=False, qos=0, patient=False):
        """Publish to a topic of another tree."""
        return self.broker.publish(topic, payload, retain, qos, patient)

    def frame_bytes(self):
        """The last frame's bytes as a memoryview, None if nobody keeps them."""
        if not self.decoder:
            return None
        buf, start, end = self.decoder.raw()
        return memoryview(buf)[start:end]

    # what happens

    def on_reading(self, r):
        """A list was decoded. Its totals are kept first, whatever the broker does."""
        if self.ledger and self.ledger.take(r, self.now) and not self.small:
            self._send_total()  # a small chip, which has no room for it just now, does at the tick
        if self.commands.capture:
            self.commands.show()
        if self.newest:
            self.newest.keep(r)
        kind = r.kind
        if not self.broker.connected or not self.is_due(r, kind):
            self.passed[kind] += 1
            return
        self.skipped = self.passed[kind]
        try:
            for f in self.prepare():
                f.reading(r)
        except MemoryError:
            self._due[kind] = None  # it was not told: it may be tried again
            raise
        self.passed[kind] = 0

    def is_due(self, r, kind):
        """Whether the interval lets this list out; it is then the last one of its kind."""
        if not self._interval:
            return True
        if kind == 3 and r.clock and r.clock[3:5] != self._quarter:
            # The hour's list always goes out; some meters send more of its kind behind it.
            self._quarter = r.clock[3:5]
            return True
        now = time.ticks_ms()
        last = self._due[kind]
        # Half a second of grace: the meter's own interval wavers by that much.
        if last is not None and time.ticks_diff(now, last) < self._interval - 500:
            return False
        self._due[kind] = now
        return True

    def publish_now(self):
        """The newest lists at once, if they are kept; the next of every kind is published whole,
        whatever the interval says. Returns whether there were any."""
        self._all_due()
        for f in self.prepare():
            f.restate()
        return self.newest and self.newest.send(True)

    def _all_due(self):
        for kind in range(_KINDS):
            self._due[kind] = None

    def on_connect(self):
        """A session began."""
        self._flight = None
        self._all_due()
        self._seconds = _DEVICE_EVERY - 2
        record = self.ledger and self.ledger.last()
        for f in self.prepare():
            f.connected()
            # Of a meter that tells its registers all the time, the broker may hold later ones.
            if record and record.kind == 3:
                f.totals(record)
        if self.newest:
            self.newest.send()
        self.rest()

    def tick(self):
        """Once a second."""
        if not self.broker.connected:
            return
        self._seconds += 1
        if self.work:
            # Each of them, however many have more to do.
            self.work = bool([f for f in self.prepare() if f.step()])
            self.rest()
        if self._flight or (self.ledger and self.ledger.behind()):
            self._mind_totals()
        if self._seconds >= _DEVICE_EVERY:
            self._seconds = 0
            self._each_minute()

    def _mind_totals(self):
        if self._flight and time.ticks_diff(time.ticks_ms(), self._flight[2]) > _ACK_WITHIN * 1000:
            self._flight = None
        self._send_total()

    def _each_minute(self):
        now = time.ticks_ms()
        for kind in range(_KINDS):
            last = self._due[kind]
            # Forgotten when it is due: over days ticks wrap, and a difference would mean nothing.
            if last is not None and time.ticks_diff(now, last) >= self._interval:
                self._due[kind] = None
        self.send_device()

    def tell_unknown(self, buffer, start, end):
        """A list nobody knows is told as it came: to be reported, and to who can read it."""
        if not self.broker.connected:
            return
        frame = memoryview(buffer)[start:end]
        for f in self.prepare():
            f.unknown(frame)
        now = self.status.uptime()
        if self._shown is None or now - self._shown >= _SHOW_EVERY:
            self._shown = now
            # Deciphered or not, the meter's number stands in it.
            if self.settings["publish_meter_id"]:
                self.send(b"unknown", hexlify(frame))
            else:
                text = "%d bytes: see /frame.bin on the device's page" % len(frame)
                self.send(b"unknown", text.encode())
        self.rest()

    def send_device(self):
        """<topic>/device: the device's state as one JSON object."""
        page = self.page.clear().put(b"{")
        comma = b'"'
        for name, value in self.status.pairs():
            page.put(comma).put(name.encode()).put(b'":')
            if isinstance(value, dict):
                page.put(b"{")
                inner = b'"'
                for cause in value:
                    if not value[cause]:
                        continue
                    page.put(inner).put(cause.encode()).put(b'":').number(value[cause])
                    inner = b',"'
                page.put(b"}")
            elif value is None:
                page.put(b"null")
            elif isinstance(value, int):
                page.number(value)
            else:
                page.string(str(value))
            comma = b',"'
        frames = self.status.frames
        good = frames.get("ok", 0) + frames.get("unchecked", 0)
        # Noise is counted in bytes between the frames.
        bad = sum(frames.values()) - good - frames.get("noise", 0)
        page.put(b',"frames_ok":').number(good).put(b',"frames_bad":').number(bad).put(b"}")
        if not page.full:
            self.send(b"device", page.view())
        for f in self.prepare():
            f.told()
        self.rest()

    # totals

    def _send_total(self):
        if not self._flight and self.ledger and self.ledger.behind() and self.broker.connected:
            self._send_oldest()

    def _send_oldest(self):
        record = self.ledger.pending()
        if not record:
            return
        page = self.page.clear()
        self._write_total(page, record)
        pid = self.send(b"totals", page.view(), False, 1, True)
        if pid:
            self._flight = (pid, record.sequence, time.ticks_ms())
        self.rest()

    def _write_total(self, page, record):
        page.put(b'{"v":1,"device":').string(self.device).put(b',"seq":').number(record.sequence)
        page.put(b',"time":').string(utc.text(record.time, record.offset))
        now = self.now()
        if now:
            page.put(b',"age":').number(max(0, now[0] - record.time))
        page.put(b',"values":')
        comma = b"{"
        for i, total in enumerate(record.totals):
            if total:
                page.put(comma).string(NAMES[i]).put(b":").number(total[0], total[1])
                comma = b","
        page.put(b"}")
        if record.flags:
            from .outputs.fields import flag_text

            page.put(b',"flags":["')
            page.put(b'","'.join(flag_text(record.flags).split())).put(b'"]')
        page.put(b"}")

    def now(self):
        """(seconds since 1970, offset) by the device's clock, None if nobody set it."""
        return self.broker.clock and self.broker.clock.now()

    def _acknowledged(self, pid):
        if self._flight and self._flight[0] == pid:
            self.ledger.mark(self._flight[1])
            self._flight = None
            self._send_total()
