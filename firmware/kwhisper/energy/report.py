"""What the account tells over MQTT, and the prices it hears there: a format (formats/__init__.py)
that is given the account as context.memory["energy"].

<topic>/energy/<name>   one topic a name of docs/api.md, with `topics` or `homeassistant`
<topic>/energy          all of it as one JSON object, with `json`
<topic>/realtime …      with `ams`, see ams.py
<topic>/price/set       prices are heard
"""

from .. import let_go
from ..formats import DOCUMENT, FACT, VALUE

_EVERY = const(10)  # s
# What is of now begins so, all else is retained.
_LIVE = const("time hour fore alar pric")


def connected(context):
    """A session began: all is said again."""
    account = context.memory["energy"]
    account.next = account.row = 0
    return ()


def messages(r, context):
    """All that is known, every ten seconds."""
    account = context.memory["energy"]
    now = context.status.uptime()
    if now < account.next:
        return
    account.next = now + _EVERY
    below, payload = context.below + b"energy", context.settings["payload"]
    if "topics" in payload or "home" in payload:
        for name, value in account.pairs():
            kind = VALUE if name[:4] in _LIVE else FACT
            yield below + b"/" + name.encode(), value.encode(), kind
    if payload == "topics":
        return
    told = dict(account.pairs())
    if "json" in payload:
        text = ",".join(['"%s":%s' % pair for pair in told.items()])
        yield below, ("{" + text + "}").encode(), DOCUMENT
    if "ams" in payload:
        from . import ams

        yield from ams.messages(account, told, context)
    if "home" in payload and account.row is not None:
        from . import entities

        yield from entities.messages(account, told, context)
        del entities
        let_go("kwhisper.energy.entities")
        let_go("kwhisper.formats.homeassistant")


def heard(topic, payload, publisher):
    """A list of prices came; or what nobody asked for, as some brokers send."""
    if topic != publisher.context.below + b"price/set":
        return
    from .price_list import take

    take(payload, publisher.context.memory["energy"], publisher)
    del take
    let_go("kwhisper.energy.price_list")
