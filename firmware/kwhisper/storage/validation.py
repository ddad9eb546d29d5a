"""What a setting may be, and what to say to the person who typed something else.

Imported only when settings are changed, or read from a file that was written by hand.
"""

from .table import BOARDS, SETTINGS, ZONES, rows

_PORT = const(1883)  # the default of "mqtt_port" and "broker2_port"


def check_each(values, data):
    """Take what is right of `data` into the dict `values`; the names of the rest, sorted."""
    wrong = []
    for row in rows(SETTINGS):
        name = row.get("name")
        if name in data:
            value, error = check(row, data[name])
            if error:
                wrong.append(name)
            else:
                values[name] = value
    return sorted(wrong)


def check_all(old, changes):
    """(new values, {}) when every one of `changes` may be made to the dict `old`, else
    (None, {name: message})."""
    errors = {}
    clean = {}
    labels = {}
    for row in rows(SETTINGS):
        name = row.get("name")
        if name in ("wifi_ssid", "net_ssid", "mqtt_host", "broker2_host"):
            labels[name] = row["label"].lower()
        if not name or name not in changes:
            continue
        value = changes[name]
        if value is None:
            clean[name] = row["default"]
        elif row.get("secret") and (value == "" or value in (True, False)):
            # As it was: "" of a page, true or false as settings.json tells it.
            clean[name] = old.get(name, "")
        else:
            clean[name], error = check(row, value)
            if error:
                errors[name] = error
    for name in changes:
        if name not in clean:
            errors[str(name)] = "is an unknown setting"
    if changes.get("wifi_ssid") == "" and not _wired(clean.get("board", old.get("board"))):
        errors["wifi_ssid"] = "is needed"
    if not errors:
        typed = [n for n in changes if changes[n] not in ("", True, False)]
        new = dict(old)
        new.update(clean)
        clean = new
        _check_together(old, clean, typed, labels, errors)
    return (None if errors else clean), errors


def _wired(name):
    # Whether the board of this name has a socket for a cable.
    for row in rows(BOARDS) if name not in (None, "auto") else ():
        if row["name"] == name:
            return "ethernet" in row


def _check_together(old, new, typed, labels, errors):
    # Else whoever may change a setting could have a saved password sent to a place of his own.
    for place, port, password in (
        ("wifi_ssid", None, "wifi_password"),
        ("net_ssid", None, "net_password"),
        ("mqtt_host", "mqtt_port", "mqtt_password"),
        ("broker2_host", "broker2_port", "broker2_password"),
    ):
        known = new.get(place) == old.get(place)
        # What has its default may be left out of both.
        known = known and new.get(port, _PORT) == old.get(port, _PORT)
        known = known or new.get(place) == ""  # without a place nothing goes out
        if not known and old.get(password) and password not in typed:
            errors[password] = "must be typed again for another " + labels[place]
    # Nor may it go out unencrypted, or to whoever another CA vouches for.
    weaker = old["mqtt_tls"] and not new["mqtt_tls"]
    if weaker or (old["mqtt_ca"] and new["mqtt_ca"] != old["mqtt_ca"]):
        if old["mqtt_password"] and "mqtt_password" not in typed:
            what = "to send it without TLS" if weaker else "for another CA certificate"
            errors["mqtt_password"] = "must be typed again " + what
    if new["mqtt_tls"] and not new["mqtt_ca"]:
        errors["mqtt_ca"] = "is needed for TLS: the broker's certificate is checked against it"
    if bool(new["mqtt_cert"]) != bool(new["mqtt_key"]):
        errors["mqtt_key"] = "and the client certificate belong together: give both or neither"
    formats = new["payload"] + new.get("broker2_payload", "")
    if "domoticz" in formats and not new.get("domoticz_idx"):
        errors["domoticz_idx"] = "must say which value goes to which idx, as in voltage_l1=12"
    for name in ("mqtt_ca", "mqtt_cert"):
        # It would be shown to whoever may see the settings.
        if "PRIVATE KEY" in new[name]:
            errors[name] = "must be a certificate, and this is a private key"
    if new.get("mqtt_topic2") == new["mqtt_topic"]:
        errors["mqtt_topic2"] = "must differ from the first topic"
    prices, steps = [new.get(name, "") for name in ("capacity_price", "thresholds")]
    if new.get("capacity") == "no" and prices and prices.count(",") != len(steps.split(",")):
        errors["capacity_price"] = "must be one price more than there are steps"


