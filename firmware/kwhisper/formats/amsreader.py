"""amsreader's topics and its classic JSON, so that a home need not notice the change.

Its tree lies below <topic>/meter, its JSON on <topic> itself, its own state beside. Energy in kWh
and kvarh, retained in the tree; the rest in W, var, V, A. What amsreader computes (realtime,
prices) is energy/ams.py's, where energy is counted. With thermometers their °C stand on
<topic>/temperature/<name>, and the mean on <topic>/temperature and as "temp" in the JSON.
"""

from meterwire import UNSURE

from ..calendar import of_clock
from . import DOCUMENT, MARK, REGISTER, VALUE, entries

# C.D.E -> topic below /meter, name in the JSON
_ROWS = {
    0x010700: (b"import/active", b"P"),
    0x020700: (b"export/active", b"PO"),
    0x030700: (b"import/reactive", b"Q"),
    0x040700: (b"export/reactive", b"QO"),
    0x0D0700: (b"powerfactor", b"PF"),
    0x010800: (b"import/active/accumulated", b"tPI"),
    0x010801: (b"import/active/accumulated/tariff1", b"tPIT1"),
    0x010802: (b"import/active/accumulated/tariff2", b"tPIT2"),
    0x020800: (b"export/active/accumulated", b"tPO"),
    0x020801: (b"export/active/accumulated/tariff1", b"tPOT1"),
    0x020802: (b"export/active/accumulated/tariff2", b"tPOT2"),
    0x030800: (b"import/reactive/accumulated", b"tQI"),
    0x040800: (b"export/reactive/accumulated", b"tQO"),
}
# C of phase 1 -> the same with the phase's number for #; phases 2 and 3 lie 20 and 40 higher
_PHASES = {
    0x150700: (b"import/l#", b"P#"),
    0x160700: (b"export/l#", b"PO#"),
    0x1F0700: (b"l#/current", b"I#"),
    0x200700: (b"l#/voltage", b"U#"),
    0x210700: (b"l#/powerfactor", b"PF#"),
    0x150800: (b"import/l#/accumulated", b"tPI#"),
    0x160800: (b"export/l#/accumulated", b"tPO#"),
}
PAGE = 1500
_PHASE_STEP = const(0x140000)


def device(context):
    """id, uptime, mem, rssi and vcc, beside kWhisper's own."""
    status = context.status
    yield context.below + b"id", context.device.encode(), DOCUMENT
    for name, value in (
        (b"uptime", status.uptime()),
        (b"mem", status.mem_free()),
        (b"rssi", status.rssi),
    ):
        if value is not None:
            yield context.below + name, b"%d" % value, DOCUMENT
    if getattr(status, "supply_mv", None):
        yield context.below + b"vcc", b"%d.%03d" % divmod(status.supply_mv, 1000), DOCUMENT
    degrees = _degrees(status)
    if degrees:
        for name in degrees:
            text = b"%.2f" % degrees[name]
            yield context.below + b"temperature/" + name.encode(), text, DOCUMENT
        yield context.below + b"temperature", _mean(degrees), DOCUMENT
    if context.settings["meter"][:3] == "mep":
        from . import amsreader_mep

        yield from amsreader_mep.device(context)


def messages(r, context):
    """The list as topics, then as JSON: both from one pass over the list."""
    status, settings, page = context.status, context.settings, context.page.clear()
    below = context.below
    now = context.now()
    time = of_clock(r.clock, settings["time_zone"])[0] if r.clock else None
    page.put(b'{"id":').string(context.device).put(b',"name":').string(context.device)
    page.put(b',"up":').number(status.uptime())
    page.put(b',"t":').number(time or (now[0] if now else 0))
    if status.rssi is not None:
        page.put(b',"rssi":').number(status.rssi)
    if getattr(status, "supply_mv", None):
        page.put(b',"vcc":%d.%03d' % divmod(status.supply_mv, 1000))
    degrees = _degrees(status)
    if degrees:
        page.put(b',"temp":').put(_mean(degrees))
    page.put(b',"data":{')
    start = page.n
    (_, name), (_, kind), (_, number) = entries.about(r, settings)
    about = (
        (b"lv", None, name),
        (b"meterId", b"meter/id", number),
        (b"type", b"meter/type", kind),
    )
    for name, topic, fact in about:
        if fact:
            page.put(b'"').put(name).put(b'":').string(fact).put(b",")
            if topic:
                yield below + topic, fact.encode(), DOCUMENT
    if r.flags or 0 in context.said:
        # amsreader has no word for it: as topics.py says it.
        context.said.add(0)
        yield below + b"quality/list", entries.flag_text(r.flags), MARK
    for i in range(len(r)):
        row = None if r.entry(i) or r.flag(i) & UNSURE else _row(r.key(i))
        if row:
            total = r.key(i) & 0xFF00 == 0x0800
            text = entries.decimal(r.value(i), r.exponent(i) - 3 * total)
            page.put(b'"').put(row[1]).put(b'":').put(text).put(b",")
            yield below + b"meter/" + row[0], text, REGISTER if total else VALUE
    if time and r.kind == 3:
        page.put(b'"rtc":').number(time).put(b",")
    if page.n > start:
        page.cut(page.n - 1)  # the last comma
    # energy/ams.py's, where energy is counted
    page.put(b"}").put(context.memory.get("classic", b"")).put(b"}")
    asks = settings["meter"][:3] == "mep"
    if time:
        text = b"%d" % time
        yield below + b"meter/dlms/timestamp", text, DOCUMENT
        if asks or r.kind == 3:
            yield below + b"meter/clock", text, DOCUMENT
    if asks:
        from . import amsreader_mep

        yield from amsreader_mep.messages(r, context)
    if page.full:
        status.dropped += 1
    else:
        yield context.topic, page.view(), DOCUMENT


def _degrees(status):
    """The thermometers' values by name; outlets/ds18b20.py puts them there."""
    return getattr(status, "temperatures", None)


def _mean(degrees):
    return b"%.2f" % (sum(degrees.values()) / len(degrees))


def _row(key):
    """(topic, name in the JSON) of a code, or None."""
    row = _ROWS.get(key)
    phase = 0
    while row is None and phase < 3:
        row = _PHASES.get(key - phase * _PHASE_STEP)
        phase += 1
    if row and phase:
        number = b"%d" % phase
        row = row[0].replace(b"#", number), row[1].replace(b"#", number)
    return row
