"""One topic a value: <topic>/active_power_import 1234. Units and topics: docs/mqtt.md.

Values as the meter gave them, in the base unit (W, V, A, Wh …); registers are retained. A value
whose scale is in doubt has no topic, as that would promise a unit: JSON and the page show it.
"""

from meterwire import UNSURE, obis

from . import DOCUMENT, FACT, MARK, REGISTER, VALUE, entries


def messages(r, context):
    """One message a value, and what the list says about itself."""
    settings, below = context.settings, context.below
    for i in range(len(r)):
        if entries.private(r, i, settings):
            continue
        name = entries.topic(r, i)
        flags = r.flag(i)
        # In a topic beside, so that the value itself stays a bare number.
        mark = ~entries.which(r, i)
        if flags or mark in context.said:
            context.said.add(mark)
            yield below + b"quality/" + name, entries.flag_text(flags), MARK
        if not flags & UNSURE:
            payload = r.text(i).encode() if r.entry(i) else context.number(r, i)
            yield below + name, payload, REGISTER if obis.is_total(r.key(i)) else VALUE
    if r.flags or 0 in context.said:
        # Of the whole list: unchecked, it came without any check.
        context.said.add(0)
        yield below + b"quality/list", entries.flag_text(r.flags), MARK
    time = r.time
    if time:
        yield below + b"time", time.encode(), DOCUMENT
    if context.skipped:
        # What stands there is the latest value, no average of those between.
        yield below + b"skipped", b"%d" % context.skipped, DOCUMENT
    for name, fact in entries.about(r, settings):
        # Lists that are only of power leave these out; that is no change.
        if fact:
            yield below + name, fact.encode(), FACT


def registers(record, context):
    """The hourly totals stand at the broker from the first second on."""
    for name, total in record.named():
        yield context.below + name.encode(), entries.decimal(*total), REGISTER
