"""What happens once a second or less: the radio, problems, faults, the way to a restart."""

import gc
import os
import sys
import time

from micropython import const

from .. import lists
from ..forget import forget
from ..station import prove, proved, reason
from . import session

# What may be at work: of works the first three, a coroutine and the ticks of its next turn.
PORT = const(0)  # the line is being opened
WAY = const(2)  # a session is on its way
TALK = const(4)  # a browser is served
HEART = const(6)  # what happens once a second
_NAMES = ("port", "", "broker", "", "web", "", "heart")

_SETTLED_S = const(60)
_UNPROVED = const(3)
_HELD_S = const(5)
_JOIN_S = const(20)
_PAUSE_S = const(60)
_DEAF_S = const(60)
_SEARCH_S = const(120)
_PATIENCE_S = const(30)
_FAULTS = const(5)
_QUICK_MS = const(60000)
_ANSWER_S = const(2)


def tell(h, r):
    """A list was read: to the broker."""
    lists.tell(r, h.publisher)


def learn(h, r):
    """To all others."""
    lists.learn(r, h.device, h.clock, h)
    if h.lamp and not h.quiet:
        h.lamp.value(h.on)
        h.lit = 1


def unknown(h, buffer, start, end):
    """A list came that nobody knows."""
    h.device.live.keep_raw(buffer, start, end)
    try:
        h.publisher.tell_unknown(buffer, start, end)
    except MemoryError:
        h.publisher.rest()
        dropped(h, "out of memory")


def free_memory(h):
    """Memory ran out: a browser goes, or the way to a session, whatever there is; whether there
    was one. Both begin anew; a list does not."""
    for at in (TALK, WAY):
        if h.works[at]:
            _close(h, at)
            if at == WAY:
                session.end(h, "out of memory")
            return True
    return False


def _close(h, at):
    """A work is done or given up: it goes, and what it used."""
    if h.works[at]:
        h.works[at].close()
        h.works[at] = None
    if at == WAY:
        session.forget_way()
    elif at == TALK:
        forget("kwhisper.web")
        forget("kwhisper.outputs")
        forget("meterwire.reading")
    forget("kwhisper.turns")


def dropped(h, why):
    """A list was lost."""
    h.status.dropped += 1
    h.device.note("error", "a list was dropped:", why)


def second(h):
    """Once a second."""
    h.watchdog.feed()
    status = h.status
    status.tick()
    if h.lit:
        h.lamp.value(1 - h.on)
        h.lit = 0
    if status.ip and h.wlan.isconnected():
        if h.connected:
            silent = session.past(h.received, session.PING_EVERY)
            if silent or status.ip != h.own or session.past(h.sent, session.DRAIN_WITHIN):
                session.look(h)
            h.publisher.tick()
        elif not h.works[WAY]:
            broker(h)
    else:
        radio(h)
    if h.button or h.leaving or status.uptime() % 4 == 0:
        now_and_then(h)


def broker(h):
    """There is no session, and none on its way."""
    if not h.settings["mqtt_host"]:
        session.state(h, "off")
    elif h.settings["mqtt_tls"]:
        session.state(h, "off", "this chip cannot check certificates: use an ESP32 for TLS")
    elif h.left > 0:
        h.left -= 1
    elif not h.leaving:
        h.works[WAY] = session.way(h)


