"""GET /metrics: the newest values as Prometheus scrapes them.

    kwhisper_voltage_volts{phase="l1"} 231.4
    kwhisper_active_energy_import_joules_total{tariff="1"} 394389000

Names, units and labels follow Prometheus' conventions: base units (joules: 1 Wh is 3,600 of them),
_total where a register only rises. A value whose scale is in doubt is left out; one that is no
register is left out when it is older than two minutes. Numbers are the meter's digits, no floats.
"""

from meterwire import UNSURE, obis
from meterwire.reading import shelf

from .. import let_go
from ..formats import entries

_FRESH_S = const(120)
_KIND = const("text/plain; version=0.0.4; charset=utf-8")
_UNITS = const(
    " W watts V volts A amperes Hz hertz m3 cubic_meters °C celsius s seconds J joules "
    "VA voltamperes var vars Wh joules VAh voltampere_seconds varh var_seconds "
)
_HOUR = const(3600)


async def answer(api, c):
    """The answer to GET /metrics."""
    # Here: this module stays, and would keep that one when the pages are let go.
    from ..web.api import answer as said
    from ..web.api import static

    if not api.latest:
        return static("")
    return said(metrics(api.latest, api.device.status, api.device.settings), 200, _KIND)


def metrics(latest, status, settings):
    """The page, piece by piece: all samples of a name stand together."""
    kept = shelf(latest.rows, latest.count)
    fresh = latest.uptime() - _FRESH_S
    done = []
    for i in range(len(kept)):
        family, _ = named(kept, i)
        if family in done:
            continue
        done.append(family)
        head = True
        for k in range(i, len(kept)):
            name, labels = named(kept, k)
            total = obis.is_total(kept.key(k))
            if name != family or kept.flag(k) & UNSURE or not (total or latest.when[k] >= fresh):
                continue
            if head:
                head = False
                yield typed(name, "counter" if total else "gauge", in_words(kept, k))
            value = kept.value(k)
            if kept.unit(k)[-1:] == "h":
                value *= _HOUR
            text = entries.decimal(value, kept.exponent(k)).decode()
            yield "%s%s %s\n" % (name, labels, text)
    yield typed("kwhisper_frames_total", "counter", "Frames by result.")
    frames = status.frames()
    for name in frames:
        yield 'kwhisper_frames_total{result="%s"} %d\n' % (name, frames[name])
    for name, kind, value in (
        ("uptime_seconds", "gauge", status.uptime()),
        ("lists_total", "counter", latest.lists),
        ("last_frame_age_seconds", "gauge", status.frame_age()),
        ("memory_free_bytes", "gauge", status.mem_free()),
        ("wifi_signal_dbm", "gauge", status.rssi),
        ("messages_dropped_total", "counter", status.dropped),
        ("restarts_total", "counter", status.restarts),
        ("ledger_lost_total", "counter", status.totals_lost),
    ):
        if value is not None:
            name = "kwhisper_" + name
            words = name[9:].replace("_", " ")
            yield typed(name, kind, words[0].upper() + words[1:] + ".")
            yield "%s %d\n" % (name, value)
    if status.supply_mv is not None:
        yield typed("kwhisper_supply_volts", "gauge", "Supply voltage.")
        yield "kwhisper_supply_volts %d.%03d\n" % divmod(status.supply_mv, 1000)
    yield typed("kwhisper_info", "gauge", "The device and the meter.")
    texts = [(b"version", status.version), (b"board", status.board)]
    # Some write the meter's number into the type.
    (_, name), (_, kind), _ = entries.about(latest, settings)
    texts += [(b"meter", kind), (b"list", name)]
    yield "kwhisper_info{%s} 1\n" % ",".join([pair(*text) for text in texts if text[1]])
    let_go("kwhisper.formats.labels")


def typed(name, kind, words):
    return "# HELP %s %s\n# TYPE %s %s\n" % (name, words, name, kind)


def pair(name, text):
    text = text.replace("\\", "").replace('"', "").replace("\n", " ")
    return '%s="%s"' % (name.decode(), text)


def named(kept, i):
    """(name of the family, its labels in braces or "") of an entry."""
    labels = []
    words = entries.name(kept, i).decode().split("_")
    if ":" in words[0]:
        # A value whose code has no name.
        labels.append('obis="%s"' % words[0])
        words = ["register" if obis.is_total(kept.key(i)) else "value"]
    if words[0][:5] == "meter" and words[0][5:].isdigit():
        labels.append('channel="%s"' % words[0][5:])
        words[0] = "submeter"
    while words[-1][0] in "lt" and words[-1][1:].isdigit():
        word = words.pop()
        if word[0] == "l":
            labels.append('phase="%s"' % word)
        else:
            labels.append('tariff="%s"' % word[1:])
    unit = kept.unit(i)
    at = _UNITS.find(" %s " % unit) if unit else -1
    if at >= 0:
        words.append(_UNITS[at:].split(" ")[2])
    if obis.is_total(kept.key(i)):
        words.append("total")
    return "kwhisper_" + "_".join(words), "{%s}" % ",".join(labels) if labels else ""


def in_words(kept, i):
    """The words for a family: what it is, without phase and tariff."""
    name = entries.name(kept, i).decode()
    if ":" in name:
        return "A value whose code has no name."
    words = name.split("_")
    while words[-1][0] in "lt" and words[-1][1:].isdigit():
        words.pop()
    from ..formats.labels import label

    return label("_".join(words)) + "."
