"""The settings form, written row by row from the table of fields, and read back from a POST.

Every field becomes a label, its control, its message if something is wrong with it, its help. A
secret's control is always empty: what is saved is never sent, only whether something is.
"""

from ..fields import fields, groups
from .text import attribute, html

# How a secret that is to be deleted is named in the form.
_FORGET = "forget_"
_OTHER = "?"


def read(body, small=False):
    """The posted form (bytes) as changes for Settings.update(), or None if it is not whole.

    The form must be whole, as a box that is not ticked sends nothing at all.
    """
    typed = {}
    for name, value in pairs(body):
        typed[name] = typed[name] + "," + value if name in typed else value
    if typed.get("form") != "whole":
        return None
    pick = typed.get("wifi_pick", _OTHER)
    if pick != _OTHER:
        typed["wifi_ssid"] = pick[1:]
    changes = {}
    for row in fields():
        if small and row.group == "tls":
            continue
        if row.secret and typed.get(_FORGET + row.name):
            changes[row.name] = None
        elif row.type in ("bool", "many"):
            changes[row.name] = typed.get(row.name, "")
        elif row.name in typed:
            changes[row.name] = typed[row.name]
    return changes


def pairs(body):
    """Iterates (name, value) of a form's urlencoded bytes; what is no UTF-8 is left out."""
    at = 0
    while at < len(body):
        end = body.find(b"&", at)
        end = len(body) if end < 0 else end
        middle = body.find(b"=", at, end)
        if middle > 0:
            try:
                yield _decoded(body, at, middle), _decoded(body, middle + 1, end)
            except ValueError:
                pass  # not made by our page: browsers send UTF-8 as the page says
        at = end + 1


def _decoded(body, at, end):
    out = bytearray(end - at)
    n = 0
    while at < end:
        b = body[at]
        if b == 37:  # %
            b = int(str(body[at + 1 : at + 3], "utf-8"), 16)
            at += 2
        elif b == 43:  # +
            b = 32
        out[n] = b
        n += 1
        at += 1
    return str(memoryview(out)[:n], "utf-8")


def rows(settings, typed, errors, networks=None, small=False):
    """Iterates the HTML of all groups and fields.

    typed: what the person sent before (not yet saved), or {}. errors: {name: message}.
    networks: [(ssid, rssi, secured)] of a scan, or None where there was none.
    """
    for group, title, folded in groups():
        if small and group == "tls":
            continue
        if folded:
            wrong = any(row.name in errors for row in fields(group)) if errors else False
            yield "<details class=card%s><summary><h2>" % (" open" if wrong else "")
        else:
            yield "<section class=card><h2>"
        yield title + ("</h2></summary>" if folded else "</h2>")
        for row in fields(group):
            saved = settings[row.name]
            value = typed.get(row.name, saved)
            error = errors.get(row.name)
            yield '<div class="f%s" id=f_%s>' % (" bad" if error else "", row.name)
            if row.name == "wifi_ssid" and networks is not None:
                for part in _picker(row, value, networks):
                    yield part
            else:
                for part in _control(row, value, bool(saved)):
                    yield part
            if error:
                yield "<p class=err id=e_%s>%s.</p>" % (row.name, html(row.label + " " + error))
            if row.help():
                yield "<p class=help id=h_%s>%s</p>" % (row.name, html(row.help()))
            yield "</div>"
        yield "</details>" if folded else "</section>"


def _control(row, value, saved):
    """The HTML of one field's label and control."""
    name = row.name
    about = ' name=%s aria-describedby="e_%s h_%s"' % (name, name, name)
    if row.type == "bool":
        yield "<label class=tick><input type=checkbox value=1%s%s> " % (
            about,
            " checked" if value in (True, "1") else "",
        )
        yield html(row.label) + "</label>"
        return
    if row.type == "many":
        yield "<fieldset><legend>%s</legend>" % html(row.label)
        chosen = value.split(",")
        for choice, label in row.choices():
            on = " checked" if choice in chosen else ""
            yield "<label class=tick><input type=checkbox name=%s value=%s%s> " % (
                name,
                choice,
                on,
            )
            yield html(label) + "</label>"
        yield "</fieldset>"
        return
    yield "<label for=%s>%s</label>" % (name, html(row.label))
    about = " id=" + name + about
    if row.type == "pick":
        yield "<select%s>" % about
        for choice, label in row.choices():
            yield "<option value=%s%s>" % (choice, " selected" if choice == value else "")
            yield html(label) + "</option>"
        yield "</select>"
        return
    if row.secret:
        value = ""
        about += ' placeholder="%s"' % ("saved; empty keeps it" if saved else "")
    plain = " autocapitalize=none autocorrect=off spellcheck=false autocomplete="
    plain += "new-password" if row.secret else "off"
    if row.type == "lines":
        yield "<textarea rows=4%s%s>%s</textarea>" % (about, plain, html(value))
    elif row.type == "int":
        least, most = row.range()
        yield '<input type=number min=%d max=%d%s value="%s">' % (
            least,
            most,
            about,
            attribute(str(value)),
        )
    else:
        kind = "password" if row.secret and row.type != "key" else "text"
        yield '<input type=%s%s%s maxlength=%d value="%s">' % (
            kind,
            about,
            plain,
            47 if row.type == "key" else row.range()[1],
            attribute(value),
        )
    if row.secret and saved:
        yield "<label class=tick><input type=checkbox name=%s%s value=1> " % (_FORGET, name)
        yield "delete the saved one</label>"


def _picker(row, value, networks):
    """The networks of the scan to choose from, and a line to type another."""
    yield "<fieldset class=nets><legend>%s</legend>" % html(row.label)
    heard = False
    for ssid, rssi, secured in networks:
        here = ssid == value
        heard = heard or here
        yield '<label><input type=radio name=wifi_pick value="=%s"%s><span>' % (
            attribute(ssid),
            " checked" if here else "",
        )
        yield html(ssid)
        yield "</span><small>%s</small><i class=s%d></i></label>" % (
            "" if secured else "open",
            4 if rssi > -55 else 3 if rssi > -67 else 2 if rssi > -78 else 1,
        )
    other = bool(value and not heard) or not networks
    yield (
        "<label><input type=radio name=wifi_pick value=%s%s><span>Another network</span></label>"
        % (
            _OTHER,
            " checked" if other else "",
        )
    )
    yield "<input id=wifi_ssid name=wifi_ssid aria-label='Name of the other network'"
    yield " autocapitalize=none autocorrect=off spellcheck=false autocomplete=off maxlength=32"
    yield ' placeholder="Name of the network" value="%s"></fieldset>' % (
        attribute(value) if other else ""
    )
