"""POST /reset {"totals": true}: everything as it came, the totals kept or not; POST /meter
{"new": true}: it is another meter, whose registers are lower."""

import asyncio

from .api import answer as said
from .api import json_object


async def answer(api, c):
    """The answer to both."""
    device = api.device
    wanted = json_object(await c.body()) or {}
    name = "totals" if c.path == "/reset" else "new"
    if type(wanted.get(name)) is not bool:
        return said('{"errors":{"":"must be {\\"%s\\": true} or false"}}' % name, 400)
    if c.path == "/reset":
        from ..storage.factory import leave

        asyncio.create_task(leave(device, wanted[name]))
        return said('{"restart":true}')
    if wanted[name] and api.mode == "run":
        device.plausible.new_meter()
        device.note("info", "another meter: its registers are accepted")
    return said("{}")
