"""``kwhisper restore HOST FILE``: makes a backup the settings of a device, which then restarts."""

import json
from pathlib import Path
from typing import Annotated

import typer

from .device import Host, Password, told


def restore(
    host: Host,
    file: Annotated[Path, typer.Argument(help="The backup.", exists=True, dir_okay=False)],
    password: Password = "",
    passphrase: Annotated[
        str,
        typer.Option(
            prompt=True,
            hide_input=True,
            help="The passphrase of the secrets; empty: the device keeps its own.",
        ),
    ] = "",
):
    """Load a backup into a device."""
    try:
        wanted = {"backup": json.loads(file.read_text("utf-8")), "passphrase": passphrase}
    except ValueError:
        typer.echo(f"{file} is no backup: `kwhisper backup {host}` makes one", err=True)
        raise typer.Exit(1) from None
    told(host, password, "/restore", wanted)
    typer.echo("saved; the device restarts")