def radio(h):
    """There is no WiFi: once a second. See ../station.py."""
    status = h.status
    if status.ip:
        status.ip = status.rssi = None
        status.wifi = "lost"
        h.device.note("info", "WiFi: connection lost")
        if h.connected:
            session.look(h)
        h.pause = 1
    elif h.tries >= 0:
        h.tries += 1
        problem = "no answer" if h.tries > _JOIN_S else reason(h.wlan.status())
        if h.wlan.isconnected():
            _joined(h)
        elif problem:
            h.joins += 1
            h.device.note("info", "WiFi:", problem)
            status.wifi = problem
            h.wlan.disconnect()
            h.tries = -1
            doubled = min(1 << min(h.joins - 1, 6), _PAUSE_S)
            # From three quarters to five quarters of it: not all of a street at once.
            h.pause = (doubled * 3 + ord(os.urandom(1)) * doubled // 128) // 4
            if h.joins >= _UNPROVED and not proved(h.settings):
                # Never once connected: a mistyped password must not need a button to be mended.
                h.device.restart("WiFi: " + problem, problem)
    elif h.pause > 0:
        h.pause -= 1
    else:
        status.wifi = "joining"
        h.tries = 0
        try:
            h.wlan.active(True)
            h.wlan.connect(h.settings["wifi_ssid"], h.settings["wifi_password"])
        except OSError:
            h.wlan.active(False)
            status.wifi = "the radio does not start"
            h.pause = 5
            h.tries = -1


def _joined(h):
    h.tries = -1
    h.joins = 0
    h.left = 0
    h.status.ip = h.wlan.ifconfig()[0]
    h.status.wifi = "up"
    h.device.note("info", "WiFi: connected, address", h.status.ip)
    prove(h.settings)


def now_and_then(h):
    """Every four seconds: what may be late by that much; and each second while a button hangs on
    the chip or a restart is wanted."""
    status, device = h.status, h.device
    try:
        status.rssi = h.wlan.status("rssi") if status.ip else None
    except (OSError, ValueError):
        status.rssi = None
    if status.line in (None, "searching"):
        status.line = h.port.described()
        if not h.port.searching:
            forget("kwhisper.line")
    problem = _problem(h) or device.settings.problem
    if problem != status.problem:
        status.problem = problem
        if h.connected:
            h.publisher.send_device()
    uptime = status.uptime()
    if not h.settled and uptime >= _SETTLED_S:
        h.settled = True
        device.settled()
    if h.lamp:
        # Two blinks would need a turn of their own: it stays lit while something is wrong.
        wrong = problem or not status.ip or (h.settings["mqtt_host"] and not h.connected)
        h.lamp.value(h.on if wrong else 1 - h.on)
    # Many boards' button, held while the power comes, starts the chip's own loader instead.
    h.held = h.held + 1 if h.button and not h.button.value() else 0
    if h.held >= _HELD_S:
        device.restart("the button was held", "the button was held")
    if h.leaving:
        _leave(h)


def _problem(h):
    """What is wrong between the meter and its values, in words for the user, or None."""
    status = h.status
    uptime = status.uptime()
    age = status.frame_age()
    if h.decoder.problem or uptime < _PATIENCE_S:
        return h.decoder.problem
    if age is not None and age <= _DEAF_S:
        return None
    if h.heard_at is None or uptime - h.heard_at > _DEAF_S:
        return "nothing arrives from the meter: is its port open, and the cable in?"
    if h.port.searching and uptime < _SEARCH_S:
        return None  # the status says so: "line": "searching"
    return "what the meter sends is not understood yet"


def _leave(h):
    """A restart after a goodbye to the broker, when whoever asked has had an answer."""
    if isinstance(h.leaving, str):
        h.leaving = [h.leaving, _ANSWER_S]
    h.leaving[1] -= 1
    if h.leaving[1] > 0:
        return
    if h.connected:
        h.publish(h.topic + b"/status", b"offline", True)
        if h._room(2):
            session._bytes(h, b"\xe0\0", 0)
        for _ in range(20):
            h.drain(h.sock)
            if h.start == h.end:
                break
            time.sleep_ms(50)
    h.publisher.ledger.save_mark()
    h.device.restart(h.leaving[0])


def talk(h):
    """A browser is there: the coroutine that serves it."""
    from ..web import make_app
    from ..web.single import attend

    d = h.device
    app = make_app(h.settings, h.status, d.live, None, h.saved, "run", True)
    return attend(app, h.listener, h.waiting, print)


def over(h, at):
    """A coroutine has done its work."""
    _close(h, at)
    if at == PORT:
        # What was heard before proves nothing for the line that is open now.
        h.found = None
        h.decoder.flush()
        while h.decoder.read():
            pass
        h.port.good = h.lists + h.decoder.sound
        h.status.line = h.port.described()
    elif at == WAY:
        session.begun(h)


def failed(h, e):
    """Something failed: that part begins anew; the ms to wait. Too often: the chip does."""
    at = h.at
    opening = at == PORT and h.works[PORT]
    if at == WAY:
        # session.failed() asks what kind of failure it was, before the kinds are forgotten.
        if h.works[WAY]:
            h.works[WAY].close()
            h.works[WAY] = None
    elif at < HEART:
        _close(h, at)
    memory = isinstance(e, MemoryError)
    h.publisher.rest()
    gc.collect()
    if memory and (at == HEART or at == PORT and not opening) and free_memory(h):
        # It is tried again, and a list goes on being read.
        if at == PORT and not h.found:
            dropped(h, "out of memory")
        return 0
    if at == WAY:
        session.failed(h, e)
        return 0
    name = _NAMES[at]
    if memory:
        why = "out of memory in " + name
    else:
        sys.print_exception(e)
        why = name + " failed: " + type(e).__name__
    h.status.restarts += 1
    h.device.note("error", why)
    now = time.ticks_ms()
    h.faults = h.faults + 1 if time.ticks_diff(now, h.fault) < _QUICK_MS else 1
    h.fault = now
    if h.faults >= _FAULTS:
        h.device.fail(why)
    if at == PORT:
        h.works[PORT] = h.port.open()
        h.works[PORT + 1] = now
    return 1000 * h.faults
