"""Home Assistant's MQTT discovery: one entity a value; topics.py publishes the values.

Per-entity discovery with both object_id and default_entity_id is what 2024.3 and 2026.2 take
without a warning. When configs are sent is mqtt/discovery.py's affair; `known` is its memory of
the entities: entries.which() -> hourly, or (hourly, OBIS code, unit) of a code without a name.
The device's own entities have the keys -1 … -len(DEVICE).
"""

import json

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
    """(topic, payload) that makes one entity."""
    settings, status = context.settings, context.status
    slug = "".join(c if c.isalpha() or c.isdigit() else "_" for c in context.device)
    host = settings["host_name"]
    entity = {}
    if which < 0:
        name, label, unit, device_class, state_class = DEVICE[which]
        entity["stat_t"] = "~/device"
        entity["ent_cat"] = "diagnostic"
        entity["val_tpl"] = "{{ value_json.%s }}" % name
        expire = _EXPIRE_DEVICE
    else:
        name, label, unit, device_class, state_class, hourly = _value(entity, which, known)
        expire = _EXPIRE_CHANGED if settings["publish_changed"] else _EXPIRE_LIVE
        expire = _EXPIRE_HOURLY if hourly else max(expire, 6 * settings["publish_interval"])
    # Every entity is called after the host name, which a person chose, and is one with itself by
    # the chip's number.
    object_id = "%s_%s" % (host.lower().replace("-", "_"), name)
    about = {"ids": [slug], "name": host, "mf": "kWhisper", "mdl": status.board or "kWhisper"}
    if status.version:
        about["sw"] = status.version
    if status.ip:
        about["cu"] = "http://%s/" % status.ip
    for key, value in (
        ("name", label),
        ("exp_aft", expire),
        ("unit_of_meas", "m³" if unit == "m3" else unit),
        ("dev_cla", device_class),
        ("stat_cla", state_class),
        ("uniq_id", "%s_%s" % (slug, name)),
        ("obj_id", object_id),
        ("default_entity_id", "sensor." + object_id),
        ("~", settings["mqtt_topic"]),
        ("avty_t", "~/status"),
        ("dev", about),
    ):
        if value:
            entity[key] = value
    topic = "%s/sensor/%s/%s/config" % (settings["ha_prefix"], slug, name)
    return topic.encode(), json.dumps(entity).encode()


def _value(entity, which, known):
    """(name, label, unit, device class, state class, hourly) of a value's entity."""
    of_it = known[which]
    key, channel = which >> 4, which & 15
    name = obis.name(key, channel or 0x100)
    if not name:
        hourly, code, unit = of_it
        entity["stat_t"] = "~/obis/" + code
        entity["en"] = False
        name = "obis_" + "".join(c if c.isdigit() else "_" for c in code)
        return name, code, unit, None, None, hourly
    entity["stat_t"] = "~/" + name
    unit = obis.unit(key)
    device_class = "gas" if key == 0x180300 else _CLASSES.get(unit)
    state_class = None
    if obis.is_total(key) or "failures" in name or name.startswith("voltage_s"):
        state_class = "total_increasing"
    elif name.startswith("power_factor"):
        state_class, device_class = "measurement", "power_factor"
    elif device_class:
        state_class = "measurement"
    return name, entries.label(name), unit, device_class, state_class, of_it
