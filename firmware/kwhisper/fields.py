"""The table of settings: every field once. Form, JSON API, validation and file all come from it.

The table is one bytes constant, so that a ROMFS build leaves it in flash: labels and help texts
cost no RAM. Its grammar, one field in two lines, ASCII only:

    *group|title                     then the fields of the group; + before the title: folded away
    name|type|default|limits|label
     help text (the line starts with a space)

    type    text  limits: least-most bytes        host   name or address, limits as text
            topic MQTT topic, limits as text      lines  several lines (PEM), limits as text
            int   limits: least-most              bool   default 1 or 0
            pick  limits: value:label;...         many   the same, comma text of several values
            key   16 bytes as hex, secret         pairs  name=number,... limits as text
            ! before the type: secret, never shown again
"""

FIELDS = b"""\
*wifi|WiFi
wifi_ssid|text||1-32|Network
 2.4 GHz only, as the chip hears it. A hidden network can be typed in.
wifi_password|!text||8-64|WiFi password
 Leave empty for an open network.
host_name|host|kwhisper|1-32|Name of this device
 Also its address on your network, as in http://kwhisper.local/
*mqtt|MQTT broker
mqtt_host|host||0-64|Broker
 Name or address, such as 192.168.1.10. Empty: no MQTT, only this device's own page.
mqtt_port|int|1883|1-65535|Port
 1883 as a rule, 8883 with TLS.
mqtt_user|text||0-64|User
 Empty if the broker asks for none.
mqtt_password|!text||0-128|MQTT password

*topics|Topics and format
mqtt_topic|topic|kwhisper|1-64|Publish to topic
 The values appear below it: kwhisper/active_power_import and so on.
mqtt_command_topic|topic||0-64|Subscribe to topic
 Commands are heard below it. Empty: the topic above followed by /cmd
mqtt_client_id|text||0-64|Client id
 Empty: one of its own, made from the chip's number. Two devices must not share one.
payload|many|topics,json|topics:One topic a value;json:JSON, one object a list;\
homeassistant:Home Assistant discovery;domoticz:Domoticz;mysensors:MySensors gateway;\
ams:As amsreader does;raw:Raw frames, hex;rawbytes:Raw frames, bytes|Payload format
 Several may be on at once; an ESP8266 sends only the first of them.
*meter|+Meter
meter|pick|auto|auto:Automatic;2400-8E1:2400 baud, 8E1;2400-8N1:2400 baud, 8N1;\
9600-8N1:9600 baud, 8N1;9600-7E1:9600 baud, 7E1;19200-8N1:19200 baud, 8N1;\
38400-8N1:38400 baud, 8N1;115200-8N1:115200 baud, 8N1|Meter's line
 The meter and its speed are recognised within half a minute. Choose only if that fails.
meter_key|key|||Encryption key
 32 hex digits from your grid company, if the meter encrypts (not in Norway).
meter_auth_key|key|||Authentication key
 32 hex digits, if you were given a second key.
*publish|+What is published
publish_interval|int|0|0-3600|Seconds between values
 0: every list the meter sends.
publish_changed|bool|0||Only values that changed
 Totals are still sent once an hour.
publish_meter_id|bool|0||Publish the meter's number
 It can be traced to your address: leave it off on a shared broker.
ha_prefix|topic|homeassistant|1-64|Home Assistant discovery prefix

domoticz_idx|pairs||0-255|Domoticz devices
 Value=idx, as in active_power_import=12,voltage_l1=13
history_days|int|40|0-90|Days of hourly totals kept
 They wait in the device while the broker is away. 0: none.
time_zone|pick|CET|UTC:UTC;WET:Western Europe;CET:Central Europe;EET:Eastern Europe|Time zone
 For meters that do not say which one their clock keeps.
*tls|+MQTT over TLS
mqtt_tls|bool|0||Encrypt the connection to the broker
 Needs an ESP32 and the broker's CA below.
mqtt_ca|lines||0-3000|CA certificate (PEM)
 The authority that signed the broker's certificate, so that it can be checked.
mqtt_cert|lines||0-3000|Client certificate (PEM)
 Only if the broker asks for one.
mqtt_key|!lines||0-3000|Client key (PEM)

*device|+Device
web_password|!text||8-64|Password of these pages
 User name: any. Without one, anybody on your network can change the settings.
board|text|auto|1-24|Board
 Found by the build; change it only for a board of your own.
led|pick|on|on:On;errors:Only errors;off:Off|Lamp

log_level|pick|info|error:Errors;warning:Warnings;info:Normal;debug:Everything|Log

"""


