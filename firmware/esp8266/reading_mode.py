"""Reads the meter and tells the broker: one plain loop, nothing in which waits for long."""

import gc
import select
import socket
import sys
import time

import machine
import network

import kwhisper
from kwhisper.status import Status

from .broker import Session
from .main import BUTTON, LED, PROVED, SLOW, leave, say

_CHUNK = const(128)
_POLL_MS = const(10)
# Parts of one message come up to 500 ms apart; the fastest meters speak every second.
_SILENCE_MS = const(600)
_NEVER_SILENT_MS = const(10000)  # noise that does not end must not keep the broker away
_SETTLED_S = const(60)
_NO_LIST_S = const(60)
# So long, and so many bytes, without one good frame: the meter speaks otherwise.
_DEAF_S = const(25)
_DEAF_IN_VAIN_S = const(600)  # a search has just found nothing: perhaps a key is missing
_DEAF_BYTES = const(100)
_HELD_S = const(5)
_REJOIN_S = const(60)
_UNPROVED_S = const(300)  # WiFi that never was there so long: its password may be wrong
_BLINK_MS = const(40)
_LONG = const(448)  # bytes of a list: with what comes while it is published the ring is full
_FAULTS = const(5)  # without a list between them


def run(settings, decoder, line, uart, cause, proved, searched, settled):
    """Read for ever from `uart`, which is open as `line` says: (baud, bits, parity, inverted).
    proved: these settings have led to a connection. searched: line_mode has just looked for
    another line, in vain."""
    patience = _DEAF_IN_VAIN_S if searched else _DEAF_S
    feed = machine.WDT().feed
    status = Status(cause, "esp8266", kwhisper.VERSION)
    status.decoder = decoder
    status.line = "%d %d%s1%s" % (line[:3] + (" inverted" if line[3] else "",))
    wlan = network.WLAN(network.STA_IF)
    network.WLAN(network.AP_IF).active(False)
    wlan.active(True)
    network.hostname(settings["host_name"])
    wlan.connect(settings["wifi_ssid"], settings["wifi_password"])
    session = Session(settings, status, feed)
    # What only the session needed goes, with the table that it filled.
    left = list(settings.items())
    settings.clear()
    for name, value in left:
        if name[:5] != "mqtt_" or name == "mqtt_topic":
            settings[name] = value
    left = None
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.bind(socket.getaddrinfo("0.0.0.0", 80)[0][-1])
    door.listen(1)
    browsers = select.poll()
    browsers.register(door, select.POLLIN)
    button = machine.Pin(BUTTON, machine.Pin.IN, machine.Pin.PULL_UP)
    led = machine.Pin(LED, machine.Pin.OUT, value=1)
    chunk = bytearray(_CHUNK)
    longest = 0  # bytes of a list
    large = line[0] <= SLOW  # there the ring is never too small
    lists = sound = unsound = pressed = faults = 0
    deaf_since = 0  # uptime when all that had come was understood
    silent = True
    second = heard = spoken = blink = time.ticks_ms()
    gc.collect()
    say("%s on an ESP8266, %s - %d bytes free" % (kwhisper.VERSION, status.line, gc.mem_free()))
    while True:
        try:
            feed()
            now = time.ticks_ms()
            n = uart.readinto(chunk) if uart.any() else 0
            if n:
                if silent:
                    spoken = now
                silent = False
                heard = now
                unsound += n
                decoder.feed(chunk, n)
            elif not silent and time.ticks_diff(now, heard) > _SILENCE_MS:
                silent = True
                decoder.flush()
                gc.collect()
                # What the decoder loads for a new kind of list, or to say what is wrong.
                for name in "scales profiles problems".split(" "):
                    if "meterwire." + name in sys.modules:
                        kwhisper.let_go("meterwire." + name)
                if longest > _LONG and not large:
                    large = True
                    uart = None
                    uart = _large_ring(line)
            for r in decoder:
                _, start, end = decoder.raw()
                longest = max(longest, end - start)
                lists += 1
                status.last_frame = status.uptime()
                blink = time.ticks_add(now, _BLINK_MS)
                session.reading(r)
                faults = 0
            quiet = silent or time.ticks_diff(now, spoken) > _NEVER_SILENT_MS
            session.step(now, quiet, wlan.isconnected())
            if quiet and any(browsers.ipoll(0)):
                from .data_page import answer

                answer(door, decoder.reading, status, feed)
                del answer
                kwhisper.let_go("esp8266.data_page")
                gc.collect()
            trouble = status.problem or not status.ip or (session.wanted and not session.up)
            if trouble:
                lit = now & 2047 < _BLINK_MS or 0 <= (now & 2047) - 250 < _BLINK_MS
            else:
                lit = settings["led"] == "on" and time.ticks_diff(blink, now) > 0
            led.value(not (lit and settings["led"] != "off"))
            if time.ticks_diff(now, second) >= 1000:
                second = now
                uptime = status.uptime()
                _watch_wifi(wlan, settings, status, uptime)
                note = None  # why to leave for another mode
                if status.ip and not proved:
                    proved = True
                    try:
                        open(PROVED, "wb").close()
                    except OSError:
                        pass  # the flash refuses: told again after the next start
                if uptime > _UNPROVED_S and not proved:
                    note = "the WiFi could not be joined: " + status.wifi
                if settled and uptime >= _SETTLED_S:
                    settled()
                    settled = None
                pressed = 0 if button.value() else pressed + 1
                if pressed >= _HELD_S:
                    note = "the button was held"
                status.problem = None
                if uptime - (status.last_frame or 0) > _NO_LIST_S:
                    status.problem = decoder.problem or "no list from the meter for a minute"
                if lists + decoder.sound != sound or not unsound:
                    sound = lists + decoder.sound
                    unsound = 0
                    deaf_since = uptime
                elif uptime - deaf_since > patience and unsound > _DEAF_BYTES:
                    # A chosen line is kept, but the cable may have come later: measured anew.
                    note = "line" if settings["meter"] == "auto" else ""
                if session.starved:
                    note = ""
                if note is not None:
                    session.goodbye()
                    if settled:
                        settled()  # this end is wanted
                        settled = None
                    leave(note)
            time.sleep_ms(_POLL_MS)
        except Exception as e:
            gc.collect()
            status.restarts += 1
            faults += 1
            say("failed: " + repr(e))
            if faults > _FAULTS:
                raise
            decoder.flush()
            for _ in decoder:
                pass  # of what was left half read, nothing is published


def _large_ring(line):
    # A list that comes while the one before is published shall find room.
    from .swapped_uart import listen

    try:
        uart = listen(*line, True)
    except MemoryError:
        uart = listen(*line)  # there is no place for it
    kwhisper.let_go("esp8266.swapped_uart")
    return uart


def _watch_wifi(wlan, settings, status, uptime):
    if wlan.isconnected():
        if not status.ip:
            status.ip = wlan.ifconfig()[0]
            status.wifi = "up"
            say("WiFi: address " + status.ip)
        status.rssi = wlan.status("rssi")
        return
    status.ip = status.rssi = None
    status.wifi = "joining"
    fault = wlan.status()
    if 1 < fault < 5:
        faults = "wrong WiFi password,the WiFi network was not found,WiFi does not connect"
        status.wifi = faults.split(",")[fault - 2]
    # The chip tries again by itself; now and then it has to be told.
    if uptime % _REJOIN_S == _REJOIN_S - 1:
        wlan.connect(settings["wifi_ssid"], settings["wifi_password"])
