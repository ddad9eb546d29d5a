"""``kwhisper reset HOST``: a device as it came, what it counted kept or not."""

import json
from typing import Annotated

import typer

from .backup import said
from .update import Device


def reset(
    host: Annotated[str, typer.Argument(help="The device's name or address, as kwhisper.local.")],
    password: Annotated[
        str,
        typer.Option(
            prompt=True,
            hide_input=True,
            envvar="KWHISPER_PASSWORD",
            help="Password of the device's pages.",
        ),
    ] = "",
    keep_totals: Annotated[
        bool, typer.Option("--keep-totals", help="Keep the hours and the history.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")] = False,
):
    """Factory reset: a device forgets its settings and, unless told otherwise, what it counted."""
    lost = "All settings" if keep_totals else "All settings, hours and history"
    if not yes:
        typer.confirm(f"{lost} of {host} will be deleted. Go on?", abort=True)
    said(Device(host, password).ask("/reset", json.dumps({"totals": keep_totals}).encode()))
    typer.echo("It restarts as a new device: its set-up's WiFi and password are as they were.")
