"""The settings page: the template form.html, filled in line by line; post.py reads it back.

The template is made from the table of settings by tools/webform.py, where its marks are told. A
secret has none for its value: what is saved is never sent, only whether something is.
"""

from .text import attribute

_TEMPLATE = __file__.rpartition("/")[0] + "/form.html"
_MOST_NETWORKS = 12

_HEAD_SETUP = """<span>Setup</span></div></header><main><h1>Set up your reader</h1>"""
_HEAD_RUN = (
    """<nav><a href=/>Live</a><a>Settings</a></nav></div></header><main><h1>Settings</h1>"""
)
_LEAD = """<p class=lead>Choose your WiFi and where the values go. The rest is set well.</p>"""
_AGAIN = """<p class=again><a href=/?again=1>Search for networks again</a></p>"""
_RESTART = """<form method=post action=/restart class=quiet><button>Restart only</button></form>"""
_OPEN = """<div class=note><p>Anyone on your network can change these settings. \
<a href=#f_web_password>Set a password</a></p></div>"""
_BAD = """<div class="note bad" role=alert>%s<p>%s</p></div>"""
_LINK = """<a href=#f_%s>See %s</a><br>"""
_FORGET = """<label class=tick><input type=checkbox name=forget_%s value=1> \
delete the saved one</label>"""
_ERROR = """<p class=err id=e_%s>This %s.</p>"""
_TYPED = """<label for=wifi_ssid>Network</label><input type=text id=wifi_ssid name=wifi_ssid \
maxlength=32 autocapitalize=none autocorrect=off spellcheck=false autocomplete=off value="%s">"""
_PICK = """<label><input type=radio name=wifi_pick value="%s"%s><span>%s</span><small>%s</small>\
<i class=s%d></i></label>"""
_OTHER = """</fieldset><input id=wifi_ssid name=wifi_ssid aria-label='Name of the other network' \
maxlength=32 autocapitalize=none autocorrect=off spellcheck=false autocomplete=off \
placeholder="Name of the network" value="%s">"""


def page(settings, problem, typed, errors, networks, small):
    """Iterates the page as bytes and text.

    typed: what the person sent before, not saved yet, or {}. errors: {name: message}.
    networks: [(ssid, rssi, secured)] of a scan, None outside the set-up. problem: of the device.
    """
    left_out = False
    with open(_TEMPLATE, "rb") as template:
        while True:
            line = template.readline()
            if not line:
                return
            if line[0] != 123:  # {
                if not left_out:
                    yield line[:-1]
            elif line[1] == 84 or line[1] == 116:  # T, t
                left_out = small and line[1] == 84
            elif not left_out:
                mark = str(line[1:-1], "utf-8").rstrip("}").split(":")
                if mark[0] == "W":
                    for part in _network(typed.get("wifi_ssid", settings["wifi_ssid"]), networks):
                        yield part
                elif mark[0] == "N":
                    for part in _notices(settings, problem, errors, networks):
                        yield part
                else:
                    yield _fill(mark, settings, typed, errors, networks is not None)


def _fill(mark, settings, typed, errors, setup):
    kind = mark[0]
    if kind == "H":
        return _HEAD_SETUP if setup else _HEAD_RUN
    if kind == "A":
        return _AGAIN if setup else ""
    if kind == "R":
        return "" if setup else _RESTART
    if kind == "O":
        return " open" if [n for n in mark[1].split(",") if n in errors] else ""
    name = mark[1]
    if kind == "B":
        return " bad" if name in errors else ""
    if kind == "E":
        return _ERROR % (name, attribute(errors[name])) if name in errors else ""
    if kind == "P":
        return ' placeholder="saved; empty keeps it"' if settings.given(name) else ""
    if kind == "F":
        return _FORGET % name if settings.given(name) else ""
    value = typed.get(name)
    if value is None:
        value = settings.given(name, mark[2])
    if kind == "V":
        return attribute(str(value))
    if kind == "C":
        return " checked" if value in (True, "1") else ""
    if kind == "S":
        return " selected" if value == mark[3] else ""
    return " checked" if mark[3] in value.split(",") else ""


def _notices(settings, problem, errors, networks):
    if errors:
        text = attribute(errors.get("", ""))
        for name in errors:
            if name:
                text += _LINK % (name, name.replace("_", " "))
        yield _BAD % ("<p>Nothing is saved yet.</p>", text)
        return
    if networks is None:
        if not settings["web_password"]:
            yield _OPEN
    elif problem and settings.configured:
        before = "<p>Could not run with <b>%s</b>:</p>" % attribute(settings["wifi_ssid"])
        yield _BAD % (before, attribute(problem))
    if settings.problem:
        yield _BAD % ("", attribute(settings.problem))
    if networks is not None:
        yield _LEAD


def _network(chosen, networks):
    # The networks of the scan to choose from, and a line to type another.
    if networks is None:
        yield _TYPED % attribute(chosen)
        return
    yield "<fieldset class=nets><legend>Network</legend>"
    seen = []
    for ssid, rssi, secured in networks:
        if not ssid or ssid in seen or len(seen) == _MOST_NETWORKS:
            continue
        seen.append(ssid)
        on = " checked" if ssid == chosen else ""
        text = attribute(ssid)
        bars = 4 if rssi > -55 else 3 if rssi > -67 else 2 if rssi > -78 else 1
        yield _PICK % ("=" + text, on, text, "" if secured else "open", bars)
    other = not seen or (chosen and chosen not in seen)
    yield _PICK % ("?", " checked" if other else "", "Another network", "", 0)
    yield _OTHER % (attribute(chosen) if other else "")
