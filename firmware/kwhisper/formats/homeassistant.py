"""Home Assistant's MQTT discovery: one entity a value; topics.py publishes the values.

Per-entity discovery with both object_id and default_entity_id is what 2024.3 and 2026.2 take
without a warning. When configs are sent is mqtt/discovery.py's affair; `known` is its memory of
the entities: entries.which() -> hourly, or (hourly, name, unit, medium) of a sub-meter's value
and of a code without a name.
The device's own entities have the keys -1 … -len(DEVICE); QUALITY is a problem that is told
once a list came that nothing vouches for. homeassistant.json has what Home
Assistant is told of each of them, and of values by their unit; 2024.3 knows no class of reactive
energy.
"""

import json

from meterwire import obis

from ..storage.table import find
from .entities import QUALITY
from .entities import entities as entities
from .labels import label

_EXPIRE_LIVE = const(60)
_EXPIRE_CHANGED = const(900)
_EXPIRE_HOURLY = const(7800)  # one hourly list may be lost
_EXPIRE_DEVICE = const(200)
_TABLE = const("/formats/homeassistant.json")

# names in <topic>/device; the first only where the supply is measured
DEVICE = ("supply_mv", "rssi", "uptime", "mem_free", "frames_bad", "dropped", "reset_cause")


def config(which, known, context):
    """(topic, payload) that makes one entity."""
    settings = context.settings
    if which == QUALITY:
        entity = find(_TABLE, "quality")
        entity["stat_t"] = "~/quality/list"
        entity["ent_cat"] = "diagnostic"
        # Said when it changes, not again and again.
        return announced(entity, "quality", 0, context, "binary_sensor")
    if which < 0:
        name = DEVICE[which]
        entity = find(_TABLE, name)
        entity["stat_t"] = "~/device"
        entity["ent_cat"] = "diagnostic"
        entity["val_tpl"] = "{{ value_json.%s }}" % name
        expire = _EXPIRE_DEVICE
    else:
        hourly = known[which]
        key, medium = which >> 4 & 0xFFFFFF, None
        if isinstance(hourly, tuple):
            hourly, name, unit, medium = hourly
        else:
            name, unit = obis.name(key), obis.unit(key)
        if ":" not in name:
            factor = "power_factor"
            of = factor if name.startswith(factor) else unit
            if medium and unit == "m3":
                of = medium.split(" ")[0]
            entity = find(_TABLE, of)
            if obis.is_total(key) or "failures" in name or name.startswith("voltage_s"):
                entity["stat_cla"] = "total_increasing"
            entity["stat_t"] = "~/" + name
            entity["name"] = label(name, medium)
        else:
            entity = {"stat_t": "~/obis/" + name, "en": False, "name": name}
            name = "obis_" + _slug(name)
        if unit and "unit_of_meas" not in entity:
            entity["unit_of_meas"] = unit
        expire = _EXPIRE_CHANGED if settings["publish_changed"] else _EXPIRE_LIVE
        expire = _EXPIRE_HOURLY if hourly else max(expire, 6 * settings["publish_interval"])
    return announced(entity, name, expire, context)


def announced(entity, name, expire, context, component="sensor"):
    """(topic, payload): what all entities of this device have in common, added to this one."""
    settings, status = context.settings, context.status
    slug = _slug(context.device)
    host = settings["host_name"]
    about = {"ids": [slug], "name": host, "mf": "kWhisper", "mdl": status.board or "kWhisper"}
    if status.version:
        about["sw"] = status.version
    if status.ip:
        about["cu"] = "http://%s/" % status.ip
    # Every entity is called after the host name, which a person chose, and is one with itself by
    # the chip's number.
    object_id = "%s_%s" % (host.lower().replace("-", "_"), name)
    entity.pop("of", None)
    entity["exp_aft"] = expire
    entity["uniq_id"] = "%s_%s" % (slug, name)
    entity["obj_id"] = object_id
    entity["default_entity_id"] = component + "." + object_id
    entity["~"] = settings["mqtt_topic"]
    entity["avty_t"] = "~/status"
    entity["dev"] = about
    topic = "%s/%s/%s/%s/config" % (settings["ha_prefix"], component, slug, name)
    return topic.encode(), json.dumps(entity).encode()


def _slug(text):
    return "".join(c if c.isalpha() or c.isdigit() else "_" for c in text)
