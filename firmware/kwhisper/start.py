"""The first seconds: settings, board, supply, why the chip started, and which mode it is to be.

app.py calls begin() and forgets this module: nothing here costs memory afterwards.
"""

import os
import time

import machine

from . import VERSION, board, settings
from .app import CAUSE, SETUP
from .journal import Journal
from .status import Status

_RESETS = ("PWRON_RESET", "HARD_RESET", "WDT_RESET", "DEEPSLEEP_RESET", "SOFT_RESET")


def begin(device, boot_note):
    """Give the Device its parts; returns why it is to be a set-up, or "" to run."""
    device.settings = s = settings.load()
    device.board = b = board.pick(s["board"])
    s.small = b.small
    device.status = status = Status(cause())
    status.version = VERSION
    status.board = b.name
    device.journal = Journal(b.journal, s["log_level"])
    device.note = device.journal.note
    device.note("info", VERSION, "on", b.label, "- last reset:", status.reset_cause)
    for trouble in (boot_note, s.problem):
        if trouble:
            device.note("warning", trouble)
    if b.supply is not None:
        from .power import Supply

        device.supply = Supply(b.supply)
        device.supply.await_start(device.settled)
    reason = _take(SETUP)
    if not s.configured:
        return "not set up yet"
    if b.button is not None and _held(b.button):
        return "the button was held"
    return reason


def cause():
    """ "HARD_RESET: settings": what the chip says, then what we wanted, if it was us."""
    code = machine.reset_cause()
    why = "unknown"
    for name in _RESETS:
        if getattr(machine, name, None) == code:
            why = name
    wanted = _take(CAUSE)
    return why + ": " + wanted if wanted else why


def _take(path):
    # The text of a note to this start, which is torn up at once; "" when there is none.
    try:
        with open(path) as f:
            text = f.read(100)
        os.remove(path)
        return text
    except OSError:
        return ""


def _held(pin):
    button = machine.Pin(pin, machine.Pin.IN, machine.Pin.PULL_UP)
    for _ in range(10):  # held for half a second, no less
        if button.value():
            return False
        time.sleep_ms(50)
    return True
