"""Who may do what: the web password, and requests that another site makes a browser send."""

import asyncio
import binascii

_LOCAL = (".local", ".lan", ".home", ".home.arpa", ".internal", ".localdomain", ".fritz.box")


def same(a, b):
    """Compares two bytes objects in a time that does not tell how much of them agrees."""
    differ = len(a) ^ len(b)
    for i in range(len(a)):
        differ |= a[i] ^ b[i % len(b)] if b else 1
    return differ == 0


def own_host(host, host_name):
    """Whether the Host header names this device.

    A page of a foreign site whose name was pointed at our address (DNS rebinding) fails here.
    """
    host = host.lower()
    if host.startswith("["):
        host = host.partition("]")[0][1:]
        return all(c in "0123456789abcdef:." for c in host)
    host = host.split(":")[0]
    if all(c in "0123456789." for c in host) or host == "localhost":
        return bool(host)
    name = host_name.lower()
    return host == name or host in [name + suffix for suffix in _LOCAL]


def foreign(headers, host_name):
    """Whether a request for the settings comes from another site's page, going by Origin and Host.

    microdot's own csrf module refuses every form over plain http: there browsers send no
    Sec-Fetch-Site. A POST without Origin comes from no browser (curl, a script) and passes.
    """
    host = headers.get("host", "")
    if not own_host(host, host_name):
        return True
    origin = headers.get("origin")
    return origin is not None and origin.lower() != "http://" + host.lower()


async def authorized(headers, password):
    """Whether the request carries the web password (HTTP Basic, any user name), or none is set."""
    if not password:
        return True
    kind, _, coded = headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return False
    try:
        given = binascii.a2b_base64(coded.strip()).split(b":", 1)[1]
    except (ValueError, IndexError):
        given = b""
    if same(given, password.encode()):
        return True
    await asyncio.sleep(1)  # guessing gets slow; only a few connections are served at once
    return False
