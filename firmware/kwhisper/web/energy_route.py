"""/energy.json; imported when it is asked for."""

from .api import answer as said
from .api import static


async def answer(api, c):
    """What the account tells; 404 if energy is off."""
    return said(document(api.account)) if api.account else static("")


def document(account):
    """What the account tells, as one object."""
    start = "{"
    for name, value in account.pairs():
        yield '%s"%s":%s' % (start, name, value)
        start = ","
    yield "{}" if start == "{" else "}"
