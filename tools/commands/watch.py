"""``kwhisper watch PORT``: a device's console as it comes; where it tells the WiFi of its set-up,
with a code for a phone's camera."""

import re
import time
from pathlib import Path
from typing import Annotated

import typer

from . import first_steps

_BAUD = 115200
_WAIT_S = 0.5
_AGAIN_S = 2
_LONGEST = 400  # bytes of a line: a console sends shorter ones
# As setup_mode.py says it, and the ESP8266's portal_mode.py.
_JOIN = re.compile(r"join the WiFi (\S+) with (?:the password )?(\S+)")


def lines(read, over=lambda: False):
    """The lines of what read() gives, as text; an unfinished one when it grew too long."""
    kept = b""
    while not over():
        kept += read()
        *whole, kept = kept.split(b"\n")
        if len(kept) > _LONGEST:
            whole.append(kept)
            kept = b""
        for line in whole:
            yield line.decode(errors="replace").rstrip("\r")


def code(line: str) -> str | None:
    """The code that joins the WiFi that a line tells, None if it tells none."""
    found = _JOIN.search(line)
    return first_steps.qr(found[1], found[2]) if found else None


def watch(
    port: Annotated[
        str | None,
        typer.Argument(help="The board's serial port, such as /dev/ttyUSB0 or COM3; else found."),
    ] = None,
) -> None:
    """Show what a device says on its console; its set-up's WiFi as a code, too. Ctrl-C ends."""
    import serial
    from rich.console import Console

    from .flash import may_use, the_port

    port = port or the_port("watch")
    if Path(port).is_file() or Path(port).is_dir():
        raise SystemExit(f"watch: {port} is no serial port")
    may_use(port, "watch")
    console = Console(soft_wrap=True, highlight=False)
    line = serial.serial_for_url(port, do_not_open=True, baudrate=_BAUD, timeout=_WAIT_S)
    # Both hold many boards in reset.
    line.dtr = line.rts = False
    waits = False
    try:
        while True:
            try:
                line.open()
                waits = False
                for text in lines(lambda: line.read(line.in_waiting or 1)):
                    console.print(text, markup=False)
                    if drawn := code(text):
                        console.print(drawn)
            except (serial.SerialException, OSError) as error:
                line.close()
                if not waits:
                    typer.echo(f"kwhisper watch: {error}\nwaiting for it; Ctrl-C ends", err=True)
                waits = True
                time.sleep(_AGAIN_S)
    except KeyboardInterrupt:
        line.close()
