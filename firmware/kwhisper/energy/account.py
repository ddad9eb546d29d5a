"""What was used, and what it cost: this hour, today, this month, yesterday, last month.

A mark is how all stood at one time: [time, import, export, cost, income, unpriced, doubt]:
energies in mWh, money in 10^-11 (mWh times 10^-5 a kWh), seconds without a price; doubt is how it
is known: by registers, by power integrated since, or not even that. A period is the difference of
two marks. The total is the mark of now. Between registers power is integrated; when the registers
come, the marks since the last ones are stretched to what they say. So sums agree with the
registers to the last digit, whatever was missed between.

There is a mark at each full hour, or quarter if the tariff counts quarters, by the registers that
the ledger kept. /energy/state holds all, written at each of them; /energy/1763424000 the hours of
the 31 days that began then (docs/api.md).

Only what each list needs stays in memory. The rest is loaded for it and let go:
opening.py            once: the settings, /energy/state
books.py, settle.py   at each full quarter: edges, registers, what is over goes to the flash
capacity.py           with a tariff, when an hour or quarter is over, and when it is told
tell.py, report.py    every ten seconds: what is known, and that over MQTT
"""

from meterwire import UNSURE

from .. import calendar, let_go
from ..storage.record import told, totals_of

_QUARTER = const(900)
_LATE = const(120)  # s that two clocks may differ
_SILENT = const(120)  # s without a list after which nobody knows the power
_EVERY = const(10)  # s

_TIME = const(0)
_COST = const(3)
_UNPRICED = const(5)
_DOUBT = const(6)


class Account:
    """reading(r) counts; pairs() tells. Behind the ledger in `consumers`; and a format
    (formats/__init__.py), which report.py describes."""

    __name__ = "energy"

    def __init__(self, settings, ledger, path="/energy", history="/history"):
        self.ledger = ledger
        self.path = path
        self.history = history
        self.power = [0, 0]  # W of import and export, as the last list told
        self.rest = [0, 0]  # what integrating left over, 1/36 mWh
        self.steady = 0  # W of import, the mean of about a minute
        self.last = 0  # when power was last told
        self.pending = None  # registers of the last list, which nobody has believed yet
        self.own = self.peak = None  # W of 1.4.0 and 1.6.0, which Belgian meters reckon
        self.next = self.row = 0  # report.py's
        from .opening import open_account

        open_account(self, settings)
        del open_account
        let_go("kwhisper.energy.opening")

    def reading(self, r):
        """A list: integrate up to it, then believe its registers."""
        now = self.ledger.now()
        if not now:
            return
        now = now[0]
        totals, flags = totals_of(r)
        always = totals[0] and (r.kind == 2 or self.ledger.always) and not flags & UNSURE
        if always and not r.flags and r.clock:
            # Its quarters are those of the ledger.
            time = calendar.of_clock(r.clock, self.zone)[0]
            if abs(time - now) <= _LATE:
                now = time
        self.pending = totals if always else None
        total = self.total
        if (
            self.ledger.sequence > self.sequence
            or not total
            or now // _QUARTER != total[_TIME] // _QUARTER
        ):
            from . import books

            books.reading(self, now)
            del books
            let_go("kwhisper.energy.books")
            let_go("kwhisper.energy.settle")
        else:
            self.integrate(now)
        power = told(r, 1, 7)
        if power is not None:
            export = told(r, 2, 7)
            self.steady += (power - self.steady) * max(0, min(60, now - self.last)) // 60
            self.last = now
            self.power[0] = power
            # A list of import alone leaves open what is exported if it says 0.
            if power or export is not None:
                self.power[1] = export or 0
        if self.period == _QUARTER:
            self.own = told(r, 1, 4)
            power = told(r, 1, 6)
            if power != self.peak:
                from .peaks import take

                take(self, r)
                self.peak = power
                del take
                let_go("kwhisper.energy.peaks")

    def integrate(self, until, seen=True):
        """Count the power up to a time, within a quarter. seen: whether the power is known."""
        total = self.total
        passed = until - total[_TIME]
        if passed <= 0:
            return
        seen = seen and until - self.last <= _SILENT
        total[_TIME] = until
        total[_DOUBT] = max(total[_DOUBT], 1 if seen else 2)
        for i in 0, 1:
            if seen:
                # 1 Ws is 10/36 mWh
                energy = self.power[i] * passed * 10 + self.rest[i]
                self.rest[i] = energy % 36
                energy //= 36
                total[1 + i] += energy
                if self.rates:
                    total[_COST + i] += energy * self.rates[i]
        if not self.rates:
            total[_UNPRICED] += passed

    def pairs(self):
        """Iterate (name, JSON text) of all that is known, as docs/api.md has it."""
        if self.total:
            from . import tell

            yield from tell.pairs(self)
            del tell
            let_go("kwhisper.energy.tell")

    def spent(self):
        """What was spent and earned since the beginning, for the history's lines."""
        from .tell import spent

        return spent(self)

    def save(self):
        """Write down how all stands: a restart is near, or something is new."""
        if self.total:
            from .books import save

            save(self)

    # a format

    def connected(self, context):
        """A session began: all is said again."""
        self.next = self.row = 0
        return ()

    def messages(self, r, context):
        """All that is known, every ten seconds."""
        now = context.status.uptime()
        if self.total and now >= self.next:
            self.next = now + _EVERY
            from . import report

            yield from report.messages(self, context)
            del report
            let_go("kwhisper.energy.report")

    def heard(self, topic, payload, publisher):
        """A list of prices came; or what nobody asked for, as some brokers send."""
        if topic == publisher.context.below + b"price/set":
            from .price_list import take

            take(payload, self, publisher)
            del take
            let_go("kwhisper.energy.price_list")
