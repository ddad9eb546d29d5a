"""What is asked once, at the start: the last start's note, the button, the settings, the line.

main.py lets go of this module when all is known: with the table of the settings and what reads it
that is 6 KB which nothing needs any more.
"""

import os
import sys
import time

import machine

from kwhisper.storage import checked, settings

from .main import BUTTON, NOTE, PROVED
from .swapped_uart import idles_low, listen

_HELD_MS = const(500)


def look():
    """(note, settings by name, the meter's two keys, line, its UART if it will be read, reset
    cause, whether these settings have led to a connection, what was wrong with the settings)."""
    pressed = _held()
    note = _noted()  # always: one that is left would open the set-up some other time
    if pressed:
        note = "the button was held"
    s = settings.load()
    # What the reader needs of the settings, for itself and for the formats.
    values = {}
    for name in (
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
        "led",
    ):
        values[name] = s[name]
    keys = s.key("meter_key"), s.key("meter_auth_key")
    code = machine.reset_cause()
    cause = "unknown"
    for name in ("PWRON_RESET", "HARD_RESET", "WDT_RESET", "DEEPSLEEP_RESET", "SOFT_RESET"):
        if getattr(machine, name, None) == code:
            cause = name
    line = uart = None  # the other modes have the UART as they need it
    if s.configured and note in ("", "searched"):
        line = _line(s["meter"])
        uart = listen(*line)
    try:
        proved = bool(os.stat(PROVED))
    except OSError:
        proved = False
    return note, values, keys, line, uart, cause, proved, s.problem


def let_go():
    """Take the modules of this start out of the system's table."""
    for name in list(sys.modules):
        if name.startswith("kwhisper.storage") or name in (__name__, "esp8266.swapped_uart"):
            del sys.modules[name]
    package = sys.modules["esp8266"]
    del sys.modules["kwhisper"].storage, package.first_look, package.swapped_uart


def _held():
    pin = machine.Pin(BUTTON, machine.Pin.IN, machine.Pin.PULL_UP)
    if pin.value():
        return False
    time.sleep_ms(_HELD_MS)
    return not pin.value()


def _noted():
    note = checked.read(NOTE).decode()
    try:
        os.remove(NOTE)
    except OSError:
        pass  # there was none
    return note


def _line(chosen):
    """(baud, bits, parity, inverted) as chosen, or found by line_mode, or as most meters speak."""
    found = checked.read("/line").decode().split()
    if chosen != "auto":
        found = (chosen + "-").split("-")
    try:
        baud, form, inverted = found
        line = int(baud), int(form[0]), form[1]
    except (ValueError, IndexError):
        line, inverted = (2400, 8, "E"), ""
    return line + (inverted == "1" if inverted else idles_low(),)
