"""What the broker keeps of a format that was switched off is taken away before the restart: the
retained values, and Home Assistant's configs. Imported when the settings say so.
"""

import asyncio
import time

from ..formats import FACT
from ..storage import table

_ENTITIES = table.SETTINGS.rpartition("/storage")[0] + "/energy/entities.json"
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
        elif name == "energy":
            left = settings["energy"] and not moved and ("topics" in payload or ha)
        elif name in _BELOW.split():
            # A module's name begins with what the settings call it.
            left = any(name.startswith(word) for word in payload) or (ha and name == "topics")
            left = left and not moved
        else:
            left = True  # it retains nothing
        if not left:
            found.append(form)
    if publisher.discovery:
        if not ha:
            found.append("homeassistant")
        elif "energy" in context.memory and not settings["energy"]:
            found.append("energy's entities")
    return found


async def forget(publisher):
    """Publish nothing, retained, on all that is gone; at most some seconds."""
    began = time.ticks_ms()
    if not publisher.client.connected:
        return
    forms = gone(publisher)
    if forms:
        # Else the next list brings back what is taken away.
        publisher.formats = []
    topics = _topics(publisher, forms, publisher.discovery)
    publisher.discovery = None
    for topic in topics:
        while not publisher.client.publish(topic, b"", True, 0, True):
            late = time.ticks_diff(time.ticks_ms(), began) > _WITHIN_MS
            if late or not publisher.client.connected:
                return
            await asyncio.sleep_ms(_STEP_MS)


def _topics(publisher, forms, discovery):
    context = publisher.context
    for form in forms:
        if form == "homeassistant":
            yield from _configs(context, discovery.known)
        if form in ("homeassistant", "energy's entities"):
            yield from _energy_configs(context)
            continue
        if form.__name__ == "energy":
            for name, _ in form.pairs():
                yield context.below + b"energy/" + name.encode()
            # A cost that is not known now may have been.
            for row in table.rows(_ENTITIES):
                yield context.below + b"energy/" + row["of"].encode()
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
        own = getattr(form, "context", context)
        if any(f.__name__.endswith(".topics") for f in getattr(form, "formats", (form,))):
            for name in (b"list_id", b"meter_type", b"meter_id"):
                yield own.below + name


def _configs(context, known):
    from ..formats import homeassistant

    for which in list(range(-len(homeassistant.DEVICE), 0)) + list(known):
        yield homeassistant.config(which, known, context)[0]
    yield homeassistant.announced({}, "update", 0, context, "update")[0]


def _energy_configs(context):
    from ..formats.homeassistant import announced

    if "energy" in context.memory:
        for row in table.rows(_ENTITIES):
            component = "binary_sensor" if row["of"] == "alarm" else "sensor"
            yield announced({}, "energy_" + row["of"], 0, context, component)[0]
