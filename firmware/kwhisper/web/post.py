"""The settings form read back.

A field of the form is named as its setting. Beside them: wifi_pick, "=" and a network of the scan
or "?" for the typed one; forget_X, to delete the saved secret X; form, which comes last and shows
that the page arrived whole.
"""

from ..fields import fields


def read(body, settings, small=False):
    """What the posted form (bytes) changes, for Settings.change(), or None if it is not whole.

    The form must be whole, as a box that is not ticked sends nothing at all.
    """
    if _value(body, "form") != "whole":
        return None
    changes = {}
    for row in fields():
        if small and row.group == "tls":
            continue
        name = row.name
        value = _value(body, name)
        if name == "wifi_ssid":
            pick = _value(body, "wifi_pick") or "?"
            value = value if pick == "?" else pick[1:]
        if row.secret and _value(body, "forget_" + name):
            changes[name] = None
        elif row.type in ("bool", "many"):
            changes[name] = value or ""
        elif value == "" or (value is not None and value != settings.of(row)):
            changes[name] = value
    return changes


def _value(body, name):
    # The value of a field in the urlencoded form, of several the comma text, None without any.
    sought = name.encode() + b"="
    found = None
    at = 0
    while True:
        at = body.find(sought, at)
        if at < 0:
            return found
        start = at + len(sought)
        if at == 0 or body[at - 1] == 38:  # &
            end = body.find(b"&", start)
            try:
                value = _decoded(body, start, len(body) if end < 0 else end)
                found = value if found is None else found + "," + value
            except ValueError:
                pass  # not made by our page: browsers send UTF-8 as the page says
        at = start


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


def retype(typed, errors):
    """Marks the secrets that were typed for nothing: they are not sent back with the form."""
    for row in fields():
        if row.secret and typed.get(row.name) and row.name not in errors:
            errors[row.name] = "must be typed again, as it is never sent back"
