"""What the account tells over MQTT, and the prices it hears there. Published like a format.

<topic>/energy/<name>   one topic a name of docs/api.md, with `topics` or `homeassistant`
<topic>/energy          all of it as one JSON object, with `json`
<topic>/realtime …      with `ams`, see ams.py
<topic>/price/set       prices are heard
"""

from ..formats import DOCUMENT, FACT, VALUE

_EVERY = const(10)  # s
# What is of now begins so, all else is retained.
_LIVE = const("time hour quar fore alar pric")


class Report:
    """A format (formats/__init__.py) that has something to say beside the lists."""

    __name__ = "energy"

    def __init__(self, account, settings, uptime):
        self.account = account
        self.payload = settings["payload"]
        self.topic = settings["mqtt_topic"].encode() + b"/price/set"
        self.uptime = uptime
        self.next = 0  # uptime
        self.row = 0  # of entities.json, the next one to be announced

    def connected(self, context):
        """A session began: all is said again."""
        self.next = self.row = 0
        return ()

    def messages(self, r, context):
        """All that is known, every ten seconds."""
        now = self.uptime()
        if now < self.next:
            return
        self.next = now + _EVERY
        below, payload = context.below + b"energy", self.payload
        told = dict(self.account.pairs())
        found = "topics" in payload or "home" in payload
        for name in told if found else ():
            kind = VALUE if name[:4] in _LIVE else FACT
            yield below + b"/" + name.encode(), told[name].encode(), kind
        if "json" in payload:
            text = ",".join(['"%s":%s' % pair for pair in told.items()])
            yield below, ("{" + text + "}").encode(), DOCUMENT
        if "ams" in payload:
            from . import ams

            yield from ams.messages(self.account, told, context)
        if "home" in payload:
            from . import entities

            yield from entities.messages(self, told, context)

    def heard(self, payload, publisher):
        """A list of prices came."""
        from .price_list import take

        take(payload, self.account, publisher)
