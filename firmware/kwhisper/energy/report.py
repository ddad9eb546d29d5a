"""What the account tells over MQTT. The account is the format (formats/__init__.py), and it hears
<topic>/price/set; this is loaded every ten seconds.

<topic>/energy/<name>   one topic a name of docs/api.md, with `topics` or `homeassistant`
<topic>/energy          all of it as one JSON object, with `json`
<topic>/realtime …      with `ams`, see ams.py
"""

from .. import let_go
from ..formats import DOCUMENT, FACT, VALUE

# What is of now begins so, all else is retained.
_LIVE = const("time hour quar fore alar pric")


def messages(account, context):
    """All that is known."""
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
        del ams
        let_go("kwhisper.energy.ams")
    if "home" in payload and account.row is not None:
        from . import configs

        yield from configs.messages(account, told, context)
        del configs
        let_go("kwhisper.energy.configs")
        let_go("kwhisper.formats.homeassistant")
        let_go("kwhisper.formats.labels")
