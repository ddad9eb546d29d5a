"""``kwhisper restore HOST FILE``: makes a backup the settings of a device, which then restarts."""

import json
from pathlib import Path
from typing import Annotated

import typer

from .backup import said
from .update import Device


def restore(
    host: Annotated[str, typer.Argument(help="The device's name or address, as kwhisper.local.")],
    file: Annotated[Path, typer.Argument(help="The backup.", exists=True, dir_okay=False)],
    password: Annotated[
        str,
        typer.Option(
            prompt=True,
            hide_input=True,
            envvar="KWHISPER_PASSWORD",
            help="Password of the device's pages.",
        ),
    ] = "",
    passphrase: Annotated[
        str,
        typer.Option(
            prompt=True,
            hide_input=True,
            help="The passphrase of the secrets; empty: the device keeps its own.",
        ),
    ] = "",
):
    """Make a backup the settings of a device."""
    wanted = {"backup": json.loads(file.read_text("utf-8")), "passphrase": passphrase}
    said(Device(host, password).ask("/restore", json.dumps(wanted).encode()))
    typer.echo("saved; the device restarts")
