"""What the account takes from the settings and finds on flash; imported once."""

import json
import os

from ..storage import checked
from .price import at, parsed, span

_QUARTER = const(900)
_HOUR = const(3600)
_STATE = const(4000)  # bytes at most


def open_account(account, settings):
    """Give an Account the attributes that outlive a list."""
    account.zone = settings["time_zone"]
    account.currency = settings["currency"]
    # What price.at() needs: prices in 10^-5, the tax, the hours of the night.
    # "price_energy", "price_day", "price_night", "price_vat", "price_export"
    names = ("energy", "day", "night", "vat", "export")
    account.prices = [parsed(settings["price_%s" % name]) for name in names]
    account.prices += [settings["night_weekend"], span(settings["night_hours"])]
    account.fee = parsed(settings["price_month"]) * 1_000_000
    rule = settings["capacity"]
    account.period = _QUARTER if rule == "be" else _HOUR
    account.capacity = None if rule == "off" else tariff(settings, rule)
    # [month, [[begin, power, day] …] the highest first, [[month, sum, divisor] …] of those before]
    account.peaks = [0, [], []]
    account.sequence = account.ledger.sequence
    # What /energy/state holds: marks by name, "base" is that of the last registers;
    account.marks = {}
    account.waiting = []  # marks whose registers are still to come;
    account.zero = None  # what the registers are lower than the marks' energies;
    account.text = ""  # of the reference reading.
    try:
        os.mkdir(account.path)
    except OSError:
        pass  # it is there already
    try:
        state = json.loads(checked.read(account.path + "/state", _STATE))
        account.marks, account.waiting, account.zero, account.text, peaks = state
        if peaks:
            account.peaks = peaks
    except ValueError:
        pass  # there is none
    if account.zero:
        account.history = None  # it has begun
    account.total = account.marks.get("total")
    # prices of an imported and an exported kWh now, if they are known
    account.rates = at(account, account.total[0]) if account.total else None


def tariff(settings, rule):
    """A capacity tariff: (how many peaks count, which hours do, steps in mW, prices in 10^-5).

    Which hours: None, all; else (hours, months, whether only weekdays).
    """
    counts = None
    if rule == "se":
        # "capacity_hours", "capacity_months"
        counts = [span(settings["capacity_%s" % name]) for name in ("hours", "months")]
        counts.append(settings["capacity_days"] == "weekdays")
    steps = [parsed(step) * 10 for step in settings["thresholds"].split(",") if step.strip()]
    prices = [parsed(each) for each in settings["capacity_price"].split(",") if each.strip()]
    most = {"no": 3, "be": 1}.get(rule) or settings["capacity_count"]
    return most, counts, sorted(steps), prices
