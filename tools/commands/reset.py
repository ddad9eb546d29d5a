"""``kwhisper reset HOST``: a device as it came, what it counted kept or not."""

from typing import Annotated

import typer

from .device import Host, Password, told


def reset(
    host: Host,
    password: Password = "",
    keep_totals: Annotated[
        bool, typer.Option("--keep-totals", help="Keep the hours and the history.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")] = False,
):
    """Factory reset: a device forgets its settings and, unless told otherwise, what it counted."""
    lost = "All settings" if keep_totals else "All settings, hours and history"
    if not yes:
        typer.confirm(f"{lost} of {host} will be deleted. Go on?", abort=True)
    told(host, password, "/reset", {"totals": keep_totals})
    typer.echo("It restarts as a new device: its set-up's WiFi and password are as they were.")
