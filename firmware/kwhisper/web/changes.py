"""The settings over HTTP, a restart, and the newest frame: seldom asked for.

device.leave(why) is a coroutine function that restarts the device when the answer had the time to
get out.
"""

import asyncio
import json
import os

from .api import answer as _answer
from .api import json_object, members, static


async def answer(api, c):
    """The answer to what routes.json has for this module."""
    if c.path == "/frame.bin":
        raw = api.latest.raw
        if not raw and api.device.status.decoder:
            # What was understood is of use, too: for a report. None while the next one comes.
            buffer, start, end = api.device.status.decoder.raw()
            raw = bytes(buffer[start:end])
        return _answer(raw, 200, "application/octet-stream") if raw else static("")
    if c.path == "/restart":
        asyncio.create_task(api.device.leave("web"))
        return _answer('{"restart":true}')
    return settings(api) if c.method == "GET" else change(api, await c.body())


def settings(api):
    """settings.json: all settings; of a secret only whether it is saved."""
    return _answer(members(api.device.settings.public()))


def change(api, body):
    """POST settings.json: take over and save what the bytes of a JSON object say."""
    changes = json_object(body)
    if changes is None:
        return _answer('{"errors":{"":"must be a JSON object of settings"}}', 400)
    return take(api, changes)


def take(api, changes):
    """Take over and save {name: value}, and restart."""
    s = api.device.settings
    password = None
    if api.mode == "setup" and not (s["web_password"] or changes.get("web_password")):
        if changes.get("web_password", "") == "":
            from ..network.access_point import word

            changes["web_password"] = password = word(os.urandom(10))
    errors = s.change(changes)
    if not errors:
        try:
            s.save()
        except OSError as e:
            errors[""] = str(e)
    if errors:
        return _answer(json.dumps({"errors": errors}), 422)
    asyncio.create_task(api.device.leave("settings"))
    # Said this once.
    made = ',"password":"%s"' % password if password else ""
    return _answer('{"saved":true,"restart":true%s}' % made)
