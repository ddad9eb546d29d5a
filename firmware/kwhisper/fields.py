"""The table of settings: every field once. Form, JSON API, rules.py and file all come from it.

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
        self.group = group
        self.name, at = _cell(start)
        kind, at = _cell(at)
        default, self._limits = _cell(at)
        self.secret = kind[0] == "!" or kind == "key"
        self.type = kind[1:] if kind[0] == "!" else kind
        self.default = _typed(self.type, default)

    @property
    def limits(self):
        """What may be, in the grammar of the type."""
        return _cell(self._limits)[0]

    @property
    def label(self):
        """What stands beside the field."""
        return _cell(_cell(self._limits)[1], b"\n")[0]

    def help(self):
        """The help text, or ''."""
        at = FIELDS.find(b"\n", self._limits) + 1
        return _cell(at, b"\n")[0].strip()

    def choices(self):
        """[(value, label)] of a pick or many field."""
        return [tuple(c.split(":")) for c in self.limits.split(";")]

    def range(self):
        """(least, most): bytes of a text, values of an int."""
        least, _, most = self.limits.partition("-")
        return int(least), int(most)


def _cell(at, end=b"|"):
    """(text, where the next one begins) of the cell that begins at `at`."""
    stop = FIELDS.find(end, at)
    return str(memoryview(FIELDS)[at:stop], "utf-8"), stop + 1


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