class Field:
    """A row of the table: name, group, type, secret, default, limits, label; help on demand."""

    def __init__(self, group, start):
        end = FIELDS.find(b"\n", start)
        name, kind, default, limits, label = str(FIELDS[start:end], "utf-8").split("|")
        self.name = name
        self.group = group
        self.secret = kind[0] == "!" or kind == "key"
        self.type = kind[1:] if kind[0] == "!" else kind
        self.limits = limits
        self.label = label
        self.default = _typed(self.type, default)
        self._help = end + 1

    def help(self):
        """The help text, or ''."""
        return str(FIELDS[self._help : FIELDS.find(b"\n", self._help)], "utf-8").strip()

    def choices(self):
        """[(value, label)] of a pick or many field."""
        return [tuple(c.split(":")) for c in self.limits.split(";")]

    def range(self):
        """(least, most): bytes of a text, values of an int."""
        least, _, most = self.limits.partition("-")
        return int(least), int(most)


def _typed(kind, text):
    if kind == "int":
        return int(text)
    return text == "1" if kind == "bool" else text


def groups():
    """Iterates (group, title, folded)."""
    at = 0
    while at < len(FIELDS):
        end = FIELDS.find(b"\n", at)
        if FIELDS[at] == 42:  # *
            group, title = str(FIELDS[at + 1 : end], "utf-8").split("|")
            yield group, title.lstrip("+"), title[0] == "+"
        at = end + 1


def fields(group=None):
    """Iterates the Fields, of one group or all. One row at a time lives in memory."""
    at = 0
    now = None
    while at < len(FIELDS):
        end = FIELDS.find(b"\n", at)
        if FIELDS[at] == 42:
            now = str(FIELDS[at + 1 : FIELDS.find(b"|", at)], "utf-8")
        else:
            if group is None or group == now:
                yield Field(now, at)
            end = FIELDS.find(b"\n", end + 1)
        at = end + 1


def field(name):
    """The Field of that name, or None."""
    for c in name:
        if not ("a" <= c <= "z" or c == "_"):
            return None
    at = FIELDS.find(b"\n" + name.encode() + b"|")
    return None if at < 0 else Field(None, at + 1)


def check(row, value):
    """Judges a typed, JSON or stored value for a Field: (value, None) or (None, message)."""
    kind = row.type
    if kind == "bool":
        return value in (True, 1, "1", "on", "true"), None
    if kind == "int":
        return _check_int(row, value)
    if not isinstance(value, str):
        return None, "must be text"
    # Names of networks and passwords may begin or end with a space; nothing else may.
    if kind != "text":
        value = value.strip().replace("\r\n", "\n") if "\r" in value else value.strip()
    if kind == "pick":
        return _check_choices(row, value, [value])
    if kind == "many":
        return _check_choices(row, value, value.split(","))
    if kind == "key":
        return _check_key(value)
    return _check_text(row, value)


def _check_int(row, value):
    least, most = row.range()
    try:
        value = int(value)
    except (ValueError, TypeError):
        return None, "must be a whole number"
    if least <= value <= most:
        return value, None
    return None, "must be from %d to %d" % (least, most)


def _check_choices(row, value, chosen):
    known = [c[0] for c in row.choices()]
    for c in chosen:
        if c not in known:
            return None, "unknown choice" if c else "choose at least one"
    return value, None


def _check_key(value):
    digits = "".join(c for c in value.lower() if c not in " :-\t")
    for c in digits:
        if c not in "0123456789abcdef":
            return None, "may hold only the digits 0-9 and a-f"
    if len(digits) not in (0, 32):
        return None, "must have 32 hex digits, this has %d" % len(digits)
    return digits, None


def _check_text(row, value):
    least, most = row.range()
    try:
        size = len(value.encode())
    except ValueError:
        return None, "holds what is no letter"  # half of a UTF-16 pair out of a JSON escape
    if size > most:
        return None, "is too long by %d (a letter such as \u00e5 counts as two)" % (size - most)
    # What may be left out has least 0, or is secret: an open network has no password.
    if size < least and (size or not row.secret):
        return None, "is needed" if not size else "needs at least %d characters" % least
    for c in value:
        if (c < " " or c == "\x7f") and not (c == "\n" and row.type == "lines"):
            return None, "holds a control character"
    rule = _RULES.get(row.type)
    return (None, rule(value)) if value and rule and rule(value) else (value, None)


def _host_fault(value):
    for c in value:
        if not (c.isalpha() or c.isdigit() or c in "-.:_") or ord(c) > 127:
            return "may hold only letters a-z, digits, dots and hyphens"
    return (
        "may not begin or end with a dot or hyphen"
        if value[0] in "-." or value[-1] in "-."
        else None
    )


def _topic_fault(value):
    if "+" in value or "#" in value:
        return "may not hold + or #"
    bad = value[0] in "/$" or value[-1] == "/"
    return "may not begin with / or $, nor end with /" if bad else None


def _lines_fault(value):
    ok = value.startswith("-----BEGIN ") and value.endswith("-----")
    return None if ok else "must be PEM text, from -----BEGIN to the last -----"


def _pairs_fault(value):
    for pair in value.split(","):
        name, _, number = pair.strip().partition("=")
        if not name.strip() or not number.strip().isdigit():
            return "must look like active_power_import=12,voltage_l1=13"
    return None


_RULES = {"host": _host_fault, "topic": _topic_fault, "lines": _lines_fault, "pairs": _pairs_fault}
