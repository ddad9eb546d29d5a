"""Runs on MicroPython: ledger, account and history, fed with the lines of a file of events.

    time kind import export [import power, export power]

kind: "h", the list of an hour; "p", one of powers; "e", one of a meter that tells its registers in
every list; "?": print what the account tells then; "!": power cut, all is made anew;
"#": the same, but for what an orderly restart saves; "=": a list of prices comes. Registers in
Wh, - where there is none; with a ? behind it, one that Plausible did not believe.
"""

import json

import reading

import kwhisper
from kwhisper import calendar
from kwhisper.energy import account, price_list
from kwhisper.latest import Latest
from kwhisper.storage import history, ledger

KINDS = {"h": 3, "p": 1, "e": 2}


class Publisher:
    commands = b"cmd"

    def __init__(self):
        self.client = self
        self.said = []

    def publish(self, topic, payload, retain, qos):
        self.said.append(payload.decode())


class House:
    """The parts of one device, as run_mode.py composes them."""

    def __init__(self, folder, settings):
        self.folder = folder
        self.settings = settings
        self.time = 0
        self.start()

    def start(self):
        s, folder = self.settings, self.folder
        self.began = self.time
        self.ledger = ledger.Ledger(s, self.now, folder + "/ledger")
        self.latest = Latest(self.uptime)
        self.account = account.Account(s, self.ledger, folder + "/energy", folder + "/history")
        self.history = history.History(
            s, self.ledger, self.latest, self.account, bytearray, folder + "/history"
        )

    def now(self):
        return (self.time, 60) if self.time else None

    def uptime(self):
        return self.time - self.began

    def event(self, time, kind, rest):
        self.time = int(time)
        if kind == "?":
            told = ['"' + name + '":' + value for name, value in self.account.pairs()]
            print(json.dumps(rest[0]), "{" + ",".join(told) + "}")
        elif kind in "!#":
            if kind == "#":
                self.account.save()
            self.start()
        elif kind == "=":
            publisher = Publisher()
            price_list.take(" ".join(rest).encode(), self.account, publisher)
            print("prices", *publisher.said)
        else:
            self.list(kind, rest)

    def list(self, kind, numbers):
        entries = []
        codes = ("1-0:1.8.0", "1-0:2.8.0", "1-0:1.7.0", "1-0:2.7.0")
        for i, code in enumerate(codes):
            if numbers[i] != "-":
                value = numbers[i].rstrip("?")
                unit = "Wh" if i < 2 else "W"
                entries.append((code, int(value), 0, unit, int(value != numbers[i])))
        for extra in numbers[4:]:
            code, _, value = extra.partition("=")
            unit = "m3" if ":24.2" in code else "W"
            number = int(value.rstrip("?"))
            exponent = -3 if unit == "m3" else 0
            entries.append((code, number, exponent, unit, int(value[-1] == "?")))
        clock = None
        if kind != "p":
            whole = self.time - self.time % 3600 if kind == "h" else self.time
            clock = calendar.fields(whole + 3600) + (60,)
        r = reading.Reading(KINDS[kind], clock, entries, self.settings.get("number"))
        for part in self.ledger, self.latest, self.account, self.history:
            part.reading(r)
        for _ in range(5):  # the seconds until the next one; of a start it looks at 100 records
            self.history.tick()


def main(folder, events):
    for module in kwhisper, account, history, ledger:
        # Years of hours: at each of them the sources would be compiled anew.
        module.let_go = lambda *names: None
    with open(folder + "/settings.json") as f:
        house = House(folder, json.load(f))
    with open(events) as f:
        for line in f:
            words = line.split()
            if words:
                house.event(words[0], words[1], words[2:])
