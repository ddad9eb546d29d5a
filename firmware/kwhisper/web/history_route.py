"""What was, as it was stored: /history/power, /history/hours, /history/days, /history/costs.

Imported when one of them is first asked for. Files go out in pieces; the browser reckons.
"""

from ..storage.history import EVERY, NONE, SLOTS
from ..storage.record import SIZE
from .api import answer as said
from .api import static
from .lines import asked, files, place

_PIECE = const(520)  # bytes: ten records


async def answer(api, c):
    """The answer to a GET below /history/."""
    history = api.history
    what = c.path[9:]
    if not (api.account if what == "costs" else history):
        return static("")
    since = asked(c.query, "since")
    if what == "power":
        return said(power(history, history.ledger.now()))
    if what == "hours":
        since = int(since) if since.isdigit() else 0
        return said(hours(history.ledger, since), 200, "application/octet-stream")
    folder = (api.account if what == "costs" else history).path
    return said(lines(folder, since), 200, "text/csv")


def power(history, now):
    """The ring as JSON, the oldest first; what was before the first list is left out."""
    history.close()
    age = history.latest.uptime() % EVERY
    yield '{"time":%s,"age":%d,"every":%d,"step":%d,"values":[' % (
        now[0] - age if now else "null",
        age,
        EVERY,
        history.step,
    )
    comma = ""
    for i in range(history.slot, history.slot + SLOTS):
        value = history.get(i)
        if comma or value != NONE:
            yield comma + ("null" if value == NONE else str(value))
            comma = ","
    yield "]}"


def hours(ledger, since):
    """The ledger's records in pieces. Torn ones are left out, so that each has its place."""
    if since > ledger.sequence:
        since = 0  # the flash was erased
    buf = bytearray(_PIECE)
    files = ledger.files[:]
    for n, first in enumerate(files):
        if n + 1 < len(files) and files[n + 1] <= since + 1:
            continue
        try:
            with open(ledger.file(first), "rb") as f:
                f.seek(max(0, since + 1 - first) * SIZE)
                while True:
                    n = f.readinto(buf)
                    if not n:
                        break
                    yield memoryview(buf)[: n - n % SIZE]
        except OSError:
            pass  # it made room meanwhile


def lines(folder, since):
    """The lines of a folder's files, from the first that begins with `since` or later; a few
    before it may come, too."""
    buf = bytearray(_PIECE)
    for path in files(folder, since):
        with open(path, "rb") as f:
            f.seek(place(f, since.encode()))
            while True:
                n = f.readinto(buf)
                if not n:
                    break
                yield memoryview(buf)[:n]
