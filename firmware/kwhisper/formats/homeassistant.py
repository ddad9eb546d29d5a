"""Home Assistant's MQTT discovery: one entity a value (outputs/topics.py sends the values).

Per-entity discovery with both object_id and default_entity_id is what 2024.3 and 2026.2 take
without a warning. A config is sent when its value is first seen, again in every session and
whenever Home Assistant starts; afterwards the values are said again, since Home Assistant listens
to them only a moment after it has read the config.
"""

from meterwire import obis

from . import Format, fields

_AT_A_STEP = const(4)
_RESTATE_AFTER = const(3)  # steps
_EXPIRE_LIVE = const(60)
_EXPIRE_CHANGED = const(900)
_EXPIRE_HOURLY = const(7800)  # one hourly list may be lost
_EXPIRE_DEVICE = const(200)

# name in <topic>/device, label, unit, device class, state class
_DEVICE = (
    ("rssi", "WiFi signal", "dBm", "signal_strength", "measurement"),
    ("uptime", "Uptime", "s", "duration", None),
    ("mem_free", "Free memory", "B", "data_size", "measurement"),
    ("frames_bad", "Bad frames", None, None, "total_increasing"),
    ("dropped", "Messages dropped", None, None, "total_increasing"),
    ("reset_cause", "Last reset", None, None, None),
)
_UNITS = {"m3": "m³"}
# Classes that Home Assistant 2024.3 does not know.
_TOO_NEW = ("reactive_energy",)


class HomeAssistant(Format):
    """Keeps which entities there are and sends their configs a few at a time."""

    def __init__(self, pub, kept):
        super().__init__(pub, kept)
        # fields.which() -> hourly, or (hourly, OBIS code, unit) of a code without a name
        self._known = kept.setdefault("known", {})
        self.queue = kept.setdefault("queue", [])  # whose configs are still to be sent
        self._slug = "".join(c if c.isalpha() or c.isdigit() else "_" for c in pub.device)
        prefix = pub.settings["ha_prefix"].encode()
        self._prefix = prefix + b"/sensor/" + self._slug.encode() + b"/"
        pub.commands.hear(prefix + b"/status")

    def heard(self, topic, payload):
        """Home Assistant started."""
        if payload == b"online":
            self.announce()

    def announce(self):
        """Send every config again."""
        self.queue[:] = list(range(-len(_DEVICE), 0)) + list(self._known)
        self.pub.work = True

    connected = announce

    def totals(self, record):
        """The energy entities are there from the start, even if the next hour is far away."""
        for i, total in enumerate(record.totals):
            which = (i + 1) << 20 | 8 << 12
            if total and which not in self._known:
                self._see(which, True)

    def reading(self, r):
        """Look for values that have no entity yet."""
        hourly = r.kind == 3
        for i in range(len(r)):
            if r.entry(i):
                continue
            key = r.key(i)
            which = fields.which(r, i)
            known = self._known.get(which)
            slow = known[0] if isinstance(known, tuple) else known
            # Met in an hour's list, and then in the lists between: it comes more often.
            if known is None or (slow and not hourly and not obis.is_total(key)):
                self._see(
                    which, (hourly, r.obis(i), r.unit(i)) if obis.row(key) is None else hourly
                )

    def _see(self, which, known):
        self._known[which] = known
        if which not in self.queue:
            self.queue.append(which)
            self.pub.work = True

    def step(self):
        """A few configs, then, when Home Assistant has had its moment, the values again."""
        for _ in range(_AT_A_STEP):
            if not self.queue:
                break
            if not self._config(self.queue[0]):
                return True
            self.queue.pop(0)
            self.kept["restate"] = _RESTATE_AFTER
        left = self.kept.get("restate", 0)
        if left and not self.queue:
            self.kept["restate"] = left = left - 1
            if not left:
                self.pub.publish_now()
                self.pub.send_device()
        return left or self.queue

    def _config(self, which):
        """Send one entity's config; whether there was room for it."""
        page = self.pub.page.clear()
        if which < 0:
            name = self._device_entity(page, _DEVICE[which])
        else:
            name = self._value_entity(page, which)
        self._common(page, name)
        if page.full:
            return True  # too long for this chip's buffer: going on is all there is
        topic = self._prefix + name.encode() + b"/config"
        return self.pub.send_to(topic, page.view(), True, 0, True)

    def _value_entity(self, page, which):
        known = self._known[which]
        key, channel = which >> 4, which & 15
        row = obis.row(key)
        if row:
            _, label, unit, device_class, state_class = row
            topic = name = obis.name(key, channel or 0x100)
            if channel:
                label = "Meter %d %s" % (channel, label)
            hourly = known
        else:
            hourly, label, unit = known
            device_class = state_class = None
            topic = "obis/" + label
            name = "obis_" + "".join(c if c.isdigit() else "_" for c in label)
        page.put(b'{"name":').string(label)
        page.put(b',"stat_t":').string("~/" + topic)
        self._classes(page, unit, device_class, state_class)
        if not row:
            page.put(b',"en":false')
        page.put(b',"exp_aft":').number(self._expire(hourly))
        return name

    def _device_entity(self, page, row):
        name, label, unit, device_class, state_class = row
        page.put(b'{"name":').string(label)
        page.put(b',"stat_t":"~/device","ent_cat":"diagnostic","val_tpl":')
        page.string("{{ value_json.%s }}" % name)
        self._classes(page, unit, device_class, state_class)
        page.put(b',"exp_aft":').number(_EXPIRE_DEVICE)
        return name

    def _classes(self, page, unit, device_class, state_class):
        if unit:
            page.put(b',"unit_of_meas":').string(_UNITS.get(unit, unit))
        if device_class and device_class not in _TOO_NEW:
            page.put(b',"dev_cla":').string(device_class)
        if state_class:
            page.put(b',"stat_cla":').string(state_class)

    def _common(self, page, name):
        pub = self.pub
        # Every entity is called after the host name, which a person chose, and is one with itself
        # by the chip's number.
        object_id = "%s_%s" % (pub.settings["host_name"].lower().replace("-", "_"), name)
        page.put(b',"uniq_id":').string("%s_%s" % (self._slug, name))
        page.put(b',"obj_id":').string(object_id)
        page.put(b',"default_entity_id":').string("sensor." + object_id)
        page.put(b',"~":').string(pub.broker.topic.decode())
        page.put(b',"avty_t":"~/status","dev":{"ids":[').string(self._slug)
        page.put(b'],"name":').string(pub.settings["host_name"])
        page.put(b',"mf":"kWhisper","mdl":').string(pub.status.board or "kWhisper")
        if pub.status.version:
            page.put(b',"sw":').string(pub.status.version)
        if pub.status.ip:
            page.put(b',"cu":').string("http://%s/" % pub.status.ip)
        page.put(b"}}")

    def _expire(self, hourly):
        settings = self.pub.settings
        if hourly:
            return _EXPIRE_HOURLY
        least = _EXPIRE_CHANGED if settings["publish_changed"] else _EXPIRE_LIVE
        return max(least, 6 * settings["publish_interval"])
