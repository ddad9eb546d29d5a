"""The settings form, written row by row from the table of fields; post.py reads it back.

Every field becomes a label, its control, its message if something is wrong with it, its help. A
secret's control is always empty: what is saved is never sent, only whether something is.

A piece of HTML is one long constant where it can be: in a ROMFS its text stays in flash, while
each constant takes RAM for itself.
"""

from ..fields import field, fields, groups
from .text import HEAD, html

_MOST_NETWORKS = 12

_SETUP = """<p class=lead>Choose your WiFi and where the values go. The rest is set well.</p>\
<form method=post accept-charset=utf-8>\
<p class=again><a href=/?again=1>Search for networks again</a></p>"""
_RUN = """<form method=post accept-charset=utf-8>"""
# The hidden field comes last: a page that broke off cannot be sent as a whole one.
_END = """<input type=hidden name=form value=whole>\
<div class=save><button>Save and restart</button></div></form>%s</main></body></html>"""
_RESTART = """<form method=post action=/restart class=quiet><button>Restart only</button></form>"""
_OPEN = """<div class=note><p>Anyone on your network can change these settings. \
<a href=#f_web_password>Set a password</a></p></div>"""
_TEXT = """<input type=%s%s maxlength=%d value="%s">"""
_PICK = """<label><input type=radio name=wifi_pick value="%s"%s><span>%s</span><small>%s</small>\
<i class=s%d></i></label>"""
_TYPED = """</fieldset><input id=wifi_ssid name=wifi_ssid aria-label='Name of the other network' \
autocapitalize=none autocorrect=off spellcheck=false autocomplete=off maxlength=32 \
placeholder="Name of the network" value="%s">"""
_TICK = """<label class=tick><input type=checkbox name=%s value=%s%s> %s</label>"""


def page(settings, problem, typed, errors, networks, small):
    """Iterates the settings page.

    typed: what the person sent before, not saved yet, or {}. errors: {name: message}.
    networks: [(ssid, rssi, secured)] of a scan, None outside the set-up. problem: of the device.
    """
    setup = networks is not None
    if setup:
        yield HEAD % ("<span>Setup</span>", "Set up your reader")
    else:
        yield HEAD % ("<nav><a href=/>Live</a><a>Settings</a></nav>", "Settings")
    for part in _notices(settings, problem, errors, setup):
        yield part
    yield _SETUP if setup else _RUN
    for group, title, folded in groups():
        if small and group == "tls":
            continue
        if folded:
            wrong = bool(errors) and any(row.name in errors for row in fields(group))
            yield "<details class=card%s><summary><h2>%s</h2></summary><div class=g>" % (
                " open" if wrong else "",
                title,
            )
        else:
            yield "<section class=card><h2>%s</h2><div class=g>" % title
        for row in fields(group):
            for part in _row(row, settings.of(row), typed, errors.get(row.name), networks):
                yield part
        yield "</div></details>" if folded else "</div></section>"
    yield _END % ("" if setup else _RESTART)


def _notices(settings, problem, errors, setup):
    if errors:
        yield "<div class='note bad' role=alert><p>Nothing is saved yet.</p>"
        for name in errors:
            row = field(name) if name else None
            text = html((row.label + " " if row else "") + errors[name])
            yield "<p><a href=#f_%s>%s</a></p>" % (name, text)
        yield "</div>"
        return
    if setup and problem and settings.configured:
        problem = "Could not run with %s: %s" % (settings["wifi_ssid"], problem)
    elif setup:
        problem = settings.problem
    if problem:
        yield "<div class='note bad'><p>%s</p></div>" % html(problem)
    if not setup and not settings["web_password"]:
        yield _OPEN


def _row(row, saved, typed, error, networks):
    name = row.name
    value = typed.get(name, saved)
    yield '<div class="f%s" id=f_%s>' % (" bad" if error else "", name)
    if networks is not None and name == "wifi_ssid":
        for part in _picker(row, value, networks):
            yield part
    elif row.type == "bool":
        yield _TICK % (name, "1", " checked" if value in (True, "1") else "", html(row.label))
    elif row.type == "many":
        yield "<fieldset><legend>%s</legend>" % html(row.label)
        chosen = value.split(",")
        for choice, label in row.choices():
            on = " checked" if choice in chosen else ""
            yield _TICK % (name, choice, on, html(label))
        yield "</fieldset>"
    else:
        yield "<label for=%s>%s</label>" % (name, html(row.label))
        yield _control(row, value, bool(saved))
    if row.secret and saved:
        yield _TICK % ("forget_" + name, "1", "", "delete the saved one")
    if error:
        yield "<p class=err id=e_%s>%s.</p>" % (name, html(row.label + " " + error))
    text = row.help()
    if text:
        yield "<p class=help id=h_%s>%s</p>" % (name, html(text))
    yield "</div>"


def _control(row, value, saved):
    about = ' id=%s name=%s aria-describedby="e_%s h_%s"' % ((row.name,) * 4)
    if row.type == "pick":
        about = "<select%s>" % about
        for choice, label in row.choices():
            on = " selected" if choice == value else ""
            about += "<option value=%s%s>%s</option>" % (choice, on, html(label))
        return about + "</select>"
    if row.type == "int":
        return _TEXT % ("number", about, 6, html(str(value)))
    about += " autocapitalize=none autocorrect=off spellcheck=false autocomplete="
    about += "new-password" if row.secret else "off"
    if row.secret:
        value = ""
        if saved:
            about += ' placeholder="saved; empty keeps it"'
    if row.type == "lines":
        return "<textarea rows=4%s>%s</textarea>" % (about, html(value))
    if row.type == "key":
        return _TEXT % ("text", about, 47, "")
    kind = "password" if row.secret else "text"
    return _TEXT % (kind, about, row.range()[1], html(value))


def _picker(row, value, networks):
    # The networks of the scan to choose from, and a line to type another.
    yield "<fieldset class=nets><legend>%s</legend>" % html(row.label)
    heard = False
    seen = []
    for ssid, rssi, secured in networks:
        if not ssid or ssid in seen or len(seen) == _MOST_NETWORKS:
            continue
        seen.append(ssid)
        here = ssid == value
        heard = heard or here
        bars = 4 if rssi > -55 else 3 if rssi > -67 else 2 if rssi > -78 else 1
        on = " checked" if here else ""
        yield _PICK % ("=" + html(ssid), on, html(ssid), "" if secured else "open", bars)
    other = not networks or (value and not heard)
    yield _PICK % ("?", " checked" if other else "", "Another network", "", 0)
    yield _TYPED % (html(value) if other else "")
