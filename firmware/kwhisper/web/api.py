"""/data.json and /settings.json, piece by piece. A number keeps its decimals: 230.40 stays so."""

import json

from meterwire.reading import flag_names

from ..fields import fields
from ..lists import meter_type
from .live import LIST_ID, METER_ID, METER_TYPE, TIME


def pieces(settings, status, live):
    """Iterates the text of /data.json."""
    yield '{"name":' + json.dumps(settings["host_name"])
    yield ',"time":' + json.dumps(live.about(TIME))
    number = live.about(METER_ID)
    kind = meter_type(live.about(METER_TYPE), number, settings)
    yield ',"meter":{"type":%s,"list":%s' % (json.dumps(kind), json.dumps(live.about(LIST_ID)))
    if settings["publish_meter_id"]:
        yield ',"id":' + json.dumps(number)
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
            yield ',"flags":' + json.dumps(flag_names(flags))
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
