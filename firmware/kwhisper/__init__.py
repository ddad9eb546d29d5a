"""kWhisper's firmware: reads the electricity meter and tells the home over MQTT."""

VERSION = "0.1.0"
