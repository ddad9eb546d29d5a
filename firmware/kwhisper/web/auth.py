"""The password of the pages; imported only if there is one."""

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


async def locked(headers, address, password, device):
    """None if the request carries the password (HTTP Basic, any user name); else the seconds for
    which nothing more is heard from this address, as a rule 0."""
    kind, _, coded = headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return 0
    count, until = _wrong.get(address, (0, 0))
    left = until - device.status.uptime()
    if left > 0:
        return left
    try:
        given = binascii.a2b_base64(coded.strip()).split(b":", 1)[1]
    except (ValueError, IndexError):
        given = b""
    if same(given, password.encode()):
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
