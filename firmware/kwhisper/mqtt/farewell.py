"""What the broker keeps of a format that was switched off is taken away before the restart: the
retained values, and Home Assistant's configs. Imported when the settings say so.
"""

import asyncio
import time

from ..formats import FACT
from ..storage import table

_BELOW = const("topics jsonobject amsreader rawhex rawbytes")
_WITHIN_MS = const(8000)
_STEP_MS = const(20)
_EVER = const(0x3FFFFFFF)


def gone(publisher):
    """The formats that the settings, which were just saved, have no more: modules, and for Home
    Assistant's configs "homeassistant"."""
    settings, context = publisher.settings, publisher.context
    payload = settings["payload"].split(",")
    moved = settings["mqtt_topic"].encode() != context.topic
    ha = "homeassistant" in payload
    found = []
    for form in publisher.formats:
        name = form.__name__.rpartition(".")[2].replace("_", "")
        if name == "second topic":
            left = settings["mqtt_topic2"].encode() == form.context.topic
        elif name in _BELOW.split():
            # A module's name begins with what the settings call it.
            left = any(name.startswith(word) for word in payload) or (ha and name == "topics")
            left = left and not moved
        else:
            left = True  # it retains nothing
        if not left:
            found.append(form)
    if publisher.discovery and not ha:
        found.append("homeassistant")
    return found


async def forget(publisher):
    """Publish nothing, retained, on all that is gone; at most some seconds."""
    began = time.ticks_ms()
    if not publisher.client.connected:
        return
    for topic in _topics(publisher):
        while not publisher.client.publish(topic, b"", True, 0, True):
            late = time.ticks_diff(time.ticks_ms(), began) > _WITHIN_MS
            if late or not publisher.client.connected:
                return
            await asyncio.sleep_ms(_STEP_MS)


def _topics(publisher):
    context = publisher.context
    for form in gone(publisher):
        if form == "homeassistant":
            yield from _configs(publisher)
            continue
        for what, given in (
            ("registers", publisher.ledger.last()),
            ("messages", publisher.latest.recent(_EVER)),
        ):
            if given and hasattr(form, what):
                for topic, _, kind in getattr(form, what)(given, context):
                    if kind == FACT or kind in publisher.retained:
                        yield bytes(topic)
        # What the newest values do not tell of their list.
        for name in (b"list_id", b"meter_type", b"meter_id"):
            if form.__name__.endswith("topics"):
                yield context.below + name


def _configs(publisher):
    from ..formats import homeassistant

    known, context = publisher.discovery.known, publisher.context
    for which in list(range(-len(homeassistant.DEVICE), 0)) + list(known):
        yield homeassistant.config(which, known, context)[0]
    names = [("update", "firmware")]
    if "energy" in context.memory:
        for row in table.rows(table.SETTINGS.rpartition("/storage")[0] + "/energy/entities.json"):
            name = "binary_sensor" if row["of"] == "alarm" else "sensor"
            names.append((name, "energy_" + row["of"]))
    for component, name in names:
        yield homeassistant.announced({}, name, 0, context, component)[0]
