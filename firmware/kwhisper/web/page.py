"""The pages around the form: head, notices, what happens after saving."""

import json

from ..fields import field, fields
from . import form as _form
from .text import attribute, html

_HEAD = (
    "<!doctype html><html lang=en><head><meta charset=utf-8>"
    '<meta name=viewport content="width=device-width,initial-scale=1">'
    '<meta name=color-scheme content="light dark"><title>kWhisper</title>'
    '<link rel=icon href="data:,"><link rel=stylesheet href=/kw.css>'
    "<script src=/kw.js defer></script></head><body><header><div>"
    "<a class=logo href=/>k<b>W</b>hisper</a>"
)
_FOOT = "</main></body></html>"


def form(settings, status, typed, errors, networks, setup, small):
    """Iterates the settings page."""
    yield _HEAD
    yield "<span>Setup</span>" if setup else "<nav><a href=/>Live</a><a>Settings</a></nav>"
    yield "</div></header><main><h1>%s</h1>" % ("Set up your reader" if setup else "Settings")
    for part in _notices(settings, status, errors, setup):
        yield part
    yield "<form method=post accept-charset=utf-8><input type=hidden name=form value=whole>"
    if networks is not None:
        yield "<p class=again><a href=/?again=1>Search for networks again</a></p>"
    for part in _form.rows(settings, typed, errors, networks, small):
        yield part
    yield "<div class=save><button>Save and restart</button></div></form>"
    if not setup:
        yield "<form method=post action=/restart class=quiet><button>Restart only</button></form>"
    yield _FOOT


def _notices(settings, status, errors, setup):
    if errors:
        yield "<div class='note bad' role=alert><p>Nothing is saved yet.</p>"
        for name in errors:
            row = field(name) if name else None
            if row:
                yield "<p><a href=#f_%s>%s</a></p>" % (name, html(row.label + " " + errors[name]))
            else:
                yield "<p>%s</p>" % html(errors[name])
        yield "</div>"
        return
    if settings.problem:
        yield "<div class='note bad'><p>%s</p></div>" % html(settings.problem)
    if setup and status.problem and settings.configured:
        yield "<div class='note bad'><p>Why you see this page: %s</p>" % html(status.problem)
        yield "<p>The network was <b>%s</b>.</p></div>" % html(settings["wifi_ssid"])
    if setup:
        yield "<p class=lead>Choose your WiFi and where the values go. The rest is set well.</p>"
    elif not settings["web_password"]:
        yield "<div class=note><p>Anyone on your network can change these settings. "
        yield "<a href=#f_web_password>Set a password</a></p></div>"


def retype(typed, errors):
    """Marks the secrets that were typed for nothing: they are not sent back with the form."""
    for row in fields():
        if row.secret and typed.get(row.name) and row.name not in errors:
            errors[row.name] = "must be typed again, as it is never sent back"


def saved(settings, setup):
    """Iterates what happens next, with the address to find the device at."""
    name = attribute(settings["host_name"])
    network = html(settings["wifi_ssid"])
    yield _HEAD
    yield "</div></header><main><h1>Saved</h1><section class=card><p class=lead>"
    if setup:
        yield "kWhisper restarts now and joins <b>" + network
        yield "</b>.</p><ol><li>This setup network goes away. Join your phone to <b>" + network
        yield "</b> again.<li>After half a minute, open "
    else:
        yield "kWhisper restarts now.</p><ol id=back><li>In half a minute it is back at "
    for address in (name + ".local", name):
        yield "<a href=http://{0}/>http://{0}/</a>, ".format(address)
    yield "or look for <b>%s</b> in the device list of your router.<li>" % name
    if settings["mqtt_host"]:
        yield "Values appear on the broker <b>%s</b> below " % html(settings["mqtt_host"])
        yield "<b>%s/</b>." % html(settings["mqtt_topic"])
    else:
        yield "No broker is set: the values are on its own page only."
    if setup:
        yield "<li>If it cannot join, the setup network comes back in a minute or two, says why, "
        yield "and all you typed is still there."
    yield "</ol></section>" + _FOOT


def restarting():
    """Iterates the page shown while the device restarts."""
    yield _HEAD
    yield "</div></header><main><h1>Restarting</h1><section class=card><p class=lead>It is back "
    yield "in half a minute. <a href=/ id=back>Live values</a></p></section>" + _FOOT


def settings_json(settings):
    """Iterates all settings as JSON; of a secret only whether one is saved."""
    comma = "{"
    for row in fields():
        value = settings[row.name]
        yield '%s"%s":%s' % (comma, row.name, json.dumps(bool(value) if row.secret else value))
        comma = ","
    yield "}"
