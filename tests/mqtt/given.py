"""What the tests of formats give them, and how they read an answer."""

import json
from types import SimpleNamespace

from mqtt.reading import Reading

CLOCK = (2026, 11, 20, 10, 0, 10, 60)
NUMBER = "7359992890941742"
UNSURE = 1
ESTIMATED = 4


def entry(code, value, exponent=0, unit="", flags=0):
    return Reading(2, CLOCK, [(code, value, exponent, unit, flags)])


def registers(**totals):
    return SimpleNamespace(named=lambda: totals.items())


def domoticz(said, context, **given):
    """{idx: svalue} of what the format says."""
    return {
        (found := json.loads(text))["idx"]: found["svalue"]
        for topic, text, _ in said("domoticz", "messages", context, *given.values())
        if topic == "domoticz/in"
    }
