"""Takes out of the settings what the reader needs; all else goes again."""

import sys

from kwhisper.storage import settings

# For itself and for the formats.
_NEEDED = (
    "wifi_ssid",
    "wifi_password",
    "host_name",
    "mqtt_host",
    "mqtt_port",
    "mqtt_tls",
    "mqtt_user",
    "mqtt_password",
    "mqtt_client_id",
    "mqtt_topic",
    "payload",
    "meter",
    "publish_meter_id",
    "publish_changed",
    "publish_interval",
    "ha_prefix",
    "time_zone",
    "led",
)


def load():
    """(settings by name, the meter's two keys, what was wrong with the file or None)."""
    s = settings.load()
    needed = {name: s[name] for name in _NEEDED}
    keys = s.key("meter_key"), s.key("meter_auth_key")
    # The table and what reads it take 5 KB, which nothing needs any more.
    for name in list(sys.modules):
        if name.startswith("kwhisper.storage") or name == __name__:
            del sys.modules[name]
    del sys.modules["kwhisper"].storage, sys.modules["esp8266"].settings
    return needed, keys, s.problem
