"""/data.json and /settings.json, piece by piece. A number keeps its decimals: 230.40 stays so."""

import json

from ..fields import fields
from ..outputs.fields import meter_type

_FLAGS = ("unsure", "stale", "estimated", "derived")


def pieces(settings, status, live):
    """Iterates the text of /data.json."""
    yield '{"name":' + json.dumps(settings["host_name"])
    yield ',"time":' + json.dumps(live.time)
    kind = meter_type(live, settings)
    yield ',"meter":{"type":%s,"list":%s' % (json.dumps(kind), json.dumps(live.list_id))
    if settings["publish_meter_id"]:
        yield ',"id":' + json.dumps(live.meter_id)
    yield '},"lists":%d,"unknown_frame":%s,"values":{' % (
        live.lists,
        "true" if live.raw() else "false",
    )
    comma = ""
    for name, label, text, unit, age, flags in live.entries():
        yield '%s"%s":{"label":%s,"value":%s,"unit":"%s","age":%d' % (
            comma,
            name,
            json.dumps(label),
            text,
            unit,
            age,
        )
        if flags:
            names = [_FLAGS[i] for i in range(4) if flags >> i & 1]
            yield ',"flags":' + json.dumps(names)
        yield "}"
        comma = ","
    yield '},"status":{'
    comma = ""
    for name, value in status.pairs():
        yield '%s"%s":%s' % (comma, name, json.dumps(value))
        comma = ","
    yield "}}"


def settings_json(settings):
    """Iterates all settings as JSON; of a secret only whether one is saved."""
    comma = "{"
    for row in fields():
        value = settings.of(row)
        yield '%s"%s":%s' % (comma, row.name, json.dumps(bool(value) if row.secret else value))
        comma = ","
    yield "}"
