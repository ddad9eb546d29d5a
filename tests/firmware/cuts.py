"""Power cuts, at any byte of what is written: runs on MicroPython with energy_run.py.

The files of the named modules take so many bytes and operations, then the power is gone.
"""

import os

import energy_run

from kwhisper.energy import books
from kwhisper.storage import checked, ledger, midnight


class PowerCut(Exception):
    pass


class Power:
    left = 1 << 30


def use(n):
    """Take n bytes' worth of power; how many of them there was power for."""
    some = min(n, Power.left)
    Power.left -= some
    return some


class File:
    def __init__(self, path, mode):
        self.mode = mode
        if mode[0] != "r" and not use(1):
            raise PowerCut
        self.file = open(path, mode)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def write(self, data):
        some = use(len(data))
        self.file.write(data[:some])
        if some < len(data):
            raise PowerCut

    def __getattr__(self, name):
        return getattr(self.file, name)


class Files:
    """What the modules use of os."""

    def __getattr__(self, name):
        return getattr(os, name)

    def rename(self, a, b):
        if not use(1):
            raise PowerCut
        os.rename(a, b)


def main(folder, events, parts):
    """Run the events; "~ n" sets how many bytes of power are left. A cut list is gone, the next
    event finds a device that has started anew."""
    modules = {"ledger": ledger, "history": midnight, "account": books, "checked": checked}
    for name in parts:
        modules[name].open = File
        modules[name].os = Files()
    run = energy_run.House.event

    def event(house, time, kind, rest):
        if kind == "~":
            Power.left = int(rest[0])
            return
        try:
            run(house, time, kind, rest)
        except PowerCut:
            Power.left = 1 << 30
            print('"cut" 1')
            house.start()

    energy_run.House.event = event
    energy_run.main(folder, events)
