"""The account's books: what a full hour or quarter asks for. Imported at each."""

import json
import os
from binascii import crc32

from .. import let_go
from ..storage import checked
from ..storage.record import NEW_SERIES
from .settle import advance, settle

_QUARTER = const(900)
_HOUR = const(3600)
_LATE = const(120)  # s behind the full quarter at which its registers may come
_AWAY = const(259_200)  # s; if the clock jumps further, all begins anew
_WAITING = const(6)  # marks that wait for a register
_FILE = const(2_678_400)  # s; the hours of 31 days are a file
_KEPT = const(3)  # files

# of a mark, see account.py
_TIME = const(0)
_COST = const(3)
_UNPRICED = const(5)
_DOUBT = const(6)
_UNSEEN = const(2)


def reading(account, now):
    """Come to a list behind an edge, or with registers that the ledger kept."""
    total, ledger = account.total, account.ledger
    if not total or not -_HOUR < now - total[_TIME] < _AWAY:
        begin(account, now)
    advance(account, now)
    if ledger.sequence > account.sequence:
        believe(account, ledger.last(), now)
    if account.pending:
        settle(account, account.pending, now, False)
        account.pending = None
    book(account)


def believe(account, record, now):
    """Registers of the ledger's, unless they are in doubt: the next ones tell what was used."""
    account.sequence = account.ledger.sequence
    if record.doubted():
        return
    time = record.time
    if time % _QUARTER <= _LATE:
        time -= time % _QUARTER
    if time > now + _LATE:
        time = now  # two clocks, and this one counts
    settle(account, record.totals, time, record.flags & NEW_SERIES)


def begin(account, now):
    """Count from now on; or from the registers that the ledger has of this house, if they are of
    late: what was used since then the next ones tell."""
    from ..storage.series import sound

    record = sound(account.ledger)
    del sound
    let_go("kwhisper.storage.series")
    known = not account.marks and record and 0 <= now - record.time < _AWAY
    if known:
        now = record.time - record.time % _QUARTER
    account.total = total = [now, 0, 0, 0, 0, 0, _UNSEEN]
    if account.marks:
        total[1:_DOUBT] = account.marks["total"][1:_DOUBT]
    account.zero = None
    account.waiting = []
    for name in ("hour", "today", "month", "booked", "line", "base"):
        account.marks[name] = total[:]
    account.marks["total"] = total
    from .price import at

    account.rates = at(account, now)
    if known:
        believe(account, record, now)


def book(account):
    """Count the hours or quarters whose registers have come; those that wait in vain, too."""
    marks, waiting = account.marks, account.waiting
    most = _WAITING if account.zero else 0
    done = False
    while waiting and (waiting[0][_TIME] <= marks["base"][_TIME] or len(waiting) > most):
        done = True
        end = waiting.pop(0)
        first = marks["booked"]
        marks["booked"] = end
        period = end[_TIME] - first[_TIME]
        if account.capacity and period == account.period and first[_DOUBT] != _UNSEEN:
            from . import capacity

            capacity.book(account, first[_TIME], (end[1] - first[1]) * _HOUR // period)
            del capacity
            let_go("kwhisper.energy.capacity")
        if end[_TIME] % _HOUR == 0:
            if end[_TIME] - marks["line"][_TIME] == _HOUR:
                line(account, marks["line"], end)
            marks["line"] = end
    if done:
        save(account)


def line(account, first, end):
    """Write down an hour."""
    from .tell import money, wh

    text = "%d,%s,%s" % (first[_TIME], wh(end[1] - first[1]), wh(end[2] - first[2]))
    for i in _COST, _COST + 1:
        text += ","
        if end[_UNPRICED] == first[_UNPRICED]:
            text += money(end[i] - first[i])
    text += ",4" if end[_DOUBT] or first[_DOUBT] else ",0"
    folder = account.path
    path = "%s/%d" % (folder, first[_TIME] - first[_TIME] % _FILE)
    try:
        with open(path, "ab") as f:
            if not f.tell():
                # All but the newest files go.
                files = sorted([name for name in os.listdir(folder) if name.isdigit()])
                for name in files[:-_KEPT]:
                    os.remove(folder + "/" + name)
            # On a line of its own, whatever a power cut left of the one before.
            f.write(b"\n%s*%08x" % (text.encode(), crc32(text.encode())))
    except OSError:
        pass  # the ledger tells of a flash that takes nothing


def save(account):
    """An hour that cannot be kept is in the registers all the same."""
    state = account.marks, account.waiting, account.zero, account.text, account.peaks
    checked.write(account.path + "/state", json.dumps(state).encode())
