"""``kwhisper backup HOST``: a device's settings as a file, its secrets under a passphrase."""

import json
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

import typer

from .update import Device

_PASSPHRASE = "The passphrase of the secrets, at least ten letters; empty: without them."


def said(answer: tuple[int, str]) -> dict:
    """The object that a device answered; ends the command with its words if it refused."""
    code, text = answer
    if code == HTTPStatus.OK:
        return json.loads(text)
    try:
        errors = json.loads(text)["errors"]
        text = "; ".join(f"{name} {fault}".strip() for name, fault in errors.items())
    except (ValueError, KeyError):
        pass  # plain words
    typer.echo(f"refused: {text}", err=True)
    raise typer.Exit(1)


def backup(
    host: Annotated[str, typer.Argument(help="The device's name or address, as kwhisper.local.")],
    file: Annotated[Path, typer.Argument(help="Where to.", dir_okay=False)] = Path(
        "kwhisper-backup.json"
    ),
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
        str, typer.Option(prompt=True, prompt_required=True, hide_input=True, help=_PASSPHRASE)
    ] = "",
):
    """Save the settings of a device, its secrets under a passphrase."""
    device = Device(host, password)
    body = json.dumps({"passphrase": passphrase}).encode() if passphrase else None
    found = said(device.ask("/backup", body))
    file.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    typer.echo(
        f"{file}: {len(found['settings'])} settings"
        + (", and the secrets under the passphrase" if passphrase else "; no secrets")
    )
