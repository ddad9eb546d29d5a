"""GET /backup: the settings, but for secrets. POST /backup {"passphrase": "…"}: with them, sealed.
POST /restore {"backup": {…}, "passphrase": "…"}: makes them the device's settings.

The seal is AES-128-GCM, which the chip has for its meters; key and nonce are made of passphrase
and salt with PBKDF2-HMAC-SHA256, the one such function that can be built on the chip's SHA-256.
The chip does it and not the browser, because browsers cipher only on pages of HTTPS. `kwhisper
backup` can open a file without a device.
"""

import asyncio
import json
import os
from binascii import a2b_base64, b2a_base64
from hashlib import sha256

from meterwire import gcm_v

from ..storage.table import SETTINGS, rows
from .api import answer as said
from .api import json_object

_ROUNDS = const(4000)  # about two seconds of an ESP32
_MOST_ROUNDS = const(20000)
_AT_A_STRETCH = const(20)
_LEAST = const(10)  # characters of a passphrase
_SALT = const(16)
_TAG = const(12)
_NAME = b"kwhisper backup 1"  # what is sealed besides


async def answer(api, c):
    """The answer to the three."""
    asked = json_object(await c.body()) if c.method == "POST" else {}
    if asked is None:
        return _fault("must be a JSON object", 400)
    passphrase = asked.get("passphrase") or ""
    if not isinstance(passphrase, str) or 0 < len(passphrase) < _LEAST:
        return _fault("the passphrase needs at least %d characters" % _LEAST)
    if c.path == "/restore":
        return await _restore(api, asked.get("backup"), passphrase)
    if c.method == "POST" and not passphrase:
        return _fault("the passphrase is needed")
    return await _backup(api.device, passphrase)


def _fault(words, code=422):
    return said(json.dumps({"errors": {"": words}}), code)


async def _backup(device, passphrase):
    settings = device.settings
    plain, secret = {}, {}
    for row in rows(SETTINGS):
        name = row.get("name")
        if name in settings.values and settings[name] != row["default"]:
            (secret if row.get("secret") else plain)[name] = settings[name]
    found = {"kwhisper": 1, "version": device.status.version, "settings": plain}
    if passphrase:
        salt = os.urandom(_SALT)
        sealed = bytearray(json.dumps(secret).encode())
        block, nonce = await _cipher(passphrase, salt, _ROUNDS)
        gcm_v.crypt(block, nonce, sealed, 0, len(sealed))
        tag = _tag(block, nonce, sealed, len(sealed))
        found["rounds"] = _ROUNDS
        found["salt"] = _text(salt)
        found["secrets"] = _text(sealed + tag)
    name = 'attachment; filename="%s.json"' % settings["host_name"]
    return said(json.dumps(found), 200, "application/json", ("Content-Disposition", name))


async def _restore(api, found, passphrase):
    if not isinstance(found, dict) or found.get("kwhisper") != 1:
        return _fault("this is not a kWhisper backup")
    changes = found.get("settings")
    if not isinstance(changes, dict):
        return _fault("this is not a kWhisper backup")
    secrets = {}
    if passphrase:
        try:
            rounds = found["rounds"]
            sealed = bytearray(a2b_base64(found["secrets"]))
            salt = a2b_base64(found["salt"])
            if type(rounds) is not int or not 0 < rounds <= _MOST_ROUNDS:
                raise ValueError
        except (KeyError, ValueError, TypeError):
            return _fault("there are no secrets in this backup")
        block, nonce = await _cipher(passphrase, salt, rounds)
        end = len(sealed) - _TAG
        if end < 0 or _tag(block, nonce, sealed, end) != bytes(sealed[end:]):
            return _fault("the passphrase is wrong, or the backup was changed")
        gcm_v.crypt(block, nonce, sealed, 0, end)
        secrets = json.loads(bytes(sealed[:end]))
    # All others are set to what they are by default; a name of another version is passed over.
    taken = {}
    for row in rows(SETTINGS):
        name = row.get("name")
        if row.get("secret"):
            if name in secrets or (passphrase and name != "web_password"):
                taken[name] = secrets.get(name)
        elif name:
            taken[name] = changes.get(name)
    from .changes import take

    return take(api, taken)


async def _cipher(passphrase, salt, rounds):
    made = await pbkdf2(passphrase.encode(), salt, rounds)
    return gcm_v.cipher(made[:16]), made[16:28]


def _tag(block, nonce, sealed, end):
    return gcm_v.tag(block, gcm_v.multiples(block), nonce, sealed, 0, end, _NAME, True)


async def pbkdf2(passphrase, salt, rounds):
    """The first 32 bytes of PBKDF2-HMAC-SHA256 (RFC 8018), with rests for the other tasks."""
    if len(passphrase) > 64:
        passphrase = sha256(passphrase).digest()
    passphrase += bytes(64 - len(passphrase))
    inner = bytes(b ^ 0x36 for b in passphrase)
    outer = bytes(b ^ 0x5C for b in passphrase)
    u = salt + b"\0\0\0\1"
    made = 0
    for i in range(rounds):
        u = sha256(outer + sha256(inner + u).digest()).digest()
        made ^= int.from_bytes(u, "big")
        if i % _AT_A_STRETCH == 0:
            await asyncio.sleep(0)
    return made.to_bytes(32, "big")


def _text(data):
    return b2a_base64(data).decode().strip()
