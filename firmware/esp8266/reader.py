"""Reads the meter and tells the broker: one plain loop, nothing in which waits for long."""

import gc
import os
import select
import socket
import sys
import time

import machine
import network

from kwhisper import VERSION
from kwhisper.status import Status

from .broker import Session
from .main import BUTTON, LED, PROVED, leave, say

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
_BROWSER_S = 0.3
_FAULTS = const(5)  # without a list between them
# What WLAN.status() says of what will not mend itself.
_WIFI = {2: "wrong WiFi password", 3: "the WiFi network is not there", 4: "WiFi does not connect"}


def run(settings, decoder, line, uart, cause, searched, settled):
    """Read for ever from `uart`, which is open as `line` says: (baud, bits, parity, inverted).
    searched: line_mode has just looked for another one, in vain."""
    patience = _DEAF_IN_VAIN_S if searched else _DEAF_S
    feed = machine.WDT().feed
    status = Status(cause, "esp8266", VERSION)
    status.decoder = decoder
    status.line = "%d %d%s1" % line[:3] + (" inverted" if line[3] else "")
    wlan = network.WLAN(network.STA_IF)
    network.WLAN(network.AP_IF).active(False)
    wlan.active(True)
    network.hostname(settings["host_name"])
    wlan.connect(settings["wifi_ssid"], settings["wifi_password"])
    session = Session(settings, status, feed)
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.bind(socket.getaddrinfo("0.0.0.0", 80)[0][-1])
    door.listen(1)
    browsers = select.poll()
    browsers.register(door, select.POLLIN)
    button = machine.Pin(BUTTON, machine.Pin.IN, machine.Pin.PULL_UP)
    led = machine.Pin(LED, machine.Pin.OUT, value=1)
    chunk = bytearray(_CHUNK)
    lists = sound = unsound = pressed = faults = 0
    deaf_since = 0  # uptime when all that had come was understood
    silent = True
    second = heard = spoken = blink = time.ticks_ms()
    gc.collect()
    say(VERSION, "on an ESP8266,", status.line, "-", gc.mem_free(), "bytes free")
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
            for r in decoder:
                lists += 1
                status.last_frame = status.uptime()
                blink = time.ticks_add(now, _BLINK_MS)
                session.reading(r)
                faults = 0
            quiet = silent or time.ticks_diff(now, spoken) > _NEVER_SILENT_MS
            session.step(now, quiet, wlan.isconnected())
            if quiet and any(browsers.ipoll(0)):
                _answer(door, decoder.reading, status, feed)
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
                if uptime > _UNPROVED_S and not status.ip and not _proved():
                    _leave("the WiFi was never there: " + status.wifi, session, settled)
                if settled and uptime >= _SETTLED_S:
                    settled()
                    settled = None
                pressed = 0 if button.value() else pressed + 1
                if pressed >= _HELD_S:
                    _leave("the button was held", session, settled)
                status.problem = None
                if uptime - (status.last_frame or 0) > _NO_LIST_S:
                    status.problem = decoder.problem or "no list from the meter for a minute"
                if lists + decoder.sound != sound or not unsound:
                    sound = lists + decoder.sound
                    unsound = 0
                    deaf_since = uptime
                elif uptime - deaf_since > patience and unsound > _DEAF_BYTES:
                    # A chosen line is kept, but the cable may have come later: measured anew.
                    _leave("line" if settings["meter"] == "auto" else "", session, settled)
            time.sleep_ms(_POLL_MS)
        except Exception as e:
            gc.collect()
            status.restarts += 1
            faults += 1
            say("failed:", repr(e))
            if faults > _FAULTS:
                raise
            decoder.flush()
            for _ in decoder:
                pass  # of what was left half read, nothing is published


def _watch_wifi(wlan, settings, status, uptime):
    if wlan.isconnected():
        if not status.ip:
            status.ip = wlan.ifconfig()[0]
            status.wifi = "up"
            say("WiFi: address", status.ip)
            if not _proved():
                open(PROVED, "w").close()
        status.rssi = wlan.status("rssi")
        return
    status.ip = status.rssi = None
    status.wifi = _WIFI.get(wlan.status(), "joining")
    # The chip tries again by itself; now and then it has to be told.
    if uptime % _REJOIN_S == _REJOIN_S - 1:
        wlan.connect(settings["wifi_ssid"], settings["wifi_password"])


def _leave(note, session, settled):
    session.goodbye()
    if settled:
        settled()  # this end is wanted
    leave(note)


def _proved():
    try:
        os.stat(PROVED)
        return True
    except OSError:
        return False


def _answer(door, reading, status, feed):
    # One browser at a time, and it has to ask at once.
    try:
        client, _ = door.accept()
    except OSError:
        return  # it left
    try:
        client.settimeout(_BROWSER_S)
        from .data_page import answer

        answer(client, reading, status, feed)
    except OSError:
        pass  # it asks nothing, left, or takes nothing
    finally:
        client.close()
        sys.modules.pop("esp8266.data_page", None)
        gc.collect()
