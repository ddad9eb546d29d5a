"""What the account tells over MQTT, and the prices it hears there. Published like a format.

<topic>/energy/<name>   one topic a name of docs/api.md, with `topics` or `homeassistant`
<topic>/energy          all of it as one JSON object, with `json`
<topic>/realtime …      with `ams`, see ams.py
<topic>/price/set       prices are heard
"""

from ..formats import DOCUMENT, REGISTER, VALUE

_EVERY = const(10)  # s
_ALL_EVERY = const(60)
_CONFIGS = const(3)  # at a time
_LIVE = const(("hour", "quarte", "foreca", "alarm", "price_"))
_LEFT_OUT = const(("time", "currency", "hour_start", "reference_text"))


class Report:
    """A format (formats/__init__.py) that has something to say beside the lists."""

    __name__ = "energy"

    def __init__(self, account, settings, uptime):
        self.account = account
        self.chosen = settings["payload"].split(",")
        self.topic = settings["mqtt_topic"].encode() + b"/price/set"
        self.uptime = uptime
        self.next = self.all = 0  # uptime
        self.row = 0  # of the table of entities, the next one to be announced
        self.alarm = ""

    def connected(self, context):
        """A session began: all is said again."""
        self.next = self.all = self.row = 0
        return ()

    def messages(self, r, context):
        """Every ten seconds what is live, every minute the rest; an alarm at once."""
        now = self.uptime()
        told = dict(self.account.pairs())
        if now < self.next and told.get("alarm") == self.alarm:
            return
        self.alarm = told.get("alarm")
        self.next = now + _EVERY
        whole = now >= self.all
        if whole:
            self.all = now + _ALL_EVERY
        below = context.below
        if "topics" in self.chosen or "homeassistant" in self.chosen:
            for name in told:
                live = name[:6] in _LIVE or name[:5] in _LIVE or name[:4] in _LIVE
                if name not in _LEFT_OUT and (live or whole):
                    yield (
                        below + b"energy/" + name.encode(),
                        told[name].encode(),
                        VALUE if live else REGISTER,
                    )
        if "json" in self.chosen:
            text = ",".join(['"%s":%s' % pair for pair in told.items()])
            yield below + b"energy", ("{" + text + "}").encode(), DOCUMENT
        if "ams" in self.chosen:
            from . import ams

            yield from ams.messages(self.account, told, below, whole)
        if "homeassistant" in self.chosen:
            from .entities import configs

            for config in configs(self, told, context):
                yield config

    def heard(self, payload, publisher):
        """A list of prices came."""
        from .price_list import take

        take(payload, self.account, publisher)
