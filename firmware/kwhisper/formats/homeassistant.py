"""Home Assistant's MQTT discovery: one entity a value; topics.py publishes the values.

Per-entity discovery with both object_id and default_entity_id is what 2024.3 and 2026.2 take
without a warning. When configs are sent is mqtt/discovery.py's affair; `known` is its memory of
the entities: entries.which() -> hourly, or (hourly, OBIS code, unit) of a code without a name.
The device's own entities have the keys -1 … -len(DEVICE).
"""

from meterwire import UNSURE, obis

from . import entries

_EXPIRE_LIVE = const(60)
_EXPIRE_CHANGED = const(900)
_EXPIRE_HOURLY = const(7800)  # one hourly list may be lost
_EXPIRE_DEVICE = const(200)

# name in <topic>/device, label, unit, device class, state class
DEVICE = (
    ("rssi", "WiFi signal", "dBm", "signal_strength", "measurement"),
    ("uptime", "Uptime", "s", "duration", None),
    ("mem_free", "Free memory", "B", "data_size", "measurement"),
    ("frames_bad", "Bad frames", None, None, "total_increasing"),
    ("dropped", "Messages dropped", None, None, "total_increasing"),
    ("reset_cause", "Last reset", None, None, None),
)
# The device class follows from the unit. Home Assistant 2024.3 knows none for reactive energy.
_CLASSES = {
    "W": "power",
    "var": "reactive_power",
    "VA": "apparent_power",
    "A": "current",
    "V": "voltage",
    "Hz": "frequency",
    "Wh": "energy",
}


def status_topic(context):
    """Where Home Assistant says that it started."""
    return context.settings["ha_prefix"].encode() + b"/status"


def entities(r, known):
    """Iterate (key, what is to be known of it) of the values that have no entity yet."""
    hourly = r.kind == 3
    for i in range(len(r)):
        if r.entry(i) or r.flag(i) & UNSURE:
            continue
        which = entries.which(r, i)
        was = known.get(which)
        slow = was[0] if isinstance(was, tuple) else was
        # Met in an hour's list, and then in the lists between: it comes more often.
        if was is None or (slow and not hourly and not obis.is_total(r.key(i))):
            named = obis.name(r.key(i), r.ab(i))
            yield which, hourly if named else (hourly, r.obis(i), r.unit(i))


def config(which, known, context):
    """(topic, payload) that makes one entity; the payload is empty if it is too long."""
    page = context.page.clear()
    settings, status = context.settings, context.status
    slug = "".join(c if c.isalpha() or c.isdigit() else "_" for c in context.device)
    if which < 0:
        name, label, unit, device_class, state_class = DEVICE[which]
        page.put(b'{"name":').string(label)
        page.put(b',"stat_t":"~/device","ent_cat":"diagnostic","val_tpl":')
        page.string("{{ value_json.%s }}" % name)
        expire = _EXPIRE_DEVICE
    else:
        name, unit, device_class, state_class, hourly = _value(page, which, known)
        if hourly:
            expire = _EXPIRE_HOURLY
        else:
            expire = _EXPIRE_CHANGED if settings["publish_changed"] else _EXPIRE_LIVE
            expire = max(expire, 6 * settings["publish_interval"])
    page.put(b',"exp_aft":').number(expire)
    # Every entity is called after the host name, which a person chose, and is one with itself by
    # the chip's number.
    host = settings["host_name"]
    object_id = "%s_%s" % (host.lower().replace("-", "_"), name)
    for key, text in (
        (b"unit_of_meas", "m³" if unit == "m3" else unit),
        (b"dev_cla", device_class),
        (b"stat_cla", state_class),
        (b"uniq_id", "%s_%s" % (slug, name)),
        (b"obj_id", object_id),
        (b"default_entity_id", "sensor." + object_id),
        (b"~", context.topic.decode()),
    ):
        if text:
            page.put(b',"').put(key).put(b'":').string(text)
    page.put(b',"avty_t":"~/status","dev":{"ids":[').string(slug).put(b'],"name":').string(host)
    page.put(b',"mf":"kWhisper","mdl":').string(status.board or "kWhisper")
    if status.version:
        page.put(b',"sw":').string(status.version)
    if status.ip:
        page.put(b',"cu":').string("http://%s/" % status.ip)
    page.put(b"}}")
    topic = "%s/sensor/%s/%s/config" % (settings["ha_prefix"], slug, name)
    return topic.encode(), b"" if page.full else page.view()


def _value(page, which, known):
    """Begin the config of a value; (name, unit, device class, state class, hourly)."""
    of_it = known[which]
    key, channel = which >> 4, which & 15
    name = obis.name(key, channel or 0x100)
    if name:
        hourly, unit, topic, label = of_it, obis.unit(key), name, entries.label(name)
    else:
        hourly, label, unit = of_it
        topic = "obis/" + label
        name = "obis_" + "".join(c if c.isdigit() else "_" for c in label)
    page.put(b'{"name":').string(label).put(b',"stat_t":').string("~/" + topic)
    if topic != name:
        page.put(b',"en":false')
        return name, unit, None, None, hourly
    device_class = _CLASSES.get(unit)
    if key == 0x180300:
        device_class = "gas"
    counts = ("failures" in name) or name.startswith("voltage_s")
    state_class = None
    if obis.is_total(key) or counts:
        state_class = "total_increasing"
    elif device_class or name.startswith("power_factor"):
        state_class = "measurement"
        device_class = device_class or "power_factor"
    return name, unit, device_class, state_class, hourly
