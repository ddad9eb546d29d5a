"""The start: which of the three modes this one is. Each has the chip's small memory to itself.

    reader        reads the meter and publishes what it says
    line_mode     finds out how the meter speaks, writes /line and starts anew
    setup_mode    the access point and its page: nothing set up yet, or the button was held

A mode that wants another one to follow leaves a note and restarts the chip.
"""

import gc
import os
import sys
import time

import machine

BUTTON = const(0)
LED = const(2)  # lit while its level is low
PROVED = "/joined"  # there, once these settings have led to a connection

FORMATS = ("topics", "homeassistant", "json")  # one of them

_NOTE = "/next"  # "line", or why the set-up is to be opened
_HELD_MS = const(500)
_GARBAGE = const(1024)  # bytes: what stays would else come to lie among it, all over the heap
_FAIL_S = const(2)


def main(settled, boot_note):
    """Start; called by the main.py of the root. settled(), called once, tells the boot guard that
    this start was a good one. Returns only to a developer's Ctrl-C."""
    gc.threshold(_GARBAGE)
    try:
        # Looked at before anything that could go wrong with what is on flash.
        note = "the button was held" if _held() else _noted()
        settings, keys, trouble = _settings()
        for text in (boot_note, trouble):
            if text:
                say(text)
        if not settings["wifi_ssid"]:
            note = "nothing is set up yet"
        if note and note != "line":
            settled()  # a set-up may take its time, and is left by a person
            from .setup_mode import run

            run(note)
        # First, and from here: its imports go deep, and the chip's stack is small.
        import meterwire.decoder

        decoder = meterwire.decoder.Decoder(1536, *keys, 56)
        if note:
            from .line_mode import run

            run(decoder)
        else:
            from .reader import run

            run(settings, decoder, settled)
    except KeyboardInterrupt:
        raise
    except Exception as e:
        sys.print_exception(e)
    time.sleep(_FAIL_S)
    machine.reset()


def say(*words):
    """A line on the console, which is there in the set-up alone: the meter takes its UART."""
    print("kWhisper:", *words)


def leave(note):
    """Start the chip anew, in the mode that the note is for."""
    try:
        with open(_NOTE, "w") as f:
            f.write(note)
    except OSError:
        pass  # a full flash: it starts as before
    say("restart:", note)
    machine.reset()


def _held():
    pin = machine.Pin(BUTTON, machine.Pin.IN, machine.Pin.PULL_UP)
    if pin.value():
        return False
    time.sleep_ms(_HELD_MS)
    return not pin.value()


def _settings():
    # In a function, whose end lets go of the module.
    from .settings import load

    return load()


def _noted():
    try:
        with open(_NOTE) as f:
            note = f.read(60)
        os.remove(_NOTE)
        return note
    except (OSError, UnicodeError):
        return None
