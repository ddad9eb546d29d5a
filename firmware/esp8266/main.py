"""The start: which of the three modes this one is. Each has the chip's small memory to itself.

    reading_mode  reads the meter and publishes what it says
    line_mode     finds out how the meter speaks, writes /line and starts anew
    portal_mode   the access point and its page: nothing set up yet, or the button was held

A mode that wants another one to follow leaves a note and restarts the chip.
"""

import gc
import sys
import time

import machine

BUTTON = const(0)
LED = const(2)  # lit while its level is low
PROVED = "/joined"  # there, once these settings have led to a connection

FORMATS = ("topics", "homeassistant", "json")  # one of them

NOTE = "/next"  # "line", "searched" (in vain), or why the set-up is to be opened
_GARBAGE = const(512)  # bytes: what stays would else come to lie among it, all over the heap
SLOW = const(9600)  # baud; lines up to it
_FRAME = const(1536)
_FRAME_SLOW = const(1024)  # takes a second and more: no meter's list does
_ROWS = const(56)
_FAIL_S = const(2)


def main(settled, boot_note, safe=False):
    """Start; called by the main.py of the root. settled(), called once, tells the boot guard that
    this start was a good one. safe: the set-up, as other starts failed. Returns only to a
    developer's Ctrl-C."""
    gc.threshold(_GARBAGE)
    try:
        note, settings, keys, line, uart, cause, proved, trouble = _look()
        for text in (boot_note, trouble):
            if text:
                say(text)
        if not settings["wifi_ssid"]:
            note = "nothing is set up yet"
        elif safe:
            note = boot_note
        searched = note == "searched"
        if note and not searched:
            settled()  # these modes may take their time, and end by themselves
        if note not in ("", "line", "searched"):
            settings = keys = None
            from .portal_mode import run

            run(note)
        # First, and from here: its imports go deep, and the chip's stack is small.
        import meterwire.decoder

        size = _FRAME_SLOW if line and line[0] <= SLOW else _FRAME
        decoder = meterwire.decoder.Decoder(size, *keys, _ROWS)
        keys = None
        if note == "line":
            from .line_mode import run

            run(decoder)
        else:
            from .reading_mode import run

            run(settings, decoder, line, uart, cause, proved, searched, settled)
    except KeyboardInterrupt:
        raise
    except Exception as e:
        sys.print_exception(e)
    time.sleep(_FAIL_S)
    machine.reset()


def say(text):
    """A line on the console, which is there in the set-up alone: the meter takes its UART."""
    print("kWhisper:", text)


def leave(note):
    """Start the chip anew, in the mode that the note is for."""
    try:
        from kwhisper.storage import checked

        checked.write(NOTE, note.encode())  # on a full flash it starts as before
    except MemoryError:
        pass  # also then
    say("restart: " + note)
    machine.reset()


def _look():
    # In a function, whose end lets go of the module.
    from . import first_look

    found = first_look.look()
    first_look.let_go()
    return found
