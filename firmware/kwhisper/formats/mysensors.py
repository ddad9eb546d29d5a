"""MySensors 2.x over MQTT, as a gateway: mygateway1-out/<node>/<child>/<command>/<ack>/<type>.

child 1          import: power, energy, reactive power      S_POWER
child 2          export: the same                           S_POWER
child 11 12 13   phase 1, 2, 3: voltage, current            S_MULTIMETER
child 21         once a list came without a check: its quality   S_INFO
child 22         the supply, where it is measured           S_MULTIMETER
child 23         the WiFi's signal                          S_CUSTOM
child 31 …       DS18B20, in the order of the setting that names them; those without a name
                 have no child, as nothing says which it would be next time   S_TEMP
"""

from meterwire import UNSURE

from . import DOCUMENT, MARK, entries

_S_POWER = const(13)
_S_MULTIMETER = const(30)
_S_INFO = const(36)
_V_TEXT = const(47)
_LISTS = const(21)
_SUPPLY = const(22)
_SIGNAL = const(23)
_DEGREES = const(31)
_S_CUSTOM = const(23)
_V_CUSTOM = const(48)
_S_TEMP = const(6)
_V_TEMP = const(0)
_S_ARDUINO_NODE = const(17)
_I_SKETCH_NAME = const(11)
_I_SKETCH_VERSION = const(12)
_V_WATT = const(17)
_V_KWH = const(18)
_V_VOLTAGE = const(38)
_V_CURRENT = const(39)
_V_VAR = const(54)
_KINDS = {"W": _V_WATT, "Wh": _V_KWH, "var": _V_VAR, "V": _V_VOLTAGE, "A": _V_CURRENT}
_CHILDREN = {1: b"Import", 2: b"Export", 11: b"Phase 1", 12: b"Phase 2", 13: b"Phase 3"}


def connected(context):
    """Present the node; its children follow with their first values."""
    yield _message(255, 0, _S_ARDUINO_NODE, b"2.3.2")
    yield _message(255, 3, _I_SKETCH_NAME, b"kWhisper")
    yield _message(255, 3, _I_SKETCH_VERSION, (context.status.version or "0").encode())


def messages(r, context):
    """A set message for each value MySensors has a type for."""
    for i in range(len(r)):
        key = r.key(i)
        child = _child(key)
        kind = _KINDS.get(r.unit(i))
        if not child or not kind or r.entry(i) or r.flag(i) & UNSURE:
            continue
        # A child is presented before its first value: controllers subscribe to it only then.
        if child not in context.said:
            context.said.add(child)
            sensor = _S_POWER if child < 10 else _S_MULTIMETER
            yield _message(child, 0, sensor, _CHILDREN[child])
        text = entries.decimal(r.value(i), r.exponent(i) - 3 * (kind == _V_KWH))
        yield _message(child, 1, kind, text)
    if r.flags or _LISTS in context.said:
        if _LISTS not in context.said:
            context.said.add(_LISTS)
            yield _message(_LISTS, 0, _S_INFO, b"Lists")
        topic, text, _ = _message(_LISTS, 1, _V_TEXT, entries.flag_text(r.flags))
        yield topic, text, MARK


def device(context):
    """What the device knows of itself, once a minute."""
    status = context.status
    found = [(_SIGNAL, _S_CUSTOM, b"Signal", _V_CUSTOM, status.rssi)]
    millivolts = getattr(status, "supply_mv", None)
    if millivolts:
        volts = "%d.%03d" % divmod(millivolts, 1000)
        found.append((_SUPPLY, _S_MULTIMETER, b"Supply", _V_VOLTAGE, volts))
    degrees = getattr(status, "temperatures", None)
    if degrees:
        for n, pair in enumerate(context.settings["ds_names"].split(",")):
            name = pair.partition("=")[0].strip()
            row = (_DEGREES + n, _S_TEMP, name.encode(), _V_TEMP, degrees.get(name))
            found.append(row)
    for child, sensor, name, kind, value in found:
        if value is None:
            continue
        if child not in context.said:
            context.said.add(child)
            yield _message(child, 0, sensor, name)
        yield _message(child, 1, kind, str(value).encode())


def _child(key):
    """The child that a code belongs to, 0 for none."""
    c, d, e = key >> 16, key >> 8 & 255, key & 255
    if e:
        return 0
    if c in (1, 2) and d in (7, 8):
        return c
    if c in (3, 4) and d == 7:
        return c - 2
    # 31 and 32 are current and voltage of phase 1; the other phases lie 20 and 40 higher
    return c // 20 + 10 if d == 7 and c in (31, 32, 51, 52, 71, 72) else 0


def _message(child, command, kind, payload):
    topic = b"mygateway1-out/1/%d/%d/0/%d" % (child, command, kind)
    return topic, payload, DOCUMENT
