"""What a setting may be, and what to say to the person who typed something else."""


def check(row, value):
    """Judges a typed, JSON or stored value for a Field: (value, None) or (None, message)."""
    kind = row.type
    if kind == "bool":
        return value in (True, 1, "1", "on", "true"), None
    if kind == "int":
        return _check_int(row, value)
    if not isinstance(value, str):
        return None, "must be text"
    # Names of networks and passwords may begin or end with a space; nothing else may.
    if kind != "text":
        value = value.strip().replace("\r\n", "\n") if "\r" in value else value.strip()
    if kind == "pick":
        return _check_choices(row, value, [value])
    if kind == "many":
        return _check_choices(row, value, value.split(","))
    if kind == "key":
        return _check_key(value)
    return _check_text(row, value)


def _check_int(row, value):
    least, most = row.range()
    try:
        value = int(value)
    except (ValueError, TypeError, OverflowError):
        return None, "must be a whole number"
    if least <= value <= most:
        return value, None
    return None, "must be from %d to %d" % (least, most)


def _check_choices(row, value, chosen):
    known = ";" + row.limits
    for c in chosen:
        if ":" in c or ";" in c or ";" + c + ":" not in known:
            return None, "unknown choice" if c else "choose at least one"
    return value, None


def _check_key(value):
    digits = "".join(c for c in value.lower() if c not in " :-\t")
    for c in digits:
        if c not in "0123456789abcdef":
            return None, "may hold only the digits 0-9 and a-f"
    if len(digits) not in (0, 32):
        return None, "must have 32 hex digits, this has %d" % len(digits)
    return digits, None


def _check_text(row, value):
    least, most = row.range()
    try:
        size = len(value.encode())
    except ValueError:
        return None, "holds what is no letter"  # half of a UTF-16 pair out of a JSON escape
    if size > most:
        return None, "is too long by %d (a letter such as \u00e5 counts as two)" % (size - most)
    # What may be left out has least 0, or is secret: an open network has no password.
    if size < least and (size or not row.secret):
        return None, "is needed" if not size else "needs at least %d characters" % least
    for c in value:
        if (c < " " or c == "\x7f") and not (c == "\n" and row.type == "lines"):
            return None, "holds a control character"
    rule = _RULES.get(row.type)
    return (None, rule(value)) if value and rule and rule(value) else (value, None)


def _host_fault(value):
    for c in value:
        if not (c.isalpha() or c.isdigit() or c in "-.:_") or ord(c) > 127:
            return "may hold only letters a-z, digits, dots and hyphens"
    return (
        "may not begin or end with a dot or hyphen"
        if value[0] in "-." or value[-1] in "-."
        else None
    )


def _topic_fault(value):
    if "+" in value or "#" in value:
        return "may not hold + or #"
    bad = value[0] in "/$" or value[-1] == "/"
    return "may not begin with / or $, nor end with /" if bad else None


def _lines_fault(value):
    ok = value.startswith("-----BEGIN ") and value.endswith("-----")
    return None if ok else "must be PEM text, from -----BEGIN to the last -----"


def _pairs_fault(value):
    for pair in value.split(","):
        name, _, number = pair.strip().partition("=")
        if not name.strip() or not number.strip().isdigit():
            return "must look like active_power_import=12,voltage_l1=13"
    return None


_RULES = {"host": _host_fault, "topic": _topic_fault, "lines": _lines_fault, "pairs": _pairs_fault}
