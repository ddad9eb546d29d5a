"""POST /reference: the reference reading; imported when it is stored."""

from .api import answer as said
from .api import json_object, static

_TEXT = const(60)  # letters


async def answer(api, c):
    """Whether it was stored; 404 if energy is off."""
    return reference(api.account, await c.body()) if api.account else static("")


def reference(account, body):
    """Take or delete the reference reading."""
    asked = json_object(body) or {}
    text, time = asked.get("text"), asked.get("time", 0)
    registers = asked.get("import"), asked.get("export")
    sound = isinstance(text, str) and len(text) <= _TEXT
    for number in (time,) + registers:
        sound = sound and (number is None or (type(number) is int and number >= 0))
    if not sound:
        return said('{"errors":{"text":"must be text, and the other members whole numbers"}}', 422)
    if text and not account.zero:
        return said('{"errors":{"":"the meter has not sent its registers yet"}}', 422)
    account.marks.pop("reference", None)
    if text:
        mark = account.total[:]
        for i in 0, 1:
            if registers[i] is not None and account.zero[i] is not None:
                mark[1 + i] = registers[i] * 1000 + account.zero[i]
                mark[5] = -1  # what it cost since then nobody knows
        if time:
            mark[0] = time
            mark[5] = -1
        account.marks["reference"] = mark
    account.text = text
    account.save()
    return said('{"saved":true}')
