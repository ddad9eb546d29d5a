"""Passwords of the pages, and the token of scripts; imported when one is asked for."""

import asyncio
import binascii

_FREE = const(4)  # wrong passwords without a wait
_LONGEST_S = const(600)
_MOST = const(8)  # addresses remembered

_wrong = {}  # address -> (wrong passwords, uptime from which the next is looked at)


def same(a, b):
    """Compare two bytes objects in a time that does not tell how much of them agrees."""
    differ = len(a) ^ len(b)
    for i in range(len(a)):
        differ |= a[i] ^ b[i % len(b)] if b else 1
    return differ == 0


async def locked(headers, address, values, device):
    """None if the request carries what it needs, else the seconds for which nothing more is heard
    from this address, as a rule 0.

    HTTP Basic with any user name and the password of the pages, or that of the set-up's WiFi,
    which is all there is before one was chosen. Where only `values` are asked for the token will
    do.
    """
    kind, _, given = headers.get("authorization", "").partition(" ")
    kind = kind.lower()
    if kind not in ("basic", "bearer"):
        return 0
    count, until = _wrong.get(address, (0, 0))
    left = until - device.status.uptime()
    if left > 0:
        return left
    given = given.strip().encode()
    if kind == "bearer":
        token = device.settings["web_token"].encode()
        right = values and token and same(given, token)
    else:
        try:
            given = binascii.a2b_base64(given).split(b":", 1)[1]
        except (ValueError, IndexError):
            given = b""
        password = device.settings["web_password"].encode()
        right = password and same(given, password)
        if not right:
            from ..network.access_point import access_point

            right = same(given, access_point()[1].encode())
    if right:
        _wrong.pop(address, None)
        return None
    if len(_wrong) >= _MOST and address not in _wrong:
        _wrong.pop(min(_wrong, key=_wrong.get))
    count += 1
    left = min(1 << count - _FREE, _LONGEST_S) if count > _FREE else 0
    _wrong[address] = (count, device.status.uptime() + left)
    device.note("warning", "web: wrong password,", count, "times")
    await asyncio.sleep(1)  # few connections are served at once: guessing gets slow
    return left
