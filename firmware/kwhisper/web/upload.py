"""POST /update takes a version, a .kwu file as the body; GET /update.json tells how it went.

Imported when one of the two is asked for. The body goes to flash piece by piece.
"""

import asyncio
import io
import json
import sys
from time import ticks_add, ticks_diff, ticks_ms

from .. import let_go
from ..update import WITHIN_MS, Refused, slots
from .api import answer as _answer
from .api import text

_PIECE_MS = const(15000)
_STAYS = const("kwhisper.update.trial kwhisper.update.download kwhisper.update.alone")


async def answer(api, c):
    """The answer to both."""
    try:
        if c.method == "POST":
            return await _take(api, c)
        return _answer(json.dumps(_state(api.device.status)))
    finally:
        _let_go()


async def _take(api, c):
    device = api.device
    if not slots.beside_pages(device.status):
        # running.py lets the pages go, and update/incoming.py takes it.
        first = bytes(memoryview(c.buffer)[c.at : c.end])
        api.incoming = c.client, c.left, first, c.query == "older=1"
        c.client = io.BytesIO()  # the connection is closed with nobody on it
        api.task.cancel()
        raise asyncio.CancelledError
    from ..update import package

    async def more(view):
        if ticks_diff(ticks_ms(), c.began) > WITHIN_MS:
            raise Refused("it is too slow")
        c.due = ticks_add(ticks_ms(), _PIECE_MS)
        return await c.more(view)

    try:
        version = await package.install(device, more, c.left, c.query == "older=1")
    except Refused as e:
        device.note("warning", "update refused:", str(e))
        c.due = ticks_add(ticks_ms(), _PIECE_MS)
        return text(str(e), 422)
    asyncio.create_task(device.leave("update to " + version))
    return _answer(json.dumps({"version": version, "restart": True}))


def _let_go():
    # 4 KB that nobody needs before the next time; unless a part that stays has some of it.
    for name in sys.modules:
        if name in _STAYS.split():
            return
    if not slots.busy:
        let_go("kwhisper.update.")
        let_go("kwhisper.update")


def _state(status):
    trial, failed = slots.words(slots.TRIAL), slots.words(slots.FAILED)
    own = slots.running()
    return {
        "version": status.version,
        "slot": own,
        "state": "trial" if trial else "ready" if status.state == "update" else "settled",
        "other": slots.about(slots.other()).get("version") if own else None,
        "failed": failed[1] if len(failed) > 1 else None,
        "mpy": slots.loads(),
        "micropython": ".".join(str(n) for n in slots.micropython()),
    }
