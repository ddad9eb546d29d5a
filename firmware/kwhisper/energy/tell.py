"""All that the account knows, as texts. Imported when somebody asks: every ten seconds, mostly."""

import json

from .. import let_go
from ..formats.entries import decimal

_QUARTER = const(900)
_HOUR = const(3600)
_TIME = const(0)
_COST = const(3)
_UNPRICED = const(5)
_DOUBT = const(6)

# a period's name -> the mark at its end, None: it goes on
_PERIODS = const(
    (
        ("hour", None),
        ("quarter", None),
        ("today", None),
        ("month", None),
        ("yesterday", "today"),
        ("last_month", "month"),
        ("reference", None),
    )
)


def pairs(account):
    """Iterate (name, JSON text), see Account.pairs()."""
    if account.pending:
        from .settle import settle

        settle(account, account.pending, account.total[_TIME], False)
        account.pending = None
        del settle
        let_go("kwhisper.energy.settle")
    marks, total = account.marks, account.total
    now = total[_TIME]
    yield "time", str(now)
    yield "currency", json.dumps(account.currency)
    yield "register_time", str(marks["base"][_TIME]) if account.zero else "null"
    period = account.period
    begun = account.waiting[-1] if account.waiting else marks["booked"]
    # mW, if the power of the last minute stays
    forecast = (total[1] - begun[1]) * _HOUR // period
    if account.own is not None:
        forecast = account.own * 1000
    forecast += account.steady * 1000 * (period - now % period) // period
    fees = {}
    if account.capacity:
        from . import capacity

        yield from capacity.pairs(account, now, forecast, fees)
        del capacity
        let_go("kwhisper.energy.capacity")
    doubts = []
    for name, last in _PERIODS:
        first = marks.get(name)
        if name == "quarter" and period == _QUARTER:
            first = begun
        if not first:
            continue
        end = marks[last] if last else total
        yield name + "_start", str(first[_TIME])
        yield name + "_import", wh(end[1] - first[1])
        yield name + "_export", wh(end[2] - first[2])
        fee = fees.get(name, 0)
        if end[_UNPRICED] == first[_UNPRICED]:
            if name[-5:] == "month" and fee is not None:
                fee += account.fee
            if fee is not None:
                yield name + "_cost", money(end[_COST] - first[_COST] + fee)
            yield name + "_income", money(end[_COST + 1] - first[_COST + 1])
        if first[_DOUBT] or end[_DOUBT]:
            doubts.append(name)
    yield "estimated", json.dumps(doubts)
    if account.text:
        yield "reference_text", json.dumps(account.text)
    yield "forecast", str((forecast + 500) // 1000)
    if account.rates:
        yield "price_import", decimal(account.rates[0], -5).decode()
        yield "price_export", decimal(account.rates[1], -5).decode()


def spent(account):
    """What was spent and earned up to the last hour that is over, as texts."""
    if not account.total:
        return "", ""
    booked = account.marks["booked"]
    return money(booked[_COST]), money(booked[_COST + 1])


def wh(n):
    """mWh as text in Wh, without decimals if they are 0."""
    return decimal(n, -3).decode() if n % 1000 else str(n // 1000)


def money(n):
    """10^-11 as text with five decimals, rounded half up."""
    return decimal((n + 500_000) // 1_000_000, -5).decode()