def check(row, value):
    """Judge a typed, JSON or stored value for a row: (value, None) or (None, message)."""
    kind = row["type"]
    if kind == "bool":
        return value in (True, 1, "1", "on", "true"), None
    if kind == "int":
        return _check_int(row, value)
    if not isinstance(value, str):
        return None, "must be text"
    # Names of networks and passwords may begin or end with a space; nothing else may.
    if kind != "text":
        value = value.strip().replace("\r\n", "\n")
    if kind == "pick" or kind == "many":
        return _check_choices(row, value, value.split(",") if kind == "many" else [value])
    if kind == "board" or kind == "zone":
        for known in rows(BOARDS if kind == "board" else ZONES):
            if value == known["name"] or (value == "auto" and kind == "board"):
                return value, None
        return None, "is an unknown %s" % kind
    if kind == "key":
        return _check_key(value)
    if kind == "mep_key":
        from .wiring import check_mep_key

        return check_mep_key(value)
    return _check_text(row, value)


def _check_int(row, value):
    try:
        value = int(value)
    except (ValueError, TypeError, OverflowError):
        return None, "must be a whole number"
    if row["least"] <= value <= row["most"]:
        return value, None
    return None, "must be from %d to %d" % (row["least"], row["most"])


def _check_choices(row, value, chosen):
    known = [c[0] for c in row["choices"]]
    for c in chosen:
        if c not in known and value != row["default"]:
            return None, "has an unknown choice" if c else "needs at least one choice"
    return value, None


def _check_key(value):
    digits = "".join(c for c in value.lower().replace("0x", "") if c not in " :-\t\n\u00a0")
    for c in digits:
        if c not in "0123456789abcdef":
            return None, "may have only the digits 0-9 and a-f"
    if len(digits) not in (0, 32):
        return None, "must have 32 hex digits, this has %d" % len(digits)
    return digits, None


def _check_text(row, value):
    least, most = row["least"], row["most"]
    try:
        size = len(value.encode())
    except ValueError:
        return None, "has an invalid character"  # half of a UTF-16 pair out of a JSON escape
    if size > most:
        return None, "is too long by %d (a letter such as \u00e5 counts as two)" % (size - most)
    # What may be left out has least 0, or is secret: an open network has no password.
    if size < least and (size or not row.get("secret")):
        return None, "is needed" if not size else "needs at least %d characters" % least
    for c in value:
        # Of a form longer than it needs, or beyond Unicode: MicroPython takes that for text.
        point = ord(c)
        size -= 1 + (point > 0x7F) + (point > 0x7FF) + (point > 0xFFFF) + (point > 0x10FFFF)
        if (c < " " or c == "\x7f") and not (c == "\n" and row["type"] == "lines"):
            return None, "has a control character, such as a tab"
        if ord(c) >> 11 == 27:  # half of a UTF-16 pair, which MicroPython encodes all the same
            return None, "has an invalid character"
    if size:
        return None, "has an invalid character"
    rule = _RULES.get(row["type"])
    if value and not rule and row["type"] != "text":
        from . import wiring

        rule = getattr(wiring, row["type"] + "_fault")
    fault = rule(value) if value and rule else None
    return (None, fault) if fault else (value, None)


def _host_fault(value):
    for c in value:
        if not (c.isalpha() or c.isdigit() or c in "-.:_") or ord(c) > 127:
            return "may have only letters a-z, digits, dots and hyphens"
    if value[0] in "-." or value[-1] in "-.":
        return "may not begin or end with a dot or hyphen"
    return None


def _topic_fault(value):
    if "+" in value or "#" in value:
        return "may not contain + or #"
    bad = value[0] in "/$" or value[-1] == "/"
    return "may not begin with / or $, nor end with /" if bad else None


_RULES = {"host": _host_fault, "topic": _topic_fault}
