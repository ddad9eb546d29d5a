"""One topic a value: <topic>/active_power_import 1234. Units and topics: docs/mqtt.md.

Values as the meter gave them, in the base unit (W, V, A, Wh …); registers are retained. A value
whose scale is in doubt has no topic, as that would promise a unit: JSON and the page show it.
"""

from meterwire import UNSURE, obis

from . import DOCUMENT, FACT, MARK, REGISTER, VALUE, entries


def messages(r, context):
    """One message a value, and what the list says about itself."""
    settings = context.settings
    for i in range(len(r)):
        if entries.private(r, i, settings):
            continue
        name = entries.topic(r, i)
        flags = r.flag(i)
        # In a topic beside, so that the value itself stays a bare number.
        mark = ~entries.which(r, i)
        if flags or mark in context.said:
            context.said.add(mark)
            yield context.below(b"quality/" + name), entries.flag_text(flags), MARK
        if flags & UNSURE:
            continue
        text = context.text.clear()
        if r.entry(i) == 0:
            text.entry(r, i)
        else:
            text.put(r.text(i).encode())
        yield context.below(name), text.view(), REGISTER if obis.is_total(r.key(i)) else VALUE
    time = r.time
    if time:
        yield context.below(b"time"), time.encode(), DOCUMENT
    if context.skipped:
        # What stands there is the latest value, no average of those between.
        yield context.below(b"skipped"), context.text.clear().number(context.skipped).view(), DOCUMENT
    number = r.meter_id
    kind = entries.meter_type(r.meter_type, number, settings)
    if not settings["publish_meter_id"]:
        number = None
    # Lists that are only of power leave these out; that is no change.
    for name, fact in ((b"list_id", r.list_id), (b"meter_type", kind), (b"meter_id", number)):
        if fact:
            yield context.below(name), fact.encode(), FACT


def registers(record, context):
    """The hourly totals stand at the broker from the first second on."""
    for name, total in record.named():
        text = context.text.clear().number(total[0], total[1])
        yield context.below(name.encode()), text.view(), REGISTER
